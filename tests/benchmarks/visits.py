"""What visitors do, timed: requests through Django's handlers, in this process. The same code for both packages."""

import asyncio
import io
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from http.cookies import SimpleCookie
from typing import Any

from django.contrib.auth.models import User
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django.test.utils import override_settings

from django_attribution.models import Identity, Touchpoint
from tests.benchmarks.clock import Clock
from tests.benchmarks.data import DAYS, START, Touch, seeded
from tests.benchmarks.loading import AGENT, Table, touchpoint_row, uuids
from tests.benchmarks.site import ATTRIBUTION, NOBODY, SOMEBODY

CONCURRENT = 1_000
MERGED = 1_000  # touches
LANDINGS = 100
INSERTED = 1_000
TAGGED = "utm_source=letter&utm_medium=email&utm_campaign=landing-{}"

Cookies = dict[str, str]


class Site:
    """A site with some middlewares, asked without a network."""

    def __init__(self, *middlewares: str) -> None:
        with override_settings(MIDDLEWARE=middlewares):
            self._handler = WSGIHandler()

    def visit(
        self, path: str, query: str = "", *, cookies: Cookies | None = None, body: bytes = b"", **headers: str
    ) -> tuple[bytes, Cookies]:
        """Request a page, which has to be there; return its body and the cookies that the browser then has."""
        environ = _environ(path, query, cookies or {}, body) | headers
        status, cookie_headers = "", list[str]()

        def start_response(said: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
            nonlocal status
            status = said
            cookie_headers.extend(value for name, value in headers if name == "Set-Cookie")
            return io.BytesIO().write  # for applications that write, which Django does not

        response = self._handler(environ, start_response)
        content = b"".join(response)
        response.close()
        if status != "200 OK":
            raise RuntimeError(f"{path} answered {status}: {content[:500]!r}")
        return content, (cookies or {}) | _kept(cookie_headers)


@cache
def bare() -> Site:
    """Return the site without attribution."""
    return Site(*NOBODY)


@cache
def attributed() -> Site:
    """Return the site with attribution and nothing else."""
    return Site(*NOBODY, *ATTRIBUTION)


@cache
def with_users() -> Site:
    """Return the site with sessions, users and attribution."""
    return Site(*SOMEBODY, *ATTRIBUTION)


def untracked(site: Callable[[], Site]) -> Callable[[Clock], Any]:
    """Make the operation: a request with neither cookie nor tracking data."""

    def operation(clock: Clock) -> Any:
        chosen = site()
        content, cookies = clock.repeat(lambda: chosen.visit("/page/"))
        return [content.decode(), sorted(cookies)]

    return operation


def returning(site: Callable[[], Site]) -> Callable[[Clock], Any]:
    """Make the operation: a request with the cookie of the newest visitor, and no tracking data."""

    def operation(clock: Clock) -> Any:
        chosen = site()
        with _put_back():
            _, cookies = attributed().visit("/page/", TAGGED.format("first"))
            before = Touchpoint.objects.count()
            content, _ = clock.repeat(lambda: chosen.visit("/page/", cookies=cookies))
            return [content.decode(), Touchpoint.objects.count() - before]

    return operation


def new_landing(clock: Clock) -> Any:
    """Land without a cookie: an identity and a touch."""
    site = attributed()
    with _put_back() as added:
        with clock.running(repetitions=LANDINGS):
            for number in range(LANDINGS):
                site.visit("/page/", TAGGED.format(number))
        return added()


def returning_landing(clock: Clock) -> Any:
    """Land with the cookie of a known visitor, by another campaign each time: a touch."""
    site = attributed()
    with _put_back() as added:
        _, cookies = site.visit("/page/", TAGGED.format("first"))
        with clock.running(repetitions=LANDINGS):
            for number in range(LANDINGS):
                site.visit("/page/", TAGGED.format(number), cookies=cookies)
        return added()


def first_login(clock: Clock) -> Any:
    """Log in a user who has a history, in a browser with one of 1,000 touches, and request the next page."""
    site = with_users()
    user = User.objects.create_user(f"user-{uuid.uuid4()}")
    with _put_back():
        _, cookies = site.visit("/page/", TAGGED.format("own"))
        _log_in(site, user, cookies)  # the published package claims and merges with the request after the login
        _, cookies = site.visit("/page/", TAGGED.format("first"))
        visitor = Identity.objects.latest("pk")
        Touchpoint.objects.bulk_create(
            Touchpoint(identity=visitor, url="https://shop.example/", utm_source="letter", utm_campaign=f"{number}")
            for number in range(MERGED - 1)
        )
        with clock.running():
            _log_in(site, user, cookies)
        answer = Touchpoint.objects.filter(identity__linked_user=user, identity__merged_into=None).count()
    user.delete()
    return answer


def insert(clock: Clock) -> Any:
    """Insert touches by one statement each, in one transaction: what the indexes cost."""
    rng = seeded("inserts")
    visitors = Identity.objects.count()
    touches = (
        Touch(number, rng.randrange(visitors), START + timedelta(days=DAYS + 1), "letter", "email", "inserted")
        for number in range(INSERTED)
    )
    table = Table(Touchpoint)
    rows = ({**row, "id": 2**40 + number} for number, row in enumerate(map(touchpoint_row, touches, uuids("inserts"))))
    prepared = list(table.prepared(rows))
    with transaction.atomic():
        with clock.running(repetitions=INSERTED):
            table.insert(prepared)
        answer = Touchpoint.objects.filter(utm_campaign="inserted").count()
        transaction.set_rollback(True)
    return answer


def concurrent(*middlewares: str) -> Callable[[Clock], Any]:
    """Make the operation: many ASGI requests at once, whose view awaits something."""

    def operation(clock: Clock) -> Any:
        with override_settings(MIDDLEWARE=middlewares):
            handler = ASGIHandler()
        with clock.running():
            statuses = asyncio.run(_statuses(handler))
        return statuses.count(200)

    return operation


async def _statuses(handler: ASGIHandler) -> list[int]:
    return await asyncio.gather(*(_status(handler) for _ in range(CONCURRENT)))


async def _status(handler: ASGIHandler) -> int:
    waiting = [{"type": "http.request", "body": b"", "more_body": False}]
    sent: list[Mapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Future()  # until Django has answered and listens no longer for a disconnect
        return waiting.pop()

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": "/awaiting/",
        "query_string": b"", "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
        "headers": [(b"host", b"127.0.0.1"), (b"user-agent", AGENT.encode())],
    }  # fmt: skip
    await handler(scope, receive, send)
    status: int = sent[0]["status"]
    return status


OPERATIONS: dict[str, Callable[[Clock], Any]] = {
    "request, bare": untracked(bare),
    "request": untracked(attributed),
    "returning, bare": returning(bare),
    "returning": returning(attributed),
    "new landing": new_landing,
    "returning landing": returning_landing,
    "first login": first_login,
    "insert": insert,
    "concurrent, bare": concurrent(*NOBODY),
    "concurrent": concurrent(*NOBODY, *ATTRIBUTION),
}


def _log_in(site: Site, user: User, cookies: Cookies) -> None:
    _, cookies = site.visit(f"/login/{user.get_username()}/", cookies=cookies)
    site.visit("/page/", cookies=cookies)


@contextmanager
def _put_back() -> Iterator[Callable[[], list[int]]]:
    """Take away the visitors who came in the block, and all of theirs; yield how to count them and their touches."""
    newest = Identity.objects.latest("pk").pk
    came = Identity.objects.filter(pk__gt=newest)
    try:
        yield lambda: [came.count(), Touchpoint.objects.filter(identity__pk__gt=newest).count()]
    finally:
        came.delete()


def _environ(path: str, query: str, cookies: Cookies, body: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST" if body else "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1", "HTTP_USER_AGENT": AGENT,
        "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "CONTENT_TYPE": "application/json" if body else "", "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
        "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip


def _kept(headers: Iterable[str]) -> Cookies:
    """Return the cookies that a browser keeps of these Set-Cookie headers."""
    morsels = (morsel for header in headers for morsel in SimpleCookie(header).values())
    return {morsel.key: morsel.value for morsel in morsels if morsel.value}
