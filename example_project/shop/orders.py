"""What happens to an order: placed, paid, refunded. Says so to attribution where money changes hands."""

import logging
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from django_attribution.models import Conversion
from django_attribution.shortcuts import confirm_conversion
from example_project.shop.cart import CartLine
from example_project.shop.models import Order, OrderLine

ORDER_PLACED = "order_placed"

logger = logging.getLogger(__name__)


@transaction.atomic
def place_order(
    lines: Iterable[CartLine], *, currency: str, email: str, user: Any, checkout_key: UUID | None = None
) -> Order:
    """Store a pending order; ``user`` is None for a guest. Raises ``IntegrityError`` for a key that has its order."""
    lines = list(lines)
    total = sum(line.price for line in lines)
    order = Order.objects.create(user=user, email=email, currency=currency, total=total, checkout_key=checkout_key)
    OrderLine.objects.bulk_create(
        OrderLine(order=order, product=line.product, quantity=line.quantity, unit_price=line.unit_price)
        for line in lines
    )
    return order


@transaction.atomic
def mark_paid(order: Order) -> None:
    """Mark a pending order as paid and confirm its conversion: both or neither. Again is harmless."""
    if not Order.objects.filter(pk=order.pk, status=Order.Status.PENDING).update(status=Order.Status.PAID):
        return
    try:
        confirm_conversion(source_object=order, event=ORDER_PLACED)
    except Conversion.DoesNotExist:  # erased on the visitor's wish: the payment counts all the same
        logger.info("Order %s was paid and has no conversion to confirm", order.pk)


@transaction.atomic
def refund(order: Order) -> bool:
    """Refund a paid order and void its conversion, so that its revenue counts no longer; tell whether it was paid."""
    if not Order.objects.filter(pk=order.pk, status=Order.Status.PAID).update(status=Order.Status.REFUNDED):
        return False
    for conversion in Conversion.objects.about(order).filter(event=ORDER_PLACED):
        conversion.void()
    return True
