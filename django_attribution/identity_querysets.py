"""What concerns many identities: claiming, merging, and marking visitors as seen. Requests are unknown here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import IntegrityError
from django.db.models import F, Value
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from django_attribution.signals import identity_claimed
from django_attribution.timestamps import TimestampedQuerySet
from django_attribution.transactions import brief_transaction

if TYPE_CHECKING:
    from datetime import datetime

    from django_attribution.models import Identity


class IdentityQuerySet(TimestampedQuerySet["Identity"]):
    """Claiming, merging and finding visitors."""

    def live(self) -> Self:
        """Keep the identities that stand for themselves, merged into no other."""
        return self.filter(merged_into__isnull=True)

    def seen(self, identity: Identity, *, at: datetime) -> Identity | None:
        """Mark a visitor as seen and return the row to attach a fact to; None when it is no more.

        The update waits for a merge under way, and a merge waits for it, on every database: a fact attached in
        the same transaction is either moved by the merge or goes straight to the identity merged into.
        """
        # By uuid too: SQLite gives the primary key of a row that was rolled back to the next one.
        itself = self.filter(pk=identity.pk, uuid=identity.uuid)
        if itself.filter(merged_into=None).update(last_seen_at=at):
            return identity
        merged = itself.select_related("merged_into").first()
        owned = None if merged is None else merged.merged_into
        if owned is None:
            return None
        return owned if self.filter(pk=owned.pk).update(last_seen_at=at) else None

    def claim(self, visitor: Identity, *, user: Any, owned: Identity | None) -> Identity | None:
        """Give a never-claimed visitor to ``user``; return the identity the user has then.

        ``owned`` is the identity that the user was seen to have. Without one the visitor becomes it; otherwise
        its history moves there. Of several claims at once one wins.
        """
        if owned is None:
            try:
                with brief_transaction(self.db):
                    unclaimed = self.filter(pk=visitor.pk, claimed_at=None)
                    if unclaimed.update(linked_user=user, claimed_at=timezone.now()):
                        visitor.refresh_from_db(using=self.db)
                        identity_claimed.send(sender=self.model, identity=visitor, visitor=visitor)
                        return visitor
            except IntegrityError:
                pass  # another first login of this user was faster
            owned = self.live().filter(linked_user=user).first()
        if owned is not None:
            try:
                self.merge(visitor, into=owned)
            except self.model.DoesNotExist:  # erased a moment ago
                return self.claim(visitor, user=user, owned=None)
        return owned

    def merge(self, visitor: Identity, *, into: Identity) -> bool:
        """Move a never-claimed visitor's history into a user's identity; tell whether this call did it.

        The first statement is the gate, and it writes: of two merges one passes, SQLite need not upgrade a read
        lock, and rows are locked in one direction (visitor, then the owned row), so merges cannot deadlock. Only
        never-claimed rows pass and only owned rows receive, hence no chains. Raises ``DoesNotExist``, and moves
        nothing, when the owned row is no more.
        """
        with brief_transaction(self.db):
            now = timezone.now()
            if not self.filter(pk=visitor.pk, claimed_at=None).update(merged_into=into, claimed_at=now):
                return False
            visitor.touchpoints.update(identity=into)
            visitor.conversions.update(identity=into)
            is_older = visitor.created_at < into.created_at
            is_there = self.filter(pk=into.pk).update(
                created_at=Least("created_at", Value(visitor.created_at)),
                last_seen_at=Greatest("last_seen_at", Value(visitor.last_seen_at)),
                first_visit_user_agent=visitor.first_visit_user_agent if is_older else F("first_visit_user_agent"),
            )
            if not is_there:
                raise self.model.DoesNotExist
            identity_claimed.send(sender=self.model, identity=into, visitor=visitor)
        return True
