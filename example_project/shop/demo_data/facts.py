"""Builds single rows of the demo: a touchpoint, an order with its lines, a conversion. Writes none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.contrib.auth.models import User

from django_attribution import tracking
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.recording import ConversionFacts
from example_project.shop.demo_data.marks import ORDER_PREFIX, demo_uuid
from example_project.shop.demo_data.visitors import Purchase, Touch
from example_project.shop.models import Order, OrderLine, Product

_SITE = "quire.example"
_TOKEN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
_UNTIL_REFUND = timedelta(days=4)


def touchpoint_of(touch: Touch, *, identity: Identity, random: Random) -> Touchpoint:
    """Return the touchpoint of an arrival."""
    campaign = touch.campaign
    params = {
        "utm_source": campaign.source,
        "utm_medium": campaign.medium,
        "utm_campaign": campaign.campaign,
        "utm_term": random.choice(campaign.terms or ("",)),
        "utm_content": random.choice(campaign.contents or ("",)),
        "utm_id": campaign.utm_id,
    }
    click_ids = {campaign.click_id: "".join(random.choices(_TOKEN, k=44))} if campaign.click_id else {}
    said = {name: value for name, value in {**params, **click_ids}.items() if value}
    return Touchpoint(
        uuid=demo_uuid(random),
        identity=identity,
        created_at=touch.at,
        url=tracking.landing_url(scheme="https", host=_SITE, path=campaign.path, params=said),
        referrer=random.choice(campaign.referrers),
        click_ids=click_ids,
        **params,
    )


def order_of(
    purchase: Purchase,
    *,
    number: int,
    user: User | None,
    currency: str,
    products: Sequence[Product],
    random: Random,
    now: datetime,
) -> tuple[Order, list[OrderLine]]:
    """Return an order with its lines, in the state that it has by now."""
    order = Order(
        number=f"{ORDER_PREFIX}{number:05}",
        user=user,
        email=user.email if user is not None else f"guest{number}@example.com",
        status=_status(purchase, now=now),
        currency=currency,
        created_at=purchase.at,
    )
    chosen = random.sample(products, k=random.choices((1, 2, 3, 4), (45, 30, 17, 8))[0])
    lines = [
        OrderLine(
            order=order,
            product=product,
            unit_price=product.price_in(currency),
            quantity=random.randrange(6, 25) if purchase.is_large else random.choices((1, 2, 3), (80, 15, 5))[0],
        )
        for product in chosen
    ]
    order.total = sum((line.price for line in lines), start=Decimal(0))
    return order, lines


def _status(purchase: Purchase, *, now: datetime) -> str:
    if purchase.paid_after is None or purchase.at + purchase.paid_after > now:
        return Order.Status.PENDING
    if purchase.is_refunded and purchase.at + _UNTIL_REFUND < now:
        return Order.Status.REFUNDED
    return Order.Status.PAID


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A conversion to be; it can be built only when the order that it is about is stored."""

    identity: Identity | None
    event: str
    at: datetime
    confirmed_at: datetime | None
    order: Order | None = None
    custom_data: dict[str, Any] = field(default_factory=dict)
    client_key: str | None = None  # under which a browser recorded it

    def build(self, random: Random) -> Conversion:
        """Return the conversion as the shop's views, and later its webhook, would have left it."""
        key = self.client_key or (f"order-{self.order.number}" if self.order else None)
        facts = ConversionFacts.clean(
            event=self.event,
            value=self.order.total if self.order else None,
            currency=self.order.currency if self.order else None,
            custom_data=self.custom_data,
            source_object=self.order,
            is_confirmed=self.order is None and self.client_key is None,
            idempotency_key=key,
            origin=Conversion.Origin.CLIENT if self.client_key else Conversion.Origin.SERVER,
            occurred_at=self.at,
        )
        columns = {
            **facts.columns(),
            "uuid": demo_uuid(random),
            "is_confirmed": self.confirmed_at is not None,
            "confirmed_at": self.confirmed_at,
            "recorded_value": facts.value,
            "is_active": self.order is None or self.order.status != Order.Status.REFUNDED,
        }
        return Conversion(identity=self.identity, **columns)
