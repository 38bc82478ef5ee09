"""``reportOptions``: what a dashboard can offer for choice, and that only what is selected is looked up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.report_options import MAX_OFFERED, occurring_values
from graphql_api.model_enums import IN_REPORTS
from tests.browsers import queries_of_tracking
from tests.graphql_calls import ask, codes_of, dashboard

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
VALUES = "events channels sources currencies firstConversionAt lastConversionAt"


@pytest.fixture
def staff() -> Client:
    return dashboard()


@pytest.fixture
def shop() -> None:
    identity = Identity.objects.create()
    for source, medium in (("news", "email"), ("Google", "cpc"), ("google", "CPC"), ("bing", "organic")):
        Touchpoint.objects.create(identity=identity, utm_source=source, utm_medium=medium, created_at=T0)
    rows: list[dict[str, Any]] = [
        {"event": "signup", "created_at": T0 - timedelta(days=40)},
        {"event": "Purchase", "value": 1, "currency": "USD", "is_confirmed": False},
        {"event": "Purchase", "value": 1, "currency": "EUR", "is_active": False},
        {"event": "Purchase", "value": 2, "currency": "EUR", "created_at": T0 + timedelta(microseconds=1)},
    ]
    for row in rows:
        Conversion.objects.create(**{"created_at": T0, **row})


def options_of(staff: Client, selection: str = VALUES) -> Any:
    return ask(staff, f"{{ reportOptions {{ {selection} }} }}")["reportOptions"]


def test_what_occurs_is_listed_once_and_in_order(staff: Client, shop: None) -> None:
    assert options_of(staff) == {
        "events": ["Purchase", "signup"],
        "channels": ["Email", "Organic Search", "Paid Search"],
        "sources": ["bing", "google", "news"],
        "currencies": ["EUR", "USD"],
        "firstConversionAt": "2026-04-22T12:00:00+00:00",
        "lastConversionAt": "2026-06-01T12:00:00.000001+00:00",
    }


def test_where_nothing_was_recorded_there_is_nothing_to_choose(staff: Client) -> None:
    assert options_of(staff) == {
        "events": [],
        "channels": [],
        "sources": [],
        "currencies": [],
        "firstConversionAt": None,
        "lastConversionAt": None,
    }


def test_every_model_of_a_report_is_offered(staff: Client) -> None:
    models = options_of(staff, "models { name label description perConversion additive }")["models"]
    assert [model["name"] for model in models] == list(IN_REPORTS)
    assert all(model["description"].endswith(".") for model in models)
    assert {model["name"]: model["label"] for model in models} == {
        "FIRST_TOUCH": "First touch",
        "LAST_TOUCH": "Last touch",
        "LAST_NON_DIRECT": "Last non direct",
        "LINEAR": "Linear",
        "TIME_DECAY": "Time decay",
        "POSITION_BASED": "Position based",
        "PARTICIPATION": "Participation",
        "MARKOV": "Markov",
    }
    assert [model["name"] for model in models if not model["perConversion"]] == ["PARTICIPATION", "MARKOV"]
    assert [model["name"] for model in models if not model["additive"]] == ["PARTICIPATION"]


def test_what_is_offered_can_be_asked_for(staff: Client, shop: None) -> None:
    document = """query (
      $models: [ReportModel!]!, $channel: [String!], $source: [String!], $where: ConversionFilterInput!
    ) {
      attributionReport(models: $models, creditedTo: { channel: $channel, source: $source },
        groupBy: [CHANNEL, SOURCE], where: $where) { totals { conversions } } }"""
    offered = options_of(staff, f"models {{ name }} {VALUES}")
    where = {
        "event": offered["events"],
        "currency": offered["currencies"],
        "occurred": {"after": offered["firstConversionAt"]},
        "status": [],
    }
    models = [model["name"] for model in offered["models"]]
    answer = ask(staff, document, models=models, channel=offered["channels"], source=offered["sources"], where=where)
    assert sum(total["conversions"] for total in answer["attributionReport"]["totals"]) == 3


@pytest.mark.parametrize(
    ("selection", "cost"),
    [
        ("__typename", 0),
        ("models { name }", 0),
        ("events", 1),
        ("a: events b: events", 1),
        ("firstConversionAt lastConversionAt", 1),
        ("... on ReportOptions { channels ... { currencies } }", 2),
        ("events channels @skip(if: true) ... @include(if: false) { sources }", 1),
        (f"{VALUES} models {{ name }}", 5),
    ],
)
def test_only_what_is_selected_is_looked_up(staff: Client, shop: None, selection: str, cost: int) -> None:
    with queries_of_tracking() as statements:
        options_of(staff, selection)
    assert len(statements) == cost


def test_of_very_many_values_the_most_frequent_are_kept() -> None:
    Conversion.objects.bulk_create(
        Conversion(event=f"event {number:04}", created_at=T0) for number in range(MAX_OFFERED + 1)
    )
    Conversion.objects.create(event="event 1000", created_at=T0)
    found = occurring_values(Conversion.objects.all(), "event")
    assert len(found) == MAX_OFFERED
    assert found == sorted(found)
    assert "event 1000" in found
    assert "event 0999" not in found


def test_the_permission_is_needed(shop: None) -> None:
    for client, code in ((Client(), "UNAUTHENTICATED"), (dashboard("view_identity", "view_touchpoint"), "FORBIDDEN")):
        with queries_of_tracking() as statements:
            assert codes_of(client, "{ reportOptions { models { name } events } }") == {code}
        assert statements == []
