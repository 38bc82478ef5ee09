"""``MoneySum``: exact to the last digit on every database."""

from decimal import Decimal

import pytest
from django.db.models import Q, Sum

from django_attribution.aggregates import MoneySum
from django_attribution.models import Conversion

pytestmark = pytest.mark.django_db


def test_a_sum_of_many_amounts_is_exact() -> None:
    amounts = [Decimal(cents * 7919 % 20_000) / 100 for cents in range(5_000)]
    Conversion.objects.bulk_create([Conversion(event="x", value=value, currency="EUR") for value in amounts])
    assert Conversion.objects.aggregate(revenue=MoneySum("value"))["revenue"] == sum(amounts)


def test_it_groups_filters_and_knows_nothing_of_nothing() -> None:
    for event, value, currency in (("a", "0.10", "EUR"), ("a", "0.20", "EUR"), ("b", "5", "JPY"), ("c", None, None)):
        Conversion.objects.record(event=event, value=value, currency=currency)
    by_currency = Conversion.objects.values("currency").order_by("currency").annotate(revenue=MoneySum("value"))
    assert [(row["currency"], row["revenue"]) for row in by_currency] == [
        ("", None), ("EUR", Decimal("0.3")), ("JPY", Decimal(5)),
    ]  # fmt: skip
    only = Conversion.objects.aggregate(revenue=MoneySum("value", filter=Q(event="b")), all=Sum("value"))
    assert only["revenue"] == 5
    assert Conversion.objects.filter(event="c").aggregate(revenue=MoneySum("value"))["revenue"] is None
