"""The settings: every documented default, and values that count from the moment they are set."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from django_attribution.conf import NAMES, AttributionSettings, attribution_settings

DEFAULTS: dict[str, Any] = {
    "CURRENCY": "USD",
    "COOKIE_NAME": "_dj_attr_id",
    "COOKIE_MAX_AGE": 7_776_000,  # 90 days
    "COOKIE_DOMAIN": None,
    "COOKIE_PATH": "/",
    "COOKIE_SECURE": None,
    "COOKIE_HTTPONLY": True,
    "COOKIE_SAMESITE": "Lax",
    "CONSENT": None,
    "HONOUR_GPC": True,
    "FILTER_BOTS": True,
    "UTM_EXCLUDED_URLS": ("/admin/", "/api/"),
    "MASKED_PATHS": (
        "/reset/",
        "/password-reset/",
        "/password_reset/",
        "/activate/",
        "/confirm-email/",
        "/verify-email/",
        "/invite/",
        "/unsubscribe/",
    ),
    "UNTAGGED_VISITS": "ignore",
    "REPEAT_TOUCH_MINUTES": 30,
    "MAX_UTM_LENGTH": 200,
    "CLIENT_EVENTS": {},
    "CHANNEL_RULES": (),
    "REFERRER_HOSTS": {},
    "MODELS": {},
    "CLIENT_RATE": "60/minute",
    "CLIENT_RATE_CACHE": "default",
    "GRAPHQL_INTROSPECTION": None,
    "CONFIRMATION_TOKEN_MAX_AGE": 86_400,  # a day
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_setting_has_its_documented_default(name: str) -> None:
    assert getattr(attribution_settings, name) == DEFAULTS[name]


def test_every_setting_is_documented_here_and_says_what_it_means() -> None:
    assert set(NAMES) == set(DEFAULTS)
    for setting in fields(AttributionSettings):
        assert setting.metadata["meaning"].endswith(")") or setting.metadata["meaning"].endswith(".")


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_value_counts_from_the_moment_it_is_set_until_it_is_not(name: str) -> None:
    with override_settings(DJANGO_ATTRIBUTION={name: "one"}):
        assert getattr(attribution_settings, name) == "one"
        with override_settings(DJANGO_ATTRIBUTION={name: "two"}):
            assert getattr(attribution_settings, name) == "two"
        assert getattr(attribution_settings, name) == "one"
    assert getattr(attribution_settings, name) == DEFAULTS[name]


@pytest.mark.parametrize("configured", [{}, {"CURRENCY": "EUR"}, MappingProxyType({"CURRENCY": "EUR"})])
def test_what_is_not_set_keeps_its_default(configured: Mapping[str, Any]) -> None:
    with override_settings(DJANGO_ATTRIBUTION=configured):
        assert configured.get("CURRENCY", "USD") == attribution_settings.CURRENCY
        assert attribution_settings.COOKIE_NAME == "_dj_attr_id"


def test_a_value_that_is_false_or_none_is_a_value() -> None:
    with override_settings(DJANGO_ATTRIBUTION={"FILTER_BOTS": False, "COOKIE_DOMAIN": None, "UTM_EXCLUDED_URLS": ()}):
        assert attribution_settings.FILTER_BOTS is False
        assert attribution_settings.COOKIE_DOMAIN is None
        assert attribution_settings.UTM_EXCLUDED_URLS == ()


@pytest.mark.parametrize("nonsense", [None, "USD", ["CURRENCY"], 7])
def test_a_setting_that_is_no_dict_leaves_the_defaults_in_force(nonsense: Any) -> None:
    with override_settings(DJANGO_ATTRIBUTION=nonsense):
        assert attribution_settings.CURRENCY == "USD"


def test_without_the_setting_the_defaults_are_in_force() -> None:
    with override_settings(DJANGO_ATTRIBUTION={}):
        del settings.DJANGO_ATTRIBUTION
        assert attribution_settings.CURRENCY == "USD"


def test_the_defaults_cannot_be_changed_by_accident() -> None:
    with pytest.raises(TypeError):
        attribution_settings.CLIENT_EVENTS["signup"] = {}  # type: ignore[index]


def test_a_setting_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="CURENCY"):
        attribution_settings.CURENCY  # type: ignore[attr-defined]  # noqa: B018 - reading it is the test
