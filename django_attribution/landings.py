"""An arrival at a page: what it says of itself, and whether it is a touch.

Pure. Made from a request or from what a front end tells, and decided in one place. Knows nothing of requests,
settings or rows.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Literal, cast
from urllib.parse import SplitResult, unquote, urlsplit

from django_attribution import tracking
from django_attribution.channels import SiteKind, Sites
from django_attribution.exceptions import InvalidArgument
from django_attribution.path_secrets import without_secrets

UntaggedVisits = Literal["ignore", "referrals", "all"]

ADDRESS_LENGTH = 8192  # characters that a front end may send; web servers take request lines of about as many
_HOST_LENGTH = 253  # characters, RFC 1035
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[\w-]+(?:\.[\w-]+)*\.?)(?::[0-9]*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """The address of a page, its tracking parameters, and where the visitor was before."""

    scheme: str
    host: str  # with its port; empty where the server does not know it
    path: str  # without its secrets
    path_info: str  # the path without the prefix that the site is mounted under
    params: Mapping[str, str]
    referrer: str  # scheme, host and path; empty for none
    own_hosts: Collection[str]  # without ports
    site: str = ""  # as Sec-Fetch-Site has it; empty where nobody says

    @classmethod
    def at(cls, url: str, *, referrer: str, own_host: str, max_length: int, masked: Iterable[str]) -> "Landing":
        """Read the addresses that a front end tells; raise ``InvalidArgument`` for a page's that cannot be one.

        ``own_host`` is the site's own besides the page's. A referrer that is no page's, or one of the site's own,
        counts as none. UTM values are kept to ``max_length`` characters, and paths without what follows ``masked``.
        """
        if not isinstance(cast(object, url), str) or len(url) > ADDRESS_LENGTH:
            raise _no_address()
        try:
            parts = urlsplit(tracking.clean(url, max_length=ADDRESS_LENGTH))
            name, authority = _host_and_authority(parts)
        except ValueError:  # a malformed port or IPv6 address, or letters that no host has
            raise _no_address() from None
        if parts.scheme not in ("http", "https"):
            raise _no_address()
        path = unquote(parts.path) or "/"  # as a server decodes it
        own_hosts = {name, own_host} - {""}
        came_from = tracking.strip_referrer(referrer, masked=masked)
        is_own = _without_dot(tracking.host_of(came_from)) in own_hosts
        return cls(
            scheme=parts.scheme,
            host=authority,
            path=without_secrets(path, masked=masked),
            path_info=path,
            params=tracking.parse_query_string(parts.query.encode(), max_length=max_length),
            referrer="" if is_own else came_from,
            own_hosts=own_hosts,
            site="same-origin" if is_own else "",
        )

    @property
    def url(self) -> str:
        """The address as it is stored: with its tracking parameters and no others."""
        return tracking.landing_url(scheme=self.scheme, host=self.host, path=self.path, params=self.params)

    @property
    def referrer_host(self) -> str:
        """The host that the visitor came from; empty where nobody says."""
        return _without_dot(tracking.host_of(self.referrer))

    @property
    def is_internal(self) -> bool:
        """Whether the visitor was on the site already."""
        return self.site in ("same-origin", "same-site") or self.referrer_host in self.own_hosts


def is_touch(landing: Landing, *, untagged_visits: UntaggedVisits, excluded: Iterable[str], sites: Sites) -> bool:
    """Tell whether an arrival is a touch: a tagged one always is, another one by the UNTAGGED_VISITS setting.

    Who was on the site already, or comes back from paying or logging in, did not arrive.
    """
    if tracking.is_excluded(landing.path_info, prefixes=excluded):
        return False
    if landing.params:
        return True
    if untagged_visits not in ("referrals", "all") or not landing.own_hosts or landing.is_internal:
        return False  # a server that does not know its own host cannot tell who comes from elsewhere
    if not landing.referrer_host:
        return untagged_visits == "all"
    return sites.of_host(landing.referrer_host).kind is not SiteKind.NOT_A_REFERRAL


def own_host_of(authority: str) -> str:
    """Return the host of ``host:port`` in the form in which hosts are compared."""
    return _without_dot(tracking.host_of(f"//{authority}"))


def _host_and_authority(parts: SplitResult) -> tuple[str, str]:
    """Return the host of an address as it is compared, and as it is stored; raise ``ValueError`` for what is none."""
    found = _AUTHORITY.fullmatch(parts.netloc.rpartition("@")[2].lower())  # urlsplit reads any letters as a host
    if found is None or len(found[1]) > _HOST_LENGTH:
        raise ValueError(parts.netloc)
    host = found[1]
    if host.startswith("["):
        compressed = IPv6Address(host[1:-1]).compressed
        host, name = f"[{compressed}]", compressed
    else:
        name = _without_dot(host)
    return name, host if parts.port is None else f"{host}:{parts.port}"


def _without_dot(host: str) -> str:
    return host.rstrip(".")  # a fully qualified name ends in one


def _no_address() -> InvalidArgument:
    # Never the address itself: it may be personal.
    return InvalidArgument(
        "url", f"url must be an absolute http or https address with a host, of at most {ADDRESS_LENGTH:,} characters."
    )
