"""Columns of many rows, read as the database gives them: what Django does to each value takes longer than the report.

An instant comes as a datetime of UTC that does not say so: they compare and subtract as aware ones do, and neither
database's driver makes an aware one as fast. ``said_in_utc`` makes it aware for those who are shown it. An amount comes
in ten-thousandths. Knows nothing of what the columns mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any

from django.db import connections
from django.db.models import DateTimeField, Expression, F, Func, TextField

from django_attribution.money import SCALE, units_of

_MAX_FLOAT = 10.0 ** (15 - SCALE)  # 15 digits: up to here a float has one count of ten-thousandths next to it
_DIGITS = Context(prec=15)  # with which Django reads a decimal of SQLite's
_FOURTH_PLACE = Decimal(1).scaleb(-SCALE)


@dataclass(frozen=True, slots=True)
class RawColumn:
    """What to select, and what makes values of a list of it: the call for each value would be most of the time."""

    expression: Expression | F
    read: Callable[[Iterable[Any]], list[Any]]


def raw_instant(name: str, *, using: str) -> RawColumn:
    """Return a column of instants of a database, read as datetimes of UTC without a zone."""
    connection = connections[using]
    # A database may keep its texts in a time zone of the host's choice.
    if connection.vendor == "sqlite" and connection.timezone is UTC:
        return RawColumn(_Bare(name, output_field=TextField()), _instants_of_texts)
    if connection.vendor == "postgresql":
        return RawColumn(_InUTC(name, output_field=DateTimeField()), list)
    return RawColumn(F(name), _without_zones)


def raw_amount(name: str, *, using: str) -> RawColumn:
    """Return a column of money of a database, read as whole ten-thousandths; 0 for None."""
    if connections[using].vendor == "sqlite":
        return RawColumn(_Bare(name, output_field=TextField()), _units_of_numbers)
    return RawColumn(F(name), _units)


def said_in_utc(instant: datetime) -> datetime:
    """Return an instant that was read here as an aware datetime."""
    return instant.replace(tzinfo=UTC)


class _Bare(Func):
    """What SQLite stores: an expression has no declared type that Django converts by, and a text is left alone."""

    template = "(+%(expressions)s)"


class _InUTC(Func):
    """PostgreSQL's timestamp without a zone: the driver reads it by itself, an aware one it asks Django for."""

    template = "(%(expressions)s AT TIME ZONE 'UTC')"


def _without_zone(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _without_zones(instants: Iterable[datetime]) -> list[datetime]:
    return [_without_zone(instant) for instant in instants]


def _instants_of_texts(texts: Iterable[str]) -> list[datetime]:
    instants = map(datetime.fromisoformat, texts)
    # Django writes no zone, others may.
    return [instant if instant.tzinfo is None else _without_zone(instant) for instant in instants]


def _units(amounts: Iterable[Decimal | None]) -> list[int]:
    return [units_of(amount) for amount in amounts]


def _units_of_numbers(numbers: Iterable[float | None]) -> list[int]:
    return [_units_of_number(number) for number in numbers]


def _units_of_number(number: float | None) -> int:
    """Count a decimal of SQLite's, which is an integer or a float, as Django would read it."""
    if number is None:
        return 0
    if -_MAX_FLOAT < number < _MAX_FLOAT:
        units: int = round(number * 10**SCALE)
        return units
    return units_of(_DIGITS.create_decimal_from_float(number).quantize(_FOURTH_PLACE, context=Context(prec=40)))
