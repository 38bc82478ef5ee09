"""The tally of the Markov model: every journey's moves, and at the end the shares of what was earned."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

from django_attribution import tally
from django_attribution.histories import Histories
from django_attribution.markov import Chain, require_few
from django_attribution.spans import Lane, Span, by_visitor
from django_attribution.windows import days_before


class MarkovTally(tally.Tally):
    """Removal effects in one chain of all journeys; each group's total is shared in their proportion.

    The touches that no conversion's journey holds did not convert: each run of them is a journey that was lost.
    """

    needs_everyone = True

    def __init__(self) -> None:
        super().__init__()
        self._chain: Chain[int] = Chain()
        self._keys: set[int] = set()
        self._earned: dict[int, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, histories: Histories, spans: Sequence[Span]) -> None:
        """Count the moves of every journey of some visitors; raise ``InvalidArgument`` once there are too many keys."""
        self._keys.update(histories.keys)
        require_few(self._keys)
        long = []
        for span in spans:
            earned = self._earned[span.conversion.group]
            earned[0] += 1
            earned[1] += span.conversion.units
            if span.length > tally.SHORT:
                long.append(span)
            else:
                self._chain.add(span.among(histories.keys), converts=True)
        for of_visitor in by_visitor(long):
            self._add_long(histories, of_visitor)
        self._add_lost(histories, spans)

    def _add_long(self, histories: Histories, spans: Sequence[Span]) -> None:
        """Count the moves of the long journeys of a visitor together.

        A journey's past has a stretch for each window: in the oldest only the touches with the longest window count,
        in the next also those with the second longest. Within a stretch one touch follows the other.
        """
        keys, chain = histories.keys, self._chain
        visitor = spans[0].conversion.visitor
        windows = sorted(set(histories.days[slice(*visitor)]), reverse=True)
        stretches = [[touch for touch in range(*visitor) if histories.days[touch] >= window] for window in windows]
        moves: list[list[tuple[int, int]]] = [[] for _ in windows]
        for span in spans:
            at, before = span.conversion.at, None
            bounds = [days_before(at, window) for window in windows]
            for number, positions in enumerate(stretches):
                start = bisect_left(positions, bounds[number], key=histories.times.__getitem__)
                if number + 1 < len(windows):
                    stop = bisect_left(positions, bounds[number + 1], key=histories.times.__getitem__)
                else:
                    stop = bisect_right(positions, at, key=histories.times.__getitem__)
                if start == stop:
                    continue
                if before is None:
                    chain.count_start(keys[positions[start]])
                else:
                    chain.count(before, keys[positions[start]])
                moves[number].append((start, stop - 1))
                before = keys[positions[stop - 1]]
            if before is not None:
                chain.count_end(before, converts=True)
        for positions, ranges in zip(stretches, moves, strict=True):
            for index, times in _covered(ranges, len(positions)):
                chain.count(keys[positions[index]], keys[positions[index + 1]], times)

    def _add_lost(self, histories: Histories, spans: Sequence[Span]) -> None:
        slices: dict[Lane, list[tuple[int, int]]] = {}
        for span in spans:
            for lane, start, stop in span.slices:
                slices.setdefault(lane, []).append((start, stop))
        is_kept = bytearray(len(histories.keys))
        for lane, of_lane in slices.items():
            for index, _ in _covered(of_lane, len(lane.positions)):
                is_kept[lane.positions[index]] = True
        for visitor in histories.visitors:
            for kept, run in groupby(range(*visitor), key=is_kept.__getitem__):
                if not kept:
                    self._chain.add([histories.keys[position] for position in run], converts=False)

    def finish(self) -> None:
        """Share what was earned."""
        for key, share in self._chain.shares().items():
            for group, (conversions, value) in self._earned.items():
                self.give(group, key, share * conversions, share * value)


def _covered(ranges: Sequence[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """Yield each index that lies in some of the ranges, and in how many."""
    changes = [0] * (size + 1)
    for start, stop in ranges:
        changes[start] += 1
        changes[stop] -= 1
    times = 0
    for index in range(size if ranges else 0):
        times += changes[index]
        if times:
            yield index, times
