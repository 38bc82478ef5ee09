"""What is read from a request: every platform's click id, any bytes at all, people and bots, and nothing personal."""

# ruff: noqa: E501 - user agents are quoted whole

import re
import string
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from django_attribution import channels, tracking
from django_attribution.models import Identity, Touchpoint
from tests.strategies import QUICK, QUICK_WITH_DATABASE, query_strings, tracking_names

NOT_SET = "(not set)"

# The table of click ids, said anew: parameter, source, medium.
CLICK_IDS = (
    ("gclid", "google", "cpc"),
    ("gbraid", "google", "cpc"),
    ("wbraid", "google", "cpc"),
    ("dclid", "google", "display"),
    ("msclkid", "bing", "cpc"),
    ("fbclid", "facebook", "social"),
    ("igshid", "instagram", "social"),
    ("ttclid", "tiktok", "cpc"),
    ("twclid", "twitter", "cpc"),
    ("li_fat_id", "linkedin", "cpc"),
    ("ScCid", "snapchat", "cpc"),
    ("ttd_uuid", "thetradedesk", "cpc"),
    ("epik", "pinterest", "cpc"),
    ("rdt_cid", "reddit", "cpc"),
    ("qclid", "quora", "cpc"),
    ("yclid", NOT_SET, "cpc"),
    ("tblci", "taboola", "cpc"),
    ("obclick_id", "outbrain", "cpc"),
    ("irclickid", "impact", "affiliate"),
    ("mc_cid", "mailchimp", "email"),
    ("_kx", "klaviyo", "email"),
    ("srsltid", "google", "organic"),
)
# dclid is paid for, but its medium is display, which has a channel of its own; "cpm" would make it Paid Search.
NOT_PAID = {"dclid", "fbclid", "igshid", "srsltid", "irclickid", "mc_cid", "_kx"}
PAID_MEDIUM = re.compile("^(.*cp.*|ppc|retargeting|paid.*)$")  # GA4's definition


def parse(query_string: str | bytes, max_length: int = 200) -> dict[str, str]:
    """Read a query string."""
    raw = query_string.encode() if isinstance(query_string, str) else query_string
    return tracking.parse_query_string(raw, max_length=max_length)


def effective(query_string: str) -> tuple[str, str]:
    """Return what a landing with this query string counts as."""
    params = parse(query_string)
    return channels.effective_source_and_medium(
        utm_source=params.get("utm_source", ""),
        utm_medium=params.get("utm_medium", ""),
        click_ids=tracking.click_ids_of(params),
        referrer_host="",
        own_host="",
        sites=channels.Sites(),
    )


@pytest.mark.parametrize(("parameter", "source", "medium"), CLICK_IDS)
def test_a_click_id_stands_for_its_platform(parameter: str, source: str, medium: str) -> None:
    assert effective(f"{parameter}=EAIaIQ-_x.Y") == (source, medium)
    assert parse(f"{parameter.swapcase()}=EAIaIQ-_x.Y") == {parameter: "EAIaIQ-_x.Y"}
    assert bool(PAID_MEDIUM.match(medium)) == (parameter not in NOT_PAID)


def test_the_registry_knows_these_click_ids_and_no_others() -> None:
    assert {known.parameter for known in tracking.CLICK_IDS} == {parameter for parameter, _, _ in CLICK_IDS}
    assert len(tracking.CLICK_IDS) == len(CLICK_IDS)


@pytest.mark.parametrize("parameter", [parameter for parameter, _, _ in CLICK_IDS])
def test_a_click_id_keeps_512_characters_of_its_value_whatever_is_kept_of_utm_parameters(parameter: str) -> None:
    assert parse(f"{parameter}={'aB' * 300}", max_length=5) == {parameter: "aB" * 256}


@pytest.mark.parametrize(
    ("query_string", "source", "medium"),
    [
        ("", "(direct)", "(none)"),
        ("utm_source=Newsletter", "newsletter", NOT_SET),
        ("utm_source=+Newsletter+&utm_medium=E-Mail", "newsletter", "e-mail"),
        ("utm_medium=email", "(direct)", "email"),
        ("utm_campaign=spring", "(direct)", "(none)"),
        ("utm_source=partner&gclid=1", "partner", NOT_SET),  # the URL's own word comes first
        ("utm_source=partner&utm_medium=cpa&gclid=1", "partner", "cpa"),
        ("utm_medium=display&gclid=1", "google", "display"),
        ("fbclid=1&gclid=2", "google", "cpc"),  # paid is certain only for one of them
        ("gclid=2&fbclid=1", "google", "cpc"),
        ("srsltid=1&msclkid=2", "bing", "cpc"),
        ("utm_source=%20%00&gclid=2", "google", "cpc"),
        ("utm_source=İstanbul", "i̇stanbul", NOT_SET),
    ],
)
def test_the_url_decides_then_the_click_id_then_it_is_direct(query_string: str, source: str, medium: str) -> None:
    assert effective(query_string) == (source, medium)


@pytest.mark.parametrize(
    ("query_string", "params"),
    [
        ("utm_source=google&page=2&email=a@b.c", {"utm_source": "google"}),
        ("UTM_Source=Google&GCLID=Ab", {"utm_source": "Google", "gclid": "Ab"}),
        ("utm%5Fsource=google", {"utm_source": "google"}),
        ("utm_source=a&utm_source=b", {"utm_source": "b"}),
        ("utm_source=a&utm_source=", {"utm_source": "a"}),
        ("utm_source=a&utm_source=%00%20", {"utm_source": "a"}),
        ("utm_source=a&UTM_SOURCE=b", {"utm_source": "b"}),
        ("utm_source", {}),
        ("utm_source=", {}),
        ("=google", {}),
        ("&&&=&==&utm_source=a=b&", {"utm_source": "a=b"}),
        ("utm_source=a;utm_medium=b", {"utm_source": "a;utm_medium=b"}),
        ("utm_campaign=spring+sale%20now", {"utm_campaign": "spring sale now"}),
        ("utm_campaign=100%2525", {"utm_campaign": "100%25"}),  # decoded once
        ("utm_campaign=50%", {"utm_campaign": "50%"}),
        ("utm_campaign=%zz%4", {"utm_campaign": "%zz%4"}),
        ("utm_campaign=%FF%FEx", {"utm_campaign": "\ufffd\ufffdx"}),
        ("utm_campaign=%ED%A0%80x", {"utm_campaign": "\ufffd\ufffd\ufffdx"}),  # a surrogate, encoded
        ("utm_campaign=a%00b%1Bc%7F%C2%9Bd", {"utm_campaign": "abcd"}),
        ("utm_campaign=a%E2%80%AEb%E2%81%A6c%EF%BB%BFd", {"utm_campaign": "abcd"}),  # bidi marks, byte-order mark
        ("utm_campaign=+a%09%0D%0A%C2%A0b%E2%80%A8+", {"utm_campaign": "a b"}),
        ("utm_campaign=%F0%9F%98%80", {"utm_campaign": "😀"}),
        ("utm_campaign=größe", {"utm_campaign": "größe"}),
        ("utm_id=7&utm_term=t&utm_content=c&utm_other=x", {"utm_id": "7", "utm_term": "t", "utm_content": "c"}),
    ],
)
def test_tracking_parameters_are_read_once_and_cleaned(query_string: str, params: dict[str, str]) -> None:
    assert parse(query_string) == params


def test_a_utm_value_is_kept_up_to_the_limit_in_characters() -> None:
    assert parse(f"utm_source={'%F0%9F%98%80' * 7}", max_length=6) == {"utm_source": "😀" * 6}
    assert parse(f"utm_source={'%F0%9F%98%80' * 6}", max_length=6) == {"utm_source": "😀" * 6}
    assert parse("utm_source=ab+cd", max_length=3) == {"utm_source": "ab"}


def test_parameters_beyond_the_two_hundredth_are_not_read() -> None:
    assert parse("x=1&" * 199 + "utm_source=a") == {"utm_source": "a"}
    assert parse("x=1&" * 200 + "utm_source=a") == {}


def test_ten_thousand_parameters_and_a_long_value_cost_little() -> None:
    # No clock: it would be enough to hang, or to keep what is long.
    hostile = b"utm_source=" + b"%20" * 1_000_000 + b"&" + b"a=b&" * 10_000
    assert parse(hostile) == {}


@QUICK
@given(query_strings(), st.integers(1, 512))
def test_any_bytes_are_read_without_an_error_into_clean_values(query_string: bytes, max_length: int) -> None:
    params = parse(query_string, max_length)
    for name, value in params.items():
        is_utm = name in tracking.UTM_PARAMETERS
        assert is_utm or name in tracking.CLICK_IDS_BY_PARAMETER
        assert 0 < len(value) <= (max_length if is_utm else 512)
        assert value.encode("utf-8").decode() == value
        assert value == tracking.clean(value, max_length=512)
        assert not any(character < " " or "\x7f" <= character < "\xa0" for character in value)


@pytest.mark.parametrize(
    "character",
    [
        *("\x00", "\x08", "\x0e", "\x1b", "\x7f", "\x84", "\x86", "\x9f"),  # control characters
        *("\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"),  # bidirectional marks
        *("\ud800", "\udbff", "\udc00", "\udfff", "\ufeff"),  # lone surrogates, byte-order mark
    ],
)
def test_cleaning_takes_out_what_nobody_should_store_or_read(character: str) -> None:
    assert tracking.clean(f"{character}a{character}{character}b{character}", max_length=9) == "ab"


@pytest.mark.parametrize(
    "space", ["\t", "\n", "\x0b", "\x0c", "\r", "\x1c", "\x1f", "\x85", "\xa0", "\u2028", "\u3000"]
)
def test_cleaning_makes_one_space_of_any_white_space(space: str) -> None:
    assert tracking.clean(f"{space}a{space} {space}b{space}", max_length=9) == "a b"


@pytest.mark.parametrize(
    "text", ["größe", "e\u0301", "👩\u200d🚀", "日本語", "עברית", "<b>&'\"", "'; DROP TABLE", "=1+1"]
)
def test_cleaning_leaves_text_alone(text: str) -> None:
    assert tracking.clean(text, max_length=50) == text


@QUICK
@given(st.text(alphabet=st.characters() | st.sampled_from("\ud800\udfff\x00 "), max_size=60), st.integers(1, 50))
def test_cleaning_is_done_after_once(value: str, max_length: int) -> None:
    cleaned = tracking.clean(value, max_length=max_length)
    assert tracking.clean(cleaned, max_length=max_length) == cleaned
    assert len(cleaned) <= max_length
    cleaned.encode("utf-8")  # no lone surrogate is left


@pytest.mark.django_db
def test_whatever_is_read_can_be_stored() -> None:
    identity = Identity.objects.create()

    @QUICK_WITH_DATABASE
    @given(query_strings(), st.text(max_size=30), st.text(max_size=30))
    def can_be_stored(query_string: bytes, path: str, referrer: str) -> None:
        params = parse(query_string, 512)
        expected: dict[str, Any] = {
            "url": tracking.landing_url(scheme="https", host="shop.test", path=f"/{path}", params=params),
            "referrer": tracking.strip_referrer(f"https://blog.test/{referrer}", masked=()),
            "click_ids": tracking.click_ids_of(params),
            **{name: params.get(name, "") for name in tracking.UTM_PARAMETERS},
        }
        with transaction.atomic():
            touch = Touchpoint.objects.create(
                identity=identity, created_at=datetime(2026, 1, 1, tzinfo=UTC), **expected
            )
            stored = Touchpoint.objects.get(pk=touch.pk)
            assert {name: getattr(stored, name) for name in expected} == expected
            assert stored.source
            assert stored.medium
            transaction.set_rollback(True)

    can_be_stored()


# Personal data as it may stand in an address; none of it may be kept.
SECRET = "canary"
PLAIN = st.text(alphabet=string.ascii_letters + string.digits + "-._~/:@!$&'()*+,;=%äß \\", max_size=8)


@QUICK
@given(
    scheme=st.sampled_from(["http", "https", "HTTPS"]),
    user=st.sampled_from(["", f"{SECRET}@", f"{SECRET}:{SECRET}@", f"a@{SECRET}@", f":{SECRET}@"]),
    host=st.sampled_from(["blog.test", "BLOG.test", "[::1]", "127.0.0.1", "bücher.test"]),
    port=st.sampled_from(["", ":80", ":8443", ":", ":99999", ":x"]),
    path=PLAIN,
    rest=st.sampled_from(
        ["", f"?{SECRET}", f"?a={SECRET}#{SECRET}", f"#{SECRET}", f"#?{SECRET}", f"?utm_source={SECRET}"]
    ),
)
def test_a_referrer_keeps_scheme_host_and_path_only(
    scheme: str, user: str, host: str, port: str, path: str, rest: str
) -> None:
    stripped = tracking.strip_referrer(f"{scheme}://{user}{host}{port}/{path}{rest}", masked=())
    assert SECRET not in stripped
    if stripped:
        parts = urlsplit(stripped)
        assert (parts.scheme, parts.hostname) == (scheme.lower(), host.lower().strip("[]"))
        assert (parts.username, parts.password, parts.query, parts.fragment) == (None, None, "", "")
    else:
        assert port in (":99999", ":x")


@QUICK
@given(st.text(max_size=60) | st.text(alphabet="htps:/@?#[]%\\.\x00\t ab\ud800\udfff", max_size=60))
def test_any_text_is_taken_as_a_referrer_without_an_error(referrer: str) -> None:
    for text in (referrer, f"http://{referrer}", f"https://a{referrer}"):
        stripped = tracking.strip_referrer(text, masked=())
        stripped.encode("utf-8")
        assert stripped == "" or stripped.startswith(("http://", "https://"))
        assert "?" not in stripped
        assert "#" not in stripped
        assert "\x00" not in stripped


@pytest.mark.parametrize(
    ("referrer", "kept"),
    [
        ("https://blog.test/a%20b/ü?q=1#top", "https://blog.test/a%20b/%C3%BC"),
        ("https://blog.test", "https://blog.test"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x"),
        ("javascript:alert(1)", ""),
        ("android-app://com.google.android.gm/", ""),
        ("file:///etc/passwd", ""),
        ("//blog.test/x", ""),
        ("about:blank", ""),
        ("", ""),
        ("http://", ""),
        ("http://[", ""),
        ("http://a:b:c/", ""),
    ],
)
def test_only_an_http_referrer_is_kept(referrer: str, kept: str) -> None:
    assert tracking.strip_referrer(referrer, masked=()) == kept


def test_a_referrer_is_kept_up_to_2048_characters() -> None:
    assert len(tracking.strip_referrer(f"https://blog.test/{'a' * 5000}", masked=())) == 2048


@QUICK
@given(st.dictionaries(tracking_names(), st.text(alphabet="aß&=?#% +", min_size=1, max_size=6)), PLAIN)
def test_a_landing_url_is_the_page_with_its_tracking_parameters(params: dict[str, str], path: str) -> None:
    url = tracking.landing_url(scheme="https", host="shop.test:8000", path=f"/{path}?#", params=params)
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "shop.test:8000", "")
    assert unquote(parts.path) == tracking.clean(f"/{path}?#", max_length=2048)
    assert dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(params))) == params


def test_a_landing_url_of_an_unknown_host_is_its_path() -> None:
    assert tracking.landing_url(scheme="https", host="", path="/shoes/", params={}) == "/shoes/"
    assert tracking.landing_url(scheme="https", host="", path="/ü", params={"gclid": "a b"}) == "/%C3%BC?gclid=a+b"


def test_a_long_path_leaves_the_tracking_parameters_whole() -> None:
    url = tracking.landing_url(scheme="https", host="shop.test", path="/" + "a" * 5000, params={"gclid": "x"})
    assert url == f"https://shop.test/{'a' * 5000}"[:2048] + "?gclid=x"


def test_a_cut_url_ends_between_two_characters() -> None:
    for beside in range(9):
        path = "/" + "a" * beside + "ü" * 1000
        for url in (
            tracking.landing_url(scheme="https", host="shop.test", path=path, params={}),
            tracking.strip_referrer(f"https://shop.test{quote(path)}", masked=()),
        ):
            assert len(url) <= 2048
            assert "\ufffd" not in unquote(url)
            assert not re.search("%.?$", url)


@pytest.mark.parametrize(
    ("path", "prefixes", "is_excluded"),
    [
        ("/admin/", ["/admin/"], True),
        ("/admin/login/", ["/api/", "/admin/"], True),
        ("/administration/", ["/admin/"], False),
        ("/admin", ["/admin/"], False),
        ("/shop/admin/", ["/admin/"], False),
        ("/", [], False),
    ],
)
def test_a_path_is_excluded_by_how_it_begins(path: str, prefixes: list[str], *, is_excluded: bool) -> None:
    assert tracking.is_excluded(path, prefixes=prefixes) is is_excluded


@pytest.mark.parametrize(
    ("method", "headers", "is_landing"),
    [
        ("GET", {}, True),
        ("GET", {"HTTP_ACCEPT": "text/html,application/xhtml+xml,image/avif;q=0.9"}, True),
        ("GET", {"HTTP_SEC_FETCH_MODE": "navigate"}, True),
        ("GET", {"HTTP_SEC_FETCH_MODE": "navigate", "HTTP_PURPOSE": "user"}, True),
        ("GET", {"HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_DEST": "document"}, True),
        ("GET", {"HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_DEST": ""}, True),
        ("GET", {"HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_DEST": "iframe"}, False),
        ("HEAD", {"HTTP_SEC_FETCH_MODE": "navigate"}, False),
        ("POST", {"HTTP_SEC_FETCH_MODE": "navigate"}, False),
        ("OPTIONS", {}, False),
        ("", {}, False),
        ("GET", {"HTTP_SEC_FETCH_MODE": "cors"}, False),
        ("GET", {"HTTP_SEC_FETCH_MODE": "no-cors"}, False),
        ("GET", {"HTTP_SEC_FETCH_MODE": ""}, False),
        ("GET", {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"}, False),
        ("GET", {"HTTP_ACCEPT": "image/avif,image/webp,*/*"}, False),
        ("GET", {"HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_PURPOSE": "prefetch"}, False),
        ("GET", {"HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_PURPOSE": "prefetch;prerender"}, False),
        ("GET", {"HTTP_SEC_PURPOSE": "prefetch;anonymous-client-ip"}, False),
        ("GET", {"HTTP_PURPOSE": "prefetch"}, False),
        ("GET", {"HTTP_PURPOSE": "Preview"}, False),
        ("GET", {"HTTP_X_PURPOSE": "preview"}, False),
        ("GET", {"HTTP_X_MOZ": "prefetch"}, False),
    ],
)
def test_a_landing_is_a_navigation_that_somebody_sees(
    method: str, headers: dict[str, str], *, is_landing: bool
) -> None:
    assert tracking.is_landing(method=method, headers=headers) is is_landing


PEOPLE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0.0.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 OPR/124.0.0.0",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
    # Inside apps, where many paid clicks open.
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 380.0.0.28.77 (iPhone15,3; iOS 18_5; de_DE; de; scale=3.00; 1290x2796; 729361110)",
    "Mozilla/5.0 (Linux; Android 14; SM-A546B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.6778.135 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/493.0.0.0.50;]",
)  # fmt: skip

BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "AdsBot-Google (+http://www.google.com/adsbot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Twitterbot/1.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp/2.23.20.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "Wget/1.21.4",
)  # fmt: skip


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_a_browser_is_no_bot(user_agent: str) -> None:
    assert not tracking.is_bot(user_agent)


@pytest.mark.parametrize("user_agent", [*BOTS, ""])
def test_a_bot_is_one_and_so_is_nobody(user_agent: str) -> None:
    assert tracking.is_bot(user_agent)


def test_a_bot_is_told_by_its_first_512_characters() -> None:
    browser = PEOPLE[0].ljust(512)
    assert not tracking.is_bot(browser + " Googlebot/2.1")
    assert tracking.is_bot(PEOPLE[0] + " Googlebot/2.1")


@QUICK
@given(st.text(max_size=600))
def test_any_user_agent_is_judged_without_an_error(user_agent: str) -> None:
    assert tracking.is_bot(user_agent) in (True, False)
