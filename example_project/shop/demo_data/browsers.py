"""The identities behind one visitor: one for each browser, until a login makes them the user's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from random import Random

from django.contrib.auth.models import User

from django_attribution.models import Identity
from example_project.shop.demo_data.marks import demo_uuid
from example_project.shop.demo_data.visitors import Visitor


def identities_of(visitor: Visitor, *, now: datetime, random: Random) -> dict[int, Identity]:
    """Return an identity, not stored yet, for each browser that was used by now."""
    return {
        device: Identity(
            uuid=demo_uuid(random),
            created_at=min(moments),
            last_seen_at=max(moments),
            first_visit_user_agent=visitor.devices[device],
        )
        for device, moments in sorted(visitor.moments_by_device(now).items())
    }


def log_in(
    visitor: Visitor, identities: Mapping[int, Identity], *, user: User, owned: Identity | None, now: datetime
) -> dict[int, Identity]:
    """Claim browsers for their user as logins do; return for each browser the identity that holds its facts.

    The first one becomes the user's identity unless they have one (``owned``); the others are merged into it. It
    is what ``Identity.objects.claim`` does to rows that are stored.
    """
    logins = {visitor.signed_up_on: visitor.signed_up_at or now, **visitor.logins}
    if owned is None:
        owned = identities[visitor.signed_up_on]
        owned.linked_user, owned.claimed_at = user, logins.pop(visitor.signed_up_on)
    held = {**identities}
    for device, at in logins.items():
        if device in identities and at <= now:
            held[device] = owned
            owned.last_seen_at = max(owned.last_seen_at, identities[device].last_seen_at)
            if identities[device].created_at < at:  # else nothing was known of this browser before the login
                _merge(identities[device], into=owned, at=at)
    return held


def _merge(browser: Identity, *, into: Identity, at: datetime) -> None:
    if browser.created_at < into.created_at:
        into.created_at, into.first_visit_user_agent = browser.created_at, browser.first_visit_user_agent
    browser.merged_into, browser.claimed_at = into, at
    browser.last_seen_at = min(browser.last_seen_at, at)  # later visits were the user's
