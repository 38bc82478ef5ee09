"""The payment provider: what it sends, how it signs it, and what the shop makes of it.

The provider is simulated, its message is not: the pay page and the webhook go through ``receive_payment`` alike.
"""

import hashlib
import hmac
import json
from decimal import Decimal
from urllib.parse import urlencode

from django.conf import settings
from django.utils.crypto import constant_time_compare

from django_attribution.models import Conversion
from example_project.shop.models import Order
from example_project.shop.orders import ORDER_PLACED, mark_paid

SIGNATURE_HEADER = "X-Payment-Signature"


class PaymentRefused(Exception):
    """The message is not the provider's, or not about what was ordered."""


def payment_message(order: Order) -> bytes:
    """Return the body with which the provider tells that an order was paid."""
    message = {"order": order.number, "amount": str(order.total), "currency": order.currency}
    return json.dumps(message).encode()


def sign(body: bytes) -> str:
    """Return the signature that belongs to a body: HMAC-SHA256 with the shared secret, in hex."""
    return hmac.new(settings.SHOP_PAYMENT_SECRET.encode(), body, hashlib.sha256).hexdigest()


def receive_payment(body: bytes, *, signature: str) -> Order:
    """Verify the provider's message and mark its order as paid; delivered twice it counts once.

    Raises ``PaymentRefused`` for a wrong signature or amount, and ``Order.DoesNotExist``.
    """
    if not constant_time_compare(sign(body), signature):
        raise PaymentRefused("The signature does not belong to this body.")
    message = json.loads(body)  # ours to trust from here on: only the provider can sign
    order = Order.objects.get(number=message["order"])
    if (Decimal(message["amount"]), message["currency"]) != (order.total, order.currency):
        raise PaymentRefused("The amount is not that of the order.")
    mark_paid(order)
    return order


def return_address(order: Order, *, is_paid: bool) -> str:
    """Return where the provider sends the customer back to, by way of the shop's server.

    Where it says that the order was paid, the storefront's page gets a token to confirm the conversion with: it may be
    there before the webhook. Nobody else may have one, and no other case either.
    """
    conversion = Conversion.objects.about(order).filter(event=ORDER_PLACED).first()
    if not is_paid or order.checkout_key is None or conversion is None:
        return order.get_absolute_url()
    return f"{order.get_absolute_url()}?{urlencode({'confirmation': conversion.confirmation_token()})}"
