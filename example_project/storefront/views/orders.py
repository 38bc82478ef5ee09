"""Ordering the cart, and how an order stands. The browser has announced the conversion; the server knows its worth."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from django_attribution.decorators import conversion_events
from django_attribution.exceptions import InvalidArgument
from django_attribution.shortcuts import record_touchpoint
from example_project.shop.orders import ORDER_PLACED
from example_project.shop.own_orders import own_orders
from example_project.shop.turns import takes_turns
from example_project.storefront.answers import is_payment_confirmed, order_answer, user_name
from example_project.storefront.forms import OrderForm
from example_project.storefront.json_calls import FORM, json_post, refusal
from example_project.storefront.once import OrderRefused, order_once

_LANDINGS = 5  # of one order; a visitor who is offline for so many has other troubles


@json_post
@takes_turns
@conversion_events(ORDER_PLACED)
def place_order(request: HttpRequest, posted: dict[str, Any]) -> JsonResponse:
    """Place the order of a key, or find it; either way tell where to pay."""
    form = OrderForm(posted)
    if not form.is_valid():
        return refusal(form.errors)
    asked = form.cleaned_data
    if asked["user"] != user_name(request):
        who = "logged in as somebody else" if request.user.is_authenticated else "not logged in any more"
        return refusal({FORM: [f"You are {who} in this browser."]}, status=409)
    _record_landings(request, posted.get("landings"))
    try:
        seen = (asked["total"], asked["currency"])
        order = order_once(request, key=asked["key"], email=asked["email"], seen=seen)
    except OrderRefused as refused:
        return refusal({refused.field: [refused]}, status=409)
    if order is None:
        return refusal({FORM: ["There is nothing in the cart to order."]})
    return JsonResponse({"number": order.number, "payUrl": reverse("shop:pay", args=[order.number])})


def _record_landings(request: HttpRequest, landings: object) -> None:
    """Record what the page could not tell of so far: a landing that came after its order would earn nothing."""
    for landing in landings[:_LANDINGS] if isinstance(landings, list) else []:
        url, referrer = (landing.get("url"), landing.get("referrer")) if isinstance(landing, dict) else (None, None)
        if isinstance(url, str) and isinstance(referrer, str):
            with suppress(InvalidArgument):  # no page's address; no claim of a browser's stops a sale
                record_touchpoint(request, url, referrer=referrer)


@require_safe
@never_cache
def order_detail(request: HttpRequest, number: str) -> JsonResponse:
    """Tell how an order stands."""
    order = own_orders(request).prefetch_related("lines__product").filter(number=number).first()
    if order is None:
        return refusal({FORM: ["There is no such order."]}, status=404)
    return JsonResponse({**order_answer(order), "isPaymentConfirmed": is_payment_confirmed(order)})
