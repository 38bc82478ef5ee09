"""The mutations: where a browser landed, its claims, and their confirmation. Refusals come back as typed errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
import strawberry_django
from strawberry.utils.str_converters import to_camel_case

from django_attribution import shortcuts
from django_attribution.exceptions import InvalidArgument
from django_attribution.models import Conversion
from django_attribution.recording import is_storable
from graphql_api.client_rate import count_call
from graphql_api.inputs import (
    ConfirmByIdInput,
    ConfirmByKeyInput,
    ConfirmConversionInput,
    MoneyInput,
    RecordConversionInput,
    RecordTouchpointInput,
)
from graphql_api.mutation_errors import (
    NOT_PERMITTED,
    REFUSALS,
    ConfirmConversionError,
    RecordConversionError,
    RecordTouchpointError,
    confirm_error,
    record_error,
    touchpoint_error,
)
from graphql_api.permissions import CONFIRM_CONVERSION, Info, has_permission
from graphql_api.scalars import uuid_of
from graphql_api.types import RecordedConversion


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


@strawberry.type(description="The answer to recordTouchpoint.")
class RecordTouchpointPayload:
    """Whether there was something to record, or errors."""

    recorded: bool = strawberry.field(
        default=False,
        description="False for what is no touch: a repeat, a bot, an excluded path, an untagged visit that the site "
        "leaves out, a visitor who was on the site already.",
    )
    errors: list[RecordTouchpointError] = strawberry.field(default_factory=list, description="Empty when it worked.")


RecordInput = Annotated[RecordConversionInput, strawberry.argument(description="The conversion.")]
ConfirmInput = Annotated[
    ConfirmConversionInput, strawberry.argument(description="Which conversion, and by what right.")
]

TouchpointInput = Annotated[RecordTouchpointInput, strawberry.argument(description="The landing page.")]


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
            count_call(info.context.request)
            if not isinstance(input.custom_data, dict | None):
                raise InvalidArgument("custom_data", "custom_data must be a JSON object.")
            conversion: Any = shortcuts.record_client_conversion(
                info.context.request,
                input.event,
                custom_data=input.custom_data,
                idempotency_key=input.idempotency_key,
                **_money(input.value),
            )
        except REFUSALS as error:
            return RecordConversionPayload(errors=[record_error(error)])
        return RecordConversionPayload(conversion=conversion)

    @strawberry_django.mutation(
        handle_django_errors=False,
        description="Confirm a recorded conversion: by the bearer of a signed token, or by id or key with permission "
        "django_attribution.confirm_conversion. Repeating it is harmless.",
    )
    def confirm_conversion(self, info: Info, input: ConfirmInput) -> ConfirmConversionPayload:
        """Let a token speak for itself; ask anybody else for the permission before looking anything up."""
        way = next(name for name in _WAYS if getattr(input, name) is not None)
        try:
            count_call(info.context.request)
            if input.token is None and not has_permission(info, CONFIRM_CONVERSION):
                return ConfirmConversionPayload(errors=[NOT_PERMITTED])
            conversion: Any = _WAYS[way](getattr(input, way).value)
        except REFUSALS as error:
            return ConfirmConversionPayload(errors=[confirm_error(error, way=to_camel_case(way))])
        return ConfirmConversionPayload(conversion=conversion)

    @strawberry_django.mutation(
        handle_django_errors=False,
        description="Record where the visitor came from, for front ends whose landing page Django did not serve.",
    )
    def record_touchpoint(self, info: Info, input: TouchpointInput) -> RecordTouchpointPayload:
        """Hand over to the shortcut."""
        try:
            count_call(info.context.request)
            recorded = shortcuts.record_client_touchpoint(info.context.request, input.url, referrer=input.referrer)
        except REFUSALS as error:
            return RecordTouchpointPayload(errors=[touchpoint_error(error)])
        return RecordTouchpointPayload(recorded=recorded)


def _confirm_by_id(named: ConfirmByIdInput) -> Conversion:
    try:
        uuid = uuid_of(named.id, type_name="Conversion")
    except ValueError:
        raise Conversion.DoesNotExist from None
    return Conversion.objects.on_primary().get(uuid=uuid).confirm(**_money(named.value))


def _confirm_by_key(wanted: ConfirmByKeyInput) -> Conversion:
    key = wanted.idempotency_key
    # The server's row before a browser's: under the server's key a browser may have claimed an amount of its own.
    named = Conversion.objects.on_primary().filter(idempotency_key=key).order_by("-origin")
    found = named.first() if is_storable(key) else None
    if found is None:
        raise Conversion.DoesNotExist
    return found.confirm(**_money(wanted.value))


_WAYS: dict[str, Callable[[Any], Conversion]] = {
    "token": shortcuts.confirm_by_token,
    "by_id": _confirm_by_id,
    "by_key": _confirm_by_key,
}


def _money(value: MoneyInput | None) -> dict[str, Any]:
    return {} if value is None else {"value": value.amount, "currency": value.currency}
