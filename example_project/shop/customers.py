"""How a visitor becomes a customer: the same for the shop's form and the storefront's."""

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from django_attribution.shortcuts import record_conversion
from example_project.shop.forms import SignUpForm


def make_customer(request: HttpRequest, form: SignUpForm) -> User | None:
    """Store a new customer and log them in; what the browser did so far is theirs, the sign-up included.

    None, with an error in the form, where somebody else took the name while the form was read.
    """
    try:
        with transaction.atomic():
            user: User = form.save()
    except IntegrityError:
        form.add_error("username", "A user with that username already exists.")
        return None
    login(request, user)
    record_conversion(request, "signup")
    return user
