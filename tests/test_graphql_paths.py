"""``conversionPaths``: the journeys of the Python door in the API's words, and what it refuses."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.paths import MAX_PATHS, MAX_STEPS, HistogramBin
from django_attribution.windows import MAX_DAYS, MAX_SOURCES
from tests.browsers import queries_of_tracking
from tests.graphql_calls import ask, codes_of, dashboard, errors_of, refused_argument

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BIN = "from to conversions values { amount currency }"
WHOLE = f"""paths {{ steps conversions values {{ amount currency }} averageDaysToConvert }}
    lengths {{ {BIN} }} daysToConvert {{ {BIN} }} truncated"""
ASK = f"""query (
  $windowDays: Int! = 30, $sourceWindows: [SourceWindowInput!]! = [], $excludeDirect: Boolean! = false,
  $collapseRepeats: Boolean! = false, $by: AttributionDimension! = CHANNEL, $where: ConversionFilterInput! = {{}},
  $first: Int! = 20
) {{
  conversionPaths(
    windowDays: $windowDays, sourceWindows: $sourceWindows, excludeDirect: $excludeDirect,
    collapseRepeats: $collapseRepeats, by: $by, where: $where, first: $first
  ) {{ {WHOLE} }}
}}"""


@pytest.fixture
def staff() -> Client:
    return dashboard()


def came(*touches: tuple[float, str, str]) -> Identity:
    """Have a visitor come so many days before T0 by source and medium."""
    identity = Identity.objects.create()
    for days, source, medium in touches:
        Touchpoint.objects.create(identity=identity, created_at=T0 - days * DAY, utm_source=source, utm_medium=medium)
    return identity


def convert(identity: Identity | None, value: str | None = None, currency: str = "EUR", **columns: Any) -> Conversion:
    amount = {} if value is None else {"value": Decimal(value), "currency": currency}
    return Conversion.objects.create(identity=identity, **{"event": "purchase", "created_at": T0, **amount, **columns})


@pytest.fixture
def shop() -> None:
    """Two who went the same way, one who came twice by the same, one who came directly too, and one of nobody."""
    convert(came((10, "google", "cpc"), (2, "news", "email")), "100.00")
    convert(came((20, "google", "cpc"), (1, "news", "email")), "49.90", currency="USD")
    convert(came((3, "google", "cpc"), (2, "Google", "cpc"), (1, "news", "email")), event="signup")
    convert(came((2, "(direct)", "(none)"), (0.5, "news", "email")), "1.00")
    convert(None, "20.00")
    convert(came((1, "google", "cpc")), "1000.00", is_confirmed=False)


def paths_of(staff: Client, **arguments: Any) -> Any:
    return ask(staff, ASK, **arguments)["conversionPaths"]


def steps_of(staff: Client, **arguments: Any) -> list[tuple[str, int]]:
    return [(" > ".join(path["steps"]), path["conversions"]) for path in paths_of(staff, **arguments)["paths"]]


def test_the_most_frequent_journeys_come_first(staff: Client, shop: None) -> None:
    assert paths_of(staff)["paths"][0] == {
        "steps": ["Paid Search", "Email"],
        "conversions": 2,
        "values": [{"amount": "100.00", "currency": "EUR"}, {"amount": "49.90", "currency": "USD"}],
        "averageDaysToConvert": 15.0,
    }
    assert sorted(steps_of(staff)[1:]) == [("Direct > Email", 1), ("Paid Search > Paid Search > Email", 1)]


def test_repeats_count_as_one_step_where_that_is_asked_for(staff: Client, shop: None) -> None:
    assert steps_of(staff, collapseRepeats=True) == [("Paid Search > Email", 3), ("Direct > Email", 1)]


def test_steps_are_of_the_dimension_asked_for(staff: Client, shop: None) -> None:
    assert steps_of(staff, by="SOURCE")[0] == ("google > news", 2)
    assert steps_of(staff, by="CAMPAIGN")[0] == ("(not set) > (not set)", 3)


def test_direct_touches_are_left_out_where_that_is_asked_for(staff: Client, shop: None) -> None:
    assert ("Email", 1) in steps_of(staff, excludeDirect=True)


def test_windows_decide_what_a_journey_holds(staff: Client, shop: None) -> None:
    assert steps_of(staff, windowDays=5, where={"currency": ["EUR", "USD"]}) == [("Email", 2), ("Direct > Email", 1)]
    windows = [{"source": f"s{number}", "days": 1} for number in range(MAX_SOURCES - 1)]
    found = steps_of(staff, sourceWindows=[*windows, {"source": "GOOGLE", "days": 0}], where={"event": ["signup"]})
    assert found == [("Email", 1)]


def test_bins_count_every_conversion_and_those_that_somebody_earned(staff: Client, shop: None) -> None:
    found = paths_of(staff)
    lengths = {(one["from"], one["to"]): one for one in found["lengths"] if one["conversions"]}
    assert {ends: one["conversions"] for ends, one in lengths.items()} == {(0, 0): 1, (2, 2): 3, (3, 3): 1}
    assert lengths[0, 0]["values"] == [{"amount": "20.00", "currency": "EUR"}]
    days = {one["from"]: one["conversions"] for one in found["daysToConvert"] if one["conversions"]}
    assert sum(days.values()) == 4
    assert (days[2], days[3]) == (1, 1)
    assert [one["to"] for one in found["lengths"]][-1:] == [None]


CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"by": "SOURCE", "first": 1}, {"by": "source", "first": 1}),
    ({"by": "LANDING_PAGE", "first": MAX_PATHS}, {"by": "landing_page", "first": MAX_PATHS}),
    ({"collapseRepeats": True, "excludeDirect": True}, {"collapse_repeats": True, "exclude_direct": True}),
    ({"windowDays": 2}, {"window_days": 2}),
    ({"windowDays": 0}, {"window_days": 0}),
    ({"sourceWindows": [{"source": "news", "days": 0}]}, {"source_windows": {"news": 0}}),
    ({"first": 0}, {"first": 0}),
]


@pytest.mark.parametrize(("arguments", "options"), CASES)
def test_both_doors_give_the_same_paths(
    staff: Client, shop: None, arguments: dict[str, Any], options: dict[str, Any]
) -> None:
    expected = Conversion.objects.valid().conversion_paths(**options)
    assert paths_of(staff, **arguments) == {
        "paths": [
            {
                "steps": list(path.steps),
                "conversions": path.conversions,
                "values": in_words(path.values),
                "averageDaysToConvert": pytest.approx(path.average_days_to_convert),
            }
            for path in expected.paths
        ],
        "lengths": [_bin(one) for one in expected.lengths],
        "daysToConvert": [_bin(one) for one in expected.days_to_convert],
        "truncated": expected.truncated,
    }


def _bin(one: HistogramBin) -> dict[str, Any]:
    return {"from": one.start, "to": one.end, "conversions": one.conversions, "values": in_words(one.values)}


def in_words(values: Any) -> list[dict[str, str]]:
    return [{"amount": str(amount), "currency": currency} for currency, amount in values.items()]


def test_what_is_left_out_is_said(staff: Client, shop: None) -> None:
    assert paths_of(staff)["truncated"] is False
    assert paths_of(staff, first=2)["truncated"] is True
    assert steps_of(staff, first=0) == []


def test_a_long_journey_shows_its_last_steps(staff: Client) -> None:
    convert(came(*[(20 - number / 10, str(number), "cpc") for number in range(MAX_STEPS + 5)]))
    found = paths_of(staff, by="SOURCE")
    assert found["paths"][0]["steps"] == [str(number) for number in range(5, MAX_STEPS + 5)]
    assert found["truncated"] is True


@pytest.mark.parametrize("where", [{"event": ["nothing"]}, {"occurred": {"before": "2000-01-01T00:00:00Z"}}])
def test_of_nothing_there_is_no_path(staff: Client, shop: None, where: dict[str, Any]) -> None:
    found = paths_of(staff, where=where)
    assert (found["paths"], found["truncated"]) == ([], False)
    assert {one["conversions"] for one in (*found["lengths"], *found["daysToConvert"])} <= {0}


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"windowDays": -1}, "windowDays"),
        ({"windowDays": MAX_DAYS + 1}, "windowDays"),
        ({"sourceWindows": [{"source": "", "days": 1}]}, "sourceWindows"),
        ({"sourceWindows": [{"source": f"s{n}", "days": 1} for n in range(MAX_SOURCES + 1)]}, "sourceWindows"),
        ({"by": "EVENT"}, "by"),
        ({"where": {"event": ["nul\0"]}}, "where.event"),
        ({"first": -1}, "first"),
        ({"first": MAX_PATHS + 1}, "first"),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused_by_name(
    staff: Client, arguments: dict[str, Any], argument: str
) -> None:
    with queries_of_tracking() as statements:
        assert refused_argument(staff, ASK, **arguments) == argument
    assert statements == []
    (error,) = errors_of(staff, ASK, **arguments)
    assert argument.rpartition(".")[2] in error["message"]


def test_a_dimension_of_conversions_is_refused_in_the_words_of_the_schema(staff: Client) -> None:
    (error,) = errors_of(staff, ASK, by="EVENT")
    assert error["message"] == "by must be a dimension of touches, and EVENT is one of conversions."


def test_permission_is_asked_before_arguments_are_looked_at() -> None:
    for client, code in ((Client(), "UNAUTHENTICATED"), (dashboard("view_identity", "view_touchpoint"), "FORBIDDEN")):
        with queries_of_tracking() as statements:
            assert codes_of(client, ASK) == {code}
            assert codes_of(client, ASK, windowDays=-1, first=-1) == {code}
        assert statements == []


def test_aliases_and_literals_get_their_own_answers(staff: Client, shop: None) -> None:
    document = """{
      one: conversionPaths(first: 1) { paths { ...Steps } }
      sources: conversionPaths(by: SOURCE, first: 1, where: { event: "signup" }) { paths { ...Steps } }
    } fragment Steps on ConversionPath { steps }"""
    assert ask(staff, document) == {
        "one": {"paths": [{"steps": ["Paid Search", "Email"]}]},
        "sources": {"paths": [{"steps": ["google", "google", "news"]}]},
    }


@pytest.mark.parametrize("selection", ["__typename", "truncated", WHOLE])
def test_paths_cost_the_same_whatever_is_selected_and_however_many_there_are(
    staff: Client, shop: None, selection: str
) -> None:
    document = f"{{ conversionPaths(by: SOURCE) {{ {selection} }} }}"
    with queries_of_tracking() as before:
        ask(staff, document)
    for number in range(20):
        convert(came((number, f"source {number}", "cpc"), (1, "google", "cpc")), "1.00")
    with queries_of_tracking() as after:
        ask(staff, document)
    assert len(before) == len(after) <= 4
    assert before
