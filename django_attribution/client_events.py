"""What a browser may record: the rules of ``CLIENT_EVENTS``. A browser's conversion is a claim, never a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django_attribution import money
from django_attribution.conf import attribution_settings
from django_attribution.exceptions import ClientConversionRefused, InvalidArgument
from django_attribution.recording import EVENT_LENGTH, KEY_LENGTH, clean_text

MIN_KEY_LENGTH = 16  # characters: too many to guess, so that nobody else's key is hit


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientEventRule:
    """The limits of one event: may it carry a value, up to what, in which currencies, confirmed at once or not."""

    value: bool = False
    max_value: Decimal | None = None  # in each of the currencies
    currencies: tuple[str, ...] = ()  # none named: CURRENCY only
    confirmed: bool = False

    @classmethod
    def from_setting(cls, event: object, raw: object) -> ClientEventRule:
        """Read one entry of the setting; raise ``InvalidArgument`` saying what is wrong with it."""
        clean_text(event, argument="CLIENT_EVENTS", max_length=EVENT_LENGTH)
        if not isinstance(raw, Mapping):
            raise InvalidArgument("CLIENT_EVENTS", f"The limits of {event!r} must be a dict, not {raw!r}.")
        known = [rule.name for rule in fields(cls)]
        if unknown := [name for name in raw if name not in known]:
            raise InvalidArgument(
                "CLIENT_EVENTS", f"Unknown limit {unknown[0]!r} of {event!r}. Known: {', '.join(known)}."
            )
        for name in ("value", "confirmed"):
            if not isinstance(raw.get(name, False), bool):
                raise InvalidArgument("CLIENT_EVENTS", f"{name} of {event!r} must be True or False.")
        if not raw.get("value") and ("max_value" in raw or "currencies" in raw):
            raise InvalidArgument(
                "CLIENT_EVENTS", f"{event!r} limits a value that it does not allow; add 'value': True."
            )
        currencies = raw.get("currencies", ())
        if not isinstance(currencies, list | tuple):
            raise InvalidArgument("CLIENT_EVENTS", f"currencies of {event!r} must be a list of codes.")
        return cls(
            value=raw.get("value", False),
            max_value=_clean_max(event, raw.get("max_value")),
            currencies=tuple(money.clean_currency(code) for code in currencies),
            confirmed=raw.get("confirmed", False),
        )

    def check(self, *, value: Decimal | None, currency: str) -> None:
        """Raise ``ClientConversionRefused`` unless a browser may record this amount."""
        if value is None:
            return
        if not self.value:
            raise ClientConversionRefused("value", "A browser may not name a value for this event.")
        allowed = self.currencies or (attribution_settings.CURRENCY,)
        if currency not in allowed:
            raise ClientConversionRefused(
                "currency", f"This event is not recorded in {currency}. Allowed: {', '.join(allowed)}."
            )
        if self.max_value is not None and value > self.max_value:
            raise ClientConversionRefused("value", f"The value of this event may be at most {self.max_value}.")


def rule_for(event: str) -> ClientEventRule:
    """Return the rule of an event; raise ``ClientConversionRefused`` for one that browsers may not record."""
    raw = attribution_settings.CLIENT_EVENTS.get(event)
    if raw is None:
        raise ClientConversionRefused("event", "This event cannot be recorded from a browser.")
    return ClientEventRule.from_setting(event, raw)


def clean_client_key(key: str) -> str:
    """Return a browser's idempotency key; raise ``InvalidArgument`` for one that could be guessed."""
    if len(key) < MIN_KEY_LENGTH:
        raise InvalidArgument(
            "idempotency_key",
            f"idempotency_key must have {MIN_KEY_LENGTH} to {KEY_LENGTH} random characters.",
        )
    return clean_text(key, argument="idempotency_key", max_length=KEY_LENGTH)


def _clean_max(event: object, raw: Any) -> Decimal | None:
    if raw is None:
        return None
    try:
        maximum = Decimal(str(raw))
    except ArithmeticError:
        maximum = Decimal("NaN")
    if not maximum.is_finite() or maximum < 0:
        raise InvalidArgument(
            "CLIENT_EVENTS", f"max_value of {event!r} must be an amount of zero or more, not {raw!r}."
        )
    return maximum
