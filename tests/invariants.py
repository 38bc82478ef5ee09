"""What has to hold of the stored rows at any moment, checked against what a test knows it has recorded.

A ledger stands beside the database: who records something tells it, and ``check`` reads the three tables and compares.
It knows what may never happen; which visitor a fact belongs to, where that is not a matter of who was logged in, is
known to those who use it. Requests and cookies are unknown here.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Model

from django_attribution import credit
from django_attribution.attribution_models import first_touch, last_touch
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.windows import AttributionWindow

MODELS = (first_touch, last_touch)
WINDOW = AttributionWindow()
PERSONAL = {  # as it is once a conversion's person was erased; said anew for the tests
    "identity_id": None, "custom_data": {}, "source_content_type_id": None, "source_object_id": None,
    "idempotency_key": None, "fingerprint": "",
}  # fmt: skip


@dataclass
class Told:
    """A conversion as it was recorded."""

    value: Decimal | None
    currency: str
    user_pk: int | None = None  # who was logged in
    is_anonymous: bool = False  # recorded without consent, by a bot, or erased
    is_erased: bool = False


@dataclass
class Rows:
    """The three tables at one moment, by primary key."""

    identities: Mapping[int, Identity]
    touches: Mapping[int, Touchpoint]
    conversions: Mapping[int, Conversion]

    @classmethod
    def read(cls) -> "Rows":
        """Read everything."""
        return cls(*({row.pk: row for row in model.objects.all()} for model in (Identity, Touchpoint, Conversion)))


@dataclass
class Ledger:
    """What was recorded, and what was seen so far of what may not change any more."""

    touches: dict[str, int | None] = field(default_factory=dict)  # campaign: the user who was logged in
    conversions: dict[UUID, Told] = field(default_factory=dict)
    owners: dict[UUID, int] = field(default_factory=dict)  # as seen: identity: user
    confirmed: dict[UUID, tuple[datetime | None, Decimal | None]] = field(default_factory=dict)  # as seen
    deleted_users: set[int] = field(default_factory=set)

    def check(self) -> Rows:
        """Require every invariant; return the rows."""
        rows = Rows.read()
        self._nothing_is_lost_or_doubled(rows)
        self._every_fact_has_one_live_identity(rows)
        self._merges_are_flat(rows)
        self._identities_keep_their_users(rows)
        self._users_keep_what_they_did(rows)
        self._confirmations_stay(rows)
        self._what_is_erased_is_no_longer_there(rows)
        self._totals_hold(rows)
        return rows

    def _nothing_is_lost_or_doubled(self, rows: Rows) -> None:
        campaigns = Counter(touch.utm_campaign for touch in rows.touches.values())
        assert campaigns == Counter(self.touches.keys())
        assert {row.uuid for row in rows.conversions.values()} == self.conversions.keys()

    def _every_fact_has_one_live_identity(self, rows: Rows) -> None:
        for touch in rows.touches.values():
            assert rows.identities[touch.identity_id].merged_into_id is None
        for row in rows.conversions.values():
            assert (row.identity_id is None) == self.conversions[row.uuid].is_anonymous
            assert row.identity_id is None or rows.identities[row.identity_id].merged_into_id is None

    def _merges_are_flat(self, rows: Rows) -> None:
        for row in rows.identities.values():
            if row.merged_into_id is not None:
                into = rows.identities[row.merged_into_id]
                assert into.merged_into_id is None
                assert row.claimed_at is not None
                assert into.claimed_at is not None
                assert into.linked_user_id is not None or self.owners[into.uuid] in self.deleted_users

    def _identities_keep_their_users(self, rows: Rows) -> None:
        owned = [row for row in rows.identities.values() if row.linked_user_id is not None]
        live = [row.linked_user_id for row in owned if row.merged_into_id is None]
        assert len(live) == len(set(live))
        for row in rows.identities.values():
            first = self.owners.get(row.uuid)
            if first is not None:
                assert row.linked_user_id == (None if first in self.deleted_users else first)
        self.owners |= {row.uuid: row.linked_user_id for row in owned if row.linked_user_id is not None}

    def _users_keep_what_they_did(self, rows: Rows) -> None:
        for touch in rows.touches.values():
            self._require_owner(self.touches[touch.utm_campaign], rows.identities[touch.identity_id])
        for row in rows.conversions.values():
            if row.identity_id is not None:
                self._require_owner(self.conversions[row.uuid].user_pk, rows.identities[row.identity_id])

    def _require_owner(self, user_pk: int | None, identity: Identity) -> None:
        if user_pk is not None:
            assert self.owners[identity.uuid] == user_pk

    def _confirmations_stay(self, rows: Rows) -> None:
        now = {row.uuid: (row.confirmed_at, row.value) for row in rows.conversions.values() if row.is_confirmed}
        assert self.confirmed.items() <= now.items()
        self.confirmed = now

    def _what_is_erased_is_no_longer_there(self, rows: Rows) -> None:
        for row in rows.conversions.values():
            if self.conversions[row.uuid].is_erased:
                assert {name: getattr(row, name) for name in PERSONAL} == PERSONAL

    def _totals_hold(self, rows: Rows) -> None:
        stored, told = Counter[str](), Counter[str]()
        for row in rows.conversions.values():
            stored[row.currency] += row.value or 0  # type: ignore[assignment]
        for each in self.conversions.values():
            told[each.currency] += each.value or 0  # type: ignore[assignment]
        assert stored == told


def require_credit_as_by_the_rules(rows: Rows) -> None:
    """Require that the queries credit each conversion as ``credit.py`` does."""
    touches: dict[int, list[credit.Touch]] = {}
    for row in rows.touches.values():
        touch = credit.Touch(row.pk, row.created_at, row.source, row.medium, row.utm_campaign, row.channel)
        touches.setdefault(row.identity_id, []).append(touch)
    for model in MODELS:
        expected: dict[int, Any] = {}
        for conversion in rows.conversions.values():
            known = touches.get(conversion.identity_id or 0, [])
            journey = credit.journey(known, converted_at=conversion.created_at, window=WINDOW)
            weights = zip(journey, model.weights(journey), strict=True)
            expected[conversion.pk] = next((touch.id for touch, weight in weights if weight), None)
        asked = Conversion.objects.with_attribution(model)
        assert {row.pk: row.credited_touchpoint_id for row in asked} == expected


def empty(model: type[Model]) -> None:
    """Delete all rows of a table: by ``.delete()`` it would take a search for all that refers to each row."""
    rows = model._default_manager.all()
    rows._raw_delete(rows.db)


def history_of(user: User) -> set[str]:
    """Return the sources in the history of a user's one identity."""
    return set(Identity.objects.live().get(linked_user=user).touchpoints.values_list("source", flat=True))
