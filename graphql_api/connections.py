"""Pages of attributed conversions: a keyset connection with the credit on its edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, cast

import strawberry
from strawberry import relay

from django_attribution.credit_filter import CreditFilter
from django_attribution.looks import LookBudget
from django_attribution.querysets import ConversionQuerySet
from graphql_api.credit_types import AttributionCredit
from graphql_api.credited_rows import CreditedRow, count_kept, first_kept
from graphql_api.errors import BadUserInput
from graphql_api.keyset import Order
from graphql_api.page_contents import PageContents
from graphql_api.types import ConversionType

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


@strawberry.type(description="A conversion in a page, with the credit that the query's model gives.")
class AttributedConversionEdge:
    """Credit depends on the query, so it sits here and not on the node, which clients cache."""

    row: strawberry.Private[CreditedRow]
    cursor: str = strawberry.field(description="Where this conversion stands in the order; for `after` and `before`.")
    node: ConversionType = strawberry.field(description="The conversion.")

    @strawberry.field(description="Who earned it; with creditedTo what it keeps. Empty for nobody.")
    def credits(self) -> list[AttributionCredit]:
        """Return the credits that came with the row."""
        return cast(list[AttributionCredit], self.row.credits)


@strawberry.type(description="A page of conversions.")
class AttributedConversionConnection:
    """A page, all of it fetched."""

    edges: list[AttributedConversionEdge] = strawberry.field(description="The conversions of this page, in order.")
    page_info: relay.PageInfo = strawberry.field(description="Whether there is more, and from where to go on.")
    total_count: int = strawberry.field(description="How many conversions match, on all pages together.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of an ordered list is asked for."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None

    def __post_init__(self) -> None:
        if self.first is not None and self.last is not None:
            raise BadUserInput("Give first or last, not both.", argument="last")
        for argument, size in (("first", self.first), ("last", self.last)):
            if size is not None and not 0 <= size <= MAX_PAGE_SIZE:
                raise BadUserInput(f"{argument} must be from 0 to {MAX_PAGE_SIZE}, not {size}.", argument=argument)
        if self.first is None and self.last is None:
            object.__setattr__(self, "first", PAGE_SIZE)

    def fetch(
        self,
        conversions: ConversionQuerySet,
        *,
        order: Order,
        credited_to: CreditFilter,
        budget: LookBudget,
        contents: PageContents,
        is_counted: bool,
    ) -> AttributedConversionConnection:
        """Fetch the page, and one row more to tell whether there are others; count all only when asked to."""
        is_reversed = self.last is not None
        # What belongs to the rows of the page alone is fetched once it is paid for.
        page = order.sort(conversions.prefetch_related(None), is_reversed=is_reversed)
        if self.after is not None:
            page = order.beyond(page, _place("after", self.after, order))
        if self.before is not None:
            page = order.beyond(page, _place("before", self.before, order), is_reversed=True)
        size = cast(int, self.last if is_reversed else self.first)
        found = first_kept(page, credited_to, order=order, is_reversed=is_reversed, number=size + 1, budget=budget)
        shown = found[:size][::-1] if is_reversed else found[:size]
        contents.fetch([row.conversion for row in shown], conversions)
        edges = [
            AttributedConversionEdge(
                row=row, node=cast(ConversionType, row.conversion), cursor=order.cursor(row.conversion)
            )
            for row in shown
        ]
        return AttributedConversionConnection(
            edges=edges,
            page_info=relay.PageInfo(
                has_next_page=not is_reversed and len(found) > size,
                has_previous_page=is_reversed and len(found) > size,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
            total_count=count_kept(conversions, credited_to, budget=budget) if is_counted else 0,
        )


def _place(argument: str, cursor: str, order: Order) -> list[Any]:
    try:
        return order.read(cursor)
    except ValueError:
        message = f"{argument} must be a cursor that this API gave, under the same order."
        raise BadUserInput(message, argument=argument) from None


First = Annotated[
    int | None,
    strawberry.argument(description=f"The first so many, at most {MAX_PAGE_SIZE}; {PAGE_SIZE} when no size is given."),
]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[int | None, strawberry.argument(description=f"The last so many, at most {MAX_PAGE_SIZE}.")]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]
