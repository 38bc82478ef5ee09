"""What the API shows of stored rows. Nothing here reads the database: root fields fetch what is selected.

The types are plain Strawberry types over model instances. A field of ``strawberry_django.type`` looks for querysets
in every value it resolves, which makes a page of rows take 1.6 times as long, and none is ever found here.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Self, cast

import strawberry
from strawberry.scalars import JSON

from django_attribution import models, money
from django_attribution.credits import Credit
from django_attribution.tracking import CLICK_IDS_BY_PARAMETER
from graphql_api.errors import BadUserInput
from graphql_api.permissions import VIEW_IDENTITY, VIEW_TOUCHPOINT, Info, has_permission, require_permission
from graphql_api.scalars import CurrencyCode, public_id

JOURNEY_LENGTH = 50  # touches of one identity in one answer, where nothing is said
MAX_JOURNEY = 200  # at most

_Status = models.Conversion.Status


@strawberry.enum(description="Where a conversion stands.")
class ConversionStatus(Enum):
    """The same values as ``Conversion.Status``, described."""

    PENDING = strawberry.enum_value(_Status.PENDING.value, description="Recorded, and waiting for confirmation.")
    CONFIRMED = strawberry.enum_value(_Status.CONFIRMED.value, description="It counts.")
    VOIDED = strawberry.enum_value(
        _Status.VOIDED.value, description="It no longer counts, or never did: a refund, fraud."
    )


@strawberry.interface(description="Something with an id of its own.")
class Node:
    """Relay's own interface looks at a type's annotations again for every id; here each row has a uuid."""

    @strawberry.field(description="Globally unique, and opaque.")
    def id(self, root: strawberry.Parent[models.Identity | models.Touchpoint | models.Conversion]) -> strawberry.ID:
        """Return the public id, as Relay spells it."""
        return public_id(type(root).__name__, root.uuid)


@strawberry.type(description="An amount of money. Amounts of different currencies are never added.")
class Money:
    """Exact: the amount has the digits that its currency has."""

    amount: Decimal = strawberry.field(description="A decimal number as text, in whole units of the currency.")
    currency: CurrencyCode = strawberry.field(description="The currency of the amount.")

    @classmethod
    def of(cls, amount: Decimal | None, currency: str) -> Self | None:
        """Return money, or None where a row holds no amount."""
        if amount is None:
            return None
        return cls(amount=money.quantize(amount, currency=currency), currency=CurrencyCode(currency))


@strawberry.type(description="A click id that an ad platform added to the landing URL.")
class ClickId:
    """One of the known platforms' parameters."""

    parameter: str = strawberry.field(description="The URL's parameter, such as gclid.")
    platform: str = strawberry.field(description="Whose it is, such as Google Ads.")
    value: str = strawberry.field(description="As it came; case counts.")


@strawberry.type
class TouchFacts:
    """What a touch says about where its visitor came from; the fields that a touch and its credit have in common."""

    @strawberry.field(description="The channel, such as Paid Search.")
    def channel(self, root: strawberry.Parent[Any]) -> str:
        """Return the channel."""
        return _touch(root).channel

    @strawberry.field(description="The effective source, lower case.")
    def source(self, root: strawberry.Parent[Any]) -> str:
        """Return the source."""
        return _touch(root).source

    @strawberry.field(description="The effective medium, lower case.")
    def medium(self, root: strawberry.Parent[Any]) -> str:
        """Return the medium."""
        return _touch(root).medium

    @strawberry.field(description="utm_campaign, as the URL said it.")
    def campaign(self, root: strawberry.Parent[Any]) -> str | None:
        """Return the campaign, null for none."""
        return _touch(root).utm_campaign or None

    @strawberry.field(description="utm_id, as the URL said it.")
    def campaign_id(self, root: strawberry.Parent[Any]) -> str | None:
        """Return the campaign's id, null for none."""
        return _touch(root).utm_id or None

    @strawberry.field(description="utm_term, as the URL said it.")
    def term(self, root: strawberry.Parent[Any]) -> str | None:
        """Return the term, null for none."""
        return _touch(root).utm_term or None

    @strawberry.field(description="utm_content, as the URL said it.")
    def content(self, root: strawberry.Parent[Any]) -> str | None:
        """Return the content, null for none."""
        return _touch(root).utm_content or None

    @strawberry.field(description="The referring page without its query string.")
    def referrer(self, root: strawberry.Parent[Any]) -> str | None:
        """Return the referrer, null for none."""
        return _touch(root).referrer or None


def _touch(root: models.Touchpoint | Credit) -> models.Touchpoint:
    return root.touchpoint if isinstance(root, Credit) else root


@strawberry.type(name="Touchpoint", description="One arrival of a visitor.")
class TouchpointType(TouchFacts, Node):
    """An arrival, with what the URL carried."""

    @classmethod
    def is_type_of(cls, value: object, info: object) -> bool:
        """Recognise a row."""
        return isinstance(value, models.Touchpoint)

    @strawberry.field(description="When the visitor arrived.")
    def occurred_at(self, root: strawberry.Parent[models.Touchpoint]) -> datetime:
        """Return the moment of arrival."""
        return root.created_at

    @strawberry.field(description="The click ids in the landing URL.")
    def click_ids(self, root: strawberry.Parent[models.Touchpoint]) -> list[ClickId]:
        """Return the click ids of known platforms."""
        return [
            ClickId(parameter=parameter, platform=CLICK_IDS_BY_PARAMETER[parameter].platform, value=value)
            for parameter, value in root.click_ids.items()
            if parameter in CLICK_IDS_BY_PARAMETER
        ]

    @strawberry.field(description="The landing page with its tracking parameters and no others.")
    def landing_url(self, root: strawberry.Parent[models.Touchpoint]) -> str:
        """Return the stored URL."""
        return root.url


JourneyLength = Annotated[
    int, strawberry.argument(name="first", description=f"How many touches, from 0 to {MAX_JOURNEY}.")
]


@strawberry.type(name="Identity", description="A visitor: a browser, or a user.")
class IdentityType(Node):
    """Whoever came, and perhaps converted."""

    @classmethod
    def is_type_of(cls, value: object, info: object) -> bool:
        """Recognise a row."""
        return isinstance(value, models.Identity)

    @strawberry.field(description="The first visit, of any browser that turned out to be this visitor.")
    def first_seen_at(self, root: strawberry.Parent[models.Identity]) -> datetime:
        """Return the moment of the first visit."""
        return root.created_at

    @strawberry.field(description="Whether no user is known for this visitor.")
    def is_anonymous(self, root: strawberry.Parent[models.Identity]) -> bool:
        """Tell whether the visitor is no user."""
        return root.linked_user_id is None

    @strawberry.field(
        description="The visitor's touches in order, from the first one on. "
        "Requires django_attribution.view_touchpoint."
    )
    def journey(
        self, root: strawberry.Parent[models.Identity], info: Info, first: JourneyLength = JOURNEY_LENGTH
    ) -> list[TouchpointType]:
        """Return the touches that the root field fetched."""
        require_permission(info, VIEW_TOUCHPOINT)
        if not 0 <= first <= MAX_JOURNEY:
            raise BadUserInput(f"first must be from 0 to {MAX_JOURNEY}, not {first}.", argument="first")
        touches: list[TouchpointType] = root.journey_touchpoints[:first]  # type: ignore[attr-defined]  # prefetched to
        return touches


@strawberry.type(name="Conversion", description="Something valuable that a visitor did.")
class ConversionType(Node):
    """An event, perhaps with a value, confirmed at once or later."""

    event: str = strawberry.field(description="What happened, such as purchase.")
    status: ConversionStatus = strawberry.field(description="Pending, confirmed or voided.")
    confirmed_at: datetime | None = strawberry.field(description="When it was confirmed, if it was.")
    custom_data: JSON = strawberry.field(description="What the site noted about it: an object.")

    @classmethod
    def is_type_of(cls, value: object, info: object) -> bool:
        """Recognise a row."""
        return isinstance(value, models.Conversion)

    @strawberry.field(description="What it is worth; null for an event without value.")
    def value(self, root: strawberry.Parent[models.Conversion]) -> Money | None:
        """Return the value as it stands."""
        return Money.of(root.value, root.currency)

    @strawberry.field(description="What it was worth when first recorded, before confirmation changed it.")
    def recorded_value(self, root: strawberry.Parent[models.Conversion]) -> Money | None:
        """Return the first value."""
        return Money.of(root.recorded_value, root.currency)

    @strawberry.field(description="When it happened.")
    def occurred_at(self, root: strawberry.Parent[models.Conversion]) -> datetime:
        """Return the moment of the event."""
        return root.created_at

    @strawberry.field(description="Whose it is; null when unknown, and without django_attribution.view_identity.")
    def identity(self, root: strawberry.Parent[models.Conversion], info: Info) -> IdentityType | None:
        """Return the identity that the root field fetched."""
        return cast(Any, root.identity) if has_permission(info, VIEW_IDENTITY) else None


@strawberry.type(description="What a browser may see of its own conversion; there is no way on from here.")
class RecordedConversion:
    """A dead end on purpose: anonymous callers get it."""

    event: str = strawberry.field(description="What happened.")
    status: ConversionStatus = strawberry.field(description="Pending, confirmed or voided.")

    @strawberry.field(description="Opaque id of the conversion, as staff know it.")
    def id(self, root: strawberry.Parent[models.Conversion]) -> strawberry.ID:
        """Return the public id."""
        return public_id("Conversion", root.uuid)

    @strawberry.field(description="What it is worth; null for an event without value.")
    def value(self, root: strawberry.Parent[models.Conversion]) -> Money | None:
        """Return the value as it stands."""
        return Money.of(root.value, root.currency)
