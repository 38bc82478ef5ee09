"""Credits: which touches earned a conversion, with what weight and which part of its value.

Credits are computed from the journey that ``with_attribution()`` fetched, by the rules themselves (``credit``), when
they are first read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING
from uuid import UUID

from django_attribution import credit, money
from django_attribution.attribution_models import SingleTouchModel, checked_weights
from django_attribution.dimensions import TOUCH_DIMENSIONS
from django_attribution.shares import largest_remainder

if TYPE_CHECKING:
    from django_attribution.credited import Question
    from django_attribution.models import Conversion, Touchpoint

WEIGHT_DIGITS = 6  # of weights and credited conversions where they are written as decimals


@dataclass(frozen=True, slots=True)
class Credit:
    """The part of one conversion that a model gives to one touch."""

    touchpoint: Touchpoint
    weight: Fraction  # above 0; those of a conversion sum to exactly 1
    rounded_weight: Decimal  # six digits, placed so that they sum to exactly 1 too
    value: Decimal | None  # the part of the conversion's value; the parts sum to it exactly
    currency: str  # of the value; empty without one
    age: timedelta  # from the touch to the conversion
    window_days: int  # the look-back window that applied

    @property
    def touchpoint_uuid(self) -> UUID:
        """The touch's public name."""
        return self.touchpoint.uuid

    @property
    def touched_at(self) -> datetime:
        """When the visitor arrived."""
        return self.touchpoint.created_at

    @property
    def dimensions(self) -> dict[str, str]:
        """What reports would group this credit by: channel, source, medium, campaign, ..., ``(not set)`` for none."""
        return dimensions_of(self.touchpoint)


def credits_of(conversion: Conversion, touches: Sequence[Touchpoint], question: Question) -> list[Credit]:
    """Return who earned a conversion, in the order of the journey; ``touches`` are those that may have."""
    earned = earned_by(conversion, touches, question)
    weights = [weight for _, weight in earned]
    keys = [(touch.channel, touch.source, touch.medium, touch.utm_campaign) for touch, _ in earned]
    values = _values(conversion, weights, keys)
    parts = largest_remainder(10**WEIGHT_DIGITS if weights else 0, weights, keys=keys)
    return [
        Credit(
            touchpoint=touch,
            weight=weight,
            rounded_weight=rounded(units),
            value=value,
            currency=conversion.currency if value is not None else "",
            age=conversion.created_at - touch.created_at,
            window_days=question.window.days_for(touch.source),
        )
        for (touch, weight), units, value in zip(earned, parts, values, strict=True)
    ]


def earned_by(
    conversion: Conversion, touches: Sequence[Touchpoint], question: Question
) -> list[tuple[Touchpoint, Fraction]]:
    """Return the touches that earned a conversion with their weights, in the order of the journey."""
    if isinstance(question.model, SingleTouchModel):
        return [(touch, Fraction(1)) for touch in touches]
    by_id = {touch.pk: touch for touch in touches}
    journey = credit.journey(
        (as_rules_see(touch) for touch in touches),
        converted_at=conversion.created_at,
        window=question.window,
        exclude_direct=question.exclude_direct,
    )
    weights = zip(journey, checked_weights(question.model, journey), strict=True)
    return [(by_id[touch.id], weight) for touch, weight in weights if weight]


def dimensions_of(touch: Touchpoint, names: Iterable[str] = TOUCH_DIMENSIONS) -> dict[str, str]:
    """Return what reports group the credit of a touch by, all of it or some; ``(not set)`` for none."""
    return {name: TOUCH_DIMENSIONS[name].of(getattr(touch, TOUCH_DIMENSIONS[name].column)) for name in names}


def rounded(units: int) -> Decimal:
    """Return a weight or credited conversions, given in millionths, with six digits."""
    return Decimal(f"{units}E-{WEIGHT_DIGITS}")


def as_rules_see(touch: Touchpoint) -> credit.Touch:
    """Return a stored touch in the form that the rules of credit know."""
    return credit.Touch(
        id=touch.pk,
        touched_at=touch.created_at,
        source=touch.source,
        medium=touch.medium,
        campaign=touch.utm_campaign,
        channel=touch.channel,
    )


def _values(
    conversion: Conversion, weights: Sequence[Fraction], keys: Sequence[tuple[str, ...]]
) -> Sequence[Decimal | None]:
    """Share a conversion's value, to the last minor unit of its currency."""
    if conversion.value is None or not weights:
        return [None] * len(weights)
    whole = money.quantize(conversion.value, currency=conversion.currency)
    return money.split(whole, weights, keys=keys)
