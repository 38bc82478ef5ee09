"""What the API shows of a credit: a touch with its share of a conversion."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import strawberry

from django_attribution.credits import Credit
from graphql_api.permissions import VIEW_TOUCHPOINT, Info, has_permission
from graphql_api.scalars import CurrencyCode
from graphql_api.types import Money, TouchFacts, TouchpointType


@strawberry.type(description="The part of a conversion that a model credits to one touch.")
class AttributionCredit(TouchFacts):
    """A touch as it was credited, with its share."""

    window_days: int = strawberry.field(description="The look-back window that applied to this touch, in days.")

    @strawberry.field(description="The share, from 0 to 1, with six digits; a conversion's add up to 1.")
    def weight(self, root: strawberry.Parent[Credit]) -> Decimal:
        """Return the share as it is written."""
        return root.rounded_weight

    @strawberry.field(description="The share of the value; a conversion's add up to its value.")
    def value(self, root: strawberry.Parent[Credit]) -> Money | None:
        """Return the share of the value, null for a conversion without one."""
        return None if root.value is None else Money(amount=root.value, currency=CurrencyCode(root.currency))

    @strawberry.field(description="When the visitor arrived.")
    def touched_at(self, root: strawberry.Parent[Credit]) -> datetime:
        """Return the moment of the touch."""
        return root.touched_at

    @strawberry.field(description="Whole seconds from the touch to the conversion.")
    def age_seconds(self, root: strawberry.Parent[Credit]) -> int:
        """Return the age of the touch."""
        return int(root.age.total_seconds())

    @strawberry.field(description="The touch itself; null without django_attribution.view_touchpoint.")
    def touchpoint(self, root: strawberry.Parent[Credit], info: Info) -> TouchpointType | None:
        """Return the touch to those who may see it."""
        return cast(Any, root.touchpoint) if has_permission(info, VIEW_TOUCHPOINT) else None
