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
from graphql_api.errors import ApiError, ErrorCode
from graphql_api.inputs import conversion_order
from graphql_api.keyset import Order

ROWS_PER_STEP = 500
MAX_LOOKED_AT = 20_000  # rows in one answer


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
    rows: ConversionQuerySet, credited_to: CreditFilter, *, order: Order, is_reversed: bool, number: int
) -> list[CreditedRow]:
    """Return the first so many ordered rows of which credit is kept."""
    if credited_to.keeps_all or rows.tells_exactly(credited_to):
        found = list(rows[:number])
    else:
        kept = _kept(rows, credited_to, order=order, is_reversed=is_reversed, first_step=number)
        found = list(islice(kept, number))
    return [CreditedRow(row, credited_to) for row in found]


def count_kept(rows: ConversionQuerySet, credited_to: CreditFilter) -> int:
    """Return the number of rows of which credit is kept."""
    if credited_to.keeps_all or rows.tells_exactly(credited_to):
        return rows.count()
    newest_first = conversion_order([])  # what an index answers, whatever the order of the page
    kept = _kept(newest_first.sort(rows), credited_to, order=newest_first, is_reversed=False, first_step=ROWS_PER_STEP)
    return sum(1 for _ in kept)


def _kept(
    rows: ConversionQuerySet, credited_to: CreditFilter, *, order: Order, is_reversed: bool, first_step: int
) -> Iterator[Conversion]:
    rest, step, seen = rows, first_step, 0
    while True:
        some = list(rest[:step])
        yield from (row for row in some if row.has_kept_credit(credited_to))
        seen += len(some)
        if len(some) < step:
            return
        if seen > MAX_LOOKED_AT:
            raise ApiError(
                f"More than {MAX_LOOKED_AT:,} conversions have to be looked at one by one to find those that "
                "creditedTo keeps. Narrow `where`, or keep credit by channel, source, medium or campaign under a "
                "model that credits every touch the same, or one.",
                code=ErrorCode.QUERY_TOO_COMPLEX,
            )
        rest, step = order.beyond(rows, order.place(some[-1]), is_reversed=is_reversed), ROWS_PER_STEP
