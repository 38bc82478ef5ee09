"""Ask the GraphQL endpoint over HTTP, as a front end or a dashboard does, and read what it answers.

Knows the shape of GraphQL's answers, and nothing of what is asked.
"""

import json
from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client

ENDPOINT = "/graphql/"
EVERYTHING = ("view_conversion", "view_identity", "view_touchpoint")


def dashboard(*permissions: str, client: Client | None = None) -> Client:
    """Log in somebody who has these permissions and no others; ``view_conversion`` when none is named."""
    user = User.objects.create_user(f"staff-{User.objects.count()}")
    named = Permission.objects.filter(
        content_type__app_label="django_attribution", codename__in=permissions or ("view_conversion",)
    )
    user.user_permissions.set(named)
    client = Client(raise_request_exception=False) if client is None else client
    client.force_login(user)
    return client


def post(client: Client, document: str, *, path: str = ENDPOINT, **variables: Any) -> Any:
    """Post an operation and return the response."""
    return post_body(client, json.dumps({"query": document, "variables": variables}), path=path)


def post_body(client: Client, body: str | bytes, *, path: str = ENDPOINT, **headers: str) -> Any:
    """Post a body that says it is JSON, and return the response."""
    return client.post(path, body, content_type="application/json", headers=headers)


def ask(client: Client, document: str, *, path: str = ENDPOINT, **variables: Any) -> Any:
    """Post an operation that must work, and return its data."""
    response = post(client, document, path=path, **variables)
    assert response.status_code == 200, response.content
    answer = response.json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def errors_of(client: Client, document: str, *, path: str = ENDPOINT, **variables: Any) -> list[dict[str, Any]]:
    """Post an operation that must fail, and return its errors."""
    response = post(client, document, path=path, **variables)
    assert response.status_code == 200, response.content
    errors: list[dict[str, Any]] = response.json()["errors"]
    return errors


def codes_of(client: Client, document: str, *, path: str = ENDPOINT, **variables: Any) -> set[str]:
    """Post an operation that must fail, and return the codes of its errors."""
    return {error["extensions"]["code"] for error in errors_of(client, document, path=path, **variables)}


def refused_argument(client: Client, document: str, *, path: str = ENDPOINT, **variables: Any) -> str | None:
    """Post an operation that must be refused as bad input; return the argument that the refusal names."""
    (error,) = errors_of(client, document, path=path, **variables)
    assert error["extensions"]["code"] == "BAD_USER_INPUT", error
    argument: str | None = error["extensions"].get("argument")
    return argument
