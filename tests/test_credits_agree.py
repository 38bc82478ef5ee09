"""Whatever was stored and asked, credits are what the rules give, seen over all touches of a visitor."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given

from django_attribution import credit
from django_attribution.attribution_models import (
    AttributionModel,
    SingleTouchModel,
    first_touch,
    last_non_direct,
    last_touch,
    linear,
    position_based,
    time_decay,
)
from django_attribution.models import Conversion, Identity, Touchpoint
from tests.own_models import ByAge
from tests.strategies import MICROSECOND, MINOR_DIGITS, QUICK_WITH_DATABASE, Question, questions

Rule = Callable[[credit.Journey], Sequence[Fraction]]
RULES: tuple[tuple[AttributionModel, Rule], ...] = (
    (first_touch, credit.first_touch_weights),
    (last_touch, credit.last_touch_weights),
    (last_non_direct, credit.last_non_direct_weights),
    (linear, credit.linear_weights),
    (time_decay(), partial(credit.time_decay_weights, half_life=7 * 86_400_000_000 * MICROSECOND)),
    (time_decay("1e-9"), partial(credit.time_decay_weights, half_life=86 * MICROSECOND)),
    (position_based(), partial(credit.position_based_weights, first=Fraction(2, 5), last=Fraction(2, 5))),
    (position_based(0.5, 0.5), partial(credit.position_based_weights, first=Fraction(1, 2), last=Fraction(1, 2))),
    (ByAge(), ByAge().weights),
)


@contextmanager
def undone() -> Iterator[None]:
    """Take back what one example stored."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def store(question: Question) -> dict[int, tuple[list[credit.Touch], datetime, Decimal | None, str]]:
    """Store the histories of a question; return by conversion all touches of its visitor, its time, value and currency.

    The touches are worded by the facts, not by what the columns derive from them.
    """
    known = {}
    for history in question.histories:
        identity = Identity.objects.create()
        touches = Touchpoint.objects.bulk_create(
            Touchpoint(
                identity=identity,
                created_at=facts.touched_at,
                utm_source=facts.utm_source,
                utm_medium=facts.utm_medium,
                click_ids=facts.click_ids,
            )
            for facts in history.touches
        )
        seen = [
            credit.Touch(touch.pk, facts.touched_at, facts.source, channel="Direct" if facts.is_direct else "other")
            for touch, facts in zip(touches, history.touches, strict=True)
        ]
        for conversion in Conversion.objects.bulk_create(
            Conversion(identity=identity, event="purchase", created_at=at, value=amount.value, currency=amount.currency)
            for at, amount in zip(history.conversions, history.amounts, strict=True)
        ):
            known[conversion.pk] = seen, conversion.created_at, conversion.value, conversion.currency
    nobodys = Conversion.objects.create(event="purchase", created_at=history.conversions[0])
    known[nobodys.pk] = [], nobodys.created_at, None, ""
    return known


def assert_credits_agree_with_the_rules(question: Question) -> None:
    """Store the histories of a question, and compare what each model gives with what its rule gives."""
    known = store(question)
    for model, rule in RULES:
        asked = Conversion.objects.with_attribution(
            model,
            window_days=question.window_days,
            source_windows=question.source_windows,
            exclude_direct=question.exclude_direct,
        )
        rows = {row.pk: row for row in asked}
        assert rows.keys() == known.keys()
        for pk, (touches, converted_at, value, currency) in known.items():
            journey = credit.journey(
                touches,
                converted_at=converted_at,
                window=question.window,
                exclude_direct=question.exclude_direct,
            )
            expected = {
                touch.id: (weight, converted_at - touch.touched_at, question.window.days_for(touch.source))
                for touch, weight in zip(journey, rule(journey) if journey else [], strict=True)
                if weight
            }
            credits = rows[pk].attribution_credits
            given_ = {row.touchpoint.pk: (row.weight, row.age, row.window_days) for row in credits}
            assert (list(given_), given_) == (list(expected), expected), model.name
            assert_parts_are_whole(credits, value=value, currency=currency)
            if isinstance(model, SingleTouchModel):
                assert rows[pk].credited_touchpoint_id == next(iter(expected), None), model.name


def assert_parts_are_whole(credits: Sequence[Any], *, value: Decimal | None, currency: str) -> None:
    """Check that weights and values sum exactly, and that each is its share, rounded to one unit down or up."""
    if not credits:
        return
    assert sum(row.weight for row in credits) == 1
    assert sum(row.rounded_weight for row in credits) == 1
    for row in credits:
        assert row.rounded_weight.as_tuple().exponent == -6
        assert abs(Fraction(row.rounded_weight) - row.weight) < Fraction(1, 10**6)
    if value is None:
        assert {(row.value, row.currency) for row in credits} == {(None, "")}
        return
    digits = MINOR_DIGITS[currency]
    assert sum(Fraction(row.value) for row in credits) == Fraction(value)
    for row in credits:
        assert (row.value.as_tuple().exponent, row.currency) == (-digits, currency)
        assert abs(Fraction(row.value) - row.weight * Fraction(value)) < Fraction(1, 10**digits)


@pytest.mark.django_db
def test_credits_agree_with_the_rules() -> None:
    @QUICK_WITH_DATABASE
    @given(questions())
    def agree(question: Question) -> None:
        with undone():
            assert_credits_agree_with_the_rules(question)

    agree()
