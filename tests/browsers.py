"""Browsers as the server sees them, and what a request costs the database.

Knows the addresses of ``tests.urls`` that answer who is asking, and nothing of how visitors are tracked.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.handlers.asgi import ASGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory
from django.test.utils import CaptureQueriesContext, override_settings

from django_attribution.middlewares import AttributionMiddleware, TrackingParameterMiddleware

COOKIE = "_dj_attr_id"
NAVIGATION = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-User": "?1",
}

_TABLE = re.compile(r'(?:SELECT\b.*?\bFROM|INSERT\b.*?\bINTO|UPDATE|DELETE FROM) "(\w+)"', re.DOTALL)
_HOSTS_TABLES = ("django_session", "django_content_type", "auth_")


class Browser(Client):
    """A person's browser: it keeps cookies, and a page that breaks shows it an error page."""

    def __init__(self, **options: Any) -> None:
        super().__init__(headers=NAVIGATION, raise_request_exception=False, **options)

    def land(self, path: str = "/page/", **params: str) -> Any:
        """Follow an advertisement's link; ``params`` are the tracking parameters in it."""
        return self.get(path, query_params=params or {"utm_source": "google", "utm_medium": "cpc"})

    def whoami(self) -> UUID | None:
        """Return the identity that the server takes this browser for; None for a stranger."""
        identity = self.get("/whoami/").json()["identity"]
        return None if identity is None else UUID(identity)

    @property
    def carried(self) -> str | None:
        """The signed value of the identity cookie."""
        return self.cookies[COOKIE].value or None if COOKIE in self.cookies else None

    def carry(self, signed: str | None) -> None:
        """Have the browser carry another identity cookie, copied or planted."""
        assert signed is not None
        self.cookies[COOKIE] = signed


class AsyncBrowser(AsyncClient):
    """The same browser, served from an event loop."""

    def __init__(self, **options: Any) -> None:
        super().__init__(raise_request_exception=False, **options)
        self.defaults.update(NAVIGATION)  # its own `headers` argument would name them as WSGI does

    async def land(self, path: str = "/async/page/", **params: str) -> Any:
        """Follow an advertisement's link; ``params`` are the tracking parameters in it."""
        return await self.get(path, query_params=params or {"utm_source": "google", "utm_medium": "cpc"})


def visitor_request(
    *, user: User | None = None, carried: str | None = None, user_agent: str = NAVIGATION["User-Agent"]
) -> HttpRequest:
    """Return a request as a view gets it, without a session; used again it is the same visitor's."""
    request = RequestFactory(headers={**NAVIGATION, "User-Agent": user_agent}).get("/page/")
    request.user = user or AnonymousUser()
    if carried is not None:
        request.COOKIES[COOKIE] = carried
    TrackingParameterMiddleware(AttributionMiddleware(lambda request: HttpResponse()))(request)
    return request


@contextmanager
def queries_of_tracking() -> Iterator[list[str]]:
    """Collect the statements of the block, leaving out sessions, users, permissions and transaction control."""
    statements: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield statements
    for query in captured:
        table = _TABLE.search(query["sql"])
        if table is not None and not table[1].startswith(_HOSTS_TABLES):
            statements.append(query["sql"])


def without_tracking() -> override_settings:
    """Serve the site as it would be without our two middlewares, to browsers that are new."""
    return override_settings(
        MIDDLEWARE=[path for path in settings.MIDDLEWARE if not path.startswith("django_attribution.")]
    )


def as_sent(response: Any) -> tuple[Any, ...]:
    """Return all that reaches the browser, for comparison."""
    return response.status_code, dict(response.headers), response.cookies.output(), response.content


async def sent_by(application: ASGIHandler, scope: dict[str, Any], *, body: bytes = b"") -> list[dict[str, Any]]:
    """Ask an ASGI application as a server does whose client waits for the answer; return the messages it sends."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        for message in messages:
            return message
        await asyncio.Event().wait()
        raise AssertionError("it never leaves")

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    return sent
