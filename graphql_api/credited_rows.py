"""Rows of which some credit is kept: SQL narrows them down, and each is then looked at.

Knows nothing of pages; reads on, a bounded number of rows at a time, for as long as more are wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django_attribution.credit_filter import CreditFilter
from django_attribution.credits import Credit
from django_attribution.models import Conversion
from django_attribution.querysets import ConversionQuerySet
from graphql_api.inputs import conversion_order
from graphql_api.keyset import Order

ROWS_PER_STEP = 500


@dataclass(frozen=True, slots=True)
class CreditedRow:
    """A conversion, and the credit of it that is kept where not all is."""

    conversion: Conversion
    kept: list[Credit] | None = None

    @property
    def credits(self) -> list[Credit]:
        """The credit to show; what was not looked at is computed now."""
        return self.conversion.attribution_credits if self.kept is None else self.kept


def first_kept(
    rows: ConversionQuerySet, credited_to: CreditFilter, *, order: Order, is_reversed: bool, number: int
) -> list[CreditedRow]:
    """Return the first so many ordered rows of which credit is kept, each with that credit alone."""
    if _is_told_by_sql(credited_to):
        return [CreditedRow(row) for row in rows[:number]]
    return list(islice(_kept(rows, credited_to, order=order, is_reversed=is_reversed, first_step=number), number))


def count_kept(rows: ConversionQuerySet, credited_to: CreditFilter) -> int:
    """Return the number of rows of which credit is kept."""
    if _is_told_by_sql(credited_to):
        return rows.count()
    newest_first = conversion_order([])  # what an index answers, whatever the order of the page
    kept = _kept(newest_first.sort(rows), credited_to, order=newest_first, is_reversed=False, first_step=ROWS_PER_STEP)
    return sum(1 for _ in kept)


def _is_told_by_sql(credited_to: CreditFilter) -> bool:
    """Tell whether no row need be looked at: weights sum to 1, so a journey is credited whole, or there is none."""
    return not credited_to.dimensions


def _kept(
    rows: ConversionQuerySet, credited_to: CreditFilter, *, order: Order, is_reversed: bool, first_step: int
) -> Iterator[CreditedRow]:
    rest, step = rows, first_step
    while True:
        some = list(rest[:step])
        yield from filter(None, (_looked_at(row, credited_to) for row in some))
        if len(some) < step:
            return
        rest, step = order.beyond(rows, order.place(some[-1]), is_reversed=is_reversed), ROWS_PER_STEP


def _looked_at(row: Conversion, credited_to: CreditFilter) -> CreditedRow | None:
    """Return a row with the credit that is kept; None for one that is not, or that nobody earned."""
    kept = [credit for credit in row.attribution_credits if credited_to.keeps(credit.dimensions)]
    return CreditedRow(row, kept) if kept else None
