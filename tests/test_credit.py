"""The rules of credit, by the published check cases and for any journey."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_attribution.attribution_models import first_touch, last_touch
from django_attribution.credit import Touch, Weights, first_touch_weights, journey, last_touch_weights
from django_attribution.windows import AttributionWindow
from tests.strategies import MICROSECOND, QUICK, spelled_sources

T0 = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
RULES = (first_touch_weights, last_touch_weights)


def touches(count: int) -> list[Touch]:
    """Return touches of one visitor, a day apart."""
    return [Touch(number, T0 + number * DAY, "google") for number in range(count)]


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
    ],
)
def test_the_published_check_cases_hold(
    rule: Callable[[Sequence[Touch]], Weights], count: int, weights: list[int]
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
    assert journey(twice, converted_at=T0, window=AttributionWindow()) == twice
