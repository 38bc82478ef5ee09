"""A site for real servers: ``gunicorn tests.served_site:wsgi``, ``uvicorn tests.served_site:asgi``.

``python -m tests.served_site 50`` makes its tables and fifty users, in the PostgreSQL that
ATTRIBUTION_TEST_DATABASE_URL names. A request to ``wsgi`` may ask for the end of the process that serves it, by a
header ``Die`` that names the moment: a worker is killed where a test wants it, its other threads wherever they are.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from typing import Any

import django
from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

from tests.settings import INSTALLED_APPS, POSTGRES_URL, TEMPLATES, postgres_database

THREADS = 16  # of an ASGI process
MOMENTS = ("before the view", "before the commit", "before the answer")

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": {**postgres_database(POSTGRES_URL), "CONN_MAX_AGE": None}},  # a thread keeps its connection
    DJANGO_ATTRIBUTION={"CLIENT_EVENTS": {"purchase": {"value": True}}},
    INSTALLED_APPS=INSTALLED_APPS,
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django_attribution.middlewares.TrackingParameterMiddleware",
        "django_attribution.middlewares.AttributionMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-the-tests",
    TEMPLATES=TEMPLATES,
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402 - models need the settings

from django_attribution.signals import conversion_recorded  # noqa: E402
from tests.shop import views  # noqa: E402

urlpatterns = [
    path("graphql/", include("graphql_api.urls")),
    path("page/", views.page),
    path("whoami/", views.whoami),
    path("login/<str:username>/", views.log_in),
    path("buy/<str:key>/", views.buy),
    path("async/page/", views.async_page),
    path("async/whoami/", views.async_whoami),
    path("async/login/<str:username>/", views.async_log_in),
    path("async/buy/<str:key>/", views.async_buy),
]

_dies = ContextVar("_dies", default="")


def _die(moment: str) -> None:
    if _dies.get() == moment:
        os.kill(os.getpid(), signal.SIGKILL)


@conversion_recorded.connect
def _die_before_commit(**_: Any) -> None:
    _die("before the commit")


def mortal(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Have a WSGI application die where a request asks for it."""

    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        _dies.set(environ.get("HTTP_DIE", ""))
        _die("before the view")
        answer = application(environ, start_response)
        _die("before the answer")
        return answer

    return call


class FewThreads:
    """Has an ASGI application use a few threads in turns, where Django would make one for each request.

    So threads keep their connections, which cost more than all the rest of a request; and one visitor's thread is
    the next one's, as it is under gunicorn.
    """

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._application = application
        self._requests: asyncio.Queue[tuple[Any, asyncio.Future[None]]] = asyncio.Queue()
        self._threads: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a request when its turn comes."""
        if not self._threads:
            self._threads = [asyncio.create_task(self._serve()) for _ in range(THREADS)]
        is_done = asyncio.get_running_loop().create_future()
        self._requests.put_nowait(((scope, receive, send), is_done))
        await is_done

    async def _serve(self) -> None:
        async with ThreadSensitiveContext():  # Django finds it, and makes none of its own
            while True:
                request, is_done = await self._requests.get()
                await asyncio.create_task(self._application(*request))  # in a context of its own
                is_done.set_result(None)


wsgi = mortal(get_wsgi_application())
asgi = FewThreads(get_asgi_application())


if __name__ == "__main__":
    call_command("migrate", verbosity=0, run_syncdb=True)
    User.objects.bulk_create(User(username=f"user-{number}") for number in range(int(sys.argv[1])))
