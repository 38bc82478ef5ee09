"""Which touches of a visitor each conversion may credit, as slices: a journey is never written out where it is long.

The touches that have the same window are a lane; what a window covers of a lane is a slice of it, found by two
binary searches. Without source windows there is one lane, the history itself.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from heapq import merge
from itertools import chain

from django_attribution.histories import Converted, History
from django_attribution.windows import days_before


@dataclass(eq=False)  # one lane is not another, whatever they hold
class Lane:
    """Touches of one visitor that have the same window: their positions in the history, and their times."""

    days: int
    positions: Sequence[int]
    times: Sequence[datetime]
    are_direct: Sequence[bool]  # of the whole history

    @cached_property
    def sent_before(self) -> list[int]:
        """For each touch, the last one up to it that is not direct; -1 for none."""
        found, last = [], -1
        for index, position in enumerate(self.positions):
            last = last if self.are_direct[position] else index
            found.append(last)
        return found


@dataclass(slots=True)
class Span:
    """The journey of one conversion: a slice of each lane that has touches in the window."""

    conversion: Converted
    slices: list[tuple[Lane, int, int]]
    length: int

    @property
    def first(self) -> int:
        """The position of the first touch."""
        return min(lane.positions[start] for lane, start, _ in self.slices)

    @property
    def last(self) -> int:
        """The position of the last touch."""
        return max(lane.positions[stop - 1] for lane, _, stop in self.slices)

    @property
    def last_sent(self) -> int:
        """The position of the last touch that is not direct, or of the last one where all are."""
        found = [
            lane.positions[lane.sent_before[stop - 1]]
            for lane, start, stop in self.slices
            if lane.sent_before[stop - 1] >= start
        ]
        return max(found) if found else self.last

    @property
    def newest_first(self) -> Iterator[int]:
        """The positions of all touches, the last one first, found as they are asked for."""
        return merge(*(_backwards(lane.positions, start, stop) for lane, start, stop in self.slices), reverse=True)

    def last_before(self, position: int) -> int:
        """Return the position of the last touch before another one; -1 for none."""
        found = ((lane, start, bisect_left(lane.positions, position, start, stop)) for lane, start, stop in self.slices)
        return max((lane.positions[stop - 1] for lane, start, stop in found if stop > start), default=-1)

    @property
    def positions(self) -> Sequence[int]:
        """The positions of all touches, in order."""
        if len(self.slices) == 1:
            lane, start, stop = self.slices[0]
            return lane.positions[start:stop]
        return sorted(chain.from_iterable(lane.positions[start:stop] for lane, start, stop in self.slices))


def _backwards(positions: Sequence[int], start: int, stop: int) -> Iterator[int]:
    return (positions[index] for index in range(stop - 1, start - 1, -1))


def spans_of(history: History) -> list[Span]:
    """Return the journey of each conversion, in order; of no length where nobody earned it."""
    lanes = _lanes(history)
    return [_span(conversion, lanes) for conversion in history.conversions]


def _span(conversion: Converted, lanes: Sequence[Lane]) -> Span:
    slices = []
    length = 0
    for lane in lanes:
        stop = bisect_right(lane.times, conversion.at)
        start = bisect_left(lane.times, days_before(conversion.at, lane.days), 0, stop)
        if start < stop:
            slices.append((lane, start, stop))
            length += stop - start
    return Span(conversion, slices, length)


def _lanes(history: History) -> list[Lane]:
    days, times = history.days, history.times
    if not days:
        return []
    if len(set(days)) == 1:
        return [Lane(days[0], range(len(days)), times, history.are_direct)]
    positions: dict[int, list[int]] = {}
    for position, length in enumerate(days):
        positions.setdefault(length, []).append(position)
    return [
        Lane(length, found, [times[position] for position in found], history.are_direct)
        for length, found in positions.items()
    ]


def by_group(spans: Sequence[Span]) -> Iterator[tuple[int, list[Span]]]:
    """Yield the spans of each group of conversions, in order of time."""
    found: dict[int, list[Span]] = {}
    for span in spans:
        found.setdefault(span.conversion.group, []).append(span)
    yield from found.items()
