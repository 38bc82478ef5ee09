"""The site that a worker serves: middlewares, views, addresses. The same for both packages, apart from GraphQL."""

import asyncio
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils.decorators import sync_and_async_middleware

# The published package needs request.user, and nobody is the cheapest one; sites without either are timed with it, too.
NOBODY = ("tests.benchmarks.site.nobody",)
SOMEBODY = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)
ATTRIBUTION = (
    "django_attribution.middlewares.TrackingParameterMiddleware",
    "django_attribution.middlewares.AttributionMiddleware",
)
AWAITED: float = 0.05  # seconds


@sync_and_async_middleware
def nobody(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Give the request a user, without the cost of sessions."""

    if iscoroutinefunction(get_response):

        async def awaited(request: HttpRequest) -> HttpResponseBase:
            request.user = AnonymousUser()
            response: HttpResponseBase = await get_response(request)
            return response

        return awaited

    def answered(request: HttpRequest) -> HttpResponseBase:
        request.user = AnonymousUser()
        response: HttpResponseBase = get_response(request)
        return response

    return answered


def page(request: HttpRequest) -> HttpResponse:
    """Answer as little as a view can."""
    return HttpResponse("ok")


async def awaiting(request: HttpRequest) -> HttpResponse:
    """Wait for something that takes no processor."""
    await asyncio.sleep(AWAITED)
    return HttpResponse("ok")


def log_in(request: HttpRequest, username: str) -> HttpResponse:
    """Log somebody in, as a site does after it has checked the password."""
    login(request, User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponse("ok")


urlpatterns = [
    path("page/", page),
    path("awaiting/", awaiting),
    path("login/<str:username>/", log_in),
]
