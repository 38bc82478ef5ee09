"""What a visit led to: recorded once, confirmed and voided forwards only."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models, router, transaction
from django.db.models import F, Q
from django.utils import timezone

from django_attribution.attributed import Attributed
from django_attribution.changes import ChangeAwareModel
from django_attribution.exceptions import ConfirmationRefused
from django_attribution.fields import ConfirmedAtField
from django_attribution.models.identity import Identity
from django_attribution.querysets import ConversionQuerySet
from django_attribution.signals import conversion_confirmed, conversion_recorded
from django_attribution.timestamps import TimestampedModel
from django_attribution.tokens import sign_confirmation


class Conversion(Attributed, ChangeAwareModel, TimestampedModel):
    """Something valuable that a visitor did: an event, perhaps with a value, confirmed at once or later."""

    class Origin(models.TextChoices):
        """Who recorded it. Browsers can never occupy the server's idempotency keys."""

        SERVER = "server", "Server"
        CLIENT = "client", "Client"

    class Status(models.TextChoices):
        """Where a conversion stands; reports count confirmed ones unless asked otherwise."""

        PENDING = "pending", "Pending"
        CONFIRMED = "confirmed", "Confirmed"
        VOIDED = "voided", "Voided"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identity = models.ForeignKey(Identity, null=True, blank=True, on_delete=models.SET_NULL, related_name="conversions")
    event = models.CharField(max_length=255)
    value = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, default="", help_text="ISO 4217.")
    recorded_value = models.DecimalField(
        max_digits=19,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="The value as it was first recorded.",
    )
    custom_data = models.JSONField(blank=True, default=dict)
    source_content_type = models.ForeignKey(
        ContentType, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    source_object_id = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - GenericForeignKey tells "no object" by null
    source_object = GenericForeignKey("source_content_type", "source_object_id")
    is_confirmed = models.BooleanField(default=True)
    confirmed_at = ConfirmedAtField(null=True, blank=True)
    is_active = models.BooleanField(default=True, help_text="False for a voided conversion (refund, fraud).")
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.SERVER)
    idempotency_key = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001 - rows without a key must not collide
    fingerprint = models.CharField(
        max_length=64, blank=True, default="", help_text="SHA-256 of the arguments, beside a key."
    )

    objects = ConversionQuerySet.as_manager()

    class Meta:
        db_table = "attribution_conversion"
        base_manager_name = "objects"
        permissions = [("confirm_conversion", "Can confirm conversion")]
        indexes = [
            models.Index(F("created_at").desc(), F("uuid").desc(), name="attribution_conversion_newest"),
            models.Index(fields=["source_content_type", "source_object_id"], name="attribution_conversion_object"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["origin", "idempotency_key"], name="attribution_conversion_one_per_key"),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | (Q(value__gte=0) & ~Q(currency="")),
                name="attribution_conversion_value_is_money",
            ),
            models.CheckConstraint(
                condition=Q(is_confirmed=True, confirmed_at__isnull=False)
                | Q(is_confirmed=False, confirmed_at__isnull=True),
                name="attribution_conversion_confirmed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} ({self.status.label})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. Confirming and voiding are one-way, whatever other instances of this row do.

        Setting ``is_confirmed`` and saving is what ``confirm()`` does: the first one sets ``confirmed_at`` and sends
        ``conversion_confirmed``, a later or stale one changes neither, and a voided conversion refuses. A stale
        instance turns nothing back: only what was changed on it is written, and ``custom_data``.
        """
        using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        with transaction.atomic(using=using):
            if self._state.adding or kwargs.get("force_insert"):
                self.save_new(*args, **kwargs)
            else:
                self._save_stored(*args, **{**kwargs, "using": using})

    def clean(self) -> None:
        """Fill in the time of a confirmed conversion that has none, as saving does, so that forms can validate it."""
        if self.is_confirmed and self.confirmed_at is None:
            self.confirmed_at = self.created_at if self._state.adding else timezone.now()

    def save_new(self, *args: Any, **kwargs: Any) -> None:
        """Insert this conversion and send its signals, inside the caller's transaction."""
        if self.recorded_value is None:
            self.recorded_value = self.value
        super().save(*args, **kwargs)
        self.remember()
        conversion_recorded.send(sender=type(self), conversion=self)
        if self.is_confirmed:
            conversion_confirmed.send(sender=type(self), conversion=self)

    def _save_stored(self, *args: Any, using: str, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Update what was changed of this row; its one-way columns only forwards."""
        names = self.changed_field_names() if update_fields is None else set(update_fields)
        is_confirming = self.is_confirmed and "is_confirmed" in names
        turned_one_way = {"is_confirmed", "confirmed_at"} | ({"is_active"} if self.is_active else set())
        super().save(*args, **{**kwargs, "using": using, "update_fields": names - turned_one_way})
        self.remember(names - turned_one_way)
        if is_confirming:
            confirmed_at = self.confirmed_at or timezone.now()
            Conversion.objects.using(using).settle(self, is_confirmed=True, confirmed_at=confirmed_at)
            self.require_confirmed()
        else:
            self.refresh_from_db(using=using, fields=["is_confirmed", "confirmed_at", "is_active"])

    def require_confirmed(self) -> None:
        """Raise ``ConfirmationRefused`` for a voided conversion, which was therefore not confirmed."""
        if not self.is_active:
            raise ConfirmationRefused("A voided conversion cannot be confirmed.")

    @property
    def status(self) -> Conversion.Status:
        """Pending, confirmed, or voided (whether it was confirmed before or not)."""
        if not self.is_active:
            return self.Status.VOIDED
        return self.Status.CONFIRMED if self.is_confirmed else self.Status.PENDING

    def confirm(self, *, value: object = None, currency: str | None = None) -> Conversion:
        """Confirm this conversion, with its final value if one is given; return self, as stored.

        Confirming again is harmless: the first time stays. Raises ``InvalidArgument`` for an unusable amount
        or another currency than the recorded one, ``ConfirmationRefused`` for a voided conversion, or one that
        was confirmed with another value, ``AttributionUnavailable`` where the database is out of reach.
        """
        Conversion.objects.confirm(self, value=value, currency=currency)
        return self

    def void(self) -> Conversion:
        """Take this conversion out of every report (a refund, fraud) and return self; the row stays."""
        self.is_active = False
        self.save(update_fields=["is_active"])
        return self

    async def aconfirm(self, *, value: object = None, currency: str | None = None) -> Conversion:
        """Confirm this conversion; the async twin of ``confirm``."""
        return await sync_to_async(self.confirm)(value=value, currency=currency)

    def confirmation_token(self, *, value: object = None, currency: str | None = None) -> str:
        """Return a signed token with which a browser may confirm this conversion, for one day by default.

        Issue it where payment is certain and nowhere else: whoever bears it confirms. It fixes the conversion and
        its amount (the stored one, unless ``value`` is given).
        """
        amount, code = Conversion.objects.final_amount(self, value=value, currency=currency)
        return sign_confirmation(uuid=self.uuid, value=amount, currency=code)
