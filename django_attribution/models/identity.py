"""Who visited: a browser that nobody claimed yet, or a user."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models, router
from django.db.models import F, Q
from django.utils import timezone

from django_attribution import tracking
from django_attribution.identity_querysets import IdentityQuerySet
from django_attribution.timestamps import TimestampedModel


class Identity(TimestampedModel):
    """A visitor: a browser that nobody claimed yet, or a user. Merged ones point at the user's identity."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    linked_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,  # attribution_identity_linked has those of users only
        related_name="attribution_identities",
        help_text="The user this visitor turned out to be.",
    )
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        db_index=False,  # attribution_identity_merged has those that were
        related_name="merged_identities",
        help_text="The user's identity that this one's history moved to.",
    )
    claimed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When a user claimed this identity; its cookie counts only for that user since.",
    )
    first_visit_user_agent = models.CharField(max_length=tracking.USER_AGENT_LENGTH, blank=True, default="")
    last_seen_at = models.DateTimeField(default=timezone.now)

    objects = IdentityQuerySet.as_manager()

    class Meta:
        db_table = "attribution_identity"
        base_manager_name = "objects"
        verbose_name_plural = "identities"
        # Most visitors are nobody's and were not merged: left out, they cost no writing, and SQLite's planner does not
        # take the many nulls for a column in which every value is frequent.
        indexes = [
            models.Index(
                fields=["linked_user"], condition=Q(linked_user__isnull=False), name="attribution_identity_linked"
            ),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="attribution_identity_merged"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["linked_user"],
                condition=Q(linked_user__isnull=False, merged_into__isnull=True),
                name="attribution_one_identity_per_user",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="attribution_identity_no_self_merge",
            ),
            models.CheckConstraint(
                condition=Q(linked_user__isnull=True, merged_into__isnull=True) | Q(claimed_at__isnull=False),
                name="attribution_identity_claimed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    def resolve(self) -> Identity | None:
        """Return the identity that stands for this visitor now: itself, or the one it was merged into."""
        return self if self.merged_into_id is None else self._where_written().filter(pk=self.merged_into_id).first()

    def attach(self) -> Identity | None:
        """Mark the visitor as seen and return the row to attach a fact to; call it inside the fact's transaction."""
        return self._where_written().seen(self, at=timezone.now())

    def _where_written(self) -> IdentityQuerySet:
        # Of the row's own database, not its replica: a fact follows that must find the visitor.
        return Identity.objects.using(router.db_for_write(Identity, instance=self))
