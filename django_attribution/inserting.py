"""Inserting a row while a page waits for it: what ``save(force_insert=True)`` does, by a statement that is made once.

Django puts the same statement together for every row, which takes longer than the database does to run it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connections, models
from django.db.models.signals import post_save, pre_save

_KNOWN = ("sqlite", "postgresql")  # others return keys in words of their own, or not at all


def insert(row: models.Model, *, using: str) -> None:
    """Insert a new row and give it its primary key, as saving does; who listens to saving is told."""
    connection, model = connections[using], type(row)
    is_heard = pre_save.has_listeners(model) or post_save.has_listeners(model)
    if is_heard or connection.vendor not in _KNOWN or not connection.features.can_return_columns_from_insert:
        row.save(using=using, force_insert=True)
        return
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in _columns(model)]
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, using), values)
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, using


@cache
def _columns(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    """Return the fields that are written; the primary key is the database's to give."""
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


@cache
def _statement(model: type[models.Model], using: str) -> str:
    quote = connections[using].ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    columns = [quote(str(field.column)) for field in _columns(model)]
    marks = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) RETURNING {key}"  # noqa: S608 - names of ours
