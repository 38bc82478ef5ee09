"""Pages of attributed conversions: a keyset connection with the credit on its edges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self, cast

import strawberry
from strawberry import relay

from django_attribution.credited import CreditedTouchpoint
from django_attribution.models import Conversion, Touchpoint
from django_attribution.querysets import ConversionQuerySet
from graphql_api.errors import BadUserInput
from graphql_api.keyset import Order
from graphql_api.permissions import VIEW_TOUCHPOINT, Info, has_permission
from graphql_api.types import ConversionType, Money, TouchpointType

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200

_WHOLE = Decimal("1.000000")  # weights have six digits on the wire


@strawberry.type(description="The part of a conversion that a model credits to one touch.")
class AttributionCredit:
    """A touch as it was credited, with its share."""

    _touch: strawberry.Private[Touchpoint]
    weight: Decimal = strawberry.field(
        description="The share, from 0 to 1, with six digits; a conversion's add up to 1."
    )
    value: Money | None = strawberry.field(description="The share of the value; a conversion's add up to its value.")
    channel: str = strawberry.field(description="The channel, such as Paid Search.")
    source: str = strawberry.field(description="The effective source, lower case.")
    medium: str = strawberry.field(description="The effective medium, lower case.")
    campaign: str | None = strawberry.field(description="utm_campaign, as the URL said it.")
    campaign_id: str | None = strawberry.field(description="utm_id, as the URL said it.")
    term: str | None = strawberry.field(description="utm_term, as the URL said it.")
    content: str | None = strawberry.field(description="utm_content, as the URL said it.")
    referrer: str | None = strawberry.field(description="The referring page without its query string.")
    touched_at: datetime = strawberry.field(description="When the visitor arrived.")
    age_seconds: int = strawberry.field(description="Whole seconds from the touch to the conversion.")
    window_days: int = strawberry.field(description="The look-back window that applied to this touch, in days.")

    @strawberry.field(description="The touch itself; null without django_attribution.view_touchpoint.")
    def touchpoint(self, info: Info) -> TouchpointType | None:
        """Return the touch to those who may see it."""
        return cast(Any, self._touch) if has_permission(info, VIEW_TOUCHPOINT) else None

    @classmethod
    def credits_of(cls, conversion: Conversion) -> list[Self]:
        """Return the credits of a conversion that was asked with attribution."""
        touch = conversion.credited_touchpoint
        if touch is None:
            return []
        _, window = CreditedTouchpoint.question_of(conversion)
        return [
            cls(
                _touch=touch,
                weight=_WHOLE,
                value=Money.of(conversion.value, conversion.currency),
                channel=touch.channel,
                source=touch.source,
                medium=touch.medium,
                campaign=touch.utm_campaign or None,
                campaign_id=touch.utm_id or None,
                term=touch.utm_term or None,
                content=touch.utm_content or None,
                referrer=touch.referrer or None,
                touched_at=touch.created_at,
                age_seconds=int((conversion.created_at - touch.created_at).total_seconds()),
                window_days=window.days_for(touch.source),
            )
        ]


@strawberry.type(description="A conversion in a page, with the credit that the query's model gives.")
class AttributedConversionEdge:
    """Credit depends on the query, so it sits here and not on the node, which clients cache."""

    cursor: str = strawberry.field(description="Where this conversion stands in the order; for `after` and `before`.")
    node: ConversionType = strawberry.field(description="The conversion.")

    @strawberry.field(description="Who earned it; empty when nothing in the window did.")
    def credits(self) -> list[AttributionCredit]:
        """Return the credits that came with the row."""
        return AttributionCredit.credits_of(cast(Any, self.node))


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
        self, conversions: ConversionQuerySet, *, order: Order, is_counted: bool
    ) -> AttributedConversionConnection:
        """Fetch the page, and one row more to tell whether there are others; count all only when asked to."""
        is_reversed = self.last is not None
        page = order.sort(conversions, is_reversed=is_reversed)
        if self.after is not None:
            page = order.beyond(page, _place("after", self.after, order))
        if self.before is not None:
            page = order.beyond(page, _place("before", self.before, order), is_reversed=True)
        size = cast(int, self.last if is_reversed else self.first)
        found = list(page[: size + 1])
        kept = found[:size][::-1] if is_reversed else found[:size]
        edges = [AttributedConversionEdge(node=cast(Any, row), cursor=order.cursor(row)) for row in kept]
        return AttributedConversionConnection(
            edges=edges,
            page_info=relay.PageInfo(
                has_next_page=not is_reversed and len(found) > size,
                has_previous_page=is_reversed and len(found) > size,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
            total_count=conversions.count() if is_counted else 0,
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
