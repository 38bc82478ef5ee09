"""Touches as rows of the database, and how to read one: what ``attribution_data`` shows of it, or the touch itself.

Building and converting a statement for every page, and an instance for every row, takes longer than the database does,
and of most credited touches little is read. Knows nothing of conversions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.db import connections
from django.db.models import DateTimeField, JSONField, UUIDField

from django_attribution.raw_columns import said_in_utc
from django_attribution.tracking import UTM_PARAMETERS

if TYPE_CHECKING:
    from django_attribution.models import Touchpoint

Row = tuple[Any, ...]  # one value for each column of the table, in their order; the id is the first
Read = Callable[[Any], Any]

_SHOWN = {  # the column by the key under which it is shown
    **{name: name for name in (*UTM_PARAMETERS, "source", "medium", "channel", "click_ids", "referrer")},
    "landing_url": "url",
    "touchpoint_uuid": "uuid",
    "touched_at": "created_at",
}
# Databases limit the parameters of one statement; those that are not known below take one for each id.
_IDS_PER_QUERY = 10_000


@dataclass(frozen=True, slots=True)
class TouchReader:
    """How to read rows: a function for each column, by its position. It is pickled beside them."""

    reads: dict[int, Read]  # none for what is ready as it comes
    shown: itemgetter[Any]
    shown_reads: dict[str, Read]

    def touch(self, row: Row, *, using: str) -> Touchpoint:
        """Return the touch as Django reads it."""
        touchpoint = _touchpoint()
        values = list(row)
        for position, read in self.reads.items():
            values[position] = read(values[position])
        touch: Touchpoint = touchpoint.from_db(using, _columns(), values)
        return touch

    def data(self, row: Row) -> dict[str, Any]:
        """Return what ``attribution_data`` shows."""
        data = dict(zip(_SHOWN, self.shown(row), strict=True))
        for key, read in self.shown_reads.items():
            data[key] = read(data[key])
        return data


def fetch_rows(ids: Iterable[int], *, using: str) -> tuple[list[Row], TouchReader]:
    """Fetch the rows that have these ids, with their reader."""
    connection, wanted = connections[using], list(ids)
    # A database may keep its instants in a time zone of the host's choice.
    vendor = connection.vendor if connection.timezone is UTC else ""
    reader = _reader(vendor)
    if not wanted:
        return [], reader
    if vendor in _STATEMENT_ENDS:
        with connection.cursor() as cursor:
            cursor.execute(_statement(vendor), [json.dumps(wanted) if vendor == "sqlite" else wanted])
            return cursor.fetchall(), reader
    touchpoints = _touchpoint().objects.using(using).order_by().values_list(*_columns())
    parts = range(0, len(wanted), _IDS_PER_QUERY)
    return [row for start in parts for row in touchpoints.filter(pk__in=wanted[start : start + _IDS_PER_QUERY])], reader


def _touchpoint() -> Any:
    return apps.get_model("django_attribution", "Touchpoint")


@cache
def _columns() -> tuple[str, ...]:
    return tuple(field.attname for field in _touchpoint()._meta.concrete_fields)


@cache
def _statement(vendor: str) -> str:
    selected = (
        _SELECTED.get((vendor, type(field)), '"{}"').format(field.column)
        for field in _touchpoint()._meta.concrete_fields
    )
    return f'SELECT {", ".join(selected)} FROM "{_touchpoint()._meta.db_table}" WHERE "id" {_STATEMENT_ENDS[vendor]}'  # noqa: S608 - our own names


@cache
def _reader(vendor: str) -> TouchReader:
    columns = _columns()
    fields = enumerate(_touchpoint()._meta.concrete_fields)
    reads = {number: _READS[vendor, type(field)] for number, field in fields if (vendor, type(field)) in _READS}
    positions = {key: columns.index(column) for key, column in _SHOWN.items()}
    return TouchReader(
        reads=reads,
        shown=itemgetter(*positions.values()),
        shown_reads={key: reads[position] for key, position in positions.items() if position in reads},
    )


def _instant_of_text(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return said_in_utc(instant) if instant.tzinfo is None else instant  # Django writes none, others may


def _json_of_text(text: str) -> Any:
    if text == "{}":  # most are empty
        return {}
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text  # as Django does


# All ids as one parameter: Django takes as long for thousands of them as the database does for the rows.
_STATEMENT_ENDS = {"sqlite": "IN (SELECT value FROM json_each(%s))", "postgresql": "= ANY(%s)"}
_SELECTED = {
    # An expression has no declared type that the driver converts by; a timestamp without a zone it reads by itself.
    ("sqlite", DateTimeField): '(+"{}")',
    ("postgresql", DateTimeField): "(\"{}\" AT TIME ZONE 'UTC')",
}
_READS: dict[tuple[str, type], Read] = {
    ("sqlite", DateTimeField): _instant_of_text,
    ("sqlite", UUIDField): UUID,
    ("sqlite", JSONField): _json_of_text,
    ("postgresql", DateTimeField): said_in_utc,
    ("postgresql", JSONField): _json_of_text,
}
