"""Rows of which some credit is kept: SQL narrows them down, and what it cannot tell is looked at.

Knows nothing of pages; looks on, a bounded number of rows at a time, for as long as more are wanted and the request
has not used up what it may look at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress, islice
from typing import Any

from django_attribution.credit_filter import CreditFilter
from django_attribution.credits import Credit
from django_attribution.looks import LookBudget, TooMuchToLookAt
from django_attribution.models import Conversion
from django_attribution.querysets import ConversionQuerySet
from graphql_api.errors import ApiError, ErrorCode
from graphql_api.inputs import conversion_order
from graphql_api.keyset import Order

ROWS_PER_STEP = 500
MAX_LOOKED_AT = 3_000  # conversions, and touches of their journeys, in one request


@dataclass(frozen=True, slots=True)
class CreditedRow:
    """A conversion, and which credit of it to show."""

    conversion: Conversion
    credited_to: CreditFilter

    @property
    def credits(self) -> list[Credit]:
        """The credit that is kept."""
        credits = self.conversion.attribution_credits
        if not self.credited_to.dimensions:
            return credits
        return [credit for credit in credits if self.credited_to.keeps(credit.dimensions)]


def first_kept(
    rows: ConversionQuerySet,
    credited_to: CreditFilter,
    *,
    order: Order,
    is_reversed: bool,
    number: int,
    budget: LookBudget,
) -> list[CreditedRow]:
    """Return the first so many ordered rows of which credit is kept."""
    if rows.tells_exactly:
        found = rows[:number]
    else:
        kept = _kept(rows, credited_to, order=order, is_reversed=is_reversed, first_step=number, budget=budget)
        found = rows.filter(pk__in=list(islice(kept, number)))
    return [CreditedRow(row, credited_to) for row in found]


def count_kept(rows: ConversionQuerySet, credited_to: CreditFilter, *, budget: LookBudget) -> int:
    """Return the number of rows of which credit is kept."""
    if rows.tells_exactly:
        return rows.count()
    newest_first = conversion_order([])  # what an index answers, whatever the order of the page
    kept = _kept(
        newest_first.sort(rows),
        credited_to,
        order=newest_first,
        is_reversed=False,
        first_step=ROWS_PER_STEP,
        budget=budget,
    )
    return sum(1 for _ in kept)


def _kept(
    rows: ConversionQuerySet,
    credited_to: CreditFilter,
    *,
    order: Order,
    is_reversed: bool,
    first_step: int,
    budget: LookBudget,
) -> Iterator[int]:
    """Yield the primary keys of the rows of which credit is kept, in order."""
    columns = dict.fromkeys(["pk", "identity_id", "created_at", *(column.name for column in order.columns)])
    rest, step = rows, first_step
    while True:
        try:
            some: list[Any] = budget.read(rest.prefetch_related(None).values_list(*columns, named=True)[:step])
            are_kept = rows.are_kept(some, credited_to, budget=budget)
        except TooMuchToLookAt:
            raise ApiError(
                f"More than {MAX_LOOKED_AT:,} conversions and touches have to be looked at one by one to find "
                "those that creditedTo keeps. Narrow `where` or the windows, ask for less at once, or keep credit by "
                "channel, source, medium or campaign under a model that gives credit to every touch, or to one.",
                code=ErrorCode.QUERY_TOO_COMPLEX,
            ) from None
        yield from compress((row.pk for row in some), are_kept)
        if len(some) < step:
            return
        rest, step = order.beyond(rows, order.place(some[-1]), is_reversed=is_reversed), ROWS_PER_STEP
