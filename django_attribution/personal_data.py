"""Everything that is held about a person as JSON, for the person: every column but primary keys, row after row.

Reads only. Who may have it is the site's to decide.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import connections, models, transaction
from django.utils import timezone

from django_attribution import money
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.primary import primary
from django_attribution.privacy import identities_of, rows_of_person

ROWS_AT_A_TIME = 1000
IN_MEMORY = 1_000_000  # bytes of a document


def export_user(user: Any) -> Iterator[str]:
    """Yield what is held about a user, as ``export`` does; empty lists where nothing is."""
    return export(*identities_of(user))


def export(*identities: Identity) -> Iterator[str]:
    """Yield a JSON document of everything that is held about the person that identities stand for, line by line.

    Lists of ``identities``, ``touchpoints`` and ``conversions`` in order of time, a row to a line, keys in the order of
    the columns; instants in UTC, amounts as decimal strings, references as uuids. All is as of one moment, the first
    line's. Memory does not grow with the rows.
    """
    # What is much is put aside in a file without a name: no transaction waits for whoever takes the lines.
    with SpooledTemporaryFile(max_size=IN_MEMORY, mode="w+", encoding="utf-8") as file:
        with _one_moment(primary()):
            for piece in _pieces(identities):
                file.write(piece)
        file.seek(0)
        yield from file


@contextmanager
def _one_moment(using: str) -> Iterator[None]:
    """Have everything read as it is now; in the host's transaction as that has it."""
    connection = connections[using]
    is_ours = not connection.in_atomic_block
    with transaction.atomic(using=using):
        if is_ours and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _pieces(identities: Iterable[Identity]) -> Iterator[str]:
    # Looked up again: somebody may have been merged since.
    known = Identity.objects.using(primary()).filter(uuid__in=[identity.uuid for identity in identities])
    theirs = rows_of_person(*known)
    uuids: dict[int | None, str | None] = {None: None, **{row.pk: str(row.uuid) for row in theirs}}
    using, pks = theirs.db, [row.pk for row in theirs]
    tables: dict[str, models.QuerySet[Any]] = {
        "identities": theirs,
        "touchpoints": Touchpoint.objects.using(using).filter(identity__in=pks),
        "conversions": Conversion.objects.using(using).filter(identity__in=pks),
    }
    yield f'{{\n"exported_at": "{_instant(timezone.now())}"'
    for name, rows in tables.items():
        yield f',\n"{name}": ['
        separator = "\n"
        for row in rows.order_by("created_at", "pk").iterator(chunk_size=ROWS_AT_A_TIME):
            yield separator + json.dumps(_columns(row, uuids=uuids), ensure_ascii=False)
            separator = ",\n"
        yield "]"
    yield "\n}\n"


def _columns(row: models.Model, *, uuids: dict[int | None, str | None]) -> dict[str, Any]:
    columns = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.primary_key:
            continue  # a number of the database, not of the person
        if field.related_model is Identity:
            value = uuids[value]
        elif field.related_model is ContentType:
            value = None if value is None else ".".join(ContentType.objects.get_for_id(value).natural_key())
        elif isinstance(value, Decimal):
            value = str(money.quantize(value, currency=row.currency))  # type: ignore[attr-defined]  # it stands beside amounts
        columns[field.name] = _plain(value)
    return columns


def _plain(value: Any) -> Any:
    for kind, write in _WRITTEN.items():
        if isinstance(value, kind):
            return write(value)
    return value


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _sorted(data: dict[str, Any]) -> Any:
    return json.loads(json.dumps(data, sort_keys=True))  # PostgreSQL keeps no order of its own


_WRITTEN: dict[type, Callable[[Any], Any]] = {datetime: _instant, UUID: str, dict: _sorted}
