"""``record_touchpoint`` and ``recordTouchpoint``: landings that Django did not serve, through every door alike."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.test import AsyncClient, Client, RequestFactory
from django.test.utils import override_settings

from django_attribution.attribution_models import last_touch
from django_attribution.exceptions import InvalidArgument
from django_attribution.landings import ADDRESS_LENGTH, Landing
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import arecord_touchpoint, record_touchpoint
from tests.browsers import COOKIE, NAVIGATION, Browser, visitor_request

pytestmark = pytest.mark.django_db(transaction=True)  # async views reach the database from threads of their own

TELL = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) {
  recorded errors { field message code retryAfterSeconds } } }"""
CLAIM = """mutation { recordConversion(input: { event: "signup", idempotencyKey: "0123456789abcdef" }) {
  conversion { id } errors { code } } }"""
FETCH = {"Accept": "*/*", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-site"}
SHOP = "https://shop.test/?utm_source=Mail&utm_medium=email"


@dataclass
class Door:
    """One way in: an address, and how it answers."""

    path: str
    is_graphql: bool

    def post(self, client: Client, **given: Any) -> Any:
        """Tell of an arrival, and return the response."""
        body = json.dumps({"query": TELL, "variables": {"input": given}} if self.is_graphql else given)
        return client.post(self.path, body, content_type="application/json")

    def tell(self, client: Client, url: str, **given: Any) -> bool:
        """Tell of an arrival that may be one, and return whether it was recorded."""
        answer = self.post(client, url=url, **given).json()
        if self.is_graphql:
            answer = answer["data"]["recordTouchpoint"]
            assert answer["errors"] == []
        recorded: bool = answer["recorded"]
        return recorded

    def refusal(self, client: Client, url: str) -> str:
        """Tell of an arrival at what is no page, and return what is said of it."""
        answer = self.post(client, url=url).json()
        if not self.is_graphql:
            assert answer["argument"] == "url"
            return str(answer["message"])
        payload = answer["data"]["recordTouchpoint"]
        (error,) = payload["errors"]
        assert payload["recorded"] is False
        assert (error["code"], error["field"], error["retryAfterSeconds"]) == ("INVALID", ["url"], None)
        return str(error["message"])


PYTHON, GRAPHQL = Door("/arrive/", is_graphql=False), Door("/graphql/", is_graphql=True)
DOORS = {
    "python": PYTHON,
    "async python": Door("/async/arrive/", is_graphql=False),
    "graphql": GRAPHQL,
    "async graphql": Door("/async/graphql/", is_graphql=True),
}


@pytest.fixture(params=["python", "graphql"])
def door(request: pytest.FixtureRequest) -> Door:
    return DOORS[request.param]


@pytest.fixture
def browser() -> Browser:
    """A browser whose script fetches."""
    return fetching()


def fetching() -> Browser:
    browser = Browser()
    browser.defaults.update({f"HTTP_{name.upper().replace('-', '_')}": value for name, value in FETCH.items()})
    browser.defaults.pop("HTTP_SEC_FETCH_USER")
    return browser


def the_touch() -> Touchpoint:
    return Touchpoint.objects.get()


def everything() -> list[int]:
    return [model.objects.count() for model in (Identity, Touchpoint, Conversion)]


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("events", [{}, {"CLIENT_EVENTS": {"signup": {}}}])
def test_an_arrival_is_stored_and_the_browser_carries_its_visitor(browser: Browser, name: str, events: Any) -> None:
    before = datetime.now(UTC)
    with override_settings(DJANGO_ATTRIBUTION=events):
        response = DOORS[name].post(browser, url=f"{SHOP}&gclid=Cj0", referrer="https://blog.test/post?private#x")
    touch = the_touch()
    assert (touch.url, touch.referrer) == (f"{SHOP}&gclid=Cj0", "https://blog.test/post")
    assert (touch.utm_source, touch.source, touch.medium, touch.channel) == ("Mail", "mail", "email", "Email")
    assert touch.click_ids == {"gclid": "Cj0"}
    assert before <= touch.created_at <= datetime.now(UTC)
    assert response.cookies[COOKIE].value
    assert "private" in response.headers["Cache-Control"]
    assert "Cookie" in response.headers["Vary"]
    assert touch.identity.uuid == browser.whoami()
    assert touch.identity.first_visit_user_agent == NAVIGATION["User-Agent"]


def test_the_next_conversion_of_the_browser_is_credited_to_it(browser: Browser, door: Door) -> None:
    assert door.tell(browser, SHOP)
    with override_settings(DJANGO_ATTRIBUTION={"CLIENT_EVENTS": {"signup": {}}}):
        answer = browser.post("/graphql/", {"query": CLAIM}, content_type="application/json").json()
    assert answer["data"]["recordConversion"]["errors"] == []
    conversion = Conversion.objects.with_attribution(last_touch).get()
    assert conversion.credited_touchpoint == the_touch()


def test_it_belongs_to_the_visitor_that_the_browser_carries(browser: Browser, door: Door) -> None:
    browser.get("/page/?utm_source=first", headers=NAVIGATION)
    assert door.tell(browser, SHOP)
    assert [touch.source for touch in Identity.objects.get().touchpoints.all()] == ["first", "mail"]


def test_it_belongs_to_the_user_who_is_logged_in(browser: Browser, door: Door) -> None:
    user = User.objects.create_user("alice")
    browser.force_login(user)
    assert door.tell(browser, SHOP)
    assert the_touch().identity.linked_user == user


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("https://shop.test/a?email=jane@example.org&utm_source=x&token=s#y", "https://shop.test/a?utm_source=x"),
        ("https://shop.test/a?utm_source=x#email=jane@example.org", "https://shop.test/a?utm_source=x"),
        ("https://jane:secret@shop.test/?utm_source=x", "https://shop.test/?utm_source=x"),
        ("HTTPS://SHOP.test:8443?utm_source=x", "https://shop.test:8443/?utm_source=x"),
        ("http://[2001:DB8::1]:8080/?utm_source=x", "http://[2001:db8::1]:8080/?utm_source=x"),
        ("http://[2001:db8:0:0:0::1]/?utm_source=x", "http://[2001:db8::1]/?utm_source=x"),
        ("http://127.0.0.1/?utm_source=x", "http://127.0.0.1/?utm_source=x"),
        (
            "https://shop.test/gr%C3%B6%C3%9Fe/a%20b?utm_source=x",
            "https://shop.test/gr%C3%B6%C3%9Fe/a%20b?utm_source=x",
        ),
        ("https://shop.test/größe?utm_source=x", "https://shop.test/gr%C3%B6%C3%9Fe?utm_source=x"),
        ("https://shop.test/%00%0D%0A%E2%80%AEa?utm_source=x", "https://shop.test/%20a?utm_source=x"),
        ("https://shop.test/<script>'\"?utm_source=x", "https://shop.test/%3Cscript%3E'%22?utm_source=x"),
        ("https://shop.test/a\x00\x1b\u202eb?utm_source=x", "https://shop.test/ab?utm_source=x"),
        ("https://xn--bcher-kva.test/?utm_source=x", "https://xn--bcher-kva.test/?utm_source=x"),
        (" https://shop.test/?utm_source=x\n", "https://shop.test/?utm_source=x"),
        ("https://shop.test/?utm_source=%ED%A0%80x", "https://shop.test/?utm_source=%EF%BF%BD%EF%BF%BD%EF%BF%BDx"),
        ("https://shop.test/?utm_source=a&utm_source=x", "https://shop.test/?utm_source=x"),
        ("https://shop.test/?UTM_Source=x", "https://shop.test/?utm_source=x"),
    ],
)
def test_an_address_is_cleaned_as_a_landings_is(browser: Browser, door: Door, url: str, stored: str) -> None:
    assert door.tell(browser, url)
    assert the_touch().url == stored
    assert "jane" not in str(Touchpoint.objects.values())


def test_half_a_character_is_dropped_or_no_json(browser: Browser) -> None:
    given = {"url": "https://shop.test/\ud800?utm_source=x\udfff", "referrer": "https://blog.test/\ud800"}
    assert GRAPHQL.post(browser, **given).status_code == 400
    assert everything() == [0, 0, 0]
    assert PYTHON.tell(browser, **given)
    assert (the_touch().url, the_touch().referrer) == ("https://shop.test/?utm_source=x", "https://blog.test/")


NO_PAGES = [
    "", " ", "shop.test/?utm_source=x", "/?utm_source=x", "//shop.test/?utm_source=x", "?utm_source=x",
    "javascript:alert(1)//?utm_source=x", "java\nscript:alert(1)?utm_source=x", "data:text/html,<script>?utm_source=x",
    "ftp://shop.test/?utm_source=x", "file:///etc/passwd?utm_source=x", "about:blank", "blob:https://shop.test/1",
    "https:/shop.test?utm_source=x", "https://?utm_source=x", "https:///?utm_source=x", "https://:443/?utm_source=x",
    "https://jane@/?utm_source=x", "https:\\\\shop.test\\?utm_source=x", "https://shop.test:port/?utm_source=x",
    "https://shop.test:99999/?utm_source=x", "https://[::1/?utm_source=x", "https://[]/?utm_source=x", "https://[1:2]/?utm_source=x",
    "https://[v1.x]/?utm_source=x", "https://[::1%25eth0]/?utm_source=x", "https://[::1]x/?utm_source=x",
    "https://a b/?utm_source=x", "https://<script>/?utm_source=x", "https://shop..test/?utm_source=x",
    "https://shop.test\u2100/?utm_source=x", "https://%73hop.test/?utm_source=x", f"https://{'a' * 254}/?utm_source=x",
    f"https://shop.test/?utm_source={'x' * ADDRESS_LENGTH}",
]  # fmt: skip


@pytest.mark.parametrize("url", NO_PAGES)
def test_an_address_that_is_no_pages_is_refused(browser: Browser, door: Door, url: str) -> None:
    message = door.refusal(browser, url)
    assert "absolute http or https address" in message
    assert f"{ADDRESS_LENGTH:,} characters" in message
    assert "shop" not in message  # it may be personal
    assert everything() == [0, 0, 0]
    assert browser.carried is None


def test_an_address_may_be_as_long_as_it_says(browser: Browser, door: Door) -> None:
    assert door.tell(browser, f"{SHOP}&x=".ljust(ADDRESS_LENGTH, "x"))
    assert the_touch().url == SHOP
    door.refusal(browser, f"{SHOP}&x=".ljust(ADDRESS_LENGTH + 1, "x"))


def test_a_megabyte_is_refused(browser: Browser) -> None:
    url = SHOP.ljust(1_000_000, "x")
    PYTHON.refusal(browser, url)
    assert GRAPHQL.post(browser, url=url).status_code == 413
    with pytest.raises(InvalidArgument):
        record_touchpoint(visitor_request(), None)  # type: ignore[arg-type]  # as hosts without type checks do
    assert everything() == [0, 0, 0]


@pytest.mark.parametrize(
    ("referrer", "kept"),
    [
        (None, ""),
        ("", ""),
        ("https://www.google.com/search?q=jane", "https://www.google.com/search"),
        ("https://jane:secret@blog.test:8443/a%20b?c", "https://blog.test:8443/a%20b"),
        ("javascript:alert(1)", ""),
        ("//blog.test/", ""),
        ("http://[broken/", ""),
        ("https://blog.test:port/", ""),
        ("android-app://com.google.android.gm/", ""),
        ("https://blog.test/\x00\u202ea", "https://blog.test/a"),
        ("https://blog.test/".ljust(20_000, "x"), "https://blog.test/".ljust(2048, "x")),
        ("https://shop.test/other/", ""),
        ("http://SHOP.test.:8080/other/", ""),
        ("http://testserver/other/", ""),
    ],
)
def test_a_referrer_is_kept_without_its_query_or_counts_as_none(
    browser: Browser, door: Door, referrer: str | None, kept: str
) -> None:
    assert door.tell(browser, "https://shop.test/?utm_campaign=spring", referrer=referrer)
    assert the_touch().referrer == kept
    assert the_touch().source == ("google" if "google.com/s" in kept else "blog.test" if kept else "(direct)")


UNTAGGED = [
    ("https://www.google.com/", ("referrals", "all"), ("google", "organic")),
    ("https://m.facebook.com/", ("referrals", "all"), ("facebook", "social")),
    ("https://chatgpt.com/", ("referrals", "all"), ("chatgpt", "ai-assistant")),
    ("https://blog.test/", ("referrals", "all"), ("blog.test", "referral")),
    ("", ("all",), ("(direct)", "(none)")),
    ("android-app://com.mail/", ("all",), ("(direct)", "(none)")),
    ("https://shop.test/other/", (), None),
    ("http://testserver/", (), None),
    ("https://checkout.stripe.com/", (), None),
    ("https://www.paypal.com/", (), None),
    ("https://accounts.google.com/", (), None),
]


@pytest.mark.parametrize(("referrer", "modes", "counted"), UNTAGGED)
@pytest.mark.parametrize("mode", ["ignore", "referrals", "all"])
def test_an_untagged_visit_counts_as_the_setting_says(
    browser: Browser, door: Door, mode: str, referrer: str, modes: tuple[str, ...], counted: tuple[str, str]
) -> None:
    with override_settings(DJANGO_ATTRIBUTION={"UNTAGGED_VISITS": mode}):
        assert door.tell(browser, "https://shop.test/?q=private", referrer=referrer) is (mode in modes)
    assert [(touch.source, touch.medium) for touch in Touchpoint.objects.all()] == ([counted] if mode in modes else [])
    assert (browser.carried is not None) is (mode in modes)


@pytest.mark.parametrize("url", ["https://shop.test/", "https://shop.test/?q=utm_source", "https://shop.test/?gclid="])
def test_what_is_no_touch_changes_nothing(browser: Browser, door: Door, url: str) -> None:
    assert door.tell(browser, url) is False
    assert everything() == [0, 0, 0]
    assert browser.carried is None


def test_excluded_paths_are_those_of_the_page(browser: Browser, door: Door) -> None:
    with override_settings(DJANGO_ATTRIBUTION={"UTM_EXCLUDED_URLS": ["/intern/", "/graphql/", "/arrive/"]}):
        assert not door.tell(browser, "https://shop.test/intern/x?utm_source=x")
        assert not door.tell(browser, "https://shop.test/%69ntern/x?utm_source=x")
        assert door.tell(browser, SHOP)


def test_bots_leave_nothing(browser: Browser, door: Door) -> None:
    browser.defaults["HTTP_USER_AGENT"] = "Googlebot/2.1 (+http://www.google.com/bot.html)"
    assert not door.tell(browser, SHOP)
    browser.force_login(User.objects.create_user("alice"))
    assert not door.tell(browser, SHOP)
    assert everything() == [0, 0, 0]
    with override_settings(DJANGO_ATTRIBUTION={"FILTER_BOTS": False}):
        assert door.tell(browser, SHOP)


def test_a_repeat_is_recorded_once_whoever_tells_of_it(browser: Browser, door: Door) -> None:
    browser.get("/page/?utm_source=mail&utm_medium=email", headers=NAVIGATION)
    earlier = Identity.objects.get()
    response = door.post(browser, url=SHOP)
    assert door.tell(browser, SHOP) is False
    assert Touchpoint.objects.count() == 1
    assert Identity.objects.get().last_seen_at > earlier.last_seen_at
    assert response.cookies[COOKIE].value
    assert door.tell(browser, f"{SHOP}&utm_campaign=spring")


@pytest.mark.parametrize("path", ["/arrive/?utm_source=endpoint", "/graphql/?utm_source=endpoint"])
def test_tracking_parameters_of_the_endpoint_are_no_landing(browser: Browser, path: str) -> None:
    assert Door(path, is_graphql="graphql" in path).tell(browser, SHOP)
    assert the_touch().source == "mail"
    assert not Door(path, is_graphql="graphql" in path).tell(browser, "https://shop.test/")
    assert Touchpoint.objects.count() == 1


def test_a_landing_that_a_page_tells_of_again_is_one_touch() -> None:
    browser = Browser()
    assert browser.land("/arrive-twice/").json() == {"recorded": [False, True]}
    assert [touch.source for touch in Identity.objects.get().touchpoints.all()] == ["google", "other"]


def test_without_the_middleware_it_says_what_is_missing() -> None:
    with pytest.raises(ImproperlyConfigured, match="AttributionMiddleware"):
        record_touchpoint(RequestFactory().post("/"), SHOP)


def test_the_async_twin_takes_the_same_arguments() -> None:
    request = visitor_request()
    assert async_to_sync(arecord_touchpoint)(request, SHOP, referrer="https://blog.test/")
    assert not record_touchpoint(request, SHOP)
    assert the_touch().referrer == "https://blog.test/"


def test_under_asgi_it_is_the_same() -> None:
    client = AsyncClient()
    client.defaults["User-Agent"] = NAVIGATION["User-Agent"]
    for door, expected in ((DOORS["async python"], True), (DOORS["async graphql"], False)):
        body = {"query": TELL, "variables": {"input": {"url": SHOP}}} if door.is_graphql else {"url": SHOP}
        response = async_to_sync(client.post)(door.path, body, content_type="application/json")
        answer = response.json()["data"]["recordTouchpoint"] if door.is_graphql else response.json()
        assert answer["recorded"] is expected
    assert the_touch().identity == Identity.objects.get()


def test_csrf_is_enforced() -> None:
    browser = Browser(enforce_csrf_checks=True)
    assert GRAPHQL.post(browser, url=SHOP).status_code == 403
    assert everything() == [0, 0, 0]
    token = browser.get("/graphql/csrf/").json()["csrfToken"]
    browser.defaults["HTTP_X_CSRFTOKEN"] = token
    assert GRAPHQL.tell(browser, SHOP)


@pytest.fixture(params=['UPDATE "attribution_identity"', 'INSERT INTO "attribution_touchpoint"'])
def fragile(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """Have a statement refused with the error that is put here."""
    said: dict[str, Any] = {"error": None}

    def refuse(execute: Any, sql: str, *arguments: Any) -> Any:
        if said["error"] is not None and sql.startswith(request.param):
            raise said["error"]
        return execute(sql, *arguments)

    with connection.execute_wrapper(refuse):
        yield said


@pytest.mark.parametrize("atomic_requests", [True, False])
@pytest.mark.parametrize("error", [OperationalError("hunter2"), InterfaceError("hunter2")])
def test_a_database_out_of_reach_is_said_and_nothing_is_half_written(
    browser: Browser, fragile: dict[str, Any], error: Exception, atomic_requests: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic_requests)
    browser.get("/page/?utm_source=first", headers=NAVIGATION)
    before = list(Identity.objects.values()), list(Touchpoint.objects.values())
    fragile["error"] = error
    payload = GRAPHQL.post(browser, url=SHOP).json()["data"]["recordTouchpoint"]
    (shown,) = payload["errors"]
    assert payload["recorded"] is False
    assert (shown["code"], shown["field"], shown["retryAfterSeconds"]) == ("UNAVAILABLE", None, 5)
    assert "hunter2" not in shown["message"]
    assert PYTHON.post(browser, url=SHOP).status_code == 500
    assert (list(Identity.objects.values()), list(Touchpoint.objects.values())) == before
    fragile["error"] = None
    assert GRAPHQL.tell(browser, SHOP)


def test_a_stranger_is_not_left_half_written_either(browser: Browser) -> None:
    def refuse(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith('INSERT INTO "attribution_touchpoint"'):
            raise IntegrityError("hunter2")
        return execute(sql, *arguments)

    with connection.execute_wrapper(refuse):
        response = GRAPHQL.post(browser, url=SHOP)
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert b"hunter2" not in response.content
    assert COOKIE not in response.cookies
    assert everything() == [0, 0, 0]


def test_the_codes_are_the_promised_ones(client: Client, settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"GRAPHQL_INTROSPECTION": True}
    document = '{ __type(name: "RecordTouchpointErrorCode") { enumValues { name } } }'
    answer = client.post("/graphql/", {"query": document}, content_type="application/json").json()
    said = [value["name"] for value in answer["data"]["__type"]["enumValues"]]
    assert sorted(said) == ["INVALID", "NO_CONSENT", "RATE_LIMITED", "UNAVAILABLE"]


def test_a_landing_told_of_and_one_served_are_stored_alike(browser: Browser) -> None:
    for path in ("/convert/gr%C3%B6%C3%9Fe%20x/", "/page/"):
        browser.get(f"{path}?utm_source={path}", headers=NAVIGATION)
        served = Touchpoint.objects.latest("created_at")
        told = Landing.at(
            f"http://testserver{path}?utm_source={path}", referrer="", own_host="", max_length=200, masked=()
        )
        assert told.url == served.url
