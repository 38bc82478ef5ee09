"""Writes what was measured as one table in Markdown, aligned for terminals, and says of what the figures are."""

from collections.abc import Iterable, Sequence
from statistics import median

from tests.benchmarks.measuring import Measured

HEAD = ("operation", "published", "ours", "ratio", "target", "limit")
NOTHING = "-"

Line = tuple[str, str, str, str, str, str]


def line_of(measured: Measured, *, database: str) -> Line:
    """Return the cells of a row."""
    row = measured.row
    sign, base = (">=" if row.is_throughput else "<="), ("x limit" if row.against == "limit" else "x published")
    missed = "" if measured.meets(database) else " missed"
    return (
        row.title,
        times(measured.seconds.get("published")),
        times(measured.seconds["ours"]),
        f"{measured.ratio():.2f}{missed}",
        f"{sign} {row.target(database):.2f} {base}",
        times(measured.seconds.get("limit")),
    )


def special_line(title: str, *, figure: float, form: str, most: float) -> Line:
    """Return the cells of a row that has a figure of ours alone."""
    missed = "" if figure <= most else "missed"
    return title, NOTHING, form.format(figure), missed or NOTHING, "<= " + form.format(most), NOTHING


def times(seconds: Sequence[float] | None) -> str:
    """Write the median, and from where to where the runs went, in a unit that suits."""
    if not seconds:
        return NOTHING
    middle = median(seconds)
    factor, unit = (1, "s") if middle >= 10 else (1_000, "ms") if middle >= 0.001 else (1_000_000, "µs")
    least, most = (_three_digits(factor * bound) for bound in (min(seconds), max(seconds)))
    return f"{_three_digits(factor * middle)} {unit} ({least}-{most})"


def text(lines: Iterable[Sequence[str]]) -> str:
    """Return the table."""
    rows = [HEAD, *lines]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    written = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    written.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(written)


def _three_digits(number: float) -> str:
    digits = 2 if number < 10 else 1 if number < 100 else 0
    return f"{number:,.{digits}f}"
