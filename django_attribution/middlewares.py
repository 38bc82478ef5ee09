"""The two middlewares: the order of calls, nothing else. An instance holds ``get_response`` and no visitor.

Both work under WSGI and ASGI; an async request that has nothing to record never leaves its event loop.
"""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseBase

from django_attribution import tracking
from django_attribution.conf import attribution_settings
from django_attribution.failures import fail_open
from django_attribution.identity import RequestAttribution

_Response = HttpResponseBase | Awaitable[HttpResponseBase]


class _Middleware:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(cast(Any, self))


class TrackingParameterMiddleware(_Middleware):
    """Leaves the tracking parameters of the request's URL in ``request.tracking_params``: a dict, often empty.

    Reads the query string itself. ``request.GET`` would parse and keep what the host page may never look at, and
    can raise where the page would not.
    """

    def __call__(self, request: HttpRequest) -> _Response:
        """Read the parameters and go on."""
        request.tracking_params = _tracking_params(request)  # type: ignore[attr-defined]  # this is what we add
        response: _Response = self.get_response(request)
        return response


class AttributionMiddleware(_Middleware):
    """Gives the request its visitor as ``request.attribution``; after the view, stores the landing and the cookie."""

    def __call__(self, request: HttpRequest) -> _Response:
        """Call the view exactly once, outside any try of ours."""
        if self._is_async:
            return self.__acall__(request)
        attribution = RequestAttribution(request)
        request.attribution = attribution  # type: ignore[attr-defined]  # this is what we add
        response: HttpResponseBase = self.get_response(request)
        if attribution.is_due():
            _finish(attribution, response)
        return response

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        """Do the same under ASGI; only what touches the database takes a thread."""
        attribution = RequestAttribution(request)
        request.attribution = attribution  # type: ignore[attr-defined]  # this is what we add
        response: HttpResponseBase = await self.get_response(request)
        if attribution.is_due():
            await sync_to_async(_finish)(attribution, response)
        return response


def _finish(attribution: RequestAttribution, response: HttpResponseBase) -> None:
    with fail_open("record"):
        attribution.finish(response)


def _tracking_params(request: HttpRequest) -> dict[str, str]:
    query_string = request.META.get("QUERY_STRING")
    if not query_string or "=" not in query_string:
        return {}
    params: dict[str, str] = {}
    with fail_open("read"):
        if not tracking.is_excluded(request.path_info, prefixes=attribution_settings.UTM_EXCLUDED_URLS):
            # WSGI hands over bytes as latin-1 text (PEP 3333); Django's ASGI request has decoded them as UTF-8.
            encoding = "latin-1" if isinstance(request, WSGIRequest) else "utf-8"
            params = tracking.parse_query_string(
                query_string.encode(encoding, "replace"), max_length=attribution_settings.MAX_UTM_LENGTH
            )
    return params
