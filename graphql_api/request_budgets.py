"""The budgets that all fields of a request share, kept on the request: what may be looked at, and what answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.http import HttpRequest

from django_attribution.looks import LookBudget
from graphql_api import answer_budget, credited_rows
from graphql_api.answer_budget import AnswerBudget

_NAME = "_attribution_budgets"


@dataclass(frozen=True, slots=True)
class RequestBudgets:
    """How much is left of both."""

    looks: LookBudget = field(default_factory=lambda: LookBudget(credited_rows.MAX_LOOKED_AT))
    answers: AnswerBudget = field(default_factory=lambda: AnswerBudget(answer_budget.MAX_ANSWERED))


def budgets_of(request: HttpRequest) -> RequestBudgets:
    """Return the budgets of a request, whole ones for the first field that asks."""
    budgets: RequestBudgets | None = getattr(request, _NAME, None)
    if budgets is None:
        budgets = RequestBudgets()
        setattr(request, _NAME, budgets)
    return budgets
