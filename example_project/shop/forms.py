"""The shop's forms."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import User

from example_project.shop.cart import MAX_QUANTITY

EMAIL_LENGTH = 254  # characters, as in the columns of users and orders


class QuantityForm(forms.Form):
    """How many of a product; 0 takes it out of the cart."""

    quantity = forms.IntegerField(
        min_value=0, max_value=MAX_QUANTITY, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )


class CurrencyForm(forms.Form):
    """Which currency to see and pay."""

    currency = forms.ChoiceField(choices=[(code, code) for code in settings.SHOP_CURRENCIES])


class CheckoutForm(forms.Form):
    """Where to send the receipt. A real shop asks for an address as well."""

    email = forms.EmailField(
        max_length=EMAIL_LENGTH,
        label="E-mail address",
        help_text="For the receipt.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class SignUpForm(BaseUserCreationForm):  # type: ignore[type-arg]  # no generics at run time
    """A new customer."""

    email = forms.EmailField(
        max_length=EMAIL_LENGTH, label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    class Meta:
        model = User
        fields = ("username", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = "At least 8 characters, and not a common password."
        self.fields["password2"].help_text = ""
        self.fields["password2"].label = "Password again"
