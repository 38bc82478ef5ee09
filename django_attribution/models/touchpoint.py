"""Where a visitor came from: what the address said, and what that counts as."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import F

from django_attribution import channel_settings, channels, tracking
from django_attribution.fields import DerivedCharField
from django_attribution.models.identity import Identity
from django_attribution.querysets import TouchpointQuerySet
from django_attribution.timestamps import TimestampedModel


class Touchpoint(TimestampedModel):
    """One arrival of a visitor: what the URL said, and the source and medium it counts as."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identity = models.ForeignKey(
        Identity,
        on_delete=models.CASCADE,
        related_name="touchpoints",
        db_index=False,  # attribution_touchpoint_journey begins with it
    )
    url = models.TextField(blank=True, default="", help_text="Landing page with its tracking parameters only.")
    referrer = models.TextField(blank=True, default="", help_text="Referring page without its query string.")
    utm_source = models.CharField(max_length=tracking.UTM_LENGTH_LIMIT, blank=True, default="")
    utm_medium = models.CharField(max_length=tracking.UTM_LENGTH_LIMIT, blank=True, default="")
    utm_campaign = models.CharField(max_length=tracking.UTM_LENGTH_LIMIT, blank=True, default="")
    utm_term = models.CharField(max_length=tracking.UTM_LENGTH_LIMIT, blank=True, default="")
    utm_content = models.CharField(max_length=tracking.UTM_LENGTH_LIMIT, blank=True, default="")
    utm_id = models.CharField(max_length=tracking.UTM_LENGTH_LIMIT, blank=True, default="")
    click_ids = models.JSONField(blank=True, default=dict, help_text='By parameter: {"gclid": "..."}.')
    source = DerivedCharField(
        max_length=tracking.UTM_LENGTH_LIMIT,
        derive=lambda touch: touch.derive_source_and_medium()[0],
        help_text="The effective source, lower case: the URL's, else the click id's, else the referrer's.",
    )
    medium = DerivedCharField(
        max_length=tracking.UTM_LENGTH_LIMIT,
        derive=lambda touch: touch.derive_source_and_medium()[1],
        help_text="The effective medium, lower case.",
    )
    channel = DerivedCharField(
        max_length=64,
        derive=lambda touch: touch.derive_channel(),
        help_text="The channel by the rules of the day it was written; attribution_reclassify applies new ones.",
    )

    objects = TouchpointQuerySet.as_manager()

    class Meta:
        db_table = "attribution_touchpoint"
        base_manager_name = "objects"
        ordering = ["created_at", "id"]
        indexes = [
            # The order of a journey, ties included, the source that decides a touch's window, and the channel: a
            # credited touch is found in this index alone, and a report by source reads nothing else of touches.
            models.Index(
                "identity",
                F("created_at").desc(),
                F("id").desc(),
                "source",
                "channel",
                name="attribution_touchpoint_journey",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} / {self.medium}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with what is derived from the fields that are written."""
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "source", "medium", "channel"}
        super().save(*args, **kwargs)

    def derive_source_and_medium(self) -> tuple[str, str]:
        """Return what this touch counts as: by its URL, else its click id, else its referrer."""
        return channels.effective_source_and_medium(
            utm_source=self.utm_source,
            utm_medium=self.utm_medium,
            click_ids=self.click_ids,
            referrer_host=tracking.host_of(self.referrer),
            own_host=tracking.host_of(self.url),
            sites=channel_settings.sites(),
        )

    def derive_channel(self) -> str:
        """Return the channel that the rules give this touch now."""
        source, medium = self.derive_source_and_medium()
        return channels.channel_of(
            source=source,
            medium=medium,
            campaign=self.utm_campaign,
            sites=channel_settings.sites(),
            own_rules=channel_settings.own_rules(),
        )
