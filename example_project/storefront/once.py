"""Places the order of a key once: a second click, a reload and a lost answer find the order that is there."""

from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError
from django.http import HttpRequest

from example_project.shop.cart import Cart, CartLine
from example_project.shop.checkout import order_cart
from example_project.shop.models import Order
from example_project.shop.own_orders import is_remembered, remember_order
from example_project.shop.templatetags.prices import money
from example_project.storefront.json_calls import FORM

Money = tuple[Decimal, str]  # an amount and its currency


class OrderRefused(Exception):
    """The order is not what the customer meant: which field of it, and what to do, in a sentence for them."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def order_once(request: HttpRequest, *, key: UUID, email: str, seen: Money) -> Order | None:
    """Return the order of this key, placing it if there is none; None for another customer's key, or an empty cart.

    ``seen`` is what the customer expects to pay. Raises ``OrderRefused``.
    """
    # The cart first: a call at the same time stores the order before it empties the cart, so that of an empty one the
    # order is there to be found.
    lines = list(Cart(request))
    order = Order.objects.filter(checkout_key=key).first()
    if order is None:
        if not lines:
            return None
        _require_seen(lines, seen=seen, currency=Cart(request).currency)
        try:
            return order_cart(request, email=email, checkout_key=key)
        except IntegrityError:  # another call with this key was faster, or something else is wrong
            order = Order.objects.filter(checkout_key=key).first()
            if order is None:
                raise
    if lines and order.status != Order.Status.PENDING:
        # Somebody who fills the cart anew means another order than the one that was paid for.
        raise OrderRefused("key", "Your last order is paid, and this cart is not ordered yet. Order again.")
    return _again(request, order)


def _require_seen(lines: list[CartLine], *, seen: Money, currency: str) -> None:
    """Refuse to charge another amount than the page showed: another tab, or the shop, has changed it since."""
    total = sum((line.price for line in lines), Decimal())
    if seen != (total, currency):
        raise OrderRefused(
            FORM, f"Your cart has changed: it is now {money(total, currency)}. Check it, then order again."
        )


def _again(request: HttpRequest, order: Order) -> Order | None:
    """Return an order that was there already, to whoever placed it.

    A guest proves that by the key, which nobody else knows and nobody can guess: of two calls at once, the session of
    the second was read before the first one wrote to it.
    """
    if order.user_id not in (None, request.user.pk):
        return None
    if not is_remembered(request, order):
        Cart(request).clear()
        remember_order(request, order)
    return order
