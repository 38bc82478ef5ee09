"""Reports, by example: their rows, totals, intervals, filters, what they read, and what they refuse."""

import decimal
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from django_attribution import reading, selections
from django_attribution.attribution_models import (
    first_touch,
    last_non_direct,
    last_touch,
    linear,
    position_based,
    time_decay,
)
from django_attribution.credit_filter import CreditFilter, CreditKind
from django_attribution.exceptions import InvalidArgument, InvalidWeights
from django_attribution.model_names import markov, participation
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.report_rows import AttributionReport, ReportRow, ReportTotal
from django_attribution.tally import SHORT
from django_attribution.windows import AttributionWindow
from tests.report_oracle import Rising

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SIX_MODELS = (first_touch, last_touch, last_non_direct, linear, time_decay(), position_based())


def visitor(
    *touches: str | dict[str, Any], value: str | None = None, currency: str = "EUR", at: datetime = T0, **columns: Any
) -> Conversion:
    """Store a visitor with touches (sources, or columns), a day apart, and a conversion a day after the last."""
    identity = Identity.objects.create()
    arrive(identity, *touches, until=at)
    return convert(identity, value=value, currency=currency, at=at, **columns)


def arrive(identity: Identity, *touches: str | dict[str, Any], until: datetime = T0) -> None:
    """Store touches, the last one a day before an instant."""
    for number, said in enumerate(touches):
        columns = {"utm_source": said} if isinstance(said, str) else said
        Touchpoint.objects.create(identity=identity, created_at=until - (len(touches) - number) * DAY, **columns)


def convert(
    identity: Identity | None, *, value: str | None = None, currency: str = "EUR", at: datetime = T0, **columns: Any
) -> Conversion:
    """Store a conversion."""
    return Conversion.objects.create(
        identity=identity,
        created_at=at,
        value=None if value is None else Decimal(value),
        currency="" if value is None else currency,
        **{"event": "purchase", **columns},
    )


def report(*models: Any, by: Iterable[str] = ("source",), **options: Any) -> AttributionReport:
    """Ask for a report of everything."""
    return Conversion.objects.attribution_report(models or (last_touch,), by, **options)


def lines(found: AttributionReport) -> list[str]:
    """Write each row on a line: key, conversions, value, and currency; * for nobody, + for all others."""
    signs = {CreditKind.UNATTRIBUTED: "*", CreditKind.OTHER: "+", CreditKind.ATTRIBUTED: ""}
    return [
        " ".join(
            [signs[row.kind] + "/".join(row.key), f"{row.conversions.normalize():f}"]
            + ([] if row.value is None else [str(row.value), str(row.currency)])
        )
        for row in found.rows
    ]


def test_a_row_says_whom_a_model_credits_with_what() -> None:
    visitor("google", "email", value="10.00")
    visitor(value="2.50")
    found = report(first_touch, linear, by=["source", "medium"])
    assert (found.models, found.by, found.interval) == (("first_touch", "linear"), ("source", "medium"), None)
    common = {"interval_start": None, "currency": "EUR"}
    google, email = (
        {"kind": CreditKind.ATTRIBUTED, "key": (source, "(not set)"), **common} for source in ("google", "email")
    )
    nobody = {"kind": CreditKind.UNATTRIBUTED, "key": (), **common}
    assert found.rows == (
        ReportRow(**google, model="first_touch", conversions=Decimal("1.000000"), value=Decimal("10.00")),
        ReportRow(**google, model="linear", conversions=Decimal("0.500000"), value=Decimal("5.00")),
        ReportRow(**email, model="first_touch", conversions=Decimal("0.000000"), value=Decimal("0.00")),
        ReportRow(**email, model="linear", conversions=Decimal("0.500000"), value=Decimal("5.00")),
        ReportRow(**nobody, model="first_touch", conversions=Decimal("1.000000"), value=Decimal("2.50")),
        ReportRow(**nobody, model="linear", conversions=Decimal("1.000000"), value=Decimal("2.50")),
    )
    assert found.totals == (ReportTotal(currency="EUR", conversions=2, value=Decimal("12.50")),)
    assert [str(row.conversions) for row in found.rows if row.model == "linear"] == ["0.500000", "0.500000", "1.000000"]


def test_keys_come_in_order_of_their_conversions_under_the_first_model_then_of_their_names() -> None:
    for _ in range(2):
        visitor("b", "a")
    visitor("d")
    visitor("c")
    assert lines(report(last_touch)) == ["a 2", "c 1", "d 1"]
    assert [row.key[0] for row in report(linear).rows] == ["a", "b", "c", "d"]
    assert [row.key[0] for row in report(first_touch, last_touch).rows][::2] == ["b", "c", "d", "a"]


def test_currencies_are_told_apart_and_conversions_without_a_value_have_none() -> None:
    visitor("google", value="10", currency="EUR")
    visitor("google", value="1000", currency="JPY")
    visitor("google")
    visitor("google", currency="USD", value="0")
    visitor()
    found = report()
    assert lines(found) == ["google 1 10.00 EUR", "google 1 1000 JPY", "google 1 0.00 USD", "google 1", "* 1"]
    assert found.totals == (
        ReportTotal(currency="EUR", conversions=1, value=Decimal(10)),
        ReportTotal(currency="JPY", conversions=1, value=Decimal(1000)),
        ReportTotal(currency="USD", conversions=1, value=Decimal(0)),
        ReportTotal(currency=None, conversions=2, value=None),
    )


def test_a_currency_without_a_value_says_nothing() -> None:
    conversion = visitor("google")
    Conversion.objects.filter(pk=conversion.pk).update(currency="EUR")
    found = report()
    assert lines(found) == ["google 1"]
    assert found.totals == (ReportTotal(currency=None, conversions=1, value=None),)


@pytest.mark.parametrize(
    ("value", "currency", "parts", "total"),
    [
        ("100", "JPY", ["34", "33", "33"], "100"),
        ("1.000", "KWD", ["0.334", "0.333", "0.333"], "1.000"),
        ("1.00", "EUR", ["0.34", "0.33", "0.33"], "1.00"),
        ("1.0001", "EUR", ["0.3334", "0.3334", "0.3333"], "1.0001"),  # imported, finer than cents
        ("0.01", "EUR", ["0.01", "0.00", "0.00"], "0.01"),
        ("9999999999999.99", "EUR", ["3333333333333.33"] * 3, "9999999999999.99"),
        ("99999999999.9999", "KWD", ["33333333333.3333"] * 3, "99999999999.9999"),
        ("123456789012345", "JPY", ["41152263004115"] * 3, "123456789012345"),
    ],
)
def test_values_have_the_digits_of_their_currency_and_sum_to_the_last_one(
    value: str, currency: str, parts: list[str], total: str
) -> None:
    visitor("a", "b", "c", value=value, currency=currency)
    found = report(linear)
    assert [str(row.value) for row in found.rows] == parts
    assert [str(row.value) for row in found.totals] == [total]
    assert [str(row.conversions) for row in found.rows] == ["0.333334", "0.333333", "0.333333"]


def test_an_imported_amount_gives_its_digits_to_the_rows_it_is_shared_among() -> None:
    visitor("a", value="0.1234")
    visitor("b", value="0.10")
    visitor(value="1.00")
    found = report()
    assert lines(found) == ["a 1 0.1234 EUR", "b 1 0.1000 EUR", "* 1 1.00 EUR"]
    assert str(found.totals[0].value) == "1.2234"


def test_fifteen_digits_add_up_beyond_fifteen() -> None:
    for _ in range(20):
        visitor("a", "b", value="9999999999999.99")
    found = report(linear, last_touch)
    assert [str(row.value) for row in found.rows] == [
        "99999999999999.90",
        "0.00",
        "99999999999999.90",
        "199999999999999.80",
    ]
    assert str(found.totals[0].value) == "199999999999999.80"


def test_the_context_of_the_host_rounds_nothing() -> None:
    for _ in range(3):
        visitor("a", "b", "c", value="1234567.89")
    for _ in range(2):
        visitor(value="7654321.98")
    expected = [report(*SIX_MODELS, participation, markov, interval=interval) for interval in (None, "day")]
    limited = [one.top(1) for one in expected]
    with decimal.localcontext() as context:
        context.prec = 5
        found = [report(*SIX_MODELS, participation, markov, interval=interval) for interval in (None, "day")]
        assert found == expected
        assert [one.top(1) for one in found] == limited
    assert str(expected[0].totals[0].value) == "19012347.63"


PARIS_IN_SPRING = ["2026-03-28T22:59:59.999999", "2026-03-28T23:00", "2026-03-29T21:59:59.999999", "2026-03-29T22:00"]
PARIS_IN_AUTUMN = ["2026-10-24T21:59:59.999999", "2026-10-24T22:00", "2026-10-25T22:59:59.999999", "2026-10-25T23:00"]
NEW_YORK = ["2026-03-29T03:59:59.999999", "2026-03-29T04:00", "2026-10-25T03:59:59.999999", "2026-10-25T04:00"]
INTERVALS = [
    (
        "day", "UTC", PARIS_IN_SPRING,
        [*["2026-03-28T00:00:00+00:00"] * 2, *["2026-03-29T00:00:00+00:00"] * 2],
    ),
    (
        "day", "Europe/Paris", PARIS_IN_SPRING,
        ["2026-03-28T00:00:00+01:00", *["2026-03-29T00:00:00+01:00"] * 2, "2026-03-30T00:00:00+02:00"],
    ),
    (
        "day", "Europe/Paris", PARIS_IN_AUTUMN,
        ["2026-10-24T00:00:00+02:00", *["2026-10-25T00:00:00+02:00"] * 2, "2026-10-26T00:00:00+01:00"],
    ),
    (
        "day", "America/New_York", NEW_YORK,
        [f"2026-{day}T00:00:00-04:00" for day in ("03-28", "03-29", "10-24", "10-25")],
    ),
    ("week", "Europe/Paris", PARIS_IN_SPRING, [*["2026-03-23T00:00:00+01:00"] * 3, "2026-03-30T00:00:00+02:00"]),
    ("week", "Europe/Paris", PARIS_IN_AUTUMN, [*["2026-10-19T00:00:00+02:00"] * 3, "2026-10-26T00:00:00+01:00"]),
    (
        "month", "Europe/Paris", ["2026-03-31T21:59:59.999999", "2026-03-31T22:00"],
        ["2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00"],
    ),
    (
        "month", "America/New_York", ["2026-03-01T04:59:59.999999", "2026-03-01T05:00"],
        ["2026-02-01T00:00:00-05:00", "2026-03-01T00:00:00-05:00"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("interval", "tz", "instants", "days"), INTERVALS)
def test_a_conversion_belongs_to_the_local_day_week_or_month(
    interval: str, tz: str, instants: list[str], days: list[str]
) -> None:
    for number, instant in enumerate(instants):
        visitor("a", at=datetime.fromisoformat(instant).replace(tzinfo=UTC), value=str(10**number))
    found = report(interval=interval, tz=tz)
    assert found.interval == interval
    expected: dict[str, int] = {}
    for number, day in enumerate(days):
        expected[day] = expected.get(day, 0) + 10**number
    assert [(row.interval_start and row.interval_start.isoformat(), row.value) for row in found.rows] == sorted(
        expected.items()
    )
    assert found.totals == report().totals


def test_odd_cents_are_placed_within_each_interval() -> None:
    for day in range(3):
        visitor("a", "b", value="0.01", at=T0 + day * DAY)
    assert lines(report(linear, interval="day")) == [*["a 0.5 0.01 EUR"] * 3, *["b 0.5 0.00 EUR"] * 3]
    assert lines(report(linear)) == ["a 1.5 0.02 EUR", "b 1.5 0.01 EUR"]


def test_every_key_of_an_interval_has_a_row_for_each_model() -> None:
    visitor("a", "b", at=T0)
    visitor("b", at=T0 + DAY)
    found = report(first_touch, last_touch, interval="day")
    assert [(row.key[0], row.interval_start.day, row.model, int(row.conversions)) for row in found.rows] == [
        ("a", 1, "first_touch", 1),
        ("a", 1, "last_touch", 0),
        ("b", 1, "first_touch", 0),
        ("b", 1, "last_touch", 1),
        ("b", 2, "first_touch", 1),
        ("b", 2, "last_touch", 1),
    ]


def test_nothing_is_reported_of_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    arrive(Identity.objects.create(), "google")
    with django_assert_num_queries(1):
        found = report(*SIX_MODELS, participation, markov, interval="day")
    assert (found.rows, found.totals) == ((), ())
    assert found.top(5).rows == ()


def test_conversions_of_nobody_are_their_own_row() -> None:
    convert(None, value="3")
    visitor("old", value="4")
    Touchpoint.objects.update(created_at=T0 - 31 * DAY)
    found = report(last_touch, linear, participation, markov)
    assert lines(found) == ["* 2 7.00 EUR"] * 4
    assert [row.model for row in found.rows] == ["last_touch", "linear", "participation", "markov"]


def test_a_breakdown_by_nothing_is_one_row_for_each_currency_and_model() -> None:
    visitor("google", "email", value="10")
    visitor("bing")
    visitor(value="1")
    found = report(first_touch, linear, participation, by=())
    assert lines(found) == [*[" 1 10.00 EUR"] * 3, *[" 1"] * 3, *["* 1 1.00 EUR"] * 3]
    assert {row.key for row in found.rows} == {()}


def test_a_breakdown_by_every_dimension_says_what_is_not_set() -> None:
    visitor(
        {},
        {
            "utm_source": "Google",
            "utm_medium": "CPC",
            "utm_campaign": "Spring",
            "utm_term": "shoes",
            "utm_content": "footer",
            "url": "https://shop.test/sale/?utm_source=Google",
            "referrer": "https://www.google.com/search",
        },
        {"url": "https://shop.test", "referrer": "http://[bad"},
    )
    expected = {
        "channel": ["Direct", "Paid Search"],
        "source": ["(direct)", "google"],
        "medium": ["(none)", "cpc"],
        "campaign": ["(not set)", "Spring"],
        "term": ["(not set)", "shoes"],
        "content": ["(not set)", "footer"],
        "landing_page": ["(not set)", "/", "/sale/"],
        "referrer_host": ["(not set)", "www.google.com"],
        "event": ["purchase"],
    }
    for name, values in expected.items():
        assert sorted(row.key[0] for row in report(linear, by=[name]).rows) == values, name
    [row] = report(last_non_direct, by=expected).rows
    assert row.key == (
        "Paid Search", "google", "cpc", "Spring", "shoes", "footer", "/sale/", "www.google.com", "purchase",
    )  # fmt: skip
    assert report(by="channel").by == ("channel",)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (["event"], ["purchase 2 3.00 EUR", "signup 1 4.00 EUR", "* 2 24.00 EUR"]),
        (
            ["event", "source"],
            ["purchase/a 1 1.00 EUR", "purchase/b 1 2.00 EUR", "signup/b 1 4.00 EUR", "* 2 24.00 EUR"],
        ),
        (
            ["source", "event"],
            ["a/purchase 1 1.00 EUR", "b/purchase 1 2.00 EUR", "b/signup 1 4.00 EUR", "* 2 24.00 EUR"],
        ),
        (
            ["medium", "event", "source"],
            [
                "(not set)/purchase/a 1 1.00 EUR",
                "(not set)/purchase/b 1 2.00 EUR",
                "(not set)/signup/b 1 4.00 EUR",
                "* 2 24.00 EUR",
            ],
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("model", [last_touch, participation, linear], ids=lambda model: model.name)
def test_the_event_is_a_dimension_at_any_place(by: list[str], expected: list[str], model: Any) -> None:
    visitor("a", value="1")
    visitor("b", value="2")
    visitor("b", value="4", event="signup")
    visitor(value="8", event="signup")
    visitor(value="16")
    assert lines(report(model, by=by)) == expected


def test_markov_shares_each_event_in_the_proportions_of_all() -> None:
    visitor("a", "b")
    visitor("a", event="signup")
    assert lines(report(markov, by=["source", "event"])) == [
        "a/purchase 0.666667", "a/signup 0.666667", "b/purchase 0.333333", "b/signup 0.333333",
    ]  # fmt: skip


def test_models_are_given_as_objects_or_by_name_in_any_case() -> None:
    visitor("a", "b")
    by_name = report("FIRST_TOUCH", "last_touch", "participation", "Markov", "position_based", "time_decay")
    assert by_name == report(first_touch, last_touch, participation, markov, position_based(), time_decay())
    assert report(time_decay(1), position_based("0.2", "0.6")).models == (
        "time_decay(1 days)", "position_based(20 % and 60 %)",
    )  # fmt: skip
    assert Conversion.objects.attribution_report(iter([linear])).models == ("linear",)
    assert Conversion.objects.attribution_report().models == ("last_touch",)


def test_a_model_of_ones_own_is_asked_by_itself_or_by_the_name_in_the_settings() -> None:
    visitor({"utm_source": "a", "utm_campaign": "x"}, {"utm_source": "b", "utm_campaign": "x"}, "default")
    expected = ["b 0.666667", "a 0.333333"]
    assert lines(report(Rising())) == expected
    with override_settings(DJANGO_ATTRIBUTION={"MODELS": {"LATE": Rising()}}):
        found = report("LATE", last_touch)
    assert found.models == ("LATE", "last_touch")
    assert [f"{row.key[0]} {row.conversions}" for row in found.rows if row.model == "LATE"] == [
        "b 0.666667", "a 0.333333", "default 0.000000",
    ]  # fmt: skip


class TooMuch:
    """Gives everything to everyone."""

    name = "too much"
    description = "Wrong."

    def weights(self, journey: Any, /) -> Any:
        """Return weights that sum to more than 1."""
        return [1] * len(journey)


def test_a_model_of_ones_own_that_gives_too_much_is_named() -> None:
    visitor("a", "b")
    with pytest.raises(InvalidWeights, match="too much"):
        report(TooMuch())


@pytest.mark.parametrize(
    ("options", "argument", "message"),
    [
        ({"models": []}, "models", "1 to 10"),
        ({"models": [time_decay(days) for days in range(1, 12)]}, "models", "1 to 10 models, not 11"),
        ({"models": ["linear", linear]}, "models", "'linear' twice"),
        ({"models": ["linear", "LINEAR"]}, "models", "'linear' twice"),
        ({"models": "linear"}, "models", "must be a list"),
        ({"models": linear}, "models", "must be a list"),
        ({"models": markov}, "models", "must be a list"),
        ({"by": ["colour"]}, "by", "'colour'.*channel, source.*event"),
        ({"by": ["source", "source"]}, "by", "twice"),
        ({"interval": "hour"}, "interval", "day, week, month, not 'hour'"),
        ({"tz": "Europe/Atlantis"}, "tz", "'Europe/Atlantis'"),
        ({"tz": ""}, "tz", "IANA"),
        ({"window_days": -1}, "window_days", "0 to 3650"),
        ({"window_days": 3651}, "window_days", "0 to 3650"),
        ({"source_windows": {"google": 3651}}, "source_windows", "0 to 3650"),
        ({"source_windows": {str(number): 1 for number in range(51)}}, "source_windows", "at most 50"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name_before_anything_is_read(
    options: dict[str, Any], argument: str, message: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0), pytest.raises(InvalidArgument, match=message) as refused:
        Conversion.objects.attribution_report(**{"models": [last_touch], **options})
    assert refused.value.argument == argument


@pytest.mark.parametrize("model", ["best", None, 3, time_decay, type(linear)])
def test_what_is_no_model_is_refused_by_a_message_that_names_models(model: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"first_touch.*participation, markov"):
        report(model)


def test_sources_have_windows_of_their_own_up_to_fifty() -> None:
    windows = {f"Source-{number}": number for number in range(50)}
    identity = Identity.objects.create()
    for number in range(50):
        for beside in (-1, 0):
            Touchpoint.objects.create(
                identity=identity,
                utm_source=f"source-{number}",
                created_at=T0 - number * DAY + beside * timedelta(microseconds=1),
            )
    convert(identity, value="49")
    found = report(linear, participation, last_touch, source_windows=windows)
    assert [str(row.value) for row in found.rows if row.model == "linear"] == ["1.00"] * 49
    assert ("source-0",) not in {row.key for row in found.rows}
    assert [row.key for row in found.rows if row.model == "last_touch" and row.conversions] == [("source-1",)]


# The check cases of ATTRIBUTION.md


def test_decay_halves_with_every_half_life() -> None:
    visitor("a", "b", "c")
    assert lines(report(time_decay(1))) == ["c 0.571429", "b 0.285714", "a 0.142857"]
    assert lines(report(position_based())) == ["a 0.4", "c 0.4", "b 0.2"]


@pytest.mark.parametrize(
    ("ends", "six", "two"),
    [
        (("0.4", "0.4"), [40, 5, 5, 5, 5, 40], [50, 50]),
        (("0.2", "0.6"), [20, 5, 5, 5, 5, 60], [25, 75]),
        (("0.6", "0.2"), [60, 5, 5, 5, 5, 20], [75, 25]),
    ],
)
def test_the_ends_of_a_journey_get_what_is_said(ends: tuple[str, str], six: list[int], two: list[int]) -> None:
    visitor(*"abcdef", at=T0)
    visitor(*"ab", at=T0 + 100 * DAY)
    found = report(position_based(*ends), interval="month")
    for month, sources, parts in ((6, "abcdef", six), (9, "ab", two)):
        of_month = [row for row in found.rows if row.interval_start and row.interval_start.month == month]
        assert {row.key[0]: 100 * row.conversions for row in of_month} == dict(zip(sources, parts, strict=True))


def direct_organic_direct() -> list[dict[str, Any]]:
    """Return the three touches of the check case."""
    return [
        {"url": "https://shop.test/1"},
        {"url": "https://shop.test/x", "referrer": "https://www.google.com/"},
        {"url": "https://shop.test/3"},
    ]


def test_odd_cents_go_to_the_largest_remainder_then_by_key() -> None:
    visitor(*direct_organic_direct(), value="140.00")
    by_page = report(linear, position_based(), by=["channel", "landing_page"])
    assert [(row.key, str(row.value)) for row in by_page.rows if row.model == "linear"] == [
        (("Direct", "/1"), "46.67"), (("Direct", "/3"), "46.67"), (("Organic Search", "/x"), "46.66"),
    ]  # fmt: skip
    assert [str(row.value) for row in by_page.rows if row.model == "position_based"] == ["56.00", "56.00", "28.00"]
    # Rounded once, after everything was added up: two thirds are nearer to 93.33.
    assert lines(report(linear, by=["channel"])) == ["Direct 0.666667 93.33 EUR", "Organic Search 0.333333 46.67 EUR"]


def test_two_touches_share_in_halves() -> None:
    visitor("a", "b", value="66.50")
    for model in (linear, position_based()):
        assert lines(report(model)) == ["a 0.5 33.25 EUR", "b 0.5 33.25 EUR"]


def test_excluded_direct_touches_leave_their_credit_to_the_others() -> None:
    visitor("google", {})
    visitor({})
    assert lines(report(linear)) == ["(direct) 1.5", "google 0.5"]
    for model in (linear, participation, markov, last_touch):
        assert lines(report(model, exclude_direct=True)) == ["google 1", "* 1"]


def lost(*sources: str) -> None:
    """Store a visitor who did not convert, in the time of those who did."""
    arrive(Identity.objects.create(), *sources)


def test_markov_counts_visitors_who_did_not_convert() -> None:
    for _ in range(3):
        visitor("a", "b")
    visitor("a", "c")
    lost("a", "b")
    lost("a", "c")
    assert lines(report(markov)) == ["a 2", "b 1.5", "c 0.5"]


def test_markov_shares_what_is_lost_without_each_one() -> None:
    visitor("1", "2", "3", value="10.00")
    lost("1")
    lost("2", "3")
    assert lines(report(markov)) == ["2 0.4 4.00 EUR", "3 0.4 4.00 EUR", "1 0.2 2.00 EUR"]
    assert lines(report(linear, markov)) == [
        "1 0.333334 3.34 EUR", "1 0.2 2.00 EUR",
        "2 0.333333 3.33 EUR", "2 0.4 4.00 EUR",
        "3 0.333333 3.33 EUR", "3 0.4 4.00 EUR",
    ]  # fmt: skip


def test_touches_of_a_converting_visitor_outside_every_window_were_a_journey_that_was_lost() -> None:
    conversion = visitor("a", "b")
    assert lines(report(markov)) == ["a 0.5", "b 0.5"]
    arrive(conversion.identity, "a", until=T0 + 2 * DAY)  # after the conversion, and before the next one
    convert(None, at=T0 + 5 * DAY)
    assert lines(report(markov)) == ["a 0.5", "b 0.5", "* 1"]
    visitor("b", at=T0 + 3 * DAY)
    # a>b and b converted, a did not: P = 2/3, and 1/3 without a, so that the effects are 1/2 and 1.
    assert lines(report(markov)) == ["b 1.333333", "a 0.666667", "* 1"]


def test_participation_counts_a_conversion_for_everyone_once_and_never_adds_up() -> None:
    visitor("a", "b", "a", value="10.01")
    visitor("a", value="1")
    visitor(value="5")
    found = report(participation, linear)
    assert lines(found) == [
        "a 2 11.01 EUR", "a 1.666667 7.67 EUR", "b 1 10.01 EUR", "b 0.333333 3.34 EUR", "* 1 5.00 EUR", "* 1 5.00 EUR",
    ]  # fmt: skip
    assert found.totals == (ReportTotal(currency="EUR", conversions=3, value=Decimal("16.01")),)


# Limited reports


def crowd() -> None:
    """Store conversions of five sources in two currencies and without any."""
    for source, count, value, currency in (
        ("a", 4, "1.00", "EUR"),
        ("b", 3, "50.00", "EUR"),
        ("c", 2, "9000", "JPY"),
        ("d", 1, "3.00", "EUR"),
        ("e", 1, None, ""),
    ):
        for _ in range(count):
            visitor(source, value=value, currency=currency)
    visitor(value="7")


def test_what_is_left_over_is_a_row_for_each_currency_and_model() -> None:
    crowd()
    found = report(last_touch)
    limited = found.top(2)
    assert lines(limited)[:2] == ["a 4 4.00 EUR", "b 3 150.00 EUR"]
    assert set(lines(limited)[2:5]) == {"+ 1 3.00 EUR", "+ 2 18000 JPY", "+ 1"}
    assert lines(limited)[5:] == ["* 1 7.00 EUR"]
    assert (limited.totals, limited.models, limited.by) == (found.totals, found.models, found.by)
    assert {row.key for row in limited.rows if row.kind is not CreditKind.ATTRIBUTED} == {()}


@pytest.mark.parametrize("first", [0, 1, 2, 3, 4, 5, 6, 1000])
@pytest.mark.parametrize("order_by", ["conversions", "value", "key"])
def test_a_limited_report_still_adds_up(first: int, order_by: Any) -> None:
    crowd()
    visitor("a", "b", "c", "d", value="0.05")
    found = report(last_touch, linear, interval="week").top(first, order_by=order_by)
    for model in found.models:
        for total in found.totals:
            rows = [row for row in found.rows if (row.model, row.currency) == (model, total.currency)]
            assert sum(row.conversions for row in rows) == total.conversions
            assert sum(row.value or 0 for row in rows) == (total.value or 0)
    assert len({row.key for row in found.rows if row.kind is CreditKind.ATTRIBUTED}) == min(first, 5)
    assert any(row.kind is CreditKind.OTHER for row in found.rows) == (first < 5)


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        ({}, "abcde"),
        ({"is_descending": False}, "decba"),
        # EUR has most conversions: what has none in it comes after, by yen.
        ({"order_by": "value"}, "badce"),
        ({"order_by": "value", "is_descending": False}, "ecdab"),
        ({"order_by": "key"}, "abcde"),
        ({"order_by": "key", "is_descending": True}, "edcba"),
    ],
)
def test_keys_are_ordered_by_conversions_by_value_or_by_name(order: dict[str, Any], keys: str) -> None:
    crowd()
    found = report(last_touch)
    for first in (5, 3):
        limited = [row.key[0] for row in found.top(first, **order).rows if row.kind is CreditKind.ATTRIBUTED]
        assert "".join(limited) == keys[:first]


def test_the_first_model_orders() -> None:
    visitor("a", "b")
    assert [row.key for row in report(first_touch, last_touch).top(1).rows][::2] == [("a",), ()]
    assert [row.key for row in report(last_touch, first_touch).top(1).rows][::2] == [("b",), ()]


def test_nothing_is_left_over_of_few_keys() -> None:
    crowd()
    assert report(linear).top(5) == report(linear)


def test_left_over_participation_counts_a_conversion_for_each_of_its_keys() -> None:
    visitor("a", "b", "c", value="1")
    assert lines(report(participation).top(1)) == ["a 1 1.00 EUR", "+ 2 2.00 EUR"]


@pytest.mark.parametrize("first", [-1, 1001])
def test_a_number_of_keys_out_of_range_is_refused(first: int) -> None:
    with pytest.raises(InvalidArgument, match="0 to 1000") as refused:
        report().top(first)
    assert refused.value.argument == "first"


# Kept credit


def campaigns() -> None:
    """Store journeys across channels, with values that leave odd cents."""
    google = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring", "url": "https://shop.test/sale"}
    organic = {"referrer": "https://www.google.com/", "url": "https://shop.test/"}
    email = {"utm_source": "email", "utm_medium": "email", "utm_campaign": "spring"}
    visitor(google, organic, email, value="1.00")
    visitor(google, email, {}, value="0.01")
    visitor(organic, organic, google, value="10.00", currency="USD")
    visitor(email)
    visitor(value="4")


@pytest.mark.parametrize(
    "kept",
    [
        CreditFilter(channel=("Paid Search",)),
        CreditFilter(source=("GOOGLE ",), channel=("Paid Search", "Email")),
        CreditFilter(campaign=("spring",), kind=CreditKind.ATTRIBUTED),
        CreditFilter(landing_page=("/sale", "(not set)"), referrer_host=("(not set)",)),
        CreditFilter(medium=("nothing",)),
        CreditFilter(channel=("Email",), kind=CreditKind.UNATTRIBUTED),
        CreditFilter(kind=CreditKind.ATTRIBUTED),
        CreditFilter(kind=CreditKind.UNATTRIBUTED),
        CreditFilter(),
    ],
)
@pytest.mark.parametrize("interval", [None, "week"])
def test_rows_that_are_kept_have_the_numbers_they_have_among_all_others(
    kept: CreditFilter, interval: str | None
) -> None:
    campaigns()
    by = tuple(dict.fromkeys((*kept.dimensions, "source", "event")))
    everything = report(*SIX_MODELS, participation, markov, by=by, interval=interval)
    found = report(*SIX_MODELS, participation, markov, by=by, interval=interval, credited_to=kept)

    def is_kept(row: ReportRow) -> bool:
        if row.kind is CreditKind.UNATTRIBUTED:
            return kept.keeps_unattributed
        return kept.keeps(dict(zip(by, row.key, strict=True)))

    expected = {row for row in everything.rows if is_kept(row)}
    assert set(found.rows) == expected
    assert found.totals == everything.totals


def test_credit_is_kept_by_a_dimension_that_the_breakdown_does_not_have() -> None:
    campaigns()
    kept = CreditFilter(channel=("Paid Search",))
    assert lines(report(linear, by=["source"], credited_to=kept)) == [
        "google 0.666667 0.34 EUR", "google 0.333333 3.33 USD",
    ]  # fmt: skip
    assert lines(report(linear, by=[], credited_to=kept)) == [" 0.666667 0.34 EUR", " 0.333333 3.33 USD"]


def test_a_filter_that_matches_nothing_leaves_the_totals() -> None:
    campaigns()
    found = report(*SIX_MODELS, credited_to=CreditFilter(channel=("Carrier Pigeon",)))
    assert found.rows == ()
    assert found.totals == report().totals


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (CreditFilter(), True),
        (CreditFilter(kind=CreditKind.UNATTRIBUTED), True),
        (CreditFilter(kind=CreditKind.ATTRIBUTED), False),
        (CreditFilter(source=("google",)), False),
        (CreditFilter(source=("google",), kind=CreditKind.UNATTRIBUTED), False),
    ],
)
def test_what_nobody_earned_is_kept_unless_somebody_is_asked_for(kept: CreditFilter, expected: bool) -> None:
    campaigns()
    kinds = {row.kind for row in report(credited_to=kept).rows}
    assert (CreditKind.UNATTRIBUTED in kinds) is expected


def test_markov_cannot_keep_credit_by_what_it_does_not_tell_apart() -> None:
    with pytest.raises(InvalidArgument, match="group by every dimension") as refused:
        report(markov, by=["source"], credited_to=CreditFilter(channel=("Direct",)))
    assert refused.value.argument == "credited_to"
    assert report(markov, by=["event", "channel"], credited_to=CreditFilter(channel=("Direct",))).rows == ()
    assert report(markov, credited_to=CreditFilter(kind=CreditKind.ATTRIBUTED)).rows == ()


# Which conversions count


QUERYSETS: dict[str, tuple[Callable[[], Any], int]] = {
    "the manager": (lambda: Conversion.objects, 6),
    "valid": (lambda: Conversion.objects.valid(), 4),
    "filter": (lambda: Conversion.objects.filter(value__lte=2), 2),
    "slice": (lambda: Conversion.objects.order_by("-value")[1:4], 3),
    "slice of nothing": (lambda: Conversion.objects.order_by("value")[0:0], 0),
    "distinct": (lambda: Conversion.objects.distinct(), 6),
    "joined": (lambda: Conversion.objects.filter(identity__touchpoints__utm_source__in=["a", "b"]), 6),
    "joined and distinct": (
        lambda: Conversion.objects.filter(identity__touchpoints__created_at__lte=T0).distinct(),
        6,
    ),
    "joined, ordered and sliced": (
        lambda: Conversion.objects.filter(identity__touchpoints__utm_source="a").order_by("-value", "pk")[:2],
        2,
    ),
    "annotated": (
        lambda: Conversion.objects.annotate(touches=Count("identity__touchpoints"), twice=F("value") * 2).filter(
            touches=2, twice__gt=4
        ),
        4,
    ),
    "attributed before": (lambda: Conversion.objects.with_attribution(first_touch).filter(value__gt=2), 4),
    "attributed by several and filtered": (
        lambda: Conversion.objects.with_attribution(linear).maybe_credited_to(CreditFilter(source=("a",))),
        6,
    ),
    "by who is credited": (
        lambda: Conversion.objects.with_attribution().with_credited("source").filter(credited_source="b"),
        6,
    ),
    "related and deferred": (lambda: Conversion.objects.select_related("identity").only("event").order_by("event"), 6),
    "or": (lambda: Conversion.objects.filter(value=1) | Conversion.objects.filter(value=2), 2),
    "union": (lambda: Conversion.objects.filter(value=1).union(Conversion.objects.filter(value=2)), 2),
    "none": (lambda: Conversion.objects.none(), 0),
    "of one visitor": (lambda: Identity.objects.earliest("pk").conversions.all(), 1),
    "reversed": (lambda: Conversion.objects.order_by("value").reverse(), 6),
}  # fmt: skip


@pytest.mark.parametrize("name", QUERYSETS)
def test_each_conversion_of_a_queryset_counts_once(name: str) -> None:
    for number in range(1, 7):
        visitor("a", "b", value=str(number))
    Conversion.objects.filter(value=5).update(is_active=False)
    Conversion.objects.filter(value=6).update(is_confirmed=False, confirmed_at=None)
    ask, count = QUERYSETS[name]
    found = ask().attribution_report([linear, participation, markov], ["source"])
    assert [total.conversions for total in found.totals] == [count] * bool(count)
    for model, part in (("linear", 2), ("participation", 1), ("markov", 2)):
        assert [row.conversions for row in found.rows if row.model == model] == [Decimal(count) / part] * (
            2 * bool(count)
        )


def test_voided_and_pending_conversions_count_where_they_are_asked_for() -> None:
    visitor("a", value="1")
    visitor("a", value="2").void()
    visitor("a", value="4", is_confirmed=False)
    values = {
        "all": Conversion.objects.all(),
        "valid": Conversion.objects.valid(),
        "voided": Conversion.objects.filter(is_active=False),
        "pending": Conversion.objects.filter(is_confirmed=False),
    }
    assert {name: lines(asked.attribution_report(by=["source"])) for name, asked in values.items()} == {
        "all": ["a 3 7.00 EUR"],
        "valid": ["a 1 1.00 EUR"],
        "voided": ["a 1 2.00 EUR"],
        "pending": ["a 1 4.00 EUR"],
    }


def test_a_touch_counts_for_each_conversion_whose_window_covers_it_and_for_its_own_visitor_alone() -> None:
    conversion = visitor("a", "b", value="1")
    convert(conversion.identity, value="2", at=T0 + 29 * DAY)
    convert(conversion.identity, value="4", at=T0 + 29 * DAY + timedelta(microseconds=1))
    convert(Identity.objects.create(), value="8")
    assert lines(report(first_touch)) == ["a 1 1.00 EUR", "b 1 2.00 EUR", "* 2 12.00 EUR"]


@pytest.mark.parametrize("visitors", [1, 40])
@pytest.mark.parametrize("models", [[last_touch], [*SIX_MODELS, participation, markov, Rising()]], ids=len)
def test_a_report_costs_three_queries_whatever_is_asked(
    visitors: int, models: list[Any], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(visitors):
        visitor("a", {}, value="1")
    with django_assert_num_queries(3):
        found = report(
            *models, by=["channel", "campaign", "event"], interval="day", source_windows={"a": 7, "b": 8},
            credited_to=CreditFilter(channel=("Direct",)),
        )  # fmt: skip
    assert found.totals[0].conversions == visitors


def test_progress_is_told_now_and_then() -> None:
    Conversion.objects.bulk_create(Conversion(event="signup", created_at=T0) for _ in range(2001))
    told: list[int] = []
    assert report(progress=told.append).totals[0].conversions == 2001
    assert told == [1000, 2000]


def test_a_journey_longer_than_short_ones_is_reported_like_any_other() -> None:
    assert SHORT < 150
    identity = Identity.objects.create()
    Touchpoint.objects.bulk_create(
        Touchpoint(
            identity=identity,
            created_at=T0 - number * timedelta(hours=1),
            utm_source=f"s{number % 5}" if number % 3 else "",
        )
        for number in range(150)
    )
    for at in (T0, T0 + DAY):
        convert(identity, value="3.01", at=at)
    expected: dict[str, dict[str, Decimal]] = {}
    for model in SIX_MODELS:
        found = expected[model.name] = {}
        for conversion in Conversion.objects.with_attribution(model):
            for credit in conversion.attribution_credits:
                source = credit.dimensions["source"]
                found[source] = (
                    found.get(source, Decimal(0)) + Decimal(credit.weight.numerator) / credit.weight.denominator
                )
    for row in report(*SIX_MODELS).rows:
        assert abs(row.conversions - expected[row.model].get(row.key[0], 0)) < Decimal("0.000001")


def test_models_are_given_as_a_mapping_of_names_to_models() -> None:
    visitor("a", "b", value="1")
    found = Conversion.objects.attribution_report({"Short": time_decay(1), "Reach": participation}, ["source"])
    assert found.models == ("Short", "Reach")
    assert [f"{row.key[0]} {row.model} {row.conversions}" for row in found.rows] == [
        "b Short 0.666667", "b Reach 1.000000", "a Short 0.333333", "a Reach 1.000000",
    ]  # fmt: skip


@pytest.mark.parametrize("model", ["best", None])
def test_what_is_no_model_is_refused_by_the_name_of_the_argument_it_came_in(model: Any) -> None:
    with pytest.raises(InvalidArgument) as refused:
        report(model)
    assert refused.value.argument == "models"


def test_participation_counts_a_key_once_whatever_dimension_credit_is_kept_by() -> None:
    spring, autumn = ({"utm_source": "google", "utm_campaign": name} for name in ("spring", "autumn"))
    visitor(spring, autumn, value="1.00")
    kept = CreditFilter(campaign=("spring", "autumn"))
    assert lines(report(participation, by=["source", "campaign"], credited_to=kept)) == [
        "google/autumn 1 1.00 EUR", "google/spring 1 1.00 EUR",
    ]  # fmt: skip
    assert lines(report(participation, credited_to=kept)) == lines(report(participation)) == ["google 1 1.00 EUR"]


def test_what_is_left_over_is_in_order_of_intervals_and_currencies() -> None:
    for day in (1, 2, 2, 2):
        visitor("late", at=T0 + day * DAY)
    visitor("late", at=T0 + DAY, value="1", currency="JPY")
    visitor("early", at=T0, value="1")
    visitor("early", at=T0 + DAY, value="1")
    found = report(interval="day").top(0)
    assert [(row.interval_start.day, row.currency, int(row.conversions)) for row in found.rows] == [  # type: ignore[union-attr]
        (1, "EUR", 1), (2, "EUR", 1), (2, "JPY", 1), (2, None, 1), (3, None, 3),
    ]  # fmt: skip


def test_the_context_of_the_host_does_not_alter_the_order_of_keys() -> None:
    visitor("a", value="1234567.80")
    visitor("b", value="1234567.89")
    visitor("b")
    visitor("c", value="1234567.85")
    with decimal.localcontext() as context:
        context.prec = 5
        found = report().top(2, order_by="value")
    assert [row.key[0] for row in found.rows if row.currency and row.key] == ["b", "c"]


def test_markov_follows_the_touches_that_a_long_journey_has_and_no_others() -> None:
    identity = Identity.objects.create()
    ages = [timedelta(hours=number) for number in range(150, 48, -1)]
    assert len(ages) > SHORT
    for source, some in (("google", ages), ("email", [timedelta(hours=100, minutes=30)])):
        Touchpoint.objects.bulk_create(
            Touchpoint(identity=identity, utm_source=source, created_at=T0 - age) for age in some
        )
    convert(identity)
    # The e-mail came too early for its window of one day: it was a journey of its own, and led nowhere.
    assert lines(report(markov, source_windows={"email": 1})) == ["google 1"]


def test_a_random_sample_of_conversions_has_the_touches_of_those_that_were_drawn() -> None:
    for number in range(20):
        visitor("a", at=T0 + number * DAY)
    for _ in range(10):
        assert lines(Conversion.objects.order_by("?")[:5].attribution_report(by=["source"])) == ["a 5"]


def test_a_model_adds_up_whatever_it_is_called() -> None:
    class Namesake(Rising):
        name = "participation"

    visitor({"utm_campaign": "x"}, {"utm_source": "b", "utm_campaign": "x"}, "c")
    assert lines(report(Namesake())) == lines(report(Rising()))


def test_an_order_that_is_none_is_refused() -> None:
    nonsense: Any = "nonsense"
    with pytest.raises(InvalidArgument) as refused:
        report().top(1, order_by=nonsense)
    assert refused.value.argument == "order_by"


def test_the_context_of_the_host_does_not_alter_the_order_of_rows() -> None:
    for source, conversions in (("a", 2), ("b", 3)):
        for number in range(9 + conversions):
            visitor(source, value="1" if number < 9 else None)
    with decimal.localcontext() as context:
        context.prec = 1
        found = report()
    assert lines(found) == ["b 9 9.00 EUR", "b 3", "a 9 9.00 EUR", "a 2"]


def test_conversions_of_nobody_are_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_ROWS_PER_FETCH", 2)
    Conversion.objects.bulk_create(Conversion(event="order", confirmed_at=T0, created_at=T0) for _ in range(5))
    visitor("a", value="1")
    every = reading.Reading(
        window=AttributionWindow(),
        exclude_direct=False,
        dimensions=(),
        number_key=lambda key: 0,
        interval_of=lambda at: None,
        number_group=lambda start, currency, event: 0,
    )
    assert [len(histories.conversions) for histories in every.histories(Conversion.objects.all())] == [1, 2, 2, 1]
    assert lines(report()) == ["a 1 1.00 EUR", "* 5"]


def test_a_slice_that_is_too_long_to_be_named_row_by_row_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections, "MAX_SLICE", 2)
    for _ in range(3):
        visitor("a")
    assert lines(Conversion.objects.all()[:2].attribution_report(by=["source"])) == ["a 2"]
    with pytest.raises(InvalidArgument, match="at most 2 conversions"):
        Conversion.objects.all()[:3].attribution_report()


@pytest.mark.parametrize("kept", [{"source": ["a"]}, "a", 3])
def test_what_is_no_filter_of_credit_is_refused(kept: Any) -> None:
    with pytest.raises(InvalidArgument) as refused:
        report(credited_to=kept)
    assert refused.value.argument == "credited_to"


@pytest.mark.parametrize("first", ["5", 1.0, None, True, -1, 1001])
def test_what_is_no_number_of_keys_is_refused(first: Any) -> None:
    with pytest.raises(InvalidArgument) as refused:
        report().top(first)
    assert refused.value.argument == "first"


def test_a_report_says_which_of_its_models_add_up_whatever_they_are_called() -> None:
    found = Conversion.objects.attribution_report({"reach": participation, "participation": last_touch})
    assert found.additive == {"participation"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by how many rows there are")
@pytest.mark.parametrize("by", ["source", "channel"])
def test_a_report_by_source_or_channel_reads_nothing_of_touches_but_the_index_of_journeys(by: str) -> None:
    visitor("google", "", value="5.00")
    with CaptureQueriesContext(connection) as captured:
        Conversion.objects.attribution_report(SIX_MODELS, [by], source_windows={"google": 7}, exclude_direct=True)
    [asked] = [query["sql"] for query in captured if 'ORDER BY "attribution_touchpoint"' in query["sql"]]
    with connection.cursor() as cursor:
        plan = cursor.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()
    assert "USING COVERING INDEX attribution_touchpoint_journey" in plan[0][-1]
