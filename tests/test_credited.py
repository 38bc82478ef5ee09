"""An attributed queryset stays a queryset: whatever Django can do with one, it can do with this one."""

import pickle
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Count, F, Max, Prefetch, Q, QuerySet, Sum
from pytest_django import DjangoAssertNumQueries

from django_attribution.attributed import CREDITED_DIMENSIONS
from django_attribution.attribution_models import first_touch, last_touch
from django_attribution.exceptions import AttributionError, InvalidArgument
from django_attribution.models import Conversion, Identity, Touchpoint

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def conversions(db: None) -> list[Conversion]:
    """Twelve conversions of four visitors: of google, then email; of google alone; of bing; of nothing."""
    visitors = [Identity.objects.create() for _ in range(4)]
    for visitor, sources in zip(visitors, (["Google", "email"], ["google"], ["bing"], []), strict=True):
        for number, source in enumerate(sources):
            Touchpoint.objects.create(
                identity=visitor,
                created_at=T0 - (10 - number) * DAY,
                utm_source=source,
                utm_medium="CPC",
                utm_campaign=f"{source}-spring",
                click_ids={"gclid": "Cj0"} if source == "Google" else {},
                url=f"https://shop.test/?utm_source={source}",
                referrer="https://blog.test/post",
            )
    return [
        Conversion.objects.create(
            identity=visitors[number % 4],
            event="purchase" if number % 2 else "signup",
            value=Decimal(number),
            currency="EUR",
            created_at=T0 + number * timedelta(hours=1),
        )
        for number in range(12)
    ]


def attributed() -> QuerySet[Any]:
    """Ask for what brought visitors back."""
    return Conversion.objects.with_attribution(last_touch)


def sources(rows: Any) -> list[str | None]:
    """Read who earned each row, without any query for it."""
    return [row.attribution_data.get("source") for row in rows]


OF_FOUR = ["email", "google", "bing", None]


def test_attribution_data_says_everything_about_the_touch(conversions: list[Conversion]) -> None:
    touch = Touchpoint.objects.get(utm_source="Google")
    row = Conversion.objects.with_attribution(first_touch, window_days=14, source_windows={" Google ": 21}).get(
        pk=conversions[0].pk
    )
    assert row.attribution_data == {
        "utm_source": "Google",
        "utm_medium": "CPC",
        "utm_campaign": "Google-spring",
        "utm_term": "",
        "utm_content": "",
        "utm_id": "",
        "source": "google",
        "medium": "cpc",
        "channel": "Paid Search",
        "click_ids": {"gclid": "Cj0"},
        "referrer": "https://blog.test/post",
        "landing_url": "https://shop.test/?utm_source=Google",
        "touchpoint_uuid": touch.uuid,
        "touched_at": T0 - 10 * DAY,
    }
    assert row.attribution_metadata == {
        "model": "first_touch",
        "window_days": 14,
        "source_windows": {"google": 21},
        "exclude_direct": False,
    }


def test_an_unattributed_conversion_has_no_data_but_knows_the_question(conversions: list[Conversion]) -> None:
    row = attributed().get(pk=conversions[3].pk)
    assert row.attribution_data == {}
    assert row.credited_touchpoint is None
    assert row.attribution_metadata == {
        "model": "last_touch",
        "window_days": 30,
        "source_windows": {},
        "exclude_direct": False,
    }


def test_what_is_read_from_a_row_can_be_changed_without_changing_the_question(conversions: list[Conversion]) -> None:
    rows = list(Conversion.objects.with_attribution(last_touch, source_windows={"google": 7}))
    rows[0].attribution_metadata["source_windows"]["google"] = 99
    assert rows[0].attribution_metadata["source_windows"] == {"google": 7}
    assert rows[1].attribution_metadata["source_windows"] == {"google": 7}


PAGES: dict[str, tuple[Callable[[], Any], list[str | None]]] = {
    "all": (lambda: attributed().order_by("pk"), OF_FOUR * 3),
    "filter": (lambda: attributed().filter(value__lt=2).order_by("pk"), OF_FOUR[:2]),
    "filter before": (
        lambda: Conversion.objects.valid().filter(value__lt=2).with_attribution(last_touch).order_by("pk"),
        OF_FOUR[:2],
    ),
    "exclude": (lambda: attributed().exclude(value__gte=2).order_by("pk"), OF_FOUR[:2]),
    "order_by": (lambda: attributed().order_by("-value")[:4], OF_FOUR[::-1]),
    "reverse": (lambda: attributed().order_by("value").reverse()[:4], OF_FOUR[::-1]),
    "slice": (lambda: attributed().order_by("pk")[1:3], OF_FOUR[1:3]),
    "step": (lambda: attributed().order_by("pk")[0:4:2], OF_FOUR[0:4:2]),
    "distinct": (lambda: attributed().distinct().order_by("pk"), OF_FOUR * 3),
    "none": (lambda: attributed().none(), []),
    "only": (lambda: attributed().only("event").order_by("pk"), OF_FOUR * 3),
    "defer": (lambda: attributed().defer("custom_data", "event").order_by("pk"), OF_FOUR * 3),
    "union of keys": (
        lambda: (
            attributed()
            .filter(pk__in=attributed().filter(value=0).values("pk").union(attributed().filter(value=3).values("pk")))
            .order_by("pk")
        ),
        ["email", None],
    ),
    "or": (lambda: (attributed().filter(value=0) | attributed().filter(value=1)).order_by("pk"), OF_FOUR[:2]),
    "by the credited id": (
        lambda: attributed().filter(credited_touchpoint_id__isnull=True).order_by("pk"),
        [None] * 3,
    ),
    "paginator": (lambda: Paginator(attributed().order_by("pk"), 4).page(2).object_list, OF_FOUR),
    "of one visitor": (lambda: Identity.objects.earliest("pk").conversions.with_attribution(), ["email"] * 3),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_queryset_method_keeps_the_attribution(name: str, conversions: list[Conversion]) -> None:
    ask, expected = PAGES[name]
    assert sources(ask()) == expected


@pytest.mark.parametrize("size", [1, 4, 12])
def test_a_page_costs_two_queries_whatever_its_size(
    size: int, conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        rows = list(attributed().order_by("pk")[:size])
        assert sources(rows) == (OF_FOUR * 3)[:size]
        assert {row.attribution_metadata["model"] for row in rows} == {"last_touch"}


def test_a_page_of_nothing_attributed_costs_one_query(
    conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert sources(attributed().filter(value=3)) == [None]


def test_identities_and_other_prefetches_come_along(
    conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):  # conversions with identities, touches that earned, touches of each
        rows = list(attributed().select_related("identity").prefetch_related("identity__touchpoints").order_by("pk"))
        assert sources(rows) == OF_FOUR * 3
        assert [len(row.identity.touchpoints.all()) for row in rows[:4]] == [2, 1, 1, 0]


def test_conversions_that_are_prefetched_themselves_are_attributed(
    conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    visitors = Identity.objects.order_by("pk").prefetch_related(
        Prefetch("conversions", queryset=attributed().order_by("pk"))
    )
    with django_assert_num_queries(3):
        assert [sources(visitor.conversions.all()) for visitor in visitors] == [[source] * 3 for source in OF_FOUR]


def test_single_rows_are_attributed(conversions: list[Conversion]) -> None:
    first, last, one = (
        attributed().order_by("pk").first(),
        attributed().order_by("pk").last(),
        attributed().get(value=1),
    )
    assert sources([first, last, one]) == ["email", None, "google"]
    assert sources([attributed().order_by("pk")[2], attributed().latest("value"), attributed().earliest("value")]) == [
        "bing", None, "email",
    ]  # fmt: skip


def test_rows_in_bulk_are_attributed(conversions: list[Conversion]) -> None:
    keys = [conversions[1].pk, conversions[2].pk]
    assert {pk: row.attribution_data["source"] for pk, row in attributed().in_bulk(keys).items()} == dict(
        zip(keys, ["google", "bing"], strict=True)
    )


@pytest.mark.parametrize("chunk_size", [1, 5, 100])
def test_an_iterator_is_attributed_in_one_more_query_for_each_chunk(
    chunk_size: int, conversions: list[Conversion]
) -> None:
    assert sources(attributed().order_by("pk").iterator(chunk_size=chunk_size)) == OF_FOUR * 3


def test_async_iteration_is_attributed(conversions: list[Conversion]) -> None:
    async def ask() -> list[list[str | None]]:
        rows = attributed().order_by("pk")
        return [
            sources([row async for row in rows]),
            sources([row async for row in rows.all().aiterator(chunk_size=5)]),
            sources([await rows.afirst(), await rows.aget(value=1)]),
        ]

    assert async_to_sync(ask)() == [OF_FOUR * 3, OF_FOUR * 3, ["email", "google"]]


def test_counting_needs_no_attribution(conversions: list[Conversion]) -> None:
    assert attributed().count() == 12
    assert attributed().exists()
    assert attributed().contains(conversions[0])
    assert attributed().aggregate(Sum("value"), Max("value")) == {"value__sum": 66, "value__max": 11}
    assert attributed().filter(credited_touchpoint_id=None).count() == 3
    assert Paginator(attributed().order_by("pk"), 5).num_pages == 3


def test_values_name_the_credited_touch(conversions: list[Conversion]) -> None:
    google = Touchpoint.objects.get(utm_source="google")
    rows = attributed().filter(value=1)
    assert list(rows.values("event", "credited_touchpoint_id")) == [
        {"event": "purchase", "credited_touchpoint_id": google.pk}
    ]
    assert list(rows.values_list("credited_touchpoint_id", flat=True)) == [google.pk]


def test_rows_survive_pickling(
    conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    pickled = pickle.dumps(list(attributed().order_by("pk")))
    with django_assert_num_queries(0):
        rows = pickle.loads(pickled)  # noqa: S301 - pickled one line above
        assert sources(rows) == OF_FOUR * 3
        assert rows[0].attribution_metadata["model"] == "last_touch"


def test_a_pickled_queryset_holds_its_rows(
    conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    pickled = pickle.dumps(attributed().order_by("pk"))
    with django_assert_num_queries(0):
        assert sources(pickle.loads(pickled)) == OF_FOUR * 3  # noqa: S301 - pickled one line above


def test_a_pickled_queryset_can_be_asked_again(conversions: list[Conversion]) -> None:
    copied = pickle.loads(pickle.dumps(attributed().order_by("pk")))  # noqa: S301 - our own pickle
    assert sources(copied.filter(value__lt=4)) == OF_FOUR


def test_refreshing_or_saving_a_row_keeps_what_was_asked(conversions: list[Conversion]) -> None:
    row = attributed().get(value=1)
    row.custom_data = {"note": "seen"}
    row.save()
    row.refresh_from_db(fields=["custom_data"])
    assert (row.custom_data, row.attribution_data["source"]) == ({"note": "seen"}, "google")


def test_an_attributed_queryset_can_be_updated_and_deleted(conversions: list[Conversion]) -> None:
    assert attributed().filter(credited_touchpoint_id=None).update(is_active=False) == 3
    assert Conversion.objects.valid().count() == 9
    assert attributed().filter(is_active=False).delete()[0] == 3


@pytest.mark.parametrize("column", CREDITED_DIMENSIONS)
def test_a_credited_column_is_that_of_the_credited_touch(column: str, conversions: list[Conversion]) -> None:
    for row in attributed().with_credited(column):
        touch = row.credited_touchpoint
        assert getattr(row, f"credited_{column}") == (None if touch is None else getattr(touch, column))


@pytest.mark.parametrize("model", [first_touch, last_touch], ids=lambda model: model.name)
def test_grouping_in_sql_equals_grouping_in_python(model: Any, conversions: list[Conversion]) -> None:
    asked = Conversion.objects.valid().with_attribution(model, window_days=9, source_windows={"google": 30})
    expected: dict[tuple[str | None, str | None], list[Decimal]] = defaultdict(list)
    for row in asked:
        expected[row.attribution_data.get("source"), row.attribution_data.get("utm_campaign")].append(row.value)
    grouped = (
        asked.with_credited("source", "utm_campaign")
        .values("credited_source", "credited_utm_campaign")
        .annotate(conversions=Count("pk"), revenue=Sum("value"))
        .order_by()
    )
    assert {
        (row["credited_source"], row["credited_utm_campaign"]): (row["conversions"], row["revenue"]) for row in grouped
    } == {key: (len(values), sum(values)) for key, values in expected.items()}


def test_a_credited_column_filters_and_orders(conversions: list[Conversion]) -> None:
    asked = attributed().with_credited("source", "created_at")
    assert sources(asked.filter(credited_source="google")) == ["google"] * 3
    assert sources(asked.filter(credited_source__in=["bing", "email"], value__lt=4).order_by("pk")) == ["email", "bing"]
    # As with any annotation, exclude() drops rows where the column is NULL; unattributed ones have to be named.
    not_google = ~Q(credited_source="google")
    assert sources(asked.filter(not_google, value__lt=4).order_by("pk")) == ["email", "bing"]
    not_google |= Q(credited_source=None)
    assert sources(asked.filter(not_google, value__lt=4).order_by("pk")) == ["email", "bing", None]
    assert sources(asked.filter(credited_source=None)) == [None] * 3
    assert sources(asked.filter(Q(credited_created_at__lt=T0 - 9 * DAY) & Q(value__lt=4)).order_by("pk")) == [
        "google", "bing",
    ]  # fmt: skip
    by_source = sources(asked.order_by(F("credited_source").asc(nulls_last=True), "pk"))
    assert by_source == ["bing"] * 3 + ["email"] * 3 + ["google"] * 3 + [None] * 3
    assert asked.aggregate(latest=Max("credited_created_at")) == {"latest": T0 - 9 * DAY}


def test_credited_columns_can_be_added_in_several_steps(conversions: list[Conversion]) -> None:
    asked = attributed().with_credited("source").filter(value=1).with_credited("medium")
    assert list(asked.values_list("credited_source", "credited_medium")) == [("google", "cpc")]


def test_credited_columns_need_an_attribution() -> None:
    with pytest.raises(InvalidArgument, match="with_attribution"):
        Conversion.objects.with_credited("source")


@pytest.mark.parametrize("column", ["pk", "identity__linked_user__password", "click_ids", "credited_source", ""])
def test_an_unknown_credited_column_is_refused_by_a_message_that_names_the_known(column: str) -> None:
    with pytest.raises(InvalidArgument, match="Known: source, medium, channel, utm_source"):
        attributed().with_credited(column)


def test_a_touch_cannot_be_read_by_prefetching_its_name(conversions: list[Conversion]) -> None:
    with pytest.raises(AttributionError, match="with_attribution"):
        list(Conversion.objects.prefetch_related("credited_touchpoint"))


@contextmanager
def few_parameters() -> Iterator[None]:
    """Let a statement have no more parameters than SQLite's had for years; PostgreSQL is sent none by psycopg."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    usual = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
    try:
        yield
    finally:
        connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, usual)


@pytest.mark.django_db
def test_more_credited_touches_than_a_statement_has_parameters_are_all_fetched() -> None:
    identity = Identity.objects.create()
    moments = [T0 + number * timedelta(seconds=1) for number in range(2_001)]
    Touchpoint.objects.bulk_create(Touchpoint(identity=identity, created_at=at) for at in moments)
    Conversion.objects.bulk_create(Conversion(identity=identity, event="signup", created_at=at) for at in moments)
    with few_parameters():
        rows = list(attributed().only("created_at").order_by("created_at"))
    assert len({row.credited_touchpoint.pk for row in rows}) == 2_001
    assert all(row.credited_touchpoint.created_at == row.created_at for row in rows)
    assert all(earlier.created_at < later.created_at for earlier, later in pairwise(rows))


def test_a_touch_that_is_deleted_meanwhile_leaves_the_conversion_unattributed(conversions: list[Conversion]) -> None:
    rows = attributed().filter(value=1)
    Touchpoint.objects.filter(utm_source="google").delete()
    assert sources(rows) == [None]
    assert uuid.UUID(str(rows[0].uuid)) == conversions[1].uuid


def test_a_window_of_no_days_leaves_every_row_unattributed_in_sql_too(db: None) -> None:
    Conversion.objects.record(event="signup")
    conversions = Conversion.objects.with_attribution(last_touch, window_days=0).with_credited("source")
    assert conversions.filter(credited_source=None).count() == 1
    assert conversions.filter(credited_touchpoint_id=None).count() == 1
    assert [row.attribution_data for row in conversions] == [{}]
