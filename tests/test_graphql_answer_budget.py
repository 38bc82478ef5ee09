"""What lists show is paid out of one budget of the request, before it is read."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from django_attribution.models import Conversion, Identity, Touchpoint
from graphql_api import answer_budget
from graphql_api.answer_budget import CONVERSION, CREDITED_TOUCH, JOURNEY_TOUCH, LIST, OBJECT
from tests.browsers import queries_of_tracking
from tests.graphql_calls import EVERYTHING, ask, codes_of, dashboard

pytestmark = pytest.mark.django_db

CREDITS = "attributedConversions(model: LINEAR) { edges { credits { weight } } }"
JOURNEYS = "attributedConversions { edges { node { identity { journey(first: 7) { id } } } } }"
PRICES = {
    "attributedConversions { totalCount }": LIST + 2 * CONVERSION,
    "attributedConversions(first: 0) { totalCount }": LIST,
    "attributedConversions { edges { cursor } }": LIST + 2 * (CONVERSION + 1),
    "attributedConversions(model: LINEAR) { edges { credits { weight } } }": LIST
    + 2 * (CONVERSION + 1)
    + 10 * CREDITED_TOUCH
    + 2 * 10 * (OBJECT + 1),
    "attributedConversions(model: LINEAR) { edges { a: credits { weight } b: credits { weight source } } }": LIST
    + 2 * (CONVERSION + 2)
    + 10 * CREDITED_TOUCH
    + 2 * 10 * (2 * OBJECT + 3),
    "attributedConversions { edges { credits { weight } } }": LIST
    + 2 * (CONVERSION + 1)
    + 2 * CREDITED_TOUCH
    + 2 * (OBJECT + 1),
    JOURNEYS: LIST + 2 * (CONVERSION + 3) + 7 * JOURNEY_TOUCH + 2 * 7 * (OBJECT + 1),
}


@pytest.fixture
def staff() -> Client:
    """Somebody with every permission, and a visitor who came ten times and converted twice."""
    now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    identity = Identity.objects.create()
    for days in range(10):
        Touchpoint.objects.create(identity=identity, utm_source="a", created_at=now - timedelta(days=days))
    for _ in range(2):
        Conversion.objects.create(identity=identity, event="order", created_at=now)
    return dashboard(*EVERYTHING)


@pytest.mark.parametrize("asked", PRICES)
def test_a_list_costs_what_it_reads_and_shows(staff: Client, asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_budget, "MAX_ANSWERED", PRICES[asked])
    ask(staff, f"{{ {asked} }}")
    monkeypatch.setattr(answer_budget, "MAX_ANSWERED", PRICES[asked] - 1)
    assert codes_of(staff, f"{{ {asked} }}") == {"QUERY_TOO_COMPLEX"}


def test_all_lists_of_a_request_pay_together(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    document = f"{{ a: {CREDITS} b: {CREDITS} }}"
    monkeypatch.setattr(answer_budget, "MAX_ANSWERED", 2 * PRICES[CREDITS])
    for _ in range(2):  # the next request has all of it again
        ask(staff, document)
    monkeypatch.setattr(answer_budget, "MAX_ANSWERED", 2 * PRICES[CREDITS] - 1)
    assert codes_of(staff, document) == {"QUERY_TOO_COMPLEX"}


@pytest.mark.parametrize("asked", [CREDITS, JOURNEYS])
def test_no_touch_is_read_that_is_not_paid(staff: Client, asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_budget, "MAX_ANSWERED", LIST + 2 * (CONVERSION + 3) + CREDITED_TOUCH)
    with queries_of_tracking() as statements:
        assert codes_of(staff, f"{{ {asked} }}") == {"QUERY_TOO_COMPLEX"}
    of_touches = [statement for statement in statements if 'FROM "attribution_touchpoint"' in statement]
    assert len(of_touches) == 1
    assert "COUNT(" in of_touches[0]


def test_nothing_is_read_once_too_much_was_asked(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_budget, "MAX_ANSWERED", LIST - 1)
    with queries_of_tracking() as statements:
        assert codes_of(staff, f"{{ a: {CREDITS} b: {JOURNEYS} }}") == {"QUERY_TOO_COMPLEX"}
    assert statements == []
