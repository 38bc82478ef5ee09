"""The migrations make what the models say, can be taken back, and live beside the tables of the other package.

0.1.6 of PyPI's django-attribution has our import name and app label, so its tables and its rows in
``django_migrations`` may be in the database we are installed into.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import call_command
from django.db import connection, connections, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now
from django.test import override_settings

from django_attribution.attribution_models import last_touch
from django_attribution.checks import check_foreign_tables
from django_attribution.models import Conversion, Identity, Touchpoint
from tests.blocking_migrations import blocking

FRESH = "fresh"
OWN_TABLES = {"attribution_identity", "attribution_touchpoint", "attribution_conversion"}
FOREIGN_TABLES = ("django_attribution_identity", "django_attribution_touchpoint", "django_attribution_conversion")
T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


class FreshDatabaseRouter:
    """Sends everything to the fresh database."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Read there."""
        return FRESH

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Write there."""
        return FRESH


@pytest.fixture
def fresh_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Make an empty database beside the one of the tests, of the same kind, and remove it afterwards."""
    # Not with the fixture `db`: it would hold a transaction, in which PostgreSQL makes no database.
    with django_db_blocker.unblock(), tempfile.TemporaryDirectory() as folder:
        is_file = connection.vendor == "sqlite"
        name = str(Path(folder) / "fresh.sqlite3") if is_file else f"{connection.settings_dict['NAME']}_fresh"
        if not is_file:
            _execute(connection, f'CREATE DATABASE "{name}"')
        connections.databases[FRESH] = {**connections.databases["default"], "NAME": name}
        try:
            yield FRESH
        finally:
            connections[FRESH].close()
            del connections[FRESH], connections.databases[FRESH]
            if not is_file:
                _execute(connection, f'DROP DATABASE "{name}"')


def _execute(on: Any, sql: str, params: Any = None) -> list[Any]:
    with on.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall()) if cursor.description else []


def migrate(*target: str) -> None:
    """Migrate the fresh database."""
    call_command("migrate", *target, database=FRESH, verbosity=0)


def tables() -> set[str]:
    """Return the tables of the fresh database."""
    return set(connections[FRESH].introspection.table_names())


def record_something() -> None:
    """Let a visitor land and convert, and ask who earned it."""
    visitor = Identity.objects.create()
    Touchpoint.objects.create(identity=visitor, created_at=T0, utm_source="google")
    Conversion.objects.record(event="purchase", identity=visitor, value=5, occurred_at=T0)
    row = Conversion.objects.valid().with_attribution(last_touch).get()
    assert row.attribution_data["source"] == "google"


@pytest.mark.django_db
def test_the_models_say_nothing_that_no_migration_does() -> None:
    output = StringIO()
    call_command("makemigrations", "django_attribution", check=True, dry_run=True, stdout=output)
    assert "No changes detected" in output.getvalue()


def test_migrations_go_forwards_backwards_to_nothing_and_forwards_again(fresh_database: str) -> None:
    migrate()
    assert tables() >= OWN_TABLES
    migrate("django_attribution", "zero")
    assert not tables() & OWN_TABLES
    migrate()
    with override_settings(DATABASE_ROUTERS=["tests.test_migrations.FreshDatabaseRouter"]):
        record_something()


def test_what_the_other_package_left_in_the_database_is_noticed_and_not_disturbed(fresh_database: str) -> None:
    other = connections[fresh_database]
    migrate("auth")  # makes the table of migrations, as a site that runs 0.1.6 has it
    _execute(other, "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", _FOREIGN_MIGRATION)
    for table in FOREIGN_TABLES:
        _execute(other, f"CREATE TABLE {table} (id integer PRIMARY KEY, note varchar(20))")
        _execute(other, f"INSERT INTO {table} VALUES (1, 'theirs')")  # noqa: S608 - our own constants

    migrate()
    assert tables() >= {*OWN_TABLES, *FOREIGN_TABLES}
    with override_settings(DATABASE_ROUTERS=["tests.test_migrations.FreshDatabaseRouter"]):
        record_something()
    migrate("django_attribution", "zero")
    migrate()

    for table in FOREIGN_TABLES:
        assert _execute(other, f"SELECT id, note FROM {table}") == [(1, "theirs")]  # noqa: S608 - our own constants
    [message] = check_foreign_tables(databases=[fresh_database])
    assert message.id == "django_attribution.W002"
    assert all(table in message.msg for table in FOREIGN_TABLES)


_FOREIGN_MIGRATION = ("django_attribution", "0001_initial", T0)


@pytest.mark.django_db
def test_nothing_in_the_database_is_named_as_in_the_other_package() -> None:
    with connection.cursor() as cursor:
        names = {name for table in OWN_TABLES for name in connection.introspection.get_constraints(cursor, table)}
    assert not {name for name in names if name.startswith("django_attribution")}
    assert not set(FOREIGN_TABLES) & set(connection.introspection.table_names())


FIRST = "0001_attribution_tables"  # creates the tables, so nothing can wait for it
INDEX = models.Index(fields=["event"], name="attribution_conversion_event")
CHECK = models.CheckConstraint(condition=models.Q(event__gt=""), name="attribution_conversion_has_event")


def adding(field: Any) -> migrations.AddField:
    """Return the operation that adds a column to a table with rows."""
    return migrations.AddField("conversion", "new", field)


def of(*operations: Any, atomic: bool = True) -> migrations.Migration:
    """Return a migration that does these."""
    migration = migrations.Migration("0002_next", "django_attribution")
    migration.operations, migration.atomic = list(operations), atomic
    return migration


def test_no_migration_after_the_first_blocks_writes_or_rewrites_rows(
    record_property: Callable[[str, object], None],
) -> None:
    found = MigrationLoader(None).disk_migrations
    names = {name for app, name in found if app == "django_attribution"}
    assert FIRST in names
    reasons = {name: blocking(found["django_attribution", name]) for name in names - {FIRST}}
    blocked = {name: why for name, why in reasons.items() if why}
    record_property("figure: migrations after the first, judged by whether they block writes", len(reasons))
    record_property("figure: of these, migrations that block writes", len(blocked))
    assert blocked == {}


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddIndex("conversion", INDEX),
        migrations.AddConstraint("conversion", CHECK),
        migrations.AlterField("conversion", "event", models.TextField()),
        migrations.RemoveField("conversion", "event"),
        migrations.RenameField("conversion", "event", "name"),
        migrations.RunPython(migrations.RunPython.noop),
        migrations.RunSQL("UPDATE attribution_conversion SET event = 'x'"),
        migrations.SeparateDatabaseAndState([migrations.AddIndex("conversion", INDEX)]),
        adding(models.IntegerField()),
        adding(models.IntegerField(default=0)),
        adding(models.UUIDField(default=uuid4, null=True)),
        adding(models.DateTimeField(db_default=Now())),
        adding(models.IntegerField(null=True, db_index=True)),
        adding(models.ForeignKey("django_attribution.Identity", models.CASCADE, null=True)),
        AddIndexConcurrently("conversion", INDEX),  # inside a transaction
        migrations.SeparateDatabaseAndState([AddIndexConcurrently("conversion", INDEX)]),
    ],
    ids=lambda operation: operation.describe(),
)
def test_a_migration_that_would_is_refused(operation: Any, record_property: Callable[[str, object], None]) -> None:
    assert len(blocking(of(operation))) == 1
    record_property("figure: made-up migrations that would block writes, refused", 1)


@pytest.mark.parametrize(
    "migration",
    [
        of(adding(models.IntegerField(null=True))),
        of(adding(models.IntegerField(db_default=0))),
        of(AddIndexConcurrently("conversion", INDEX), atomic=False),
        of(migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))]),
           migrations.AddIndex("new", models.Index(fields=["id"], name="new_id"))),
    ],
)  # fmt: skip
def test_one_that_takes_an_instant_or_lets_others_write_is_not(migration: migrations.Migration) -> None:
    assert blocking(migration) == []
