"""``CLIENT_RATE``: who counts as one client, when it is refused and for how long, and that a cache never decides."""

import logging
import re
import time
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client, RequestFactory

from django_attribution import failures
from django_attribution.models import Conversion, Touchpoint
from django_attribution.shortcuts import record_conversion
from graphql_api import client_rate
from graphql_api.cache_counter import CacheCounter
from graphql_api.client_rate import CLIENTS_PER_ADDRESS, client_address
from tests.browsers import Browser, visitor_request
from tests.fake_clock import Clock
from tests.graphql_calls import ask, dashboard

pytestmark = pytest.mark.django_db

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.4"
RECORD = """mutation ($key: String!) { recordConversion(input: { event: "signup", idempotencyKey: $key }) {
  errors { code field message retryAfterSeconds } } }"""
CONFIRM = """mutation ($token: String!) { confirmConversion(input: { token: $token }) {
  errors { code field message retryAfterSeconds } } }"""
ARRIVE = """mutation ($url: String!) { recordTouchpoint(input: { url: $url }) {
  recorded errors { code field message retryAfterSeconds } } }"""
ENDPOINTS = ["/graphql/", "/async/graphql/"]


class BrokenCache(DummyCache):
    """A cache whose server is down."""

    def add(self, *_: Any, **__: Any) -> bool:
        raise ConnectionError(f"no connection from {HERE}")


class ForgetfulCache(LocMemCache):
    """A cache so full that what was there a moment ago is not there any more."""

    def add(self, *_: Any, **__: Any) -> bool:
        return False


class ForeignCache(LocMemCache):
    """A cache that counts as those in files and in the database do: what is counted up has the TIMEOUT of the cache."""

    incr = BaseCache.incr


class WatchedCache(LocMemCache):
    """A cache that somebody reads who should not."""

    keys: ClassVar[set[str]] = set()

    def add(self, key: str, *args: Any, **options: Any) -> bool:
        self.keys.add(key)
        return super().add(key, *args, **options)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let time stand still at the beginning of a minute."""
    clock = Clock()
    clock.now = 1_020.0
    monkeypatch.setattr(client_rate, "clock", clock)
    return clock


@pytest.fixture(autouse=True)
def rules(settings: Any) -> Any:
    settings.DJANGO_ATTRIBUTION = {"CLIENT_EVENTS": {"signup": {}}, "CLIENT_RATE": "3/minute"}
    return settings.DJANGO_ATTRIBUTION


def a_browser(address: str = HERE, *, landed: bool = True) -> Browser:
    """Return a visitor at an address, with a cookie once they landed."""
    browser = Browser(REMOTE_ADDR=address)
    if landed:
        browser.land()
    return browser


keys = (f"{number:016}" for number in range(10**6))


def claim(client: Client, *, path: str = "/graphql/") -> dict[str, Any] | None:
    """Record a conversion; return the error, if it was refused."""
    errors: list[dict[str, Any]] = ask(client, RECORD, path=path, key=next(keys))["recordConversion"]["errors"]
    return errors[0] if errors else None


def taken(client: Client, *, calls: int) -> int:
    """Send so many calls, and return how many were taken."""
    return sum(claim(client) is None for _ in range(calls))


@pytest.mark.parametrize("path", ENDPOINTS)
def test_one_call_too_many_is_refused_and_stores_nothing(path: str) -> None:
    browser = a_browser()
    assert [claim(browser, path=path) for _ in range(3)] == [None, None, None]
    assert claim(browser, path=path) == {
        "code": "RATE_LIMITED",
        "field": None,
        "message": "Too many mutations from this client. Repeat this one in 60 seconds.",
        "retryAfterSeconds": 60,
    }
    assert Conversion.objects.count() == 3


def test_all_mutations_count_together() -> None:
    browser = a_browser()
    token = Conversion.objects.create(event="order", is_confirmed=False).confirmation_token()
    page = "https://testserver/?utm_source=email"
    operations = (
        ("recordConversion", RECORD, {"key": next(keys)}),
        ("confirmConversion", CONFIRM, {"token": token}),
        ("recordTouchpoint", ARRIVE, {"url": page}),
    )
    for name, document, variables in operations:
        assert ask(browser, document, **variables)[name]["errors"] == []
    stored = Conversion.objects.count(), Touchpoint.objects.count()
    for name, document, variables in operations:
        (error,) = ask(browser, document, **variables)[name]["errors"]
        assert (error["code"], error["retryAfterSeconds"]) == ("RATE_LIMITED", 60)
    assert (Conversion.objects.count(), Touchpoint.objects.count()) == stored


def test_a_refused_confirmation_changes_nothing_and_may_be_repeated(clock: Clock) -> None:
    browser = a_browser()
    order = Conversion.objects.create(event="order", is_confirmed=False)
    assert taken(browser, calls=3) == 3
    (error,) = ask(browser, CONFIRM, token=order.confirmation_token())["confirmConversion"]["errors"]
    order.refresh_from_db()
    assert (error["code"], order.is_confirmed) == ("RATE_LIMITED", False)
    clock.now += 60
    assert ask(browser, CONFIRM, token=order.confirmation_token())["confirmConversion"]["errors"] == []
    order.refresh_from_db()
    assert order.is_confirmed


def test_the_next_minute_is_another_one(clock: Clock) -> None:
    browser = a_browser()
    assert taken(browser, calls=5) == 3
    clock.now += 59.5
    error = claim(browser)
    assert error is not None
    assert error["retryAfterSeconds"] == 1
    clock.now += 0.5
    assert taken(browser, calls=5) == 3


def test_two_browsers_at_one_address_do_not_share() -> None:
    one, other = a_browser(), a_browser()
    assert taken(one, calls=5) == 3
    assert taken(other, calls=5) == 3


def test_what_is_refused_takes_nothing_from_the_others_at_the_address() -> None:
    impatient, patient = a_browser(), a_browser()
    assert taken(impatient, calls=3 * CLIENTS_PER_ADDRESS + 1) == 3
    assert taken(patient, calls=3) == 3


def test_a_browser_keeps_its_count_when_its_address_changes() -> None:
    browser = a_browser()
    assert taken(browser, calls=3) == 3
    browser.defaults["REMOTE_ADDR"] = ELSEWHERE
    assert taken(browser, calls=1) == 0


def test_who_drops_the_cookie_is_counted_by_the_address() -> None:
    def stranger(address: str) -> bool:
        return claim(a_browser(address, landed=False)) is None

    assert [stranger(HERE) for _ in range(5)] == [True] * 3 + [False] * 2
    assert stranger(ELSEWHERE)


def test_a_forged_cookie_is_none() -> None:
    def forger(number: int) -> bool:
        browser = a_browser(landed=False)
        browser.carry(f"{number:032x}:1abcde:forged")
        return claim(browser) is None

    assert [forger(number) for number in range(5)] == [True] * 3 + [False] * 2


def test_collected_cookies_run_out_at_ten_times_the_rate() -> None:
    browsers = [a_browser() for _ in range(CLIENTS_PER_ADDRESS + 2)]
    assert sum(taken(browser, calls=3) for browser in browsers) == 3 * CLIENTS_PER_ADDRESS
    assert taken(a_browser(ELSEWHERE), calls=3) == 3


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP", "True-Client-IP"])
def test_a_header_is_no_address(header: str) -> None:
    def liar(number: int) -> bool:
        browser = a_browser(landed=False)
        browser.defaults[f"HTTP_{header.upper().replace('-', '_')}"] = f"198.51.100.{number}"
        return claim(browser) is None

    assert [liar(number) for number in range(5)] == [True] * 3 + [False] * 2


def test_a_user_is_one_client_in_every_browser() -> None:
    user = User.objects.create_user("jane")
    phone, laptop = a_browser(), a_browser(ELSEWHERE)
    for browser in (phone, laptop):
        browser.force_login(user)
    assert taken(phone, calls=2) == 2
    assert taken(laptop, calls=2) == 1
    assert taken(dashboard(client=a_browser()), calls=3) == 3


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "172.16.0.9", "192.168.1.1", "::1", "fd00::1", "", "unix:"]
)
def test_a_proxys_address_refuses_nobody_for_what_others_do(address: str) -> None:
    assert [claim(a_browser(address, landed=False)) for _ in range(5)] == [None] * 5
    assert taken(a_browser(address), calls=5) == 3  # a cookie still tells


@pytest.mark.parametrize(
    ("sent", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("::ffff:10.0.0.1", None),
        ("fe80::1%eth0", None),
        ("203.0.113.7, 10.0.0.1", None),
        ("nonsense", None),
    ],
)
def test_the_address_of_a_request(sent: str, counted: str | None) -> None:
    assert client_address(RequestFactory(REMOTE_ADDR=sent).get("/")) == counted


def test_a_stranger_is_refused_without_a_query(django_assert_num_queries: Any) -> None:
    browser = a_browser()
    assert taken(browser, calls=3) == 3
    with django_assert_num_queries(0):
        assert claim(browser) is not None


def test_a_session_is_not_looked_up_for_an_address_that_has_had_enough(django_assert_num_queries: Any) -> None:
    for _ in range(CLIENTS_PER_ADDRESS):
        taken(a_browser(), calls=3)
    browser = a_browser()
    browser.force_login(User.objects.create_user("jane"))
    with django_assert_num_queries(0):
        assert claim(browser) is not None


def test_server_code_is_never_limited() -> None:
    request = visitor_request()
    for _ in range(50):
        record_conversion(request, "order")
    assert Conversion.objects.count() == 50


def test_queries_are_not_counted() -> None:
    browser = a_browser()
    for _ in range(10):
        ask(browser, '{ recordedConversion(idempotencyKey: "x") { id } }')
    assert taken(browser, calls=3) == 3


@pytest.mark.parametrize("rate", [None, ""])
def test_it_can_be_turned_off(rules: dict[str, Any], rate: str | None) -> None:
    rules["CLIENT_RATE"] = rate
    assert taken(a_browser(), calls=70) == 70


def test_sixty_in_a_minute_are_taken_unless_the_site_says_otherwise(rules: dict[str, Any]) -> None:
    del rules["CLIENT_RATE"]
    assert taken(a_browser(), calls=62) == 60


def test_another_cache_can_count(settings: Any, rules: dict[str, Any]) -> None:
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend}, "counts": {"BACKEND": backend, "LOCATION": "counts"}}
    rules["CLIENT_RATE_CACHE"] = "counts"
    browser = a_browser()
    assert taken(browser, calls=3) == 3
    cache.clear()
    assert taken(browser, calls=3) == 0


def test_a_count_lasts_for_its_window_whatever_timeout_the_cache_has(
    settings: Any, rules: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CACHES = {"default": {"BACKEND": "tests.test_client_rate.ForeignCache", "TIMEOUT": 300}}
    rules["CLIENT_RATE"] = "3/day"
    browser = a_browser()
    assert taken(browser, calls=3) == 3
    later = time.time() + 400
    monkeypatch.setattr(time, "time", lambda: later)
    assert taken(browser, calls=3) == 0


@pytest.mark.parametrize("backend", ["BrokenCache", "ForgetfulCache"])
def test_a_cache_that_is_down_refuses_nobody_and_is_told_of_once_a_minute(
    settings: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setattr(failures, "_logged_at", {})
    settings.CACHES = {"default": {"BACKEND": f"tests.test_client_rate.{backend}"}}
    assert taken(a_browser(), calls=9) == 9
    assert Conversion.objects.count() == 9
    (line,) = caplog.records
    assert line.levelno == logging.ERROR
    assert "client_rate" in line.getMessage()
    assert HERE not in line.getMessage()


def test_a_cache_that_is_not_there_refuses_nobody(rules: dict[str, Any]) -> None:
    rules["CLIENT_RATE_CACHE"] = "nowhere"
    assert taken(a_browser(), calls=9) == 9


def test_the_cache_holds_nothing_that_names_anybody(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "tests.test_client_rate.WatchedCache"}}
    WatchedCache.keys.clear()
    browser, stranger = a_browser(), a_browser(landed=False)
    assert (claim(browser), claim(stranger)) == (None, None)
    browser.force_login(User.objects.create_user("jane"))
    assert claim(browser) is None
    assert len(WatchedCache.keys) == 4  # the address, the cookie, the stranger, the user
    for key in WatchedCache.keys:
        assert re.fullmatch(r"LIMITER/[0-9a-f]{64}/(3|30)/1/minute/17", key)


def test_the_hashes_are_the_sites_own(settings: Any) -> None:
    seen = []
    for key in ("one", "other"):
        settings.SECRET_KEY = key
        settings.CACHES = {"default": {"BACKEND": "tests.test_client_rate.WatchedCache"}}
        WatchedCache.keys.clear()
        assert claim(a_browser(landed=False)) is None
        seen.append(set(WatchedCache.keys))
    assert not seen[0] & seen[1]


def test_counts_are_kept_for_their_window_and_read_as_limits_does(clock: Clock) -> None:
    counter = CacheCounter(cache, window=60, clock=clock)
    assert [counter.incr("a", 60), counter.incr("a", 60, 2), counter.incr("b", 60)] == [1, 3, 1]
    assert (counter.get("a"), counter.get("b"), counter.get("c")) == (3, 1, 0)
    assert counter.get_expiry("a") == 1_080
    assert counter.check()
    counter.clear("a")
    assert (counter.get("a"), counter.get("b")) == (0, 1)
    counter.reset()
    assert counter.get("b") == 1
    clock.now = 1_080
    assert counter.get("b") == 0
    assert counter.get_expiry("a") == 1_140
