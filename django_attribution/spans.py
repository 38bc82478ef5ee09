"""Which touches of a visitor each conversion may credit, as slices: a journey is never written out where it is long.

The touches that have the same window are a lane; what a window covers of a lane is a slice of it, found by two
binary searches among the visitor's own. Without source windows there is one lane, the histories themselves.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from heapq import merge
from itertools import chain, groupby, islice
from typing import TypeVar

from django_attribution.histories import Converted, Histories, Visitor
from django_attribution.windows import days_before, earlier

_Value = TypeVar("_Value")


@dataclass(eq=False)  # one lane is not another, whatever they hold
class Lane:
    """Touches that have the same window: their positions in the histories, and their times."""

    days: int
    positions: Sequence[int]
    times: Sequence[datetime]
    are_direct: Sequence[bool]  # of the whole histories

    @cached_property
    def sent(self) -> list[int]:
        """The positions of the touches that are not direct."""
        return [position for position in self.positions if not self.are_direct[position]]

    def last_sent(self, start: int, stop: int) -> int:
        """Return the position of the last touch of a slice that is not direct; -1 where all are."""
        before = bisect_left(self.sent, self.positions[start])
        after = bisect_right(self.sent, self.positions[stop - 1], before)
        return self.sent[after - 1] if after > before else -1

    def part_of(self, visitor: Visitor) -> tuple[int, int]:
        """Return the slice of the touches of one visitor."""
        begin, end = visitor
        start = bisect_left(self.positions, begin)
        return start, bisect_left(self.positions, end, start)


@dataclass(slots=True)
class Span:
    """The journey of one conversion: a slice of each lane that has touches in the window."""

    conversion: Converted
    slices: Sequence[tuple[Lane, int, int]]
    length: int
    first: int  # the position of the first touch; -1 for none
    last: int  # and of the last one

    @property
    def last_sent(self) -> int:
        """The position of the last touch that is not direct, or of the last one where all are."""
        if not self.slices[0][0].are_direct[self.last]:  # as it is mostly
            return self.last
        found = max(lane.last_sent(start, stop) for lane, start, stop in self.slices)
        return self.last if found < 0 else found

    @property
    def newest_first(self) -> Iterator[int]:
        """The positions of all touches, the last one first, found as they are asked for."""
        return merge(*(_backwards(lane.positions, start, stop) for lane, start, stop in self.slices), reverse=True)

    def newest(self, count: int) -> Sequence[int]:
        """Return the positions of the last touches, so many at most, in order."""
        if len(self.slices) == 1:
            lane, start, stop = self.slices[0]
            return lane.positions[max(start, stop - count) : stop]
        return list(islice(self.newest_first, count))[::-1]

    def last_before(self, position: int) -> int:
        """Return the position of the last touch before another one; -1 for none."""
        found = ((lane, start, bisect_left(lane.positions, position, start, stop)) for lane, start, stop in self.slices)
        return max((lane.positions[stop - 1] for lane, start, stop in found if stop > start), default=-1)

    def among(self, values: Sequence[_Value]) -> Sequence[_Value]:
        """Return what all touches have of some values, of which each touch of the histories has one."""
        if self.last - self.first < self.length:  # with no touch of another window between them
            return values[self.first : self.first + self.length]
        return [values[position] for position in self.positions]

    @property
    def positions(self) -> Sequence[int]:
        """The positions of all touches, in order."""
        if len(self.slices) == 1:
            lane, start, stop = self.slices[0]
            return lane.positions[start:stop]
        return sorted(chain.from_iterable(lane.positions[start:stop] for lane, start, stop in self.slices))


def _backwards(positions: Sequence[int], start: int, stop: int) -> Iterator[int]:
    return (positions[index] for index in range(stop - 1, start - 1, -1))


def spans_of(histories: Histories) -> list[Span]:
    """Return the journey of each conversion, in order; of no length where nobody earned it."""
    lanes = _lanes(histories)
    if len(lanes) == 1:
        return _in_one_lane(histories.conversions, lanes[0])
    spans = []
    parts: dict[Visitor, list[tuple[Lane, int, int]]] = {}
    for conversion in histories.conversions:
        visitor = conversion.visitor
        if visitor not in parts:
            parts = {visitor: [(lane, *lane.part_of(visitor)) for lane in lanes]}
        spans.append(_span(conversion, parts[visitor]))
    return spans


def _in_one_lane(conversions: Sequence[Converted], lane: Lane) -> list[Span]:
    times, window = lane.times, timedelta(days=lane.days)
    spans = []
    for conversion in conversions:
        at, (begin, end) = conversion.at, conversion.visitor
        stop = bisect_right(times, at, begin, end)
        start = bisect_left(times, earlier(at, window), begin, stop)
        if start < stop:
            spans.append(Span(conversion, ((lane, start, stop),), stop - start, start, stop - 1))
        else:
            spans.append(Span(conversion, (), 0, -1, -1))
    return spans


def _span(conversion: Converted, parts: Sequence[tuple[Lane, int, int]]) -> Span:
    slices = []
    for lane, begin, end in parts:
        stop = bisect_right(lane.times, conversion.at, begin, end)
        start = bisect_left(lane.times, days_before(conversion.at, lane.days), begin, stop)
        if start < stop:
            slices.append((lane, start, stop))
    return Span(
        conversion,
        slices,
        sum(stop - start for _, start, stop in slices),
        min((lane.positions[start] for lane, start, _ in slices), default=-1),
        max((lane.positions[stop - 1] for lane, _, stop in slices), default=-1),
    )


def _lanes(histories: Histories) -> list[Lane]:
    days, times = histories.days, histories.times
    if len(set(days)) < 2:
        return [Lane(days[0] if days else 0, range(len(days)), times, histories.are_direct)]
    positions: dict[int, list[int]] = {}
    for position, length in enumerate(days):
        positions.setdefault(length, []).append(position)
    return [
        Lane(length, found, [times[position] for position in found], histories.are_direct)
        for length, found in positions.items()
    ]


def by_visitor(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Yield the spans of each visitor, in order of time."""
    for _, some in groupby(spans, key=lambda span: span.conversion.visitor):
        yield list(some)


def by_group(spans: Sequence[Span]) -> Iterator[tuple[int, list[Span]]]:
    """Yield the spans of each visitor and group of conversions, in order of time."""
    for of_visitor in by_visitor(spans):
        found: dict[int, list[Span]] = {}
        for span in of_visitor:
            found.setdefault(span.conversion.group, []).append(span)
        yield from found.items()
