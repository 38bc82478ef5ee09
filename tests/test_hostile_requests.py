"""Whatever a request holds, it is answered as by the same site without the package, through WSGI and through ASGI.

Two handlers stand side by side and are asked the same. Where a touch was stored, and nowhere else, the answer has our
cookie, and with it says that it is for one visitor only.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from traceback import walk_tb
from typing import Any, NamedTuple

import pytest
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings as site
from django.contrib.auth.models import User
from django.contrib.sessions.backends import db
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import path
from django.utils.cache import patch_cache_control, patch_vary_headers
from hypothesis import HealthCheck, given, settings

from django_attribution.models import Touchpoint
from django_attribution.signals import tracking_failed
from tests.browsers import COOKIE, Browser, sent_by
from tests.hostile_requests import HostileRequest, hostile_requests
from tests.shop import views
from tests.sizes import IS_LONG, sized

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.long,
    # Django leaves the body of a request open that it cannot make a request of.
    pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning"),
]

# Through each door. On SQLite fewer: what differs between databases is what they refuse, and that is PostgreSQL.
REQUESTS = sized(2_500, long=25_000) if connection.vendor == "postgresql" else sized(250, long=2_500)
SESSION_STORE = db.__file__
# Without this one a request reaches its view whatever host it names.
HOST_CHECK = "django.middleware.common.CommonMiddleware"
LONG_AGO = "2026-01-01 00:00:00+00:00"  # so that nothing is a repeat of the touches that visitors come with
SPENT_TOUCHES = "DELETE FROM attribution_touchpoint WHERE created_at > %s"
NOBODIES = "DELETE FROM attribution_identity WHERE id NOT IN (SELECT identity_id FROM attribution_touchpoint)"


class Answer(NamedTuple):
    """What a server is to send, or the type of what was raised instead."""

    status: Any
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


Door = Callable[[HostileRequest], Answer]


def mirror(request: HttpRequest) -> HttpResponse:
    """Show all that a view can see."""
    meta = sorted((name, value) for name, value in request.META.items() if isinstance(value, str))
    seen = [request.method, request.path, request.path_info, request.GET, request.POST, request.COOKIES, meta]
    return HttpResponse(ascii([*seen, request.body]))


def who(request: HttpRequest) -> HttpResponse:
    """Show who is logged in."""
    return HttpResponse(ascii(str(request.user)))


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Show a page that is made while it is sent, as the server can do it."""

    async def chunks() -> AsyncIterator[str]:
        for chunk in "ab":
            yield chunk

    return StreamingHttpResponse(chunks() if hasattr(request, "scope") else iter("ab"))


urlpatterns = [
    path("plain/", views.page),
    path("api/plain/", views.page),
    path("mirror/", mirror),
    path("async/", views.async_page),
    path("moved/", views.redirect),
    path("stream/", stream),
    path("broken/", views.fail),
    path("public/", views.public),
    path("who/", who),
]


@pytest.fixture(autouse=True)
def _site(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF = __name__
    settings.ALLOWED_HOSTS = ["*"]
    settings.DJANGO_ATTRIBUTION = {"UNTAGGED_VISITS": "all"}
    logging.disable(logging.CRITICAL)  # thousands of refused requests
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def failures() -> Iterator[list[str]]:
    """Collect what went wrong in tracking: fail-open would hide that a hostile text was not cleaned.

    But for a session cookie that the host's own store cannot look up: who sends one is nobody the site could know.
    """
    failed: list[str] = []

    def listen(kind: str, error: Exception, **_: Any) -> None:
        if not any(frame.f_code.co_filename == SESSION_STORE for frame, _ in walk_tb(error.__traceback__)):
            failed.append(f"{kind}: {error!r}")

    tracking_failed.connect(listen)
    yield failed
    tracking_failed.disconnect(listen)


@pytest.fixture
def known_cookies() -> list[bytes]:
    """Cookies that mean something: of a visitor, of a user's own browser, and of sessions that last or are over."""
    visitor, users = Browser(), Browser()
    visitor.land(path="/plain/", utm_source="before")
    users.force_login(User.objects.create_user("alice"))
    users.land(path="/plain/", utm_source="before")
    Touchpoint.objects.update(created_at=LONG_AGO)
    return [
        f"{COOKIE}={visitor.carried}".encode(),
        f"{COOKIE}={users.carried}".encode(),
        f"sessionid={users.cookies['sessionid'].value}".encode(),
        b"sessionid=" + b"x" * 32,
    ]


@dataclass
class Tally:
    """What was asked, and what came of it."""

    requests: int = 0
    touches: int = 0
    alike: int = 0  # answers that were compared and found to be as without us


def compare(door: Door, plain_door: Door, request: HostileRequest, tally: Tally) -> None:
    """Ask both sites the same; require the same answer but for what a stored touch adds."""
    tally.requests += 1
    wanted, answer = plain_door(request), door(request)
    is_stored = was_touch_taken_back()
    tally.touches += is_stored
    given_ours = [value for name, value in answer.headers if is_ours(name, value)]
    others = [(name, value) for name, value in answer.headers if not is_ours(name, value)]
    # Who is told by Sec-GPC not to track takes the cookie back.
    is_withdrawn = request.says(b"sec-gpc") and all("Max-Age=0" in value for value in given_ours)
    assert len(given_ours) == 1 if is_stored else not given_ours or is_withdrawn
    assert answer.status == wanted.status
    assert answer.body == wanted.body
    assert sorted(others) == sorted(kept_private(wanted.headers) if given_ours else wanted.headers)
    tally.alike += 1


def was_touch_taken_back() -> bool:
    """Delete what a landing has just stored, and tell whether there was any."""
    with connection.cursor() as cursor:  # since Django asks what hangs on a row before it deletes it
        cursor.execute(SPENT_TOUCHES, [LONG_AGO])
        stored = cursor.rowcount
        if stored:
            cursor.execute(NOBODIES)
    assert stored in (0, 1)
    return bool(stored)


def is_ours(name: str, value: str) -> bool:
    """Tell whether a header sets our cookie."""
    return name == "Set-Cookie" and value.strip().startswith(f"{COOKIE}=")


def kept_private(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return headers as they are for one visitor only, as Django's own functions write it."""
    response = HttpResponse()
    del response.headers["Content-Type"]
    others = []
    for name, value in headers:
        if name in ("Vary", "Cache-Control"):
            response.headers[name] = value
        else:
            others.append((name, value))
    patch_vary_headers(response, ("Cookie",))
    patch_cache_control(response, private=True)
    return [*others, *response.items()]


def without_tracking(middlewares: list[str]) -> list[str]:
    """Leave out our own."""
    return [name for name in middlewares if not name.startswith("django_attribution.")]


def wsgi_door(middlewares: list[str]) -> Door:
    """Return a site behind WSGI."""
    with override_settings(MIDDLEWARE=middlewares):
        application = WSGIHandler()

    def ask(request: HostileRequest) -> Answer:
        sent: list[Any] = []
        try:
            response = application(request.environ(), lambda status, headers: sent.extend((status, headers)))
            try:
                return Answer(*sent, b"".join(response))
            finally:
                response.close()
        except ValueError as error:
            return Answer(type(error))

    return ask


def asgi_door(middlewares: list[str], *, run: Callable[[Any], Answer]) -> Door:
    """Return a site behind ASGI."""
    with override_settings(MIDDLEWARE=middlewares):
        application = ASGIHandler()

    async def ask(request: HostileRequest) -> Answer:
        try:
            sent = await sent_by(application, request.scope(), body=request.body)
        except ValueError as error:
            return Answer(type(error))
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in sent[0]["headers"]]
        return Answer(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))

    return lambda request: run(ask(request))


@contextmanager
def loop_with_one_thread() -> Iterator[Callable[[Any], Any]]:
    """Run coroutines in a loop with one thread for what is synchronous: a thread, and so a connection, costs more than
    all the rest of a request.
    """
    with asyncio.Runner() as runner:
        thread = ThreadSensitiveContext()  # Django finds it, and makes none of its own
        runner.run(thread.__aenter__())
        try:
            yield runner.run
        finally:
            runner.run(sync_to_async(connections.close_all)())
            runner.run(thread.__aexit__(None, None, None))


@pytest.mark.parametrize("protocol", ["WSGI", "ASGI"])
def test_hostile_requests_are_answered_as_without_us(
    protocol: str, known_cookies: list[bytes], failures: list[str], monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", None)
    tally = Tally()
    stacks = [site.MIDDLEWARE, [name for name in site.MIDDLEWARE if name != HOST_CHECK]]
    with loop_with_one_thread() as run:

        def door(middlewares: list[str]) -> Door:
            return wsgi_door(middlewares) if protocol == "WSGI" else asgi_door(middlewares, run=run)

        doors = [(door(stack), door(without_tracking(stack))) for stack in stacks]

        @settings(
            max_examples=REQUESTS, derandomize=not IS_LONG, deadline=None, database=None, print_blob=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(hostile_requests(known_cookies=known_cookies))
        def answers(request: HostileRequest) -> None:
            ours, plain = doors[tally.requests % len(doors)]
            compare(ours, plain, request, tally)

        answers()
    assert failures == []
    assert tally.touches > tally.requests // 20
    record_property("figure: hostile requests", tally.requests)
    record_property(
        "figure: hostile requests that were answered differently than without the package", tally.requests - tally.alike
    )
