"""What is held about a person, and how it is erased: their visits go, and of their conversions what is personal.

A person is an identity with all that were merged into it. Requests are unknown here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import Q

from django_attribution.identity_querysets import IdentityQuerySet
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.primary import primary
from django_attribution.transactions import retried

# Event, amount, time and uuid stay, so that reports add up. The object that a conversion is about is most often an
# order or the user: whoever has it knows who it was. Keys hold what the site put in them, and a fingerprint can be
# guessed from what it was made of.
ANONYMOUS: Mapping[str, Any] = MappingProxyType(
    {
        "identity": None,
        "custom_data": {},
        "source_content_type": None,
        "source_object_id": None,
        "idempotency_key": None,
        "fingerprint": "",
    }
)


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows about a person went, and how many conversions were made anonymous."""

    identities: int = 0
    touchpoints: int = 0
    conversions: int = 0

    def __add__(self, more: Erased) -> Erased:
        return Erased(
            self.identities + more.identities,
            self.touchpoints + more.touchpoints,
            self.conversions + more.conversions,
        )


def erase(identity: Identity, *, dry_run: bool = False) -> Erased:
    """Erase a person by any of their identities, in one transaction; return what was held.

    The identities and touches go. Conversions stay and become anonymous: without their identity, ``custom_data``,
    source object, idempotency key and fingerprint. Erasing again finds nothing. What the person does at the same
    moment is erased too, or begins a new identity. A dry run counts and changes nothing.
    """
    return retried(partial(_erase, identity, dry_run=dry_run), using=primary())


def erase_user(user: Any, *, dry_run: bool = False) -> Erased:
    """Erase what is held about a user, as ``erase`` does; the user itself is the site's."""
    return sum((erase(identity, dry_run=dry_run) for identity in identities_of(user)), Erased())


def identities_of(user: Any) -> list[Identity]:
    """Return the identity of a user, if there is one; those merged into it belong to it."""
    return list(Identity.objects.using(primary()).live().filter(linked_user=user))


def rows_of_person(*identities: Identity) -> IdentityQuerySet:
    """Return every identity of the person that identities stand for: what they were merged into, and what into that."""
    people = [row.merged_into_id or row.pk for row in identities]
    return Identity.objects.using(primary()).filter(Q(pk__in=people) | Q(merged_into__in=people))


def _erase(identity: Identity, *, dry_run: bool) -> Erased:
    using = primary()
    identities = Identity.objects.using(using)
    # Read before the transaction: SQLite's had better begin with a write. Of a merged one, the row that it was merged
    # into is held first, or two erasures of one person could wait for each other.
    found = identities.filter(pk=identity.pk, uuid=identity.uuid).select_related("merged_into").first()
    person = None if found is None else found.merged_into or found
    if person is None:
        return Erased()
    with transaction.atomic(using=using):
        person = person if dry_run else _hold(person)
        if person is None:
            return Erased()
        theirs = list(rows_of_person(person).values_list("pk", flat=True))
        touchpoints = Touchpoint.objects.using(using).filter(identity__in=theirs)
        conversions = Conversion.objects.using(using).filter(identity__in=theirs)
        if dry_run:
            return Erased(len(theirs), touchpoints.count(), conversions.count())
        anonymised = conversions.update(**ANONYMOUS)
        _, deleted = touchpoints.delete()
        identities.filter(pk__in=theirs).delete()
        return Erased(len(theirs), deleted.get(Touchpoint._meta.label, 0), anonymised)


def _hold(person: Identity) -> Identity | None:
    """Have whoever attaches a fact wait, by an update as theirs; return who the person is now, None for nobody."""
    identities = Identity.objects.using(primary())
    if not identities.filter(pk=person.pk, uuid=person.uuid).update(first_visit_user_agent=""):
        return None
    held = identities.select_related("merged_into").get(pk=person.pk)
    if held.merged_into is None:
        return held
    identities.filter(pk=held.merged_into.pk).update(first_visit_user_agent="")  # merged a moment ago
    return held.merged_into
