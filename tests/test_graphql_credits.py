"""``credits`` of a conversion under each model: what Python says, in the words of the API."""

import base64
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.test.utils import override_settings

from django_attribution.attribution_models import (
    AttributionModel,
    SingleTouchModel,
    first_touch,
    last_non_direct,
    last_touch,
    linear,
    position_based,
    time_decay,
)
from django_attribution.models import Conversion, Identity, Touchpoint
from graphql_api.model_enums import PER_CONVERSION
from tests.browsers import queries_of_tracking
from tests.graphql_calls import EVERYTHING, ask, dashboard, errors_of

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parent.parent
T0 = datetime(2026, 3, 29, 1, 30, 0, 999_999, tzinfo=UTC)  # in the hour that Berlin's clocks skip
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
MODELS: dict[str, AttributionModel] = {
    "FIRST_TOUCH": first_touch,
    "LAST_TOUCH": last_touch,
    "LAST_NON_DIRECT": last_non_direct,
    "LINEAR": linear,
    "TIME_DECAY": time_decay(),
    "POSITION_BASED": position_based(),
}
ASK = """query (
  $model: AttributionModel! = LINEAR, $windowDays: Int! = 30, $of: [SourceWindowInput!]! = [],
  $excludeDirect: Boolean! = false
) {
  attributedConversions(
    model: $model, windowDays: $windowDays, sourceWindows: $of, excludeDirect: $excludeDirect, first: 200
  ) { edges {
    node { id value { amount currency } }
    credits {
      weight value { amount currency } channel source medium campaign campaignId term content referrer touchedAt
      ageSeconds windowDays touchpoint { id }
    }
  } }
}"""


@pytest.fixture
def staff() -> Client:
    return dashboard(*EVERYTHING)


def visited(*touches: tuple[timedelta, str]) -> Identity:
    """Store a visitor who came so long before T0 from each source; "" is a direct visit, "x/y" names a medium."""
    identity = Identity.objects.create()
    for before, words in touches:
        source, _, medium = words.partition("/")
        Touchpoint.objects.create(identity=identity, created_at=T0 - before, utm_source=source, utm_medium=medium)
    return identity


def converted(identity: Identity | None, amount: str = "") -> Conversion:
    """Store a conversion at T0, worth nothing or an amount such as ``140.00 EUR``."""
    value, _, currency = amount.partition(" ")
    return Conversion.objects.create(
        identity=identity, event="purchase", created_at=T0, value=Decimal(value) if value else None, currency=currency
    )


def credits_of(staff: Client, **arguments: Any) -> list[dict[str, Any]]:
    """Ask for the credits of the only conversion."""
    (edge,) = ask(staff, ASK, **arguments)["attributedConversions"]["edges"]
    credits: list[dict[str, Any]] = edge["credits"]
    return credits


def global_id(kind: str, uuid: UUID) -> str:
    """Return a row's id as Relay has it."""
    return base64.b64encode(f"{kind}:{uuid}".encode()).decode()


def in_python(model: AttributionModel, **options: Any) -> dict[str, list[dict[str, Any]]]:
    """Ask the Python door, and word its answer as the GraphQL door does, without any of its code."""
    return {
        global_id("Conversion", row.uuid): [
            {
                "weight": f"{credit.rounded_weight:.6f}",
                "value": None if credit.value is None else {"amount": str(credit.value), "currency": row.currency},
                "channel": credit.touchpoint.channel,
                "source": credit.touchpoint.source,
                "medium": credit.touchpoint.medium,
                "campaign": credit.touchpoint.utm_campaign or None,
                "campaignId": credit.touchpoint.utm_id or None,
                "term": credit.touchpoint.utm_term or None,
                "content": credit.touchpoint.utm_content or None,
                "referrer": credit.touchpoint.referrer or None,
                "touchedAt": credit.touched_at.isoformat(),
                "ageSeconds": (row.created_at - credit.touched_at) // timedelta(seconds=1),
                "windowDays": credit.window_days,
                "touchpoint": {"id": global_id("Touchpoint", credit.touchpoint_uuid)},
            }
            for credit in row.attribution_credits
        ]
        for row in Conversion.objects.valid().with_attribution(model, **options)
    }


@pytest.fixture
def histories() -> None:
    """Visitors of every kind, with conversions worth amounts that do not divide."""
    long = [
        (number * DAY, source) for number, source in enumerate(("google/cpc", "", "email", "google", "", "bing"), 1)
    ]
    for amount in ("", "0.05 EUR", "140.00 EUR", "7 JPY", "1.000 KWD", "0.00 USD"):
        converted(visited(), amount)
        converted(visited(*long), amount)
        converted(visited((DAY, ""), (2 * DAY, "")), amount)
        converted(visited((7 * DAY, "google"), (7 * DAY + MICROSECOND, "email"), (-MICROSECOND, "bing")), amount)
        converted(visited((30 * DAY, "x"), (DAY, "y"), (DAY, "z")), amount)
        converted(None, amount)
    identity = Identity.objects.create()
    Touchpoint.objects.create(
        identity=identity, created_at=T0 - DAY, utm_source=" Google", utm_medium="CPC", utm_campaign="Spring",
        utm_term="shoes", utm_content="top", utm_id="c-1", referrer="https://blog.test/post",
    )  # fmt: skip
    converted(identity, "9.99 EUR")


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("exclude_direct", [False, True])
@pytest.mark.parametrize(("window_days", "source_windows"), [(30, {}), (7, {"google": 3, "bing": 0})])
def test_both_doors_give_the_same_credits(
    staff: Client, histories: None, name: str, exclude_direct: bool, window_days: int, source_windows: dict[str, int]
) -> None:
    page = ask(
        staff,
        ASK,
        model=name,
        windowDays=window_days,
        of=[{"source": source, "days": days} for source, days in source_windows.items()],
        excludeDirect=exclude_direct,
    )["attributedConversions"]
    expected = in_python(
        MODELS[name], window_days=window_days, source_windows=source_windows, exclude_direct=exclude_direct
    )
    assert {edge["node"]["id"]: edge["credits"] for edge in page["edges"]} == expected
    assert len(expected) == 37
    for edge in page["edges"]:
        if not edge["credits"]:
            continue
        assert sum(Decimal(credit["weight"]) for credit in edge["credits"]) == 1
        if edge["node"]["value"] is not None:
            parts = [Decimal(credit["value"]["amount"]) for credit in edge["credits"]]
            assert sum(parts) == Decimal(edge["node"]["value"]["amount"])


def test_weights_and_parts_of_the_value_are_text_that_adds_up(staff: Client) -> None:
    converted(visited((3 * DAY, ""), (2 * DAY, "google/organic"), (DAY, "")), "140.00 EUR")
    credits = credits_of(staff)
    assert [(credit["channel"], credit["weight"], credit["value"]["amount"]) for credit in credits] == [
        ("Direct", "0.333334", "46.67"),
        ("Organic Search", "0.333333", "46.66"),
        ("Direct", "0.333333", "46.67"),
    ]
    assert {credit["value"]["currency"] for credit in credits} == {"EUR"}


@pytest.mark.parametrize(
    ("model", "everyone", "others"),
    [
        ("FIRST_TOUCH", [("(direct)", "1.000000")], [("google", "1.000000")]),
        ("LAST_TOUCH", [("(direct)", "1.000000")], [("email", "1.000000")]),
        ("LAST_NON_DIRECT", [("email", "1.000000")], [("email", "1.000000")]),
        (
            "LINEAR",
            [("(direct)", "0.250000"), ("google", "0.250000"), ("email", "0.250000"), ("(direct)", "0.250000")],
            [("google", "0.500000"), ("email", "0.500000")],
        ),
        (
            "TIME_DECAY",
            [("(direct)", "0.090909"), ("google", "0.181818"), ("email", "0.363637"), ("(direct)", "0.363636")],
            [("google", "0.333333"), ("email", "0.666667")],
        ),
        (
            "POSITION_BASED",
            [("(direct)", "0.400000"), ("google", "0.100000"), ("email", "0.100000"), ("(direct)", "0.400000")],
            [("google", "0.500000"), ("email", "0.500000")],
        ),
    ],
)
def test_direct_touches_are_taken_out_where_that_is_asked_for(
    staff: Client, model: str, everyone: list[tuple[str, str]], others: list[tuple[str, str]]
) -> None:
    converted(visited((21 * DAY, ""), (14 * DAY, "google"), (7 * DAY, "email"), (7 * DAY, "")))
    for exclude_direct, expected in ((False, everyone), (True, others)):
        credits = credits_of(staff, model=model, excludeDirect=exclude_direct)
        assert [(credit["source"], credit["weight"]) for credit in credits] == expected


@pytest.mark.parametrize(
    ("before", "seconds"),
    [
        (timedelta(), 0),
        (MICROSECOND, 0),
        (timedelta(seconds=1) - MICROSECOND, 0),
        (timedelta(seconds=1), 1),
        (3650 * DAY - MICROSECOND, 315_359_999),
        (3650 * DAY, 315_360_000),
    ],
)
def test_an_age_is_in_whole_seconds_that_have_passed(staff: Client, before: timedelta, seconds: int) -> None:
    converted(visited((before, "google")))
    (credit,) = credits_of(staff, windowDays=3650)
    assert (credit["ageSeconds"], credit["windowDays"]) == (seconds, 3650)


def test_each_credit_says_the_window_of_its_own_source(staff: Client) -> None:
    converted(visited((20 * DAY, "Google"), (6 * DAY, "email"), (3 * DAY, "")))
    credits = credits_of(staff, windowDays=5, of=[{"source": "GOOGLE ", "days": 20}, {"source": "email", "days": 19}])
    assert [(credit["source"], credit["windowDays"]) for credit in credits] == [
        ("google", 20), ("email", 19), ("(direct)", 5),
    ]  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_the_touch_itself_is_for_those_who_may_see_touches(histories: None, model: str) -> None:
    (seen, unseen) = (
        [edge["credits"] for edge in ask(client, ASK, model=model)["attributedConversions"]["edges"]]
        for client in (dashboard(*EVERYTHING), dashboard("view_conversion"))
    )
    assert {credit["touchpoint"] is None for credits in seen for credit in credits} == {False}
    assert unseen == [[credit | {"touchpoint": None} for credit in credits] for credits in seen]


@pytest.mark.parametrize("name", ["TIME_DECAY_14D", "LAST_PAID", "PARTICIPATION", "MARKOV", "linear"])
def test_a_model_that_was_not_named_when_the_schema_was_built_is_none(staff: Client, name: str) -> None:
    with override_settings(DJANGO_ATTRIBUTION={"MODELS": {"LAST_PAID": "tests.own_models.last_paid"}}):
        (error,) = errors_of(staff, ASK, model=name)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "AttributionModel" in error["message"]


def test_the_models_are_explained_by_their_own_descriptions(staff: Client) -> None:
    document = '{ __type(name: "AttributionModel") { enumValues { name description } } }'
    with override_settings(DJANGO_ATTRIBUTION={"GRAPHQL_INTROSPECTION": True}):
        values = ask(staff, document)["__type"]["enumValues"]
    assert {value["name"]: value["description"] for value in values} == {
        name: model.description for name, model in MODELS.items()
    }


def test_the_models_that_a_site_names_are_asked_for_like_the_others(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.site_with_models", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert list(found["enum"]) == [*MODELS, "TIME_DECAY_14D", "LAST_PAID", "BROKEN"]
    assert found["enum"]["TIME_DECAY_14D"] == time_decay(14).description
    assert found["enum"]["LAST_PAID"] == "All credit to the last paid click."
    assert found["credits"] == {
        "TIME_DECAY_14D": {"of 29": "0.142857", "of 15": "0.285714", "of 1": "0.571429"},
        "LAST_PAID": {"of 15": "1.000000"},
    }
    # What is wrong with a model is for the site's log, not for its callers.
    (error,) = found["broken"]
    assert error["message"] == "Unexpected error."
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert "The model 'secretly broken' must return" in done.stderr


def many_visitors(number: int) -> None:
    """Store visitors with three touches and one conversion each."""
    identities = Identity.objects.bulk_create(Identity() for _ in range(number))
    Touchpoint.objects.bulk_create(
        Touchpoint(identity=identity, utm_source=f"source {days}", created_at=T0 - days * DAY)
        for identity in identities
        for days in range(3)
    )
    Conversion.objects.bulk_create(
        Conversion(identity=identity, event="purchase", value=Decimal(number), currency="EUR", created_at=T0)
        for number, identity in enumerate(identities)
    )


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("size", [1, 50])
def test_a_page_of_credits_costs_two_queries_and_each_count_one_more(staff: Client, model: str, size: int) -> None:
    many_visitors(60)
    credits = "credits { weight value { amount } channel touchedAt touchpoint { id landingUrl } }"
    shared = int(not isinstance(PER_CONVERSION[model], SingleTouchModel))  # journeys are counted before they are read
    for selection, cost in (
        (f"edges {{ {credits} }}", 2 + shared),
        (f"edges {{ node {{ id event }} {credits} }} totalCount pageInfo {{ hasNextPage }}", 3 + shared),
        ("edges { node { id event } }", 1),
    ):
        with queries_of_tracking() as statements:
            page = ask(staff, f"{{ attributedConversions(model: {model}, first: {size}) {{ {selection} }} }}")
        edges = page["attributedConversions"]["edges"]
        assert len(edges) == size
        assert len(statements) == cost
