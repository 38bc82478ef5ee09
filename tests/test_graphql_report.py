"""``attributionReport``: the rows of the Python report with its models side by side, and what it refuses."""

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from django_attribution.credit_filter import MAX_VALUES, CreditFilter, CreditKind
from django_attribution.dimensions import DIMENSIONS
from django_attribution.markov import MAX_CHAIN_KEYS as MARKOV_KEYS
from django_attribution.model_names import MAX_MODELS
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.report_rows import MAX_KEYS, ReportRow
from django_attribution.windows import MAX_DAYS, MAX_SOURCES
from graphql_api import report_queries
from graphql_api.model_enums import IN_REPORTS
from tests.browsers import queries_of_tracking
from tests.graphql_calls import EVERYTHING, ask, codes_of, dashboard, errors_of, refused_argument

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
ROOT = Path(__file__).parent.parent
WHOLE = """rows { kind key { dimension value } intervalStart currency
      results { model conversions value { amount currency } } }
    totals { currency conversions value { amount currency } }"""
ASK = f"""query (
  $models: [ReportModel!]! = [LAST_TOUCH], $windowDays: Int! = 30, $sourceWindows: [SourceWindowInput!]! = [],
  $excludeDirect: Boolean! = false, $groupBy: [AttributionDimension!]! = [], $interval: ReportInterval,
  $timeZone: String! = "UTC", $where: ConversionFilterInput! = {{}}, $creditedTo: CreditFilterInput,
  $orderBy: ReportOrderInput, $first: Int! = 100
) {{
  attributionReport(
    models: $models, windowDays: $windowDays, sourceWindows: $sourceWindows, excludeDirect: $excludeDirect,
    groupBy: $groupBy, interval: $interval, timeZone: $timeZone, where: $where, creditedTo: $creditedTo,
    orderBy: $orderBy, first: $first
  ) {{ {WHOLE} }}
}}"""


@pytest.fixture
def staff() -> Client:
    return dashboard()


def came(*touches: tuple[float, str, str], **columns: Any) -> Identity:
    """Have a visitor come so many days before T0 by source and medium."""
    identity = Identity.objects.create()
    for days, source, medium in touches:
        Touchpoint.objects.create(
            identity=identity, created_at=T0 - days * DAY, utm_source=source, utm_medium=medium, **columns
        )
    return identity


def convert(identity: Identity | None, value: str | None = None, currency: str = "EUR", **columns: Any) -> Conversion:
    amount = {} if value is None else {"value": Decimal(value), "currency": currency}
    return Conversion.objects.create(identity=identity, **{"event": "purchase", "created_at": T0, **amount, **columns})


@pytest.fixture
def shop() -> None:
    """Three buyers in two currencies, somebody who signs up, a buyer whom nobody sent, and what does not count."""
    convert(came((10, "google", "cpc"), (2, "news", "email"), url="https://shop.test/sale/?utm_source=x"), "100.00")
    convert(came((5, "google", "cpc")), "49.90", currency="USD")
    convert(came((40, "bing", "organic"), (3, "bing", "organic"), (1, "google", "cpc")), "10.01")
    convert(came((1, "news", "email")), event="signup", created_at=T0 - 20 * timedelta(hours=1))
    convert(None, "20.00")
    convert(came((1, "google", "cpc")), "1000.00", is_confirmed=False)
    convert(came((1, "google", "cpc")), "1000.00", is_active=False)


def report_of(staff: Client, **arguments: Any) -> Any:
    return ask(staff, ASK, **arguments)["attributionReport"]


def rows_of(staff: Client, **arguments: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a report by one model: key, interval, currency, conversions, value."""
    rows = []
    for row in report_of(staff, **arguments)["rows"]:
        (result,) = row["results"]
        value = result["value"]
        assert (value is None) == (row["currency"] is None)
        assert value is None or value["currency"] == row["currency"]
        name = "/".join(part["value"] for part in row["key"]) or row["kind"]
        when = () if row["intervalStart"] is None else (row["intervalStart"],)
        rows.append((name, *when, row["currency"], result["conversions"], value and value["amount"]))
    return rows


def test_credit_is_counted_by_key_and_currency_and_what_nobody_earned_comes_last(staff: Client, shop: None) -> None:
    assert rows_of(staff, groupBy=["CHANNEL"]) == [
        ("Email", "EUR", "1.000000", "100.00"),  # as many conversions as by Paid Search: then by name
        ("Email", None, "1.000000", None),
        ("Paid Search", "EUR", "1.000000", "10.01"),
        ("Paid Search", "USD", "1.000000", "49.90"),
        ("UNATTRIBUTED", "EUR", "1.000000", "20.00"),
    ]


def test_totals_are_what_was_selected_by_currency(staff: Client, shop: None) -> None:
    assert report_of(staff)["totals"] == [
        {"currency": "EUR", "conversions": 3, "value": {"amount": "130.01", "currency": "EUR"}},
        {"currency": "USD", "conversions": 1, "value": {"amount": "49.90", "currency": "USD"}},
        {"currency": None, "conversions": 1, "value": None},
    ]


def test_a_key_names_its_dimensions_in_the_order_asked_for(staff: Client, shop: None) -> None:
    rows = report_of(staff, groupBy=["EVENT", "CHANNEL"])["rows"]
    keys = {tuple((part["dimension"], part["value"]) for part in row["key"]) for row in rows}
    assert keys == {
        (("EVENT", "purchase"), ("CHANNEL", "Paid Search")),
        (("EVENT", "purchase"), ("CHANNEL", "Email")),
        (("EVENT", "signup"), ("CHANNEL", "Email")),
        (),
    }
    assert {row["kind"] for row in rows if not row["key"]} == {"UNATTRIBUTED"}
    assert {row["kind"] for row in rows if row["key"]} == {"ATTRIBUTED"}


def test_every_dimension_can_be_asked_for(staff: Client) -> None:
    convert(came((1, "google", "cpc"), url="https://shop.test/sale/?utm_source=google", referrer="https://blog.test/p"))
    names = [name.upper() for name in DIMENSIONS]
    (row,) = report_of(staff, groupBy=names)["rows"]
    assert {part["dimension"]: part["value"] for part in row["key"]} == {
        "CHANNEL": "Paid Search",
        "SOURCE": "google",
        "MEDIUM": "cpc",
        "CAMPAIGN": "(not set)",
        "TERM": "(not set)",
        "CONTENT": "(not set)",
        "LANDING_PAGE": "/sale/",
        "REFERRER_HOST": "blog.test",
        "EVENT": "purchase",
    }
    assert [part["dimension"] for part in row["key"]] == names


def test_models_stand_side_by_side_in_the_order_asked_for(staff: Client, shop: None) -> None:
    models = ["LINEAR", "FIRST_TOUCH", "PARTICIPATION", "LAST_TOUCH"]
    rows = report_of(staff, models=models, groupBy=["SOURCE"])["rows"]
    for row in rows:
        assert [result["model"] for result in row["results"]] == models
    bing = next(row for row in rows if row["key"] and row["key"][0]["value"] == "bing")
    assert [(result["conversions"], result["value"]["amount"]) for result in bing["results"]] == [
        ("0.500000", "5.01"),  # of a tie for the odd cent, the first by name
        ("1.000000", "10.01"),
        ("1.000000", "10.01"),
        ("0.000000", "0.00"),
    ]


def test_every_model_answers_and_the_additive_ones_add_up(staff: Client, shop: None) -> None:
    models = list(IN_REPORTS)
    report = report_of(staff, models=models, groupBy=["CHANNEL", "CAMPAIGN"], interval="DAY", first=1)
    for total in report["totals"]:
        for position, model in enumerate(models):
            results = [row["results"][position] for row in report["rows"] if row["currency"] == total["currency"]]
            assert [result["model"] for result in results] == [model] * len(results)
            if model == "PARTICIPATION":
                continue
            assert sum(Decimal(result["conversions"]) for result in results) == total["conversions"]
            if total["value"] is not None:
                earned = sum(Decimal(result["value"]["amount"]) for result in results)
                assert earned == Decimal(total["value"]["amount"])


CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"groupBy": ["CHANNEL"]}, {"by": ["channel"]}),
    ({"groupBy": ["EVENT", "SOURCE"]}, {"by": ["event", "source"]}),
    (
        {"models": ["LINEAR", "FIRST_TOUCH"], "groupBy": ["SOURCE"]},
        {"models": ["LINEAR", "FIRST_TOUCH"], "by": ["source"]},
    ),
    ({"models": ["MARKOV"], "groupBy": ["SOURCE"]}, {"models": ["MARKOV"], "by": ["source"]}),
    ({"interval": "DAY", "timeZone": "Asia/Tokyo"}, {"interval": "day", "tz": "Asia/Tokyo"}),
    ({"interval": "WEEK", "groupBy": ["MEDIUM"]}, {"interval": "week", "by": ["medium"]}),
    ({"interval": "MONTH", "timeZone": "America/New_York"}, {"interval": "month", "tz": "America/New_York"}),
    ({"windowDays": 4, "groupBy": ["SOURCE"]}, {"window_days": 4, "by": ["source"]}),
    ({"windowDays": 0}, {"window_days": 0}),
    (
        {"sourceWindows": [{"source": "Google", "days": 1}], "groupBy": ["SOURCE"]},
        {"source_windows": {"google": 1}, "by": ["source"]},
    ),
    ({"excludeDirect": True, "groupBy": ["CHANNEL"]}, {"exclude_direct": True, "by": ["channel"]}),
    (
        {"creditedTo": {"source": ["GOOGLE"]}, "groupBy": ["SOURCE"], "models": ["LINEAR"]},
        {"credited_to": CreditFilter(source=("google",)), "by": ["source"], "models": ["LINEAR"]},
    ),
    (
        {"creditedTo": {"kind": "UNATTRIBUTED"}, "groupBy": ["SOURCE"]},
        {"credited_to": CreditFilter(kind=CreditKind.UNATTRIBUTED), "by": ["source"]},
    ),
    (
        {"creditedTo": {"channel": [], "landingPage": ["/sale/"], "referrerHost": None}, "groupBy": ["LANDING_PAGE"]},
        {"credited_to": CreditFilter(landing_page=("/sale/",)), "by": ["landing_page"]},
    ),
]


@pytest.mark.parametrize(("arguments", "options"), CASES)
def test_both_doors_give_the_same_rows(
    staff: Client, shop: None, arguments: dict[str, Any], options: dict[str, Any]
) -> None:
    models = {name: IN_REPORTS[name] for name in options.get("models", ["LAST_TOUCH"])}
    report = Conversion.objects.valid().attribution_report(**{**options, "models": models}).top(100)
    answered = report_of(staff, **arguments)
    assert list(cells_of(answered["rows"])) == [in_words(row, options.get("by", [])) for row in report.rows]
    assert report.rows
    assert [(total["currency"], total["conversions"]) for total in answered["totals"]] == [
        (total.currency, total.conversions) for total in report.totals
    ]


def cells_of(rows: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Yield a row's results one by one, as Python's rows are."""
    for row in rows:
        for result in row["results"]:
            yield {**{name: row[name] for name in ("kind", "key", "intervalStart", "currency")}, **result}


def in_words(row: ReportRow, by: list[str]) -> dict[str, Any]:
    """Word a row of the Python report as the GraphQL door does, without any of its code."""
    assert len(row.key) in (0, len(by))
    return {
        "kind": row.kind.name,
        "key": [{"dimension": name.upper(), "value": value} for name, value in zip(by, row.key, strict=False)],
        "intervalStart": row.interval_start and row.interval_start.astimezone(UTC).isoformat(),
        "currency": row.currency,
        "model": row.model,
        "conversions": f"{row.conversions:.6f}",
        "value": None if row.value is None else {"amount": str(row.value), "currency": row.currency},
    }


@pytest.mark.parametrize(
    ("zone", "monday", "sunday", "next_monday"),
    [
        ("Europe/Paris", "2026-03-22T23:00:00", "2026-03-28T23:00:00", "2026-03-29T22:00:00"),
        ("Europe/Paris", "2026-10-18T22:00:00", "2026-10-24T22:00:00", "2026-10-25T23:00:00"),
        ("America/New_York", "2026-03-02T05:00:00", "2026-03-08T05:00:00", "2026-03-09T04:00:00"),
        ("America/New_York", "2026-10-26T04:00:00", "2026-11-01T04:00:00", "2026-11-02T05:00:00"),
    ],
)
def test_weeks_and_days_in_which_clocks_change_begin_and_end_at_local_midnight(
    staff: Client, zone: str, monday: str, sunday: str, next_monday: str
) -> None:
    start, last_day, end = (datetime.fromisoformat(f"{text}+00:00") for text in (monday, sunday, next_monday))
    for moment in (start - MICROSECOND, start, last_day - MICROSECOND, last_day, end - MICROSECOND, end):
        convert(None, created_at=moment)
    weeks = [row[1:] for row in rows_of(staff, interval="WEEK", timeZone=zone)]
    assert [when for when, *_ in weeks][1:] == [f"{monday}+00:00", f"{next_monday}+00:00"]
    assert [conversions for *_, conversions, _ in weeks] == ["1.000000", "4.000000", "1.000000"]
    days = {row[1]: row[-2] for row in rows_of(staff, interval="DAY", timeZone=zone)}
    assert (days[f"{sunday}+00:00"], days[f"{next_monday}+00:00"]) == ("2.000000", "1.000000")


@pytest.mark.parametrize(
    "where",
    [
        {"event": ["nothing of the kind"]},
        {"occurred": {"after": "2026-06-01T12:00:00Z", "before": "2026-06-01T12:00:00Z"}},
        {"occurred": {"after": "2027-01-01T00:00:00Z"}},
    ],
)
@pytest.mark.parametrize("interval", [None, "DAY"])
def test_of_nothing_there_are_no_rows_and_no_totals(
    staff: Client, shop: None, where: dict[str, Any], interval: str | None
) -> None:
    models = list(IN_REPORTS)
    report = report_of(staff, where=where, models=models, groupBy=["CHANNEL"], interval=interval)
    assert report == {"rows": [], "totals": []}


def test_where_selects_conversions_and_confirmed_ones_unless_it_says_otherwise(staff: Client, shop: None) -> None:
    assert rows_of(staff, where={"currency": ["USD"]}) == [("ATTRIBUTED", "USD", "1.000000", "49.90")]
    assert rows_of(staff, where={"status": ["PENDING"]}) == [("ATTRIBUTED", "EUR", "1.000000", "1000.00")]
    counted = report_of(staff, where={"status": []})["totals"]
    assert sum(total["conversions"] for total in counted) == 7


def test_the_first_keys_are_kept_and_the_others_are_one(staff: Client, shop: None) -> None:
    for first, names in ((0, ["OTHER"]), (1, ["google", "OTHER"]), (2, ["google", "bing"]), (1000, ["google", "bing"])):
        rows = rows_of(staff, groupBy=["SOURCE"], models=["FIRST_TOUCH"], where={"event": ["purchase"]}, first=first)
        assert list(dict.fromkeys(row[0] for row in rows)) == [*names, "UNATTRIBUTED"]
        assert sum(Decimal(row[-2]) for row in rows) == 4
        assert sum(Decimal(row[-1]) for row in rows) == Decimal("179.91")


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        (None, ["google", "news", "bing"]),
        ({"conversions": "DESC"}, ["google", "news", "bing"]),
        ({"conversions": "ASC"}, ["bing", "news", "google"]),
        ({"value": "DESC"}, ["news", "bing", "google"]),
        ({"value": "ASC"}, ["google", "bing", "news"]),
        ({"key": "ASC"}, ["bing", "google", "news"]),
        ({"key": "DESC"}, ["news", "google", "bing"]),
    ],
)
def test_keys_are_ordered_by_what_the_first_model_credits_or_by_name(
    staff: Client, order_by: dict[str, str] | None, expected: list[str]
) -> None:
    for source, values in {"google": ["1.00"] * 3, "news": ["50.00"] * 2, "bing": ["20.00"]}.items():
        for value in values:
            convert(came((2, source, "cpc"), (1, "last", "cpc")), value)
    rows = report_of(staff, models=["FIRST_TOUCH", "LAST_TOUCH"], groupBy=["SOURCE"], orderBy=order_by)["rows"]
    names = [row["key"][0]["value"] for row in rows]
    assert [name for name in names if name != "last"] == expected


def test_credited_to_keeps_credit_that_was_given_and_leaves_totals_alone(staff: Client, shop: None) -> None:
    arguments = {"models": ["LINEAR"], "groupBy": ["SOURCE"], "where": {"event": ["purchase"], "currency": ["EUR"]}}
    everything = rows_of(staff, **arguments)
    google = rows_of(staff, **arguments, creditedTo={"source": ["Google"]})
    assert google == [row for row in everything if row[0] == "google"]
    assert google[0][2] == "1.000000"  # half of each of two
    nobody = rows_of(staff, **arguments, creditedTo={"kind": "UNATTRIBUTED"})
    assert nobody == [("UNATTRIBUTED", "EUR", "1.000000", "20.00")]
    somebody = rows_of(staff, **arguments, creditedTo={"kind": "ATTRIBUTED"})
    assert somebody == everything[:-1]
    for kept in ({"source": ["google"]}, {"kind": "UNATTRIBUTED"}, {"kind": "ATTRIBUTED"}, {"source": ["nobody"]}):
        totals = report_of(staff, **arguments, creditedTo=kept)["totals"]
        assert totals == report_of(staff, **arguments)["totals"]


def test_fifty_sources_may_have_windows_of_their_own(staff: Client, shop: None) -> None:
    windows = [{"source": f"source {number}", "days": number} for number in range(MAX_SOURCES - 1)]
    rows = rows_of(staff, sourceWindows=[*windows, {"source": "GOOGLE", "days": 0}], groupBy=["SOURCE"])
    assert {row[0] for row in rows} == {"news", "bing", "UNATTRIBUTED"}


TOO_MANY = ["x"] * (MAX_VALUES + 1)


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"models": []}, "models"),
        ({"models": ["LINEAR", "LAST_TOUCH", "LINEAR"]}, "models"),
        ({"windowDays": -1}, "windowDays"),
        ({"windowDays": MAX_DAYS + 1}, "windowDays"),
        ({"sourceWindows": [{"source": "s", "days": -1}]}, "sourceWindows"),
        ({"sourceWindows": [{"source": "s", "days": 1}, {"source": " S", "days": 1}]}, "sourceWindows"),
        ({"sourceWindows": [{"source": f"s{n}", "days": 1} for n in range(MAX_SOURCES + 1)]}, "sourceWindows"),
        ({"groupBy": ["CHANNEL", "SOURCE", "CHANNEL"]}, "groupBy"),
        ({"timeZone": "Europe/Atlantis"}, "timeZone"),
        ({"timeZone": ""}, "timeZone"),
        ({"timeZone": "../../etc/passwd"}, "timeZone"),
        ({"timeZone": "/etc/localtime"}, "timeZone"),
        ({"timeZone": "nul\0"}, "timeZone"),
        ({"timeZone": "x" * 10_000}, "timeZone"),
        ({"timeZone": "+02:00"}, "timeZone"),
        ({"timeZone": "Atlantis", "interval": "DAY"}, "timeZone"),
        ({"where": {"event": [""]}}, "where.event"),
        ({"where": {"value": {"min": "9" * 30}}}, "where.value"),
        ({"creditedTo": {"channel": TOO_MANY}}, "creditedTo.channel"),
        ({"creditedTo": {"source": TOO_MANY}}, "creditedTo.source"),
        ({"creditedTo": {"medium": TOO_MANY}}, "creditedTo.medium"),
        ({"creditedTo": {"campaign": TOO_MANY}}, "creditedTo.campaign"),
        ({"creditedTo": {"landingPage": TOO_MANY}}, "creditedTo.landingPage"),
        ({"creditedTo": {"referrerHost": TOO_MANY}}, "creditedTo.referrerHost"),
        ({"creditedTo": {"landingPage": ["/\0"]}}, "creditedTo.landingPage"),
        ({"creditedTo": {"kind": "OTHER"}}, "creditedTo.kind"),
        ({"first": -1}, "first"),
        ({"first": MAX_KEYS + 1}, "first"),
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
    assert "_" not in error["message"].partition(", not ")[0]
    assert len(error["message"]) < 300


@pytest.mark.parametrize(
    "arguments",
    [
        {"models": ["LAST_PAID"]},
        {"models": None},
        {"groupBy": ["EVERYTHING"]},
        {"interval": "YEAR"},
        {"first": 1.5},
        {"first": None},
        {"orderBy": {}},
        {"orderBy": {"key": "ASC", "value": "ASC"}},
        {"orderBy": {"key": None}},
        {"creditedTo": {"term": ["x"]}},
        {"creditedTo": {"channel": [None]}},
    ],
)
def test_what_the_schema_does_not_know_is_refused(staff: Client, arguments: dict[str, Any]) -> None:
    assert codes_of(staff, ASK, **arguments) == {"BAD_USER_INPUT"}


def test_more_models_than_a_report_takes_are_counted() -> None:
    assert len(IN_REPORTS) <= MAX_MODELS  # so that a site without models of its own can ask for all


def test_refusals_speak_the_words_of_the_schema(staff: Client, shop: None) -> None:
    (error,) = errors_of(staff, ASK, groupBy=["SOURCE", "SOURCE"])
    assert error["message"] == "groupBy names a dimension twice."
    (error,) = errors_of(staff, ASK, timeZone="Mars")
    assert error["message"].startswith("timeZone must be the IANA name")


def test_the_markov_model_refuses_what_it_cannot_answer_in_the_words_of_the_schema(staff: Client) -> None:
    for number in range(MARKOV_KEYS + 1):
        convert(came((1, f"source {number}", "cpc")))
    (error,) = errors_of(staff, ASK, models=["MARKOV"], groupBy=["SOURCE"])
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": "groupBy"}
    assert error["message"].startswith("groupBy tells 101 keys apart")
    kept = {"source": ["source 1"]}
    assert refused_argument(staff, ASK, models=["MARKOV"], groupBy=["CHANNEL"], creditedTo=kept) == "creditedTo"


def test_an_answer_that_is_too_large_is_refused_and_says_what_to_ask_instead(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert report_queries.MAX_RESULTS == 50_000
    monkeypatch.setattr(report_queries, "MAX_RESULTS", 500)
    models = ["FIRST_TOUCH", "LAST_TOUCH", "LINEAR", "TIME_DECAY", "POSITION_BASED"]
    Conversion.objects.bulk_create(Conversion(event="visit", created_at=T0 - day * DAY) for day in range(100))
    document = """query ($models: [ReportModel!]!, $interval: ReportInterval!) {
      attributionReport(models: $models, interval: $interval) { totals { conversions } } }"""
    assert ask(staff, document, models=models, interval="DAY")["attributionReport"]["totals"] == [{"conversions": 100}]
    convert(None, "1.00")
    (error,) = errors_of(staff, document, models=models, interval="DAY")
    assert error["extensions"] == {"code": "QUERY_TOO_COMPLEX"}
    assert error["message"].startswith("The report has 505 results; at most 500 are allowed.")
    assert len(ask(staff, document, models=models, interval="MONTH")["attributionReport"]["totals"]) == 2


def test_permission_is_asked_before_arguments_are_looked_at() -> None:
    for client, code in ((Client(), "UNAUTHENTICATED"), (dashboard("view_identity", "view_touchpoint"), "FORBIDDEN")):
        with queries_of_tracking() as statements:
            assert codes_of(client, ASK) == {code}
            assert codes_of(client, ASK, windowDays=-1, first=-1, models=[]) == {code}
        assert statements == []


def test_aliases_and_literals_get_their_own_answers(staff: Client, shop: None) -> None:
    document = """{
      last: attributionReport(groupBy: [SOURCE], first: 1, where: { currency: ["EUR"] }) { ...Cells }
      first: attributionReport(models: [FIRST_TOUCH], groupBy: SOURCE, where: { currency: "EUR" }) { ...Cells }
      none: attributionReport(windowDays: 0, where: { currency: ["EUR"] }) { ...Cells }
      overall: attributionReport(creditedTo: { channel: "Email" }, where: { currency: ["EUR"] }) { ...Cells }
    } fragment Cells on AttributionReport { rows { kind key { value } results { conversions } } }"""
    found = {
        alias: [
            ("".join(part["value"] for part in row["key"]) or row["kind"], row["results"][0]["conversions"])
            for row in report["rows"]
        ]
        for alias, report in ask(staff, document).items()
    }
    assert found["last"][1:] == [("OTHER", "1.000000"), ("UNATTRIBUTED", "1.000000")]
    assert sorted(found["first"]) == [("UNATTRIBUTED", "1.000000"), ("bing", "1.000000"), ("google", "1.000000")]
    assert found["none"] == [("UNATTRIBUTED", "3.000000")]
    assert found["overall"] == [("ATTRIBUTED", "1.000000")]


@pytest.mark.parametrize("selection", ["__typename", "totals { conversions }", "rows { kind }", WHOLE])
def test_a_report_costs_the_same_whatever_is_selected_and_however_much_there_is(
    staff: Client, shop: None, selection: str
) -> None:
    arguments = "models: [LAST_TOUCH, LINEAR, PARTICIPATION], groupBy: [EVENT, SOURCE], interval: DAY"
    document = f"{{ attributionReport({arguments}) {{ {selection} }} }}"
    with queries_of_tracking() as before:
        ask(staff, document)
    for number in range(20):
        convert(came((number, f"source {number}", "cpc"), (1, "google", "cpc")), "1.00")
    with queries_of_tracking() as after:
        ask(staff, document)
    assert len(before) == len(after) <= 4
    assert before


def test_a_model_of_the_site_stands_beside_the_others(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.site_of_reports", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "report": [
            {"source": "google", "results": {"LAST_PAID": "1.000000", "LAST_TOUCH": "0.000000"}},
            {"source": "news", "results": {"LAST_PAID": "0.000000", "LAST_TOUCH": "1.000000"}},
        ],
        "credited": ["google"],
        "option": {
            "name": "LAST_PAID",
            "label": "Last paid",
            "description": "All credit to the last paid click.",
            "perConversion": True,
            "additive": True,
        },
        "all_at_once": "models must name 1 to 10 models, not 11.",
    }


def test_the_whole_api_is_there_for_staff_with_every_permission(shop: None) -> None:
    assert report_of(dashboard(*EVERYTHING)) == report_of(dashboard())
