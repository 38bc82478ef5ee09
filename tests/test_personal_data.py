"""``export``, ``export_user`` and ``attribution_export``: a person is given everything, and nothing of anybody else."""

import json
import re
import stat
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from django_attribution import personal_data
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.personal_data import export, export_user
from tests.meetings import at_once, held_before
from tests.shop.models import Ticket

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
LAST_YEAR = "2025-12-31T23:30:00Z"


@pytest.fixture
def jane() -> User:
    return User.objects.create_user("jane")


@pytest.fixture
def ticket() -> Ticket:
    return Ticket.objects.create()


@pytest.fixture
def person(jane: User, ticket: Ticket) -> Identity:
    owned = Identity.objects.create(linked_user=jane, claimed_at=T0, created_at=T0, first_visit_user_agent="Firefox")
    merged = Identity.objects.create(merged_into=owned, claimed_at=T0, created_at=T0 + timedelta(days=1))
    Touchpoint.objects.create(identity=owned, utm_source="größe", click_ids={"gclid": "x"}, created_at=T0)
    Touchpoint.objects.create(identity=merged, utm_source="late", created_at=T0 + timedelta(microseconds=1))
    Conversion.objects.create(
        identity=owned, event="order", value=Decimal("9.90"), currency="EUR", source_object=ticket, created_at=T0,
        custom_data={"zebra": 1, "a": {"d": 1, "c": [2, None]}}, idempotency_key="key",
    )  # fmt: skip
    Conversion.objects.create(identity=owned, event="yen", value=700, currency="JPY")
    Conversion.objects.create(identity=owned, event="signup")
    return owned


@pytest.fixture(autouse=True)
def stranger() -> Identity:
    identity = Identity.objects.create(first_visit_user_agent="stranger")
    Touchpoint.objects.create(identity=identity, utm_source="stranger")
    Conversion.objects.create(identity=identity, event="stranger")
    Conversion.objects.create(event="stranger")  # of nobody
    return identity


def read(*identities: Identity) -> dict[str, Any]:
    document: dict[str, Any] = json.loads("".join(export(*identities)))
    return document


def run(**options: Any) -> str:
    output = StringIO()
    call_command("attribution_export", stdout=output, **options)
    return output.getvalue()


def test_every_column_is_given_but_primary_keys(person: Identity) -> None:
    document = read(person)
    assert list(document) == ["exported_at", "identities", "touchpoints", "conversions"]
    for name, model in (("identities", Identity), ("touchpoints", Touchpoint), ("conversions", Conversion)):
        columns = [field.name for field in model._meta.concrete_fields if not field.primary_key]
        assert [list(row) for row in document[name]] == [columns] * len(document[name])


def test_it_is_what_is_stored(person: Identity, jane: User, ticket: Ticket) -> None:
    document = read(person)
    owned, merged = document["identities"]
    assert (owned["uuid"], owned["linked_user"], owned["merged_into"]) == (str(person.uuid), jane.pk, None)
    assert (merged["merged_into"], merged["linked_user"]) == (owned["uuid"], None)
    assert (owned["created_at"], owned["first_visit_user_agent"]) == (LAST_YEAR, "Firefox")
    first, second = document["touchpoints"]
    assert (first["identity"], first["utm_source"], first["click_ids"]) == (owned["uuid"], "größe", {"gclid": "x"})
    assert (second["identity"], second["created_at"]) == (merged["uuid"], "2025-12-31T23:30:00.000001Z")
    order, yen, signup = document["conversions"]
    assert (order["value"], order["currency"], order["recorded_value"]) == ("9.90", "EUR", "9.90")
    assert (yen["value"], signup["value"], signup["currency"]) == ("700", None, "")
    assert (order["source_content_type"], order["source_object_id"]) == ("shop.ticket", str(ticket.pk))
    assert (order["is_confirmed"], order["idempotency_key"], order["identity"]) == (True, "key", owned["uuid"])


def test_keys_have_one_order_on_every_database(person: Identity) -> None:
    assert '"custom_data": {"a": {"c": [2, null], "d": 1}, "zebra": 1}' in "".join(export(person))


def test_it_has_nothing_of_anybody_else(person: Identity, stranger: Identity) -> None:
    text = "".join(export(person))
    assert "stranger" not in text
    assert str(stranger.uuid) not in text


def test_any_identity_of_the_person_will_do(person: Identity) -> None:
    merged = Identity.objects.get(merged_into=person)
    assert read(merged)["conversions"] == read(person)["conversions"] == read(person, merged)["conversions"] != []


def test_a_user_of_whom_nothing_is_held_gets_empty_lists() -> None:
    document = json.loads("".join(export_user(User.objects.create_user("new"))))
    assert (document["identities"], document["touchpoints"], document["conversions"]) == ([], [], [])


def test_a_row_stands_on_a_line(person: Identity) -> None:
    lines = "".join(export(person)).splitlines()
    assert len([line for line in lines if line.startswith('{"')]) == 7


def test_memory_does_not_grow_with_the_rows(person: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(personal_data, "ROWS_AT_A_TIME", 100)
    monkeypatch.setattr(personal_data, "IN_MEMORY", 10_000)
    read(person)  # what is imported and prepared once
    Touchpoint.objects.bulk_create(Touchpoint(identity=person, utm_source=f"source {n}") for n in range(2_000))
    tracemalloc.start()
    try:
        size = sum(map(len, export(person)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 500_000
    assert peak < size / 2


@pytest.mark.django_db(transaction=True)
def test_however_slowly_it_is_taken_no_transaction_waits_for_that(person: Identity) -> None:
    pieces = export(person)
    next(pieces)
    assert not connection.in_atomic_block
    with CaptureQueriesContext(connection) as captured:
        assert "stranger" not in "".join(pieces)
    assert len(captured) == 0


@pytest.mark.django_db(transaction=True)
def test_a_merge_meanwhile_takes_nothing_out_of_it(jane: User) -> None:
    owned = Identity.objects.create(linked_user=jane, claimed_at=T0)
    visitor = Identity.objects.create()
    Touchpoint.objects.create(identity=visitor, utm_source="visitor's")

    def merge() -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(
                    "PRAGMA busy_timeout = 0"
                )  # the export may hold SQLite's one lock, and waits for us here
        with suppress(OperationalError):
            Identity.objects.merge(visitor, into=owned)

    with held_before(re.compile('.*FROM "attribution_touchpoint"', re.DOTALL), lambda: at_once([merge])):
        document = read(visitor)
    assert [row["utm_source"] for row in document["touchpoints"]] == ["visitor's"]


def test_who_was_merged_since_they_were_looked_up_is_found_where_they_are_now(person: Identity) -> None:
    visitor = Identity.objects.create()
    Touchpoint.objects.create(identity=visitor, utm_source="visitor's")
    Identity.objects.merge(Identity.objects.get(pk=visitor.pk), into=person)
    assert "visitor's" in [row["utm_source"] for row in read(visitor)["touchpoints"]]
    assert read(visitor)["identities"] == read(person)["identities"]


def test_the_command_writes_what_the_function_gives(person: Identity) -> None:
    for options in ({"user": "jane"}, {"identity": person.uuid}):
        document, expected = json.loads(run(**options)), read(person)
        assert {**document, "exported_at": ""} == {**expected, "exported_at": ""}
        exported_at = datetime.fromisoformat(document["exported_at"])
        assert (exported_at.tzinfo, document["exported_at"][-1]) == (UTC, "Z")


def test_a_file_is_readable_by_its_owner_alone(person: Identity, tmp_path: Path) -> None:
    file = tmp_path / "jane.json"
    assert run(user="jane", output=str(file)) == ""
    assert json.loads(file.read_text(encoding="utf-8"))["touchpoints"][0]["utm_source"] == "größe"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_is_there_is_not_overwritten(person: Identity, tmp_path: Path) -> None:
    file = tmp_path / "john.json"
    file.write_text("John's")
    with pytest.raises(CommandError, match="File exists"):
        run(user="jane", output=str(file))
    with pytest.raises(CommandError, match="No such file"):
        run(user="jane", output=str(tmp_path / "nowhere" / "jane.json"))
    assert file.read_text() == "John's"


def test_an_export_that_breaks_leaves_no_half_of_a_file(person: Identity, tmp_path: Path) -> None:
    def refuse(execute: Any, sql: str, *arguments: Any) -> Any:
        if 'FROM "attribution_conversion"' in sql:
            raise DatabaseError("the database said no")
        return execute(sql, *arguments)

    with connection.execute_wrapper(refuse), pytest.raises(DatabaseError):
        run(user="jane", output=str(tmp_path / "jane.json"))
    assert list(tmp_path.iterdir()) == []


def test_who_does_not_exist_is_an_error() -> None:
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        run(user="nobody")
    with pytest.raises(CommandError, match="one of the arguments --user --identity is required"):
        call_command("attribution_export")
