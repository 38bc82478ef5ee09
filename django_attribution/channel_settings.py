"""The channel rules and sites as the settings have them: CHANNEL_RULES and REFERRER_HOSTS."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from django_attribution.channels import ChannelRule, SiteKind, Sites
from django_attribution.conf import attribution_settings
from django_attribution.exceptions import InvalidArgument
from django_attribution.tracking import is_clean

CHANNEL_LENGTH = 64  # characters
_CONDITIONS = ("source", "medium", "campaign")


def sites() -> Sites:
    """Return the known sites, and the hosts that the settings add."""
    return Sites.with_hosts(attribution_settings.REFERRER_HOSTS)


def own_rules() -> tuple[ChannelRule, ...]:
    """Return the organisation's own rules, in order."""
    return _rules(tuple(tuple(sorted(rule.items())) for rule in attribution_settings.CHANNEL_RULES))


def check_rule(rule: object) -> None:
    """Raise ``InvalidArgument`` for an entry of CHANNEL_RULES that cannot be used."""
    if not isinstance(rule, Mapping) or not isinstance(rule.get("channel"), str):
        raise InvalidArgument("CHANNEL_RULES", f"{str(rule)[:60]!r} must be a dict that names its channel.")
    if not 0 < len(rule["channel"]) <= CHANNEL_LENGTH or not is_clean(rule["channel"]):
        raise InvalidArgument(
            "CHANNEL_RULES",
            f"A channel has 1 to {CHANNEL_LENGTH} characters, without control characters or outer space, "
            f"not {rule['channel'][:60]!r}.",
        )
    conditions = {name: pattern for name, pattern in rule.items() if name != "channel"}
    if unknown := [name for name in conditions if name not in _CONDITIONS]:
        known = ", ".join(_CONDITIONS)
        raise InvalidArgument(
            "CHANNEL_RULES", f"Unknown condition {unknown[0]!r} of {rule['channel']!r}. Known: {known}."
        )
    if not conditions:
        raise InvalidArgument("CHANNEL_RULES", f"{rule['channel']!r} needs a condition, or it would take every touch.")
    for name, pattern in conditions.items():
        if not _is_pattern(pattern):
            raise InvalidArgument("CHANNEL_RULES", f"{name} of {rule['channel']!r} is no pattern: {pattern!r}.")


def check_hosts(kind: object, hosts: object) -> None:
    """Raise ``InvalidArgument`` for an entry of REFERRER_HOSTS that cannot be used."""
    kinds = [known.value for known in SiteKind]
    if kind not in kinds:
        raise InvalidArgument("REFERRER_HOSTS", f"Unknown kind of site {kind!r}. Known: {', '.join(kinds)}.")
    if isinstance(hosts, str) or not isinstance(hosts, Collection) or not all(map(_is_host, hosts)):
        raise InvalidArgument("REFERRER_HOSTS", f"{kind} must be a list of hosts such as 'example.com', not {hosts!r}.")


def _is_pattern(pattern: object) -> bool:
    """Tell whether it is the text of a pattern: one of bytes matches no text, and one compiled takes no flags."""
    try:
        return isinstance(pattern, str) and bool(re.compile(pattern))
    except re.error:
        return False


def _is_host(host: object) -> bool:
    return isinstance(host, str) and re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host, flags=re.IGNORECASE) is not None


@lru_cache(maxsize=64)
def _rules(entries: tuple[tuple[tuple[str, str], ...], ...]) -> tuple[ChannelRule, ...]:
    return tuple(
        ChannelRule(
            given["channel"],
            source=given.get("source"),
            medium=given.get("medium"),
            campaign=given.get("campaign"),
        )
        for given in map(dict, entries)
    )
