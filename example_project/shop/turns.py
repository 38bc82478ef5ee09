"""Lets the requests of one session take turns, so that none loses what another has done.

Django reads a session when it is first asked for, and writes all of it after the view: of two requests at once, the
last to write wins, and what the other put there, be it an order, is gone. Needs sessions in the database.
"""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

_View = Callable[..., HttpResponseBase]


def takes_turns(view: _View) -> _View:
    """Have a view that changes the session wait for the others of its session, and see what they did.

    What it does is one transaction: where it raises, neither its rows nor its session are there. Reading needs no turn.
    """

    @wraps(view)
    def in_turn(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return view(request, *args, **kwargs)
        with transaction.atomic():
            _lock(request)
            response = view(request, *args, **kwargs)
            _save(request)
        return response

    return in_turn


def _lock(request: HttpRequest) -> None:
    """Wait until nobody else has the session's row, then read session and user anew.

    SQLite locks no rows: there the whole transaction waits, as "transaction_mode" is IMMEDIATE.
    """
    key = request.session.session_key
    Session.objects.select_for_update().filter(session_key=key).first()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    request.user = SimpleLazyObject(lambda: get_user(request))  # type: ignore[assignment]  # as Django's middleware


def _save(request: HttpRequest) -> None:
    """Save the session within the turn; the middleware, which comes after it, has nothing left to write.

    A session that is new it writes again, with the cookie; nobody else knows of such a session yet.
    """
    if request.session.modified:
        request.session.save()
        request.session.modified = request.session.session_key != request.COOKIES.get(settings.SESSION_COOKIE_NAME)
