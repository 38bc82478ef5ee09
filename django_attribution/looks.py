"""Looking at conversions whose credit SQL cannot tell: by the rules themselves, and paid for row by row.

Reads few columns of few rows, never more than the budget has left. Knows nothing of who asks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

from django.apps import apps
from django.db.models import QuerySet

from django_attribution import credit
from django_attribution.attribution_models import checked_weights
from django_attribution.credit_filter import CreditFilter
from django_attribution.credited import Question
from django_attribution.dimensions import TOUCH_DIMENSIONS
from django_attribution.exceptions import AttributionError
from django_attribution.windows import days_before

_OF_RULES = ("id", "created_at", "source", "medium", "utm_campaign", "channel")  # in the order of credit.Touch


class TooMuchToLookAt(AttributionError):
    """More has to be looked at than the budget allows."""


class Converted(Protocol):
    """What is known of a conversion that is looked at."""

    identity_id: int | None
    created_at: datetime


class LookBudget:
    """How many conversions and touches may still be looked at. A long journey costs what it takes, not one row."""

    def __init__(self, allowed: int) -> None:
        self._left = allowed

    def read(self, rows: QuerySet[Any, Any]) -> list[Any]:
        """Read and pay for rows, at most one more than can be paid for; raise ``TooMuchToLookAt`` then."""
        found = list(rows[: self._left + 1])
        self.spend(len(found))
        return found

    def spend(self, count: int) -> None:
        """Pay for so many rows; raise ``TooMuchToLookAt`` for too many."""
        if count > self._left:
            self._left = 0  # for nothing else in the same request either
            raise TooMuchToLookAt
        self._left -= count


def are_kept(
    rows: Sequence[Converted], credit_filter: CreditFilter, question: Question, *, budget: LookBudget, using: str
) -> list[bool]:
    """Tell of each conversion whether any credit of it is kept; of one that nobody earned, whether that is."""
    if not rows:
        return []
    names = credit_filter.dimensions
    dates = [row.created_at for row in rows]
    touches = apps.get_model("django_attribution", "Touchpoint").objects.using(using)
    found = budget.read(
        touches.filter(
            identity__in={row.identity_id for row in rows if row.identity_id is not None},
            created_at__gte=days_before(min(dates), question.window.longest_days),
            created_at__lte=max(dates),
        )
        .order_by("identity", "created_at", "id")
        .values_list("identity_id", *_OF_RULES, *(TOUCH_DIMENSIONS[name].column for name in names))
    )
    journeys = {visitor: list(some) for visitor, some in groupby(found, key=itemgetter(0))}
    return [_is_kept(row, journeys.get(row.identity_id, ()), credit_filter, question, budget=budget) for row in rows]


def _is_kept(
    row: Converted,
    touches: Sequence[tuple[Any, ...]],
    credit_filter: CreditFilter,
    question: Question,
    *,
    budget: LookBudget,
) -> bool:
    start = bisect_left(touches, days_before(row.created_at, question.window.longest_days), key=itemgetter(2))
    covered = touches[start : bisect_right(touches, row.created_at, key=itemgetter(2))]
    budget.spend(len(covered))  # again for each conversion: the rules go through all of them
    rules_end = 1 + len(_OF_RULES)
    journey = credit.journey(
        (credit.Touch(*touch[1:rules_end]) for touch in covered),
        converted_at=row.created_at,
        window=question.window,
        exclude_direct=question.exclude_direct,
    )
    if not journey:
        return credit_filter.keeps_unattributed
    stored = {touch[1]: touch[rules_end:] for touch in covered}
    names = credit_filter.dimensions
    matching = [
        credit_filter.keeps(
            {name: TOUCH_DIMENSIONS[name].of(said) for name, said in zip(names, stored[touch.id], strict=True)}
        )
        for touch in journey
    ]
    if all(matching) or not any(matching):  # the weights sum to 1, whatever they are
        return matching[0]
    return any(
        is_matching and weight
        for is_matching, weight in zip(matching, checked_weights(question.model, journey), strict=True)
    )
