"""The system checks: each tells what is wrong by its id, what was given, and what to do."""

import re
from collections.abc import Iterator
from functools import partial
from types import FunctionType
from typing import Any

import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.test import override_settings

from django_attribution.attribution_models import time_decay
from django_attribution.checks import check_foreign_tables, check_instants, check_middlewares, check_settings
from django_attribution.conf import NAMES
from django_attribution.middlewares import AttributionMiddleware, TrackingParameterMiddleware
from tests.shop import consent

AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
TRACKING = "django_attribution.middlewares.TrackingParameterMiddleware"
ATTRIBUTION = "django_attribution.middlewares.AttributionMiddleware"
FOREIGN_TABLES = ("django_attribution_conversion", "django_attribution_identity", "django_attribution_touchpoint")


class OwnAuthenticationMiddleware(AuthenticationMiddleware):
    """As hosts write them."""


class OwnTrackingMiddleware(TrackingParameterMiddleware):
    """A host's own variant."""


class OwnAttributionMiddleware(AttributionMiddleware):
    """A host's own variant."""


def plain_middleware(get_response: Any) -> Any:
    """Do nothing: a middleware need not be a class."""
    return get_response


def ids(messages: list[checks.CheckMessage]) -> list[str | None]:
    """Return the ids of messages."""
    return [message.id for message in messages]


def test_these_settings_have_nothing_to_complain_of() -> None:
    assert check_settings() == check_middlewares() == []


def test_the_checks_run_with_manage_py_check() -> None:
    with override_settings(DJANGO_ATTRIBUTION={"CURENCY": "EUR"}), pytest.raises(SystemCheckError, match="E001"):
        call_command("check")
    with override_settings(MIDDLEWARE=[ATTRIBUTION, TRACKING]), pytest.raises(SystemCheckError, match="E003"):
        call_command("check")


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("CURENCY", "Did you mean CURRENCY?"),
        ("COOKIE_MAXAGE", "Did you mean COOKIE_MAX_AGE?"),
        ("UTM_EXCLUDED_URL", "Did you mean UTM_EXCLUDED_URLS?"),
        ("client_events", f"Known keys: {', '.join(NAMES)}."),
        ("ZZZ", f"Known keys: {', '.join(NAMES)}."),
        (7, f"Known keys: {', '.join(NAMES)}."),
    ],
)
def test_an_unknown_key_is_an_error_with_a_hint(key: Any, hint: str) -> None:
    with override_settings(DJANGO_ATTRIBUTION={key: 1}):
        [message] = check_settings()
    assert (message.id, message.level) == ("django_attribution.E001", checks.ERROR)
    assert message.msg == f"DJANGO_ATTRIBUTION has no key {key!r}."
    assert message.hint == hint


UNUSABLE: dict[str, tuple[Any, ...]] = {
    "CURRENCY": ("usd", "ABC", "XAU", "", None, 840),
    "COOKIE_NAME": ("", None, 7, b"id", "my cookie", "id;", "id=1", "größe", "path", "Expires"),
    "COOKIE_MAX_AGE": (0, -1, 1.5, "90", True, None, 10**10),
    "COOKIE_DOMAIN": ("", 7, False),
    "COOKIE_PATH": ("", None, 7, "/größe/", "/\x00"),
    "COOKIE_SECURE": (1, "yes"),
    "COOKIE_HTTPONLY": (None, 1, "yes"),
    "COOKIE_SAMESITE": ("lax", "", None, False, ["Lax"]),
    "CONSENT": (
        True,
        7,
        ["tests.shop.consent.by_cookie"],
        "",
        "nowhere",
        "nowhere.consent",
        "tests.shop.consent.nowhere",
        "tests.shop.consent.NO_FUNCTION",
        "tests.shop.consent.patient",
        "tests.shop.consent.curious",
        ".consent",
        "..consent",
        consent.patient,
        consent.curious,
        consent.hesitant,
        consent.Patient(),
        consent.Hesitant(),
        SyncToAsync(consent.by_cookie),
    ),
    "HONOUR_GPC": (None, 1, "yes"),
    "FILTER_BOTS": (None, 1, "yes"),
    "UTM_EXCLUDED_URLS": ("/admin/", ["/admin/", ""], [7], {"/admin/"}, None, b"/admin/", ["/\x00"], ["/\ud800"]),
    "MASKED_PATHS": (
        "/reset/",
        ["/reset"],
        ["reset/"],
        ["/"],
        ["/re set/"],
        ["/zur%C3%BCck/"],
        [7],
        {"/reset/"},
        None,
        ["/\x00/"],
        ["/\ud800/"],
    ),
    "MODELS": (
        None,
        ["LAST_PAID"],
        {"last_paid": "django_attribution.attribution_models.linear"},
        {"LAST PAID": "django_attribution.attribution_models.linear"},
        {7: "django_attribution.attribution_models.linear"},
        {"LINEAR": "django_attribution.attribution_models.linear"},
        {"MARKOV": "django_attribution.attribution_models.linear"},
        {"LAST_PAID": "django_attribution.attribution_models.nowhere"},
        {"LAST_PAID": "nowhere"},
        {"LAST_PAID": ".nowhere"},
        {"LAST_PAID": "django_attribution.attribution_models.time_decay"},  # has to be called
        {"LAST_PAID": "django_attribution.attribution_models.Linear"},
        {"LAST_PAID": "django_attribution.model_names.markov"},  # of reports only
        {"LAST_PAID": None},
    ),
    "UNTAGGED_VISITS": ("", "ALL", "none", None, True, ["all"], {"all"}),
    "REPEAT_TOUCH_MINUTES": (-1, 1441, 0.5, "30", True, None),
    "MAX_UTM_LENGTH": (0, -1, 513, 1.5, "200", True, None),
    "CLIENT_EVENTS": (
        None,
        ["signup"],
        {"signup": None},
        {"signup": True},
        {"": {}},
        {7: {}},
        {"x" * 256: {}},
        {"a\x00b": {}},
        {"signup": {"max": 1}},
        {"signup": {"value": 1}},
        {"signup": {"confirmed": "yes"}},
        {"signup": {"max_value": -1}},
        {"signup": {"max_value": "NaN"}},
        {"signup": {"max_value": "many"}},
        {"signup": {"max_value": True}},
        {"signup": {"currencies": "USD"}},
        {"signup": {"currencies": ["QQQ"]}},
        {"signup": {"currencies": [None]}},
    ),
    "CLIENT_RATE": (
        0,
        60,
        True,
        "60",
        "60/",
        "0/minute",
        "-1/minute",
        "60/fortnight",
        "60/minutes",
        "60 per minute",
        "60/minute;500/day",
        "60/minute\n",
        ["60/minute"],
    ),
    "CLIENT_RATE_CACHE": ("", "elsewhere", None, 7, ["default"]),
    "GRAPHQL_INTROSPECTION": (0, 1, "yes", ""),
    "CHANNEL_RULES": [
        "Podcast",
        {},
        None,
        ["Podcast"],
        [{}],
        [{"channel": 1}],
        [{"channel": ""}],
        [{"channel": "x" * 65, "medium": "a"}],
        [{"channel": "a\x00b", "medium": "a"}],
        [{"channel": "\ud800", "medium": "a"}],
        [{"channel": " ", "medium": "a"}],
        [{"channel": "All"}],
        [{"channel": "X", "kind": "social"}],
        [{"channel": "X", "medium": "("}],
        [{"channel": "X", "medium": None}],
        [{"channel": "X", "medium": b"podcast"}],
        [{"channel": "X", "medium": re.compile("podcast")}],
    ],
    "REFERRER_HOSTS": [
        "club.test",
        [],
        None,
        {"clubs": ["club.test"]},
        {"social": "club.test"},
        {"social": ["https://club.test"]},
        {"social": [1]},
        {"social": None},
        {"social": ["club"]},
        {"social": iter(["club.test"])},  # there is nothing left of it after the first look
    ],
    "CONFIRMATION_TOKEN_MAX_AGE": (0, -1, 1.5, "90", True, None, 10**10),
}
USABLE: dict[str, tuple[Any, ...]] = {
    "CURRENCY": ("EUR", "JPY"),
    "COOKIE_NAME": ("id", "__Host-visitor"),
    "COOKIE_MAX_AGE": (1, 31_536_000),
    "COOKIE_DOMAIN": (None, ".shop.test"),
    "COOKIE_PATH": ("/shop/",),
    "COOKIE_SECURE": (None, True, False),
    "COOKIE_HTTPONLY": (True, False),
    "COOKIE_SAMESITE": ("Lax", "Strict", "None"),
    "CONSENT": (
        None,
        "tests.shop.consent.by_cookie",
        consent.by_cookie,
        partial(consent.curious, question="?"),
        bool,
        consent.Banner("yes"),
    ),
    "HONOUR_GPC": (True, False),
    "FILTER_BOTS": (True, False),
    "UTM_EXCLUDED_URLS": ([], (), ["/api/"]),
    "MASKED_PATHS": ([], (), ["/i/", "/zurück/setzen/"]),
    "MODELS": (
        {},
        {"LAST_PAID": "django_attribution.attribution_models.linear", "DECAY_14D": time_decay(14)},
    ),
    "UNTAGGED_VISITS": ("ignore", "referrals", "all"),
    "REPEAT_TOUCH_MINUTES": (0, 1, 1440),
    "MAX_UTM_LENGTH": (1, 512),
    "CLIENT_EVENTS": (
        {},
        {"signup": {}},
        {"purchase": {"value": True, "max_value": 99.99, "currencies": ["USD", "EUR"], "confirmed": False}},
        {"purchase": {"value": True, "max_value": "500", "currencies": (), "confirmed": True}},
    ),
    "CLIENT_RATE": (None, "", "1/second", "60/minute", "1000/hour", "100000000/day"),
    "CLIENT_RATE_CACHE": ("default",),
    "GRAPHQL_INTROSPECTION": (None, True, False),
    "CHANNEL_RULES": [[], (), [{"channel": "Podcast", "medium": "podcast|audio"}], ({"channel": "X", "source": "a"},)],
    "REFERRER_HOSTS": [{}, {"social": ["club.test"]}, {"not_a_referral": ("pay.test", "my.bank.test")}],
    "CONFIRMATION_TOKEN_MAX_AGE": (1, 604_800),
}


def test_every_setting_is_tried_here() -> None:
    assert set(UNUSABLE) == set(USABLE) == set(NAMES)


SPEAKING = {
    ("CONSENT", str),
    ("CONSENT", FunctionType),
    ("CONSENT", consent.Patient),
    ("CONSENT", consent.Hesitant),
    ("CONSENT", SyncToAsync),
    ("MODELS", dict),
    ("CLIENT_EVENTS", dict),
    ("CHANNEL_RULES", list),
    ("REFERRER_HOSTS", dict),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in UNUSABLE.items() for value in values])
def test_an_unusable_value_is_an_error_that_says_what_is_allowed(name: str, value: Any) -> None:
    with override_settings(DJANGO_ATTRIBUTION={name: value}):
        messages = check_settings()
    assert ids(messages) == ["django_attribution.E002"]
    if (name, type(value)) in SPEAKING:  # the entry that is wrong speaks for itself
        assert messages[0].msg.startswith(f"DJANGO_ATTRIBUTION['{name}']: ")
    else:
        assert messages[0].msg.startswith(f"DJANGO_ATTRIBUTION['{name}'] must be ")
        assert messages[0].msg.endswith(f", not {str(value)[:60]!r}.")
    assert messages[0].hint


def test_a_mistake_in_the_limits_of_an_event_is_named() -> None:
    limits = {
        "signup": {},
        "purchase": {"max": 5},
        "order": {"value": True, "currencies": "EUR"},
        "gift": {"max_value": 5},
    }
    with override_settings(DJANGO_ATTRIBUTION={"CLIENT_EVENTS": limits}):
        unknown, wrong, idle = check_settings()
    assert "Unknown limit 'max' of 'purchase'. Known: value, max_value" in unknown.msg
    assert "currencies of 'order' must be a list" in wrong.msg
    assert "'gift' limits a value that it does not allow" in idle.msg


@pytest.mark.parametrize(
    "configured",
    [
        {"COOKIE_SAMESITE": "None", "COOKIE_SECURE": False},
        {"COOKIE_NAME": "__Secure-visitor", "COOKIE_SECURE": False},
        {"COOKIE_NAME": "__Host-visitor", "COOKIE_DOMAIN": "shop.test"},
        {"COOKIE_NAME": "__Host-visitor", "COOKIE_PATH": "/shop/"},
        {"COOKIE_NAME": "sessionid"},
        {"COOKIE_NAME": "csrftoken"},
    ],
)
def test_a_cookie_that_cannot_do_its_work_is_an_error(configured: dict[str, Any]) -> None:
    with override_settings(DJANGO_ATTRIBUTION=configured):
        [message] = check_settings()
    assert message.id == "django_attribution.E002"
    assert "ookie" in message.msg


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in USABLE.items() for value in values])
def test_a_usable_value_passes(name: str, value: Any) -> None:
    with override_settings(DJANGO_ATTRIBUTION={name: value}):
        assert check_settings() == []


@pytest.mark.parametrize("value", [None, [], "USD", 7])
def test_a_setting_that_is_no_dict_is_an_error(value: Any) -> None:
    with override_settings(DJANGO_ATTRIBUTION=value):
        [message] = check_settings()
    assert message.id == "django_attribution.E002"
    assert message.msg.startswith("DJANGO_ATTRIBUTION must be a dict")


def test_every_mistake_is_told_at_once() -> None:
    with override_settings(DJANGO_ATTRIBUTION={"CURRENCY": "ABC", "CURENCY": "EUR", "FILTER_BOTS": 1}):
        assert sorted(str(name)[-4:] for name in ids(check_settings())) == ["E001", "E002", "E002"]


def test_instants_need_time_zones() -> None:
    with override_settings(USE_TZ=False):
        [message] = check_instants()
    assert (message.id, message.hint) == ("django_attribution.E005", "Set USE_TZ = True.")


OWN = {name: f"tests.test_checks.{name}" for name in ("OwnTrackingMiddleware", "OwnAttributionMiddleware")}
OWN_AUTHENTICATION = "tests.test_checks.OwnAuthenticationMiddleware"


@pytest.mark.parametrize(
    ("middlewares", "found"),
    [
        ([AUTHENTICATION, TRACKING, ATTRIBUTION], []),
        ([TRACKING, AUTHENTICATION, ATTRIBUTION], []),
        ([TRACKING, ATTRIBUTION], []),
        (["tests.test_checks.plain_middleware", TRACKING, ATTRIBUTION], []),
        ([AUTHENTICATION, *OWN.values()], []),
        ([OWN_AUTHENTICATION, TRACKING, ATTRIBUTION], []),
        ([AUTHENTICATION], ["W001", "W001"]),
        ([AUTHENTICATION, TRACKING], ["W001"]),
        ([AUTHENTICATION, ATTRIBUTION], ["W001"]),
        ([AUTHENTICATION, OWN["OwnAttributionMiddleware"]], ["W001"]),
        ([AUTHENTICATION, ATTRIBUTION, TRACKING], ["E003"]),
        ([AUTHENTICATION, *reversed(OWN.values())], ["E003"]),
        ([TRACKING, ATTRIBUTION, AUTHENTICATION], ["E004"]),
        ([*OWN.values(), AUTHENTICATION], ["E004"]),
        ([TRACKING, ATTRIBUTION, OWN_AUTHENTICATION], ["E004"]),
        ([ATTRIBUTION, AUTHENTICATION, TRACKING], ["E003", "E004"]),
    ],
)
def test_missing_and_misordered_middlewares_are_noticed(middlewares: list[str], found: list[str]) -> None:
    with override_settings(MIDDLEWARE=middlewares):
        messages = check_middlewares()
    assert ids(messages) == [f"django_attribution.{number}" for number in found]
    for message in messages:
        assert TRACKING in message.hint
        assert ATTRIBUTION in message.hint


def test_a_missing_middleware_is_a_warning_that_names_it() -> None:
    with override_settings(MIDDLEWARE=[AUTHENTICATION, TRACKING]):
        [message] = check_middlewares()
    assert (message.level, message.msg) == (checks.WARNING, f"{ATTRIBUTION} is not in MIDDLEWARE.")


def test_a_middleware_that_cannot_be_imported_is_left_to_django() -> None:
    with override_settings(MIDDLEWARE=["shop.middlewares.Misspelt", *settings.MIDDLEWARE]):
        assert check_middlewares() == []


@pytest.fixture
def foreign_tables(db: None) -> Iterator[tuple[str, ...]]:
    """Make the tables of the package django-attribution 0.1.6."""
    with connection.cursor() as cursor:
        for table in FOREIGN_TABLES:
            cursor.execute(f"CREATE TABLE {table} (id integer PRIMARY KEY)")
    yield FOREIGN_TABLES
    with connection.cursor() as cursor:
        for table in FOREIGN_TABLES:
            cursor.execute(f"DROP TABLE {table}")


@pytest.mark.django_db
def test_without_foreign_tables_there_is_nothing_to_tell() -> None:
    assert check_foreign_tables(databases=["default"]) == []


def test_tables_of_the_other_package_are_noticed(foreign_tables: tuple[str, ...]) -> None:
    [message] = check_foreign_tables(databases=["default"])
    assert (message.id, message.level) == ("django_attribution.W002", checks.WARNING)
    assert message.msg == (
        "Database 'default' holds tables of the package django-attribution: " + ", ".join(FOREIGN_TABLES) + "."
    )


def test_databases_are_looked_at_only_when_asked_to(foreign_tables: tuple[str, ...]) -> None:
    assert check_foreign_tables(databases=None) == check_foreign_tables(databases=[]) == []
    with_database = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    assert "django_attribution.W002" in ids(with_database)
    assert "django_attribution.W002" not in ids(checks.run_checks())
