"""Conversion paths: the most frequent journeys, how many touches they have, and the days they take."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypedDict, cast

from django.db.models import QuerySet

from django_attribution.dimensions import TOUCH_DIMENSIONS
from django_attribution.exceptions import InvalidArgument
from django_attribution.histories import Converted, Numbers
from django_attribution.money import of_units
from django_attribution.reading import Reading
from django_attribution.refusals import require_count, shown
from django_attribution.spans import Span, spans_of
from django_attribution.windows import DEFAULT_DAYS, AttributionWindow

MAX_PATHS = 200
LENGTHS = (0, 1, 2, 3, 4, 5, 6, 11, 21)  # touches with which a bin begins
DAYS = (0, 1, 2, 3, 4, 5, 6, 7, 14, 21, 30, 60, 90)  # whole days, the same
MAX_STEPS = 50  # shown of one path, the last ones


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionPath:
    """A journey and the conversions that ended it."""

    steps: tuple[str, ...]  # values of the dimension, in order of time
    conversions: int
    values: Mapping[str, Decimal]  # by currency, in order of its code
    average_days_to_convert: float  # from the first touch of the journey


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramBin:
    """Conversions whose number lies in a range; both ends are included, None has no end."""

    start: int
    end: int | None
    conversions: int
    values: Mapping[str, Decimal]  # by currency, in order of its code


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionPaths:
    """Journeys that ended in a conversion."""

    paths: tuple[ConversionPath, ...]  # most conversions first
    lengths: tuple[HistogramBin, ...]  # touches in the journey, from 0: conversions that nobody earned
    days_to_convert: tuple[HistogramBin, ...]  # whole days from the first touch; nothing for those without one
    truncated: bool  # whether there are more paths, or longer ones of which the last 50 steps are shown


class PathOptions(TypedDict, total=False):
    """How paths are asked for, beside the dimension."""

    window_days: int
    source_windows: Mapping[str, int] | None
    exclude_direct: bool
    collapse_repeats: bool
    first: int
    progress: Callable[[int], None] | None  # called now and then with the conversions read so far


def conversion_paths(
    conversions: QuerySet[Any],
    *,
    by: str = "channel",
    window_days: int = DEFAULT_DAYS,
    source_windows: Mapping[str, int] | None = None,
    exclude_direct: bool = False,
    collapse_repeats: bool = False,
    first: int = 20,
    progress: Callable[[int], None] | None = None,
) -> ConversionPaths:
    """Return the most frequent journeys, reading each row once; see ``ConversionQuerySet.conversion_paths``."""
    if not isinstance(cast(object, by), str) or by not in TOUCH_DIMENSIONS:
        known = ", ".join(TOUCH_DIMENSIONS)
        raise InvalidArgument("by", f"by must be a dimension of touches ({known}), not {shown(by)}.")
    require_count("first", first, at_most=MAX_PATHS, of="paths")
    steps, currencies = Numbers[str](), Numbers[str]()
    reading = Reading(
        window=AttributionWindow.of(window_days, source_windows),
        exclude_direct=exclude_direct,
        dimensions=(TOUCH_DIMENSIONS[by],),
        number_key=lambda key: steps.number(key[0]),
        interval_of=lambda at: None,
        number_group=lambda start, currency, event: currencies.number(currency),
        progress=progress,
    )
    found: dict[tuple[int, ...], _Count] = defaultdict(_Count)
    lengths = [_Count() for _ in LENGTHS]
    days = [_Count() for _ in DAYS]
    is_cut = False
    for histories in reading.histories(conversions):
        runs = _runs(histories.keys) if collapse_repeats else None
        for span in spans_of(histories):
            lengths[bisect_right(LENGTHS, span.length) - 1].add(span.conversion)
            if not span.length:
                continue
            age = span.conversion.at - histories.times[span.first]
            path = _path(histories.keys, span, runs=runs)
            is_cut = is_cut or len(path) > MAX_STEPS
            found[path[-MAX_STEPS:]].add(span.conversion, age)
            days[bisect_right(DAYS, age.days) - 1].add(span.conversion)
    codes = list(currencies)
    named = {tuple(steps[step] for step in path): count for path, count in found.items()}
    most_first = sorted(named, key=lambda path: (-named[path].conversions, path))
    return ConversionPaths(
        paths=tuple(_named(path, named[path], codes) for path in most_first[:first]),
        lengths=_histogram(LENGTHS, lengths, codes),
        days_to_convert=_histogram(DAYS, days, codes),
        truncated=is_cut or len(found) > first,
    )


class _Count:
    """Conversions counted together."""

    __slots__ = ("age", "conversions", "units")

    def __init__(self) -> None:
        self.conversions = 0
        self.units: dict[int, int] = defaultdict(int)  # by the number of the currency
        self.age = timedelta(0)

    def add(self, conversion: Converted, age: timedelta | None = None) -> None:
        self.conversions += 1
        self.units[conversion.group] += conversion.units
        if age:
            self.age += age

    def values(self, codes: Sequence[str]) -> dict[str, Decimal]:
        """Return the value in each currency; conversions without one have none."""
        units = {codes[number]: amount for number, amount in self.units.items()}
        return {code: amount for code in sorted(units) if (amount := of_units(units[code], code)) is not None}


def _path(keys: Sequence[int], span: Span, *, runs: Sequence[int] | None) -> tuple[int, ...]:
    """Return the last steps of a journey: as many as are shown, and one more where there are more.

    ``runs`` tells of each touch where the run of equal steps began that it belongs to; such a run is then one step, and
    is passed over at once.
    """
    if runs is None:
        return tuple([keys[position] for position in span.newest(MAX_STEPS + 1)])
    newest_first: list[int] = []
    position = span.last
    while position >= 0 and len(newest_first) <= MAX_STEPS:
        if not newest_first or newest_first[-1] != keys[position]:
            newest_first.append(keys[position])
        position = span.last_before(runs[position])
    return tuple(reversed(newest_first))


def _runs(keys: Sequence[int]) -> list[int]:
    """Return for each touch where the run of equal steps begins that it belongs to."""
    found: list[int] = []
    for position, key in enumerate(keys):
        found.append(found[-1] if position and keys[position - 1] == key else position)
    return found


def _named(path: tuple[str, ...], count: _Count, codes: Sequence[str]) -> ConversionPath:
    return ConversionPath(
        steps=path,
        conversions=count.conversions,
        values=count.values(codes),
        average_days_to_convert=count.age / count.conversions / timedelta(days=1),
    )


def _histogram(starts: Sequence[int], counts: Sequence[_Count], codes: Sequence[str]) -> tuple[HistogramBin, ...]:
    """Return every bin, those without conversions too, so that charts of different questions have one axis."""
    ends = [*(start - 1 for start in starts[1:]), None]
    return tuple(
        HistogramBin(start=start, end=end, conversions=count.conversions, values=count.values(codes))
        for start, end, count in zip(starts, ends, counts, strict=True)
    )
