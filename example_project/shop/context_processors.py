"""What every page of the shop shows: the cart and the currencies."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from example_project.shop.cart import Cart


def shop(request: HttpRequest) -> dict[str, Any]:
    """Add the cart and the currencies to every template."""
    return {"cart": Cart(request), "currencies": settings.SHOP_CURRENCIES}
