"""Which operations of a migration would stop writes to a large PostgreSQL table, or rewrite its rows. Pure.

Tables that the same migration creates are empty, so nothing is forbidden there. Sources: PostgreSQL's manual on ALTER
TABLE and CREATE INDEX CONCURRENTLY, and what Django makes of its operations.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db.migrations import Migration, operations
from django.db.models import NOT_PROVIDED

DATA = (operations.RunPython, operations.RunSQL)
# What changes PostgreSQL's catalog at most: a lock for an instant, whatever the table holds.
INSTANT = (
    operations.CreateModel,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.RemoveConstraint,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    AddConstraintNotValid,
    ValidateConstraint,  # reads all rows, and lets others write meanwhile
)
REASONS: dict[type[operations.base.Operation], str] = {
    operations.AddIndex: "stops writes until the index is built: AddIndexConcurrently",
    operations.RemoveIndex: "waits for an exclusive lock: RemoveIndexConcurrently",
    operations.AddConstraint: "checks every row under a lock: AddConstraintNotValid, then ValidateConstraint",
    operations.AlterField: "may rewrite or check every row: add a new column",
    operations.RunPython: "rewrites data: a management command, in batches",
    operations.RunSQL: "nobody can tell what it does: an operation of Django's, or a command",
}


def blocking(migration: Migration) -> list[str]:
    """Return what is wrong with a migration of tables that have rows: one line each, or none."""
    created = {
        operation.name_lower for operation in migration.operations if isinstance(operation, operations.CreateModel)
    }
    in_database = list(_flat(migration.operations))
    found = [
        f"{operation.describe()}: {reason}"
        for operation in in_database
        if getattr(operation, "model_name_lower", None) not in created and (reason := _reason(operation))
    ]
    if migration.atomic and any(
        isinstance(operation, AddIndexConcurrently | RemoveIndexConcurrently) for operation in in_database
    ):
        found.append("CONCURRENTLY works outside of transactions only: atomic = False")
    if not migration.atomic and len(in_database) > 1:
        found.append("Without a transaction a failure leaves a half: one operation for each such migration")
    return found


def _flat(given: Any) -> Iterator[Any]:
    for operation in given:
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _reason(operation: Any) -> str:
    if isinstance(operation, INSTANT):
        return ""
    if isinstance(operation, operations.AddField):
        return _reason_against(operation.field)
    for kind, reason in REASONS.items():
        if isinstance(operation, kind):
            return reason
    return "is unknown to block nothing, so it is refused: running code of the last version may still use the old name"


def _reason_against(field: Any) -> str:
    """Say why adding a column would stop writes; a nullable one does not, nor one with a constant in the database."""
    if field.remote_field is not None and field.db_constraint:
        return (
            "checks a foreign key of every row under a lock: db_constraint=False, then a constraint that is NOT VALID"
        )
    if field.unique or field.db_index:
        return "builds an index under a lock: the column first, then AddIndexConcurrently"
    if field.null and field.default is NOT_PROVIDED:
        return ""
    if field.db_default is not NOT_PROVIDED and not hasattr(field.db_default, "resolve_expression"):
        return ""
    return "fails for, or rewrites, what running code of the last version inserts: null=True or a constant db_default"
