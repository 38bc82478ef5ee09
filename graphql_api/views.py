"""The HTTP side: one endpoint, JSON over POST under Django's CSRF check, GraphiQL under DEBUG, and the CSRF token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from cross_web import HTTPException
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from strawberry.django.views import AsyncGraphQLView as StrawberryAsyncGraphQLView
from strawberry.django.views import GraphQLView as StrawberryGraphQLView
from strawberry.http import GraphQLHTTPResponse
from strawberry.types import ExecutionResult

from graphql_api.errors import with_typed_errors
from graphql_api.introspection import may_introspect
from graphql_api.request_rules import note_operation_name

MAX_BODY_BYTES = 64 * 1024
GRAPHQL_RESPONSE = "application/graphql-response+json"


class _Strict:
    """What both views share: what comes in is small, well-formed JSON, and goes out by way of orjson."""

    request: HttpRequest

    def __init__(self, **options: Any) -> None:
        # A view is made for each request, so the setting is read at the moment of use.
        ide = "graphiql" if may_introspect() else None
        super().__init__(**{**options, "graphql_ide": ide, "allow_queries_via_get": False})

    def should_render_graphql_ide(self, request: Any) -> bool:
        """Show GraphiQL also at the address it gives itself, with ``?query=``."""
        return self.request.method == "GET"

    def decode_json(self, data: str | bytes) -> object:
        """Decode a body; raise ``HTTPException`` (400) for one that is no JSON object."""
        try:
            decoded = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise HTTPException(400, "The body must be JSON.") from error
        if not isinstance(decoded, dict):
            raise HTTPException(400, "The body must be a JSON object.")
        name = decoded.get("operationName")
        if not isinstance(name, str | None):
            raise HTTPException(400, "The GraphQL operation's `operationName` must be a string or null, if provided.")
        note_operation_name(self.request, name)
        return decoded

    def encode_json(self, data: object) -> bytes:
        """Encode an answer; with the standard library where custom data holds integers beyond 64 bits."""
        try:
            return orjson.dumps(data)
        except orjson.JSONEncodeError:
            return json.dumps(data, separators=(",", ":")).encode()

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

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, unless the body cannot be one."""
        return refusal(request) or super().dispatch(request, *args, **kwargs)

    def render_graphql_ide(self, request: HttpRequest) -> HttpResponse:
        """Show GraphiQL, with the CSRF cookie that its requests need."""
        get_token(request)
        return super().render_graphql_ide(request)

    def process_result(self, request: HttpRequest, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Answer with typed errors."""
        return super().process_result(request, with_typed_errors(result))


class AsyncGraphQLView(_Strict, StrawberryAsyncGraphQLView[Any, None]):
    """The endpoint for sites whose other views are async; each root field takes a thread."""

    async def dispatch(  # type: ignore[override]  # async where Django's is not, as in Strawberry's own
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Answer, unless the body cannot be one."""
        return refusal(request) or await super().dispatch(request, *args, **kwargs)

    async def render_graphql_ide(self, request: HttpRequest) -> HttpResponse:
        """Show GraphiQL, with the CSRF cookie that its requests need."""
        get_token(request)
        return await super().render_graphql_ide(request)

    async def process_result(self, request: HttpRequest, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Answer with typed errors."""
        return await super().process_result(request, with_typed_errors(result))


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to what is no operation: any method but POST, a body that is too large, or no UTF-8.

    GET shows GraphiQL to a person where callers may read the schema, and nothing is ever asked or done by it.
    """
    is_for_graphiql = request.method == "GET" and "text/html" in request.headers.get("Accept", "") and may_introspect()
    if is_for_graphiql:
        return None
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if request.content_type != "application/json":  # and before the body: Django has read a form's already
        return HttpResponse("The body must be application/json.", "text/plain", status=400)
    if len(request.body) > MAX_BODY_BYTES:
        return HttpResponse(f"The body may have at most {MAX_BODY_BYTES} bytes.", "text/plain", status=413)
    try:
        request.body.decode()
    except UnicodeDecodeError:
        return HttpResponse("The body must be JSON in UTF-8.", "text/plain", status=400)
    return None


def is_refused(answer: Mapping[str, Any]) -> bool:
    """Tell whether an answer says that nothing was run: its errors are about the document, not about a field."""
    return answer.get("data") is None and not any("path" in error for error in answer.get("errors", ()))


@require_GET
@never_cache
def csrf(request: HttpRequest) -> HttpResponseBase:
    """Give a front end that Django did not serve its CSRF cookie, and the token to send as X-CSRFToken."""
    return JsonResponse({"csrfToken": get_token(request)})
