"""The tally of time decay: short journeys exactly as the rule of ``credit`` says, long ones all together.

The weights of long journeys are within 1e-12 of the rule's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from math import fsum, ldexp

from django_attribution import credit, tally
from django_attribution.attribution_models import TimeDecay
from django_attribution.histories import Histories, Visitor
from django_attribution.shares import largest_remainder
from django_attribution.sliding_decay import Shared, SlidingDecay
from django_attribution.spans import Lane, Span, by_group

_FINE = 80  # binary digits after the point with which floats become whole numbers


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
