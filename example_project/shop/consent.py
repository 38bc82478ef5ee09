"""May this visitor be tracked? The shop remembers a no in a cookie of its own; without one it takes a yes for granted.

Where the law asks for a yes first, return None without the cookie: nothing is recorded until it is there.
"""

from django.http import HttpRequest, HttpResponse

COOKIE = "tracking"
REMEMBERED_FOR = 365 * 24 * 60 * 60  # seconds


def consent(request: HttpRequest) -> bool | None:
    """Answer for the package: this is what its setting CONSENT names."""
    return request.COOKIES.get(COOKIE) != "no"


def remember_no(response: HttpResponse) -> None:
    """Have the browser say no from now on."""
    response.set_cookie(COOKIE, "no", max_age=REMEMBERED_FOR, httponly=True, samesite="Lax")


def forget_no(response: HttpResponse) -> None:
    """Have the browser say no longer no."""
    response.delete_cookie(COOKIE, samesite="Lax")
