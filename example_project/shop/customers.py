"""How a visitor becomes a customer: the same for the shop's form and the storefront's."""

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest

from django_attribution.shortcuts import record_conversion
from example_project.shop.forms import SignUpForm


def make_customer(request: HttpRequest, form: SignUpForm) -> User:
    """Store a new customer and log them in; what the browser did so far is theirs, the sign-up included."""
    user: User = form.save()
    login(request, user)
    record_conversion(request, "signup")
    return user
