"""Long journeys are credited as the rules say without being written out, and so are several windows and groups."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_attribution import credit, ends_tally, tally
from django_attribution.attribution_models import (
    Linear,
    first_touch,
    last_non_direct,
    last_touch,
    linear,
    position_based,
    time_decay,
)
from django_attribution.histories import Converted, Histories
from django_attribution.model_names import markov, participation
from django_attribution.shares import largest_remainder
from django_attribution.sliding_decay import SlidingDecay
from django_attribution.spans import spans_of
from django_attribution.tallies import tally_of
from django_attribution.tally import SHORT, Tally
from django_attribution.windows import AttributionWindow
from tests.report_oracle import Rising
from tests.sizes import sized
from tests.strategies import MICROSECOND, QUICK
from tests.test_markov import Journey as Walk
from tests.test_markov import counts_of, effects_by_definition

T0 = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
CHANNELS = ("Direct", "Paid Search", "Email", "Direct", "Referral")
SOURCES = ("default", "google", "email")
PRECISE = Context(prec=40)
SOME = settings(QUICK, max_examples=sized(100, long=3_000))

EXACT_MODELS = (first_touch, last_touch, last_non_direct, linear, position_based(), position_based("0.2", "0.6"))
Amounts = dict[tuple[int, int], tuple[Fraction, Fraction]]  # (group, key) -> conversions and value, exactly


class Case:
    """One visitor's touches, as they are stored, and the conversions that are asked about."""

    def __init__(
        self,
        touches: Sequence[tuple[datetime, int, str, str]],  # time, key, source, channel
        conversions: Sequence[tuple[datetime, int, int]],  # time, group, units of value
        window: AttributionWindow,
    ) -> None:
        ordered = sorted(touches, key=lambda touch: touch[0])
        self.touches = [
            credit.Touch(number, at, source, channel=channel) for number, (at, _, source, channel) in enumerate(ordered)
        ]
        self.key_of = {number: key for number, (_, key, _, _) in enumerate(ordered)}
        self.window = window
        read = [touch for touch in self.touches if window.days_for(touch.source)]
        self.conversions = [Converted(*conversion, (0, len(read))) for conversion in sorted(conversions)]

    @property
    def histories(self) -> Histories:
        """The same as a report reads it."""
        read = [touch for touch in self.touches if self.window.days_for(touch.source)]
        return Histories(
            times=[touch.touched_at for touch in read],
            keys=[self.key_of[touch.id] for touch in read],
            days=[self.window.days_for(touch.source) for touch in read],
            are_direct=[touch.is_direct for touch in read],
            touches=read,
            visitors=[(0, len(read))],
            conversions=self.conversions,
        )

    @property
    def journeys(self) -> list[tuple[Converted, credit.Journey]]:
        """Conversions with the journeys that the rules give them, those of no touch left out."""
        found = [
            (converted, credit.journey(self.touches, converted_at=converted.at, window=self.window))
            for converted in self.conversions
        ]
        return [(converted, journey) for converted, journey in found if journey]

    @property
    def earned(self) -> dict[int, tuple[int, int]]:
        """By group, the conversions that somebody earned, and their value."""
        found: dict[int, tuple[int, int]] = {}
        for converted, _ in self.journeys:
            count, units = found.get(converted.group, (0, 0))
            found[converted.group] = count + 1, units + converted.units
        return found

    def by_rule(self, model: Any) -> Amounts:
        """Walk every journey."""
        found: dict[tuple[int, int], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
        for converted, journey in self.journeys:
            for touch, weight in zip(journey, model.weights(journey), strict=True):
                amounts = found[converted.group, self.key_of[touch.id]]
                amounts[0] += weight
                amounts[1] += weight * converted.units
        return {cell: (amounts[0], amounts[1]) for cell, amounts in found.items() if amounts[0]}

    def tallied(self, model: Any) -> Tally:
        """Count as a report does."""
        tally, histories = tally_of(model), self.histories
        self.count(tally, histories)
        return tally

    def count(self, tally: Tally, histories: Histories) -> None:
        """Count histories."""
        tally.add(histories, [span for span in spans_of(histories) if span.length])
        tally.finish()


def amounts_of(tally: Tally, units: int = 1) -> Amounts:
    """Return what a tally holds, where it holds anything."""
    return {
        (group, key): (Fraction(conversions) / units, Fraction(value) / units)
        for group, cells in tally.credited.items()
        for key, (conversions, value) in cells.items()
        if conversions or value
    }


@contextmanager
def every_journey_long() -> Iterator[None]:
    """Take the way of long journeys for short ones, too; a tally has its units from before."""
    tally.SHORT = 0
    try:
        yield
    finally:
        tally.SHORT = SHORT


def counted_as_long(case: Case, model: Any) -> Tally:
    """Count as a report does, as if every journey were long."""
    tally, histories = tally_of(model), case.histories
    with every_journey_long():
        case.count(tally, histories)
    return tally


def written(amounts: Amounts, case: Case, digits: int = 6) -> dict[tuple[int, int], tuple[int, int]]:
    """Round as a report does: six digits and whole units of value, so that they sum to what was earned."""
    found = {}
    for group, (count, units) in case.earned.items():
        keys = sorted(key for of_group, key in amounts if of_group == group)
        conversions = largest_remainder(
            count * 10**digits, [amounts[group, key][0] for key in keys], keys=keys, total=count
        )
        values = largest_remainder(units, [amounts[group, key][1] for key in keys], keys=keys, total=units)
        found |= {(group, key): (parts, value) for key, parts, value in zip(keys, conversions, values, strict=True)}
    return found


def units_of(tally: Tally) -> int:
    """Return what a conversion counts in a tally."""
    return tally.units


@st.composite
def cases(draw: st.DrawFn, *, is_decay: bool = False) -> Case:
    """Draw a visitor whose touches tie, repeat, lie on the edges of windows; several windows and groups."""
    own_windows = draw(st.dictionaries(st.sampled_from(SOURCES), st.sampled_from((0, 1, 7, 3650)), max_size=2))
    window = AttributionWindow(draw(st.sampled_from((1, 7, 30))), own_windows)
    conversions = draw(
        st.lists(
            st.tuples(st.integers(-20, 20).map(lambda days: T0 + days * DAY), st.integers(0, 2), st.integers(0, 10**6)),
            min_size=1,
            max_size=6,
        )
    )
    at = st.builds(
        lambda conversion, days, beside: conversion[0] - days * DAY + beside * MICROSECOND,
        st.sampled_from(conversions),
        st.sampled_from((0, 1, 7, 30)) | st.integers(-5, 60),
        st.sampled_from((0, 0, 0, -1, 1)),
    )
    touches = st.tuples(at, st.integers(0, 4), st.sampled_from(SOURCES), st.sampled_from(CHANNELS))
    return Case(draw(st.lists(touches, min_size=draw(st.sampled_from((0, 6))), max_size=14)), conversions, window)


def long_case(count: int = 130, *, keys: int = 7, window: AttributionWindow | None = None) -> Case:
    """Return a visitor of several hundred touches that tie and repeat, in journeys of up to ``count`` and a few."""
    touches = [
        (
            T0 + (number // 3) * timedelta(hours=8),
            number * number % keys,
            SOURCES[number * 7 % 3],
            CHANNELS[number * 5 % len(CHANNELS)],
        )
        for number in range(count * 2)
    ]
    end = T0 + count * 2 // 3 * timedelta(hours=8)
    conversions = [
        (T0 - DAY, 0, 5),  # of nobody
        (T0, 0, 7),
        (T0 + DAY, 1, 11),
        *((end - number * timedelta(hours=20), number % 2, 10_001 * number) for number in range(25)),
        (end + 20 * DAY, 0, 123_456_789_012_345),
    ]
    return Case(touches, conversions, window or AttributionWindow(count // 9))


LONG_CASES = {
    "one window": long_case(400),
    "just above short": long_case(101, window=AttributionWindow(3650)),
    "three windows": long_case(400, window=AttributionWindow(30, {"google": 44, "email": 3})),
    "one source counts for nothing": long_case(400, window=AttributionWindow(60, {"google": 0})),
    "every touch of one key": long_case(130, keys=1),
    "every touch of its own key": long_case(150, keys=300),
}
long_cases = pytest.mark.parametrize("name", LONG_CASES)


@long_cases
def test_the_long_cases_have_journeys_that_are_long(name: str) -> None:
    lengths = [span.length for span in spans_of(LONG_CASES[name].histories)]
    assert max(lengths) > SHORT
    assert 0 in lengths


@long_cases
@pytest.mark.parametrize("model", [first_touch, last_touch, last_non_direct, Rising()], ids=lambda model: model.name)
def test_a_long_journey_is_credited_exactly_where_one_touch_or_a_model_of_ones_own_says_whom(
    name: str, model: Any
) -> None:
    case = LONG_CASES[name]
    assert amounts_of(case.tallied(model)) == case.by_rule(model)


@long_cases
@pytest.mark.parametrize("model", EXACT_MODELS[3:], ids=lambda model: model.name)
def test_a_long_journey_is_credited_to_the_last_digit_that_is_written(name: str, model: Any) -> None:
    case = LONG_CASES[name]
    counted = case.tallied(model)
    found, expected = amounts_of(counted, units_of(counted)), case.by_rule(model)
    assert found.keys() == expected.keys()
    assert written(found, case, digits=6) == written(expected, case, digits=6)
    for cell, amounts in expected.items():
        for amount, exact in zip(found[cell], amounts, strict=True):
            assert abs(amount - exact) < Fraction(1, 10**20)


@SOME
@given(cases(), st.sampled_from((*EXACT_MODELS, position_based(0, 0), position_based(0, 1), Rising())))
def test_the_long_form_is_the_rule_whatever_the_journeys(case: Case, model: Any) -> None:
    counted = counted_as_long(case, model)
    assert amounts_of(counted, units_of(counted)) == case.by_rule(model)


@SOME
@given(cases(), st.sampled_from((*EXACT_MODELS, time_decay(), time_decay(1))))
def test_the_short_form_is_the_rule_whatever_the_journeys(case: Case, model: Any) -> None:
    counted = case.tallied(model)
    assert amounts_of(counted, units_of(counted)) == case.by_rule(model)


@pytest.mark.parametrize("model", EXACT_MODELS[3:], ids=lambda model: model.name)
def test_journeys_of_few_touches_are_held_until_too_many_are_like_no_other(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases_ = [own_keys([T0 + number * SECOND for number in range(count)]) for count in (1, 2, 3, ends_tally.FEW)]
    held, given_at_once = tally_of(model), tally_of(model)
    for case in cases_:
        held.add(case.histories, spans_of(case.histories))
    assert not held.credited
    monkeypatch.setattr(ends_tally, "ALIKE_KEPT", len(cases_) - 1)
    for case in cases_:
        given_at_once.add(case.histories, spans_of(case.histories))
    held.finish()
    assert amounts_of(given_at_once) == amounts_of(held) != {}


def participation_by_rule(case: Case) -> Amounts:
    """Give the whole conversion to every distinct key of its journey."""
    found: dict[tuple[int, int], tuple[Fraction, Fraction]] = defaultdict(lambda: (Fraction(0), Fraction(0)))
    for converted, journey in case.journeys:
        for key in {case.key_of[touch.id] for touch in journey}:
            conversions, value = found[converted.group, key]
            found[converted.group, key] = conversions + 1, value + converted.units
    return dict(found)


@long_cases
def test_participation_in_a_long_journey_counts_each_key_once(name: str) -> None:
    assert amounts_of(LONG_CASES[name].tallied(participation)) == participation_by_rule(LONG_CASES[name])


@SOME
@given(cases())
def test_participation_counts_each_key_once_whatever_the_journeys(case: Case) -> None:
    expected = participation_by_rule(case)
    assert amounts_of(counted_as_long(case, participation)) == amounts_of(case.tallied(participation)) == expected


def markov_by_rule(case: Case) -> Amounts:
    """Write out every journey, those that were lost too, and share what was earned by removal effects."""
    walks = [Walk([case.key_of[touch.id] for touch in journey], True) for _, journey in case.journeys]
    in_a_journey = {touch.id for _, journey in case.journeys for touch in journey}
    lost: list[int] = []
    for touch in [touch for touch in case.touches if case.window.days_for(touch.source)]:
        if touch.id not in in_a_journey:
            lost.append(case.key_of[touch.id])
            continue
        walks.append(Walk(lost, False))
        lost = []
    effects = effects_by_definition(counts_of([*walks, Walk(lost, False)]))
    return {
        (group, key): (effect * count / sum(effects.values()), effect * units / sum(effects.values()))
        for group, (count, units) in case.earned.items()
        for key, effect in effects.items()
        if effect
    }


@pytest.mark.parametrize("name", [name for name in LONG_CASES if name != "every touch of its own key"])
def test_markov_of_long_journeys_is_exact(name: str) -> None:
    assert amounts_of(LONG_CASES[name].tallied(markov)) == markov_by_rule(LONG_CASES[name])


@SOME
@given(cases())
def test_markov_is_exact_whatever_the_journeys(case: Case) -> None:
    assert amounts_of(case.tallied(markov)) == markov_by_rule(case)


def decayed(case: Case, half_life: timedelta) -> dict[tuple[int, int], Decimal]:
    """Return the conversions that decay gives to each group and touch, not rounded to units."""
    found: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for converted, journey in case.journeys:
        weights = decayed_weights([touch.touched_at for touch in journey], half_life)
        for touch, weight in zip(journey, weights, strict=True):
            cell = converted.group, case.key_of[touch.id]
            found[cell] = PRECISE.add(found[cell], weight)
    return found


def decayed_weights(times: Sequence[datetime], half_life: timedelta) -> list[Decimal]:
    """Return 2^(-age / half-life), normalised, to forty digits."""
    ages = [Decimal((times[-1] - at) // MICROSECOND) for at in times]
    lives = Decimal(half_life // MICROSECOND)
    # What is below 2^-150 does not show in forty digits, and takes seconds to compute.
    parts = [PRECISE.power(2, -PRECISE.divide(age, lives)) if age < 150 * lives else Decimal(0) for age in ages]
    *_, whole = accumulate(parts, PRECISE.add)
    return [PRECISE.divide(part, whole) for part in parts]


HALF_LIVES = (SECOND, timedelta(hours=1), DAY, 7 * DAY, 3650 * DAY)
half_lives = pytest.mark.parametrize("half_life", HALF_LIVES, ids=str)


def decayed_as_long(case: Case, half_life: timedelta) -> dict[tuple[int, int], Fraction]:
    """Return the conversions that a tally gives to each group and key."""
    counted = case.tallied(time_decay_of(half_life))
    return {cell: amounts[0] for cell, amounts in amounts_of(counted, units_of(counted)).items()}


def time_decay_of(half_life: timedelta) -> Any:
    """Return the model of a half-life."""
    return time_decay(Fraction(half_life // MICROSECOND, DAY // MICROSECOND))


def own_keys(times: Sequence[datetime], *, window: AttributionWindow | None = None) -> Case:
    """Return a visitor whose touches have a key of their own each, and one conversion after the last."""
    touches = [(at, number, ("google", "email")[number % 3 == 1], "") for number, at in enumerate(times)]
    return Case(touches, [(max(times), 0, 0)], window or AttributionWindow(3650))


DECAY_CASES = {
    "just above short": own_keys([T0 - number * timedelta(hours=7) for number in range(SHORT + 1)]),
    "uneven": own_keys([T0 - (number**3 % 1009) * timedelta(minutes=37) for number in range(400)]),
    "256 equal times": own_keys([T0] * 256),
    "300 equal times": own_keys([T0] * 300),
    "thousands of equal times": own_keys([T0] * 4096),
    "gaps of years": own_keys([T0 - number % 4 * 900 * DAY - number * SECOND for number in range(200)]),
    "two windows": own_keys(
        [T0 - number * timedelta(hours=1) for number in range(301)], window=AttributionWindow(9, {"email": 7})
    ),
}


@half_lives
@pytest.mark.parametrize("name", DECAY_CASES)
def test_decayed_weights_of_a_long_journey_are_the_rule_but_for_what_one_takes_over(
    name: str, half_life: timedelta
) -> None:
    case = DECAY_CASES[name]
    assert {len(journey) > SHORT for _, journey in case.journeys} == {True}
    found = decayed_as_long(case, half_life)
    assert sum(found.values()) == 1
    errors = [abs(found.get(cell, 0) - Fraction(weight)) for cell, weight in decayed(case, half_life).items()]
    *errors, largest = sorted(errors)
    assert errors[-1] <= Fraction(1, 10**12)
    assert largest < Fraction(len(case.touches), 10**12)


@half_lives
@long_cases
def test_totals_of_decayed_long_journeys_are_kept_whole(name: str, half_life: timedelta) -> None:
    case = LONG_CASES[name]
    counted = case.tallied(time_decay_of(half_life))
    for group, earned in case.earned.items():
        cells = counted.credited[group].values()
        assert tuple(sum(cell[index] for cell in cells) for index in (0, 1)) == tuple(
            amount * units_of(counted) for amount in earned
        )
        assert all(amount >= 0 for cell in cells for amount in cell)


@pytest.mark.parametrize("half_life", [SECOND, 7 * DAY, 3650 * DAY], ids=str)
@long_cases
def test_decayed_long_journeys_of_many_conversions_are_nearly_the_rule(name: str, half_life: timedelta) -> None:
    case = LONG_CASES[name]
    found = decayed_as_long(case, half_life)
    # Within half a unit for each touch of the key, rounded once for all conversions or once for each.
    for cell, conversions in decayed(case, half_life).items():
        assert abs(found.get(cell, 0) - Fraction(conversions)) < Fraction(10 * len(case.touches), 10**12)


@SOME
@given(cases(), st.sampled_from(HALF_LIVES))
def test_the_long_form_of_decay_is_nearly_the_rule_whatever_the_journeys(case: Case, half_life: timedelta) -> None:
    counted = counted_as_long(case, time_decay_of(half_life))
    found = {cell: amounts[0] for cell, amounts in amounts_of(counted, units_of(counted)).items()}
    for cell, conversions in decayed(case, half_life).items():
        assert abs(found.get(cell, 0) - Fraction(conversions)) < Fraction(len(case.touches), 10**12)
    assert sum(found.values()) == len(case.journeys)


def instants_in_order() -> st.SearchStrategy[list[datetime]]:
    """Draw instants that tie, follow each other closely, or lie years apart."""
    gap = st.sampled_from((timedelta(0), MICROSECOND, SECOND, DAY, 3650 * DAY)) | st.timedeltas(timedelta(0), 99 * DAY)
    return st.lists(gap, max_size=33).map(lambda gaps: list(accumulate(gaps, initial=T0 - 2000 * 365 * DAY)))


@SOME
@given(instants_in_order(), st.sampled_from((MICROSECOND, *HALF_LIVES)), st.data())
def test_sliding_decay_sums_and_spreads_as_one_walks(
    times: list[datetime], half_life: timedelta, data: st.DataObject
) -> None:
    series = SlidingDecay(times, half_life)
    edges = st.lists(st.integers(0, len(times)), min_size=1, max_size=6).map(sorted)
    slices = [pair for pair in zip(data.draw(edges), data.draw(edges), strict=False) if pair[0] < pair[1]]
    shares = [(*bounds, data.draw(st.sampled_from((1.0, 0.25, 1e-9, 1e12))), 0.5) for bounds in slices]
    totals = series.totals(slices)
    expected: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (start, stop, *amounts), total in zip(shares, totals, strict=True):
        decays = [2.0 ** -((times[stop - 1] - at) / half_life) for at in times[start:stop]]
        assert total == pytest.approx(sum(decays), rel=1e-13)
        for index, decay in enumerate(decays, start=start):
            for column, amount in enumerate(amounts):
                expected[index][column] += amount * decay
    found: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for start, *columns in series.spread(shares):
        for column, some in enumerate(columns):
            for index, share in enumerate(some, start=start):
                found[index][column] += share
    assert found.keys() == expected.keys()
    for index, amounts in found.items():
        assert amounts == pytest.approx(expected[index], rel=1e-12, abs=1e-290)


@SOME
@given(cases())
def test_a_span_holds_the_journey(case: Case) -> None:
    histories = case.histories
    spans = spans_of(histories)
    assert [span.conversion for span in spans] == case.conversions
    for span in spans:
        journey = credit.journey(case.touches, converted_at=span.conversion.at, window=case.window)
        assert [histories.touches[position] for position in span.positions] == list(journey)
        assert span.length == len(journey)
        if journey:
            winners = [
                list(weights(journey)).index(1)
                for weights in (first_touch.weights, last_touch.weights, last_non_direct.weights)
            ]
            assert [histories.touches[position] for position in (span.first, span.last, span.last_sent)] == [
                journey[winner] for winner in winners
            ]


def test_touches_at_one_instant_are_in_the_order_of_their_ids_across_windows() -> None:
    touches = [(T0, number, SOURCES[number % 3], "") for number in range(6)]
    case = Case(touches, [(T0, 0, 1)], AttributionWindow(1, {"google": 2, "email": 3}))
    [span] = spans_of(case.histories)
    assert (len(span.slices), list(span.positions)) == (3, [0, 1, 2, 3, 4, 5])
    assert (span.first, span.last) == (0, 5)


@QUICK
@given(cases())
def test_markov_of_long_journeys_is_exact_whatever_the_journeys(case: Case) -> None:
    assert amounts_of(counted_as_long(case, markov)) == markov_by_rule(case)


@pytest.mark.parametrize("name", DECAY_CASES)
def test_decayed_weights_of_a_long_journey_are_within_a_trillionth(name: str) -> None:
    case, half_life = DECAY_CASES[name], 3650 * DAY
    found = decayed_as_long(case, half_life)
    for cell, weight in decayed(case, half_life).items():
        assert abs(found.get(cell, 0) - Fraction(weight)) <= Fraction(1, 10**12), cell


@pytest.mark.parametrize("model", [linear, position_based(0, 0)], ids=lambda model: model.name)
@pytest.mark.parametrize("count", [128, 206])  # no units of journeys up to 100 divide by these
def test_equal_credit_of_a_long_journey_stays_equal(model: Any, count: int) -> None:
    touches = [(T0 + number // 2 * SECOND, number % 2, "google", "") for number in range(count)]
    touches += [(T0 - SECOND, 2, "google", ""), (T0 + DAY, 2, "google", "")] if model != linear else []
    tally = Case(touches, [(T0 + DAY, 0, 1)], AttributionWindow(2)).tallied(model)
    assert tally.credited[0][0] == tally.credited[0][1]


class EverythingToTheSecond(Linear):
    """A model that is built on another one."""

    def weights(self, journey: Sequence[credit.Touch]) -> credit.Weights:
        """Give all to the second touch."""
        return [Fraction(position == 1 or len(journey) == 1) for position in range(len(journey))]


@pytest.mark.parametrize("count", [3, SHORT + 1])
def test_a_model_built_on_a_built_in_one_is_asked_for_its_own_weights(count: int) -> None:
    case = own_keys([T0 + number * SECOND for number in range(count)])
    assert amounts_of(case.tallied(EverythingToTheSecond())).keys() == {(0, 1)}


def test_a_span_tells_touches_of_several_windows_from_the_newest_on() -> None:
    touches = [(T0, number, SOURCES[number % 3], "") for number in range(6)]
    [span] = spans_of(Case(touches, [(T0, 0, 1)], AttributionWindow(1, {"google": 2, "email": 3})).histories)
    assert list(span.newest_first) == [5, 4, 3, 2, 1, 0]


@SOME
@given(cases())
def test_a_span_tells_its_touches_from_the_newest_on(case: Case) -> None:
    for span in spans_of(case.histories):
        assert list(span.newest_first) == list(span.positions)[::-1]


def side_by_side(*cases: Case) -> Histories:
    """Read several visitors as a report does: together."""
    found = Histories()
    for case in cases:
        own, begin = case.histories, len(found.times)
        visitor = begin, begin + len(own.times)
        found.visitors.append(visitor)
        found.conversions += [replace(conversion, visitor=visitor) for conversion in own.conversions]
        for name in ("times", "keys", "days", "are_direct", "touches"):
            getattr(found, name).extend(getattr(own, name))
    return found


def told_apart(cases: Sequence[Case], model: Any, *, together: bool) -> Amounts:
    """Count some visitors together, or one after the other."""
    tally = tally_of(model)
    for histories in [side_by_side(*cases)] if together else [case.histories for case in cases]:
        tally.add(histories, [span for span in spans_of(histories) if span.length])
    tally.finish()
    return amounts_of(tally)


EVERY_MODEL = (*EXACT_MODELS, time_decay(), participation, markov, Rising())
every_model = pytest.mark.parametrize("model", EVERY_MODEL, ids=lambda model: model.name)


@every_model
@pytest.mark.parametrize("name", ["one window", "three windows", "just above short"])
def test_long_journeys_of_visitors_that_are_read_together_are_told_apart(model: Any, name: str) -> None:
    case = LONG_CASES[name]
    some = [case, long_case(7, window=case.window), long_case(160, window=case.window), case]
    assert told_apart(some, model, together=True) == told_apart(some, model, together=False)


@QUICK
@given(st.sampled_from(EVERY_MODEL), st.lists(cases(), min_size=2, max_size=3))
def test_visitors_that_are_read_together_are_told_apart(model: Any, some: list[Case]) -> None:
    assert told_apart(some, model, together=True) == told_apart(some, model, together=False)
    with every_journey_long():
        assert told_apart(some, model, together=True) == told_apart(some, model, together=False)
