"""Pages that are made while they are sent, and visitors who leave before the end, as an ASGI server serves them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.handlers.asgi import ASGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import arecord_conversion
from django_attribution.signals import tracking_failed
from tests.browsers import COOKIE, NAVIGATION
from tests.heard import heard

pytestmark = pytest.mark.django_db(transaction=True)

CHUNKS = [b"one ", b"two ", b"three"]
Message = dict[str, Any]
OnSent = Callable[["Visit", Message], Awaitable[None]]


class Visit:
    """A landing as an ASGI server hands it on, whose visitor may leave. The views are told by it what to do."""

    current: "Visit"  # the one that is going on

    def __init__(self, address: str, *, on_sent: "OnSent | None") -> None:
        self.sent: list[Message] = []
        self.left = asyncio.Event()  # set it, and the visitor is gone
        self.loop = asyncio.get_running_loop()
        self._on_sent = on_sent
        self.is_closed = False  # the stream, by who reads it
        self._told = False
        headers = [(b"host", b"testserver"), *((k.lower().encode(), v.encode()) for k, v in NAVIGATION.items())]
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": address, "query_string": b"utm_source=mail", "headers": headers,
        }  # fmt: skip
        Visit.current = self

    async def served(self) -> "Visit":
        """Have it served, to its end or to the visitor's leaving."""
        await ASGIHandler()(self._scope, self._receive, self._send)
        return self

    async def _receive(self) -> Message:
        if not self._told:
            self._told = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.sent.append(message)
        if self._on_sent is not None:
            await self._on_sent(self, message)

    @property
    def headers(self) -> dict[str, str]:
        """What was sent before the body."""
        return {name.decode().lower(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> list[bytes]:
        """What was sent of the body, in the pieces in which it was."""
        return [message["body"] for message in self.sent[1:] if message.get("body")]


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Show a page that is made while it is sent."""

    async def pieces() -> AsyncIterator[bytes]:
        try:
            for chunk in CHUNKS:
                yield chunk
        finally:
            Visit.current.is_closed = True

    return StreamingHttpResponse(pieces())


async def converting_stream(request: HttpRequest) -> StreamingHttpResponse:
    """Record a conversion while the page is sent."""

    async def pieces() -> AsyncIterator[bytes]:
        yield CHUNKS[0]
        await arecord_conversion(request, "read")
        yield CHUNKS[1]

    return StreamingHttpResponse(pieces())


async def never(request: HttpRequest) -> HttpResponse:
    """Wait for what never comes, while the visitor leaves."""
    Visit.current.left.set()
    await asyncio.Event().wait()
    raise AssertionError("it never comes")


async def convert_and_wait(request: HttpRequest) -> HttpResponse:
    """Record a conversion, and go on working while the visitor leaves."""
    await arecord_conversion(request, "signup")
    return await never(request)


async def page(request: HttpRequest) -> HttpResponse:
    """Show a page."""
    return HttpResponse("page")


urlpatterns = [
    path("stream/", stream),
    path("converting-stream/", converting_stream),
    path("never/", never),
    path("convert-and-wait/", convert_and_wait),
    path("page/", page),
]


@pytest.fixture(autouse=True)
def _addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


def visit(address: str, *, on_sent: OnSent | None = None) -> Visit:
    """Visit a page by an advertisement; return what came of it."""

    async def go() -> Visit:
        async with asyncio.timeout(30):
            return await Visit(address, on_sent=on_sent).served()

    return async_to_sync(go)()


def everything() -> list[int]:
    return [model.objects.count() for model in (Identity, Touchpoint, Conversion)]


def test_a_stream_is_sent_piece_by_piece_with_the_cookie_before_it() -> None:
    visited = visit("/stream/")
    assert (visited.body, visited.is_closed) == (CHUNKS, True)
    assert COOKIE in visited.headers["set-cookie"]
    assert (visited.headers["vary"], visited.headers["cache-control"]) == ("Cookie", "private")
    assert everything() == [1, 1, 0]


def test_the_landing_is_stored_before_the_first_piece_is_made() -> None:
    seen: list[int] = []

    async def look(visit: Visit, message: Message) -> None:
        if message["type"] == "http.response.start":
            seen.append(await Touchpoint.objects.acount())

    visit("/stream/", on_sent=look)
    assert seen == [1]


def test_a_stream_may_convert_the_visitor_who_landed() -> None:
    assert visit("/converting-stream/").body == CHUNKS[:2]
    assert Conversion.objects.get().identity == Touchpoint.objects.get().identity
    assert everything() == [1, 1, 1]


def test_who_leaves_in_the_middle_of_a_stream_has_landed() -> None:
    async def leave(visit: Visit, message: Message) -> None:
        if message.get("body") == CHUNKS[0]:
            visit.left.set()
            await asyncio.Event().wait()

    visited = visit("/stream/", on_sent=leave)
    assert visited.body == CHUNKS[:1]
    assert COOKIE in visited.headers["set-cookie"]
    assert everything() == [1, 1, 0]


class TestWhoLeavesBeforeThePageIsThere:
    @pytest.fixture(autouse=True)
    def _nothing_fails(self) -> Iterator[None]:
        with heard(tracking_failed) as failures:
            yield
        assert failures == []

    def test_leaves_nothing_while_the_view_works(self) -> None:
        assert visit("/never/").sent == []
        assert everything() == [0, 0, 0]

    def test_leaves_what_the_view_recorded(self) -> None:
        assert visit("/convert-and-wait/").sent == []
        assert everything() == [1, 1, 1]
        assert Conversion.objects.get().identity == Touchpoint.objects.get().identity

    def test_leaves_the_landing_whole_while_it_is_stored(self) -> None:
        assert self.leaving_at("INSERT INTO").sent == []
        assert everything() == [1, 1, 0]
        assert not connection.in_atomic_block

    def test_and_the_next_visitor_is_served(self) -> None:
        visit("/never/")
        self.leaving_at("INSERT INTO")
        assert visit("/page/").body == [b"page"]
        assert everything() == [2, 2, 0]

    @staticmethod
    def leaving_at(statement: str) -> Visit:
        """Visit a page, and leave while a statement runs for it."""
        is_gone = threading.Event()

        def leave(execute: Any, sql: str, *arguments: Any) -> Any:
            if statement in sql and not is_gone.is_set():
                loop = Visit.current.loop
                loop.call_soon_threadsafe(Visit.current.left.set)
                loop.call_soon_threadsafe(after_turns, loop, 20, is_gone.set)
                assert is_gone.wait(30)
            return execute(sql, *arguments)

        with connection.execute_wrapper(leave):
            return visit("/page/")


def after_turns(loop: asyncio.AbstractEventLoop, turns: int, then: Callable[[], None]) -> None:
    """Do something once the event loop has been round often enough for the server to see who left."""
    if turns:
        loop.call_soon(after_turns, loop, turns - 1, then)
    else:
        then()
