"""What a worker with GraphQL runs: the endpoint beside plain views and plain Python.

It is a worker of its own, since Strawberry makes every queryset of its process a little slower.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.models import Permission, User
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

from django_attribution.attribution_models import last_touch
from django_attribution.models import Conversion
from tests.benchmarks import site, visits
from tests.benchmarks.clock import Clock
from tests.benchmarks.ours import number_text, second_text, two_models

CSRF = "a" * 32

CONVERSIONS = """query ($first: Int!) { attributedConversions(first: $first) { edges {
  node { id event status value { amount currency } recordedValue { amount currency } occurredAt confirmedAt customData }
  credits { source medium campaign channel }
} } }"""
REPORT = """{ attributionReport(models: [LAST_TOUCH, LINEAR], groupBy: [CAMPAIGN], interval: WEEK, first: 100) { rows {
  kind key { value } intervalStart currency results { model conversions value { amount currency } }
} } }"""


def plain_page(request: HttpRequest, first: int) -> JsonResponse:
    """Answer what the GraphQL page does, by hand."""
    if not request.user.has_perm("django_attribution.view_conversion"):
        return JsonResponse({}, status=403)
    conversions = Conversion.objects.valid().with_attribution(last_touch).order_by("-created_at", "-uuid")[:first]
    return JsonResponse({"conversions": [_by_hand(conversion) for conversion in conversions]})


def _by_hand(conversion: Conversion) -> dict[str, Any]:
    data = conversion.attribution_data
    return {
        "id": conversion.uuid,
        "event": conversion.event,
        "status": conversion.status,
        "amount": str(conversion.value),
        "currency": conversion.currency,
        "recorded_amount": str(conversion.recorded_value),
        "recorded_currency": conversion.currency,
        "occurred_at": conversion.created_at,
        "confirmed_at": conversion.confirmed_at,
        "custom_data": conversion.custom_data,
        "source": data.get("source"),
        "medium": data.get("medium"),
        "campaign": data.get("utm_campaign"),
        "channel": data.get("channel"),
    }


urlpatterns = [
    *site.urlpatterns,
    path("graphql/", include("graphql_api.urls")),
    path("plain/<int:first>/", plain_page),
]


def two_models_over_graphql(clock: Clock) -> Any:
    """Ask for the same report over GraphQL."""
    with _analyst() as cookies:
        with clock.running():
            data = _ask(REPORT, cookies)
        rows = data["attributionReport"]["rows"]
    return [
        [
            row["kind"].lower(), [part["value"] for part in row["key"]], _second(row["intervalStart"]), row["currency"],
            result["model"].lower(), number_text(result["conversions"]), number_text(result["value"]["amount"]),
        ]
        for row in rows
        for result in row["results"]
    ]  # fmt: skip


def graphql_page(first: int) -> Callable[[Clock], Any]:
    """Make the operation: a page of conversions with 14 fields each, over GraphQL."""

    def operation(clock: Clock) -> Any:
        with _analyst() as cookies:
            data = clock.repeat(lambda: _ask(CONVERSIONS, cookies, first=first))
        return [_shown(edge) for edge in data["attributedConversions"]["edges"]]

    return operation


def hand_made_page(first: int) -> Callable[[Clock], Any]:
    """Make the operation: the same page from a plain view."""

    def operation(clock: Clock) -> Any:
        with _analyst() as cookies:
            content, _ = clock.repeat(lambda: users_only().visit(f"/plain/{first}/", cookies=cookies))
        return [
            [
                row["event"], row["status"], number_text(row["amount"]), row["currency"], _second(row["occurred_at"]),
                row["custom_data"], row["source"], row["medium"], row["campaign"], row["channel"],
            ]
            for row in json.loads(content)["conversions"]
        ]  # fmt: skip

    return operation


OPERATIONS: dict[str, Callable[[Clock], Any]] = {
    "two models": two_models,
    "two models over graphql": two_models_over_graphql,
    **{f"graphql page {first}": graphql_page(first) for first in (50, 200)},
    **{f"plain page {first}": hand_made_page(first) for first in (50, 200)},
}


@cache
def users_only() -> visits.Site:
    """Return the site with sessions and users, and without attribution."""
    return visits.Site(*site.SOMEBODY)


@contextmanager
def _analyst() -> Iterator[visits.Cookies]:
    """Log in somebody who may see conversions, for as long as the block takes."""
    user = User.objects.create_user(f"analyst-{uuid.uuid4()}")
    user.user_permissions.set(Permission.objects.filter(codename="view_conversion"))
    try:
        _, cookies = users_only().visit(f"/login/{user.get_username()}/")
        yield {**cookies, "csrftoken": CSRF}
    finally:
        user.delete()


def _ask(document: str, cookies: visits.Cookies, **variables: Any) -> dict[str, Any]:
    body = json.dumps({"query": document, "variables": variables}).encode()
    content, _ = users_only().visit("/graphql/", cookies=cookies, body=body, HTTP_X_CSRFTOKEN=CSRF)
    answer = json.loads(content)
    if "errors" in answer:
        raise RuntimeError(f"GraphQL answered {answer['errors']}")
    data: dict[str, Any] = answer["data"]
    return data


def _shown(edge: dict[str, Any]) -> list[Any]:
    node = edge["node"]
    credit = edge["credits"][0] if edge["credits"] else {}
    return [
        node["event"], node["status"].lower(), number_text(node["value"]["amount"]), node["value"]["currency"],
        _second(node["occurredAt"]), node["customData"], credit.get("source"), credit.get("medium"),
        # A parameter that the URL lacks is null in GraphQL and empty in Python.
        (credit.get("campaign") or "") if credit else None, credit.get("channel"),
    ]  # fmt: skip


def _second(instant: str) -> str:
    return second_text(datetime.fromisoformat(instant))
