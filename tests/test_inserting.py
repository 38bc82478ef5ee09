"""A row that is inserted is the row that saving would have stored, and whoever listens to saving hears of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, models, transaction
from django.db.models.signals import post_save, pre_save
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_attribution.inserting import insert
from django_attribution.models import Identity, Touchpoint

pytestmark = pytest.mark.django_db


def visitor(user: User | None = None) -> Identity:
    now = timezone.now()
    return Identity(
        created_at=now, last_seen_at=now, linked_user=user, claimed_at=user and now, first_visit_user_agent="Ünï/1 '%s'"
    )


def touch(identity: Identity) -> Touchpoint:
    return Touchpoint(
        identity=identity,
        created_at=timezone.now(),
        url="https://shop.example/%s?utm_source=News",
        utm_source="News",
        utm_campaign="50 % off",
        click_ids={"gclid": "Aä'\"%"},
    )


def columns_of(row: models.Model) -> dict[str, Any]:
    """Return what the database holds, apart from what no two rows have in common."""
    stored = type(row)._default_manager.filter(pk=row.pk).values().get()
    return {name: value for name, value in stored.items() if name not in ("id", "uuid", "updated_at")}


def copy_of(row: models.Model) -> models.Model:
    fields = [field for field in row._meta.concrete_fields if field.attname not in ("id", "uuid")]
    return type(row)(**{field.attname: getattr(row, field.attname) for field in fields})


@contextmanager
def heard(signal: Any) -> Iterator[list[models.Model]]:
    found: list[models.Model] = []

    def hear(sender: object, instance: models.Model, **_: object) -> None:
        found.append(instance)

    signal.connect(hear, sender=Touchpoint)
    try:
        yield found
    finally:
        signal.disconnect(hear, sender=Touchpoint)


@pytest.mark.parametrize("kind", ["visitor", "user's", "touch"])
def test_an_inserted_row_is_the_one_that_saving_stores(kind: str) -> None:
    user = User.objects.create_user("jane") if kind == "user's" else None
    row: models.Model = visitor(user)
    if kind == "touch":
        insert(row, using="default")
        row = touch(row)  # type: ignore[arg-type]
    saved = copy_of(row)

    insert(row, using="default")
    inserted = columns_of(row)
    if user is not None:
        row.delete()  # one identity for each user
    saved.save()

    assert inserted == columns_of(saved)


def test_an_inserted_row_knows_its_key_and_is_no_longer_new() -> None:
    row = visitor()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        insert(row, using="default")

    assert len(queries) == 1
    assert Identity.objects.get(uuid=row.uuid) == row
    assert (row._state.adding, row._state.db) == (False, "default")
    row.first_visit_user_agent = "another"
    row.save()
    assert Identity.objects.count() == 1


@pytest.mark.parametrize("signal", [pre_save, post_save])
def test_who_listens_to_saving_hears_of_it(signal: Any) -> None:
    identity = visitor()
    insert(identity, using="default")
    row = touch(identity)

    with heard(signal) as found:
        insert(row, using="default")

    assert found == [row]
    assert Touchpoint.objects.get() == row


def test_what_the_database_refuses_is_raised_and_leaves_no_key() -> None:
    first, second = visitor(), visitor()
    insert(first, using="default")
    second.uuid = first.uuid

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(second, using="default")

    assert second.pk is None
    assert second._state.adding


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no other way to tell a key")
def test_a_database_that_gives_no_keys_back_is_saved_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)
    row = visitor()

    insert(row, using="default")

    assert Identity.objects.get() == row


def test_a_database_that_is_not_known_gets_no_statement_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "oracle")
    row = visitor()

    with CaptureQueriesContext(connection) as queries:
        row.save(force_insert=True)
        insert(visitor(), using="default")

    by_django, by_us = (query["sql"].partition("VALUES")[0] for query in queries)
    assert by_us == by_django
