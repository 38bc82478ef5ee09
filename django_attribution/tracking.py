"""What a request says about where its visitor came from: parameters, click ids, referrer, bots, prefetches.

Pure: strings and bytes in, strings out. Knows nothing of Django, of identities, or of what is stored.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit

from is_bot import Bots

from django_attribution.path_secrets import without_secrets

UTM_PARAMETERS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")

UTM_LENGTH_LIMIT = 512  # characters, as the columns have them; MAX_UTM_LENGTH may be set up to this
CLICK_ID_LENGTH = 512  # characters; the longest documented ones (fbclid, ttclid) stay below 300
URL_LENGTH = 2048  # characters
USER_AGENT_LENGTH = 512  # characters
_PARAMETERS_READ = 200  # of one query string; more are noise or an attack
_PATH_SAFE = "/:@!$&'()*+,;=~-._"  # RFC 3986, section 3.3

_FRAMES = ("iframe", "frame", "embed", "object", "fencedframe")  # as Sec-Fetch-Dest has them

DIRECT = "(direct)"
NONE = "(none)"
NOT_SET = "(not set)"


@dataclass(frozen=True, slots=True)
class ClickId:
    """A click-id parameter: the platform that adds it, and the source and medium it stands for."""

    parameter: str
    platform: str
    source: str
    medium: str


# Adding a platform is one line here and nothing else. Where several are present the first line wins.
CLICK_IDS = (
    ClickId("gclid", "Google Ads", "google", "cpc"),
    ClickId("gbraid", "Google Ads", "google", "cpc"),
    ClickId("wbraid", "Google Ads", "google", "cpc"),
    ClickId("dclid", "Google Display (CM360)", "google", "display"),  # no search was made
    ClickId("msclkid", "Microsoft Ads", "bing", "cpc"),
    ClickId("ttclid", "TikTok", "tiktok", "cpc"),
    ClickId("twclid", "X", "twitter", "cpc"),
    ClickId("li_fat_id", "LinkedIn", "linkedin", "cpc"),
    ClickId("ScCid", "Snapchat", "snapchat", "cpc"),
    ClickId("ttd_uuid", "The Trade Desk", "thetradedesk", "cpc"),
    ClickId("epik", "Pinterest", "pinterest", "cpc"),
    ClickId("rdt_cid", "Reddit", "reddit", "cpc"),
    ClickId("qclid", "Quora", "quora", "cpc"),
    ClickId("tblci", "Taboola", "taboola", "cpc"),
    ClickId("obclick_id", "Outbrain", "outbrain", "cpc"),
    ClickId("yclid", "Yandex or Yahoo! JAPAN", NOT_SET, "cpc"),  # two platforms share the name
    ClickId("irclickid", "Impact", "impact", "affiliate"),
    ClickId("mc_cid", "Mailchimp", "mailchimp", "email"),
    ClickId("_kx", "Klaviyo", "klaviyo", "email"),
    ClickId("fbclid", "Meta", "facebook", "social"),  # Meta adds it to organic links too
    ClickId("igshid", "Instagram", "instagram", "social"),
    ClickId("srsltid", "Google free listings", "google", "organic"),
)
CLICK_IDS_BY_PARAMETER = {click_id.parameter: click_id for click_id in CLICK_IDS}

_TRACKING_NAMES = {name.lower(): name for name in (*UTM_PARAMETERS, *CLICK_IDS_BY_PARAMETER)}

# Control characters other than white space, bidirectional marks (they reorder what an admin reads), the
# byte-order mark, and lone surrogates (no database stores them).
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean(value: str, *, max_length: int) -> str:
    """Return ``value`` fit for storing: no control characters, white space folded, at most ``max_length``."""
    return " ".join(_UNWANTED.sub("", value).split())[:max_length].rstrip()


def is_clean(value: str) -> bool:
    """Tell whether cleaning would leave ``value`` as it is."""
    return clean(value, max_length=len(value)) == value


def parse_query_string(query_string: bytes, *, max_length: int) -> dict[str, str]:
    """Return the tracking parameters of a raw query string, decoded once and cleaned.

    Names are matched without regard to case and come back as the registry spells them. Of a repeated
    parameter the last one that is not empty counts, as in Django's ``request.GET``. Values of UTM parameters
    are kept to ``max_length`` characters, click ids to 512. Never raises, whatever the bytes.
    """
    found: dict[str, str] = {}
    for pair in query_string.split(b"&", _PARAMETERS_READ)[:_PARAMETERS_READ]:
        raw_name, separator, raw_value = pair.partition(b"=")
        if not separator or len(raw_name) > 64:
            continue
        name = _TRACKING_NAMES.get(unquote_to_bytes(raw_name).decode("ascii", "replace").lower())
        if name is None:
            continue
        length = max_length if name.startswith("utm_") else CLICK_ID_LENGTH
        # A percent-encoded character takes at most twelve bytes: cut first, so that length costs nothing.
        decoded = unquote_to_bytes(raw_value[: 12 * length].replace(b"+", b" ")).decode("utf-8", "replace")
        if value := clean(decoded, max_length=length):
            found[name] = value
    return found


def click_ids_of(params: Mapping[str, str]) -> dict[str, str]:
    """Return the click ids among tracking parameters, ``{"gclid": "..."}``, their values as they came."""
    return {name: value for name, value in params.items() if name in CLICK_IDS_BY_PARAMETER}


def effective_value(value: str) -> str:
    """Return a source or medium in the form in which they are compared: no outer space, lower case."""
    return value.strip().lower()


def landing_url(*, scheme: str, host: str, path: str, params: Mapping[str, str]) -> str:
    """Return a landing page's address with its tracking parameters and no others.

    Everything else in a query string may be personal (an e-mail address, a token), so it is not kept.
    An unknown ``host`` leaves the path alone.
    """
    origin = f"{scheme}://{host}" if host else ""
    query = f"?{urlencode(params)}" if params else ""
    return _cut(origin + _quote_path(path, safe=_PATH_SAFE)) + query


def strip_referrer(referrer: str, *, masked: Iterable[str]) -> str:
    """Return a referrer's scheme, host and path without its secrets; empty unless it is an http or https address."""
    try:
        parts = urlsplit(clean(referrer, max_length=4 * URL_LENGTH))
        host, port = parts.hostname, parts.port
    except ValueError:  # a malformed port or IPv6 address
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    host = f"[{host}]" if ":" in host else host
    authority = host if port is None else f"{host}:{port}"
    path = without_secrets(parts.path, masked=masked)
    quoted_path = _quote_path(path, safe=_PATH_SAFE + "%")  # it came percent-encoded
    return _cut(f"{parts.scheme}://{authority}{quoted_path}")


def host_of(url: str) -> str:
    """Return the host of a stored URL, without its port; empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # a malformed IPv6 address
        return ""


def is_excluded(path: str, *, prefixes: Iterable[str]) -> bool:
    """Tell whether ``path`` begins with one of ``prefixes``."""
    return path.startswith(tuple(prefixes))


def is_landing(*, method: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request is a person's navigation to a page; ``headers`` are named as in WSGI.

    Browsers say so in Sec-Fetch-Mode; from one that does not, any GET that is no XMLHttpRequest and asks for
    more than an image counts. A prefetched or prerendered page was not visited yet, and a frame is no page: banks
    open one in the checkout, and any site can hide one with whatever parameters it likes.
    """
    if method != "GET" or is_prefetch(headers) or headers.get("HTTP_SEC_FETCH_DEST") in _FRAMES:
        return False
    mode = headers.get("HTTP_SEC_FETCH_MODE")
    if mode is not None:
        return mode == "navigate"
    is_script = headers.get("HTTP_X_REQUESTED_WITH") == "XMLHttpRequest"
    return not is_script and not headers.get("HTTP_ACCEPT", "").startswith("image/")


def asks_for_page(headers: Mapping[str, str]) -> bool:
    """Tell whether a landing asks for a document, as it must where no parameters tell of it."""
    if "HTTP_SEC_FETCH_MODE" in headers:
        return headers.get("HTTP_SEC_FETCH_DEST", "document") == "document"
    return "text/html" in headers.get("HTTP_ACCEPT", "").lower()


def is_prefetch(headers: Mapping[str, str]) -> bool:
    """Tell whether a browser fetched a page ahead of time (Sec-Purpose, Purpose, X-Purpose, X-Moz)."""
    for name in ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ"):
        value = headers.get(name)
        if value and any(word in value.lower() for word in ("prefetch", "prerender", "preview")):
            return True
    return False


def is_bot(user_agent: str) -> bool:
    """Tell whether a user agent is a bot's, by its first 512 characters; an empty one is."""
    return not user_agent or _is_known_bot(user_agent[:USER_AGENT_LENGTH])


@lru_cache(maxsize=2048)
def _is_known_bot(user_agent: str) -> bool:
    return bool(_bots().is_bot(user_agent))


@cache
def _bots() -> Bots:
    return Bots()  # compiles a large pattern: when first needed, not at import


def _cut(url: str) -> str:
    """Cut a URL to its length, between two characters: a half of a percent-encoded one would be another."""
    if len(url) <= URL_LENGTH:
        return url
    cut = re.sub("%.?$", "", url[:URL_LENGTH])
    decoder = getincrementaldecoder("utf-8")(errors="replace")
    decoder.decode(unquote_to_bytes(cut))
    begun, _ = decoder.getstate()  # the bytes of a last character that lacks its others
    return cut[: len(cut) - len("%XX") * len(begun)]


def _quote_path(path: str, *, safe: str) -> str:
    return quote(clean(path, max_length=URL_LENGTH), safe=safe)
