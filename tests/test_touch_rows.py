"""A touch that is read from its row is the one that Django reads, to the type of each value."""

import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from django_attribution import touch_rows
from django_attribution.attribution_models import last_touch
from django_attribution.models import Conversion, Identity, Touchpoint
from tests.report_oracle import undone
from tests.strategies import QUICK_WITH_DATABASE
from tests.test_raw_columns import INSTANTS

pytestmark = pytest.mark.django_db

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite stores texts.")
CLICK_IDS: tuple[dict[str, str], ...] = ({}, {"gclid": "Cj0"}, {"gclid": 'ü"\\\u2028', "ttclid": "%s {} 1"})
ABROAD = timezone(timedelta(hours=2))


def touched(**facts: Any) -> Touchpoint:
    """Store a touch."""
    facts = {"utm_source": "Google", "utm_medium": "cpc", "url": "https://shop.test/?utm_term=%s", **facts}
    return Touchpoint.objects.create(identity=Identity.objects.create(), **facts)


def store_text(column: str, text: object) -> None:
    """Put into a column of all touches what Django would not."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE attribution_touchpoint SET {column} = %s", [text])  # noqa: S608 - the tests' own names


def state_of(touch: Touchpoint) -> list[tuple[str, Any, type]]:
    """Return all values of a touch with their types, and the zones of its instants."""
    values = [(field.attname, getattr(touch, field.attname)) for field in touch._meta.concrete_fields]
    return [(name, (value, getattr(value, "tzinfo", None)), type(value)) for name, value in values]


def shown_of(touch: Touchpoint) -> dict[str, Any]:
    """Say what ``attribution_data`` shows of a touch that Django read."""
    names = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
    return {
        **{name: getattr(touch, name) for name in (*names, "source", "medium", "channel", "click_ids", "referrer")},
        "landing_url": touch.url,
        "touchpoint_uuid": touch.uuid,
        "touched_at": touch.created_at,
    }


def assert_read_as_django_reads() -> None:
    """Every stored touch is the same both ways, and what is shown of it, in the same order."""
    stored = {touch.pk: touch for touch in Touchpoint.objects.all()}
    rows, reader = touch_rows.fetch_rows(stored, using="default")
    assert sorted(row[0] for row in rows) == sorted(stored)
    for row in rows:
        touch, expected = reader.touch(row, using="default"), stored[row[0]]
        assert state_of(touch) == state_of(expected)
        assert (touch._state.db, touch._state.adding, touch.get_deferred_fields()) == ("default", False, set())
        shown = reader.data(row)
        assert list(shown.items()) == list(shown_of(expected).items())
        assert shown["touched_at"].tzinfo == expected.created_at.tzinfo
        assert [*map(type, shown.values())] == [*map(type, shown_of(expected).values())]


@pytest.mark.parametrize("instant", INSTANTS, ids=str)
def test_a_touch_of_any_instant(instant: datetime) -> None:
    touched(created_at=instant)
    assert_read_as_django_reads()


@pytest.mark.parametrize("click_ids", CLICK_IDS, ids=str)
def test_a_touch_with_any_click_ids(click_ids: dict[str, str]) -> None:
    touched(click_ids=click_ids)
    assert_read_as_django_reads()


@QUICK_WITH_DATABASE
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "created_at": st.datetimes(timezones=st.just(UTC)),
                "uuid": st.uuids(),
                "click_ids": st.dictionaries(st.text(st.characters(codec="ascii"), max_size=4), st.integers()),
            }
        ),
        max_size=4,
        unique_by=lambda facts: facts["uuid"],
    )
)
def test_touches_whatever_they_hold(facts: list[dict[str, Any]]) -> None:
    facts = [{**each, "click_ids": {k: v for k, v in each["click_ids"].items() if "\0" not in k}} for each in facts]
    with undone():
        for each in facts:
            touched(**each)
        assert_read_as_django_reads()


@on_sqlite
@pytest.mark.parametrize("text", ["2026-03-29 03:30:15.5+02:00", "2026-03-29 01:30:15.500Z", "2026-03-29T01:30:15.500"])
def test_a_text_that_others_wrote_may_name_its_zone(text: str) -> None:
    touched()
    store_text("created_at", text)
    assert_read_as_django_reads()


@on_sqlite
@pytest.mark.parametrize("text", ["", "{", '{"gclid": 1}', "{ }", "[]", "null", "5", '"Cj0"'])
def test_click_ids_that_others_wrote_may_be_any_text(text: str) -> None:
    touched()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        store_text("click_ids", text)
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert_read_as_django_reads()


@pytest.mark.parametrize("zone", [ABROAD, ZoneInfo("Asia/Kathmandu"), None], ids=str)
def test_instants_of_another_zone_are_left_to_django(zone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    touched(created_at=INSTANTS[0])
    monkeypatch.setattr(connection, "timezone", zone)
    assert_read_as_django_reads()


@pytest.mark.parametrize("number", [0, 1, 3])
def test_another_database_is_asked_by_django(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        touched()
    monkeypatch.setattr(touch_rows, "_IDS_PER_QUERY", 2)
    ids = [*Touchpoint.objects.order_by("pk").values_list("pk", flat=True)][:number]
    expected = [shown_of(touch) for touch in Touchpoint.objects.filter(pk__in=ids).order_by("pk")]
    monkeypatch.setattr(connection, "vendor", "mysql")
    rows, reader = touch_rows.fetch_rows(ids, using="default")
    assert [reader.data(row) for row in sorted(rows)] == expected


def test_no_touches_need_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert touch_rows.fetch_rows((), using="default")[0] == []


@pytest.mark.parametrize("is_read_before", [False, True])
def test_a_row_survives_pickling_before_and_after_it_was_read(
    is_read_before: bool, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    touch = touched(click_ids=CLICK_IDS[2])
    Conversion.objects.create(identity=touch.identity, event="order")
    row = Conversion.objects.with_attribution(last_touch).get()
    with django_assert_num_queries(0):
        if is_read_before:
            assert row.credited_touchpoint == touch
        copied = pickle.loads(pickle.dumps(row))  # noqa: S301 - pickled here
        assert copied.attribution_data == row.attribution_data == shown_of(touch)
        assert state_of(copied.credited_touchpoint) == state_of(Touchpoint.from_db("default", *from_row(touch)))
        assert [credit.touchpoint for credit in copied.attribution_credits] == [touch]


def from_row(touch: Touchpoint) -> tuple[list[str], list[Any]]:
    """Return what ``from_db`` takes."""
    names = [field.attname for field in touch._meta.concrete_fields]
    return names, [getattr(touch, name) for name in names]


def test_a_touch_is_read_once_and_needs_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    touch = touched()
    Conversion.objects.create(identity=touch.identity, event="order")
    row = Conversion.objects.with_attribution(last_touch).get()
    with django_assert_num_queries(0):
        assert row.attribution_data == shown_of(touch)
        assert state_of(row.credited_touchpoint) == state_of(touch)
        assert row.credited_touchpoint is row.credited_touchpoint is row.attribution_credits[0].touchpoint


def test_what_is_changed_in_the_data_is_not_changed_in_the_touch() -> None:
    touch = touched(click_ids=CLICK_IDS[1])
    Conversion.objects.create(identity=touch.identity, event="order")
    row = Conversion.objects.with_attribution(last_touch).get()
    row.attribution_data["click_ids"].clear()
    assert row.attribution_data["click_ids"] == row.credited_touchpoint.click_ids == CLICK_IDS[1]


@pytest.mark.parametrize("lookup", ["credited_touchpoint", "credited_touchpoint__identity__linked_user"])
def test_more_can_be_prefetched_of_the_credited_touch(
    lookup: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    touches = [touched() for _ in range(3)]
    for touch in touches:
        Conversion.objects.create(identity=touch.identity, event="order")
    Conversion.objects.create(event="order")
    rows = Conversion.objects.with_attribution(last_touch).prefetch_related(lookup).order_by("pk")
    with django_assert_num_queries(2 + lookup.count("identity")):
        found = [row.credited_touchpoint and row.credited_touchpoint.identity_id for row in rows]
        if "identity" in lookup:
            assert [row.credited_touchpoint.identity.pk for row in rows if row.credited_touchpoint] == found[:3]
    assert found == [*(touch.identity_id for touch in touches), None]
