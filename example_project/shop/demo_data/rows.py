"""Turns what visitors did into rows, and writes them in bulk.

They are the rows that middlewares, logins and views would have written at the time, and hold to the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db.models import Model

from django_attribution.models import Conversion, Identity, Touchpoint
from example_project.shop.demo_data.browsers import identities_of, log_in
from example_project.shop.demo_data.facts import Converted, order_of, touchpoint_of
from example_project.shop.demo_data.marks import USER_PREFIX
from example_project.shop.demo_data.visitors import Purchase, Visitor
from example_project.shop.models import Order, OrderLine, Product
from example_project.shop.orders import ORDER_PLACED

_CHUNK = 1000  # rows between two reports
_NAMES = ("ada", "ben", "chloe", "dana", "eva", "femi", "greta", "hugo", "ines", "jonas", "kim", "lena", "mei", "noor")

Report = Callable[[str, int, int], None]  # what is written, how many rows so far, of how many


class DemoRows:
    """Collects the rows of visitor after visitor; ``write`` stores them. Nothing later than ``now`` is kept."""

    def __init__(self, products: Sequence[Product], *, now: datetime, random: Random) -> None:
        self._products, self._now, self._random = products, now, random
        self._users: list[User] = []
        self._identities: list[Identity] = []
        self._touchpoints: list[Touchpoint] = []
        self._orders: list[Order] = []
        self._lines: list[OrderLine] = []
        self._conversions: list[Converted] = []
        self._no_password = make_password(None)

    def add(self, visitor: Visitor, *, user: User | None = None, owned: Identity | None = None) -> None:
        """Add what a visitor did; ``user`` and ``owned`` are their stored user and identity, if there are any."""
        browsers = identities_of(visitor, now=self._now, random=self._random)
        identities, signed_up_at = browsers, visitor.signed_up_at
        if signed_up_at is not None and signed_up_at <= self._now:
            user = user or self._new_user(signed_up_at)
            identities = log_in(visitor, browsers, user=user, owned=owned, now=self._now)
            self._convert("signup", identities[visitor.signed_up_on], at=signed_up_at)
        self._identities += [
            browser
            for device, browser in browsers.items()
            if browser is identities[device] or browser.merged_into is not None
        ]
        for touch in visitor.touches:
            if touch.at <= self._now:
                identity = identities[touch.device]
                self._touchpoints.append(touchpoint_of(touch, identity=identity, random=self._random))
        if visitor.newsletter_at is not None and visitor.newsletter_at <= self._now:
            self._subscribe(identities[0], at=visitor.newsletter_at)
        for purchase in visitor.purchases:
            if purchase.at <= self._now:
                customer = user if visitor.is_logged_in(purchase.device, at=purchase.at) else None
                self._order(purchase, visitor.currency, identity=identities[purchase.device], user=customer)

    def add_telephone_order(self, purchase: Purchase, *, currency: str) -> None:
        """Add an order that staff typed in: revenue of a visitor whom nobody knows."""
        if purchase.at <= self._now:
            self._order(purchase, currency, identity=None, user=None, custom_data={"taken_by": "telephone"})

    def write(self, report: Report) -> None:
        """Store everything, in few statements."""
        merged = [identity for identity in self._identities if identity.merged_into is not None]
        _write(User, self._users, "users", report)
        _write(Identity, [row for row in self._identities if row.merged_into is None], "visitors", report)
        _write(Identity, merged, "browsers merged at a login", report)
        _write(Touchpoint, self._touchpoints, "touchpoints", report)
        _write(Order, self._orders, "orders", report)
        _write(OrderLine, self._lines, "order lines", report)
        _write(Conversion, [row.build(self._random) for row in self._conversions], "conversions", report)

    def _new_user(self, joined_at: datetime) -> User:
        name = f"{self._random.choice(_NAMES)}{len(self._users) + 1}"
        user = User(
            username=f"{USER_PREFIX}{name}",
            email=f"{name}@example.com",
            password=self._no_password,
            date_joined=joined_at,
            last_login=joined_at,
        )
        self._users.append(user)
        return user

    def _subscribe(self, identity: Identity, *, at: datetime) -> None:
        """Add a newsletter sign-up as a browser records it: pending until the link in the e-mail is clicked."""
        confirmed_at = at + timedelta(minutes=self._random.randrange(1, 90))
        is_confirmed = self._random.random() < 0.8 and confirmed_at <= self._now
        self._convert(
            "newsletter_signup",
            identity,
            at=at,
            confirmed_at=confirmed_at if is_confirmed else None,
            client_key=f"{self._random.getrandbits(128):032x}",
        )

    def _order(
        self, purchase: Purchase, currency: str, *, identity: Identity | None, user: User | None, **details: Any
    ) -> None:
        order, lines = order_of(
            purchase,
            number=len(self._orders) + 1,
            user=user,
            currency=currency,
            products=self._products,
            random=self._random,
            now=self._now,
        )
        self._orders.append(order)
        self._lines.extend(lines)
        paid_at = None
        if purchase.paid_after is not None and order.status != Order.Status.PENDING:
            paid_at = purchase.at + purchase.paid_after
        self._convert(ORDER_PLACED, identity, at=purchase.at, confirmed_at=paid_at, order=order, **details)

    def _convert(self, event: str, identity: Identity | None, *, at: datetime, **details: Any) -> None:
        confirmed_at = details.pop("confirmed_at", at)
        self._conversions.append(Converted(event=event, identity=identity, at=at, confirmed_at=confirmed_at, **details))


def _write(model: type[Model], rows: Sequence[Model], name: str, report: Report) -> None:
    for start in range(0, len(rows), _CHUNK):
        model._default_manager.bulk_create(rows[start : start + _CHUNK])
        report(name, min(start + _CHUNK, len(rows)), len(rows))
