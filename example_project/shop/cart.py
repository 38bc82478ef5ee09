"""The cart: product ids and quantities in the visitor's session, nothing in the database before the order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.http import HttpRequest

from example_project.shop.models import Product

MAX_QUANTITY = 20
_CART, _CURRENCY = "cart", "currency"  # session keys


@dataclass(frozen=True, slots=True)
class CartLine:
    """One product in the cart."""

    product: Product
    quantity: int
    unit_price: Decimal

    @property
    def price(self) -> Decimal:
        """What the line costs."""
        return self.unit_price * self.quantity


class Cart:
    """The cart of one request; iterates over its lines."""

    def __init__(self, request: HttpRequest) -> None:
        self._session = request.session
        self._quantities: dict[str, int] = self._session.get(_CART, {})

    def __len__(self) -> int:
        return sum(self._quantities.values())

    def __iter__(self) -> Iterator[CartLine]:
        for product in Product.objects.filter(pk__in=self._quantities, is_on_sale=True):
            yield CartLine(product, self._quantities[str(product.pk)], product.price_in(self.currency))

    @property
    def currency(self) -> str:
        """The currency the visitor chose, else the shop's first."""
        chosen: str = self._session.get(_CURRENCY, settings.SHOP_CURRENCIES[0])
        return chosen

    def choose_currency(self, currency: str) -> None:
        """Show and charge in this currency from now on."""
        self._session[_CURRENCY] = currency

    def add(self, product: Product, *, quantity: int) -> None:
        """Put a product into the cart."""
        self.set(product, quantity=self._quantities.get(str(product.pk), 0) + quantity)

    def set(self, product: Product, *, quantity: int) -> None:
        """Have this many of a product in the cart; 0 takes it out."""
        kept = {key: count for key, count in self._quantities.items() if key != str(product.pk)}
        self._quantities = kept | ({str(product.pk): min(quantity, MAX_QUANTITY)} if quantity else {})
        self._session[_CART] = self._quantities

    def clear(self) -> None:
        """Empty the cart."""
        self._quantities = {}
        self._session[_CART] = {}
