"""System checks: settings that cannot work, middlewares that are missing or misordered, foreign tables.

Errors ``django_attribution.E001`` to ``E006``; warnings ``W001`` and ``W002``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.core import checks
from django.db import connections
from django.utils.module_loading import import_string

from django_attribution import conf
from django_attribution.channel_settings import check_hosts, check_rule
from django_attribution.client_events import ClientEventRule
from django_attribution.consent import consent_function
from django_attribution.exceptions import InvalidArgument
from django_attribution.middlewares import AttributionMiddleware, TrackingParameterMiddleware
from django_attribution.model_names import own_model
from django_attribution.setting_rules import RULES

_FOREIGN_TABLES = (
    "django_attribution_conversion",
    "django_attribution_identity",
    "django_attribution_touchpoint",
)


def register_checks() -> None:
    """Register every check of this module."""
    checks.register(check_settings)
    checks.register(check_instants)
    checks.register(check_middlewares)
    checks.register(check_foreign_tables, checks.Tags.database)


def check_settings(**_: Any) -> list[checks.CheckMessage]:
    """E001 for a key that does not exist, E002 for a value that cannot work."""
    messages: list[checks.CheckMessage] = []
    configured = getattr(settings, conf.SETTING, {})
    if not isinstance(configured, dict):
        return [*messages, _unusable(conf.SETTING, configured, "a dict")]
    for name, value in configured.items():
        if name not in conf.NAMES:
            close = get_close_matches(str(name), conf.NAMES, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"Known keys: {', '.join(conf.NAMES)}."
            messages.append(
                checks.Error(f"{conf.SETTING} has no key {name!r}.", hint=hint, id="django_attribution.E001")
            )
        elif name == "CLIENT_EVENTS" and isinstance(value, dict):
            messages += _errors_of(name, (partial(ClientEventRule.from_setting, *entry) for entry in value.items()))
        elif name == "CHANNEL_RULES" and isinstance(value, list | tuple):
            messages += _errors_of(name, (partial(check_rule, rule) for rule in value))
        elif name == "REFERRER_HOSTS" and isinstance(value, dict):
            messages += _errors_of(name, (partial(check_hosts, *entry) for entry in value.items()))
        elif name == "MODELS" and isinstance(value, dict):
            messages += _errors_of(name, (partial(own_model, *entry) for entry in value.items()))
        elif name == "CONSENT" and (isinstance(value, str) or callable(value)):
            messages += _errors_of(name, [partial(consent_function, value)])
        elif not RULES[name][0](value):
            messages.append(_unusable(f"{conf.SETTING}[{name!r}]", value, RULES[name][1]))
    return [*messages, *map(_error, _what_does_not_fit_together(configured))]


def check_instants(**_: Any) -> list[checks.CheckMessage]:
    """E005 without time zones, E006 for a SQLite database that stores local times."""
    messages: list[checks.CheckMessage] = []
    if not settings.USE_TZ:
        messages.append(
            checks.Error(
                "Attribution compares instants, which USE_TZ = False does not store.",
                hint="Set USE_TZ = True.",
                id="django_attribution.E005",
            )
        )
    for alias in connections:
        database = connections[alias]
        if database.vendor == "sqlite" and database.settings_dict["TIME_ZONE"] not in (None, "UTC"):
            messages.append(
                checks.Error(
                    f"Database {alias!r} stores local times, in which a day may have 23 or 25 hours.",
                    hint="Leave TIME_ZONE out of the settings of a SQLite database.",
                    id="django_attribution.E006",
                )
            )
    return messages


def check_middlewares(**_: Any) -> list[checks.CheckMessage]:
    """W001 for a middleware that is missing, E003 and E004 for an order that cannot work."""
    tracking_at, attribution_at = _position(TrackingParameterMiddleware), _position(AttributionMiddleware)
    messages: list[checks.CheckMessage] = []
    if tracking_at is None:
        messages.append(_missing(TrackingParameterMiddleware))
    if attribution_at is None:
        messages.append(_missing(AttributionMiddleware))
    if tracking_at is None or attribution_at is None:
        return messages  # the order of one alone says nothing
    if tracking_at > attribution_at:
        messages.append(
            checks.Error(
                "TrackingParameterMiddleware must come before AttributionMiddleware.",
                hint=_ORDER,
                id="django_attribution.E003",
            )
        )
    authentication_at = _position(AuthenticationMiddleware)
    if authentication_at is not None and authentication_at > attribution_at:
        messages.append(
            checks.Error(
                "AttributionMiddleware must come after AuthenticationMiddleware.",
                hint=_ORDER,
                id="django_attribution.E004",
            )
        )
    return messages


def check_foreign_tables(databases: Iterable[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """W002 when the database holds tables of the package django-attribution, whose import name is the same."""
    messages: list[checks.CheckMessage] = []
    for alias in databases or ():
        found = sorted(set(connections[alias].introspection.table_names()) & set(_FOREIGN_TABLES))
        if found:
            messages.append(
                checks.Warning(
                    f"Database {alias!r} holds tables of the package django-attribution: {', '.join(found)}.",
                    hint="This package (django-attribution-graphql) keeps its own tables, attribution_*, and never "
                    "reads or changes those. Only one of the two packages can be installed at a time.",
                    id="django_attribution.W002",
                )
            )
    return messages


_ORDER = (
    "In MIDDLEWARE, after the session and authentication middlewares, put "
    "'django_attribution.middlewares.TrackingParameterMiddleware', then "
    "'django_attribution.middlewares.AttributionMiddleware'."
)


def _missing(middleware: type) -> checks.Warning:
    name = f"{middleware.__module__}.{middleware.__qualname__}"
    return checks.Warning(f"{name} is not in MIDDLEWARE.", hint=_ORDER, id="django_attribution.W001")


def _position(wanted: type) -> int | None:
    for position, path in enumerate(settings.MIDDLEWARE):
        try:
            middleware = import_string(path)
        except ImportError:
            continue  # Django says so itself, when it loads the middlewares
        if isinstance(middleware, type) and issubclass(middleware, wanted):
            return position
    return None


def _unusable(name: str, value: object, allowed: str) -> checks.Error:
    return _error(f"{name} must be {allowed}, not {str(value)[:60]!r}.")


def _error(message: str) -> checks.Error:
    return checks.Error(
        message,
        hint="The settings table of the README lists every key with its unit and default.",
        id="django_attribution.E002",
    )


def _what_does_not_fit_together(configured: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with values that are usable each by itself."""
    name = configured.get("COOKIE_NAME")
    if name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME):
        yield f"COOKIE_NAME {name!r} is the name of a cookie of Django's own."
    if configured.get("COOKIE_SECURE") is False:
        if configured.get("COOKIE_SAMESITE") == "None":
            yield "Browsers drop a cookie with COOKIE_SAMESITE 'None' unless it is secure."
        if str(name).startswith(("__Secure-", "__Host-")):
            yield f"Browsers drop a cookie named {name!r} unless it is secure."
    if str(name).startswith("__Host-"):
        if configured.get("COOKIE_DOMAIN"):
            yield f"Browsers drop a cookie named {name!r} with a COOKIE_DOMAIN."
        if configured.get("COOKIE_PATH", "/") != "/":
            yield f"Browsers drop a cookie named {name!r} with another COOKIE_PATH than /."


def _errors_of(name: str, entries: Iterable[Callable[[], object]]) -> list[checks.CheckMessage]:
    """Read each entry of a setting, and let the ones that are wrong speak for themselves."""
    messages: list[checks.CheckMessage] = []
    for read in entries:
        try:
            read()
        except InvalidArgument as mistake:
            messages.append(_error(f"{conf.SETTING}[{name!r}]: {mistake}"))
    return messages
