"""Declare which conversion events a view records; any other one raises while that view runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import isawaitable
from typing import Any, TypeVar, cast

from asgiref.sync import iscoroutinefunction
from django.utils.decorators import method_decorator

from django_attribution.identity import RequestAttribution, attribution_of
from django_attribution.recording import EVENT_LENGTH, clean_text

_View = TypeVar("_View", bound=Callable[..., Any])


def conversion_events(*events: str) -> Callable[[_View], _View]:
    """Restrict the conversions recorded during a view to ``events``; any other raises ``EventNotDeclared``.

    For function views and view classes, sync and async; for one method use Django's ``method_decorator``. Around
    the GraphQL view it restricts its mutations. Where declared views call each other the inner rule holds until
    the inner view returns.
    """

    for event in events:
        clean_text(event, argument="event", max_length=EVENT_LENGTH)

    def decorate(view: _View) -> _View:
        if isinstance(view, type):
            return cast(_View, method_decorator(decorate, name="dispatch")(view))

        if iscoroutinefunction(view):

            @wraps(view)
            async def declared_async(request: Any, *args: Any, **kwargs: Any) -> Any:
                with _declared(attribution_of(request), events):
                    return await view(request, *args, **kwargs)

            return cast(_View, declared_async)

        @wraps(view)
        def declared(request: Any, *args: Any, **kwargs: Any) -> Any:
            attribution = attribution_of(request)
            with _declared(attribution, events):
                response = view(request, *args, **kwargs)
            # A class with async handlers dispatches to a coroutine, which has not run yet.
            return _finish(response, attribution, events) if isawaitable(response) else response

        return cast(_View, declared)

    return decorate


@contextmanager
def _declared(attribution: RequestAttribution, events: tuple[str, ...]) -> Iterator[None]:
    outer = attribution.declared_events
    attribution.declared_events = events
    try:
        yield
    finally:
        attribution.declared_events = outer


async def _finish(response: Awaitable[Any], attribution: RequestAttribution, events: tuple[str, ...]) -> Any:
    with _declared(attribution, events):
        return await response
