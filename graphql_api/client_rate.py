"""How many mutations a client may send: ``CLIENT_RATE``, counted by ``limits`` in Django's cache.

A limit on flooding and no more: when the cache fails, nobody is refused. What server code records is never counted.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv6Address, ip_address, ip_network

from django.core.cache import caches
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from limits import RateLimitItem, parse
from limits.strategies import FixedWindowRateLimiter

from django_attribution.conf import attribution_settings
from django_attribution.cookies import read_identity_cookie
from django_attribution.exceptions import AttributionError
from django_attribution.failures import fail_open
from graphql_api.cache_counter import CacheCounter

CLIENTS_PER_ADDRESS = 10  # an office, a school: so many times the rate for all who share an address
IPV6_NETWORK = 64  # bits: what one customer of a provider has, and can choose addresses from

clock: Callable[[], float] = time.time

_Ask = Callable[[FixedWindowRateLimiter, RateLimitItem, str], bool]

# Where the site's own proxies live. Such an address is shared by everybody, and names no client.
_OWN_NETWORKS = tuple(
    ip_network(network)
    for network in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip


class TooManyCalls(AttributionError):
    """The client has sent more mutations than ``CLIENT_RATE`` lets it; ``retry_after`` is in whole seconds."""

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(f"Too many mutations from this client. Repeat this one in {retry_after} seconds.")
        self.retry_after = retry_after


def count_call(request: HttpRequest) -> None:
    """Count a mutation of the request's client; raise ``TooManyCalls`` when it is one too many.

    The address is asked first, which costs the database nothing: only a user who is logged in has to be looked up. It
    is counted last, so that a client's refused calls take nothing from the others at its address.
    """
    if not attribution_settings.CLIENT_RATE:
        return
    for ask, rate, client in _questions(request, rate=parse(attribution_settings.CLIENT_RATE)):
        seconds = None
        with fail_open("client_rate"):
            seconds = _seconds_to_wait(ask, rate, client)
        if seconds is not None:
            raise TooManyCalls(retry_after=seconds)


def _questions(request: HttpRequest, *, rate: RateLimitItem) -> Iterator[tuple[_Ask, RateLimitItem, str]]:
    """Yield what a call counts as, and the rate of each: to be looked at only, or to be counted.

    A cookie is easily dropped, and easily got again by the dozen: so the address counts beside it.
    """
    address = client_address(request)
    shared = type(rate)(rate.amount * CLIENTS_PER_ADDRESS, rate.multiples), f"address of clients {address}"
    if address is not None:
        yield FixedWindowRateLimiter.test, *shared
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        yield FixedWindowRateLimiter.hit, rate, f"user {user.pk}"
    elif (carried := read_identity_cookie(request)) is not None:
        yield FixedWindowRateLimiter.hit, rate, f"cookie {carried}"
    elif address is not None:
        yield FixedWindowRateLimiter.hit, rate, f"address {address}"
    if address is not None:
        yield FixedWindowRateLimiter.hit, *shared


def client_address(request: HttpRequest) -> str | None:
    """Return the address that the request came from, or its IPv6 network; None for one that names no client.

    ``REMOTE_ADDR`` alone: anybody can write ``X-Forwarded-For``, and only the site knows which of it to believe.
    """
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:  # a Unix socket's has none
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address in network for network in _OWN_NETWORKS):
        return None
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), IPV6_NETWORK), strict=False))
    return str(address)


def _seconds_to_wait(ask: _Ask, rate: RateLimitItem, client: str) -> int | None:
    """Ask whether a call is taken; return the seconds until the next one will be, None when this one is."""
    counter = CacheCounter(caches[attribution_settings.CLIENT_RATE_CACHE], window=rate.get_expiry(), clock=clock)
    # A keyed hash: the cache may be read by others, and addresses are personal data.
    name = salted_hmac("graphql_api.client_rate", client, algorithm="sha256").hexdigest()
    if ask(FixedWindowRateLimiter(counter), rate, name):
        return None
    return max(1, math.ceil(counter.get_expiry(name) - clock()))
