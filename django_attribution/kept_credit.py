"""``CreditFilter`` said in SQL, as far as it can be: which conversions may have credit that is kept."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.db.models import Exists, Q

from django_attribution.attribution_models import Linear, SingleTouchModel
from django_attribution.credit_filter import CreditFilter, CreditKind
from django_attribution.credited import CreditedTouchpoint, Question
from django_attribution.dimensions import TOUCH_DIMENSIONS
from django_attribution.lookback import earns_credit
from django_attribution.tracking import NOT_SET


def may_be_kept(credit_filter: CreditFilter, question: Question) -> Q:
    """Return the condition on conversions that were asked a question; it holds for every one that is kept."""
    touches = apps.get_model("django_attribution", "Touchpoint").objects.order_by()
    if isinstance(question.model, SingleTouchModel):
        is_unattributed = Q(**{f"{CreditedTouchpoint.annotation}__isnull": True})
        matching = touches.filter(_matches(credit_filter)).values("pk")
        is_matched = Q(**{f"{CreditedTouchpoint.annotation}__in": matching})
    else:
        journey = touches.filter(earns_credit(question.window, exclude_direct=question.exclude_direct))
        is_unattributed = ~Q(Exists(journey))
        is_matched = Q(Exists(journey.filter(_matches(credit_filter))))
    if credit_filter.kind is CreditKind.UNATTRIBUTED:
        return is_unattributed if credit_filter.keeps_unattributed else Q(pk__in=())
    return is_matched if credit_filter.dimensions else ~is_unattributed


def is_exact(credit_filter: CreditFilter, question: Question) -> bool:
    """Tell whether that condition holds for no other conversion.

    A part of a URL is found anywhere in it; and a touch of the journey may have a weight of zero.
    """
    if any(TOUCH_DIMENSIONS[name].is_derived for name in credit_filter.dimensions):
        return False
    # Without dimensions only the whole counts: weights sum to 1, or there are none.
    return not credit_filter.dimensions or isinstance(question.model, SingleTouchModel | Linear)


def _matches(credit_filter: CreditFilter) -> Q:
    condition = Q()
    for name in credit_filter.dimensions:
        condition &= _has_any(name, getattr(credit_filter, name))
    return condition


def _has_any(name: str, values: Iterable[str]) -> Q:
    column = TOUCH_DIMENSIONS[name].column
    if not TOUCH_DIMENSIONS[name].is_derived:
        # What is empty is called (not set), and nothing is called by the empty text.
        return Q(**{f"{column}__in": [*filter(None, values), *([""] if NOT_SET in values else [])]})
    if NOT_SET in values:
        return Q()
    # These are parts of what is stored: wherever the part stands, Python looks again.
    parts = Q(pk__in=())
    for value in values:
        parts |= Q(**{f"{column}__icontains": value})
    return parts
