"""Channels: the published groups, in their order, and what an untagged visit came from."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st

from django_attribution.attribution_models import last_touch
from django_attribution.channels import DEFAULT_RULES, UNASSIGNED, ChannelRule, SiteKind, Sites, channel_of
from django_attribution.channels import effective_source_and_medium as effective
from django_attribution.channels_data import AI_ASSISTANTS, SEARCH_ENGINES, SHOPPING_SITES, SOCIAL_NETWORKS, VIDEO_SITES
from django_attribution.models import Conversion, Touchpoint
from tests.browsers import Browser

SITES = Sites()


def channel(source: str, medium: str = "(not set)", campaign: str = "") -> str:
    return channel_of(source=source, medium=medium, campaign=campaign, sites=SITES)


def from_referrer(host: str, **said: Any) -> tuple[str, str]:
    return effective(**{
        "utm_source": "", "utm_medium": "", "click_ids": {}, "own_host": "shop.test", "sites": SITES,
        **said, "referrer_host": host,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("source", "medium", "campaign", "expected"),
    [
        ("(direct)", "(none)", "", "Direct"),
        ("(direct)", "(not set)", "", "Direct"),
        ("(direct)", "email", "", "Email"),
        ("google", "cpc", "autumn cross-network", "Cross-network"),
        ("(direct)", "(none)", "cross-network", "Direct"),
        ("amazon", "cpc", "", "Paid Shopping"),
        ("acme", "ppc", "eshop", "Paid Shopping"),
        ("acme", "cpc", "shop", "Paid Shopping"),
        ("acme", "cpc", "workshop", "Paid Other"),
        ("google", "cpc", "", "Paid Search"),
        ("google", "cpm", "", "Paid Search"),  # "cpm" holds "cp", and Paid Search comes first
        ("Bing", "PaidSearch", "", "Paid Search"),
        ("facebook", "cpc", "", "Paid Social"),
        ("ig", "paid_social", "", "Paid Social"),
        ("youtube", "cpv", "", "Paid Video"),
        ("google", "display", "", "Display"),
        ("acme", "cpm", "", "Display"),
        ("acme", "banner", "", "Display"),
        ("(not set)", "cpc", "", "Paid Other"),
        ("acme", "retargeting", "", "Paid Other"),
        ("etsy.com", "referral", "", "Organic Shopping"),
        ("acme", "post", "Shopping days", "Organic Shopping"),
        ("m.facebook.com", "referral", "", "Organic Social"),
        ("acme", "social media", "", "Organic Social"),
        ("vimeo", "link", "", "Organic Video"),
        ("acme", "my-videos", "", "Organic Video"),
        ("duckduckgo.com", "referral", "", "Organic Search"),
        ("acme", "organic", "", "Organic Search"),
        ("chatgpt.com", "referral", "", "AI Assistant"),
        ("acme", "ai-assistant", "", "AI Assistant"),
        ("blog.test", "referral", "", "Referral"),
        ("acme", "app", "", "Referral"),
        ("newsletter", "email", "", "Email"),
        ("e-mail", "blast", "", "Email"),
        ("acme", "e mail", "", "Email"),
        ("acme", "affiliate", "", "Affiliates"),
        ("acme", "audio", "", "Audio"),
        ("sms", "blast", "", "SMS"),
        ("acme", "SMS", "", "SMS"),
        ("acme", "web-push", "", "Mobile Push"),
        ("acme", "mobile-app", "", "Mobile Push"),
        ("acme", "notifications", "", "Mobile Push"),
        ("firebase", "campaign", "", "Mobile Push"),
        ("acme", "flyer", "", UNASSIGNED),
        ("notfacebook.com", "flyer", "", UNASSIGNED),
    ],
)
def test_a_touch_belongs_to_the_first_group_that_fits(source: str, medium: str, campaign: str, expected: str) -> None:
    assert channel(source, medium, campaign) == expected
    assert channel(f" {source.upper()} ", medium.upper(), campaign.upper()) == expected


def test_the_groups_come_in_the_published_order() -> None:
    order = list(dict.fromkeys(rule.channel for rule in DEFAULT_RULES))
    assert order == [
        "Direct", "Cross-network", "Paid Shopping", "Paid Search", "Paid Social", "Paid Video", "Display", "Paid Other",
        "Organic Shopping", "Organic Social", "Organic Video", "Organic Search", "AI Assistant", "Referral", "Email",
        "Affiliates", "Audio", "SMS", "Mobile Push",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("host", "source", "medium"),
    [
        ("www.google.com", "google", "organic"),
        ("www.google.co.uk", "google", "organic"),
        ("google.de", "google", "organic"),
        ("mail.google.com", "mail.google.com", "referral"),
        ("google.evil.test", "google.evil.test", "referral"),
        ("uk.search.yahoo.com", "yahoo", "organic"),
        ("yandex.com.tr", "yandex", "organic"),
        ("m.facebook.com", "facebook", "social"),
        ("l.instagram.com", "instagram", "social"),
        ("notfacebook.com", "notfacebook.com", "referral"),
        ("facebook.com.evil.test", "facebook.com.evil.test", "referral"),
        ("t.co", "twitter", "social"),
        ("m.youtube.com", "youtube", "video"),
        ("gemini.google.com", "gemini", "ai-assistant"),
        ("shopping.google.com", "google shopping", "referral"),
        ("www.blog.test", "blog.test", "referral"),
        ("BLOG.test.", "blog.test", "referral"),
        (".", "(direct)", "(none)"),
        ("checkout.stripe.com", "(direct)", "(none)"),
        ("www.paypal.com", "(direct)", "(none)"),
        ("accounts.google.com", "(direct)", "(none)"),
        # Within a shop's, a network's or a video site's domain, the host that takes payments or logs in counts.
        ("payments.amazon.com", "(direct)", "(none)"),
        ("accounts.youtube.com", "(direct)", "(none)"),
        ("id.twitch.tv", "(direct)", "(none)"),
        ("api.twitter.com", "(direct)", "(none)"),
        ("sis.redsys.es", "(direct)", "(none)"),
        ("shop.test", "(direct)", "(none)"),
        ("", "(direct)", "(none)"),
    ],
)
def test_an_untagged_visit_is_known_by_its_referrer(host: str, source: str, medium: str) -> None:
    assert from_referrer(host) == (source, medium)


def test_what_the_url_said_comes_before_a_click_id_and_that_before_the_referrer() -> None:
    assert from_referrer("www.google.com", utm_source="News", click_ids={"gclid": "x"}) == ("news", "(not set)")
    assert from_referrer("blog.test", click_ids={"gclid": "x"}) == ("google", "cpc")
    assert from_referrer("blog.test", utm_medium="Email") == ("blog.test", "email")


def test_a_source_with_a_click_id_of_its_own_has_the_medium_of_that() -> None:
    assert from_referrer("", utm_source="Google", click_ids={"gclid": "x"}) == ("google", "cpc")
    assert from_referrer("", utm_source="fb", click_ids={"fbclid": "x"}) == ("fb", "social")
    assert from_referrer("", utm_source="google", utm_medium="Video", click_ids={"gclid": "x"}) == ("google", "video")
    assert from_referrer("", utm_source="bing", click_ids={"gclid": "x"}) == ("bing", "(not set)")


@pytest.mark.parametrize(
    ("sites", "kind"),
    [
        (SOCIAL_NETWORKS, SiteKind.SOCIAL), (VIDEO_SITES, SiteKind.VIDEO),
        (SHOPPING_SITES, SiteKind.SHOPPING), (AI_ASSISTANTS, SiteKind.AI),
        ([(source, hosts) for source, hosts, _ in SEARCH_ENGINES], SiteKind.SEARCH),
    ],
)  # fmt: skip
def test_every_site_is_known_by_its_hosts_and_its_name(sites: Any, kind: SiteKind) -> None:
    for source, hosts in sites:
        assert SITES.kind_of_source(source) is kind, source
        for host in hosts:
            assert (SITES.of_host(host).source, SITES.of_host(host).kind) == (source, kind), host


def test_no_host_stands_twice() -> None:
    groups = (SOCIAL_NETWORKS, VIDEO_SITES, SHOPPING_SITES, AI_ASSISTANTS)
    hosts = [host for group in groups for _, some in group for host in some]
    hosts += [host for _, some, _ in SEARCH_ENGINES for host in some]
    assert sorted(hosts) == sorted(set(hosts))


def test_hosts_may_be_added_to_a_kind_and_taken_from_another() -> None:
    sites = Sites.with_hosts({"social": ["club.test"], "not_a_referral": ["pay.test", "facebook.com"]})
    assert sites.of_host("www.club.test").kind is SiteKind.SOCIAL
    assert sites.of_host("pay.test").kind is SiteKind.NOT_A_REFERRAL
    assert sites.of_host("m.facebook.com").kind is SiteKind.NOT_A_REFERRAL
    assert SITES.of_host("m.facebook.com").kind is SiteKind.SOCIAL
    assert channel_of(source="club.test", medium="referral", campaign="", sites=sites) == "Organic Social"


def test_rules_of_ones_own_come_first_and_in_order() -> None:
    rules = (ChannelRule("Podcast", medium="podcast|audio"), ChannelRule("Never", medium="audio"))
    given_by = {"source": "acme", "campaign": "", "sites": SITES, "own_rules": rules}
    assert channel_of(**given_by, medium="Audio") == "Podcast"
    assert channel_of(**given_by, medium="audio books") == UNASSIGNED
    assert channel("acme", "audio") == "Audio"


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_text_has_a_channel(source: str, medium: str, campaign: str) -> None:
    assert channel(source, medium, campaign) in {UNASSIGNED, *(rule.channel for rule in DEFAULT_RULES)}
    assert from_referrer(source)[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("params", "referrer", "expected"),
    [
        ({"utm_source": "Google", "utm_medium": "CPC"}, "", ("google", "cpc", "Paid Search")),
        ({"gclid": "Cj0K"}, "https://blog.test/post", ("google", "cpc", "Paid Search")),
        ({"utm_campaign": "spring"}, "https://m.facebook.com/", ("facebook", "social", "Organic Social")),
        ({"utm_campaign": "spring"}, "http://testserver/other/", ("(direct)", "(none)", "Direct")),
        ({"utm_campaign": "spring"}, "https://www.paypal.com/checkout", ("(direct)", "(none)", "Direct")),
        ({"utm_campaign": "spring"}, "https://[broken", ("(direct)", "(none)", "Direct")),
        ({"dclid": "CMqX"}, "", ("google", "display", "Display")),
    ],
)
def test_a_landing_stores_its_channel(params: dict[str, str], referrer: str, expected: tuple[str, str, str]) -> None:
    Browser().get("/page/", query_params=params, headers={"Referer": referrer})
    touch = Touchpoint.objects.get()
    assert (touch.source, touch.medium, touch.channel) == expected
    touch.save()
    touch.refresh_from_db()
    assert touch.channel == expected[2]


@pytest.mark.django_db
def test_python_and_graphql_name_the_same_channel(client: Any) -> None:
    browser = Browser()
    browser.land(utm_source="newsletter", utm_medium="email")
    browser.get("/convert/")
    client.force_login(User.objects.create_superuser("analyst"))
    document = "{ attributedConversions { edges { credits { channel touchpoint { channel } } } } }"
    answer = client.post("/graphql/", {"query": document}, content_type="application/json").json()
    [credit] = answer["data"]["attributedConversions"]["edges"][0]["credits"]
    conversions = Conversion.objects.with_attribution(last_touch).with_credited("channel")
    assert credit == {"channel": "Email", "touchpoint": {"channel": "Email"}}
    assert conversions.get(credited_channel="Email").attribution_data["channel"] == "Email"
