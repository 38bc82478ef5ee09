"""How the storefront's endpoints talk: JSON objects in, JSON out, and errors as lists of messages by field."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_POST

FORM = "__all__"  # where Django's forms put errors that belong to no field

_View = Callable[..., HttpResponseBase]


def refusal(errors: Mapping[str, Sequence[object]], *, status: int = 400) -> JsonResponse:
    """Answer that it was not done, and why; ``errors`` may be those of a form."""
    said = {field: [str(message) for message in messages] for field, messages in errors.items()}
    return JsonResponse({"errors": said}, status=status)


def json_post(view: _View) -> _View:
    """Have a view take the JSON object that is posted as its second argument."""

    @require_POST
    @wraps(view)
    def read(request: HttpRequest, **address: str) -> HttpResponseBase:
        if request.content_type != "application/json":  # Django may have read a form's body already, for CSRF's sake
            return refusal({FORM: ["The body must be JSON."]}, status=415)
        try:
            posted = _object_of(request.body)
        except RequestDataTooBig:
            return refusal({FORM: ["The body is too large."]}, status=413)
        if posted is None:
            return refusal({FORM: ["The body must be a JSON object."]})
        return view(request, posted, **address)

    return read


def _object_of(body: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(body)
        json.dumps(data, ensure_ascii=False).encode()  # half of a surrogate pair is JSON, and no text to store
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
