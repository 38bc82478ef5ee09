"""Writes the rows of data.py into the tables of whichever package this worker has, by the fastest road there is.

A row carries the columns of both packages, and each takes those that it has.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, models, transaction

from django_attribution.models import Conversion, Identity, Touchpoint
from tests.benchmarks.data import START, Dataset, Order, Touch, seeded

BATCH = 10_000
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
URL = "https://shop.example/offers/"
REFERRER = "https://www.google.com/"


def load(size: str) -> dict[str, int]:
    """Fill an empty database and return how many rows it has of each kind."""
    call_command("migrate", verbosity=0)
    dataset = Dataset(size)
    with transaction.atomic():
        Table(Identity).load(_identities(dataset))
        Table(Touchpoint).load(map(touchpoint_row, dataset.touches(), uuids("touches")))
        Table(Conversion).load(map(_conversion_row, dataset.orders(), uuids("conversions")))
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [Identity, Touchpoint, Conversion]):
                cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return {model.__name__: model.objects.count() for model in (Identity, Touchpoint, Conversion)}


def _identities(dataset: Dataset) -> Iterator[dict[str, Any]]:
    for number, uuid in zip(range(dataset.visitor_count), uuids("identities"), strict=False):
        yield {
            "id": number + 1,
            "uuid": uuid,
            "created_at": START,
            "updated_at": START,
            "last_seen_at": START,
            "first_visit_user_agent": AGENT,
        }


def touchpoint_row(touch: Touch, uuid: UUID) -> dict[str, Any]:
    """Return the columns of a touch, of both packages."""
    return {
        "id": touch.number + 1,
        "uuid": uuid,
        "identity_id": touch.visitor + 1,
        "created_at": touch.at,
        "updated_at": touch.at,
        "url": URL,
        "referrer": REFERRER,
        "utm_source": touch.source,
        "utm_medium": touch.medium,
        "utm_campaign": touch.campaign,
        "utm_term": touch.term,
        "gclid": touch.gclid,
        "click_ids": {"gclid": touch.gclid} if touch.gclid else {},
        **_derived(touch.source, touch.medium, touch.campaign),
    }


@cache
def _derived(source: str, medium: str, campaign: str) -> dict[str, str]:
    """Return what this package derives from an arrival: the published one nothing."""
    if not hasattr(Touchpoint, "derive_channel"):
        return {}
    touch = Touchpoint(
        url=URL, referrer=REFERRER, utm_source=source, utm_medium=medium, utm_campaign=campaign,
        click_ids={} if source else {"gclid": "any"},
    )  # fmt: skip
    source, medium = touch.derive_source_and_medium()
    return {"source": source, "medium": medium, "channel": touch.derive_channel()}


def _conversion_row(order: Order, uuid: UUID) -> dict[str, Any]:
    return {
        "id": order.number + 1,
        "uuid": uuid,
        "identity_id": None if order.visitor is None else order.visitor + 1,
        "created_at": order.at,
        "updated_at": order.at,
        "event": "purchase",
        "value": order.value,
        "recorded_value": order.value,
        "conversion_value": order.value,
        "currency": order.currency,
        "is_confirmed": order.is_confirmed,
        "confirmed_at": order.at if order.is_confirmed else None,
        "is_active": order.is_active,
        "custom_data": {"items": order.number % 5},
    }


def uuids(seed: str) -> Iterator[UUID]:
    """Yield uuids without end."""
    rng = seeded(seed)
    while True:
        yield UUID(int=rng.getrandbits(128), version=4)


class Table:
    """A model's table, and how rows get into it."""

    def __init__(self, model: type[models.Model]) -> None:
        self._fields = model._meta.concrete_fields
        self._name = connection.ops.quote_name(model._meta.db_table)
        self._columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in self._fields)

    def prepared(self, rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
        """Yield what the database is given: what the row says, and where it says nothing the field's default."""
        defaults = {f.attname: f.get_db_prep_save(f.get_default(), connection) for f in self._fields}
        for row in rows:
            yield [
                f.get_db_prep_save(row[f.attname], connection) if f.attname in row else defaults[f.attname]
                for f in self._fields
            ]

    def insert(self, prepared: Sequence[Sequence[Any]]) -> None:
        """Insert rows one by one."""
        marks = ", ".join(["%s"] * len(self._fields))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {self._name} ({self._columns}) VALUES ({marks})", prepared)  # noqa: S608 - names of tables

    def load(self, rows: Iterable[dict[str, Any]]) -> None:
        """Insert very many rows."""
        prepared = self.prepared(rows)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor, cursor.copy(f"COPY {self._name} ({self._columns}) FROM STDIN") as copy:
                for row in prepared:
                    copy.write_row(row)
            return
        while batch := list(islice(prepared, BATCH)):
            self.insert(batch)
