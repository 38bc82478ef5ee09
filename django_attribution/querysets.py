"""What concerns many conversions: recording and confirming them. Requests are unknown here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, Self

from django.db import IntegrityError, models, router, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from django_attribution.attributed import AttributedQuerySet
from django_attribution.exceptions import ConfirmationRefused, InvalidArgument
from django_attribution.idempotency import answer_to, met_since, void_claim
from django_attribution.recording import ConversionFacts, clean_source_object, clean_value
from django_attribution.signals import conversion_confirmed
from django_attribution.timestamps import TimestampedQuerySet
from django_attribution.transactions import all_or_nothing

if TYPE_CHECKING:
    from django_attribution.models import Conversion, Identity, Touchpoint  # noqa: F401 - named by a base class


class Visitor(Protocol):
    """Whoever a conversion may belong to: an Identity, or the visitor of a request."""

    def resolve(self) -> Identity | None:
        """Return the identity that the visitor has, creating none."""

    def attach(self) -> Identity | None:
        """Return the identity to attach a fact to, in the fact's transaction, creating it where that is due."""


class TouchpointQuerySet(TimestampedQuerySet["Touchpoint"]):
    """Touchpoints."""


class ConversionQuerySet(AttributedQuerySet):
    """Recording and confirming conversions; who earned them is attributed.py's subject."""

    def update(self, **kwargs: Any) -> int:
        """Update rows; those that become confirmed get the time of it, and keep it."""
        if kwargs.get("is_confirmed") is True:
            kwargs.setdefault("confirmed_at", Coalesce("confirmed_at", Value(timezone.now())))
        return super().update(**kwargs)

    def about(self, source_object: models.Model) -> Self:
        """Keep the conversions that were recorded with ``source_object``, a saved model instance."""
        content_type, object_id = clean_source_object(source_object)
        return self.filter(source_content_type=content_type, source_object_id=object_id)

    def record(
        self,
        *,
        event: str,
        identity: Visitor | None = None,
        value: object = None,
        currency: str | None = None,
        custom_data: Mapping[str, Any] | None = None,
        source_object: models.Model | None = None,
        is_confirmed: bool = True,
        idempotency_key: str | None = None,
        origin: str = "server",
        occurred_at: datetime | None = None,
    ) -> Conversion:
        """Store a conversion and return it; with a key that was used before, return the stored one.

        ``identity`` is an Identity, or the visitor of a request (``request.attribution``); None stores a
        conversion that nobody can be credited with. Raises ``InvalidArgument`` before anything is written,
        ``IdempotencyKeyReused`` when the key stands for other arguments or another visitor, and
        ``AttributionUnavailable`` where the database is out of reach.
        """
        facts = ConversionFacts.clean(
            event=event,
            value=value,
            currency=currency,
            custom_data=custom_data,
            source_object=source_object,
            is_confirmed=is_confirmed,
            idempotency_key=idempotency_key,
            origin=origin,
            occurred_at=occurred_at,
        )
        rows = self.on_primary()
        return all_or_nothing(lambda: rows._store(facts, visitor=identity), using=rows.db)

    def confirm(self, conversion: Conversion, *, value: object = None, currency: str | None = None) -> None:
        """Confirm a conversion by a conditional update: of many callers one makes the transition, all see it."""
        amount, code = self.final_amount(conversion, value=value, currency=currency)
        changes = {} if value is None else {"value": amount, "currency": code}
        rows = self.using(router.db_for_write(self.model, instance=conversion))
        all_or_nothing(lambda: rows.settle(conversion, **changes, is_confirmed=True), using=rows.db)
        conversion.require_confirmed()
        if value is not None and (conversion.value, conversion.currency) != (amount, code):
            raise ConfirmationRefused(
                f"The conversion was confirmed before with {conversion.value} {conversion.currency}, "
                f"so it cannot be confirmed with {amount} {code}."
            )

    def settle(self, conversion: Conversion, **changes: Any) -> None:
        """Change a conversion that is still pending, perhaps confirming it; of many callers one does.

        The instance is read again, so that every caller sees what the one has done.
        """
        with transaction.atomic(using=self.db):
            is_changed = self.filter(pk=conversion.pk, is_confirmed=False, is_active=True).update(**changes)
            conversion.refresh_from_db(using=self.db)
            if is_changed and conversion.is_confirmed:
                # Not of what the caller has filtered, which need not hold the claim.
                void_claim(conversion, conversions=self.model.objects.using(self.db))
                conversion_confirmed.send(sender=self.model, conversion=conversion)

    def final_amount(
        self, conversion: Conversion, *, value: object, currency: str | None
    ) -> tuple[Decimal | None, str]:
        """Return the amount a conversion is to be confirmed with: the given one, else the stored one."""
        stored = conversion.currency or None
        if currency is not None and stored is not None and currency.upper() != stored:
            raise InvalidArgument("currency", f"The conversion was recorded in {stored}, not {currency[:20]!r}.")
        if value is None:
            if currency is not None:
                raise InvalidArgument("currency", "currency says nothing without a value.")
            return conversion.value, conversion.currency
        return clean_value(value, currency=currency or stored)

    def _store(self, facts: ConversionFacts, *, visitor: Visitor | None) -> Conversion:
        try:
            return answer_to(facts, visitor=visitor, conversions=self) or self._store_new(facts, visitor=visitor)
        except IntegrityError:
            # This call was stored by a try that failed after its commit (the host's on_commit raised what asks to
            # repeat), or another call with this key was faster.
            stored = self.filter(uuid=facts.uuid).first() or answer_to(facts, visitor=visitor, conversions=self)
            if stored is None:
                raise
            return stored

    def _store_new(self, facts: ConversionFacts, *, visitor: Visitor | None) -> Conversion:
        if visitor is not None:
            visitor.resolve()  # reads belong before the transaction: SQLite cannot always upgrade them to writes
        with transaction.atomic(using=self.db):
            identity = None if visitor is None else visitor.attach()
            met = met_since(facts, identity=identity, conversions=self)
            if met is not None:
                return met
            conversion = self.model(identity=identity, **facts.columns())
            conversion.save_new(force_insert=True, using=self.db)
        return conversion

    def on_primary(self) -> Self:
        """Return this queryset on the database that is written to, unless one was chosen: a replica may lag behind."""
        is_chosen = self.db != router.db_for_read(self.model)
        return self if is_chosen else self.using(router.db_for_write(self.model))
