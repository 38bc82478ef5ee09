"""What a login and a logout mean for the visitor of a request: receivers of Django's two signals."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from django_attribution.failures import fail_open
from django_attribution.identity import RequestAttribution


def claim_on_login(request: HttpRequest | None = None, user: Any = None, **_: Any) -> None:
    """Receive ``user_logged_in``: the browser's history becomes the user's."""
    attribution = getattr(request, "attribution", None)
    if isinstance(attribution, RequestAttribution):
        with fail_open("login"):
            attribution.log_in(user)


def forget_on_logout(request: HttpRequest | None = None, user: Any = None, **_: Any) -> None:
    """Receive ``user_logged_out``: drop the cookie, if there was a user to log out."""
    attribution = getattr(request, "attribution", None)
    if isinstance(attribution, RequestAttribution) and user is not None:
        attribution.log_out()
