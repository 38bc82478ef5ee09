"""``CONSENT`` and ``Sec-GPC``: who did not agree leaves no row, no cookie and no trace in a header."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import record_conversion, record_touchpoint
from django_attribution.signals import tracking_failed
from tests.browsers import (
    COOKIE,
    AsyncBrowser,
    Browser,
    as_sent,
    queries_of_tracking,
    visitor_request,
    without_tracking,
)
from tests.shop import consent

pytestmark = pytest.mark.django_db(transaction=True)  # async views reach the database from threads of their own

TELL = """mutation { recordTouchpoint(input: { url: "https://shop.test/?utm_source=mail" }) {
  recorded errors { field message code retryAfterSeconds } } }"""
CLAIM = """mutation { recordConversion(input: { event: "signup", idempotencyKey: "0123456789abcdef" }) {
  conversion { event status } errors { code } } }"""
UNTOLD = ["no", "perhaps", ""]  # what the banner's cookie may say besides yes


@pytest.fixture(autouse=True)
def _asks_the_banner(settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"CONSENT": "tests.shop.consent.by_cookie", "CLIENT_EVENTS": {"signup": {}}}
    consent.asked.clear()


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def known() -> Browser:
    """A browser whose visitor agreed, and has a touch."""
    browser = saying("yes")
    browser.land(utm_source="first")
    assert browser.carried
    return browser


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str]]]:
    """Collect the failures that the host is told of: their kind and the name of the error."""
    said: list[tuple[str, str]] = []

    def listen(kind: str, error: Exception, **_: Any) -> None:
        said.append((kind, type(error).__name__))

    tracking_failed.connect(listen)
    yield said
    tracking_failed.disconnect(listen)


def saying(answer: str) -> Browser:
    browser = Browser()
    browser.cookies["banner"] = answer
    return browser


def everything() -> list[int]:
    return [model.objects.count() for model in (Identity, Touchpoint, Conversion)]


def unseen(path: str, **options: Any) -> tuple[Any, ...]:
    """Return what a new browser is sent by the site without us."""
    with without_tracking():
        return as_sent(Browser().get(path, **options))


class TestTheAnswer:
    def test_who_agrees_is_tracked(self) -> None:
        browser = saying("yes")
        response = browser.land()
        assert response.cookies[COOKIE].value
        assert browser.whoami() == Touchpoint.objects.get().identity.uuid

    @pytest.mark.parametrize("answer", UNTOLD)
    @pytest.mark.parametrize("path", ["/page/", "/redirect/", "/fail/", "/public/", "/theme/"])
    def test_who_does_not_leaves_nothing_and_is_sent_what_a_site_without_us_sends(
        self, answer: str, path: str, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            response = saying(answer).land(path)
        assert as_sent(response) == unseen(f"{path}?utm_source=google&utm_medium=cpc")
        assert everything() == [0, 0, 0]

    def test_without_a_function_everybody_is(self, browser: Browser, settings: Any) -> None:
        settings.DJANGO_ATTRIBUTION = {}
        browser.land()
        assert everything() == [1, 1, 0]

    @pytest.mark.parametrize("given", [consent.by_user, "tests.shop.consent.by_user"])
    def test_the_function_may_ask_the_database(self, browser: Browser, settings: Any, given: Any) -> None:
        settings.DJANGO_ATTRIBUTION = {"CONSENT": given}
        browser.land()
        assert everything() == [0, 0, 0]
        User.objects.create_user("agrees")
        browser.land()
        assert everything() == [1, 1, 0]

    def test_a_view_may_take_the_answer_before_it_is_asked_for(self, browser: Browser, settings: Any) -> None:
        settings.DJANGO_ATTRIBUTION = {"CONSENT": "tests.shop.consent.by_session"}
        browser.land("/say/no/")
        assert everything() == [0, 0, 0]
        browser.land("/say/yes/")
        assert everything() == [1, 1, 0]

    @pytest.mark.parametrize(
        "path", ["/page/", "/convert/", "/arrive-twice/", "/login/alice/", "/convert-then-log-out/"]
    )
    def test_it_is_asked_once_for_a_request(self, known: Browser, path: str) -> None:
        User.objects.create_user("alice")
        consent.asked.clear()
        known.land(path)
        assert consent.asked == [path]

    @pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Mode": "cors"}, {"Sec-Purpose": "prefetch"}])
    def test_it_is_not_asked_where_nothing_hangs_on_it(self, headers: dict[str, str]) -> None:
        browser = saying("yes")
        browser.get("/page/", headers=headers)
        browser.get("/page/?q=1", headers=headers)
        browser.post("/page/?utm_source=x", headers=headers)
        assert consent.asked == []

    def test_a_bot_is_not_asked(self) -> None:
        browser = saying("yes")
        browser.get("/page/?utm_source=x", headers={"User-Agent": "curl/8.5.0"})
        assert consent.asked == []

    def test_a_function_that_asks_who_is_visiting_hears_nobody(self, browser: Browser, settings: Any) -> None:
        settings.DJANGO_ATTRIBUTION = {"CONSENT": "tests.shop.consent.by_visitor"}
        browser.land()
        browser.land(utm_source="again")
        assert everything() == [1, 2, 0]


class TestGlobalPrivacyControl:
    GPC = {"Sec-GPC": "1"}

    @pytest.mark.parametrize("configured", [{}, {"CONSENT": "tests.shop.consent.by_cookie"}])
    def test_it_is_a_no_whatever_the_banner_says(self, settings: Any, configured: Any) -> None:
        settings.DJANGO_ATTRIBUTION = configured
        browser = saying("yes")
        response = browser.get("/page/?utm_source=x", headers=self.GPC)
        assert as_sent(response) == unseen("/page/?utm_source=x", headers=self.GPC)
        assert everything() == [0, 0, 0]
        assert consent.asked == []

    def test_a_site_may_decide_otherwise(self, browser: Browser, settings: Any) -> None:
        settings.DJANGO_ATTRIBUTION = {"HONOUR_GPC": False}
        browser.get("/page/?utm_source=x", headers=self.GPC)
        assert everything() == [1, 1, 0]

    @pytest.mark.parametrize("value", ["0", "", "true", "?1", "11"])
    def test_only_a_one_says_so(self, browser: Browser, settings: Any, value: str) -> None:
        settings.DJANGO_ATTRIBUTION = {}
        browser.get("/page/?utm_source=x", headers={"Sec-GPC": value})
        assert everything() == [1, 1, 0]

    def test_an_async_page_knows_it(self, settings: Any) -> None:
        settings.DJANGO_ATTRIBUTION = {}
        browser = AsyncBrowser()
        browser.defaults["Sec-GPC"] = "1"
        async_to_sync(browser.land)()
        assert everything() == [0, 0, 0]


class TestConversions:
    @pytest.mark.parametrize("atomic_requests", [True, False])
    @pytest.mark.parametrize("answer", UNTOLD)
    def test_it_is_stored_without_an_identity(
        self, answer: str, atomic_requests: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic_requests)
        response = saying(answer).land("/convert/")
        assert (response.status_code, Conversion.objects.get().identity) == (200, None)
        assert everything() == [0, 0, 1]
        assert COOKIE not in response.cookies
        assert not response.has_header("Vary")

    def test_nor_with_that_of_a_user_who_is_logged_in(self, known: Browser) -> None:
        User.objects.create_user("alice")
        known.get("/login/alice/")
        known.cookies["banner"] = "no"
        known.land("/convert/")
        assert Conversion.objects.get().identity is None
        assert everything() == [1, 1, 1]

    def test_its_revenue_counts_and_nobody_is_credited(self) -> None:
        record_conversion(visitor_request(), "order", value=Decimal("99.90"), currency="EUR")
        report = Conversion.objects.attribution_report(["last_touch"], ["source"])
        assert [(row.kind.name, row.value) for row in report.rows] == [("UNATTRIBUTED", Decimal("99.90"))]

    def test_a_repeat_with_the_same_key_is_the_same_conversion(self) -> None:
        browser = saying("no")
        for _ in range(2):
            answer = browser.post("/graphql/", {"query": CLAIM}, content_type="application/json").json()
            payload = answer["data"]["recordConversion"]
            assert payload == {"conversion": {"event": "signup", "status": "PENDING"}, "errors": []}
        assert everything() == [0, 0, 1]


class TestArrivalsThatAFrontEndTells:
    @pytest.mark.parametrize("path", ["/graphql/", "/async/graphql/"])
    @pytest.mark.parametrize("answer", UNTOLD)
    def test_graphql_says_that_there_was_no_consent(self, answer: str, path: str) -> None:
        response = saying(answer).post(path, {"query": TELL}, content_type="application/json")
        payload = response.json()["data"]["recordTouchpoint"]
        [error] = payload["errors"]
        assert payload["recorded"] is False
        assert (error["code"], error["field"], error["retryAfterSeconds"]) == ("NO_CONSENT", None, None)
        assert "did not consent" in error["message"]
        assert everything() == [0, 0, 0]
        assert COOKIE not in response.cookies

    @pytest.mark.parametrize("path", ["/arrive/", "/async/arrive/"])
    def test_python_says_that_nothing_was_recorded(self, path: str) -> None:
        body = json.dumps({"url": "https://shop.test/?utm_source=mail"})
        for answer, recorded in (("no", False), ("yes", True)):
            response = saying(answer).post(path, body, content_type="application/json")
            assert response.json() == {"recorded": recorded}
        assert everything() == [1, 1, 0]

    def test_what_is_no_touch_is_none_without_asking(self) -> None:
        untagged = TELL.replace("?utm_source=mail", "")
        answer = saying("no").post("/graphql/", {"query": untagged}, content_type="application/json").json()
        assert answer["data"]["recordTouchpoint"] == {"recorded": False, "errors": []}
        assert consent.asked == []


@pytest.mark.parametrize("is_told", [True, False])
def test_who_takes_the_yes_may_record_the_landing_that_the_banner_was_on(is_told: bool) -> None:
    request = visitor_request()
    if is_told:  # as README says: the cookie is on its way, in no request yet
        request.COOKIES["banner"] = "yes"
    recorded = record_touchpoint(request, "https://testserver/?utm_source=mail", referrer="")
    assert recorded == is_told
    assert Touchpoint.objects.count() == int(is_told)


class TestWithdrawal:
    def test_a_no_takes_the_cookie_back_at_once(self, known: Browser) -> None:
        known.cookies["banner"] = "no"
        with queries_of_tracking() as statements:
            response = known.get("/page/")
        assert (response.cookies[COOKIE].value, response.cookies[COOKIE]["max-age"]) == ("", 0)
        assert "Cookie" in response.headers["Vary"]
        assert "private" in response.headers["Cache-Control"]
        assert statements == []
        del known.cookies[COOKIE]  # as browsers do
        assert as_sent(known.get("/page/")) == unseen("/page/")

    def test_not_knowing_leaves_the_cookie_and_does_not_use_it(self, known: Browser) -> None:
        carried, before = known.carried, list(Identity.objects.values())
        known.cookies["banner"] = "perhaps"
        response = known.land("/convert/", utm_source="second")
        assert COOKIE not in response.cookies
        assert (known.carried, list(Identity.objects.values())) == (carried, before)
        assert Conversion.objects.get().identity is None
        known.cookies["banner"] = "yes"
        known.land(utm_source="third")
        assert [touch.source for touch in Identity.objects.get().touchpoints.all()] == ["first", "third"]

    @pytest.mark.parametrize("answer", UNTOLD)
    def test_the_identity_is_not_used_any_more(self, known: Browser, answer: str) -> None:
        known.cookies["banner"] = answer
        with queries_of_tracking() as statements:
            assert known.whoami() is None
        assert statements == []

    def test_what_was_recorded_before_stays(self, known: Browser) -> None:
        before = list(Identity.objects.values()), list(Touchpoint.objects.values())
        known.cookies["banner"] = "no"
        known.land(utm_source="second")
        assert (list(Identity.objects.values()), list(Touchpoint.objects.values())) == before

    def test_global_privacy_control_takes_the_cookie_back_too(self, browser: Browser, settings: Any) -> None:
        settings.DJANGO_ATTRIBUTION = {}
        browser.land()
        response = browser.get("/page/", headers={"Sec-GPC": "1"})
        assert response.cookies[COOKIE].value == ""

    @pytest.mark.parametrize("path", ["/nowhere/", "/fail/", "/redirect/", "/admin/login/"])
    def test_on_every_page(self, known: Browser, path: str) -> None:
        known.cookies["banner"] = "no"
        assert known.get(path).cookies[COOKIE].value == ""

    def test_an_async_page_does_the_same(self, known: Browser) -> None:
        browser = AsyncBrowser()
        browser.cookies = known.cookies
        known.cookies["banner"] = "no"
        response = async_to_sync(browser.get)("/async/page/")
        assert response.cookies[COOKIE].value == ""


class TestLogins:
    @pytest.mark.parametrize("answer", UNTOLD)
    def test_a_login_without_consent_claims_nothing(self, known: Browser, answer: str) -> None:
        User.objects.create_user("alice")
        known.cookies["banner"] = answer
        with queries_of_tracking() as statements:
            assert known.get("/login/alice/").content == b"in"
        assert statements == []
        assert Identity.objects.get().claimed_at is None

    def test_and_merges_nothing(self, known: Browser) -> None:
        alice = User.objects.create_user("alice")
        owned = Identity.objects.create(linked_user=alice, claimed_at=alice.date_joined)
        known.cookies["banner"] = "no"
        known.get("/login/alice/")
        assert not owned.touchpoints.exists()
        assert not Identity.objects.filter(merged_into=owned).exists()

    def test_the_history_is_claimed_when_a_yes_follows(self, known: Browser) -> None:
        alice = User.objects.create_user("alice")
        known.cookies["banner"] = "perhaps"
        known.get("/login/alice/")
        known.cookies["banner"] = "yes"
        known.land(utm_source="second")
        assert [touch.source for touch in Identity.objects.get(linked_user=alice).touchpoints.all()] == [
            "first",
            "second",
        ]

    def test_logging_out_takes_the_cookie_whatever_was_said(self, known: Browser) -> None:
        User.objects.create_user("alice")
        known.cookies["banner"] = "perhaps"
        known.get("/login/alice/")
        assert known.get("/logout/").cookies[COOKIE].value == ""


class TestAFunctionThatFails:
    @pytest.fixture(params=["broken", "broken_statement", "talkative", "patient", "curious", "nowhere"], autouse=True)
    def failing(self, request: pytest.FixtureRequest, settings: Any) -> str:
        settings.DJANGO_ATTRIBUTION = {"CONSENT": f"tests.shop.consent.{request.param}"}
        return str(request.param)

    @pytest.mark.parametrize("path", ["/page/", "/redirect/", "/fail/", "/public/"])
    def test_the_page_is_what_it_would_have_been(self, heard: list[tuple[str, str]], path: str) -> None:
        response = Browser().land(path)
        assert as_sent(response) == unseen(f"{path}?utm_source=google&utm_medium=cpc")
        assert everything() == [0, 0, 0]
        assert [kind for kind, _error in heard] == ["consent"]

    @pytest.mark.parametrize("atomic_requests", [True, False])
    def test_a_conversion_is_stored_without_an_identity(
        self, heard: list[tuple[str, str]], atomic_requests: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic_requests)
        assert Browser().land("/convert/").status_code == 200
        assert everything() == [0, 0, 1]
        assert Conversion.objects.get().identity is None
        assert [kind for kind, _error in heard] == ["consent"]

    def test_the_cookie_of_an_earlier_yes_stays(self, known: Browser, settings: Any, failing: str) -> None:
        carried = known.carried
        response = known.get("/page/")
        assert COOKIE not in response.cookies
        assert known.carried == carried

    @pytest.fixture
    def known(self) -> Browser:
        browser = Browser()
        with override_settings(DJANGO_ATTRIBUTION={}):
            browser.land()
        return browser


class TestAsync:
    @pytest.mark.parametrize(("answer", "said"), [("yes", "GRANTED"), ("no", "DENIED"), ("", "UNKNOWN")])
    def test_a_view_can_ask(self, answer: str, said: str) -> None:
        browser = AsyncBrowser()
        browser.cookies["banner"] = answer
        assert async_to_sync(browser.get)("/async/consent/").content == said.encode()

    def test_a_function_that_asks_the_database_works(self, settings: Any, heard: list[tuple[str, str]]) -> None:
        settings.DJANGO_ATTRIBUTION = {"CONSENT": "tests.shop.consent.by_user"}
        User.objects.create_user("agrees")
        async_to_sync(AsyncBrowser().land)()
        async_to_sync(AsyncBrowser().land)("/async/convert/")
        assert heard == []
        assert everything() == [2, 2, 1]


def test_a_stranger_without_tracking_data_costs_nothing(browser: Browser) -> None:
    with CaptureQueriesContext(connection) as statements:
        response = browser.get("/page/")
    assert len(statements) == 0
    assert as_sent(response) == unseen("/page/")


def test_a_visitor_who_agreed_costs_nothing_where_nothing_is_recorded(known: Browser) -> None:
    with CaptureQueriesContext(connection) as statements:
        response = known.get("/page/")
    assert len(statements) == 0
    assert as_sent(response) == unseen("/page/")


def test_reading_a_body_is_left_to_the_view() -> None:
    browser = saying("yes")
    response = browser.post("/echo/?utm_source=x", b"\xff\x00", content_type="application/json")
    with without_tracking():
        expected = saying("yes").post("/echo/?utm_source=x", b"\xff\x00", content_type="application/json")
    assert as_sent(response) == as_sent(expected)
