"""Views that declare their conversion events: functions and classes, sync and async, one inside the other."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.decorators import method_decorator
from django.views import View

from django_attribution.decorators import conversion_events
from django_attribution.exceptions import EventNotDeclared, InvalidArgument
from django_attribution.mixins import ConversionEventsMixin
from django_attribution.models import Conversion, Identity
from django_attribution.shortcuts import arecord_conversion, record_conversion
from tests.browsers import visitor_request

pytestmark = pytest.mark.django_db


def record(request: HttpRequest, event: str) -> HttpResponse:
    record_conversion(request, event)
    return HttpResponse(event)


async def arecord(request: HttpRequest, event: str) -> HttpResponse:
    await arecord_conversion(request, event)
    return HttpResponse(event)


class Recording(View):
    def get(self, request: HttpRequest, event: str) -> HttpResponse:
        return record(request, event)


class AsyncRecording(View):
    async def get(self, request: HttpRequest, event: str) -> HttpResponse:
        return await arecord(request, event)


@conversion_events("signup", "purchase")
class DecoratedClass(Recording):
    pass


@conversion_events("signup", "purchase")
class DecoratedAsyncClass(AsyncRecording):
    pass


@method_decorator(conversion_events("signup", "purchase"), name="get")
class DecoratedMethod(Recording):
    pass


@method_decorator(conversion_events("signup", "purchase"), name="dispatch")
class DecoratedDispatch(AsyncRecording):
    pass


class Mixed(ConversionEventsMixin, Recording):
    conversion_events = ("signup", "purchase")


class AsyncMixed(ConversionEventsMixin, AsyncRecording):
    conversion_events = ("signup", "purchase")


class MixedChild(Mixed):
    pass


declare = conversion_events("signup", "purchase")
SYNC = {
    "function": declare(record),
    "class": DecoratedClass.as_view(),
    "method": DecoratedMethod.as_view(),
    "as_view": declare(Recording.as_view()),
    "mixin": Mixed.as_view(),
    "child": MixedChild.as_view(),
}
ASYNC = {
    "function": declare(arecord),
    "class": DecoratedAsyncClass.as_view(),
    "dispatch": DecoratedDispatch.as_view(),
    "as_view": declare(AsyncRecording.as_view()),
    "mixin": AsyncMixed.as_view(),
}


def call(view: Any, request: HttpRequest, event: str) -> Any:
    """Call a view as Django does."""
    if asyncio.iscoroutinefunction(view) or getattr(view, "view_is_async", False):
        return async_to_sync(view)(request, event)
    response = view(request, event)
    return async_to_sync(lambda: response)() if asyncio.iscoroutine(response) else response


VIEWS = [*[pytest.param(view, id=f"sync {name}") for name, view in SYNC.items()],
         *[pytest.param(view, id=f"async {name}") for name, view in ASYNC.items()]]  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_a_declared_event_is_recorded(view: Any) -> None:
    for event in ("signup", "purchase"):
        assert call(view, visitor_request(), event).content == event.encode()
    assert Conversion.objects.count() == 2


@pytest.mark.parametrize("view", VIEWS)
def test_another_event_raises_and_nothing_is_written(view: Any) -> None:
    with pytest.raises(EventNotDeclared) as raised:
        call(view, visitor_request(), "newsletter")
    message = "Conversion event 'newsletter' is not declared for this view. Declared: signup, purchase."
    assert str(raised.value) == message
    assert isinstance(raised.value, ValueError)
    assert not Conversion.objects.exists()
    assert not Identity.objects.exists()


@pytest.mark.parametrize("view", VIEWS)
def test_the_rule_ends_with_the_view(view: Any) -> None:
    request = visitor_request()
    call(view, request, "signup")
    record(request, "newsletter")
    with pytest.raises(EventNotDeclared):
        call(view, request, "newsletter")
    record(request, "newsletter")
    assert Conversion.objects.count() == 3


@pytest.mark.parametrize("view", VIEWS)
def test_an_inner_view_has_its_own_rule_and_leaves_the_outer_one(view: Any) -> None:
    @conversion_events("newsletter")
    def outer(request: HttpRequest) -> None:
        record(request, "newsletter")
        call(view, request, "signup")
        with pytest.raises(EventNotDeclared, match=r"Declared: newsletter\."):
            record(request, "signup")
        with pytest.raises(EventNotDeclared, match=r"Declared: signup, purchase\."):
            call(view, request, "newsletter")
        record(request, "newsletter")

    outer(visitor_request())
    assert Conversion.objects.count() == 3


def test_an_async_outer_view_gets_its_rule_back_from_an_async_inner_one() -> None:
    @conversion_events("newsletter")
    async def outer(request: HttpRequest) -> None:
        await ASYNC["function"](request, "signup")
        await ASYNC["mixin"](request, "purchase")
        with pytest.raises(EventNotDeclared, match=r"Declared: newsletter\."):
            await arecord(request, "signup")
        await arecord(request, "newsletter")

    async_to_sync(outer)(visitor_request())
    assert Conversion.objects.count() == 3


def test_declarations_of_requests_at_once_do_not_mix() -> None:
    async def both() -> list[Any]:
        everyone = asyncio.Barrier(2)

        def declared(event: str) -> Any:
            @conversion_events(event)
            async def view(request: HttpRequest) -> HttpResponse:
                await everyone.wait()
                return await arecord(request, event)

            return view

        signup, purchase = declared("signup"), declared("purchase")
        return await asyncio.gather(signup(visitor_request()), purchase(visitor_request()))

    assert [response.content for response in async_to_sync(both)()] == [b"signup", b"purchase"]


def test_the_rules_of_two_decorators_do_not_add_up() -> None:
    view = conversion_events("signup", "purchase")(conversion_events("newsletter")(record))
    assert view(visitor_request(), "newsletter").content == b"newsletter"
    with pytest.raises(EventNotDeclared, match=r"Declared: newsletter\."):
        view(visitor_request(), "signup")


def test_declaring_nothing_allows_nothing() -> None:
    class Empty(ConversionEventsMixin, Recording):
        pass

    for view in (conversion_events()(record), Empty.as_view()):
        with pytest.raises(EventNotDeclared, match=r"Declared: none\."):
            view(visitor_request(), "signup")


def test_a_view_that_declares_nothing_records_anything() -> None:
    record(visitor_request(), "whatever")
    assert Conversion.objects.get().event == "whatever"


def test_a_view_keeps_its_name_and_its_colour() -> None:
    assert (SYNC["function"].__name__, ASYNC["function"].__name__) == ("record", "arecord")
    assert asyncio.iscoroutinefunction(ASYNC["function"])
    assert not asyncio.iscoroutinefunction(SYNC["function"])


@pytest.mark.parametrize("view", VIEWS)
def test_without_the_middleware_the_error_names_it(view: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"django_attribution\.middlewares\.AttributionMiddleware"):
        call(view, RequestFactory().get("/"), "signup")


def test_events_that_are_no_names_are_refused_where_they_are_declared() -> None:
    with pytest.raises(InvalidArgument, match="event must be text"):
        conversion_events(["signup", "purchase"])  # type: ignore[arg-type]  # the test
