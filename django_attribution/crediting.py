"""Counting credit: each model keeps a tally of what it gives to every key, one visitor's history after the other.

The weights are those of ``credit``, in whole units of a fraction that divides them, so that sums are exact. A journey
of up to ``SHORT`` touches is walked; a longer one is never written out, so that time grows with the rows and not with
the pairs of touches and conversions, whatever one visitor holds. There the units are so fine that nothing of them
shows, but for decay: its weights are then within 1e-12 of the rule's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import groupby, pairwise
from math import lcm
from typing import cast

from django_attribution import credit
from django_attribution.attribution_models import (
    AttributionModel,
    Linear,
    PositionBased,
    TimeDecay,
    checked_weights,
    first_touch,
    last_non_direct,
    last_touch,
    markov,
    participation,
)
from django_attribution.decay_tree import DecayTree
from django_attribution.histories import History
from django_attribution.markov import Chain
from django_attribution.model_names import Model
from django_attribution.spans import Lane, Span, by_group
from django_attribution.windows import days_before

SHORT = 100  # touches

Amount = int | Fraction
Credited = dict[int, dict[int, list[Amount]]]  # by group and key: conversions and value, in units of the tally


class Tally:
    """What one model credits so far. Only proportions count: whoever reads it knows what was earned in all."""

    def __init__(self) -> None:
        self.credited: Credited = defaultdict(lambda: defaultdict(lambda: [0, 0]))

    def add(self, history: History, spans: Sequence[Span]) -> None:
        """Count a visitor; ``spans`` are the journeys that have touches."""
        raise NotImplementedError

    def finish(self) -> None:
        """Count what can only be known at the end."""

    def give(self, group: int, key: int, conversions: Amount, value: Amount) -> None:
        """Credit some units to a key."""
        cell = self.credited[group][key]
        cell[0] += conversions
        cell[1] += value


class SingleTouchTally(Tally):
    """Everything to one touch."""

    def __init__(self, position: Callable[[Span], int]) -> None:
        super().__init__()
        self._position = position

    def add(self, history: History, spans: Sequence[Span]) -> None:
        """Find the touch of each journey."""
        for span in spans:
            conversion = span.conversion
            self.give(conversion.group, history.keys[self._position(span)], 1, conversion.units)


class SharedTally(Tally):
    """Models that give something to every touch: short journeys exactly as the rule says, long ones all together."""

    units: int  # that the whole of a conversion has

    def add(self, history: History, spans: Sequence[Span]) -> None:
        """Walk the short journeys, and spread the long ones."""
        keys, long = history.keys, []
        for span in spans:
            if span.length > SHORT:
                long.append(span)
                continue
            group, value = self.credited[span.conversion.group], span.conversion.units
            positions = span.positions
            for position, weight in zip(positions, self.short(history, positions), strict=True):
                cell = group[keys[position]]
                cell[0] += weight
                cell[1] += weight * value
        for number, some in by_group(long):
            given = Tally()
            self.spread(history, some, given)
            self._keep_whole(number, given, some)

    def short(self, history: History, positions: Sequence[int]) -> Sequence[int]:
        """Return the weights of a short journey."""
        raise NotImplementedError

    def spread(self, history: History, spans: Sequence[Span], given: Tally) -> None:
        """Credit the long journeys of one group."""
        raise NotImplementedError

    def _keep_whole(self, group: int, given: Tally, spans: Sequence[Span]) -> None:
        """Take over what was given for some journeys; what rounding lost or added goes to who got most."""
        cells = given.credited[group]
        most = max(cells, key=lambda key: (cells[key][0], -key))
        earned = (len(spans) * self.units, sum(span.conversion.units for span in spans) * self.units)
        for index, whole in enumerate(earned):
            cells[most][index] += whole - sum(cell[index] for cell in cells.values())
        for key, (conversions, value) in cells.items():
            self.give(group, key, conversions, value)


class EndsTally(SharedTally):
    """Models whose weights depend on how many touches there are, and in which only the ends stand out."""

    def __init__(self, shares: Callable[[int], credit.Shares]) -> None:
        super().__init__()
        self._shares = shares
        self.units = lcm(
            *(
                weight.denominator
                for count in range(1, SHORT + 1)
                for weight in (shares(count).first, shares(count).each_between, shares(count).last)
            )
        )
        self._units_of: dict[int, tuple[int, int, int]] = {}

    def short(self, history: History, positions: Sequence[int]) -> Sequence[int]:
        """Return the rule's weights; they are whole units."""
        first, each_between, last = self._in_units(len(positions))
        return [first] if len(positions) == 1 else [first, *[each_between] * (len(positions) - 2), last]

    def spread(self, history: History, spans: Sequence[Span], given: Tally) -> None:
        """Add what a touch between gets where a journey begins, and take it away where it ends."""
        changes: dict[int, dict[int, list[int]]] = {}
        lanes: dict[int, Lane] = {}
        for span in spans:
            conversion = span.conversion
            first, each_between, last = self._in_units(span.length)
            for lane, start, stop in span.slices:
                lanes[id(lane)] = lane
                of_lane = changes.setdefault(id(lane), {})
                for index, sign in ((start, 1), (stop, -1)):
                    change = of_lane.setdefault(index, [0, 0])
                    change[0] += sign * each_between
                    change[1] += sign * each_between * conversion.units
            for position, more in ((span.first, first - each_between), (span.last, last - each_between)):
                given.give(conversion.group, history.keys[position], more, more * conversion.units)
        group = given.credited[spans[0].conversion.group]
        for name, of_lane in changes.items():
            positions = lanes[name].positions
            conversions = value = 0
            for start, stop in pairwise(sorted(of_lane)):
                conversions, value = conversions + of_lane[start][0], value + of_lane[start][1]
                if conversions:
                    for index in range(start, stop):
                        cell = group[history.keys[positions[index]]]
                        cell[0] += conversions
                        cell[1] += value

    def _in_units(self, count: int) -> tuple[int, int, int]:
        if count not in self._units_of:
            shares = self._shares(count)
            weights = (shares.first, shares.each_between, shares.last)
            first, each_between, last = (weight.numerator * self.units // weight.denominator for weight in weights)
            self._units_of[count] = first, each_between, last
        return self._units_of[count]


class DecayTally(SharedTally):
    """Time decay."""

    units = credit.DECAY_UNITS

    def __init__(self, model: TimeDecay) -> None:
        super().__init__()
        self._half_life = model.half_life

    def short(self, history: History, positions: Sequence[int]) -> Sequence[int]:
        """Return the rule's weights."""
        return credit.time_decay_units([history.times[position] for position in positions], half_life=self._half_life)

    def spread(self, history: History, spans: Sequence[Span], given: Tally) -> None:
        """Sum up and spread along trees, one for each lane."""
        trees: dict[int, tuple[Lane, DecayTree]] = {}
        shares: dict[int, list[list[tuple[int, int, float]]]] = {}
        for span in spans:
            youngest = history.times[span.last]
            parts = []
            for lane, start, stop in span.slices:
                if id(lane) not in trees:
                    trees[id(lane)] = (lane, DecayTree(lane.times, self._half_life))
                scale = 2.0 ** (-((youngest - lane.times[stop - 1]) / self._half_life))
                parts.append((id(lane), start, stop, scale))
            whole = sum(trees[name][1].total(start, stop) * scale for name, start, stop, scale in parts)
            for name, start, stop, scale in parts:
                of_lane = shares.setdefault(name, [[], []])
                of_lane[0].append((start, stop, scale / whole))
                of_lane[1].append((start, stop, scale / whole * span.conversion.units))
        group = given.credited[spans[0].conversion.group]
        for name, (conversions, values) in shares.items():
            lane, tree = trees[name]
            value_of = tree.spread(values)
            for index, share in tree.spread(conversions).items():
                cell = group[history.keys[lane.positions[index]]]
                cell[0] += round(share * self.units)
                cell[1] += round(value_of[index] * self.units)


class JourneyTally(Tally):
    """Any other model: it is given every journey, written out, and has no promise of growth."""

    def __init__(self, model: AttributionModel) -> None:
        super().__init__()
        self._model = model

    def add(self, history: History, spans: Sequence[Span]) -> None:
        """Ask the model for its weights."""
        for span in spans:
            conversion, positions = span.conversion, span.positions
            journey = credit.Journey(tuple(history.touches[position] for position in positions), conversion.at)
            for position, weight in zip(positions, checked_weights(self._model, journey), strict=True):
                if weight:
                    self.give(conversion.group, history.keys[position], weight, weight * conversion.units)


class ParticipationTally(Tally):
    """The whole conversion to every key that took part."""

    def add(self, history: History, spans: Sequence[Span]) -> None:
        """Count each key of a journey once."""
        long = []
        for span in spans:
            if span.length > SHORT:
                long.append(span)
                continue
            for key in {history.keys[position] for position in span.positions}:
                self.give(span.conversion.group, key, 1, span.conversion.units)
        for group, some in by_group(long):
            self._slide(group, history, some)

    def _slide(self, group: int, history: History, spans: Sequence[Span]) -> None:
        """Move the window along: a key takes part from the conversion it comes in with to the one it goes out with."""
        present: dict[int, int] = defaultdict(int)  # key -> touches of it in the window
        since: dict[int, tuple[int, int]] = {}  # key -> conversions and value counted when it came in
        reached: dict[int, tuple[Lane, int, int]] = {}
        conversions = value = 0
        for span in spans:
            leaving = dict(reached)
            for lane, start, stop in span.slices:
                _, old_start, old_stop = leaving.pop(id(lane), (lane, start, start))
                for index in range(max(old_stop, start), stop):
                    key = history.keys[lane.positions[index]]
                    present[key] += 1
                    since.setdefault(key, (conversions, value))
                for index in range(old_start, min(old_stop, start)):
                    present[history.keys[lane.positions[index]]] -= 1
                reached[id(lane)] = (lane, start, stop)
            for name, (lane, start, stop) in leaving.items():
                for index in range(start, stop):
                    present[history.keys[lane.positions[index]]] -= 1
                del reached[name]
            for key in [key for key in since if not present[key]]:
                self.give(group, key, *_less((conversions, value), since.pop(key)))
            conversions, value = conversions + 1, value + span.conversion.units
        for key, before in since.items():
            self.give(group, key, *_less((conversions, value), before))


def _less(amounts: tuple[int, int], before: tuple[int, int]) -> tuple[int, int]:
    return amounts[0] - before[0], amounts[1] - before[1]


class MarkovTally(Tally):
    """Removal effects in one chain of all journeys; each group's total is shared in their proportion.

    The touches that no conversion's journey holds did not convert: each run of them is a journey that was lost.
    """

    def __init__(self) -> None:
        super().__init__()
        self._chain: Chain[int] = Chain()
        self._earned: dict[int, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, history: History, spans: Sequence[Span]) -> None:
        """Count the moves of every journey of a visitor."""
        long = []
        for span in spans:
            earned = self._earned[span.conversion.group]
            earned[0] += 1
            earned[1] += span.conversion.units
            if span.length > SHORT:
                long.append(span)
            else:
                self._chain.add([history.keys[position] for position in span.positions], converts=True)
        self._add_long(history, long)
        self._add_lost(history, spans)

    def _add_long(self, history: History, spans: Sequence[Span]) -> None:
        """Count the moves of long journeys together.

        A journey's past has a stretch for each window: in the oldest only the touches with the longest window count,
        in the next also those with the second longest. Within a stretch one touch follows the other.
        """
        keys, chain = history.keys, self._chain
        windows = sorted(set(history.days), reverse=True) if spans else []
        stretches = [[position for position, days in enumerate(history.days) if days >= window] for window in windows]
        moves: list[list[tuple[int, int]]] = [[] for _ in windows]
        for span in spans:
            at, before = span.conversion.at, None
            bounds = [days_before(at, window) for window in windows]
            for number, positions in enumerate(stretches):
                start = bisect_left(positions, bounds[number], key=history.times.__getitem__)
                if number + 1 < len(windows):
                    stop = bisect_left(positions, bounds[number + 1], key=history.times.__getitem__)
                else:
                    stop = bisect_right(positions, at, key=history.times.__getitem__)
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

    def _add_lost(self, history: History, spans: Sequence[Span]) -> None:
        slices: dict[int, tuple[Lane, list[tuple[int, int]]]] = {}
        for span in spans:
            for lane, start, stop in span.slices:
                slices.setdefault(id(lane), (lane, []))[1].append((start, stop))
        is_kept = bytearray(len(history.keys))
        for lane, of_lane in slices.values():
            for index, _ in _covered(of_lane, len(lane.positions)):
                is_kept[lane.positions[index]] = True
        for kept, run in groupby(range(len(is_kept)), key=is_kept.__getitem__):
            if not kept:
                self._chain.add([history.keys[position] for position in run], converts=False)

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


def tally_of(model: Model) -> Tally:
    """Return an empty tally of a model: a fast one for the built-in models, and one that asks any other."""
    if model == first_touch:
        return SingleTouchTally(lambda span: span.first)
    if model == last_touch:
        return SingleTouchTally(lambda span: span.last)
    if model == last_non_direct:
        return SingleTouchTally(lambda span: span.last_sent)
    if isinstance(model, Linear):
        return EndsTally(credit.linear_shares)
    if isinstance(model, PositionBased):
        return EndsTally(partial(credit.position_based_shares, first=model.first, last=model.last))
    if isinstance(model, TimeDecay):
        return DecayTally(model)
    if model == participation:
        return ParticipationTally()
    if model == markov:
        return MarkovTally()
    return JourneyTally(cast(AttributionModel, model))
