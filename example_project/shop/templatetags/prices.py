"""Prices as people write them."""

from decimal import Decimal

from django import template

from example_project.shop.models import Product

register = template.Library()

_SIGNS = {"USD": "$", "EUR": "€"}


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """Write an amount with its sign: $12.50."""
    return f"{_SIGNS[currency]}{amount:,.2f}"


@register.simple_tag
def price(product: Product, currency: str) -> str:
    """Write a product's price in a currency."""
    return money(product.price_in(currency), currency)
