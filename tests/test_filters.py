"""Conversions are selected by the same filter from an address, a form or a dict; nonsense is an error that names it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from django_attribution.filters import ConversionFilter
from django_attribution.models import Conversion, Identity
from tests.strategies import MICROSECOND, QUICK_WITH_DATABASE

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
IDS = [UUID(int=number) for number in range(6)]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _conversions(db: None) -> None:
    """Six conversions, numbered by their values: every status, two currencies, one without value, one of nobody."""
    visitor = Identity.objects.create()
    rows: list[dict[str, Any]] = [
        {"event": "signup", "value": None, "currency": ""},
        {"event": "purchase", "value": 1, "is_confirmed": False},
        {"event": "purchase", "value": 2, "currency": "USD"},
        {"event": "purchase", "value": 3, "is_active": False},
        {"event": "Purchase", "value": 4, "is_active": False, "is_confirmed": False},
        {"event": "refund, late", "value": 5, "identity": None},
    ]
    for number, row in enumerate(rows):
        Conversion.objects.create(
            uuid=IDS[number],
            created_at=T0 + timedelta(hours=number),
            **{"identity": visitor, "currency": "EUR", **row},
        )


def selected(data: Any) -> list[int]:
    """Return the numbers of the conversions that a filter keeps."""
    asked = ConversionFilter(data, queryset=Conversion.objects.order_by("created_at"))
    assert asked.is_valid(), asked.errors
    return [row.uuid.int for row in asked.qs]


def errors(data: Any) -> set[str]:
    """Return the names of the fields that cannot be used."""
    asked = ConversionFilter(data, queryset=Conversion.objects.all())
    assert not asked.is_valid()
    assert all(message for messages in asked.errors.values() for message in messages)
    return set(asked.errors)


ALL = [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("address", "data", "numbers"),
    [
        ("", {}, ALL),
        ("event=purchase", {"event": ["purchase"]}, [1, 2, 3]),
        ("event=purchase&event=signup", {"event": ["purchase", "signup"]}, [0, 1, 2, 3]),
        ("event=refund,%20late", {"event": ["refund, late"]}, [5]),
        ("event=nothing", {"event": ["nothing"]}, []),
        (f"id={IDS[1]}&id={IDS[3].hex}", {"id": [str(IDS[1]), IDS[3].hex]}, [1, 3]),
        (f"id={UUID(int=99)}", {"id": [str(UUID(int=99))]}, []),
        ("currency=USD", {"currency": ["USD"]}, [2]),
        ("currency=USD&currency=EUR", {"currency": ["USD", "EUR"]}, [1, 2, 3, 4, 5]),
        ("currency=usd", {"currency": ["usd"]}, [2]),
        ("value_min=2&value_max=4", {"value_min": 2, "value_max": Decimal(4)}, [2, 3, 4]),
        ("value_min=4.0001", {"value_min": "4.0001"}, [5]),
        ("value_max=1", {"value_max": 1}, [1]),
        ("status=pending", {"status": ["pending"]}, [1]),
        ("status=confirmed", {"status": ["confirmed"]}, [0, 2, 5]),
        ("status=voided", {"status": ["voided"]}, [3, 4]),
        ("status=pending&status=voided", {"status": ["pending", "voided"]}, [1, 3, 4]),
        ("status=pending&status=voided&status=confirmed", {"status": ["pending", "voided", "confirmed"]}, ALL),
        ("identified=true", {"identified": True}, [0, 1, 2, 3, 4]),
        ("identified=false", {"identified": False}, [5]),
        (
            "event=purchase&status=confirmed&status=voided&value_min=3",
            {"event": ["purchase"], "status": ["confirmed", "voided"], "value_min": 3},
            [3],
        ),
        ("page=2&utm_source=google", {"page": 2}, ALL),
    ],
)
def test_each_condition_selects_the_same_from_an_address_and_a_dict(
    address: str, data: dict[str, Any], numbers: list[int]
) -> None:
    assert selected(QueryDict(address)) == selected(data) == numbers


@pytest.mark.parametrize("name", ["event", "id", "currency", "status"])
def test_an_empty_list_keeps_all(name: str) -> None:
    assert selected({name: []}) == ALL


@pytest.mark.parametrize("name", ["value_min", "value_max", "occurred_after", "occurred_before", "identified"])
def test_an_empty_value_keeps_all(name: str) -> None:
    assert selected({name: None}) == selected(QueryDict(f"{name}=")) == ALL


@pytest.mark.parametrize(
    "spell", [lambda at: at, lambda at: at.isoformat(), lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")]
)
def test_a_range_of_time_includes_its_start_and_excludes_its_end(spell: Callable[[datetime], Any]) -> None:
    second, third = T0 + timedelta(hours=1), T0 + timedelta(hours=2)
    assert selected({"occurred_after": spell(second), "occurred_before": spell(third)}) == [1]
    assert selected({"occurred_after": spell(second + MICROSECOND), "occurred_before": spell(third)}) == []
    assert selected({"occurred_after": spell(second), "occurred_before": spell(third + MICROSECOND)}) == [1, 2]
    assert selected({"occurred_after": spell(third)}) == [2, 3, 4, 5]
    assert selected({"occurred_before": spell(third)}) == [0, 1]
    assert selected({"occurred_after": spell(third), "occurred_before": spell(third)}) == []


@pytest.mark.parametrize(
    ("address", "numbers"),
    [
        ("event=signup%0D%0Arefund,%20late", [0, 5]),
        ("event=signup%0Apurchase&event=refund,%20late", [0, 1, 2, 3, 5]),
        ("event=%0D%0A&id=&currency=%20,%20", ALL),
        (f"id={IDS[1]},%20{IDS[3]}%0A{IDS[5]}", [1, 3, 5]),
        ("currency=usd,EUR", [1, 2, 3, 4, 5]),
        ("identified=unknown", ALL),
    ],
)
def test_a_text_field_takes_several_values(address: str, numbers: list[int]) -> None:
    assert selected(QueryDict(address)) == numbers


@pytest.mark.parametrize(("zone", "numbers"), [("UTC", []), ("Pacific/Honolulu", []), ("Pacific/Kiritimati", ALL)])
def test_a_day_begins_in_the_current_time_zone(zone: str, numbers: list[int]) -> None:
    with timezone.override(zone):
        assert selected({"occurred_after": "2026-06-02"}) == numbers
        assert selected({"occurred_before": "2026-06-02"}) == [number for number in ALL if number not in numbers]


def test_adjacent_ranges_share_no_row_and_lose_none() -> None:
    edges = [T0 + timedelta(hours=number) for number in range(0, 8, 2)]
    parts = [selected({"occurred_after": start, "occurred_before": end}) for start, end in pairwise(edges)]
    assert [number for part in parts for number in part] == ALL


def test_a_time_may_be_said_in_any_zone() -> None:
    assert selected(QueryDict("occurred_after=2026-06-01T18:00:00%2B02:00")) == [4, 5]
    assert selected(QueryDict("occurred_after=2026-06-01T16:00:00Z")) == [4, 5]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"id": ["7"]}, "id"),
        ({"id": [str(IDS[0]), ""]}, "id"),
        ({"id": "not-a-list"}, "id"),
        ({"event": ["x" * 256]}, "event"),
        ({"event": ["a\x00b"]}, "event"),
        ({"event": ["\ud800"]}, "event"),
        ({"currency": ["QQQ"]}, "currency"),
        ({"currency": ["EUR", "\ud800"]}, "currency"),
        ({"status": ["refunded"]}, "status"),
        ({"status": ["CONFIRMED"]}, "status"),
        ({"status": "confirmed"}, "status"),
        ({"value_min": "much"}, "value"),
        ({"value_max": "NaN"}, "value"),
        ({"value_max": "Infinity"}, "value"),
        ({"value_min": "sNaN"}, "value"),
        ({"occurred_after": "yesterday"}, "occurred"),
        ({"occurred_before": "2026-13-01T00:00:00Z"}, "occurred"),
        ({"occurred_before": "2026-06-01T25:00:00Z"}, "occurred"),
    ],
)
def test_an_unusable_value_is_an_error_that_names_its_field(data: dict[str, Any], name: str) -> None:
    assert errors(data) == {name}


def test_every_unusable_value_is_told_at_once() -> None:
    assert errors({"id": ["7"], "status": ["x"], "value_min": "y"}) == {"id", "status", "value"}


# Numbers and times beyond what a column can hold: an error or an answer, never an exception.
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("value_min", "1e15"),
        ("value_max", "1e30"),
        ("value_min", "-1e30"),
        ("value_max", "0.00000000001"),
        ("value_max", "1e999999"),
        ("value_min", "1e-999999"),
        ("value_max", "9" * 200),
        ("occurred_after", "9999-12-31T23:59:59-23:59"),
        ("occurred_before", "0001-01-01T00:00:00+23:59"),
        ("occurred_after", "0001-01-01T00:00:00Z"),
        ("occurred_before", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_what_no_column_can_hold_is_answered_or_refused(name: str, value: str) -> None:
    asked = ConversionFilter({name: value}, queryset=Conversion.objects.all())
    if asked.is_valid():
        list(asked.qs)
    else:
        assert set(asked.errors) == {name.partition("_")[0]}


def test_a_state_may_be_named_often_and_counts_once() -> None:
    assert selected({"status": ["pending"] * 200}) == selected({"status": ["pending"]})
    assert set(errors({"status": ["pending"] * 201})) == {"status"}


def test_two_hundred_values_are_allowed_and_one_more_is_not() -> None:
    assert selected({"id": [str(uuid4()) for _ in range(200)]}) == []
    assert errors({"id": [str(uuid4()) for _ in range(201)]}) == {"id"}
    assert errors({"event": ["x"] * 201}) == {"event"}


def test_any_address_is_answered_or_refused() -> None:
    name = st.sampled_from(
        [
            "id",
            "event",
            "currency",
            "status",
            "identified",
            "value_min",
            "value_max",
            "occurred_after",
            "occurred_before",
        ]
    )

    @QUICK_WITH_DATABASE
    @given(st.dictionaries(name, st.lists(st.text(st.characters(), max_size=12), max_size=3)))
    def answered_or_refused(values: dict[str, list[str]]) -> None:
        data = QueryDict(mutable=True)
        for key, given_values in values.items():
            data.setlist(key, given_values)
        asked = ConversionFilter(data, queryset=Conversion.objects.all())
        if asked.is_valid():
            list(asked.qs)
        else:
            assert asked.errors

    answered_or_refused()


def test_a_filter_costs_one_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        selected({"id": [str(IDS[1])], "event": ["purchase"], "status": ["pending"], "identified": True})
