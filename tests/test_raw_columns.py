"""What is read without Django's converters is what Django reads."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from hypothesis import given
from hypothesis import strategies as st

from django_attribution.models import Conversion
from django_attribution.raw_columns import raw_amount, raw_instant, said_in_utc
from tests.report_oracle import undone
from tests.strategies import QUICK_WITH_DATABASE

pytestmark = pytest.mark.django_db

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite stores texts.")

INSTANTS = (
    datetime(2026, 3, 29, 1, 30, 15, tzinfo=UTC),
    *(
        datetime(2026, 3, 29, 1, 30, 15, fraction, tzinfo=UTC)
        for fraction in (1, 10, 999_999, 500_000, 120_000, 123_400)
    ),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(1900, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    datetime.min.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    datetime(2026, 1, 1, 2, 0, tzinfo=timezone(timedelta(hours=5, minutes=45))),
    datetime(2026, 12, 31, 23, 0, 0, 7, tzinfo=timezone(-timedelta(hours=9))),
)
AMOUNTS = ("0", "0.0001", "0.1", "19.99", "100", "12345678901.2345", "99999999999.9999", "99999999999999.9", "9" * 15)


def conversion(**facts: Any) -> Conversion:
    """Store a conversion."""
    moment = facts.setdefault("created_at", INSTANTS[0])
    return Conversion.objects.create(event="order", confirmed_at=moment, **facts)


def stored() -> QuerySet[Conversion]:
    """Return what is stored, in order of storing."""
    return Conversion.objects.order_by("id")


def instants() -> list[datetime]:
    """Read the instants of what is stored."""
    column = raw_instant("created_at", using="default")
    return column.read(stored().values_list(column.expression, flat=True))


def amounts() -> list[int]:
    """Read the amounts of what is stored."""
    column = raw_amount("value", using="default")
    return column.read(stored().values_list(column.expression, flat=True))


def store_text(column: str, text: object) -> None:
    """Put into a column what Django would not."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE attribution_conversion SET {column} = %s", [text])  # noqa: S608 - the tests' own names


@pytest.mark.parametrize("instant", INSTANTS, ids=str)
def test_an_instant_is_read_to_the_microsecond(instant: datetime) -> None:
    conversion(created_at=instant)
    [found] = instants()
    assert found.tzinfo is None
    assert found == instant.astimezone(UTC).replace(tzinfo=None)
    assert said_in_utc(found) == stored().get().created_at == instant


@QUICK_WITH_DATABASE
@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1, max_size=5))
def test_instants_are_read_as_django_reads_them_whatever_they_are(given_: list[datetime]) -> None:
    with undone():
        for instant in given_:
            conversion(created_at=instant)
        assert [said_in_utc(found) for found in instants()] == given_


@on_sqlite
@pytest.mark.parametrize("digits", range(7))
def test_a_text_may_have_any_digits_of_a_fraction(digits: int) -> None:
    conversion()
    store_text("created_at", "1969-12-31 23:59:59.987654"[: 19 + digits + bool(digits)])
    [found] = instants()
    assert said_in_utc(found) == stored().get().created_at
    assert found.microsecond == int("987654"[:digits].ljust(6, "0"))


@on_sqlite
@pytest.mark.parametrize("text", ["2026-03-29 03:30:15.5+02:00", "2026-03-29 01:30:15.500Z", "2026-03-29T01:30:15.500"])
def test_a_text_that_others_wrote_may_name_its_zone(text: str) -> None:
    conversion()
    store_text("created_at", text)
    assert instants() == [datetime(2026, 3, 29, 1, 30, 15, 500_000)]  # noqa: DTZ001
    assert [said_in_utc(found) for found in instants()] == [stored().get().created_at]


@on_sqlite
def test_texts_of_another_zone_are_left_to_django(monkeypatch: pytest.MonkeyPatch) -> None:
    conversion()
    monkeypatch.setattr(connection, "timezone", timezone(timedelta(hours=2)))
    [found] = instants()
    assert said_in_utc(found) == stored().get().created_at == INSTANTS[0] - timedelta(hours=2)


@pytest.mark.parametrize("vendor", ["mysql", "oracle"])
def test_what_another_database_gives_is_made_one_of_utc(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    conversion(value=Decimal("19.99"), currency="EUR")
    monkeypatch.setattr(connection, "vendor", vendor)
    at, value = raw_instant("created_at", using="default"), raw_amount("value", using="default")
    monkeypatch.undo()
    [(stored_at, stored_value)] = stored().values_list(at.expression, value.expression)
    assert (at.read([stored_at]), value.read([stored_value])) == ([INSTANTS[0].replace(tzinfo=None)], [199_900])


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_is_read_to_the_last_digit(amount: str) -> None:
    conversion(value=Decimal(amount), currency="EUR")
    assert amounts() == [Decimal(amount) * 10_000]


def test_no_amount_counts_nothing() -> None:
    conversion()
    assert amounts() == [0]


@QUICK_WITH_DATABASE
@given(st.lists(st.decimals(0, 10**11, places=4), min_size=1, max_size=5))
def test_amounts_are_read_as_django_reads_them_whatever_they_are(given_: list[Decimal]) -> None:
    with undone():
        for amount in given_:
            conversion(value=amount, currency="EUR")
        read = [value for value in stored().values_list("value", flat=True) if value is not None]
        assert amounts() == [value * 10_000 for value in read]
