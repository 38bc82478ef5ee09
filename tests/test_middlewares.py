"""What counts as a touch, what of it is stored, and that the host's page is the page it would have been."""

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import override_settings

from django_attribution.models import Identity, Touchpoint
from tests.browsers import COOKIE, NAVIGATION, AsyncBrowser, Browser, as_sent, without_tracking

pytestmark = pytest.mark.django_db

CAFE = "caf\N{LATIN SMALL LETTER E WITH ACUTE}"
MANY_FIELDS = "&".join(f"p{number}=1" for number in range(1100))  # Django reads 1000


@pytest.fixture
def browser() -> Browser:
    return Browser()


def the_touch() -> Touchpoint:
    return Touchpoint.objects.get()


class TestWhatIsATouch:
    def test_a_landing_is_stored_with_all_its_parameters(self, browser: Browser) -> None:
        browser.land(
            utm_source="Google", utm_medium="CPC", utm_campaign="spring", utm_term="shoes", utm_content="a", utm_id="7",
            gclid="Cj0", fbclid="IwAR",
        )  # fmt: skip
        touch = the_touch()
        assert (touch.utm_source, touch.utm_medium, touch.utm_campaign) == ("Google", "CPC", "spring")
        assert (touch.utm_term, touch.utm_content, touch.utm_id) == ("shoes", "a", "7")
        assert touch.click_ids == {"gclid": "Cj0", "fbclid": "IwAR"}
        assert (touch.source, touch.medium) == ("google", "cpc")

    def test_a_click_id_alone_is_a_landing(self, browser: Browser) -> None:
        browser.land(msclkid="a1")
        assert (the_touch().source, the_touch().medium) == ("bing", "cpc")

    def test_every_landing_is_a_touch_of_the_same_visitor(self, browser: Browser) -> None:
        for campaign in ("spring", "summer", "autumn"):
            browser.land(utm_campaign=campaign)
        assert Identity.objects.get().touchpoints.count() == 3

    def test_two_browsers_are_two_visitors(self) -> None:
        Browser().land()
        Browser().land()
        assert Identity.objects.count() == 2

    def test_the_user_agent_of_the_first_visit_is_kept(self, browser: Browser) -> None:
        browser.land()
        browser.get("/page/?utm_source=b", headers={"User-Agent": "Mozilla/5.0 (Macintosh) Safari/605.1"})
        assert Identity.objects.get().first_visit_user_agent == NAVIGATION["User-Agent"]

    def test_a_redirect_is_a_landing(self, browser: Browser) -> None:
        assert browser.land("/redirect/").status_code == 302
        assert the_touch().url.startswith("http://testserver/redirect/?")
        assert browser.carried

    def test_a_page_that_breaks_is_a_landing(self, browser: Browser) -> None:
        assert browser.land("/fail/").status_code == 500
        assert the_touch().identity.uuid == browser.whoami()

    def test_a_page_that_does_not_exist_is_none(self, browser: Browser) -> None:
        response = browser.land("/nowhere/")
        assert response.status_code == 404
        assert not Touchpoint.objects.exists()
        assert not Identity.objects.exists()
        assert not response.cookies

    def test_a_page_that_django_redirects_to_its_slash_is_not_counted_twice(self, browser: Browser) -> None:
        browser.get("/page?utm_source=google", follow=True)
        assert Touchpoint.objects.count() == 1

    @pytest.mark.parametrize("method", ["head", "post", "put", "patch", "delete", "options"])
    def test_only_get_is_a_landing(self, browser: Browser, method: str) -> None:
        assert getattr(browser, method)("/page/?utm_source=google").status_code == 200
        assert not Identity.objects.exists()
        assert browser.carried is None

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Mode": "cors"},
            {"Sec-Fetch-Mode": "no-cors"},
            {"Sec-Fetch-Mode": "same-origin"},
            {"Sec-Fetch-Dest": "iframe"},
            {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Dest": "frame"},
            {"Sec-Fetch-Dest": "embed"},
            {"Sec-Fetch-Dest": "object"},
            {"Sec-Fetch-Dest": "fencedframe"},
            {"Sec-Purpose": "prefetch"},
            {"Sec-Purpose": "prefetch;prerender"},
            {"Sec-Purpose": "prefetch;anonymous-client-ip"},
            {"Purpose": "prefetch"},
            {"X-Purpose": "preview"},
            {"X-Moz": "prefetch"},
        ],
    )
    def test_what_a_browser_fetches_without_a_visit_is_none(self, browser: Browser, headers: dict[str, str]) -> None:
        assert browser.get("/page/?utm_source=google", headers=headers).content == b"page"
        assert not Identity.objects.exists()
        assert browser.carried is None

    @pytest.mark.parametrize(
        ("headers", "count"),
        [
            ({}, 1),
            ({"Accept": "*/*"}, 1),
            ({"Accept": "image/avif,image/webp,*/*;q=0.8"}, 0),
            ({"X-Requested-With": "XMLHttpRequest"}, 0),
        ],
    )
    def test_an_old_browser_is_judged_by_what_it_asks_for(self, headers: dict[str, str], count: int) -> None:
        headers = {"User-Agent": NAVIGATION["User-Agent"], **headers}
        browser = Browser()
        for name in NAVIGATION:
            browser.defaults.pop(f"HTTP_{name.upper().replace('-', '_')}")
        browser.get("/page/?utm_source=google", headers=headers)
        assert Touchpoint.objects.count() == count

    @pytest.mark.parametrize(
        "user_agent",
        [
            "",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "facebookexternalhit/1.1",
            "curl/8.5.0",
            "python-requests/2.32",
        ],
    )
    def test_bots_leave_nothing(self, browser: Browser, user_agent: str) -> None:
        response = browser.get("/page/?utm_source=google", headers={"User-Agent": user_agent})
        assert response.content == b"page"
        assert not Identity.objects.exists()
        assert not response.cookies

    def test_a_bot_with_a_visitors_cookie_or_session_leaves_nothing(
        self, browser: Browser, django_user_model: Any
    ) -> None:
        browser.land()
        browser.get("/page/?utm_source=a", headers={"User-Agent": "curl/8.5.0"})
        assert Touchpoint.objects.count() == 1
        browser.force_login(django_user_model.objects.create_user("alice"))
        browser.get("/page/?utm_source=a", headers={"User-Agent": "curl/8.5.0"})
        assert Touchpoint.objects.count() == 1

    def test_a_request_without_a_user_agent_leaves_nothing(self, browser: Browser) -> None:
        del browser.defaults["HTTP_USER_AGENT"]
        browser.land()
        assert not Identity.objects.exists()

    @override_settings(DJANGO_ATTRIBUTION={"FILTER_BOTS": False})
    def test_bots_count_where_they_are_wanted(self, browser: Browser) -> None:
        browser.get("/page/?utm_source=google", headers={"User-Agent": "curl/8.5.0"})
        assert Touchpoint.objects.count() == 1

    def test_a_bot_is_known_by_the_first_512_characters(self, browser: Browser) -> None:
        user_agent = NAVIGATION["User-Agent"].ljust(512) + "Googlebot/2.1"
        browser.get("/page/?utm_source=google", headers={"User-Agent": user_agent})
        assert len(Identity.objects.get().first_visit_user_agent) <= 512


class TestExcludedPaths:
    def test_excluded_paths_stop_touches(self, browser: Browser) -> None:
        response = browser.land("/api/page/")
        assert response.content == b"page"
        assert not Identity.objects.exists()
        assert not response.cookies

    @override_settings(DJANGO_ATTRIBUTION={"UTM_EXCLUDED_URLS": ["/page/", "/whoami/", "/convert/", "/login/"]})
    def test_excluded_paths_stop_nothing_else(self, browser: Browser, django_user_model: Any) -> None:
        django_user_model.objects.create_user("alice")
        browser.land("/redirect/")
        visitor = Identity.objects.get()
        assert browser.whoami() == visitor.uuid
        assert browser.land("/convert/").status_code == 200
        assert browser.land("/login/alice/").status_code == 200
        assert browser.whoami() == visitor.uuid
        visitor.refresh_from_db()
        assert (visitor.touchpoints.count(), visitor.conversions.count()) == (1, 1)
        assert visitor.linked_user.username == "alice"

    @override_settings(DJANGO_ATTRIBUTION={"UTM_EXCLUDED_URLS": []})
    def test_no_path_is_excluded_when_none_is_named(self, browser: Browser) -> None:
        browser.land("/api/page/")
        assert Touchpoint.objects.count() == 1


class TestWhatIsStored:
    def test_the_url_keeps_tracking_parameters_only(self, browser: Browser) -> None:
        browser.land(utm_source="news", email="jane@example.org", token="s3cret", q="shoes")
        assert the_touch().url == "http://testserver/page/?utm_source=news"

    def test_the_scheme_is_that_of_the_request(self, browser: Browser) -> None:
        browser.get("/page/?utm_source=news", secure=True)
        assert the_touch().url == "https://testserver/page/?utm_source=news"

    @pytest.mark.parametrize(
        ("referrer", "kept"),
        [
            ("https://www.google.com/search?q=private#frag", "https://www.google.com/search"),
            ("https://jane:secret@example.org:8443/a%20b?c", "https://example.org:8443/a%20b"),
            ("javascript:alert(1)", ""),
            ("data:text/html,<script>", ""),
            ("//example.org/", ""),
            ("http://[broken/", ""),
            ("https://example.org:port/", ""),
            ("android-app://com.google.android.gm/", ""),
        ],
    )
    def test_the_referrer_is_kept_without_its_query(self, browser: Browser, referrer: str, kept: str) -> None:
        browser.get("/page/?utm_source=a", headers={"Referer": referrer})
        assert the_touch().referrer == kept

    @pytest.mark.parametrize(
        ("raw", "stored"),
        [
            ("spring+sale", "spring sale"),
            ("spring%20%20%0A%09sale", "spring sale"),
            ("a%00b%1Bc%7F", "abc"),
            ("x%E2%80%AEy%E2%81%A6z%EF%BB%BF", "xyz"),
            ("%ED%A0%80a", "\ufffd\ufffd\ufffda"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%FF%FE", "\ufffd\ufffd"),
            ("%25C3%25A9", "%C3%A9"),
            ("%F0%9F%8E%89", "\N{PARTY POPPER}"),
            ("a\r\nb", "a b"),
            ("   ", ""),
            ("x" * 100_000, "x" * 200),
            ("%F0%9F%8E%89" * 50_000, "\N{PARTY POPPER}" * 200),
            ("<script>", "<script>"),
        ],
    )
    def test_values_are_decoded_once_and_cleaned(self, browser: Browser, raw: str, stored: str) -> None:
        query = f"utm_source=a&utm_campaign={raw}"
        assert browser.get("/page/", QUERY_STRING=query).content == b"page"
        assert the_touch().utm_campaign == stored

    def test_raw_utf8_in_a_query_string_is_read_under_wsgi(self, browser: Browser) -> None:
        # A WSGI server hands over the bytes of the request line as latin-1 text.
        browser.get("/page/", QUERY_STRING=f"utm_source={CAFE}".encode().decode("latin-1"))
        assert the_touch().utm_source == CAFE

    def test_raw_utf8_in_a_query_string_is_read_under_asgi(self) -> None:
        async_to_sync(AsyncBrowser().get)("/async/page/", QUERY_STRING=f"utm_source={CAFE}".encode())
        assert the_touch().utm_source == CAFE

    def test_raw_bytes_that_are_no_text_do_no_harm(self, browser: Browser) -> None:
        assert browser.get("/page/", QUERY_STRING="utm_source=\xff\xfe&\xff=1").content == b"page"
        assert the_touch().utm_source == "\ufffd\ufffd"

    def test_ten_thousand_parameters_do_no_harm(self, browser: Browser) -> None:
        query = "&".join(f"p{number}={number}" for number in range(10_000))
        assert browser.get("/page/", QUERY_STRING=f"utm_source=a&{query}").content == b"page"
        assert the_touch().utm_source == "a"

    def test_names_are_matched_without_regard_to_case(self, browser: Browser) -> None:
        browser.land(UTM_Source="news", Utm_Medium="email", sccid="s")
        assert (the_touch().utm_source, the_touch().utm_medium) == ("news", "email")
        assert the_touch().click_ids == {"ScCid": "s"}

    def test_of_a_repeated_parameter_the_last_counts(self, browser: Browser) -> None:
        browser.get("/page/?utm_source=a&utm_source=b&utm_source=")
        assert the_touch().utm_source == "b"

    def test_an_empty_parameter_is_none(self, browser: Browser) -> None:
        response = browser.get("/page/?utm_source=&utm_medium=%00&gclid")
        assert not Identity.objects.exists()
        assert not response.cookies

    @override_settings(DJANGO_ATTRIBUTION={"MAX_UTM_LENGTH": 5})
    def test_values_are_kept_to_the_length_that_was_set(self, browser: Browser) -> None:
        browser.land(utm_source="abcdefgh", gclid="abcdefgh")
        assert (the_touch().utm_source, the_touch().click_ids) == ("abcde", {"gclid": "abcdefgh"})

    def test_hostile_paths_are_stored_harmlessly(self, browser: Browser) -> None:
        browser.get("/convert/%E2%80%AE%00%0D%0Aeve/?utm_source=a")
        assert "\x00" not in the_touch().url
        assert the_touch().url.isascii()

    @override_settings(MIDDLEWARE=[
        "django_attribution.middlewares.TrackingParameterMiddleware",
        "django_attribution.middlewares.AttributionMiddleware",
    ])  # fmt: skip
    @pytest.mark.parametrize("host", ["evil.example", "a b", "<script>", "testserver:port", ""])
    def test_a_bad_host_header_changes_nothing(self, browser: Browser, host: str) -> None:
        # Without CommonMiddleware nothing else asks for the host, so the page is served.
        response = browser.get("/page/?utm_source=a", headers={"Host": host})
        assert (response.status_code, response.content) == (200, b"page")
        assert the_touch().url.endswith("/page/?utm_source=a")
        assert "evil" not in the_touch().url


class TestTheHostsPage:
    @pytest.mark.parametrize(
        ("method", "path", "options"),
        [
            ("get", "/fields/?a=1&utm_source=g&b=%FF", {"headers": {"X-Moz": "prefetch"}}),
            ("post", "/fields/?utm_source=g", {"data": {"name": "x"}}),
            ("post", "/fields/?utm_source=g", {"data": b"broken", "content_type": "multipart/form-data; boundary=x"}),
            ("post", "/page/?utm_source=g", {"data": b"broken", "content_type": "multipart/form-data; boundary=x"}),
            ("post", "/echo/?utm_source=g", {"data": b"a=1", "content_type": "application/x-www-form-urlencoded"}),
            ("post", "/echo/?utm_source=g", {"data": b"\xff\x00", "content_type": "application/json"}),
            ("post", "/page/?utm_source=g", {"data": b"x" * 3_000_000, "content_type": "text/plain"}),
            ("post", "/echo/?utm_source=g", {"data": b"x" * 3_000_000, "content_type": "text/plain"}),
            ("get", f"/page/?utm_source=g&{MANY_FIELDS}", {"headers": {"Purpose": "prefetch"}}),
            ("get", f"/fields/?utm_source=g&{MANY_FIELDS}", {}),
            ("get", "/nowhere/?utm_source=g", {}),
            ("get", "/page/?utm_source=g", {"headers": {"Host": "evil.example"}}),
            ("get", "/page/?utm_source=g", {"headers": {"Cookie": "broken;=;=="}, "QUERY_STRING": "\x00=\xff"}),
            ("get", "/page/?utm_source=g", {"headers": {"Purpose": "prefetch", "Cookie": f"{COOKIE}=\xff:broken:x"}}),
        ],
    )  # fmt: skip
    def test_the_page_is_what_it_would_have_been(self, method: str, path: str, options: dict[str, Any]) -> None:
        with without_tracking():
            expected = getattr(Browser(), method)(path, **options)
        assert as_sent(getattr(Browser(), method)(path, **options)) == as_sent(expected)

    def test_too_many_fields_fail_a_page_that_reads_them_and_no_other(self, browser: Browser) -> None:
        query = f"utm_source=g&{MANY_FIELDS}"
        assert browser.get("/fields/", QUERY_STRING=query).status_code == 400
        assert browser.get("/page/", QUERY_STRING=query).status_code == 200
        assert Touchpoint.objects.count() == 1

    def test_the_view_gets_its_parameters_untouched(self, browser: Browser) -> None:
        response = browser.get("/fields/?a=1&utm_source=%00g")
        assert response.json()["GET"] == {"a": "1", "utm_source": "\x00g"}

    def test_the_hosts_own_cookie_stays(self, browser: Browser) -> None:
        response = browser.land("/theme/")
        assert set(response.cookies) == {"theme", COOKIE}

    def test_a_stream_is_not_consumed(self, browser: Browser) -> None:
        response = browser.land("/endless/")
        chunks = iter(response.streaming_content)
        assert [next(chunks), next(chunks)] == [b"and so on ", b"and so on "]
        assert Touchpoint.objects.count() == 1
        assert response.cookies[COOKIE].value

    def test_the_view_runs_once_and_its_own_exception_passes(self) -> None:
        browser = Browser()
        browser.raise_request_exception = True
        with pytest.raises(RuntimeError, match="the host's own error"):
            browser.land("/fail/")
        assert Touchpoint.objects.count() == 1


class TestAsync:
    def test_an_async_view_is_tracked(self) -> None:
        browser = AsyncBrowser()
        response = async_to_sync(browser.land)(utm_source="news")
        assert response.content == b"page"
        async_to_sync(browser.land)("/async/convert/", utm_source="ads")
        identity = Identity.objects.get()
        assert [touch.source for touch in identity.touchpoints.all()] == ["news", "ads"]
        assert identity.conversions.count() == 1
        assert json.loads(async_to_sync(browser.get)("/async/whoami/").content) == {"identity": str(identity.uuid)}

    def test_a_sync_view_is_tracked_under_asgi(self) -> None:
        async_to_sync(AsyncBrowser().land)("/page/")
        assert Touchpoint.objects.count() == 1

    def test_an_async_view_is_tracked_under_wsgi(self, browser: Browser) -> None:
        browser.land("/async/convert/")
        assert Identity.objects.get().conversions.count() == Touchpoint.objects.count() == 1

    def test_an_async_stream_is_not_consumed(self) -> None:
        async def read_two() -> list[bytes]:
            response = await AsyncBrowser().land("/async/stream/")
            chunks = aiter(response.streaming_content)
            return [await anext(chunks), await anext(chunks)]

        assert async_to_sync(read_two)() == [b"and so on ", b"and so on "]
        assert Touchpoint.objects.count() == 1

    def test_what_is_no_visit_is_none_under_asgi_too(self) -> None:
        for headers in ({"Sec-Fetch-Mode": "cors"}, {"Sec-Purpose": "prefetch"}, {"User-Agent": "curl/8"}):
            async_to_sync(AsyncBrowser().get)("/async/page/?utm_source=a", headers=headers)
        assert not Identity.objects.exists()
