"""What callers may send. Filter inputs are generated from the FilterSets, so that both say the same.

The bridge knows a handful of filters; one that it does not know fails at import, not in front of a caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import django_filters
import strawberry
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from strawberry.scalars import JSON
from strawberry.utils.str_converters import to_camel_case

from django_attribution.attribution_models import SingleTouchModel, first_touch, last_touch
from django_attribution.filters import ConversionFilter, CurrencyField, HalfOpenRangeFilter, ValuesFilter
from django_attribution.windows import MAX_DAYS, MAX_SOURCES, AttributionWindow
from graphql_api.errors import BadUserInput, user_errors
from graphql_api.keyset import Column, Order
from graphql_api.scalars import CurrencyCode, uuid_of
from graphql_api.types import ConversionStatus

_Rows = TypeVar("_Rows", bound=QuerySet[Any])


@strawberry.input(description="An amount of money.")
class MoneyInput:
    """Exact: an amount finer than the currency's minor unit is refused, not rounded."""

    amount: Decimal = strawberry.field(description="A decimal number as text, in whole units of the currency.")
    currency: CurrencyCode = strawberry.field(description="The currency of the amount.")


@strawberry.input(description="Instants from `after` on and before `before`; either may be left out.")
class DateTimeRangeInput:
    """Half open, so that adjacent ranges share nothing."""

    after: datetime | None = strawberry.field(default=None, description="The first instant that counts.")
    before: datetime | None = strawberry.field(default=None, description="The first instant that no longer counts.")


@strawberry.input(description="Amounts from `min` to `max`, both included; either may be left out.")
class DecimalRangeInput:
    """Closed at both ends."""

    min: Decimal | None = strawberry.field(default=None, description="The least amount.")
    max: Decimal | None = strawberry.field(default=None, description="The greatest amount.")


@strawberry.input(description="A look-back window of its own for one source.")
class SourceWindowInput:
    """One entry of ``source_windows``."""

    source: str = strawberry.field(description="The effective source; case and outer space do not count.")
    days: int = strawberry.field(description=f"Days of 24 hours, from 0 to {MAX_DAYS}; 0 excludes the source.")


@strawberry.enum(description="How the credit for a conversion is given to the touches before it.")
class AttributionModel(Enum):
    """The models that credit each conversion by itself."""

    FIRST_TOUCH = strawberry.enum_value("first_touch", description=first_touch.description)
    LAST_TOUCH = strawberry.enum_value("last_touch", description=last_touch.description)

    @property
    def model(self) -> SingleTouchModel:
        """The model as the package knows it."""
        return {AttributionModel.FIRST_TOUCH: first_touch, AttributionModel.LAST_TOUCH: last_touch}[self]


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


def conversion_order(order_by: Iterable[ConversionOrderInput]) -> Order:
    """Return the order that is asked for; newest first where nothing is said. Of a column twice, the first counts."""
    columns: dict[str, Column] = {}
    for wanted in order_by:
        if wanted.occurred_at is not None:
            is_descending = wanted.occurred_at.value is OrderDirection.DESC
            columns.setdefault("created_at", Column("created_at", datetime, is_descending=is_descending))
        elif wanted.value is not None:
            is_descending = wanted.value.value is OrderDirection.DESC
            columns.setdefault("value", Column("value", Decimal, is_descending=is_descending, is_nullable=True))
    return Order.by(list(columns.values()) or [Column("created_at", datetime, is_descending=True)])


@dataclass(frozen=True, slots=True)
class _Mapping:
    """How one filter looks to callers, and how what they send becomes the form's data."""

    annotation: Any
    to_form: Callable[[str, Any], Mapping[str, Any]]


class FilterInput:
    """A generated filter input: applies the FilterSet that it was generated from."""

    filterset: type[django_filters.FilterSet]
    mappings: Mapping[str, _Mapping]

    def apply(self, rows: _Rows) -> _Rows:
        """Filter rows; raise ``BadUserInput`` naming the condition that cannot be used."""
        data: dict[str, Any] = {}
        for name, mapping in self.mappings.items():
            given = getattr(self, name)
            if given is None:
                continue
            try:
                data |= mapping.to_form(name, given)
            except ValueError as error:
                raise BadUserInput(f"{to_camel_case(name)}: {error}", argument=f"where.{to_camel_case(name)}") from None
        chosen = self.filterset(data, queryset=rows)
        if not chosen.is_valid():
            name, messages = next(iter(chosen.errors.items()))
            argument = f"where.{to_camel_case(name)}"
            raise BadUserInput(f"{to_camel_case(name)}: {' '.join(messages)}", argument=argument)
        return cast(_Rows, chosen.qs)


def filter_input(
    filterset: type[django_filters.FilterSet], *, name: str, type_name: str, enums: Iterable[type[Enum]]
) -> Any:
    """Generate the input type of a FilterSet; ``type_name`` is what ids are ids of, ``enums`` may stand for choices."""
    annotations: dict[str, Any] = {}
    body: dict[str, Any] = {"filterset": filterset, "mappings": {}, "__annotations__": annotations}
    for filter_name, a_filter in filterset.base_filters.items():
        mapping = _mapping_of(a_filter, type_name=type_name, enums=tuple(enums))
        body["mappings"][filter_name] = mapping
        description = a_filter.extra.get("help_text")
        if not description:
            raise ImproperlyConfigured(f"{filterset.__name__}.{filter_name} needs a help_text.")
        if (initial := a_filter.extra.get("initial")) is None:
            annotations[filter_name] = mapping.annotation | None
            body[filter_name] = strawberry.field(default=None, description=description)
        else:
            annotations[filter_name] = mapping.annotation
            body[filter_name] = strawberry.field(
                default_factory=lambda value=initial: list(value), description=description
            )
    description = (filterset.__doc__ or "").strip()
    return strawberry.input(type(name, (FilterInput,), body), name=name, description=description)


def _mapping_of(a_filter: Any, *, type_name: str, enums: tuple[type[Enum], ...]) -> _Mapping:
    if isinstance(a_filter, ValuesFilter):
        value_field = a_filter.extra.get("value_field")
        if isinstance(value_field, forms.UUIDField):
            return _Mapping(
                list[strawberry.ID], lambda name, given: {name: [uuid_of(one, type_name=type_name) for one in given]}
            )
        return _Mapping(list[CurrencyCode] if isinstance(value_field, CurrencyField) else list[str], _as_it_is)
    if isinstance(a_filter, django_filters.MultipleChoiceFilter):
        values = {value for value, _ in a_filter.extra["choices"]}
        for enum in enums:
            if {member.value for member in enum} == values:
                return _Mapping(list[enum], lambda name, given: {name: [one.value for one in given]})  # type: ignore[valid-type]  # built for Strawberry, at run time
    if isinstance(a_filter, HalfOpenRangeFilter):
        return _Mapping(DateTimeRangeInput, _ends("after", "before"))
    if isinstance(a_filter, django_filters.RangeFilter):
        return _Mapping(DecimalRangeInput, _ends("min", "max"))
    if isinstance(a_filter, django_filters.BooleanFilter):
        return _Mapping(bool, lambda name, given: {name: str(given)})
    raise ImproperlyConfigured(
        f"No GraphQL input is known for the filter {a_filter.field_name} ({type(a_filter).__name__})."
    )


def _as_it_is(name: str, given: Any) -> Mapping[str, Any]:
    return {name: given}


def _ends(low: str, high: str) -> Callable[[str, Any], Mapping[str, Any]]:
    """Return how the two ends of a range are called in django-filter's forms."""
    return lambda name, given: {f"{name}_{end}": _in_utc(getattr(given, end)) for end in (low, high)}


def _in_utc(end: Any) -> Any:
    """Take an instant without an offset for UTC, whatever the server's own time zone is."""
    return end.replace(tzinfo=UTC) if isinstance(end, datetime) and end.tzinfo is None else end


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


@strawberry.input(description="A conversion by its id.")
class ConfirmByIdInput:
    """For permitted users."""

    id: strawberry.ID = strawberry.field(description="The conversion's id.")
    value: MoneyInput | None = strawberry.field(default=None, description="The final value, if it is another one.")


@strawberry.input(description="A conversion by the idempotency key it was recorded with.")
class ConfirmByKeyInput:
    """For permitted users."""

    idempotency_key: str = strawberry.field(description="The key; a browser's before a server's.")
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
