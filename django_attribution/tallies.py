"""Counting credit: the tally of each model. Others than the built-in models are given every journey, written out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import cast

from django_attribution import credit, tally
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
from django_attribution.chain_tally import MarkovTally
from django_attribution.decay_tally import DecayTally
from django_attribution.ends_tally import EndsTally
from django_attribution.histories import Histories
from django_attribution.model_names import Model
from django_attribution.raw_columns import said_in_utc
from django_attribution.spans import Lane, Span, by_group


def tally_of(model: Model) -> tally.Tally:
    """Return an empty tally of a model: a fast one for the built-in models, and one that asks any other."""
    if model == first_touch:
        return SingleTouchTally("first")
    if model == last_touch:
        return SingleTouchTally("last")
    if model == last_non_direct:
        return SingleTouchTally("last_sent")
    if type(model) is Linear:  # not what is built on it: that has rules of its own
        return EndsTally(credit.linear_shares)
    if type(model) is PositionBased:
        return EndsTally(partial(credit.position_based_shares, first=model.first, last=model.last))
    if type(model) is TimeDecay:
        return DecayTally(model)
    if model == participation:
        return ParticipationTally()
    if model == markov:
        return MarkovTally()
    return JourneyTally(cast(AttributionModel, model))


class SingleTouchTally(tally.Tally):
    """Everything to one touch."""

    def __init__(self, which: str) -> None:
        super().__init__()
        self.needs_directness = which == "last_sent"
        self._position_of = attrgetter(which)

    def add(self, histories: Histories, spans: Sequence[Span]) -> None:
        """Find the touch of each journey."""
        keys, credited, position_of = histories.keys, self.credited, self._position_of
        for span in spans:
            conversion = span.conversion
            cell = credited[conversion.group][keys[position_of(span)]]
            cell[0] += 1
            cell[1] += conversion.units


class JourneyTally(tally.Tally):
    """Any other model: it is given every journey, written out, and has no promise of growth."""

    needs_touches = True

    def __init__(self, model: AttributionModel) -> None:
        super().__init__()
        self._model = model

    def add(self, histories: Histories, spans: Sequence[Span]) -> None:
        """Ask the model for its weights."""
        for span in spans:
            conversion, positions = span.conversion, span.positions
            journey = credit.Journey(tuple(span.among(histories.touches)), said_in_utc(conversion.at))
            for position, weight in zip(positions, checked_weights(self._model, journey), strict=True):
                if weight:
                    self.give(conversion.group, histories.keys[position], weight, weight * conversion.units)


class ParticipationTally(tally.Tally):
    """The whole conversion to every key that took part."""

    is_additive = False

    def add(self, histories: Histories, spans: Sequence[Span]) -> None:
        """Count each key of a journey once."""
        long = []
        for span in spans:
            if span.length > tally.SHORT:
                long.append(span)
                continue
            for key in set(span.among(histories.keys)):
                self.give(span.conversion.group, key, 1, span.conversion.units)
        for group, some in by_group(long):
            self._slide(group, histories, some)

    def _slide(self, group: int, histories: Histories, spans: Sequence[Span]) -> None:
        """Move the window along: a key takes part from the conversion it comes in with to the one it goes out with."""
        present: dict[int, int] = defaultdict(int)  # key -> touches of it in the window
        since: dict[int, tuple[int, int]] = {}  # key -> conversions and value counted when it came in
        reached: dict[Lane, tuple[int, int]] = {}
        conversions = value = 0
        for span in spans:
            leaving, left = dict(reached), list[int]()
            for lane, start, stop in span.slices:
                old_start, old_stop = leaving.pop(lane, (start, start))
                for index in range(max(old_stop, start), stop):
                    key = histories.keys[lane.positions[index]]
                    present[key] += 1
                    since.setdefault(key, (conversions, value))
                left += (histories.keys[lane.positions[index]] for index in range(old_start, min(old_stop, start)))
                reached[lane] = (start, stop)
            for lane, (start, stop) in leaving.items():
                left += (histories.keys[lane.positions[index]] for index in range(start, stop))
                del reached[lane]
            for key in left:
                present[key] -= 1
            for key in set(left):
                if not present[key]:
                    self.give(group, key, *_less((conversions, value), since.pop(key)))
            conversions, value = conversions + 1, value + span.conversion.units
        for key, before in since.items():
            self.give(group, key, *_less((conversions, value), before))


def _less(amounts: tuple[int, int], before: tuple[int, int]) -> tuple[int, int]:
    return amounts[0] - before[0], amounts[1] - before[1]
