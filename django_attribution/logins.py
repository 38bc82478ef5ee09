"""What a login and a logout mean for the visitor of a request: receivers of Django's two signals."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.db import connections, router, transaction
from django.http import HttpRequest

from django_attribution.failures import fail_open
from django_attribution.identity import RequestAttribution
from django_attribution.models import Identity


def claim_on_login(request: HttpRequest | None = None, user: Any = None, **_: Any) -> None:
    """Receive ``user_logged_in``: the browser's history becomes the user's."""
    attribution = getattr(request, "attribution", None)
    if isinstance(attribution, RequestAttribution):
        with fail_open("login"), _savepoint():
            attribution.log_in(user)


def forget_on_logout(request: HttpRequest | None = None, user: Any = None, **_: Any) -> None:
    """Receive ``user_logged_out``: drop the cookie, if there was a user to log out."""
    attribution = getattr(request, "attribution", None)
    if isinstance(attribution, RequestAttribution) and user is not None:
        attribution.log_out()


def _savepoint() -> Any:
    """Guard the host's transaction from our failures; outside of one, do not begin one with a read (SQLite)."""
    using = router.db_for_write(Identity)
    return transaction.atomic(using=using) if connections[using].in_atomic_block else nullcontext()
