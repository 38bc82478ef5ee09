"""Visits without tracking parameters: which are touches in each mode, and that a touch is not stored twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest
from django.test import override_settings

from django_attribution import arrivals
from django_attribution.attribution_models import last_touch
from django_attribution.channels import Sites
from django_attribution.landings import Landing, is_touch
from django_attribution.models import Conversion, Identity, Touchpoint
from tests.browsers import NAVIGATION, AsyncBrowser, Browser, as_sent, visitor_request, without_tracking

pytestmark = pytest.mark.django_db

MODES = ("ignore", "referrals", "all")
MICROSECOND = timedelta(microseconds=1)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DIRECT = ("(direct)", "(none)")


def visits(mode: str, **more: Any) -> override_settings:
    """Count visits without tracking parameters as the mode says."""
    return override_settings(DJANGO_ATTRIBUTION={"UNTAGGED_VISITS": mode, **more})


def without(*names: str) -> Browser:
    """Return a browser that does not send some of the usual headers."""
    browser = Browser()
    for name in names:
        browser.defaults.pop(f"HTTP_{name.upper().replace('-', '_')}")
    return browser


def old_browser() -> Browser:
    """Return a browser from before Sec-Fetch headers."""
    return without("Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-Dest", "Sec-Fetch-User")


def touches() -> list[tuple[str, str]]:
    """Return what is stored, in order."""
    return list(Touchpoint.objects.values_list("source", "medium"))


REFERRALS = [
    ("https://www.google.com/", ("google", "organic"), "Organic Search"),
    ("https://www.google.co.uk/search?q=private", ("google", "organic"), "Organic Search"),
    ("https://duckduckgo.com/", ("duckduckgo", "organic"), "Organic Search"),
    ("https://m.facebook.com/story", ("facebook", "social"), "Organic Social"),
    ("https://t.co/abc", ("twitter", "social"), "Organic Social"),
    ("https://www.youtube.com/watch", ("youtube", "video"), "Organic Video"),
    ("https://chatgpt.com/", ("chatgpt", "ai-assistant"), "AI Assistant"),
    ("https://www.perplexity.ai/", ("perplexity", "ai-assistant"), "AI Assistant"),
    ("https://blog.test/post", ("blog.test", "referral"), "Referral"),
    ("https://mail.google.com/", ("mail.google.com", "referral"), "Referral"),
    ("https://testserver.evil.test/", ("testserver.evil.test", "referral"), "Referral"),
]
NEVER: list[dict[str, str]] = [
    {"Referer": "http://testserver/other/", "Sec-Fetch-Site": "same-origin"},
    {"Referer": "http://testserver/other/"},
    {"Referer": "https://TESTSERVER.:8443/other/"},
    {"Referer": "https://blog.testserver/", "Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Referer": "https://checkout.stripe.com/pay"},
    {"Referer": "https://www.paypal.com/"},
    {"Referer": "https://accounts.google.com/signin"},
    {"Referer": "https://login.microsoftonline.com./"},
    {"Referer": "https://www.google.com/", "Sec-Purpose": "prefetch"},
    {"Referer": "https://www.google.com/", "Sec-Purpose": "prefetch;prerender"},
    {"Referer": "https://www.google.com/", "Sec-Fetch-Mode": "cors"},
    {"Referer": "https://www.google.com/", "Sec-Fetch-Mode": "no-cors"},
    {"Referer": "https://acs.bank.test/", "Sec-Fetch-Dest": "iframe"},
    {"Referer": "https://www.google.com/", "User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"},
    {"Referer": "https://www.google.com/", "User-Agent": ""},
    {"Sec-Fetch-Site": "none", "User-Agent": "curl/8.5.0"},
    {"Sec-Fetch-Site": "none", "Sec-Purpose": "prefetch"},
]


class TestUntaggedVisits:
    @pytest.mark.parametrize(("referrer", "counted", "channel"), REFERRALS)
    @pytest.mark.parametrize("mode", MODES)
    def test_a_visit_from_another_site_is_a_touch_where_referrals_count(
        self, mode: str, referrer: str, counted: tuple[str, str], channel: str
    ) -> None:
        browser = Browser()
        with visits(mode):
            browser.get("/page/?email=jane@example.org", headers={"Referer": referrer})
        if mode == "ignore":
            assert not Identity.objects.exists()
            assert browser.carried is None
            return
        touch = Touchpoint.objects.get()
        assert ((touch.source, touch.medium), touch.channel) == (counted, channel)
        assert touch.url == "http://testserver/page/"
        assert touch.referrer == referrer.partition("?")[0]
        assert touch.identity.uuid == browser.whoami()

    @pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "none"}, {}, {"Referer": "android-app://com.mail/"}])
    @pytest.mark.parametrize("mode", MODES)
    def test_a_direct_visit_is_a_touch_where_all_count(self, mode: str, headers: dict[str, str]) -> None:
        with visits(mode):
            Browser().get("/page/", headers=headers)
        assert touches() == ([DIRECT] if mode == "all" else [])
        assert [touch.channel for touch in Touchpoint.objects.all()] == (["Direct"] if mode == "all" else [])

    @pytest.mark.parametrize("headers", NEVER)
    @pytest.mark.parametrize("mode", MODES)
    def test_what_is_no_arrival_changes_nothing_in_any_mode(self, mode: str, headers: dict[str, str]) -> None:
        with visits(mode):
            response = Browser().get("/page/", headers=headers)
        with without_tracking():
            assert as_sent(response) == as_sent(Browser().get("/page/", headers=headers))
        assert not Identity.objects.exists()

    @pytest.mark.parametrize("headers", NEVER[:10])
    @pytest.mark.parametrize("mode", MODES)
    def test_a_tagged_visit_is_a_touch_whatever_its_referrer(self, mode: str, headers: dict[str, str]) -> None:
        with visits(mode):
            Browser().get("/page/?utm_source=mail", headers=headers)
        assert touches() == [("mail", "(not set)")]

    @pytest.mark.parametrize("method", ["head", "post", "put", "patch", "delete", "options"])
    @pytest.mark.parametrize("mode", MODES)
    def test_only_get_is_an_arrival(self, mode: str, method: str) -> None:
        with visits(mode):
            getattr(Browser(), method)("/page/", headers={"Referer": "https://www.google.com/"})
        assert not Identity.objects.exists()

    @pytest.mark.parametrize("path", ["/api/page/", "/admin/login/", "/nowhere/"])
    @pytest.mark.parametrize("mode", MODES)
    def test_an_excluded_path_and_a_page_that_is_not_there_are_none(self, mode: str, path: str) -> None:
        with visits(mode):
            response = Browser().get(path, headers={"Referer": "https://www.google.com/"})
        assert "_dj_attr_id" not in response.cookies
        assert not Identity.objects.exists()

    @pytest.mark.parametrize(
        ("headers", "is_page"),
        [
            ({"Accept": "text/html,application/xhtml+xml"}, True),
            ({"Accept": "*/*, TEXT/HTML;q=0.9"}, True),
            ({"Accept": "*/*"}, False),
            ({"Accept": "application/json"}, False),
            ({"Accept": "image/avif,*/*"}, False),
            ({}, False),
            ({"Accept": "text/html", "X-Requested-With": "XMLHttpRequest"}, False),
        ],
    )
    @pytest.mark.parametrize("mode", MODES[1:])
    def test_an_old_browser_has_to_ask_for_a_page(self, mode: str, headers: dict[str, str], is_page: bool) -> None:
        browser = old_browser()
        browser.defaults.pop("HTTP_ACCEPT")
        with visits(mode):
            browser.get("/page/", headers={**headers, "Referer": "https://www.google.com/"})
        assert touches() == ([("google", "organic")] if is_page else [])

    def test_an_old_browser_without_a_referrer_comes_directly(self) -> None:
        with visits("all"):
            old_browser().get("/page/")
        assert touches() == [DIRECT]

    def test_hosts_that_are_no_referrals_can_be_added(self) -> None:
        with visits("all", REFERRER_HOSTS={"not_a_referral": ["pay.bank.test"]}):
            for referrer in ("https://pay.bank.test/", "https://www.pay.bank.test/done"):
                Browser().get("/page/", headers={"Referer": referrer})
        assert touches() == []

    @override_settings(MIDDLEWARE=[
        "django_attribution.middlewares.TrackingParameterMiddleware",
        "django_attribution.middlewares.AttributionMiddleware",
    ])  # fmt: skip
    def test_a_site_that_does_not_know_its_host_cannot_tell_who_comes_from_elsewhere(self) -> None:
        with visits("all"):
            response = Browser().get("/page/", headers={"Host": "evil.example", "Referer": "https://blog.test/"})
        assert response.content == b"page"
        assert touches() == []

    @pytest.mark.parametrize("path", ["/redirect/", "/redirect/?utm_source=mail&utm_medium=email"])
    @pytest.mark.parametrize("referrer", ["https://www.google.com/", ""])
    def test_a_redirect_and_the_page_it_leads_to_are_one_touch(self, path: str, referrer: str) -> None:
        with visits("all"):
            browser = Browser()
            browser.get(path, headers={"Referer": referrer}, follow=True)
        assert len(touches()) == 1
        assert ("utm_source" in Touchpoint.objects.get().url) is ("utm_source" in path)

    def test_a_reload_is_no_other_touch(self) -> None:
        browser = Browser()
        with visits("all"):
            browser.get("/page/", headers={"Referer": "https://www.google.com/"})
            browser.get("/page/", headers={"Referer": "https://www.google.com/"})
            browser.get("/page/", headers={"Referer": "https://www.google.com/", "Sec-Fetch-Site": "same-origin"})
        assert touches() == [("google", "organic")]

    def test_a_page_that_breaks_is_arrived_at(self) -> None:
        with visits("all"):
            assert Browser().get("/fail/", headers={"Referer": "https://blog.test/"}).status_code == 500
        assert touches() == [("blog.test", "referral")]

    def test_an_untagged_visit_that_converts_at_once_earns_the_conversion(self) -> None:
        with visits("referrals"):
            Browser().get("/convert/", headers={"Referer": "https://www.google.com/"})
        assert Conversion.objects.with_attribution(last_touch).get().attribution_data["source"] == "google"

    def test_a_setting_that_cannot_work_changes_no_page(self) -> None:
        with visits("all", REFERRER_HOSTS={"nonsense": ["blog.test"]}):
            response = Browser().get("/convert/", headers={"Referer": "https://blog.test/"})
        assert response.status_code == 200
        assert Conversion.objects.count() == 1


class TestUntaggedVisitsUnderAsgi:
    @pytest.mark.parametrize("path", ["/async/page/", "/page/"])
    @pytest.mark.parametrize("mode", MODES)
    def test_they_count_as_under_wsgi(self, mode: str, path: str) -> None:
        with visits(mode):
            for name, value in (("Referer", "https://chatgpt.com/"), ("Sec-Fetch-Site", "none")):
                browser = AsyncBrowser()
                browser.defaults[name] = value
                response = async_to_sync(browser.get)(path)
                assert response.content == b"page"
        expected = {"ignore": [], "referrals": [("chatgpt", "ai-assistant")]}
        assert touches() == expected.get(mode, [("chatgpt", "ai-assistant"), DIRECT])

    @pytest.mark.parametrize("headers", NEVER)
    def test_what_is_no_arrival_changes_nothing(self, headers: dict[str, str]) -> None:
        browser = AsyncBrowser()
        browser.defaults.update(headers)
        with visits("all"):
            response = async_to_sync(browser.get)("/async/page/")
        with without_tracking():
            assert as_sent(response) == as_sent(async_to_sync(browser.get)("/async/page/"))
        assert not Identity.objects.exists()


class TestTheDecision:
    def landing(self, **said: Any) -> Landing:
        return Landing(**{
            "scheme": "https", "host": "shop.test", "path": "/x/", "path_info": "/x/", "params": {}, "referrer": "",
            "own_hosts": {"shop.test"}, **said,
        })  # fmt: skip

    def decided(self, mode: Any, **said: Any) -> bool:
        return is_touch(self.landing(**said), untagged_visits=mode, excluded=("/api/",), sites=Sites())

    def test_a_prefix_that_the_site_is_mounted_under_does_not_count_for_exclusion(self) -> None:
        tagged = {"params": {"utm_source": "a"}}
        assert not self.decided("all", path="/shop/api/x/", path_info="/api/x/", **tagged)
        assert self.decided("all", path="/api/x/", path_info="/x/", **tagged)

    def test_a_mode_that_does_not_exist_lets_nothing_in(self) -> None:
        assert not self.decided("some", referrer="https://blog.test/")
        assert self.decided("some", params={"utm_source": "a"})

    def test_a_referrer_says_more_than_a_browser_that_knows_of_none(self) -> None:
        assert self.decided("referrals", referrer="https://blog.test/", site="none")
        assert not self.decided("all", referrer="https://shop.test/", site="none")

    def test_a_visit_from_elsewhere_that_does_not_say_where_is_as_good_as_direct(self) -> None:
        assert not self.decided("referrals", site="cross-site")
        assert self.decided("all", site="cross-site")


@pytest.fixture
def visitor() -> Identity:
    return Identity.objects.create()


def stored(identity: Identity, url: str, *, at: datetime, referrer: str = "", is_first: bool = False) -> bool:
    """Store an arrival at a moment, and tell whether it was no repeat."""
    landing = Landing.at(url, referrer=referrer, own_host="", max_length=200, masked=())
    touch = arrivals.store(landing, identity=identity, at=at, using=Touchpoint.objects.db, is_first=is_first)
    return touch is not None


TAGGED = (
    "https://shop.test/?utm_source=Mail&utm_medium=email&utm_campaign=May&utm_term=t&utm_content=c&utm_id=7&gclid=x"
)


class TestRepeats:
    @pytest.mark.parametrize(
        ("after", "is_stored"),
        [
            (timedelta(), False),
            (timedelta(minutes=30), False),
            (timedelta(minutes=30) + MICROSECOND, True),
            (-timedelta(minutes=30), False),  # it arrived first and is stored last
            (-timedelta(minutes=30) - MICROSECOND, True),
        ],
    )
    @pytest.mark.parametrize("url", [TAGGED, "https://shop.test/"])
    def test_a_repeat_is_known_for_thirty_minutes(
        self, visitor: Identity, url: str, after: timedelta, is_stored: bool
    ) -> None:
        assert stored(visitor, url, at=NOON)
        assert stored(visitor, url, at=NOON + after) is is_stored
        assert visitor.touchpoints.count() == 1 + is_stored

    @pytest.mark.parametrize(("minutes", "after"), [(1, 60), (1440, 86_400)])
    def test_the_time_is_the_settings(self, visitor: Identity, minutes: int, after: int) -> None:
        with override_settings(DJANGO_ATTRIBUTION={"REPEAT_TOUCH_MINUTES": minutes}):
            assert stored(visitor, TAGGED, at=NOON)
            assert not stored(visitor, TAGGED, at=NOON + timedelta(seconds=after))
            assert stored(visitor, TAGGED, at=NOON + timedelta(seconds=after) + MICROSECOND)

    @pytest.mark.parametrize("url", [TAGGED, "https://shop.test/"])
    def test_zero_minutes_record_every_one(self, visitor: Identity, url: str) -> None:
        with override_settings(DJANGO_ATTRIBUTION={"REPEAT_TOUCH_MINUTES": 0}):
            assert [stored(visitor, url, at=NOON) for _ in range(3)] == [True] * 3

    @pytest.mark.parametrize(
        "url",
        [
            TAGGED.replace("shop.test/", "shop.test/other/"),
            TAGGED.replace("Mail", "mail").replace("email", "EMAIL"),
            "https://shop.test/?gclid=x&" + TAGGED.partition("?")[2].replace("&gclid=x", ""),
            TAGGED + "&page=2",
        ],
    )
    def test_neither_the_page_nor_the_referrer_nor_the_spelling_makes_another_touch(
        self, visitor: Identity, url: str
    ) -> None:
        assert stored(visitor, TAGGED, at=NOON)
        assert not stored(visitor, url, at=NOON, referrer="https://blog.test/post")

    @pytest.mark.parametrize(
        "url",
        [
            TAGGED.replace("Mail", "news"),
            TAGGED.replace("email", "cpc"),
            TAGGED.replace("May", "may"),
            TAGGED.replace("term=t", "term=u"),
            TAGGED.replace("content=c", "content=d"),
            TAGGED.replace("id=7", "id=8"),
            TAGGED.replace("gclid=x", "gclid=y"),
            TAGGED.replace("gclid=x", "gbraid=x"),
            TAGGED.replace("&gclid=x", ""),
            TAGGED + "&fbclid=z",
        ],
    )
    def test_another_campaign_is_another_touch(self, visitor: Identity, url: str) -> None:
        assert stored(visitor, TAGGED, at=NOON)
        assert stored(visitor, url, at=NOON + timedelta(minutes=1))

    def test_click_ids_in_another_order_are_the_same(self, visitor: Identity) -> None:
        assert stored(visitor, "https://shop.test/?gclid=a&fbclid=b", at=NOON)
        assert not stored(visitor, "https://shop.test/?fbclid=b&gclid=a", at=NOON)

    def test_a_touch_between_does_not_hide_the_earlier_one(self, visitor: Identity) -> None:
        assert stored(visitor, TAGGED, at=NOON)
        assert stored(visitor, "https://shop.test/?utm_source=b", at=NOON + timedelta(minutes=1))
        assert not stored(visitor, TAGGED, at=NOON + timedelta(minutes=2))

    def test_a_source_as_long_as_its_column_is_compared_as_it_is_stored(self, visitor: Identity) -> None:
        url = f"https://shop.test/?utm_source={'%C4%B0' * 512}"  # lower case is longer by a half
        landing = Landing.at(url, referrer="", own_host="", max_length=512, masked=())
        using = Touchpoint.objects.db
        kept = [
            arrivals.store(landing, identity=visitor, at=NOON, using=using, is_first=False) is not None
            for _ in range(2)
        ]
        assert kept == [True, False]

    def test_another_visitor_is_not_held_back(self, visitor: Identity) -> None:
        assert stored(visitor, TAGGED, at=NOON)
        assert stored(Identity.objects.create(), TAGGED, at=NOON)

    def test_a_redirect_is_followed_to_its_end_where_repeats_are_wanted(self, visitor: Identity) -> None:
        with override_settings(DJANGO_ATTRIBUTION={"REPEAT_TOUCH_MINUTES": 0}):
            assert stored(visitor, TAGGED, at=NOON)
            assert not stored(visitor, "https://shop.test/next/", at=NOON + timedelta(seconds=1))

    @pytest.mark.parametrize(
        ("seconds", "referrer", "is_stored"),
        [(10, "", False), (10.000001, "", True), (1, "https://blog.test/", True)],
    )
    def test_an_untagged_page_right_after_a_tagged_one_is_where_its_redirect_led(
        self, visitor: Identity, seconds: float, referrer: str, is_stored: bool
    ) -> None:
        assert stored(visitor, TAGGED, at=NOON)
        at = NOON + timedelta(seconds=seconds)
        assert stored(visitor, "https://shop.test/next/", at=at, referrer=referrer) is is_stored

    def test_a_tagged_page_after_an_untagged_one_is_another_touch(self, visitor: Identity) -> None:
        assert stored(visitor, "https://shop.test/", at=NOON, referrer="https://www.google.com/")
        listing = "https://shop.test/?srsltid=a"  # google / organic too
        assert stored(visitor, listing, at=NOON, referrer="https://www.google.com/")

    def test_an_untagged_visit_repeats_no_tagged_one_of_the_same_source(self, visitor: Identity) -> None:
        assert stored(visitor, "https://shop.test/?srsltid=a", at=NOON)
        later = NOON + timedelta(minutes=1)
        assert stored(visitor, "https://shop.test/", at=later, referrer="https://www.google.com/")


class TestRepeatsOfRequests:
    def test_a_repeat_is_no_touch_but_the_visitor_was_seen(self) -> None:
        browser = Browser()
        browser.land()
        earlier = Identity.objects.get()
        response = browser.land("/redirect/")
        assert Touchpoint.objects.count() == 1
        assert Identity.objects.get().last_seen_at > earlier.last_seen_at
        assert response.cookies["_dj_attr_id"].value

    def test_a_repeat_after_login_elsewhere_is_the_users(self) -> None:
        User.objects.create_user("alice")
        phone, laptop = Browser(), Browser()
        phone.land("/login/alice/")
        laptop.get("/login/alice/")
        laptop.land()
        assert Touchpoint.objects.count() == 1

    def test_a_conversion_at_a_repeat_is_credited_to_the_earlier_touch(self) -> None:
        browser = Browser()
        browser.land()
        earlier = Touchpoint.objects.get()
        browser.land("/convert/")
        conversion = Conversion.objects.with_attribution(last_touch).get()
        assert Touchpoint.objects.count() == 1
        assert conversion.credited_touchpoint == earlier
        assert conversion.identity == earlier.identity

    def test_an_async_repeat_is_none_either(self) -> None:
        browser = AsyncBrowser()
        for path in ("/async/page/", "/async/page/", "/async/convert/"):
            async_to_sync(browser.land)(path)
        assert Touchpoint.objects.count() == 1
        assert Conversion.objects.get().identity == Identity.objects.get()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic_requests", [True, False])
class TestRolledBack:
    @pytest.fixture(autouse=True)
    def _transactions(self, atomic_requests: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic_requests)

    @pytest.mark.parametrize("path", ["/convert-and-fail/", "/convert-and-break/", "/nested/"])
    def test_a_landing_that_was_taken_back_is_no_repeat_of_itself(self, path: str) -> None:
        browser = Browser()
        browser.land(utm_source="before")
        browser.land(path, utm_source="ads")
        assert sorted(touch.source for touch in Touchpoint.objects.all()) == ["ads", "before"]
        assert browser.whoami() == Identity.objects.get().uuid

    @pytest.mark.parametrize("path", ["/convert-and-fail/", "/convert-and-break/", "/nested/"])
    def test_a_repeat_that_was_taken_back_is_seen_all_the_same(self, path: str) -> None:
        browser = Browser()
        browser.land()
        earlier = Identity.objects.get()
        response = browser.land(path)
        assert Touchpoint.objects.count() == 1
        assert Identity.objects.get().last_seen_at > earlier.last_seen_at
        assert response.cookies["_dj_attr_id"].value

    def test_an_untagged_landing_that_was_taken_back_is_written_again(self) -> None:
        browser = Browser()
        with visits("referrals"):
            browser.get("/convert-and-fail/", headers={"Referer": "https://blog.test/"})
        assert touches() == [("blog.test", "referral")]
        assert browser.whoami() == Identity.objects.get().uuid


def test_a_request_that_never_met_the_first_middleware_is_no_arrival() -> None:
    request: HttpRequest = visitor_request()
    del request.tracking_params  # type: ignore[attr-defined]  # the other middleware adds it
    with visits("all"):
        assert arrivals.touch_of(request) is None
    assert NAVIGATION["Sec-Fetch-Mode"] == request.headers["Sec-Fetch-Mode"]
