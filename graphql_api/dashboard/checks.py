"""The system check of the dashboard: what it asks must have an address."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.urls import NoReverseMatch, reverse

ENDPOINT = "graphql_api:graphql"
CSRF = "graphql_api:csrf"


@register
def check_endpoint(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report a site that has the dashboard and not the endpoint that it asks."""
    try:
        reverse(ENDPOINT)
    except NoReverseMatch:
        return [
            Error(
                "The dashboard asks the GraphQL endpoint, and no address leads to it.",
                hint='Add path("graphql/", include("graphql_api.urls")) to ROOT_URLCONF.',
                id="attribution_dashboard.E001",
            )
        ]
    return []
