"""What each value of ``DJANGO_ATTRIBUTION`` may be, in code and in words; the checks tell."""

import re
from collections.abc import Callable, Sequence
from http.cookies import Morsel
from typing import cast

from django.conf import settings

from django_attribution import money
from django_attribution.exceptions import InvalidArgument
from django_attribution.tracking import UTM_LENGTH_LIMIT, is_clean


def _is_currency(value: object) -> bool:
    try:
        return money.clean_currency(value) == value
    except InvalidArgument:
        return False


def _is_whole(value: object, *, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_token(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", value) is not None


def _is_cookie_name(value: object) -> bool:
    # Python's cookies refuse the names of a cookie's own attributes, such as path.
    return _is_token(value) and not Morsel().isReservedKey(str(value))


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_prefixes(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(map(_is_path, value))


def _is_path(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"/[^\s;]*", value) is not None and is_clean(value)


def _is_masked_paths(value: object) -> bool:
    return _is_prefixes(value) and all(re.fullmatch("/[^%]+/", part) for part in cast(Sequence[str], value))


def _is_cookie_path(value: object) -> bool:
    # A header: servers break the page rather than send other letters.
    return isinstance(value, str) and re.fullmatch(r"/[!-:<-~]*", value) is not None


def _is_domain(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", value) is not None


def _is_rate(value: object) -> bool:
    # Of what the library `limits` reads, which sites without GraphQL need not install.
    return isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,8}/(second|minute|hour|day)", value) is not None


MINUTES_A_DAY = 24 * 60
_SECONDS = "a whole number of seconds, at least 1"
_TRUTH = "True or False"

RULES: dict[str, tuple[Callable[[object], bool], str]] = {
    "CURRENCY": (_is_currency, "an ISO 4217 code in upper case"),
    "COOKIE_NAME": (_is_cookie_name, "a name of letters, digits and a few signs (RFC 6265), not that of an attribute"),
    "COOKIE_MAX_AGE": (lambda value: _is_whole(value, low=1, high=10**9), _SECONDS),
    "COOKIE_DOMAIN": (lambda value: value is None or _is_domain(value), "a domain such as example.com, or None"),
    "COOKIE_PATH": (_is_cookie_path, "a path that begins with /, percent-encoded beyond ASCII"),
    "COOKIE_SECURE": (lambda value: value is None or _is_bool(value), "True, False or None"),
    "COOKIE_HTTPONLY": (_is_bool, _TRUTH),
    "COOKIE_SAMESITE": (lambda value: value in ("Lax", "Strict", "None"), "'Lax', 'Strict' or 'None'"),
    "CONSENT": (
        lambda value: value is None or isinstance(value, str) or callable(value),
        "a function of the request or its dotted path, or None",
    ),
    "HONOUR_GPC": (_is_bool, _TRUTH),
    "FILTER_BOTS": (_is_bool, _TRUTH),
    "UTM_EXCLUDED_URLS": (_is_prefixes, "a list of path prefixes that begin with /"),
    "MASKED_PATHS": (
        _is_masked_paths,
        "a list of parts of a path that begin and end with / and are not percent-encoded, such as '/reset/'",
    ),
    "UNTAGGED_VISITS": (
        lambda value: isinstance(value, str) and value in ("ignore", "referrals", "all"),
        "'ignore', 'referrals' or 'all'",
    ),
    "REPEAT_TOUCH_MINUTES": (
        lambda value: _is_whole(value, low=0, high=MINUTES_A_DAY),
        f"a whole number of minutes, 0 to {MINUTES_A_DAY}",
    ),
    "MAX_UTM_LENGTH": (
        lambda value: _is_whole(value, low=1, high=UTM_LENGTH_LIMIT),
        f"a whole number of characters, 1 to {UTM_LENGTH_LIMIT}",
    ),
    "CLIENT_EVENTS": (
        lambda value: isinstance(value, dict),
        "a dict of event to limits (value, max_value, currencies, confirmed), such as {'signup': {}}",
    ),
    "CLIENT_RATE": (
        lambda value: value in (None, "") or _is_rate(value),
        "a rate such as '60/minute' (or second, hour, day), or None",
    ),
    "CLIENT_RATE_CACHE": (
        lambda value: isinstance(value, str) and value in settings.CACHES,
        "the name of a cache in CACHES",
    ),
    "GRAPHQL_INTROSPECTION": (lambda value: value is None or _is_bool(value), "True, False or None"),
    "CHANNEL_RULES": (
        lambda value: isinstance(value, list | tuple),
        "a list of dicts, such as {'channel': 'Podcast', 'medium': 'podcast'}",
    ),
    "REFERRER_HOSTS": (lambda value: isinstance(value, dict), "a dict such as {'social': ['example.com']}"),
    "MODELS": (
        lambda value: isinstance(value, dict),
        "a dict of name to model, such as {'LAST_PAID': 'shop.attribution.last_paid'}",
    ),
    "CONFIRMATION_TOKEN_MAX_AGE": (lambda value: _is_whole(value, low=1, high=10**9), _SECONDS),
}
