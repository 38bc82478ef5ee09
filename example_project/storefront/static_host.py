"""Stands in for a static host or CDN: with ``?cdn=1`` the storefront's page comes as a plain file.

Django does not see such a landing, nor does attribution: no view, no cookie, no session. The page finds nothing that
Django has told it, and tells of the landing itself (``recordTouchpoint``). A real site serves the file elsewhere.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin

PAGES = "/store/"
ENDPOINTS = "/store/api/"


class StaticHostMiddleware(MiddlewareMixin):
    """Answers before any other middleware; it stands first in MIDDLEWARE."""

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self._file = render_to_string("storefront/page.html").encode()  # once, as a build would

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Serve the file, the same one to everybody."""
        is_page = request.path.startswith(PAGES) and not request.path.startswith(ENDPOINTS)
        if not is_page or request.method != "GET" or request.GET.get("cdn") != "1":
            return None
        return HttpResponse(self._file, headers={"Cache-Control": "public, max-age=60"})
