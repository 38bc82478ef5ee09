"""Pages of the host site, one per thing that a host site does to us. They know nothing of tests."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.contrib.auth import alogin, alogout, login, logout
from django.contrib.auth.models import User
from django.db import transaction
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from django_attribution.exceptions import AttributionUnavailable, InvalidArgument
from django_attribution.shortcuts import (
    aerase_visitor,
    arecord_conversion,
    arecord_touchpoint,
    confirm_conversion,
    erase_visitor,
    record_conversion,
    record_touchpoint,
)
from tests.shop.models import Order

visitor_came_by = Signal()


def page(request: HttpRequest) -> HttpResponse:
    """Show a page that does nothing."""
    return HttpResponse("page")


def redirect(request: HttpRequest) -> HttpResponse:
    """Send the visitor on."""
    return HttpResponseRedirect("/page/")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Show a page that is made while it is sent."""
    return StreamingHttpResponse(iter(["a", "b"]))


def endless(request: HttpRequest) -> StreamingHttpResponse:
    """Show a page that never ends."""
    return StreamingHttpResponse(itertools.repeat("and so on "))


def nested(request: HttpRequest) -> HttpResponse:
    """Record a conversion, take it back, and show a page all the same."""
    with suppress(RuntimeError):
        convert_and_fail(request)
    return HttpResponse("page")


def interrupted(request: HttpRequest) -> HttpResponse:
    """Record a conversion and take it back; while another visitor comes by; then record it again."""
    with suppress(RuntimeError):
        convert_and_fail(request)
    visitor_came_by.send(sender=None)
    return convert(request)


def fail(request: HttpRequest) -> HttpResponse:
    """Break."""
    raise RuntimeError("the host's own error")


def convert(request: HttpRequest, event: str = "signup") -> HttpResponse:
    """Record a conversion."""
    conversion = record_conversion(request, event)
    return HttpResponse(str(conversion.uuid))


@csrf_exempt  # the shop's forms are not what is tested
def buy(request: HttpRequest, key: str) -> HttpResponse:
    """Sell once for each key, or ask to be called again."""
    try:
        conversion = record_conversion(request, "purchase", value=10, idempotency_key=key)
    except AttributionUnavailable as error:
        return HttpResponse(status=503, headers={"Retry-After": str(error.retry_after)})
    return HttpResponse(str(conversion.uuid))


@csrf_exempt  # the shop's forms are not what is tested
async def async_buy(request: HttpRequest, key: str) -> HttpResponse:
    """Sell once for each key, from an event loop."""
    conversion = await arecord_conversion(request, "purchase", value=10, idempotency_key=key)
    return HttpResponse(str(conversion.uuid))


@transaction.atomic
def convert_and_fail(request: HttpRequest) -> HttpResponse:
    """Record a conversion and take it back with everything else."""
    record_conversion(request, "signup")
    raise RuntimeError("the host's own error")


def convert_and_break(request: HttpRequest) -> HttpResponse:
    """Record a conversion, and break in whatever transaction the site runs its views in."""
    record_conversion(request, "signup")
    raise RuntimeError("the host's own error")


def say(request: HttpRequest, answer: str) -> HttpResponse:
    """Take the banner's answer."""
    request.session["banner"] = answer == "yes"
    return HttpResponse("thanks")


def reset(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    """Show the page that a link in an e-mail leads to, to set a new password."""
    return HttpResponse("page")


def erase_me(request: HttpRequest) -> HttpResponse:
    """Erase whoever is here, as a button asks; whatever they do next in this request is nobody's."""
    erased = erase_visitor(request)
    record_touchpoint(request, "https://shop.test/?utm_source=after")
    return JsonResponse(asdict(erased))


async def async_erase_me(request: HttpRequest) -> HttpResponse:
    """Erase whoever is here, from an event loop."""
    return JsonResponse(asdict(await aerase_visitor(request)))


async def async_consent(request: HttpRequest) -> HttpResponse:
    """Tell what the visitor said, from an event loop."""
    consent = await request.attribution.aconsent()  # type: ignore[attr-defined]  # our middleware adds it
    return HttpResponse(consent.name)


def log_in(request: HttpRequest, username: str) -> HttpResponse:
    """Log a user in, without a password."""
    login(request, User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponse("in")


@transaction.atomic
def log_in_and_fail(request: HttpRequest, username: str) -> HttpResponse:
    """Log a user in and take the database's part of it back."""
    log_in(request, username)
    raise RuntimeError("the host's own error")


def log_out(request: HttpRequest) -> HttpResponse:
    """Log out whoever is logged in."""
    logout(request)
    return HttpResponse("out")


def sign_up(request: HttpRequest, username: str) -> HttpResponse:
    """Record the sign-up first, and only then log the new user in."""
    record_conversion(request, "signup")
    return log_in(request, User.objects.create_user(username).username)


@transaction.atomic
def sign_up_and_fail(request: HttpRequest, username: str) -> HttpResponse:
    """Sign a user up and take all of it back."""
    sign_up(request, username)
    raise RuntimeError("the host's own error")


def whoami(request: HttpRequest) -> HttpResponse:
    """Tell the visitor's identity."""
    identity: Any = request.attribution.identity  # type: ignore[attr-defined]  # our middleware adds it
    return JsonResponse({"identity": None if identity is None else str(identity.uuid)})


async def async_page(request: HttpRequest) -> HttpResponse:
    """Show a page from an event loop."""
    return HttpResponse("page")


async def async_convert(request: HttpRequest) -> HttpResponse:
    """Record a conversion from an event loop."""
    conversion = await arecord_conversion(request, "signup")
    return HttpResponse(str(conversion.uuid))


async def async_log_in(request: HttpRequest, username: str) -> HttpResponse:
    """Log a user in from an event loop."""
    user = await User.objects.aget(username=username)
    await alogin(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponse("in")


def echo(request: HttpRequest) -> HttpResponse:
    """Answer with what was posted."""
    return HttpResponse(json.dumps([request.method, request.POST.dict(), len(request.body)]))


def fields(request: HttpRequest) -> JsonResponse:
    """Answer with what Django made of the query string and of the form."""
    return JsonResponse({"GET": request.GET.dict(), "POST": request.POST.dict()})


def public(request: HttpRequest) -> HttpResponse:
    """Show a page that any cache may keep."""
    return HttpResponse("page", headers={"Cache-Control": "public, max-age=60", "Vary": "Accept-Language"})


def theme(request: HttpRequest) -> HttpResponse:
    """Set a cookie of the host's own."""
    response = HttpResponse("page")
    response.set_cookie("theme", "dark")
    return response


def convert_then_log_out(request: HttpRequest) -> HttpResponse:
    """Record a conversion of whoever is here, and log them out."""
    record_conversion(request, "signup")
    return log_out(request)


def log_out_then_convert(request: HttpRequest) -> HttpResponse:
    """Log out whoever is here, and record a conversion of whoever comes next."""
    log_out(request)
    return convert(request)


async def async_stream(request: HttpRequest) -> StreamingHttpResponse:
    """Show a page that never ends, from an event loop."""

    async def chunks() -> AsyncIterator[str]:
        while True:
            yield "and so on "

    return StreamingHttpResponse(chunks())


async def async_log_out(request: HttpRequest) -> HttpResponse:
    """Log out from an event loop."""
    await alogout(request)
    return HttpResponse("out")


async def async_whoami(request: HttpRequest) -> HttpResponse:
    """Tell the visitor's identity from an event loop."""
    identity: Any = await request.attribution.aidentity()  # type: ignore[attr-defined]  # our middleware adds it
    return JsonResponse({"identity": None if identity is None else str(identity.uuid)})


@csrf_exempt  # the shop's forms are not what is tested
def arrive(request: HttpRequest) -> HttpResponse:
    """Record where the visitor says to have arrived."""
    try:
        recorded = record_touchpoint(request, **json.loads(request.body))
    except InvalidArgument as error:
        return JsonResponse({"argument": error.argument, "message": str(error)})
    return JsonResponse({"recorded": recorded})


@csrf_exempt  # the shop's forms are not what is tested
async def async_arrive(request: HttpRequest) -> HttpResponse:
    """Record where the visitor says to have arrived, from an event loop."""
    try:
        recorded = await arecord_touchpoint(request, **json.loads(request.body))
    except InvalidArgument as error:
        return JsonResponse({"argument": error.argument, "message": str(error)})
    return JsonResponse({"recorded": recorded})


def arrive_twice(request: HttpRequest) -> HttpResponse:
    """Record the arrival that the request is anyway, and another one."""
    own = record_touchpoint(request, request.build_absolute_uri())
    other = record_touchpoint(request, "https://app.shop.test/?utm_source=other")
    return JsonResponse({"recorded": [own, other]})


@csrf_exempt  # the shop's forms are not what is tested
def order(request: HttpRequest) -> HttpResponse:
    """Take an order; what it is worth counts once it is paid."""
    placed = Order.objects.create(total=Decimal(request.POST["total"]))
    record_conversion(request, "order_placed", value=placed.total, source_object=placed, is_confirmed=False)
    return HttpResponse(str(placed.pk))


@csrf_exempt  # a payment provider has no token
def payment_webhook(request: HttpRequest) -> HttpResponse:
    """Hear from the payment provider that an order is paid."""
    confirm_conversion(source_object=Order.objects.get(pk=request.POST["order"]), event="order_placed")
    return HttpResponse("thanks")
