"""Keyset pages: an order, the cursors that mark places in it, and the rows after or before a place.

A place is the values of the ordered columns and the row's uuid, which ends every order: primary keys never leave the
server. A cursor names its order, so one of another order is refused rather than misread.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F, Q, QuerySet
from strawberry.relay import from_base64, to_base64

_Rows = TypeVar("_Rows", bound=QuerySet[Any])

_PREFIX = "place"
_INTEGER_DIGITS = 15  # of what the column of values holds


@dataclass(frozen=True, slots=True)
class Column:
    """A column to order by. Rows without a value come last either way."""

    name: str
    type: type[datetime | Decimal | UUID]
    is_descending: bool
    is_nullable: bool = False

    def order(self, *, is_reversed: bool) -> Any:
        """Return the ORDER BY term; what is not said about NULL differs between databases."""
        nulls = {"nulls_first" if is_reversed else "nulls_last": True} if self.is_nullable else {}
        return F(self.name).desc(**nulls) if self.is_descending != is_reversed else F(self.name).asc(**nulls)

    def beyond(self, value: Any, *, is_reversed: bool) -> Q:
        """Return what comes strictly after a value of this column, or before it in the reversed order."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if is_reversed else Q(pk__in=())
        comparison = "lt" if self.is_descending != is_reversed else "gt"
        further = Q(**{f"{self.name}__{comparison}": value})
        return further | Q(**{f"{self.name}__isnull": True}) if self.is_nullable and not is_reversed else further

    def read(self, text: object) -> Any:
        """Return a cursor's value of this column; raise ``ValueError`` for what the column cannot hold."""
        if text is None and self.is_nullable:
            return None
        if not isinstance(text, str):
            raise ValueError("not a value of this column")
        if self.type is UUID:
            return UUID(text)
        if self.type is Decimal:
            return _read_decimal(text)
        return _read_instant(text)


@dataclass(frozen=True, slots=True)
class Order:
    """Columns to order rows by; the uuid is added as the last one."""

    columns: tuple[Column, ...]

    @classmethod
    def by(cls, columns: Sequence[Column]) -> Order:
        """Return the order by some columns, ties broken by uuid in the direction of the first."""
        return cls((*columns, Column("uuid", UUID, is_descending=columns[0].is_descending)))

    def cursor(self, row: Any) -> str:
        """Return the place of a row, as text."""
        return to_base64(_PREFIX, json.dumps([self._name, *map(_write, self.place(row))], separators=(",", ":")))

    def place(self, row: Any) -> list[Any]:
        """Return the values that say where a row stands."""
        return [getattr(row, column.name) for column in self.columns]

    def read(self, cursor: str) -> list[Any]:
        """Return the values of a place; raise ``ValueError`` for any text that this order did not make."""
        try:
            prefix, text = from_base64(cursor)
            name, *texts = json.loads(text)
        except (TypeError, RecursionError) as error:
            raise ValueError("not a cursor") from error
        if (prefix, name, len(texts)) != (_PREFIX, self._name, len(self.columns)):
            raise ValueError("a cursor of another order")
        return [column.read(text) for column, text in zip(self.columns, texts, strict=True)]

    def sort(self, rows: _Rows, *, is_reversed: bool = False) -> _Rows:
        """Order rows, or have them in the reversed order."""
        return rows.order_by(*(column.order(is_reversed=is_reversed) for column in self.columns))

    def beyond(self, rows: _Rows, place: Sequence[Any], *, is_reversed: bool = False) -> _Rows:
        """Keep the rows after a place, or those before it."""
        condition = Q(pk__in=())
        for column, value in reversed(list(zip(self.columns, place, strict=True))):
            same = Q(**({f"{column.name}__isnull": True} if value is None else {column.name: value}))
            condition = column.beyond(value, is_reversed=is_reversed) | (same & condition)
        first, value = self.columns[0], place[0]
        if not first.is_nullable:
            # The same bound once more, outside the OR: inside it no index could use it, and deep pages would walk
            # all the rows before them.
            bound = "lte" if first.is_descending != is_reversed else "gte"
            rows = rows.filter(**{f"{first.name}__{bound}": value})
        return rows.filter(condition)

    @property
    def _name(self) -> str:
        return " ".join(f"{'-' if column.is_descending else ''}{column.name}" for column in self.columns)


def _write(value: Any) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _read_instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("not an instant")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside the calendar") from None


def _read_decimal(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("not an amount") from None
    if not amount.is_finite() or amount.adjusted() >= _INTEGER_DIGITS or -int(amount.as_tuple().exponent) > 4:
        raise ValueError("not an amount that is stored")
    return amount
