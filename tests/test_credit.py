"""The rules of credit, by the published check cases and for any journey."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from django_attribution import money
from django_attribution.attribution_models import first_touch, last_touch
from django_attribution.credit import (
    Journey,
    Touch,
    Weights,
    first_touch_weights,
    journey,
    last_non_direct_weights,
    last_touch_weights,
    linear_weights,
    position_based_weights,
    time_decay_weights,
)
from django_attribution.shares import largest_remainder
from django_attribution.windows import AttributionWindow
from tests.strategies import MICROSECOND, QUICK, spelled_sources

T0 = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def decay(half_life: timedelta) -> Callable[[Sequence[Touch]], Weights]:
    """Return the rule of a half-life."""
    return partial(time_decay_weights, half_life=half_life)


def by_position(first: str, last: str) -> Callable[[Sequence[Touch]], Weights]:
    """Return the rule that gives the ends what is said."""
    return partial(position_based_weights, first=Fraction(first), last=Fraction(last))


RULES = (
    first_touch_weights, last_touch_weights, last_non_direct_weights, linear_weights,
    decay(DAY), decay(timedelta(seconds=1)), decay(3650 * DAY),
    by_position("0.4", "0.4"), by_position("0.2", "0.6"), by_position("0", "1"), by_position("0", "0"),
)  # fmt: skip


def touches(count: int) -> list[Touch]:
    """Return touches of one visitor, a day apart."""
    return [Touch(number, T0 + number * DAY, "google") for number in range(count)]


def percent(*parts: int) -> list[Fraction]:
    """Return weights that are written in percent."""
    return [Fraction(part, 100) for part in parts]


@pytest.mark.parametrize(
    ("rule", "count", "weights"),
    [
        (first_touch_weights, 0, []),
        (last_touch_weights, 0, []),
        (first_touch_weights, 1, [1]),
        (last_touch_weights, 1, [1]),
        (first_touch_weights, 2, [1, 0]),
        (last_touch_weights, 2, [0, 1]),
        (first_touch_weights, 6, [1, 0, 0, 0, 0, 0]),
        (last_touch_weights, 6, [0, 0, 0, 0, 0, 1]),
        (linear_weights, 0, []),
        (linear_weights, 1, [1]),
        (linear_weights, 2, percent(50, 50)),
        (decay(DAY), 0, []),
        (decay(DAY), 1, [1]),
        (by_position("0.4", "0.4"), 0, []),
        (by_position("0.4", "0.4"), 1, [1]),
        (by_position("0.4", "0.4"), 2, percent(50, 50)),
        (by_position("0.2", "0.6"), 2, percent(25, 75)),
        (by_position("0.6", "0.2"), 2, percent(75, 25)),
        (by_position("0.4", "0.4"), 3, percent(40, 20, 40)),
        (by_position("0.4", "0.4"), 6, percent(40, 5, 5, 5, 5, 40)),
        (by_position("0.2", "0.6"), 6, percent(20, 5, 5, 5, 5, 60)),
        (by_position("0.6", "0.2"), 6, percent(60, 5, 5, 5, 5, 20)),
    ],
)
def test_the_published_check_cases_hold(
    rule: Callable[[Sequence[Touch]], Weights], count: int, weights: list[Fraction]
) -> None:
    assert rule(touches(count)) == weights


@QUICK
@given(st.integers(1, 60), st.sampled_from(RULES))
def test_weights_are_exact_and_sum_to_one(count: int, rule: Callable[[Sequence[Touch]], Weights]) -> None:
    weights = rule(touches(count))
    assert len(weights) == count
    assert sum(weights) == 1
    assert all(isinstance(weight, Fraction) and weight >= 0 for weight in weights)


def test_the_models_are_defined_by_these_rules() -> None:
    assert (first_touch.name, first_touch.weights) == ("first_touch", first_touch_weights)
    assert (last_touch.name, last_touch.weights) == ("last_touch", last_touch_weights)


@QUICK
@given(
    st.lists(
        st.builds(
            lambda days, beside: T0 + days * DAY + beside * MICROSECOND,
            st.sampled_from((-8, -7, -3, 0, 1)),
            st.sampled_from((-1, 0, 1)),
        ),
        max_size=12,
    ),
    st.lists(spelled_sources(), min_size=12, max_size=12),
    st.randoms(use_true_random=False),
)
def test_a_journey_is_what_the_window_covers_by_time_and_id_however_it_was_given(
    times: list[datetime], sources: list[str], random: Random
) -> None:
    given_touches = [Touch(number, at, source) for number, (at, source) in enumerate(zip(times, sources, strict=False))]
    window = AttributionWindow(7, {"google": 3, "email": 0})
    own_days = {"google": 3, "email": 0}
    expected = sorted(
        (touch.touched_at, touch.id)
        for touch in given_touches
        if (length := own_days.get(touch.source.strip().lower(), 7))
        and timedelta(0) <= T0 - touch.touched_at <= length * DAY
    )
    random.shuffle(given_touches)
    found = journey(given_touches, converted_at=T0, window=window)
    assert [(touch.touched_at, touch.id) for touch in found] == expected


def test_nothing_is_collapsed() -> None:
    twice = [Touch(1, T0, "google"), Touch(2, T0, "google")]
    assert journey(twice, converted_at=T0, window=AttributionWindow()).touches == tuple(twice)


def test_credit_halves_with_every_half_life() -> None:
    weights = time_decay_weights(touches(3), half_life=DAY)
    assert [round(float(weight), 12) for weight in weights] == [0.142857142857, 0.285714285714, 0.571428571429]
    assert sum(weights) == 1


def test_a_very_old_journey_keeps_its_proportions() -> None:
    old = [Touch(number, T0 - 4000 * DAY + number * DAY, "google") for number in range(3)]
    assert time_decay_weights(old, half_life=DAY) == time_decay_weights(touches(3), half_life=DAY)


def direct_at(*positions: int, of: int) -> list[Touch]:
    """Return a journey in which the touches at some positions are direct."""
    return [
        Touch(number, T0 + number * DAY, "x", channel="Direct" if number in positions else "") for number in range(of)
    ]


@pytest.mark.parametrize(
    ("direct", "winner"), [((), 2), ((2,), 1), ((1, 2), 0), ((0, 1), 2), ((0, 1, 2), 2)]
)  # fmt: skip
def test_the_last_touch_that_is_not_direct_earns_it_or_the_last_of_all(direct: tuple[int, ...], winner: int) -> None:
    assert list(last_non_direct_weights(direct_at(*direct, of=3))).index(Fraction(1)) == winner


def test_excluded_direct_touches_leave_their_credit_to_the_others() -> None:
    visit = direct_at(1, of=2)
    window = AttributionWindow()
    both = journey(visit, converted_at=T0 + 2 * DAY, window=window)
    others = journey(visit, converted_at=T0 + 2 * DAY, window=window, exclude_direct=True)
    assert list(linear_weights(both)) == percent(50, 50)
    assert (others, list(linear_weights(others))) == (Journey((visit[0],), T0 + 2 * DAY), percent(100))


@pytest.mark.parametrize(
    ("cents", "weights", "keys", "parts"),
    [
        (14000, percent(1, 1, 1), ["Direct", "Organic", "Direct"], [4667, 4666, 4667]),
        (14000, percent(40, 20, 40), None, [5600, 2800, 5600]),
        (6650, percent(50, 50), None, [3325, 3325]),
        (14000, percent(1, 1, 1), None, [4667, 4667, 4666]),
        (1, percent(1, 1), ["b", "a"], [0, 1]),
        (0, percent(0, 0), None, [0, 0]),
        (0, [], None, []),
    ],
)
def test_odd_cents_go_to_the_largest_remainder_and_ties_by_key(
    cents: int, weights: list[Fraction], keys: list[str] | None, parts: list[int]
) -> None:
    assert largest_remainder(cents, weights, keys=keys) == parts


@pytest.mark.parametrize("weight", [Fraction(1), Fraction(1, 3), 7])
@pytest.mark.parametrize("amount", ["19.90", "0.00", "1500", "0.0001", "1E+3", "9" * 15])
def test_who_is_alone_gets_all_whatever_the_weight(amount: str, weight: Fraction | int) -> None:
    assert largest_remainder(7, [weight]) == [7]
    assert [str(part) for part in money.split(Decimal(amount), [weight])] == [amount]


def test_cents_that_nobody_has_a_weight_for_are_an_error() -> None:
    with pytest.raises(ValueError, match="every weight is zero"):
        largest_remainder(1, percent(0, 0))
    with pytest.raises(ValueError, match="every weight is zero"):
        largest_remainder(1, percent(0))


@QUICK
@given(st.integers(0, 10**12), st.lists(st.fractions(0, 1, max_denominator=1000), min_size=1, max_size=20))
def test_parts_sum_to_the_whole_and_are_rounded_down_or_up(units: int, weights: list[Fraction]) -> None:
    assume(sum(weights) > 0)
    parts = largest_remainder(units, weights)
    assert sum(parts) == units
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - units * weight / sum(weights)) < 1
