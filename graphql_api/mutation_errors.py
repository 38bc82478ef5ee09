"""Why a mutation refused: typed errors, and the one place where the package's exceptions become them."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeVar

import strawberry
from django.db import InterfaceError, OperationalError
from strawberry.utils.str_converters import to_camel_case

from django_attribution import failures
from django_attribution.exceptions import (
    AttributionError,
    ClientConversionRefused,
    EventNotDeclared,
    ExpiredConfirmationToken,
    IdempotencyKeyReused,
    InvalidArgument,
    InvalidConfirmationToken,
    NoConsent,
)
from django_attribution.models import Conversion
from graphql_api.client_rate import TooManyCalls
from graphql_api.errors import RETRY_AFTER, UNAVAILABLE, is_unavailable, respelled

FieldPath = list[str]


@strawberry.interface(description="What every error of a mutation tells.")
class MutationError:
    """Typed per mutation by its ``code``."""

    field: FieldPath | None = strawberry.field(description="Where in the input, from the outside in; null for none.")
    message: str = strawberry.field(description="What was given, what is allowed, what to do; in English.")


@strawberry.enum(description="Why a conversion was not recorded.")
class RecordConversionErrorCode(Enum):
    """Closed, but for additions."""

    EVENT_NOT_ALLOWED = strawberry.enum_value("event_not_allowed", description="A browser may not record this event.")
    VALUE_NOT_ALLOWED = strawberry.enum_value("value_not_allowed", description="A browser may not name this value.")
    CURRENCY_NOT_ALLOWED = strawberry.enum_value("currency_not_allowed", description="Not in this currency.")
    IDEMPOTENCY_KEY_REUSED = strawberry.enum_value(
        "idempotency_key_reused", description="The key stands for another conversion; make a new one."
    )
    INVALID = strawberry.enum_value("invalid", description="Something in the input cannot be used.")
    RATE_LIMITED = strawberry.enum_value(
        "rate_limited",
        description="Too many from this client; wait, and repeat with the same key.",
    )
    UNAVAILABLE = strawberry.enum_value(
        "unavailable", description="The database is out of reach; repeat with the same key."
    )


@strawberry.enum(description="Why a conversion was not confirmed.")
class ConfirmConversionErrorCode(Enum):
    """Closed, but for additions."""

    NOT_FOUND = strawberry.enum_value("not_found", description="There is no such conversion.")
    NOT_PERMITTED = strawberry.enum_value(
        "not_permitted", description="Neither a token of this site nor the permission to confirm."
    )
    TOKEN_EXPIRED = strawberry.enum_value("token_expired", description="The token is too old; have a new one issued.")
    INVALID = strawberry.enum_value("invalid", description="The conversion cannot be confirmed as asked.")
    RATE_LIMITED = strawberry.enum_value("rate_limited", description="Too many from this client; wait and repeat.")
    UNAVAILABLE = strawberry.enum_value("unavailable", description="The database is out of reach; repeat later.")


@strawberry.enum(description="Why a touchpoint was not recorded.")
class RecordTouchpointErrorCode(Enum):
    """Closed, but for additions."""

    INVALID = strawberry.enum_value("invalid", description="The url cannot be used.")
    RATE_LIMITED = strawberry.enum_value("rate_limited", description="Too many from this client; wait and repeat.")
    NO_CONSENT = strawberry.enum_value(
        "no_consent", description="The visitor did not consent, or opts out by Sec-GPC; tell again once they have."
    )
    UNAVAILABLE = strawberry.enum_value("unavailable", description="The database is out of reach; repeat later.")


_RETRY_AFTER = "Whole seconds to wait before repeating; null where repeating changes nothing."


@strawberry.type(description="Why a conversion was not recorded.")
class RecordConversionError(MutationError):
    """One reason."""

    code: RecordConversionErrorCode = strawberry.field(description="For programs.")
    retry_after_seconds: int | None = strawberry.field(default=None, description=_RETRY_AFTER)


@strawberry.type(description="Why a conversion was not confirmed.")
class ConfirmConversionError(MutationError):
    """One reason."""

    code: ConfirmConversionErrorCode = strawberry.field(description="For programs.")
    retry_after_seconds: int | None = strawberry.field(default=None, description=_RETRY_AFTER)


@strawberry.type(description="Why a touchpoint was not recorded.")
class RecordTouchpointError(MutationError):
    """One reason."""

    code: RecordTouchpointErrorCode = strawberry.field(description="For programs.")
    retry_after_seconds: int | None = strawberry.field(default=None, description=_RETRY_AFTER)


NOT_PERMITTED = ConfirmConversionError(
    field=None,
    message="Confirm with a token that this site issued, or with the permission django_attribution.confirm_conversion.",
    code=ConfirmConversionErrorCode.NOT_PERMITTED,
)

# What the shortcuts raise for the caller, and what a database out of reach raises; anything else is an accident.
REFUSALS = (AttributionError, Conversion.DoesNotExist, OperationalError, InterfaceError)


_Error = TypeVar("_Error", bound=MutationError)


def _passes_later(error: Exception, kind: Callable[..., _Error], codes: type[Enum]) -> _Error | None:
    """Say that a call may be repeated, and when; None where repeating changes nothing."""
    if isinstance(error, TooManyCalls):
        return kind(field=None, message=str(error), code=codes["RATE_LIMITED"], retry_after_seconds=error.retry_after)
    if is_unavailable(error):
        failures.report("mutation", error)  # the caller is told to repeat, and nobody else would hear of it
        return kind(field=None, message=UNAVAILABLE, code=codes["UNAVAILABLE"], retry_after_seconds=RETRY_AFTER)
    if isinstance(error, OperationalError | InterfaceError):
        raise error  # a mistake in a statement, which the log has to hear of and the caller has not
    return None


def record_error(error: Exception) -> RecordConversionError:
    """Say why a conversion was not recorded."""
    codes = RecordConversionErrorCode
    if (later := _passes_later(error, RecordConversionError, codes)) is not None:
        return later
    if isinstance(error, EventNotDeclared):
        return RecordConversionError(field=["event"], message=str(error), code=codes.EVENT_NOT_ALLOWED)
    if isinstance(error, IdempotencyKeyReused):
        return RecordConversionError(field=["idempotencyKey"], message=str(error), code=codes.IDEMPOTENCY_KEY_REUSED)
    if isinstance(error, ClientConversionRefused):
        code = {"event": codes.EVENT_NOT_ALLOWED, "currency": codes.CURRENCY_NOT_ALLOWED}.get(
            error.argument, codes.VALUE_NOT_ALLOWED
        )
        return RecordConversionError(field=_path(error), message=str(error), code=code)
    return RecordConversionError(field=_path(error), message=_words(error), code=codes.INVALID)


def confirm_error(error: Exception, *, way: str) -> ConfirmConversionError:
    """Say why a conversion was not confirmed; ``way`` is the input's field that named it."""
    codes = ConfirmConversionErrorCode
    if (later := _passes_later(error, ConfirmConversionError, codes)) is not None:
        return later
    if isinstance(error, ExpiredConfirmationToken):
        return ConfirmConversionError(field=["token"], message=str(error), code=codes.TOKEN_EXPIRED)
    if isinstance(error, InvalidConfirmationToken):
        return NOT_PERMITTED
    if isinstance(error, Conversion.DoesNotExist):
        return ConfirmConversionError(field=None, message="There is no such conversion.", code=codes.NOT_FOUND)
    return ConfirmConversionError(field=_path(error, way), message=_words(error), code=codes.INVALID)


def touchpoint_error(error: Exception) -> RecordTouchpointError:
    """Say why a touchpoint was not recorded."""
    codes = RecordTouchpointErrorCode
    if (later := _passes_later(error, RecordTouchpointError, codes)) is not None:
        return later
    if isinstance(error, NoConsent):
        return RecordTouchpointError(field=None, message=str(error), code=codes.NO_CONSENT)
    return RecordTouchpointError(field=_path(error), message=_words(error), code=codes.INVALID)


# Where the package's arguments stand in the inputs.
_PATHS = {"value": ["value", "amount"], "currency": ["value", "currency"]}


def _path(error: Exception, *within: str) -> FieldPath | None:
    """Tell which field an error is about, if any; ``within`` are those that the input's arguments stand in."""
    argument = error.argument if isinstance(error, InvalidArgument | ClientConversionRefused) else ""
    return [*within, *_PATHS.get(argument, [to_camel_case(argument)])] if argument else None


def _words(error: Exception) -> str:
    """Say what an error says, with the argument it is about as the schema spells it."""
    if isinstance(error, InvalidArgument):
        return respelled(error, to_camel_case(error.argument))
    return str(error)
