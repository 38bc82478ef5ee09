"""What the storefront asks beyond the shop's forms."""

from django import forms

from example_project.shop.forms import CheckoutForm, QuantityForm


class OrderForm(CheckoutForm):
    """A checkout with the key that makes ordering twice ordering once."""

    key = forms.UUIDField()


class CartForm(QuantityForm):
    """How many of a product to have in the cart, or to add to those that are there."""

    action = forms.ChoiceField(choices=[("set", "Have as many"), ("add", "Add them")])
