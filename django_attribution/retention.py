"""How long visits are kept: old touches go, then the visitors of whom nothing else is known. Conversions stay.

Requests are unknown here, and so is the person at the terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from django_attribution.identity_querysets import IdentityQuerySet
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.primary import primary
from django_attribution.querysets import TouchpointQuerySet

BATCH_SIZE = 1000  # identities looked at, and touches deleted, at a time


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went so far."""

    touchpoints: int = 0
    identities: int = 0

    def __add__(self, more: Pruned) -> Pruned:
        return Pruned(self.touchpoints + more.touchpoints, self.identities + more.identities)


def prune(before: datetime, *, batch_size: int = BATCH_SIZE, dry_run: bool = False) -> Iterator[Pruned]:
    """Delete the touches before an instant; yield the total after each batch, a short transaction of its own.

    An identity goes with them when nothing is left that it stands for: it has no user, no conversion, no touch since,
    and was not seen since. Stopped, it is taken up by running it again. A dry run counts and deletes nothing.
    """
    total = Pruned()
    for first, last in _spans(batch_size):
        if dry_run:
            total += Pruned(_old(first, last, before=before).count(), _idle(first, last, before=before).count())
            yield total
            continue
        is_done = False
        while not is_done:
            batch = _prune_batch(first, last, before=before, batch_size=batch_size)
            is_done = batch.touchpoints < batch_size
            total += batch
            yield total


def _spans(size: int) -> Iterator[tuple[int, int]]:
    """Walk the identities by primary key: their touches of a time are found in the index of journeys alone."""
    reached = 0
    while pks := list(_identities().filter(pk__gt=reached).order_by("pk").values_list("pk", flat=True)[:size]):
        yield pks[0], pks[-1]
        reached = pks[-1]


def _prune_batch(first: int, last: int, *, before: datetime, batch_size: int) -> Pruned:
    """Delete some touches, and when they were the last of this span, the identities that are idle now.

    Rows that somebody holds are left for the next run: waiting for them could deadlock with a merge. The touches
    come first, because SQLite's transactions had better begin with a write.
    """
    with transaction.atomic(using=primary()):
        old = _old(first, last, before=before).select_for_update(skip_locked=True).order_by().values("pk")
        touchpoints = _deleted(_touchpoints().filter(pk__in=old[:batch_size]))
        if touchpoints >= batch_size:
            return Pruned(touchpoints)
        # Locked before they are deleted: who comes back meanwhile is seen here, or finds that the row is gone.
        idle = _idle(first, last, before=before).select_for_update(skip_locked=True)
        return Pruned(touchpoints, _deleted(_identities().filter(pk__in=list(idle.values_list("pk", flat=True)))))


def _old(first: int, last: int, *, before: datetime) -> TouchpointQuerySet:
    return _touchpoints().filter(identity__gte=first, identity__lte=last, created_at__lt=before)


def _idle(first: int, last: int, *, before: datetime) -> IdentityQuerySet:
    of_it = {"identity": OuterRef("pk")}
    return _identities().filter(
        ~Exists(_touchpoints().filter(created_at__gte=before, **of_it)),
        ~Exists(Conversion.objects.using(primary()).filter(**of_it)),
        ~Exists(_identities().filter(merged_into=OuterRef("pk"))),
        pk__range=(first, last),
        linked_user=None,
        last_seen_at__lt=before,
    )


def _deleted(rows: TouchpointQuerySet | IdentityQuerySet) -> int:
    """Delete rows; return how many, without what a host's own tables lost with them."""
    _, by_model = rows.delete()
    return by_model.get(rows.model._meta.label, 0)


def _touchpoints() -> TouchpointQuerySet:
    return Touchpoint.objects.using(primary())


def _identities() -> IdentityQuerySet:
    return Identity.objects.using(primary())
