"""What an operation may cost the database, beside the host's sessions, users, permissions and transactions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.test.utils import override_settings

from django_attribution.models import Conversion, Identity, Touchpoint
from tests.browsers import Browser, queries_of_tracking
from tests.graphql_calls import EVERYTHING, ask, dashboard

# Outside a transaction of the host, as in production: there the rows that were written need no second look.
pytestmark = pytest.mark.django_db(transaction=True)

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
NODE = "id event status value { amount } recordedValue { amount } occurredAt confirmedAt customData"
CREDITS = """credits { weight value { amount } source medium campaign touchedAt ageSeconds windowDays
  touchpoint { id landingUrl clickIds { platform } } }"""
RECORD = """mutation ($input: RecordConversionInput!) { recordConversion(input: $input) {
  conversion { id event status value { amount } } errors { code message } } }"""
TELL = """mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) { recorded errors { code } } }"""
CONFIRM = """mutation ($input: ConfirmConversionInput!) { confirmConversion(input: $input) {
  conversion { id event status value { amount } } errors { code message } } }"""


@pytest.fixture
def staff() -> Client:
    """Somebody with every permission, and sixty conversions of sixty visitors to look at."""
    identities = Identity.objects.bulk_create(Identity() for _ in range(60))
    Touchpoint.objects.bulk_create(
        Touchpoint(identity=identity, utm_source="google", created_at=T0 - timedelta(days=days))
        for identity in identities
        for days in range(3)
    )
    Conversion.objects.bulk_create(
        Conversion(identity=identity, event="purchase", value=Decimal(number), currency="EUR", created_at=T0)
        for number, identity in enumerate(identities)
    )
    return dashboard(*EVERYTHING)


def cost_of(staff: Client, selection: str, arguments: str = "") -> int:
    with queries_of_tracking() as statements:
        page = ask(staff, f"{{ attributedConversions{arguments} {{ {selection} }} }}")["attributedConversions"]
    assert "edges" not in page or len(page["edges"]) == 50
    return len(statements)


@pytest.mark.parametrize(
    ("selection", "cost"),
    [
        (f"edges {{ node {{ {NODE} }} }} pageInfo {{ hasNextPage endCursor }}", 1),
        ("totalCount edges { cursor }", 2),
        (f"edges {{ node {{ {NODE} }} {CREDITS} }}", 2),
        (f"totalCount edges {{ cursor node {{ {NODE} }} {CREDITS} }} pageInfo {{ hasNextPage endCursor }}", 3),
        (f"totalCount edges {{ node {{ {NODE} identity {{ id isAnonymous }} }} {CREDITS} }}", 4),
        (f"totalCount edges {{ node {{ {NODE} identity {{ id journey {{ id }} }} }} {CREDITS} }}", 6),  # counted first
        (
            f"totalCount edges {{ node {{ {NODE} identity {{ a: journey(first: 1) {{ id }} b: journey {{ source }} "
            f"c: journey(first: 200) {{ clickIds {{ value }} }} }} }} {CREDITS} }}",
            6,
        ),
    ],
)
def test_a_page_costs_as_much_as_it_shows_and_no_more(staff: Client, selection: str, cost: int) -> None:
    assert cost_of(staff, selection) == cost


@pytest.mark.parametrize(
    "arguments",
    [
        "(model: FIRST_TOUCH, orderBy: [{ value: DESC }])",
        '(sourceWindows: [{ source: "google", days: 7 }, { source: "email", days: 3 }])',
        '(where: { event: ["purchase"], currency: ["EUR"], identified: true, status: [] })',
        "(last: 50)",
    ],
)
def test_no_argument_costs_a_query(staff: Client, arguments: str) -> None:
    assert cost_of(staff, f"totalCount edges {{ node {{ {NODE} }} {CREDITS} }}", arguments) == 3


def test_what_may_not_be_seen_is_not_fetched(staff: Client) -> None:
    staff = dashboard("view_conversion")
    assert cost_of(staff, f"edges {{ node {{ {NODE} identity {{ id journey {{ id }} }} }} }}") == 1


def test_a_caller_without_permission_costs_nothing(staff: Client) -> None:
    for client in (Client(), dashboard("view_touchpoint")):
        with queries_of_tracking() as statements:
            client.post(
                "/graphql/",
                {"query": "{ attributedConversions { totalCount } }"},
                content_type="application/json",
            )
        assert statements == []


@pytest.fixture
def browser() -> Browser:
    browser = Browser()
    browser.land()
    return browser


SIGNUP = override_settings(DJANGO_ATTRIBUTION={"CLIENT_EVENTS": {"signup": {}}})


def record(browser: Browser, key: str = "0123456789abcdef") -> Any:
    return ask(browser, RECORD, input={"event": "signup", "idempotencyKey": key})["recordConversion"]


@SIGNUP
def test_recording_costs_a_known_visitor_at_most_five_queries(browser: Browser) -> None:
    with queries_of_tracking() as statements:
        assert record(browser)["errors"] == []
    assert len(statements) <= 5


@SIGNUP
def test_recording_costs_a_new_visitor_no_more() -> None:
    with queries_of_tracking() as statements:
        assert record(Browser())["errors"] == []
    assert len(statements) <= 4


@SIGNUP
def test_recording_costs_a_user_at_most_two_queries_more(browser: Browser) -> None:
    browser.force_login(User.objects.create_user("alice"))
    with queries_of_tracking() as first:
        assert record(browser)["errors"] == []
    with queries_of_tracking() as second:
        assert record(browser, key="fedcba9876543210")["errors"] == []
    assert len(first) <= 5 + 2
    assert len(second) <= 5 + 2


@SIGNUP
def test_repeating_costs_two_reads(browser: Browser) -> None:
    record(browser)
    with queries_of_tracking() as statements:
        record(browser)
    assert [statement.split()[0] for statement in statements] == ["SELECT", "SELECT"]


def test_an_event_that_is_not_allowed_costs_nothing(browser: Browser) -> None:
    with queries_of_tracking() as statements:
        assert record(browser)["errors"] != []
    assert statements == []


def test_confirming_without_any_right_costs_nothing() -> None:
    conversion = Conversion.objects.create(event="order", is_confirmed=False, idempotency_key="0123456789abcdef")
    ways: list[dict[str, Any]] = [
        {"token": "forged"},
        {"byId": {"id": str(conversion.uuid)}},
        {"byKey": {"idempotencyKey": "0123456789abcdef"}},
    ]
    for client in (Client(), dashboard("view_conversion")):
        for way in ways:
            with queries_of_tracking() as statements:
                (error,) = ask(client, CONFIRM, input=way)["confirmConversion"]["errors"]
            assert error["code"] == "NOT_PERMITTED"
            assert statements == []


def test_confirming_by_token_costs_three_queries() -> None:
    token = Conversion.objects.create(event="order", is_confirmed=False).confirmation_token()
    with queries_of_tracking() as statements:
        assert ask(Client(), CONFIRM, input={"token": token})["confirmConversion"]["errors"] == []
    assert [statement.split()[0] for statement in statements] == ["SELECT", "UPDATE", "SELECT"]


def test_a_touch_that_a_front_end_tells_of_costs_what_a_landing_does() -> None:
    browser = Browser()
    costs = []
    for query in ("utm_source=a", "utm_source=b", "utm_source=b", "q=shoes"):
        with queries_of_tracking() as statements:
            ask(browser, TELL, input={"url": f"https://shop.test/?{query}"})
        costs.append([statement.split()[0] for statement in statements])
    found_seen_compared = ["SELECT", "UPDATE", "SELECT"]
    assert costs == [["INSERT", "INSERT"], [*found_seen_compared, "INSERT"], found_seen_compared, []]
