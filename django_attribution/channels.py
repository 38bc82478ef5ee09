"""Which channel a touch belongs to, and what an untagged one came from: rules as data, in order, first match wins.

Pure. The groups are those of the default channel group that Google publishes for Analytics 4. Everything compares
without regard to case.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from django_attribution.channels_data import (
    AI_ASSISTANTS,
    NOT_REFERRALS,
    SEARCH_ENGINES,
    SHOPPING_SITES,
    SOCIAL_NETWORKS,
    VIDEO_SITES,
)
from django_attribution.tracking import CLICK_IDS, DIRECT, NONE, NOT_SET, effective_value

UNASSIGNED = "Unassigned"
DIRECT_CHANNEL = "Direct"  # nobody sent the visitor


class SiteKind(StrEnum):
    """What kind of site a source is; the values name the lists of the REFERRER_HOSTS setting."""

    SEARCH = "search"
    SOCIAL = "social"
    VIDEO = "video"
    SHOPPING = "shopping"
    AI = "ai"
    NOT_A_REFERRAL = "not_a_referral"


# The medium of an untagged visit from a site of each kind. Shops are plain referrals, as in the published definition.
_MEDIUMS = {
    SiteKind.SEARCH: "organic",
    SiteKind.SOCIAL: "social",
    SiteKind.VIDEO: "video",
    SiteKind.AI: "ai-assistant",
}
REFERRAL = "referral"

# Short names that people write into utm_source.
_SHORT_NAMES = {"fb": "facebook", "ig": "instagram", "x": "twitter", "yt": "youtube", "li": "linkedin", "tt": "tiktok"}


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """A channel and the conditions of it, all of which must hold; patterns match the whole value."""

    channel: str
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    kind: SiteKind | None = None

    def matches(self, *, source: str, medium: str, campaign: str, kind: SiteKind | None) -> bool:
        """Tell whether a touch, given by its effective values, meets every condition."""
        return (
            (self.kind is None or self.kind is kind)
            and _fits(self.medium, medium)
            and _fits(self.source, source)
            and _fits(self.campaign, campaign)
        )


_PAID = r".*cp.*|ppc|retargeting|paid.*"
_SHOPPING = r".*(([^a-df-z]|^)shop|shopping).*"
_EMAIL = r"e[-_ ]?mail"

DEFAULT_RULES = (
    ChannelRule(DIRECT_CHANNEL, source=r"\(direct\)", medium=r"\(none\)|\(not set\)"),
    ChannelRule("Cross-network", campaign=r".*cross-network.*"),
    ChannelRule("Paid Shopping", kind=SiteKind.SHOPPING, medium=_PAID),
    ChannelRule("Paid Shopping", campaign=_SHOPPING, medium=_PAID),
    ChannelRule("Paid Search", kind=SiteKind.SEARCH, medium=_PAID),
    ChannelRule("Paid Social", kind=SiteKind.SOCIAL, medium=_PAID),
    ChannelRule("Paid Video", kind=SiteKind.VIDEO, medium=_PAID),
    ChannelRule("Display", medium=r"display|banner|expandable|interstitial|cpm"),
    ChannelRule("Paid Other", medium=_PAID),
    ChannelRule("Organic Shopping", kind=SiteKind.SHOPPING),
    ChannelRule("Organic Shopping", campaign=_SHOPPING),
    ChannelRule("Organic Social", kind=SiteKind.SOCIAL),
    ChannelRule("Organic Social", medium=r"social|social-network|social-media|sm|social network|social media"),
    ChannelRule("Organic Video", kind=SiteKind.VIDEO),
    ChannelRule("Organic Video", medium=r".*video.*"),
    ChannelRule("Organic Search", kind=SiteKind.SEARCH),
    ChannelRule("Organic Search", medium=r"organic"),
    ChannelRule("AI Assistant", kind=SiteKind.AI),
    ChannelRule("AI Assistant", medium=r"ai-assistant"),
    ChannelRule("Referral", medium=r"referral|app|link"),
    ChannelRule("Email", source=_EMAIL),
    ChannelRule("Email", medium=_EMAIL),
    ChannelRule("Affiliates", medium=r"affiliate"),
    ChannelRule("Audio", medium=r"audio"),
    ChannelRule("SMS", source=r"sms"),
    ChannelRule("SMS", medium=r"sms"),
    ChannelRule("Mobile Push", medium=r".*push|.*mobile.*|.*notification.*"),
    ChannelRule("Mobile Push", source=r"firebase"),
)


@lru_cache(maxsize=512)  # sites have few campaigns; visitors could name many
def channel_of(
    *, source: str, medium: str, campaign: str, sites: "Sites", own_rules: tuple[ChannelRule, ...] = ()
) -> str:
    """Return the channel of a touch by its effective source and medium; an organisation's own rules come first."""
    source, medium, campaign = (effective_value(value) for value in (source, medium, campaign))
    kind = sites.kind_of_source(source)
    for rules in (own_rules, DEFAULT_RULES):
        for rule in rules:
            if rule.matches(source=source, medium=medium, campaign=campaign, kind=kind):
                return rule.channel
    return UNASSIGNED


def effective_source_and_medium(
    *,
    utm_source: str,
    utm_medium: str,
    click_ids: Mapping[str, str],
    referrer_host: str,
    own_host: str,
    sites: "Sites",
) -> tuple[str, str]:
    """Return what a touch counts as: what the URL said, else its click id, else its referrer, else direct.

    A source that comes without a medium, but with a click id of its own, has the medium of that. The site's own
    pages are no referral, nor are the hosts where a visitor pays or logs in.
    """
    source, medium = effective_value(utm_source), effective_value(utm_medium)
    platform = next((known for known in CLICK_IDS if known.parameter in click_ids), None)
    if source:
        is_platforms = platform is not None and platform.source == _SHORT_NAMES.get(source, source)
        return source, medium or (platform.medium if platform is not None and is_platforms else NOT_SET)
    if platform is not None:
        return platform.source, medium or platform.medium
    host = referrer_host.rstrip(".")  # a fully qualified name ends in a dot
    if host and host != own_host:
        site = sites.of_host(host)
        if site.kind is not SiteKind.NOT_A_REFERRAL:
            return site.source, medium or site.medium
    return DIRECT, medium or NONE


@dataclass(frozen=True, slots=True)
class Site:
    """Where a visitor came from: its source, and the kind of site if it is a known one."""

    source: str
    kind: SiteKind | None

    @property
    def medium(self) -> str:
        """The medium of an untagged visit from here."""
        return _MEDIUMS.get(self.kind, REFERRAL) if self.kind is not None else REFERRAL


@dataclass(frozen=True)
class Sites:
    """The known sites: those of channels_data, and hosts that an organisation adds to a kind."""

    hosts_by_kind: tuple[tuple[SiteKind, tuple[str, ...]], ...] = ()
    _by_domain: dict[str, Site] = field(init=False, repr=False, compare=False)
    _by_name: dict[str, SiteKind] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_domain = dict(_known_domains())
        by_domain |= {host.lower(): Site(host.lower(), kind) for kind, hosts in self.hosts_by_kind for host in hosts}
        object.__setattr__(self, "_by_domain", by_domain)
        by_name = {site.source: site.kind for site in by_domain.values() if site.kind is not None}
        by_name |= {source: SiteKind.SEARCH for source, _, _ in SEARCH_ENGINES}
        object.__setattr__(self, "_by_name", by_name)

    @classmethod
    def with_hosts(cls, added: Mapping[str, Iterable[str]]) -> "Sites":
        """Return the known sites and some more hosts by kind, as the REFERRER_HOSTS setting has them."""
        return _sites(tuple((SiteKind(kind), tuple(hosts)) for kind, hosts in sorted(added.items())))

    def of_host(self, host: str) -> Site:
        """Return the site of a host: a known one, or one that is its own source."""
        host = host.lower()
        engine = _search_engine(host)
        # A site and its subdomains, at the boundary of a label; the longest match wins: shopping.google.com.
        for domain in _domains_of(host):
            if domain in self._by_domain:
                return self._by_domain[domain]
        if engine is not None:
            return Site(engine, SiteKind.SEARCH)
        return Site(host.removeprefix("www."), None)

    def kind_of_source(self, source: str) -> SiteKind | None:
        """Return the kind of site that an effective source names, by its name or by its host."""
        named = self._by_name.get(_SHORT_NAMES.get(source, source))
        if named is not None or "." not in source:
            return named
        return self.of_host(source).kind


@lru_cache(maxsize=64)
def _sites(hosts_by_kind: tuple[tuple[SiteKind, tuple[str, ...]], ...]) -> Sites:
    return Sites(hosts_by_kind)


def _known_domains() -> Iterator[tuple[str, Site]]:
    kinds = (
        (SiteKind.SOCIAL, SOCIAL_NETWORKS),
        (SiteKind.VIDEO, VIDEO_SITES),
        (SiteKind.SHOPPING, SHOPPING_SITES),
        (SiteKind.AI, AI_ASSISTANTS),
    )
    for kind, sites in kinds:
        for source, hosts in sites:
            for host in hosts:
                yield host, Site(source, kind)
    for host in NOT_REFERRALS:
        yield host, Site(host, SiteKind.NOT_A_REFERRAL)


@lru_cache(maxsize=1024)
def _search_engine(host: str) -> str | None:
    """Return the search engine of a host, which matches to the letter or by the countries' pattern."""
    for source, hosts, pattern in SEARCH_ENGINES:
        if host in hosts or (pattern is not None and re.fullmatch(pattern, host)):
            return source
    return None


def _domains_of(host: str) -> Iterator[str]:
    labels = host.split(".")
    return (".".join(labels[start:]) for start in range(len(labels)))


def _fits(pattern: str | None, value: str) -> bool:
    return pattern is None or re.fullmatch(pattern, value, flags=re.IGNORECASE) is not None
