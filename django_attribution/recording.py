"""What it takes to record a conversion: arguments made exact before anything is written, and their fingerprint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, cast
from uuid import UUID, uuid4

from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils import timezone

from django_attribution import money, tracking
from django_attribution.conf import attribution_settings
from django_attribution.exceptions import InvalidArgument
from django_attribution.transactions import all_or_nothing

EVENT_LENGTH = 255  # characters
KEY_LENGTH = 255  # characters
CUSTOM_DATA_LENGTH = 32 * 1024  # characters of JSON
CUSTOM_DATA_DEPTH = 32  # levels


class ConversionOptions(TypedDict, total=False):
    """What may be said of a conversion beside its event; ``record_conversion`` explains each."""

    value: object
    currency: str | None
    custom_data: Mapping[str, Any] | None
    source_object: Model | None
    is_confirmed: bool
    idempotency_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionFacts:
    """The cleaned arguments of one call that records a conversion."""

    uuid: UUID  # the row's, before the first try: whatever is tried again, the call is one conversion
    event: str
    value: Decimal | None
    currency: str
    custom_data: dict[str, Any]
    source_content_type: ContentType | None
    source_object_id: str | None
    is_confirmed: bool
    idempotency_key: str | None
    origin: str
    created_at: datetime

    @classmethod
    def clean(
        cls,
        *,
        event: str,
        value: object,
        currency: str | None,
        custom_data: Mapping[str, Any] | None,
        source_object: Model | None,
        is_confirmed: bool,
        idempotency_key: str | None,
        origin: str,
        occurred_at: object,
    ) -> ConversionFacts:
        """Make arguments exact; raise ``InvalidArgument``, naming the first that cannot be used."""
        if origin not in ("server", "client"):
            raise InvalidArgument("origin", f"origin must be server or client, not {origin!r}.")
        if not isinstance(is_confirmed, bool):
            raise InvalidArgument("is_confirmed", f"is_confirmed must be True or False, not {is_confirmed!r}.")
        if occurred_at is not None and (not isinstance(occurred_at, datetime) or timezone.is_naive(occurred_at)):
            raise InvalidArgument("occurred_at", "occurred_at must be an aware datetime.")
        amount, code = clean_value(value, currency=currency)
        content_type, object_id = (None, None) if source_object is None else clean_source_object(source_object)
        return cls(
            uuid=uuid4(),
            event=clean_text(event, argument="event", max_length=EVENT_LENGTH),
            value=amount,
            currency=code,
            custom_data=_clean_custom_data(custom_data),
            source_content_type=content_type,
            source_object_id=object_id,
            is_confirmed=is_confirmed,
            idempotency_key=None
            if idempotency_key is None
            else clean_text(idempotency_key, argument="idempotency_key", max_length=KEY_LENGTH),
            origin=origin,
            created_at=occurred_at or timezone.now(),
        )

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what was asked, never of who asked, nor of when."""
        asked = [
            self.event,
            None if self.value is None else str(self.value),
            self.currency,
            self.custom_data,
            None if self.source_content_type is None else self.source_content_type.pk,
            self.source_object_id,
            # What a browser's conversion becomes is decided by CLIENT_EVENTS, not by its arguments.
            self.is_confirmed if self.origin == "server" else None,
        ]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def columns(self) -> dict[str, Any]:
        """Return the column values of the conversion to insert, without its identity."""
        columns = {name: getattr(self, name) for name in self.__slots__}
        return {**columns, "fingerprint": self.fingerprint if self.idempotency_key else ""}


def clean_value(value: object, *, currency: str | None) -> tuple[Decimal | None, str]:
    """Return an exact amount with its currency (``CURRENCY`` when none is given); both may be absent."""
    if value is None:
        return None, "" if currency is None else money.clean_currency(currency)
    code = money.clean_currency(attribution_settings.CURRENCY if currency is None else currency)
    return money.clean_amount(value, currency=code), code


def clean_source_object(source_object: Model) -> tuple[ContentType, str]:
    """Return how a conversion refers to a saved model instance; raise ``InvalidArgument`` for anything else."""
    is_instance = isinstance(cast(object, source_object), Model)
    if not is_instance or source_object._state.adding or source_object.pk is None:
        raise InvalidArgument("source_object", "source_object must be a saved model instance.")
    types = ContentType.objects
    # The first look-up in a process asks the database, which may be out of reach.
    content_type = all_or_nothing(lambda: types.get_for_model(source_object), using=types.db)
    return content_type, str(source_object.pk)


def clean_text(value: object, *, argument: str, max_length: int) -> str:
    """Return a name or key as given; refuse what is empty, too long, or not plain text."""
    if isinstance(value, str) and 0 < len(value) <= max_length and tracking.is_clean(value):
        return value
    raise InvalidArgument(
        argument,
        f"{argument} must be text of 1 to {max_length} characters without control characters or outer space, "
        f"not {str(value)[:40]!r}.",
    )


def is_storable(data: object) -> bool:
    """Tell whether every text in JSON data can be stored, and looked for, in any database."""
    if isinstance(data, str):
        return "\x00" not in data and not any("\ud800" <= character <= "\udfff" for character in data)
    if isinstance(data, dict):
        return all(is_storable(key) and is_storable(value) for key, value in data.items())
    return not isinstance(data, list) or all(map(is_storable, data))


def _clean_custom_data(custom_data: Mapping[str, Any] | None) -> dict[str, Any]:
    if custom_data is None:
        return {}
    if not isinstance(custom_data, Mapping):
        raise InvalidArgument("custom_data", f"custom_data must be a dict, not {type(custom_data).__name__}.")
    try:
        text = json.dumps(dict(custom_data), cls=DjangoJSONEncoder, allow_nan=False)
    except RecursionError:
        raise _too_deep() from None
    except (TypeError, ValueError) as error:
        message = "custom_data must be data that JSON can hold, without NaN and infinite numbers."
        raise InvalidArgument("custom_data", message) from error  # browsers read the message, Python's words follow
    if len(text) > CUSTOM_DATA_LENGTH:
        raise InvalidArgument(
            "custom_data",
            f"custom_data may take at most {CUSTOM_DATA_LENGTH} characters of JSON, not {len(text)}.",
        )
    cleaned: dict[str, Any] = json.loads(text)
    if not _is_shallow(cleaned):
        raise _too_deep()
    if not is_storable(cleaned):
        raise InvalidArgument("custom_data", "custom_data must not hold NUL characters or lone surrogates.")
    return cleaned


def _too_deep() -> InvalidArgument:
    return InvalidArgument("custom_data", f"custom_data may be nested at most {CUSTOM_DATA_DEPTH} levels deep.")


def _is_shallow(data: object) -> bool:
    level = [data]
    for _ in range(CUSTOM_DATA_DEPTH):
        level = [
            child
            for container in level
            if isinstance(container, dict | list)
            for child in (container.values() if isinstance(container, dict) else container)
        ]
    return not any(isinstance(data, dict | list) for data in level)
