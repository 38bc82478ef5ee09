"""The tally of the models in which only the ends of a journey stand out: linear, and by position.

The weights are those of ``credit``, in whole units of a fraction that divides them, so that sums are exact. In journeys
of more than a hundred touches the units are so fine that nothing of them shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import lcm

from django_attribution import credit, tally
from django_attribution.histories import Histories
from django_attribution.spans import Lane, Span

FEW = 8  # touches; of longer journeys hardly two are alike
ALIKE_KEPT = 10_000  # and a little more; where pages tell touches apart, each journey may be like no other


class EndsTally(tally.Tally):
    """Models whose weights depend on how many touches there are, and in which only the ends stand out."""

    def __init__(self, shares: Callable[[int], credit.Shares]) -> None:
        super().__init__()
        self._shares = shares
        self.units = lcm(
            *(
                weight.denominator
                for count in range(1, tally.SHORT + 1)
                for weight in (shares(count).first, shares(count).each_between, shares(count).last)
            )
        )
        self._units_of: dict[int, tuple[int, int, int]] = {}
        self._alike: dict[tuple[int, Sequence[int]], list[int]] = {}  # by group and keys: conversions and value

    def add(self, histories: Histories, spans: Sequence[Span]) -> None:
        """Count the journeys of few touches, of which many are alike, and spread the others."""
        alike, keys, long = self._alike, tuple(histories.keys), defaultdict[int, list[Span]](list)
        few = min(FEW, tally.SHORT)
        for span in spans:
            conversion = span.conversion
            if span.length > few:
                long[conversion.group].append(span)
                continue
            journey = conversion.group, tuple(span.among(keys))
            if (counted := alike.get(journey)) is None:
                counted = alike[journey] = [0, 0]
            counted[0] += 1
            counted[1] += conversion.units
        if len(alike) > ALIKE_KEPT:
            self.finish()
        for group, some in long.items():
            self._spread(histories, group, some)

    def finish(self) -> None:
        """Give what journeys of few touches earned to their keys."""
        for (group, keys), (conversions, value) in self._alike.items():
            first, each_between, last = self._in_units(len(keys))
            for key, weight in zip(keys, (first, *[each_between] * (len(keys) - 2), last), strict=False):
                self.give(group, key, weight * conversions, weight * value)
        self._alike.clear()

    def _spread(self, histories: Histories, group: int, spans: Sequence[Span]) -> None:
        """Add what a touch between gets where a journey begins, and take it away where it ends."""
        keys, credited = histories.keys, self.credited[group]
        changes: dict[Lane, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for span in spans:
            value = span.conversion.units
            first, each_between, last = self._in_units(span.length)
            for lane, start, stop in span.slices:
                for index, change in ((start, each_between), (stop, -each_between)):
                    at = changes[lane][index]
                    at[0] += change
                    at[1] += change * value
            for position, more in ((span.first, first - each_between), (span.last, last - each_between)):
                if more:
                    self.give(group, keys[position], more, more * value)
        for lane, of_lane in changes.items():
            conversions = value = 0
            for start, stop in pairwise(sorted(of_lane)):
                conversions, value = conversions + of_lane[start][0], value + of_lane[start][1]
                if conversions:
                    for position in lane.positions[start:stop]:
                        cell = credited[keys[position]]
                        cell[0] += conversions
                        cell[1] += value

    def _in_units(self, count: int) -> tuple[int, int, int]:
        if count not in self._units_of:
            shares = self._shares(count)
            weights = (shares.first, shares.each_between, shares.last)
            first, each_between, last = (weight.numerator * self.units // weight.denominator for weight in weights)
            self._units_of[count] = first, each_between, last
        return self._units_of[count]
