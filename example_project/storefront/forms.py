"""What the storefront asks beyond the shop's forms."""

from django import forms

from example_project.shop.forms import CheckoutForm, QuantityForm


class OrderForm(CheckoutForm):
    """A checkout with the key that makes ordering twice ordering once, and what the customer sees while ordering."""

    key = forms.UUIDField()
    total = forms.DecimalField(max_digits=10, decimal_places=2)
    currency = forms.CharField(max_length=3)
    user = forms.CharField(required=False, strip=False)  # by the name that the page shows; empty for a guest


class CartForm(QuantityForm):
    """How many of a product to have in the cart, or to add to those that are there."""

    action = forms.ChoiceField(choices=[("set", "Have as many"), ("add", "Add them")])
