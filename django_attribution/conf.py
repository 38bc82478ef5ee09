"""The settings of this package: one dict in the host's settings, ``DJANGO_ATTRIBUTION``.

``AttributionSettings`` lists every key with its default, unit and meaning. Values are read at the moment of use,
so ``override_settings`` works, and nothing is computed at import. Whether they make sense is ``checks``' subject.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from types import MappingProxyType
from typing import Any, Literal, cast

from django.conf import settings
from django.core.signals import setting_changed

SETTING = "DJANGO_ATTRIBUTION"


def _setting(default: Any, meaning: str) -> Any:
    return field(default_factory=lambda: default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class AttributionSettings:
    """Every key of ``DJANGO_ATTRIBUTION`` with its default."""

    CURRENCY: str = _setting("USD", "ISO 4217 code of a value that comes without a currency.")
    COOKIE_NAME: str = _setting("_dj_attr_id", "Name of the signed identity cookie.")
    COOKIE_MAX_AGE: int = _setting(60 * 60 * 24 * 90, "Seconds for which the cookie is kept and accepted (90 days).")
    COOKIE_DOMAIN: str | None = _setting(None, "Domain of the cookie; none means this host only.")
    COOKIE_PATH: str = _setting("/", "Path of the cookie.")
    COOKIE_SECURE: bool | None = _setting(None, "HTTPS only; none means whenever the request came over HTTPS.")
    COOKIE_HTTPONLY: bool = _setting(True, "Keep the cookie from scripts.")
    COOKIE_SAMESITE: Literal["Lax", "Strict", "None"] = _setting("Lax", "SameSite of the cookie: Lax, Strict or None.")
    CONSENT: Callable[[Any], bool | None] | str | None = _setting(  # noqa: RUF009 - as all the others
        None,
        "A function of the request, or its dotted path, that tells whether its visitor may be tracked: True, False, or "
        "None for unknown, which counts as no. Without one everybody may be.",
    )
    HONOUR_GPC: bool = _setting(True, "Take `Sec-GPC: 1` (Global Privacy Control) for a no, before CONSENT is asked.")
    FILTER_BOTS: bool = _setting(True, "Record no touch for bots, and no identity with what they convert.")
    UTM_EXCLUDED_URLS: Sequence[str] = _setting(
        ("/admin/", "/api/"), "Path prefixes on which no touch is recorded; all else works there."
    )
    MASKED_PATHS: Sequence[str] = _setting(
        (
            "/reset/",
            "/password-reset/",
            "/password_reset/",
            "/activate/",
            "/confirm-email/",
            "/verify-email/",
            "/invite/",
            "/unsubscribe/",
        ),
        "Parts of a path after which nothing is kept, in landing pages and referrers of any site.",
    )
    UNTAGGED_VISITS: Literal["ignore", "referrals", "all"] = _setting(
        "ignore",
        "Which visits without tracking parameters are touches: ignore (none), referrals (those that come from another "
        "site), or all (direct ones too).",
    )
    REPEAT_TOUCH_MINUTES: int = _setting(
        30, "Minutes within which a repeat of the same touch is not recorded again, 0 to 1440; 0 records every one."
    )
    CHANNEL_RULES: Sequence[Mapping[str, str]] = _setting(
        (),
        "Channels of your own, tried before the default ones: dicts of channel and any of source, medium and campaign, "
        "patterns that match the whole value without regard to case.",
    )
    REFERRER_HOSTS: Mapping[str, Sequence[str]] = _setting(
        MappingProxyType({}),
        "Hosts to add, subdomains included, to search, social, video, shopping, ai or not_a_referral.",
    )
    MODELS: Mapping[str, Any] = _setting(
        MappingProxyType({}),
        "Attribution models of your own by name, in capitals: an object or its dotted path. GraphQL reads them once.",
    )
    MAX_UTM_LENGTH: int = _setting(200, "Characters kept of a UTM parameter, 1 to 512.")
    CLIENT_EVENTS: Mapping[str, Mapping[str, Any]] = _setting(
        MappingProxyType({}),
        "Events that a browser may record, with limits for each: value (may it name one; default false), "
        "max_value, currencies, confirmed (at once; default false).",
    )
    CLIENT_RATE: str | None = _setting(
        "60/minute",
        "GraphQL mutations that one client may send: a number, a slash, and second, minute, hour or day. None for any.",
    )
    CLIENT_RATE_CACHE: str = _setting("default", "The cache in CACHES that counts them.")
    GRAPHQL_INTROSPECTION: bool | None = _setting(
        None, "Show the schema to whoever asks, and GraphiQL to people: True, False, or None for as DEBUG says."
    )
    CONFIRMATION_TOKEN_MAX_AGE: int = _setting(60 * 60 * 24, "Seconds for which a confirmation token works (1 day).")


NAMES = tuple(setting.name for setting in fields(AttributionSettings))
_DEFAULTS = AttributionSettings()


@cache
def _configured() -> Mapping[str, Any]:
    """Return the host's dict. Kept, as several keys are read for each request: a look at the settings costs 3 µs."""
    configured = getattr(settings, SETTING, None)
    return configured if isinstance(configured, Mapping) else {}


def _forget(*, setting: str, **_: Any) -> None:
    if setting == SETTING:
        _configured.cache_clear()


setting_changed.connect(_forget)  # sent by override_settings


class _Reader:
    """Answers each attribute from the host's settings, else from the defaults."""

    def __getattr__(self, name: str) -> Any:
        configured = _configured()
        return configured[name] if name in configured else getattr(_DEFAULTS, name)


attribution_settings = cast(AttributionSettings, _Reader())
