"""What callers may send: windows, orders, amounts, and the inputs of the mutations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.scalars import JSON

from django_attribution.filters import ConversionFilter
from django_attribution.landings import ADDRESS_LENGTH
from django_attribution.windows import MAX_DAYS, MAX_SOURCES, AttributionWindow
from graphql_api.errors import BadUserInput, user_errors
from graphql_api.filter_inputs import FilterInput, filter_input
from graphql_api.keyset import Column, Order
from graphql_api.scalars import CurrencyCode
from graphql_api.types import ConversionStatus


@strawberry.input(description="An amount of money.")
class MoneyInput:
    """Exact: an amount finer than the currency's minor unit is refused, not rounded."""

    amount: Decimal = strawberry.field(description="A decimal number as text, in whole units of the currency.")
    currency: CurrencyCode = strawberry.field(description="The currency of the amount.")


@strawberry.input(description="A look-back window of its own for one source.")
class SourceWindowInput:
    """One entry of ``source_windows``."""

    source: str = strawberry.field(description="The effective source; case and outer space do not count.")
    days: int = strawberry.field(description=f"Days of 24 hours, from 0 to {MAX_DAYS}; 0 excludes the source.")


def attribution_window(window_days: int, source_windows: list[SourceWindowInput]) -> AttributionWindow:
    """Return the window that the arguments describe; raise ``BadUserInput`` naming the one that cannot be used."""
    days_by_source = {window.source: window.days for window in source_windows}
    if len(days_by_source) < len(source_windows):
        raise BadUserInput("sourceWindows names a source twice.", argument="sourceWindows")
    with user_errors():
        return AttributionWindow(window_days, days_by_source)


@strawberry.enum(description="Which way to order.")
class OrderDirection(Enum):
    """Rows without a value come last either way."""

    ASC = strawberry.enum_value("asc", description="Least, or earliest, first.")
    DESC = strawberry.enum_value("desc", description="Greatest, or latest, first.")


@strawberry.input(one_of=True, description="One column to order conversions by; rows without a value come last.")
class ConversionOrderInput:
    """Exactly one of these."""

    occurred_at: strawberry.Maybe[OrderDirection] = strawberry.field(description="When it happened.")
    value: strawberry.Maybe[OrderDirection] = strawberry.field(description="The value, whatever the currency.")


MAX_ORDERS = 10  # more than there are columns


def conversion_order(order_by: Iterable[ConversionOrderInput]) -> Order:
    """Return the order that is asked for; newest first where nothing is said. Of a column twice, the first counts."""
    columns: dict[str, Column] = {}
    orders = list(order_by)
    if len(orders) > MAX_ORDERS:
        raise BadUserInput(f"orderBy has {len(orders)} entries; at most {MAX_ORDERS} are allowed.", argument="orderBy")
    for wanted in orders:
        if wanted.occurred_at is not None:
            is_descending = wanted.occurred_at.value is OrderDirection.DESC
            columns.setdefault("created_at", Column("created_at", datetime, is_descending=is_descending))
        elif wanted.value is not None:
            is_descending = wanted.value.value is OrderDirection.DESC
            columns.setdefault("value", Column("value", Decimal, is_descending=is_descending, is_nullable=True))
    return Order.by(list(columns.values()) or [Column("created_at", datetime, is_descending=True)])


if TYPE_CHECKING:
    ConversionFilterInput = FilterInput
else:
    ConversionFilterInput = filter_input(
        ConversionFilter, name="ConversionFilterInput", type_name="Conversion", enums=[ConversionStatus]
    )


@strawberry.input(description="A conversion of the current visitor.")
class RecordConversionInput:
    """What a browser claims."""

    event: str = strawberry.field(description="An event that CLIENT_EVENTS allows.")
    value: MoneyInput | None = strawberry.field(
        default=None, description="What it is worth, where CLIENT_EVENTS lets a browser say so."
    )
    idempotency_key: str = strawberry.field(
        description="16 to 255 random characters, made once per conversion and kept across retries and reloads."
    )
    custom_data: JSON | None = strawberry.field(default=None, description="An object of your own, at most 32 kB.")


@strawberry.input(description="Where the current visitor arrived, and from where.")
class RecordTouchpointInput:
    """What a browser knows of its landing page."""

    url: str = strawberry.field(
        description="The landing page's address (location.href): absolute, http or https, at most "
        f"{ADDRESS_LENGTH:,} characters. Of its query only tracking parameters are kept."
    )
    referrer: str | None = strawberry.field(
        default=None,
        description="The page before (document.referrer), without its query; one that cannot be used counts as none.",
    )


@strawberry.input(description="A conversion by its id.")
class ConfirmByIdInput:
    """For permitted users."""

    id: strawberry.ID = strawberry.field(description="The conversion's id.")
    value: MoneyInput | None = strawberry.field(default=None, description="The final value, if it is another one.")


@strawberry.input(description="A conversion by the idempotency key it was recorded with.")
class ConfirmByKeyInput:
    """For permitted users."""

    idempotency_key: str = strawberry.field(description="The key; a server's before a browser's.")
    value: MoneyInput | None = strawberry.field(default=None, description="The final value, if it is another one.")


@strawberry.input(one_of=True, description="The conversion to confirm, named in exactly one way.")
class ConfirmConversionInput:
    """Exactly one of these."""

    token: strawberry.Maybe[str] = strawberry.field(
        description="A token that server code issued; it fixes the conversion and its amount."
    )
    by_id: strawberry.Maybe[ConfirmByIdInput] = strawberry.field(
        description="By id. Requires django_attribution.confirm_conversion."
    )
    by_key: strawberry.Maybe[ConfirmByKeyInput] = strawberry.field(
        description="By key. Requires django_attribution.confirm_conversion."
    )


WindowDays = Annotated[
    int, strawberry.argument(description=f"Look-back window in days of 24 hours, from 0 to {MAX_DAYS}.")
]
SourceWindows = Annotated[
    list[SourceWindowInput],
    strawberry.argument(description=f"Windows of their own for at most {MAX_SOURCES} sources, each named once."),
]
ExcludeDirect = Annotated[
    bool, strawberry.argument(description="Take direct touches out before credit is given; the others share it.")
]
Where = Annotated[
    ConversionFilterInput,
    strawberry.argument(description="Which conversions; confirmed ones unless it says otherwise."),
]
