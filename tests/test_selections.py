"""Conversions are each counted once, whatever queryset names them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F, Q, QuerySet
from django.test.utils import CaptureQueriesContext

from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.selections import each_once, first_and_last

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)

QUERYSETS: dict[str, Callable[[Any], QuerySet[Any]]] = {
    "plain": lambda objects: objects.all(),
    "filtered": lambda objects: objects.filter(event="order").exclude(value__gt=10**6),
    "none": lambda objects: objects.none(),
    "ordered": lambda objects: objects.order_by("-value", "event"),
    "backwards": lambda objects: objects.order_by("created_at").reverse(),
    "distinct": lambda objects: objects.distinct(),
    "joined": lambda objects: objects.filter(identity__touchpoints__source="a"),
    "joined, distinct": lambda objects: objects.filter(identity__touchpoints__source="a").distinct(),
    "one or the other": lambda objects: (
        objects.filter(event="order") | objects.filter(identity__touchpoints__source="a")
    ),
    "annotated": lambda objects: objects.annotate(touches=Count("identity__touchpoints")).filter(touches__gt=1),
    "with attribution": lambda objects: objects.with_attribution("last_touch"),
    "with credits": lambda objects: objects.with_attribution("linear"),
    "with relations": lambda objects: objects.select_related("identity").prefetch_related("identity"),
    "values": lambda objects: objects.values("event"),
    "computed values": lambda objects: objects.values(twice=F("value") * 2),
    "grouped values": lambda objects: objects.values("event").annotate(of_it=Count("pk")),
    "deferred": lambda objects: objects.only("event"),
    "united": lambda objects: objects.filter(event="order").union(objects.filter(~Q(event="order"))),
    "sliced": lambda objects: objects.order_by("-created_at")[1:3],
    "dates": lambda objects: objects.dates("created_at", "day"),
    "extra conditions": lambda objects: objects.extra(where=["value > 0"]),
    "extra tables": lambda objects: objects.extra(tables=["attribution_identity"]),
    "locked": lambda objects: objects.select_for_update(),
}


@pytest.fixture(autouse=True)
def visitors() -> None:
    """Store three visitors who came twice by the same way, and did twice the same."""
    for number in range(3):
        identity = Identity.objects.create()
        for _ in range(2):
            Touchpoint.objects.create(identity=identity, utm_source="ab"[number % 2], created_at=T0)
        for event in ("order", "signup", "order"):
            moment = T0 + number * DAY
            Conversion.objects.create(
                identity=identity, event=event, created_at=moment, confirmed_at=moment, value=1, currency="EUR"
            )


def keys_of(conversions: QuerySet[Any]) -> set[int]:
    """Return which conversions a queryset means, in the plainest way."""
    return {row["pk"] for row in conversions.values("pk")}


@pytest.mark.parametrize("name", [name for name in QUERYSETS if name not in ("dates", "grouped values")])
def test_each_conversion_is_there_once(name: str) -> None:
    conversions = QUERYSETS[name](Conversion.objects)
    found = [*each_once(conversions).order_by("created_at", "id").values_list("pk", flat=True)]
    assert sorted(found) == sorted(keys_of(conversions))
    times = [Conversion.objects.get(pk=pk).created_at for pk in found]
    assert times == sorted(times)
    assert first_and_last(each_once(conversions)) == ((times[0], times[-1]) if times else None)


@pytest.mark.parametrize("name", QUERYSETS)
def test_a_report_takes_any_queryset(name: str) -> None:
    conversions = QUERYSETS[name](Conversion.objects)
    keys = keys_of(conversions) if name not in ("dates", "grouped values") else keys_of(Conversion.objects.all())
    report = conversions.attribution_report(by=["source"])
    assert sum(total.conversions for total in report.totals) == len(keys)
    assert report == Conversion.objects.filter(pk__in=keys).attribution_report(by=["source"])


@pytest.mark.parametrize(
    ("name", "is_plain"),
    [("plain", True), ("filtered", True), ("with relations", True), ("joined", False), ("annotated", False)],
)
def test_rows_of_the_table_alone_are_not_looked_up_by_their_keys(name: str, is_plain: bool) -> None:
    with CaptureQueriesContext(connection) as statements:
        QUERYSETS[name](Conversion.objects).attribution_report(by=["source"])
    assert [('."id" IN (SELECT' in statement["sql"]) for statement in statements] == [not is_plain] * 3
