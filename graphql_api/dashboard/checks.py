"""The system checks of the dashboard: it has an address, and so has what it asks and where strangers are sent."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from graphql_api.dashboard.endpoint import CSRF, ENDPOINT

PAGE = "attribution_dashboard:dashboard"


@register(Tags.urls)
def check_addresses(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report what leads nowhere on this site."""
    return list(_found())


def _found() -> Iterator[CheckMessage]:
    if not (_has_address(ENDPOINT) and _has_address(CSRF)):
        yield Error(
            "The dashboard asks the GraphQL endpoint, and no address leads to it.",
            hint='Add path("graphql/", include("graphql_api.urls")) to ROOT_URLCONF.',
            id="attribution_dashboard.E001",
        )
    if not _has_address(PAGE):
        yield Warning(
            "The dashboard is installed, and no address leads to it.",
            hint='Add path("dashboard/", include("graphql_api.dashboard.urls")) to ROOT_URLCONF.',
            id="attribution_dashboard.W001",
        )
    elif not _is_page(settings.LOGIN_URL):
        yield Warning(
            f"The dashboard sends strangers to LOGIN_URL, {settings.LOGIN_URL!r}, and there is no such page.",
            hint='Set LOGIN_URL to your login page; with the admin alone that is LOGIN_URL = "admin:login".',
            id="attribution_dashboard.W002",
        )


def _has_address(name: str) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def _is_page(setting: str) -> bool:
    """Tell whether an address or the name of one leads to a page of this site; those elsewhere are taken on trust."""
    try:
        address = resolve_url(setting)
        if address.startswith("/") and not address.startswith("//"):
            resolve(address.partition("?")[0])
    except (NoReverseMatch, Resolver404):
        return False
    return True
