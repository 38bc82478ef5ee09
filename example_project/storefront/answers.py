"""What the storefront is told, as JSON: amounts are decimal strings, moments are ISO 8601."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from django_attribution.models import Conversion
from example_project.shop.campaigns import Landing
from example_project.shop.cart import Cart
from example_project.shop.models import Order, Product
from example_project.shop.orders import ORDER_PLACED
from example_project.shop.own_orders import own_orders


def product_answer(product: Product) -> dict[str, Any]:
    """Describe a product, with its price in every currency."""
    return {
        "slug": product.slug,
        "name": product.name,
        "kind": product.kind,
        "kindName": product.get_kind_display(),
        "summary": product.summary,
        "description": product.description,
        "prices": {currency: str(product.price_in(currency)) for currency in settings.SHOP_CURRENCIES},
    }


def landing_answer(landing: Landing) -> dict[str, Any]:
    """Describe a campaign's page."""
    return {
        "slug": landing.slug,
        "eyebrow": landing.eyebrow,
        "headline": landing.headline,
        "text": landing.text,
        "kinds": landing.kinds,
    }


def user_name(request: HttpRequest) -> str:
    """Return what the page calls the customer; nothing for a guest."""
    user = request.user
    return user.get_short_name() or user.get_username() if user.is_authenticated else ""


def session_answer(request: HttpRequest) -> dict[str, Any]:
    """Describe who is there: the customer, the currency, the cart, and an order that is not paid yet."""
    user = request.user if request.user.is_authenticated else None
    cart = Cart(request)
    lines = list(cart)
    unpaid = own_orders(request).filter(status=Order.Status.PENDING).first()
    return {
        "user": user and {"name": user_name(request), "email": user.email},
        "currency": cart.currency,
        "currencies": settings.SHOP_CURRENCIES,
        "cart": {
            "count": sum(line.quantity for line in lines),
            "total": str(sum((line.price for line in lines), Decimal("0.00"))),
            "lines": [
                {"slug": line.product.slug, "quantity": line.quantity, "price": str(line.price)} for line in lines
            ],
        },
        "unpaidOrder": unpaid and unpaid.number,
    }


def order_answer(order: Order) -> dict[str, Any]:
    """Describe an order; its ``lines__product`` should be prefetched."""
    return {
        "number": order.number,
        "status": order.status,
        "statusName": order.get_status_display(),
        "createdAt": order.created_at.isoformat(),
        "email": order.email,
        "currency": order.currency,
        "total": str(order.total),
        "lines": [
            {"name": line.product.name, "quantity": line.quantity, "price": str(line.price)}
            for line in order.lines.all()
        ],
        "payUrl": reverse("shop:pay", args=[order.number]),
    }


def is_payment_confirmed(order: Order) -> bool:
    """Tell whether somebody entitled to has confirmed the payment, be it before the provider's message came."""
    return Conversion.objects.valid().about(order).filter(event=ORDER_PLACED).exists()
