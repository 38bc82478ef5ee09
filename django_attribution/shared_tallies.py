"""Tallies of the models that give something to every touch: linear, by position, and time decay.

The weights are those of ``credit``, in whole units of a fraction that divides them, so that sums are exact. In long
journeys the units are so fine that nothing of them shows, but for decay: its weights are then within 1e-12 of the
rule's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise
from math import fsum, lcm, ldexp

from django_attribution import credit, tally
from django_attribution.attribution_models import TimeDecay
from django_attribution.histories import Histories, Visitor
from django_attribution.shares import largest_remainder
from django_attribution.sliding_decay import Shared, SlidingDecay
from django_attribution.spans import Lane, Span, by_group

FEW = 8  # touches; of longer journeys hardly two are alike
ALIKE_KEPT = 10_000
_FINE = 80  # binary digits after the point with which floats become whole numbers


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


class DecayTally(tally.Tally):
    """Time decay."""

    units = credit.DECAY_UNITS

    def __init__(self, model: TimeDecay) -> None:
        super().__init__()
        self._half_life = model.half_life
        self._series: dict[tuple[Lane, Visitor], tuple[SlidingDecay, int]] = {}

    def add(self, histories: Histories, spans: Sequence[Span]) -> None:
        """Count some visitors, short journeys as the rule says, long ones together by series whatever the groups."""
        self._series.clear()
        half_life = self._half_life // timedelta(microseconds=1)
        keys, instants, long = histories.keys, credit.in_microseconds(histories.times), []
        for span in spans:
            if span.length > tally.SHORT:
                long.append(span)
                continue
            credited, value = self.credited[span.conversion.group], span.conversion.units
            weights = credit.time_decay_units(span.among(instants), half_life=half_life)
            for key, weight in zip(span.among(keys), weights, strict=True):
                cell = credited[key]
                cell[0] += weight
                cell[1] += weight * value
        for number, some in by_group(long):
            self._spread(histories, number, some)

    def _spread(self, histories: Histories, group: int, spans: Sequence[Span]) -> None:
        """Sum up and spread along the series of each lane."""
        given: dict[int, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
        for lane, shares in self._shares(histories, spans).items():
            series, offset = self._of(lane, spans[0].conversion.visitor)
            for start, conversions, values in series.spread(shares):
                positions = lane.positions[offset + start : offset + start + len(conversions)]
                for position, conversion, value in zip(positions, conversions, values, strict=True):
                    of_key = given[histories.keys[position]]
                    of_key[0].append(conversion)
                    of_key[1].append(value)
        # In whole units, of which none is lost.
        earned = (len(spans), sum(span.conversion.units for span in spans))
        columns = [
            largest_remainder(whole * self.units, [int(ldexp(fsum(some[column]), _FINE)) for some in given.values()])
            for column, whole in enumerate(earned)
        ]
        for key, *amounts in zip(given, *columns, strict=True):
            self.give(group, key, *amounts)

    def _shares(self, histories: Histories, spans: Sequence[Span]) -> dict[Lane, list[Shared]]:
        """Return what the last touch of each span gets in each lane."""
        wholes = [0.0] * len(spans)
        slices: dict[Lane, list[tuple[int, int]]] = {}  # of the series
        scales: dict[Lane, list[tuple[int, float]]] = {}  # which span, and what its last touch in the lane counts
        for number, span in enumerate(spans):
            youngest = histories.times[span.last]
            for lane, start, stop in span.slices:
                _, offset = self._of(lane, span.conversion.visitor)
                slices.setdefault(lane, []).append((start - offset, stop - offset))
                scale = 2.0 ** -((youngest - lane.times[stop - 1]) / self._half_life)
                scales.setdefault(lane, []).append((number, scale))
        for lane, of_lane in slices.items():
            totals = self._of(lane, spans[0].conversion.visitor)[0].totals(of_lane)
            for (number, scale), total in zip(scales[lane], totals, strict=True):
                wholes[number] += scale * total
        return {
            lane: [
                (*bounds, scale / wholes[number], scale / wholes[number] * spans[number].conversion.units)
                for bounds, (number, scale) in zip(of_lane, scales[lane], strict=True)
            ]
            for lane, of_lane in slices.items()
        }

    def _of(self, lane: Lane, visitor: Visitor) -> tuple[SlidingDecay, int]:
        """Return the series of a visitor's touches in a lane, and where they begin there."""
        if (lane, visitor) not in self._series:
            start, stop = lane.part_of(visitor)
            self._series[lane, visitor] = SlidingDecay(lane.times[start:stop], self._half_life), start
        return self._series[lane, visitor]
