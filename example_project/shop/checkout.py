"""Turns the cart into an order, and says so to attribution: the same for the shop's form and the storefront's."""

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from django_attribution.shortcuts import record_conversion
from example_project.shop.cart import Cart
from example_project.shop.models import Order
from example_project.shop.orders import ORDER_PLACED, place_order
from example_project.shop.own_orders import remember_order


def order_cart(request: HttpRequest, *, email: str, checkout_key: UUID | None = None) -> Order:
    """Store order and conversion together, both pending until the payment, and empty the cart.

    Under ``checkout_key`` the visitor's browser may have announced the conversion before: this takes it over, so that
    there is one. Raises ``IntegrityError`` for a key that has its order.
    """
    cart = Cart(request)
    user = request.user if request.user.is_authenticated else None
    with transaction.atomic():
        order = place_order(cart, currency=cart.currency, email=email, user=user, checkout_key=checkout_key)
        record_conversion(
            request,
            ORDER_PLACED,
            value=order.total,
            currency=order.currency,
            source_object=order,
            is_confirmed=False,
            idempotency_key=str(checkout_key or f"order-{order.number}"),
        )
    cart.clear()
    remember_order(request, order)
    return order
