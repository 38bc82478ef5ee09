"""``where``: which conversions are meant, and what is no answerable condition."""

import base64
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from django_attribution.filters import MAX_VALUES
from django_attribution.models import Conversion, Identity
from tests.graphql_calls import ask, dashboard, errors_of, post, refused_argument

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASK = """query ($where: ConversionFilterInput! = {}) {
  attributedConversions(where: $where, orderBy: [{ occurredAt: ASC }]) { totalCount edges { node { id event } } } }"""


@pytest.fixture(autouse=True)
def conversions() -> dict[str, Conversion]:
    """Four confirmed conversions an hour apart, then a pending, a voided and a voided pending one."""
    visitor = Identity.objects.create()
    rows: list[dict[str, Any]] = [
        {"event": "signup", "identity": visitor},
        {"event": "purchase", "value": Decimal("10.00"), "currency": "EUR", "identity": visitor},
        {"event": "Purchase", "value": Decimal("20.50"), "currency": "USD"},
        {"event": "upgrade", "value": Decimal("20.51"), "currency": "EUR"},
        {"event": "pending", "is_confirmed": False},
        {"event": "voided", "is_active": False},
        {"event": "never", "is_active": False, "is_confirmed": False},
    ]
    return {
        row["event"]: Conversion.objects.create(created_at=T0 + number * HOUR, **row) for number, row in enumerate(rows)
    }


@pytest.fixture
def staff() -> Client:
    return dashboard()


def events(staff: Client, **where: Any) -> list[str]:
    """Return the events of the conversions that a condition keeps, and check that they are counted."""
    page = ask(staff, ASK, where=where)["attributedConversions"]
    assert page["totalCount"] == len(page["edges"])
    return [edge["node"]["event"] for edge in page["edges"]]


def public_id(name: str, value: object) -> str:
    return base64.b64encode(f"{name}:{value}".encode()).decode()


CONFIRMED = ["signup", "purchase", "Purchase", "upgrade"]


def test_confirmed_ones_are_meant_unless_said_otherwise(staff: Client) -> None:
    assert events(staff) == CONFIRMED
    assert [edge["node"]["event"] for edge in ask(staff, ASK)["attributedConversions"]["edges"]] == CONFIRMED
    written = "{ attributedConversions(where: { identified: false }) { edges { node { event } } } }"
    edges = ask(staff, written)["attributedConversions"]["edges"]
    assert [edge["node"]["event"] for edge in edges] == ["upgrade", "Purchase"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (["CONFIRMED"], CONFIRMED),
        (["PENDING"], ["pending"]),
        (["VOIDED"], ["voided", "never"]),
        (["PENDING", "VOIDED"], ["pending", "voided", "never"]),
        (["PENDING", "PENDING"], ["pending"]),
        (["PENDING", "CONFIRMED", "VOIDED"], [*CONFIRMED, "pending", "voided", "never"]),
        ([], [*CONFIRMED, "pending", "voided", "never"]),
    ],
)
def test_states_are_chosen_and_none_means_all(staff: Client, status: list[str], expected: list[str]) -> None:
    assert events(staff, status=status) == expected


def test_events_are_compared_to_the_letter(staff: Client) -> None:
    assert events(staff, event=["purchase"]) == ["purchase"]
    assert events(staff, event=["purchase", "Purchase", "purchase"]) == ["purchase", "Purchase"]
    assert events(staff, event=["PURCHASE", "purch%"]) == []


def test_an_empty_list_of_events_keeps_all(staff: Client) -> None:
    assert events(staff, event=[]) == CONFIRMED


def test_a_condition_that_is_null_is_none(staff: Client) -> None:
    nothing = dict.fromkeys(("id", "event", "occurred", "value", "currency", "identified"))
    assert events(staff, **nothing, status=["CONFIRMED"]) == CONFIRMED


def test_ids_are_those_that_the_api_gives(staff: Client, conversions: dict[str, Conversion]) -> None:
    edges = ask(staff, ASK)["attributedConversions"]["edges"]
    given = {edge["node"]["event"]: edge["node"]["id"] for edge in edges}
    assert given["signup"] == public_id("Conversion", conversions["signup"].uuid)
    assert events(staff, id=[given["upgrade"], given["signup"]]) == ["signup", "upgrade"]


def test_an_unknown_id_matches_nothing(staff: Client) -> None:
    assert events(staff, id=[public_id("Conversion", uuid.uuid4())]) == []


def test_a_pending_conversion_has_an_id_but_is_not_meant(staff: Client, conversions: dict[str, Conversion]) -> None:
    pending = public_id("Conversion", conversions["pending"].uuid)
    assert events(staff, id=[pending]) == []
    assert events(staff, id=[pending], status=[]) == ["pending"]


def test_a_range_includes_its_start_and_excludes_its_end(staff: Client) -> None:
    after, before = (T0 + HOUR).isoformat(), (T0 + 3 * HOUR).isoformat()
    assert events(staff, occurred={"after": after, "before": before}) == ["purchase", "Purchase"]
    assert events(staff, occurred={"after": after}) == ["purchase", "Purchase", "upgrade"]
    assert events(staff, occurred={"before": before}) == ["signup", "purchase", "Purchase"]
    assert events(staff, occurred={"after": after, "before": after}) == []
    assert events(staff, occurred={}) == CONFIRMED


@pytest.mark.parametrize(("microseconds", "expected"), [(-1, ["upgrade"]), (0, ["upgrade"]), (1, [])])
def test_a_range_is_exact_to_the_microsecond(staff: Client, microseconds: int, expected: list[str]) -> None:
    edge = T0 + 3 * HOUR + timedelta(microseconds=microseconds)
    assert events(staff, occurred={"after": edge.isoformat()}) == expected
    assert events(staff, occurred={"before": edge.isoformat()}) == [name for name in CONFIRMED if name not in expected]


@pytest.mark.parametrize(
    "same", ["2026-06-01T13:00:00Z", "2026-06-01T15:00:00+02:00", "2026-06-01T13:00:00", "20260601T130000Z"]
)
@override_settings(TIME_ZONE="America/New_York")
def test_instants_have_an_offset_or_are_utc_whatever_the_server_thinks(staff: Client, same: str) -> None:
    assert events(staff, occurred={"after": same}) == ["purchase", "Purchase", "upgrade"]


def test_amounts_include_both_ends_whatever_the_currency(staff: Client) -> None:
    assert events(staff, value={"min": "10", "max": "20.50"}) == ["purchase", "Purchase"]
    assert events(staff, value={"min": "20.50"}) == ["Purchase", "upgrade"]
    assert events(staff, value={"max": "20.5"}) == ["purchase", "Purchase"]
    assert events(staff, value={"min": 21}) == []
    assert events(staff, value={"min": "20.5001", "max": "20.5099"}) == []
    assert events(staff, value={}) == CONFIRMED


def test_currencies_are_codes_in_any_case(staff: Client) -> None:
    assert events(staff, currency=["EUR"]) == ["purchase", "upgrade"]
    assert events(staff, currency=["eur", "USD"]) == ["purchase", "Purchase", "upgrade"]
    assert events(staff, currency=["KWD"]) == []


def test_whether_the_visitor_is_known(staff: Client) -> None:
    assert events(staff, identified=True) == ["signup", "purchase"]
    assert events(staff, identified=False) == ["Purchase", "upgrade"]


def test_every_condition_must_hold(staff: Client) -> None:
    assert events(staff, identified=True, currency=["EUR"], value={"min": 1}) == ["purchase"]
    assert events(staff, identified=False, currency=["EUR"], value={"max": 1}) == []


@pytest.mark.parametrize(
    ("where", "argument"),
    [
        ({"id": ["1"]}, "where.id"),
        ({"id": [""]}, "where.id"),
        ({"id": ["☃"]}, "where.id"),
        ({"id": ["=" * 1000]}, "where.id"),
        ({"id": [public_id("Conversion", 1)]}, "where.id"),
        ({"id": [public_id("Conversion", "")]}, "where.id"),
        ({"id": [public_id("Identity", uuid.UUID(int=1))]}, "where.id"),
        ({"id": [public_id("Conversion", f"{uuid.UUID(int=1)}\0")]}, "where.id"),
        ({"id": [public_id("Conversion", uuid.UUID(int=1))] * (MAX_VALUES + 1)}, "where.id"),
        ({"event": ["nul\0"]}, "where.event"),
        ({"event": [""]}, "where.event"),
        ({"event": ["x" * 256]}, "where.event"),
        ({"event": ["x"] * (MAX_VALUES + 1)}, "where.event"),
        ({"status": ["CONFIRMED"] * 1_000}, "where.status"),
    ],
)
def test_a_condition_that_cannot_be_used_is_named(staff: Client, where: dict[str, Any], argument: str) -> None:
    assert refused_argument(staff, ASK, where=where) == argument


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"currency": ["XXX"]}, "currency"),
        ({"currency": ["EURO"]}, "currency"),
        ({"currency": [7]}, "currency"),
        ({"status": ["LOST"]}, ".status"),
        ({"status": None}, ".status"),
        ({"occurred": {"after": "yesterday"}}, ".occurred.after"),
        ({"occurred": {"before": 5}}, ".occurred.before"),
        ({"occurred": {"after": "2026-02-30T00:00:00Z"}}, ".occurred.after"),
        ({"value": {"min": "ten"}}, ".value.min"),
        ({"value": {"min": "NaN"}}, ".value.min"),
        ({"value": {"max": "-Infinity"}}, ".value.max"),
        ({"value": {"max": "sNaN"}}, ".value.max"),
        ({"value": {"max": "1_0"}}, ".value.max"),
        ({"value": {"min": 20.51}}, ".value.min"),
        ({"value": 5}, ".value"),
        ({"identified": "yes"}, ".identified"),
        ({"event": [None]}, ".event"),
        ({"OR": []}, "OR"),
        ({"event__regex": "(a+)+$"}, "event__regex"),
    ],
)
def test_a_condition_of_another_shape_is_named_in_the_message(staff: Client, where: dict[str, Any], said: str) -> None:
    (error,) = errors_of(staff, ASK, where=where)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert said in error["message"]


@pytest.mark.parametrize(
    ("where", "argument"),
    [
        ({"occurred": {"after": "0001-01-01T00:00:00+14:00"}}, "where.occurred"),
        ({"occurred": {"before": "9999-12-31T23:59:59-14:00"}}, "where.occurred"),
        ({"value": {"max": "1" * 30}}, "where.value"),
        ({"value": {"max": "1E400"}}, "where.value"),
        ({"value": {"max": "1E+999999999"}}, "where.value"),
        ({"value": {"min": "1E-999999999"}}, "where.value"),
    ],
)
@pytest.mark.parametrize("document", [ASK, ASK.replace("totalCount", "")], ids=["counted", "uncounted"])
def test_a_condition_beyond_what_a_column_holds_is_answered_or_named(
    staff: Client, where: dict[str, Any], argument: str, document: str
) -> None:
    answer = post(staff, document, where=where).json()
    extensions = [error["extensions"] for error in answer.get("errors", [])]
    assert extensions in ([], [{"code": "BAD_USER_INPUT", "argument": argument}])


@pytest.mark.parametrize(
    "written",
    ['{ currency: ["XXX"] }', "{ currency: [XXX] }", "{ status: [LOST] }", '{ value: { min: "ten" } }', "null"],
)
def test_what_is_written_into_the_document_is_checked_as_well(staff: Client, written: str) -> None:
    (error,) = errors_of(staff, f"{{ attributedConversions(where: {written}) {{ totalCount }} }}")
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
