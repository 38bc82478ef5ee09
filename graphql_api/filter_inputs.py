"""Filter inputs, generated from the FilterSets so that both say the same.

The bridge knows a handful of filters; one that it does not know fails at import, not in front of a caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, cast

import django_filters
import strawberry
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from strawberry.utils.str_converters import to_camel_case

from django_attribution.filters import CurrencyField, HalfOpenRangeFilter, ValuesFilter
from graphql_api.errors import BadUserInput
from graphql_api.scalars import CurrencyCode, uuid_of

_Rows = TypeVar("_Rows", bound=QuerySet[Any])


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
