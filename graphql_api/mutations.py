"""The mutations: a browser's claims, and their confirmation. What was refused comes back as typed errors."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any

import strawberry
import strawberry_django
from django.db import InterfaceError, OperationalError
from strawberry.utils.str_converters import to_camel_case

from django_attribution import shortcuts
from django_attribution.exceptions import (
    AttributionError,
    ClientConversionRefused,
    EventNotDeclared,
    ExpiredConfirmationToken,
    IdempotencyKeyReused,
    InvalidArgument,
    InvalidConfirmationToken,
)
from django_attribution.models import Conversion
from django_attribution.recording import is_storable
from graphql_api.errors import RETRY_AFTER
from graphql_api.inputs import (
    ConfirmByIdInput,
    ConfirmByKeyInput,
    ConfirmConversionInput,
    MoneyInput,
    RecordConversionInput,
)
from graphql_api.permissions import CONFIRM_CONVERSION, Info, has_permission
from graphql_api.scalars import uuid_of
from graphql_api.types import RecordedConversion

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
        description="Too many; wait, and repeat with the same key. Reserved: nothing is limited by rate yet.",
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
    RATE_LIMITED = strawberry.enum_value(
        "rate_limited", description="Too many; wait and repeat. Reserved: nothing is limited by rate yet."
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


@strawberry.type(description="The answer to recordConversion.")
class RecordConversionPayload:
    """Either a conversion or errors."""

    conversion: RecordedConversion | None = strawberry.field(default=None, description="What is stored now.")
    errors: list[RecordConversionError] = strawberry.field(default_factory=list, description="Empty when it worked.")


@strawberry.type(description="The answer to confirmConversion.")
class ConfirmConversionPayload:
    """Either a conversion or errors."""

    conversion: RecordedConversion | None = strawberry.field(default=None, description="What is stored now.")
    errors: list[ConfirmConversionError] = strawberry.field(default_factory=list, description="Empty when it worked.")


RecordInput = Annotated[RecordConversionInput, strawberry.argument(description="The conversion.")]
ConfirmInput = Annotated[
    ConfirmConversionInput, strawberry.argument(description="Which conversion, and by what right.")
]


@strawberry.type(description="What front ends may do.")
class Mutation:
    """JSON over POST, under Django's CSRF check."""

    @strawberry_django.mutation(
        handle_django_errors=False,
        description="Record a conversion for the current visitor; pending unless CLIENT_EVENTS says otherwise. "
        "The event must be one that CLIENT_EVENTS allows.",
    )
    def record_conversion(self, info: Info, input: RecordInput) -> RecordConversionPayload:
        """Hand over to the shortcut."""
        try:
            if not isinstance(input.custom_data, dict | None):
                raise InvalidArgument("custom_data", "custom_data must be a JSON object.")
            conversion: Any = shortcuts.record_client_conversion(
                info.context.request,
                input.event,
                custom_data=input.custom_data,
                idempotency_key=input.idempotency_key,
                **_money(input.value),
            )
        except _REFUSALS as error:
            return RecordConversionPayload(errors=[_record_error(error)])
        return RecordConversionPayload(conversion=conversion)

    @strawberry_django.mutation(
        handle_django_errors=False,
        description="Confirm a recorded conversion: by the bearer of a signed token, or by id or key with permission "
        "django_attribution.confirm_conversion. Repeating it is harmless.",
    )
    def confirm_conversion(self, info: Info, input: ConfirmInput) -> ConfirmConversionPayload:
        """Let a token speak for itself; ask anybody else for the permission before looking anything up."""
        if input.token is None and not has_permission(info, CONFIRM_CONVERSION):
            return ConfirmConversionPayload(errors=[_NOT_PERMITTED])
        way = next(name for name in _WAYS if getattr(input, name) is not None)
        try:
            conversion: Any = _WAYS[way](getattr(input, way).value)
        except _REFUSALS as error:
            return ConfirmConversionPayload(errors=[_confirm_error(error, way=to_camel_case(way))])
        return ConfirmConversionPayload(conversion=conversion)


_NOT_PERMITTED = ConfirmConversionError(
    field=None,
    message="Confirm with a token that this site issued, or with the permission django_attribution.confirm_conversion.",
    code=ConfirmConversionErrorCode.NOT_PERMITTED,
)

_REFUSALS = (AttributionError, Conversion.DoesNotExist, OperationalError, InterfaceError)


def _confirm_by_id(named: ConfirmByIdInput) -> Conversion:
    try:
        uuid = uuid_of(named.id, type_name="Conversion")
    except ValueError:
        raise Conversion.DoesNotExist from None
    return Conversion.objects.get(uuid=uuid).confirm(**_money(named.value))


def _confirm_by_key(named: ConfirmByKeyInput) -> Conversion:
    key = named.idempotency_key
    found = Conversion.objects.filter(idempotency_key=key).order_by("origin").first() if is_storable(key) else None
    if found is None:
        raise Conversion.DoesNotExist
    return found.confirm(**_money(named.value))


_WAYS: dict[str, Callable[[Any], Conversion]] = {
    "token": shortcuts.confirm_by_token,
    "by_id": _confirm_by_id,
    "by_key": _confirm_by_key,
}


def _money(value: MoneyInput | None) -> dict[str, Any]:
    return {} if value is None else {"value": value.amount, "currency": value.currency}


def _record_error(error: Exception) -> RecordConversionError:
    codes = RecordConversionErrorCode
    if isinstance(error, OperationalError | InterfaceError):
        return RecordConversionError(
            field=None, message=_UNAVAILABLE, code=codes.UNAVAILABLE, retry_after_seconds=RETRY_AFTER
        )
    if isinstance(error, EventNotDeclared):
        return RecordConversionError(field=["event"], message=str(error), code=codes.EVENT_NOT_ALLOWED)
    if isinstance(error, IdempotencyKeyReused):
        return RecordConversionError(field=["idempotencyKey"], message=str(error), code=codes.IDEMPOTENCY_KEY_REUSED)
    if isinstance(error, ClientConversionRefused):
        code = {"event": codes.EVENT_NOT_ALLOWED, "currency": codes.CURRENCY_NOT_ALLOWED}.get(
            error.argument, codes.VALUE_NOT_ALLOWED
        )
        return RecordConversionError(field=_path(error.argument), message=str(error), code=code)
    argument = error.argument if isinstance(error, InvalidArgument) else ""
    return RecordConversionError(field=_path(argument), message=_camel(str(error), argument), code=codes.INVALID)


def _confirm_error(error: Exception, *, way: str) -> ConfirmConversionError:
    codes = ConfirmConversionErrorCode
    if isinstance(error, OperationalError | InterfaceError):
        return ConfirmConversionError(
            field=None, message=_UNAVAILABLE, code=codes.UNAVAILABLE, retry_after_seconds=RETRY_AFTER
        )
    if isinstance(error, ExpiredConfirmationToken):
        return ConfirmConversionError(field=["token"], message=str(error), code=codes.TOKEN_EXPIRED)
    if isinstance(error, InvalidConfirmationToken):
        return _NOT_PERMITTED
    if isinstance(error, Conversion.DoesNotExist):
        return ConfirmConversionError(field=None, message="There is no such conversion.", code=codes.NOT_FOUND)
    argument = error.argument if isinstance(error, InvalidArgument) else ""
    path = [way, *_PATHS.get(argument, [to_camel_case(argument)])] if argument else None
    return ConfirmConversionError(field=path, message=_camel(str(error), argument), code=codes.INVALID)


_UNAVAILABLE = "The database cannot be reached right now. Try again later."

# Where the package's arguments stand in the inputs.
_PATHS = {"value": ["value", "amount"], "currency": ["value", "currency"]}


def _path(argument: str) -> FieldPath | None:
    return _PATHS.get(argument, [to_camel_case(argument)]) if argument else None


def _camel(message: str, argument: str) -> str:
    return message.replace(argument, to_camel_case(argument)) if argument else message
