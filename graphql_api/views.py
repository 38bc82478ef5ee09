"""The HTTP side: one endpoint, JSON over POST under Django's CSRF check, GraphiQL under DEBUG, and the CSRF token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from cross_web import HTTPException
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from strawberry.django.views import AsyncGraphQLView as StrawberryAsyncGraphQLView
from strawberry.django.views import GraphQLView as StrawberryGraphQLView

MAX_BODY_BYTES = 64 * 1024
GRAPHQL_RESPONSE = "application/graphql-response+json"


class _Strict:
    """What both views share: what comes in is small, well-formed JSON, and goes out by way of orjson."""

    allow_queries_via_get = False
    request: HttpRequest

    def __init__(self, **options: Any) -> None:
        # A view is made for each request, so DEBUG is read at the moment of use.
        super().__init__(**{**options, "graphql_ide": "graphiql" if settings.DEBUG else None})

    def decode_json(self, data: str | bytes) -> object:
        """Decode a body; raise ``HTTPException`` (400) for one that is no JSON object."""
        if len(data) > MAX_BODY_BYTES:
            raise HTTPException(413, f"The body may have at most {MAX_BODY_BYTES} bytes.")
        try:
            decoded = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise HTTPException(400, "The body must be JSON.") from error
        if not isinstance(decoded, dict):
            raise HTTPException(400, "The body must be a JSON object.")
        return decoded

    def encode_json(self, data: object) -> bytes:
        """Encode an answer."""
        return orjson.dumps(data)

    def create_response(self, response_data: Any, sub_response: HttpResponse) -> HttpResponseBase:
        """Answer in the media type of GraphQL over HTTP where it is asked for, with its status codes."""
        response: HttpResponseBase = super().create_response(response_data, sub_response)  # type: ignore[misc]  # the view it is mixed into
        if GRAPHQL_RESPONSE in self.request.headers.get("Accept", ""):
            response.headers["Content-Type"] = f"{GRAPHQL_RESPONSE}; charset=utf-8"
            if is_refused(response_data):
                response.status_code = 400
        return response


class GraphQLView(_Strict, StrawberryGraphQLView[Any, None]):
    """The endpoint under WSGI, and the faster one under ASGI too."""


class AsyncGraphQLView(_Strict, StrawberryAsyncGraphQLView[Any, None]):
    """The endpoint for sites whose other views are async; each root field takes a thread."""


def is_refused(answer: Mapping[str, Any]) -> bool:
    """Tell whether an answer says that nothing was run: its errors are about the document, not about a field."""
    return answer.get("data") is None and not any("path" in error for error in answer.get("errors", ()))


@require_GET
@never_cache
def csrf(request: HttpRequest) -> HttpResponseBase:
    """Give a front end that Django did not serve its CSRF cookie, and the token to send as X-CSRFToken."""
    return JsonResponse({"csrfToken": get_token(request)})
