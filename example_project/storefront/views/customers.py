"""Signing up, logging in and out, and the account. All but the last renew the CSRF token, and tell it."""

from typing import Any

from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from django_attribution.decorators import conversion_events
from example_project.shop.customers import make_customer
from example_project.shop.forms import SignUpForm
from example_project.shop.models import Order
from example_project.storefront.answers import order_answer, session_answer
from example_project.storefront.json_calls import FORM, json_post, refusal


@json_post
@conversion_events("signup")
def sign_up(request: HttpRequest, posted: dict[str, Any]) -> JsonResponse:
    """Make a new customer of a visitor."""
    form = SignUpForm(posted)
    if not form.is_valid() or make_customer(request, form) is None:
        return refusal(form.errors)
    return _changed_session(request)


@json_post
def log_in(request: HttpRequest, posted: dict[str, Any]) -> JsonResponse:
    """Log a customer in."""
    form = AuthenticationForm(request, data=posted)
    if not form.is_valid():
        return refusal(form.errors)
    login(request, form.get_user())
    return _changed_session(request)


@json_post
def log_out(request: HttpRequest, posted: dict[str, Any]) -> JsonResponse:
    """Log out, and forget who used this browser."""
    logout(request)
    return _changed_session(request)


@require_safe
@never_cache
def account(request: HttpRequest) -> JsonResponse:
    """Tell a customer's orders, and whose they are: another tab may have changed who is there."""
    if not request.user.is_authenticated:
        return refusal({FORM: ["Log in to see your orders."]}, status=401)
    orders = Order.objects.filter(user=request.user.pk).prefetch_related("lines__product")
    return JsonResponse({**session_answer(request), "orders": [order_answer(order) for order in orders]})


def _changed_session(request: HttpRequest) -> JsonResponse:
    return JsonResponse({**session_answer(request), "csrfToken": get_token(request)})
