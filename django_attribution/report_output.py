"""A report as text: a table for terminals and pages, CSV, JSON. Knows nothing of how reports are asked for."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any

from defusedcsv import csv

from django_attribution.credit_filter import CreditKind
from django_attribution.intervals import Interval
from django_attribution.money import EXACT
from django_attribution.report_rows import AttributionReport, ReportRow

LABELS = {kind: f"({kind})" for kind in CreditKind}
NO_MONEY = "no value"  # stands where a currency would
FORMULA_SIGNS = frozenset("=+-@|%")  # which defusedcsv escapes in the first place
HIDDEN_CELL = re.compile(r"([;\t])(\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a table: what it speaks of, and for each model conversions and value, as text."""

    labels: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]  # empty where there is nothing to say


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A report with its models side by side, one line per key, interval and currency."""

    models: tuple[str, ...]
    columns: tuple[str, ...]  # what labels are of
    keys: int  # how many columns are keys, which may be long
    lines: tuple[Line, ...]
    totals: tuple[Line, ...]  # one per currency; two where some credit was left out


def table_of(report: AttributionReport) -> Table:
    """Return a report's table."""
    columns = (*(report.by or ("credit",)), *(() if report.interval is None else (report.interval,)), "currency")
    by_line: dict[Any, dict[str, ReportRow]] = {}
    for row in report.rows:
        by_line.setdefault((row.kind, row.key, row.interval_start, row.currency), {})[row.model] = row
    digits = dict.fromkeys(report.models, 0)
    for row in report.rows:
        digits[row.model] = max(digits[row.model], _digits(row.conversions))
    return Table(
        models=report.models,
        columns=columns,
        keys=max(1, len(report.by)),
        lines=tuple(_line(report, rows, digits=digits) for rows in by_line.values()),
        totals=tuple(_totals(report, digits=digits, width=len(columns))),
    )


def csv_lines(report: AttributionReport) -> Iterator[str]:
    """Yield a header and one line per row, in RFC 4180 with formulas neutralised; totals are left to who adds up."""
    writer: Any = csv.writer(_Echo())
    yield writer.writerow(["kind", *report.by, "interval_start", "currency", "model", "conversions", "value"])
    for row in report.rows:
        keys = row.key or ("",) * len(report.by)
        start = "" if row.interval_start is None else row.interval_start.date().isoformat()
        numbers = (f"{row.conversions:f}", "" if row.value is None else f"{row.value:f}")
        yield writer.writerow([row.kind, *map(_defused, keys), start, row.currency or "", row.model, *numbers])


def json_text(report: AttributionReport) -> str:
    """Return a report as a JSON object; numbers that must stay exact are strings."""
    return json.dumps(
        {
            "models": report.models,
            "by": report.by,
            "interval": report.interval,
            "rows": [
                {
                    "kind": row.kind,
                    "key": row.key,
                    "interval_start": None if row.interval_start is None else row.interval_start.isoformat(),
                    "currency": row.currency,
                    "model": row.model,
                    "conversions": f"{row.conversions:f}",
                    "value": None if row.value is None else f"{row.value:f}",
                }
                for row in report.rows
            ],
            "totals": [
                {
                    "currency": total.currency,
                    "conversions": total.conversions,
                    "value": None if total.value is None else f"{total.value:f}",
                }
                for total in report.totals
            ],
        },
        indent=2,
    )


def _line(report: AttributionReport, rows: dict[str, ReportRow], *, digits: Mapping[str, int]) -> Line:
    one = next(iter(rows.values()))
    keys = one.key or (LABELS[one.kind], *("",) * (len(report.by) - 1))
    start = () if one.interval_start is None else (_interval_label(one, report.interval),)
    cells = ((model, rows.get(model)) for model in report.models)
    return Line(
        labels=(*keys, *start, one.currency or NO_MONEY),
        cells=tuple(
            ("", "") if row is None else _cell(row.conversions, row.value, digits=digits[model]) for model, row in cells
        ),
    )


def _totals(report: AttributionReport, *, digits: Mapping[str, int], width: int) -> Iterator[Line]:
    """Yield what was selected, in each currency; before it what is shown of it, where that is less."""
    # Several take part in each conversion, so that the sum of their credit means nothing.
    additive = [model for model in report.models if model in report.additive]
    for total in report.totals:
        whole = (Decimal(total.conversions), total.value)
        shown = {model: _sum(report, model=model, currency=total.currency) for model in additive}
        wholes = {"total": dict.fromkeys(additive, whole)}
        if any((conversions, value or 0) != (whole[0], whole[1] or 0) for conversions, value in shown.values()):
            wholes = {"shown": shown, **wholes}
        for name, amounts in wholes.items():
            cells = (
                _cell(*amounts[model], digits=digits[model]) if model in amounts else ("", "")
                for model in report.models
            )
            labels = (name, *("",) * (width - 2), total.currency or NO_MONEY)
            yield Line(labels=labels, cells=tuple(cells))


def _sum(report: AttributionReport, *, model: str, currency: str | None) -> tuple[Decimal, Decimal | None]:
    rows = [row for row in report.rows if row.model == model and row.currency == currency]
    values = [row.value for row in rows if row.value is not None]
    conversions = reduce(EXACT.add, (row.conversions for row in rows), Decimal(0))
    return conversions, reduce(EXACT.add, values) if values else None


def _cell(conversions: Decimal, value: Decimal | None, *, digits: int) -> tuple[str, str]:
    return f"{conversions:,.{digits}f}", "" if value is None else f"{value:,f}"


def _digits(number: Decimal) -> int:
    """Return how many digits after the point say a number exactly."""
    return len(f"{number:f}".partition(".")[2].rstrip("0"))


def _interval_label(row: ReportRow, interval: Interval | None) -> str:
    day = "" if row.interval_start is None else row.interval_start.date().isoformat()
    return day[:7] if interval is Interval.MONTH else day


def _defused(key: str) -> str:
    """Make text of a key with a sign that spreadsheets find behind white space, or take a wider one for.

    The same goes for one behind a semicolon or tab, which stand between cells in some countries.
    """
    key = key[:1] + HIDDEN_CELL.sub(r"\1'\2", key[1:])
    shown = key.lstrip()
    sign = unicodedata.normalize("NFKC", shown[:1])
    is_hidden = sign in FORMULA_SIGNS and not key.startswith(sign)
    return f"'{key}" if is_hidden or key[:1] in {"\t", "\r", "\n"} else key


class _Echo:
    """A file that gives each line back to who writes it."""

    def write(self, line: str) -> str:
        """Return what was written."""
        return line
