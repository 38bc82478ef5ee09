"""What may be asked of stored rows: one django-filter FilterSet per model, the same for every caller."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django_filters.fields import IsoDateTimeField, MultipleChoiceField, RangeField

from django_attribution import money
from django_attribution.exceptions import InvalidArgument
from django_attribution.filter_widgets import (
    LINE_BREAKS_AND_COMMAS,
    AmountRangeWidget,
    EitherSelect,
    InstantRangeWidget,
    ValuesWidget,
)
from django_attribution.models import Conversion
from django_attribution.recording import clean_text

MAX_VALUES = 200  # in one list


class CurrencyField(forms.CharField):
    """An ISO 4217 code."""

    def clean(self, value: Any) -> str:
        """Return the code in upper case."""
        try:
            return money.clean_currency(super().clean(value))
        except InvalidArgument as error:
            raise forms.ValidationError(str(error)) from None


class TextField(forms.CharField):
    """Text that a database can hold."""

    def clean(self, value: Any) -> str:
        """Refuse what no stored text is: too long, with control characters or lone surrogates."""
        try:
            return clean_text(super().clean(value), argument="value", max_length=255)
        except InvalidArgument as error:
            raise forms.ValidationError(str(error)) from None


class InstantField(IsoDateTimeField):
    """An instant that is also one in UTC; a day is its first one, in the current time zone."""

    default_error_messages = {
        "invalid": "Enter a day such as 2026-01-31, or an instant such as 2026-01-31T14:00:00+01:00.",
    }

    def to_python(self, value: Any) -> datetime | None:
        """Refuse what lies outside the calendar once its offset is taken off."""
        day = _day(value)
        try:
            # A midnight that clocks skip is the moment of the skip, as in reports by interval.
            instant = super().to_python(value) if day is None else _midnight(day)
            return instant and instant.astimezone(UTC)
        except OverflowError:
            raise forms.ValidationError("The date lies outside the calendar.") from None


class ValuesField(forms.MultipleChoiceField):
    """A list of values, none of which is known beforehand."""

    widget = ValuesWidget

    def __init__(self, *, value_field: forms.Field | None = None, **kwargs: Any) -> None:
        self.value_field = value_field or TextField()
        if not isinstance(self.value_field, TextField):
            kwargs.setdefault("widget", ValuesWidget(separators=LINE_BREAKS_AND_COMMAS))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> list[Any]:
        """Clean each value by the field of a single one."""
        return [self.value_field.clean(item) for item in _no_more_than_allowed(super().to_python(value))]

    def valid_value(self, value: Any) -> bool:
        """Accept any value; cleaning each was the check."""
        return True


class ValuesFilter(django_filters.MultipleChoiceFilter):
    """Keep rows whose column has one of some values; an empty list keeps all."""

    field_class = ValuesField

    def filter(self, qs: QuerySet[Any], value: list[Any]) -> QuerySet[Any]:
        """Apply one IN, whatever the number of values."""
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class ChoicesField(MultipleChoiceField):
    """A list of values that are known beforehand."""

    def to_python(self, value: Any) -> list[str]:
        """Refuse a list that is longer than any has reason to be, before each is looked at."""
        return _no_more_than_allowed(super().to_python(value))


class ChoicesFilter(django_filters.MultipleChoiceFilter):
    """Keep rows that are in one of some states."""

    field_class = ChoicesField


class AmountRangeField(RangeField):
    """Two amounts as the column can hold them."""

    widget = AmountRangeWidget

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        least, greatest = (forms.DecimalField(max_digits=19, decimal_places=4) for _ in range(2))
        super().__init__((least, greatest), *args, **kwargs)


class InstantRangeField(RangeField):
    """Two instants."""

    widget = InstantRangeWidget

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__((InstantField(), InstantField()), *args, **kwargs)


class AmountRangeFilter(django_filters.RangeFilter):
    """Keep amounts between two, both included."""

    field_class = AmountRangeField


class HalfOpenRangeFilter(django_filters.RangeFilter):
    """Keep instants from ``after`` on and before ``before``, so that adjacent ranges share no row."""

    field_class = InstantRangeField

    def filter(self, qs: QuerySet[Any], value: slice | None) -> QuerySet[Any]:
        """Include the start, exclude the end."""
        if value is not None and value.start is not None:
            qs = qs.filter(**{f"{self.field_name}__gte": value.start})
        if value is not None and value.stop is not None:
            qs = qs.filter(**{f"{self.field_name}__lt": value.stop})
        return qs


class ConversionFilter(django_filters.FilterSet):
    """Selects conversions; every condition must hold."""

    id = ValuesFilter(
        label="Ids", field_name="uuid", value_field=forms.UUIDField(), help_text="Any of these conversions."
    )
    event = ValuesFilter(label="Events", help_text="Any of these events, to the letter.")
    occurred = HalfOpenRangeFilter(
        label="Occurred",
        field_name="created_at",
        help_text="When it occurred: from `after` on, and before `before`.",
    )
    value = AmountRangeFilter(label="Value", help_text="The value, both ends included, whatever the currency.")
    currency = ValuesFilter(label="Currencies", value_field=CurrencyField(), help_text="Any of these currencies.")
    status = ChoicesFilter(
        label="Status",
        choices=Conversion.Status.choices,
        method="filter_status",
        initial=[Conversion.Status.CONFIRMED],
        widget=forms.CheckboxSelectMultiple,
        help_text="Any of these states; an empty list means all.",
    )
    identified = django_filters.BooleanFilter(
        label="Visitor known",
        field_name="identity",
        lookup_expr="isnull",
        exclude=True,
        widget=EitherSelect,
        help_text="Whether the visitor is known.",
    )

    class Meta:
        model = Conversion
        fields: list[str] = []

    def filter_status(self, queryset: QuerySet[Conversion], name: str, value: list[str]) -> QuerySet[Conversion]:
        """Keep conversions in one of the given states."""
        status = Conversion.Status
        by_status = {
            status.PENDING: Q(is_active=True, is_confirmed=False),
            status.CONFIRMED: Q(is_active=True, is_confirmed=True),
            status.VOIDED: Q(is_active=False),
        }
        if not value or len(set(value)) == len(by_status):
            return queryset
        wanted = Q(pk__in=())
        for state in set(value):
            wanted |= by_status[status(state)]
        return queryset.filter(wanted)


def _no_more_than_allowed(values: list[str]) -> list[str]:
    if len(values) > MAX_VALUES:
        raise forms.ValidationError(f"At most {MAX_VALUES} values are allowed, not {len(values)}.")
    return values


def _day(value: Any) -> date | None:
    """Return a day that was written as one, or None for whatever else was given."""
    try:
        return parse_date(value.strip()) if isinstance(value, str) else None
    except ValueError:  # no such day; the field says so
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())
