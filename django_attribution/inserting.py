"""Inserting a row while a page waits for it: what ``save(force_insert=True)`` does, by a statement that is made once.

Django puts the same statement together for every row, which takes longer than the database does to run it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, cast

from django.db import connections, models
from django.db.models.signals import post_save, pre_save

from django_attribution.transactions import can_run_alone, run_alone

_KNOWN = ("sqlite", "postgresql")  # others return keys in words of their own, or not at all


def insert(row: models.Model, *, using: str) -> None:
    """Insert a new row and give it its primary key, as saving does; who listens to saving is told."""
    connection, model = connections[using], type(row)
    if _is_heard(model) or connection.vendor not in _KNOWN or not connection.features.can_return_columns_from_insert:
        row.save(using=using, force_insert=True)
        return
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, using), _values(row, _columns(model), using))
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, using


def can_insert_alone(*written: type[models.Model], using: str) -> bool:
    """Tell whether ``insert_alone`` can insert rows of these models: nobody listens to saving, and PostgreSQL hears."""
    return can_run_alone(using) and not any(map(_is_heard, written))


def insert_alone(row: models.Model, *, by: str, using: str) -> None:
    """Insert a new row and the new one that its foreign key ``by`` names, in one brief transaction of their own."""
    model, parent = type(row), cast(models.Model, getattr(row, by))
    columns = _columns(model, but=by)
    values = [*_values(parent, _columns(type(parent)), using), *_values(row, columns, using)]
    parent.pk, row.pk = run_alone(_statement_for_both(model, by, using), values, using=using)
    setattr(row, by, parent)  # with its key
    for inserted in (parent, row):
        inserted._state.adding, inserted._state.db = False, using


def _is_heard(model: type[models.Model]) -> bool:
    return pre_save.has_listeners(model) or post_save.has_listeners(model)


def _values(row: models.Model, fields: Iterable[models.Field[Any, Any]], using: str) -> list[Any]:
    connection = connections[using]
    return [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]


@cache
def _columns(model: type[models.Model], but: str = "") -> tuple[models.Field[Any, Any], ...]:
    """Return the fields that are written; the primary key is the database's to give."""
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key and field.name != but)


@cache
def _statement(model: type[models.Model], using: str) -> str:
    columns = _columns(model)
    marks = ", ".join(["%s"] * len(columns))
    into = _into(model, columns, using)
    return f"INSERT INTO {into} VALUES ({marks}) RETURNING {_quoted(model._meta.pk, using)}"  # noqa: S608 - names of ours


@cache
def _statement_for_both(model: type[models.Model], by: str, using: str) -> str:
    reference, columns = model._meta.get_field(by), _columns(model, but=by)
    marks = ", ".join(["parent.key", *["%s"] * len(columns)])
    into = _into(model, (reference, *columns), using)
    keys = f"{_quoted(reference, using)}, {_quoted(model._meta.pk, using)}"
    parent = _statement(cast(type[models.Model], reference.related_model), using)
    return f"WITH parent (key) AS ({parent}) INSERT INTO {into} SELECT {marks} FROM parent RETURNING {keys}"  # noqa: S608 - as above


def _into(model: type[models.Model], fields: Iterable[Any], using: str) -> str:
    table = connections[using].ops.quote_name(model._meta.db_table)
    return f"{table} ({', '.join(_quoted(field, using) for field in fields)})"


def _quoted(field: Any, using: str) -> str:
    return connections[using].ops.quote_name(str(field.column))
