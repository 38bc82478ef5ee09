"""Signed confirmation tokens: server code lets a browser confirm one conversion with one amount, for a while."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.core import signing

from django_attribution.conf import attribution_settings
from django_attribution.exceptions import ExpiredConfirmationToken, InvalidConfirmationToken

_SALT = "django_attribution.tokens"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a token confirms: a conversion, and the amount that it fixes (none for an event without value)."""

    uuid: UUID
    value: Decimal | None
    currency: str


def sign_confirmation(*, uuid: UUID, value: Decimal | None, currency: str) -> str:
    """Return the token for a conversion and its amount."""
    return signing.dumps([uuid.hex, None if value is None else str(value), currency], salt=_SALT)


def read_confirmation(token: str) -> Confirmation:
    """Return what a token confirms; raise ``InvalidConfirmationToken``, or its subclass for an expired one."""
    try:
        uuid, value, currency = signing.loads(
            token, salt=_SALT, max_age=attribution_settings.CONFIRMATION_TOKEN_MAX_AGE
        )
    except signing.SignatureExpired:
        raise ExpiredConfirmationToken("The confirmation token has expired; have the server issue a new one.") from None
    except (signing.BadSignature, ValueError):  # ValueError: text that is no text, such as a lone surrogate
        raise InvalidConfirmationToken("The confirmation token was not issued by this site.") from None
    return Confirmation(UUID(hex=uuid), None if value is None else Decimal(value), currency)
