"""A queryset that was asked who shares the credit stays a queryset, at the price of one more query a page."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.paginator import Paginator
from django.db.models import Count, Max, Prefetch, QuerySet, Sum
from pytest_django import DjangoAssertNumQueries

from django_attribution.attribution_models import linear, position_based, time_decay
from django_attribution.exceptions import AttributionError
from django_attribution.models import Conversion, Identity, Touchpoint
from tests.own_models import ByAge

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SEVERAL_TOUCHES = (linear, time_decay(14), position_based(0.2, 0.6), ByAge())
THIRDS = [("google", "0.333333"), ("email", "0.333334"), ("google", "0.333333")]
HALVES = [("bing", "0.500000"), ("(direct)", "0.500000")]
OF_FOUR = [THIRDS, HALVES, [("bing", "1.000000")], []]


@pytest.fixture
def conversions(db: None) -> list[Conversion]:
    """Twelve conversions: of a visitor with three touches, with two, with one, and with none."""
    visitors = [Identity.objects.create() for _ in range(4)]
    for visitor, sources in zip(visitors, (["google", "email", "google"], ["bing", ""], ["bing"], []), strict=True):
        for number, source in enumerate(sources):
            Touchpoint.objects.create(identity=visitor, created_at=T0 - (10 - number) * DAY, utm_source=source)
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
    """Ask who shares the credit."""
    return Conversion.objects.with_attribution(linear)


def shares(rows: Any) -> list[list[tuple[str, str]]]:
    """Read who earned each row, without any query for it."""
    return [
        [(credit.touchpoint.source, str(credit.rounded_weight)) for credit in row.attribution_credits] for row in rows
    ]


PAGES: dict[str, tuple[Callable[[], Any], list[Any]]] = {
    "all": (lambda: attributed().order_by("pk"), OF_FOUR * 3),
    "filter": (lambda: attributed().filter(value__lt=2).order_by("pk"), OF_FOUR[:2]),
    "filter before": (
        lambda: Conversion.objects.valid().filter(value__lt=2).with_attribution(linear).order_by("pk"),
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
    "defer": (lambda: attributed().defer("value", "created_at", "identity").order_by("pk"), OF_FOUR * 3),
    "annotate": (lambda: attributed().annotate(twice=Sum("value") * 2).order_by("pk"), OF_FOUR * 3),
    "in a subquery": (
        lambda: attributed().filter(pk__in=attributed().filter(value__in=[0, 3])).order_by("pk"),
        [THIRDS, []],
    ),
    "union": (
        lambda: attributed().filter(value=0).union(attributed().filter(value=3)).order_by("value"),
        [THIRDS, []],
    ),
    "or": (lambda: (attributed().filter(value=0) | attributed().filter(value=1)).order_by("pk"), OF_FOUR[:2]),
    "of touches": (
        lambda: attributed().filter(identity__touchpoints__source="bing", value__lt=4).order_by("pk"),
        OF_FOUR[1:3],
    ),
    "paginator": (lambda: Paginator(attributed().order_by("pk"), 4).page(2).object_list, OF_FOUR),
    "of one visitor": (
        lambda: Identity.objects.earliest("pk").conversions.with_attribution("linear").order_by("pk"),
        [THIRDS] * 3,
    ),
    "of a named database": (lambda: attributed().using("default").order_by("pk"), OF_FOUR * 3),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_queryset_method_keeps_the_credits(name: str, conversions: list[Conversion]) -> None:
    ask, expected = PAGES[name]
    assert shares(ask()) == expected


def test_single_rows_have_their_credits(conversions: list[Conversion]) -> None:
    ordered = attributed().order_by("pk")
    assert shares([ordered.first(), ordered.last(), ordered.get(value=1), ordered[2]]) == [
        THIRDS,
        [],
        HALVES,
        OF_FOUR[2],
    ]
    assert shares([attributed().latest("value"), attributed().earliest("value")]) == [[], THIRDS]
    keys = [row.pk for row in conversions[:3]]
    found = attributed().in_bulk(keys)
    assert shares(found[key] for key in keys) == OF_FOUR[:3]


@pytest.mark.parametrize("chunk_size", [1, 5, 100])
def test_an_iterator_fetches_one_journey_query_for_each_chunk(
    chunk_size: int, conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1 + -(-12 // chunk_size)):
        assert shares(attributed().order_by("pk").iterator(chunk_size=chunk_size)) == OF_FOUR * 3


def test_async_iteration_has_the_credits(conversions: list[Conversion]) -> None:
    async def ask() -> list[Any]:
        rows = attributed().order_by("pk")
        return [
            shares([row async for row in rows]),
            shares([row async for row in rows.all().aiterator(chunk_size=5)]),
            shares([await rows.afirst(), await rows.aget(value=1)]),
        ]

    assert async_to_sync(ask)() == [OF_FOUR * 3, OF_FOUR * 3, [THIRDS, HALVES]]


def test_counting_needs_no_attribution(
    conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(8):
        assert attributed().count() == 12
        assert attributed()[:5].count() == 5
        assert attributed().distinct().count() == 12
        assert attributed().exists()
        assert attributed().contains(conversions[0])
        assert attributed().aggregate(Sum("value"), Max("value")) == {"value__sum": 66, "value__max": 11}
        assert attributed()[:2].aggregate(number=Count("pk")) == {"number": 2}
        assert Paginator(attributed().order_by("pk"), 5).num_pages == 3


def test_values_are_columns_and_nothing_else(conversions: list[Conversion]) -> None:
    rows = attributed().filter(value__lt=2).order_by("pk")
    assert list(rows.values("event", "value")) == [
        {"event": "signup", "value": Decimal(0)},
        {"event": "purchase", "value": Decimal(1)},
    ]
    assert set(rows.values()[0]) == {field.attname for field in Conversion._meta.concrete_fields}
    assert list(rows.values_list("value", flat=True)) == [0, 1]
    assert [row.event for row in rows.values_list("event", named=True)] == ["signup", "purchase"]
    grouped = attributed().values("event").annotate(number=Count("pk"), revenue=Sum("value")).order_by("event")
    assert list(grouped) == [
        {"event": "purchase", "number": 6, "revenue": 36},
        {"event": "signup", "number": 6, "revenue": 30},
    ]
    assert list(attributed().dates("created_at", "day")) == [T0.date()]


def test_an_asked_queryset_can_be_updated_and_deleted(conversions: list[Conversion]) -> None:
    assert attributed().filter(value__gte=9).update(is_active=False) == 3
    assert attributed().valid().count() == 9
    assert attributed().filter(is_active=False).delete()[0] == 3


@pytest.mark.parametrize("model", SEVERAL_TOUCHES, ids=lambda model: model.name)
def test_rows_and_their_credits_survive_pickling(
    model: Any, conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asked = Conversion.objects.with_attribution(model, window_days=9).order_by("pk")
    rows = list(asked)
    before = shares(rows)  # from here on the rows hold their credits, too
    unread, read = pickle.dumps(list(asked.all())), pickle.dumps(rows)
    with django_assert_num_queries(0):
        for pickled in (unread, read):
            copies = pickle.loads(pickled)  # noqa: S301 - pickled a few lines above
            assert shares(copies) == before
            assert copies[0].attribution_metadata["model"] == model.name
            assert copies[0].attribution_metadata["window_days"] == 9


def test_a_pickled_queryset_holds_its_rows_and_can_be_asked_again(
    conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    pickled = pickle.dumps(attributed().order_by("pk"))
    with django_assert_num_queries(0):
        copied = pickle.loads(pickled)  # noqa: S301 - pickled one line above
        assert shares(copied) == OF_FOUR * 3
    assert shares(copied.filter(value__lt=4)) == OF_FOUR


def test_saving_or_refreshing_a_row_keeps_its_journey(conversions: list[Conversion]) -> None:
    row = attributed().get(value=1)
    row.custom_data = {"note": "seen"}
    row.save()
    row.refresh_from_db(fields=["custom_data"])
    assert (row.custom_data, shares([row])) == ({"note": "seen"}, [HALVES])


def test_a_journey_cannot_be_fetched_by_its_name(conversions: list[Conversion]) -> None:
    with pytest.raises(AttributionError, match="with_attribution"):
        list(Conversion.objects.prefetch_related("credited_journey"))


@pytest.mark.parametrize("model", SEVERAL_TOUCHES, ids=lambda model: model.name)
@pytest.mark.parametrize("size", [1, 4, 12])
def test_a_page_costs_two_queries_whatever_its_size_and_model(
    model: Any, size: int, conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        rows = list(Conversion.objects.with_attribution(model, source_windows={"google": 14}).order_by("pk")[:size])
        assert [len(row.attribution_credits) for row in rows] == ([3, 2, 1, 0] * 3)[:size]
        assert {row.attribution_metadata["model"] for row in rows} == {model.name}


def test_a_page_of_nobody_costs_one_query(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    Conversion.objects.bulk_create(Conversion(event="signup", created_at=T0) for _ in range(3))
    with django_assert_num_queries(1):
        assert shares(attributed()) == [[], [], []]
    with django_assert_num_queries(1):
        assert shares(attributed().filter(event="purchase")) == []


def test_conversions_of_nobody_stand_among_the_others(
    conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Conversion.objects.filter(value__in=[0, 2]).update(identity=None)
    with django_assert_num_queries(2):
        assert shares(attributed().filter(value__lt=5).order_by("pk")) == [[], HALVES, [], [], THIRDS]


def many_visitors(number: int) -> None:
    """Store visitors with three touches and one conversion each."""
    visitors = Identity.objects.bulk_create(Identity() for _ in range(number))
    Touchpoint.objects.bulk_create(
        Touchpoint(identity=visitor, created_at=T0 - days * DAY, utm_source=f"source-{days}")
        for visitor in visitors
        for days in (1, 2, 40)
    )
    Conversion.objects.bulk_create(
        Conversion(identity=visitor, event="purchase", value=Decimal("0.03"), currency="EUR", created_at=T0)
        for visitor in visitors
    )


def test_a_page_of_fifty_costs_two_queries_and_a_counted_one_three(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many_visitors(60)
    with django_assert_num_queries(2):
        assert [len(row.attribution_credits) for row in attributed().order_by("pk")[:50]] == [2] * 50
    with django_assert_num_queries(3):
        page = Paginator(attributed().order_by("pk"), 50).page(1)
        assert [len(row.attribution_credits) for row in page] == [2] * 50


def test_many_visitors_are_fetched_in_few_statements(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    many_visitors(501)
    with django_assert_num_queries(3):  # 500 visitors are named in one statement
        rows = list(attributed().order_by("pk"))
        assert [[str(credit.value) for credit in row.attribution_credits] for row in rows] == [["0.01", "0.02"]] * 501
    assert len({credit.touchpoint.pk for row in rows for credit in row.attribution_credits}) == 1002


def test_journeys_are_whole_however_far_the_conversions_of_a_page_lie_apart(db: None) -> None:
    for years in range(4):
        visitor = Identity.objects.create()
        for days in (29, 31, 400):
            at = T0 + timedelta(days=300 * years - days)
            Touchpoint.objects.create(identity=visitor, created_at=at, utm_source=f"{days}")
        Conversion.objects.create(identity=visitor, event="purchase", created_at=T0 + timedelta(days=300 * years))
    rows = Conversion.objects.with_attribution(linear).order_by("pk")
    assert shares(rows) == [[("29", "1.000000")]] * 4


def test_other_prefetches_come_along(
    conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):  # conversions with identities, their journeys, touches of each
        rows = list(attributed().select_related("identity").prefetch_related("identity__touchpoints").order_by("pk"))
        assert shares(rows) == OF_FOUR * 3
        assert [len(row.identity.touchpoints.all()) for row in rows[:4]] == [3, 2, 1, 0]


@pytest.mark.parametrize("to_attr", [None, "earned"])
def test_conversions_that_are_prefetched_themselves_have_their_credits(
    to_attr: str | None, conversions: list[Conversion], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = Prefetch("conversions", queryset=attributed().order_by("pk"), to_attr=to_attr)
    with django_assert_num_queries(3):
        visitors = list(Identity.objects.order_by("pk").prefetch_related(rows))
        found = [visitor.earned if to_attr else visitor.conversions.all() for visitor in visitors]
        assert [shares(of_visitor) for of_visitor in found] == [[expected] * 3 for expected in OF_FOUR]


def test_the_journey_of_a_merged_visitor_is_one(conversions: list[Conversion]) -> None:
    owned, visitor = conversions[1].identity, conversions[2].identity
    assert Identity.objects.merge(visitor, into=owned)
    rows = attributed().filter(value__in=[1, 2]).order_by("pk")
    expected = [("bing", "0.333333"), ("bing", "0.333333"), ("(direct)", "0.333334")]
    assert [sorted(found) for found in shares(rows)] == [sorted(expected)] * 2


def test_a_touch_that_is_deleted_before_the_journey_is_fetched_leaves_its_credit_to_the_others(
    conversions: list[Conversion],
) -> None:
    asked = attributed().filter(value=1)
    Touchpoint.objects.filter(source="(direct)").delete()
    assert shares(asked) == [[("bing", "1.000000")]]
