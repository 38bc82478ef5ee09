"""``attributedConversions``: who earned a conversion, under each model and window, and the same as in Python."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any

import pytest
from django.test import Client

from django_attribution.attribution_models import SingleTouchModel, first_touch, last_touch
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.windows import MAX_DAYS, MAX_SOURCES
from tests.graphql_calls import EVERYTHING, ask, dashboard, errors_of, post, refused_argument

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
ASK = """query ($model: AttributionModel! = LAST_TOUCH, $windowDays: Int! = 30, $of: [SourceWindowInput!]! = []) {
  attributedConversions(model: $model, windowDays: $windowDays, sourceWindows: $of, first: 200) {
    edges { node { event } credits { source windowDays } } } }"""
EVERY_CREDIT = """query ($model: AttributionModel!, $windowDays: Int!, $of: [SourceWindowInput!]!) {
  attributedConversions(model: $model, windowDays: $windowDays, sourceWindows: $of, first: 200) {
    totalCount
    edges {
      node { event status occurredAt confirmedAt customData value { amount currency } }
      credits {
        weight value { amount currency } source medium campaign campaignId term content referrer touchedAt ageSeconds
        windowDays touchpoint {
          id occurredAt source medium campaign campaignId term content landingUrl referrer
          clickIds { parameter platform value }
        }
      }
    }
  }
}"""


@pytest.fixture
def staff() -> Client:
    return dashboard(*EVERYTHING)


def touch(identity: Identity, *, before: timedelta, source: str = "google", **columns: Any) -> Touchpoint:
    return Touchpoint.objects.create(identity=identity, created_at=T0 - before, utm_source=source, **columns)


def convert(identity: Identity | None = None, **columns: Any) -> Conversion:
    return Conversion.objects.create(identity=identity, **{"event": "purchase", "created_at": T0, **columns})


@pytest.fixture
def visitor(db: None) -> Identity:
    """Somebody who came by google, email and bing, and then bought."""
    identity = Identity.objects.create()
    for days, source in ((29, "Google"), (10, "email"), (2, "bing")):
        touch(identity, before=days * DAY, source=source)
    convert(identity)
    return identity


def earned_by(staff: Client, document: str = ASK, **arguments: Any) -> list[tuple[str, int]]:
    """Return the source and window of the only conversion's credits."""
    (edge,) = ask(staff, document, **arguments)["attributedConversions"]["edges"]
    return [(credit["source"], credit["windowDays"]) for credit in edge["credits"]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [("bing", 30)]),
        ({"model": "FIRST_TOUCH"}, [("google", 30)]),
        ({"model": "FIRST_TOUCH", "windowDays": 28}, [("email", 28)]),
        ({"model": "FIRST_TOUCH", "windowDays": 9}, [("bing", 9)]),
        ({"windowDays": 1}, []),
        ({"windowDays": 0}, []),
        ({"windowDays": MAX_DAYS}, [("bing", MAX_DAYS)]),
        ({"of": [{"source": "bing", "days": 1}]}, [("email", 30)]),
        ({"of": [{"source": "bing", "days": 0}, {"source": "EMAIL ", "days": 9}]}, [("google", 30)]),
        ({"windowDays": 0, "of": [{"source": "email", "days": MAX_DAYS}]}, [("email", MAX_DAYS)]),
        ({"windowDays": 1, "of": [{"source": "default", "days": 30}]}, []),
    ],
)
def test_model_and_windows_decide_who_earned_it(
    staff: Client, visitor: Identity, arguments: dict[str, Any], expected: list[tuple[str, int]]
) -> None:
    assert earned_by(staff, **arguments) == expected


@pytest.mark.parametrize(
    ("before", "is_credited"),
    [
        (timedelta(), True),
        (-MICROSECOND, False),
        (7 * DAY, True),
        (7 * DAY + MICROSECOND, False),
        (7 * DAY - MICROSECOND, True),
    ],
)
@pytest.mark.parametrize("windows", [{"windowDays": 7}, {"windowDays": 90, "of": [{"source": "Google", "days": 7}]}])
def test_windows_are_exact_to_the_microsecond(
    staff: Client, before: timedelta, is_credited: bool, windows: dict[str, Any]
) -> None:
    identity = Identity.objects.create()
    touch(identity, before=before)
    convert(identity)
    assert earned_by(staff, **windows) == ([("google", 7)] if is_credited else [])


def test_fifty_sources_may_have_windows_of_their_own(staff: Client, visitor: Identity) -> None:
    others = [{"source": f"source {number}", "days": number} for number in range(MAX_SOURCES - 1)]
    assert earned_by(staff, of=[*others, {"source": "bing", "days": 5}]) == [("bing", 5)]


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"windowDays": -1}, "windowDays"),
        ({"windowDays": MAX_DAYS + 1}, "windowDays"),
        ({"of": [{"source": "email", "days": -1}]}, "sourceWindows"),
        ({"of": [{"source": "email", "days": MAX_DAYS + 1}]}, "sourceWindows"),
        ({"of": [{"source": "", "days": 1}]}, "sourceWindows"),
        ({"of": [{"source": " \t", "days": 1}]}, "sourceWindows"),
        ({"of": [{"source": "email", "days": 1}, {"source": "email", "days": 1}]}, "sourceWindows"),
        ({"of": [{"source": "email", "days": 1}, {"source": " EMail", "days": 2}]}, "sourceWindows"),
        ({"of": [{"source": f"s{number}", "days": 1} for number in range(MAX_SOURCES + 1)]}, "sourceWindows"),
        ({"of": [{"source": "s", "days": 1} for _ in range(2_000)]}, "sourceWindows"),
    ],
)
def test_a_window_that_cannot_be_used_is_refused_by_name(
    staff: Client, visitor: Identity, arguments: dict[str, Any], argument: str
) -> None:
    assert refused_argument(staff, ASK, **arguments) == argument
    (error,) = errors_of(staff, ASK, **arguments)
    assert argument in error["message"]
    assert "_" not in error["message"]


def test_a_window_is_checked_whether_credits_are_asked_for_or_not(staff: Client, visitor: Identity) -> None:
    assert refused_argument(staff, "{ attributedConversions(windowDays: -1) { totalCount } }") == "windowDays"


@pytest.mark.parametrize("source", ["nul\0", "'; --", "☃", "%", "x" * 5_000, "\u202e"])
def test_a_source_of_any_characters_is_answered_or_named(staff: Client, visitor: Identity, source: str) -> None:
    answer = post(staff, ASK, of=[{"source": source, "days": 3}]).json()
    extensions = [error["extensions"] for error in answer.get("errors", [])]
    assert extensions in ([], [{"code": "BAD_USER_INPUT", "argument": "sourceWindows"}])


@pytest.mark.parametrize(
    "arguments",
    [
        {"model": "PARTICIPATION"},
        {"model": "LAST_PAID"},
        {"model": "last_touch"},
        {"model": None},
        {"windowDays": None},
        {"windowDays": 1.5},
    ],
)
def test_an_unknown_model_or_no_number_of_days_is_refused(staff: Client, arguments: dict[str, Any]) -> None:
    (error,) = errors_of(staff, ASK, **arguments)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_aliases_of_one_operation_get_their_own_answers(staff: Client, visitor: Identity) -> None:
    document = """query ($email: [SourceWindowInput!]!) {
      last: attributedConversions { ...Credits }
      first: attributedConversions(model: FIRST_TOUCH) { ...Credits }
      short: attributedConversions(model: FIRST_TOUCH, windowDays: 5) { ...Credits }
      none: attributedConversions(windowDays: 0) { ...Credits }
      email: attributedConversions(windowDays: 0, sourceWindows: $email) { ...Credits }
    } fragment Credits on AttributedConversionConnection { edges { ...Edge } }
      fragment Edge on AttributedConversionEdge { credits { source windowDays } }"""
    data = ask(staff, document, email=[{"source": "email", "days": 12}])
    credited = {
        alias: [(credit["source"], credit["windowDays"]) for credit in page["edges"][0]["credits"]]
        for alias, page in data.items()
    }
    assert credited == {
        "last": [("bing", 30)],
        "first": [("google", 30)],
        "short": [("bing", 5)],
        "none": [],
        "email": [("email", 12)],
    }


SHAPES = {
    "plain": "edges { node { event identity { journey { source } } } credits { source } }",
    "inline fragments": """... on AttributedConversionConnection { edges { ... { node { ... on Node { id }
        ... on Conversion { event identity { ... on Identity { journey { source } } } } } credits { source } } } }""",
    "aliases": "edges { node { event identity { journey { source } } } credits { source } } more: totalCount",
    "split selections": """edges { node { event } } edges { node { identity { isAnonymous } } }
        edges { node { identity { journey { source } } } credits { source } }""",
    "skipped fields": """totalCount @skip(if: true) edges { node { id @include(if: false) event identity {
        journey { source } } } credits @skip(if: false) { source } }""",
}


@pytest.mark.parametrize("selection", SHAPES.values(), ids=SHAPES)
def test_what_is_asked_is_seen_however_it_is_written(staff: Client, visitor: Identity, selection: str) -> None:
    (edge,) = ask(staff, f"{{ attributedConversions {{ {selection} }} }}")["attributedConversions"]["edges"]
    assert edge["credits"] == [{"source": "bing"}]
    assert edge["node"]["event"] == "purchase"
    journey = edge["node"]["identity"]["journey"]
    assert journey == [{"source": "google"}, {"source": "email"}, {"source": "bing"}]


def journey_of(staff: Client, selection: str = "journey { source }", head: str = "", **variables: Any) -> Any:
    document = f"query {head} {{ attributedConversions {{ edges {{ node {{ identity {{ {selection} }} }} }} }} }}"
    (edge,) = ask(staff, document, **variables)["attributedConversions"]["edges"]
    return edge["node"]["identity"]


def sources(journey: list[dict[str, str]]) -> list[str]:
    return [touch["source"] for touch in journey]


def test_a_journey_begins_at_its_beginning(staff: Client, visitor: Identity) -> None:
    asked = "none: journey(first: 0) { source } two: journey(first: 2) { source } all: journey(first: 200) { source }"
    found = journey_of(staff, asked)
    assert {alias: sources(journey) for alias, journey in found.items()} == {
        "none": [],
        "two": ["google", "email"],
        "all": ["google", "email", "bing"],
    }


@pytest.mark.parametrize("variables", [{}, {"n": 2}, {"n": 50}])
def test_the_length_of_a_journey_may_be_a_variable(staff: Client, visitor: Identity, variables: dict[str, int]) -> None:
    found = journey_of(staff, "journey(first: $n) { source }", "($n: Int! = 50)", **variables)
    assert sources(found["journey"]) == ["google", "email", "bing"][: variables.get("n", 50)]


def test_a_variable_that_is_left_out_leaves_the_default_length(staff: Client, visitor: Identity) -> None:
    found = journey_of(staff, "journey(first: $n) { source }", "($n: Int)")
    assert sources(found["journey"]) == ["google", "email", "bing"]


def test_a_journey_has_at_most_fifty_touches_unless_more_are_asked_for(staff: Client) -> None:
    identity = Identity.objects.create()
    for number in range(205):
        touch(identity, before=timedelta(hours=300 - number), source=str(number))
    convert(identity)
    assert sources(journey_of(staff)["journey"]) == [str(number) for number in range(50)]
    found = journey_of(staff, "journey(first: 200) { source }")
    assert sources(found["journey"]) == [str(number) for number in range(200)]


@pytest.mark.parametrize("first", [-1, 201, 2**31 - 1])
def test_a_journey_of_another_length_is_refused_by_name(staff: Client, visitor: Identity, first: int) -> None:
    document = (
        f"{{ attributedConversions {{ edges {{ node {{ identity {{ journey(first: {first}) {{ id }} }} }} }} }} }}"
    )
    assert refused_argument(staff, document) == "first"


def test_touches_at_one_instant_are_ordered_by_key(staff: Client) -> None:
    identity = Identity.objects.create()
    for source in ("a", "b", "c"):
        touch(identity, before=DAY, source=source)
    convert(identity)
    assert sources(journey_of(staff)["journey"]) == ["a", "b", "c"]
    assert earned_by(staff) == [("c", 30)]
    assert earned_by(staff, model="FIRST_TOUCH") == [("a", 30)]


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [
        ("1234", "JPY", "1234"),
        ("1.5", "KWD", "1.500"),
        ("0.001", "KWD", "0.001"),
        ("10", "EUR", "10.00"),
        ("0", "USD", "0.00"),
        ("99999999999.9999", "CLF", "99999999999.9999"),
        ("9999999999999.99", "USD", "9999999999999.99"),
    ],
)
def test_an_amount_is_text_with_the_digits_of_its_currency(
    staff: Client, visitor: Identity, value: str, currency: str, amount: str
) -> None:
    Conversion.objects.update(value=Decimal(value), recorded_value=Decimal(value), currency=currency)
    document = """{ attributedConversions { edges { node { value { amount currency } recordedValue { amount } }
        credits { weight value { amount currency } } } } }"""
    (edge,) = ask(staff, document)["attributedConversions"]["edges"]
    assert edge == {
        "node": {"value": {"amount": amount, "currency": currency}, "recordedValue": {"amount": amount}},
        "credits": [{"weight": "1.000000", "value": {"amount": amount, "currency": currency}}],
    }


def test_a_conversion_without_value_has_no_money(staff: Client, visitor: Identity) -> None:
    document = "{ attributedConversions { edges { node { value { amount } } credits { value { amount } } } } }"
    (edge,) = ask(staff, document)["attributedConversions"]["edges"]
    assert edge == {"node": {"value": None}, "credits": [{"value": None}]}


def test_a_final_value_leaves_the_recorded_one(staff: Client) -> None:
    convert(value=Decimal("10.00"), currency="EUR", is_confirmed=False).confirm(value="12.50")
    document = "{ attributedConversions { edges { node { value { amount } recordedValue { amount } } } } }"
    (edge,) = ask(staff, document)["attributedConversions"]["edges"]
    assert edge["node"] == {"value": {"amount": "12.50"}, "recordedValue": {"amount": "10.00"}}


@pytest.mark.parametrize(
    "custom_data", [{}, {"plan": "pro", "seats": 3, "nested": [{"a": None}]}, {"number": 2**70}, {"text": "\u2028<b>"}]
)
def test_custom_data_comes_as_it_was_stored(staff: Client, custom_data: dict[str, Any]) -> None:
    convert(custom_data=custom_data)
    (edge,) = ask(staff, "{ attributedConversions { edges { node { customData } } } }")["attributedConversions"][
        "edges"
    ]
    assert edge["node"]["customData"] == custom_data


HISTORIES: list[list[tuple[float, dict[str, Any]]]] = [
    [],
    [(1, {"source": "google", "utm_medium": "cpc", "utm_campaign": "Spring", "utm_id": "c-1"})],
    [(40, {"source": "Email", "utm_term": "shoes", "utm_content": "top"}), (6, {"source": "google"})],
    [(8, {"source": "", "click_ids": {"gclid": "Cj0K", "unknown": "x"}}), (7, {"source": "google"})],
    [(31, {"source": "bing"}), (30, {"source": "bing"})],
    [(3, {"source": "", "referrer": "https://blog.test/post", "url": "https://shop.test/?utm_source=x"})],
    [(0, {"source": "email"}), (0, {"source": "google"}), (-1, {"source": "bing"})],
]


def in_python(model: SingleTouchModel, **windows: Any) -> list[dict[str, Any]]:
    """Ask the Python door, and word its answer as the GraphQL door does, without any of its code."""
    rows = Conversion.objects.valid().with_attribution(model, **windows)
    return [{"event": row.event, "credits": [_credit(row)] if row.attribution_data else []} for row in rows]


def _credit(row: Conversion) -> dict[str, Any]:
    earned, asked = row.attribution_data, row.attribution_metadata
    return {
        "source": earned["source"],
        "medium": earned["medium"],
        "campaign": earned["utm_campaign"] or None,
        "campaignId": earned["utm_id"] or None,
        "term": earned["utm_term"] or None,
        "content": earned["utm_content"] or None,
        "referrer": earned["referrer"] or None,
        "touchedAt": earned["touched_at"].isoformat(),
        "ageSeconds": (row.created_at - earned["touched_at"]) // timedelta(seconds=1),
        "windowDays": asked["source_windows"].get(earned["source"], asked["window_days"]),
        "value": None if row.value is None else {"amount": f"{row.value:.2f}", "currency": row.currency},
        "weight": "1.000000",
    }


@pytest.mark.parametrize(("name", "model"), [("FIRST_TOUCH", first_touch), ("LAST_TOUCH", last_touch)])
@pytest.mark.parametrize(
    ("window_days", "source_windows"), [(30, {}), (7, {}), (0, {}), (7, {"google": 14, "email": 90}), (30, {"bing": 0})]
)
def test_both_doors_give_the_same_answer(
    staff: Client, name: str, model: SingleTouchModel, window_days: int, source_windows: dict[str, int]
) -> None:
    for number, history in enumerate(HISTORIES):
        identity = Identity.objects.create()
        for days, columns in history:
            touch(identity, before=days * DAY, **columns)
        convert(identity, event=f"event {number}", value=number or None, currency="EUR" if number else "")
        convert(identity, event=f"later {number}", created_at=T0 + DAY)
    convert(None, event="of nobody")
    page = ask(
        staff,
        EVERY_CREDIT,
        model=name,
        windowDays=window_days,
        of=[{"source": source, "days": days} for source, days in source_windows.items()],
    )["attributedConversions"]
    for edge in page["edges"]:
        for credit in edge["credits"]:
            shown = credit.pop("touchpoint")
            assert {key: shown[key] for key in ("source", "medium", "campaign", "campaignId", "term", "content")} == {
                key: credit[key] for key in ("source", "medium", "campaign", "campaignId", "term", "content")
            }
            assert (shown["occurredAt"], shown["referrer"]) == (credit["touchedAt"], credit["referrer"])
    expected = in_python(model, window_days=window_days, source_windows=source_windows)
    answered = [{"event": edge["node"]["event"], "credits": edge["credits"]} for edge in page["edges"]]
    assert sorted(answered, key=itemgetter("event")) == sorted(expected, key=itemgetter("event"))
    assert page["totalCount"] == len(expected) == 15


def test_a_touch_tells_its_click_ids_of_known_platforms(staff: Client) -> None:
    identity = Identity.objects.create()
    touch(identity, before=DAY, source="", click_ids={"fbclid": "IwAR", "gclid": "Cj0K", "unknown": "x"})
    convert(identity)
    document = """{ attributedConversions { edges { credits { source medium
        touchpoint { clickIds { parameter platform value } } } } } }"""
    (edge,) = ask(staff, document)["attributedConversions"]["edges"]
    (credit,) = edge["credits"]
    assert (credit["source"], credit["medium"]) == ("google", "cpc")
    assert sorted(credit["touchpoint"]["clickIds"], key=lambda click_id: click_id["parameter"]) == [
        {"parameter": "fbclid", "platform": "Meta", "value": "IwAR"},
        {"parameter": "gclid", "platform": "Google Ads", "value": "Cj0K"},
    ]


def test_a_credited_touch_is_the_one_in_the_journey(staff: Client, visitor: Identity) -> None:
    document = """{ attributedConversions { edges { node { identity { id journey { id } } }
        credits { touchpoint { id } } } } }"""
    (edge,) = ask(staff, document)["attributedConversions"]["edges"]
    assert edge["credits"] == [{"touchpoint": edge["node"]["identity"]["journey"][-1]}]
