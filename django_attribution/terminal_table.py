"""A report's table laid out for a terminal: columns aligned, long keys cut, models that do not fit placed below. Pure.

Numbers are never cut. Knows nothing of where the table comes from but its shape.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, Protocol

GAP = "  "
EASY_WIDTH = 20  # of a key that is still easy to read: before it gets narrower, models are placed below each other
LEAST_WIDTH = 8  # of a key however narrow the terminal
LEAST_END = 12  # up to here only the beginning is kept
USUAL_WIDTH = 80
Role = Literal["heading", "line", "total"]


class _Line(Protocol):
    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def cells(self) -> tuple[tuple[str, str], ...]: ...


class _Table(Protocol):
    @property
    def models(self) -> tuple[str, ...]: ...

    @property
    def columns(self) -> tuple[str, ...]: ...

    @property
    def keys(self) -> int: ...

    @property
    def lines(self) -> Sequence[_Line]: ...

    @property
    def totals(self) -> Sequence[_Line]: ...


def terminal_lines(table: _Table, *, width: int | None = None) -> Iterator[tuple[Role, str]]:
    """Yield the lines of a table, each with what it is, within a width in columns; None does not cut."""
    every = [*table.lines, *table.totals]
    shown = [tuple(map(printable, labels)) for labels in (table.columns, *(line.labels for line in every))]
    natural = [max(map(columns_of, texts)) for texts in zip(*shown, strict=True)]
    headings = ("conv." if width is not None and width < USUAL_WIDTH else "conversions", "value")
    numbers = [_number_widths(table, number, headings=headings) for number in range(len(table.models))]
    for position, group in enumerate(_groups(numbers, start=_easy(natural, keys=table.keys), width=width)):
        taken = sum(_with_gaps(numbers[model]) for model in group)
        labels = natural if width is None else _shrunk(natural, to=width - taken, keys=table.keys)
        if position:
            yield "line", ""
        yield "heading", _models(table, group, labels=labels, numbers=numbers)
        sizes = [size for model in group for size in numbers[model]]
        names = (_fitted(name, to=size) for name, size in zip(shown[0], labels, strict=True))
        titles = (text.rjust(size) for text, size in zip(headings * len(group), sizes, strict=True))
        yield "heading", GAP.join((*names, *titles))
        yield "heading", GAP.join("-" * size for size in (*labels, *sizes))
        for number, line in enumerate(every):
            texts = [_fitted(text, to=size) for text, size in zip(shown[number + 1], labels, strict=True)]
            cells = (
                text.rjust(size)
                for model in group
                for text, size in zip(line.cells[model], numbers[model], strict=True)
            )
            yield "line" if number < len(table.lines) else "total", GAP.join((*texts, *cells)).rstrip()


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(map(_columns, text))


def cut(text: str, *, to: int) -> str:
    """Return a text of at most so many columns, both ends kept: campaigns often differ in the last letters."""
    if columns_of(text) <= to:
        return text
    tail = _head(reversed(text), to=(to - 1) // 3 if to > LEAST_END else 0)[::-1]
    return f"{_head(text, to=to - 1 - columns_of(tail))}…{tail}"


def printable(text: str) -> str:
    """Return a text without what would command the terminal: escapes, line breaks, changes of direction."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _models(table: _Table, group: list[int], *, labels: list[int], numbers: list[tuple[int, int]]) -> str:
    over = (printable(table.models[model]).rjust(_with_gaps(numbers[model]) - len(GAP)) for model in group)
    return GAP.join((" " * (_with_gaps(labels) - len(GAP)), *over))


def _number_widths(table: _Table, model: int, *, headings: tuple[str, str]) -> tuple[int, int]:
    cells = [headings, *(line.cells[model] for line in (*table.lines, *table.totals))]
    conversions, value = (max(map(len, texts)) for texts in zip(*cells, strict=True))
    return conversions, max(value, columns_of(table.models[model]) - conversions - len(GAP))


def _easy(sizes: list[int], *, keys: int) -> int:
    """Return the columns that labels take when no key is wider than easy to read."""
    return _with_gaps((*(min(size, EASY_WIDTH) for size in sizes[:keys]), *sizes[keys:])) - len(GAP)


def _groups(numbers: list[tuple[int, int]], *, start: int, width: int | None) -> list[list[int]]:
    """Return the models that stand side by side, as many as fit beside the labels."""
    groups: list[list[int]] = [[]]
    used = start
    for model, sizes in enumerate(numbers):
        used += _with_gaps(sizes)
        if groups[-1] and width is not None and used > width:
            groups.append([])
            used = start + _with_gaps(sizes)
        groups[-1].append(model)
    return groups


def _shrunk(sizes: list[int], *, to: int, keys: int) -> list[int]:
    """Take columns from the widest key until everything fits, or all are as narrow as they may be."""
    shrunk = list(sizes)
    while _with_gaps(shrunk) - len(GAP) > to and (widest := max(shrunk[:keys])) > LEAST_WIDTH:
        shrunk[shrunk.index(widest)] -= 1
    return shrunk


def _with_gaps(sizes: Iterable[int]) -> int:
    return sum(size + len(GAP) for size in sizes)


def _fitted(text: str, *, to: int) -> str:
    text = cut(text, to=to)
    return text + " " * (to - columns_of(text))


def _head(text: Iterable[str], *, to: int) -> str:
    taken, used = [], 0
    for character in text:
        used += _columns(character)
        if used > to:
            break
        taken.append(character)
    return "".join(taken)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
