"""The models in SQL say what ``credit.py`` says, on both databases, at every edge, and read little for it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from hypothesis import given

from django_attribution import credit
from django_attribution.aggregates import MoneySum
from django_attribution.attribution_models import SingleTouchModel, first_touch, last_touch
from django_attribution.exceptions import AttributionError, InvalidArgument
from django_attribution.models import Conversion, Identity, Touchpoint
from tests.strategies import (
    MICROSECOND,
    QUICK_WITH_DATABASE,
    Question,
    questions,
)

T0 = datetime(2026, 3, 29, 1, 30, 0, 999_999, tzinfo=UTC)  # in the hour that Berlin's clocks skip
DAY = timedelta(days=1)
MODELS = (first_touch, last_touch)
ZONES_WITH_SUMMER_TIME = ("Europe/Berlin", "America/New_York")
SESSION_TIME_ZONES = ZONES_WITH_SUMMER_TIME if connection.vendor == "postgresql" else ()  # SQLite has none

both_models = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)


@contextmanager
def undone() -> Iterator[None]:
    """Take back what one example stored."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def session_time_zone(name: str) -> Iterator[None]:
    """Have PostgreSQL work in a time zone; where clocks change, its days have 23 to 25 hours."""
    if connection.vendor != "postgresql":
        yield
        return
    usual = connection.settings_dict["TIME_ZONE"]
    _set_session_time_zone(name)
    try:
        yield
    finally:
        _set_session_time_zone(usual)


def _set_session_time_zone(name: str | None) -> None:
    connection.settings_dict["TIME_ZONE"] = name
    for cached in ("timezone", "timezone_name"):
        vars(connections[DEFAULT_DB_ALIAS]).pop(cached, None)
    connection.ensure_timezone()
    with connection.cursor() as cursor:
        cursor.execute("SHOW TimeZone")
        assert cursor.fetchone() == (name or "UTC",)


def assert_sql_agrees_with_the_oracle(question: Question) -> None:
    """Store the histories of a question and ask it both ways."""
    expected: dict[str, dict[int, int | None]] = {model.name: {} for model in MODELS}
    sources: dict[int | None, str | None] = {None: None}
    for history in question.histories:
        identity = Identity.objects.create()
        touches = Touchpoint.objects.bulk_create(
            Touchpoint(
                identity=identity, created_at=facts.touched_at, utm_source=facts.utm_source, click_ids=facts.click_ids
            )
            for facts in history.touches
        )
        known = [
            credit.Touch(touch.pk, facts.touched_at, facts.source)
            for touch, facts in zip(touches, history.touches, strict=True)
        ]
        sources |= {touch.id: touch.source for touch in known}
        for conversion in Conversion.objects.bulk_create(
            Conversion(identity=identity, event="purchase", created_at=converted_at)
            for converted_at in history.conversions
        ):
            journey = credit.journey(known, converted_at=conversion.created_at, window=question.window)
            for model in MODELS:
                weights = dict(zip((touch.id for touch in journey), model.weights(journey), strict=True))
                earned = [touch_id for touch_id, weight in weights.items() if weight == 1]
                expected[model.name][conversion.pk] = earned[0] if earned else None
    for model in MODELS:
        asked = Conversion.objects.with_attribution(
            model, window_days=question.window_days, source_windows=question.source_windows
        ).with_credited("source")
        answers = list(asked)
        assert {row.pk: row.credited_touchpoint_id for row in answers} == expected[model.name]
        for row in answers:
            touch = row.credited_touchpoint
            assert (None if touch is None else touch.pk) == row.credited_touchpoint_id
            assert row.credited_source == sources[row.credited_touchpoint_id]
            assert row.attribution_data.get("source") == row.credited_source


@pytest.mark.django_db
@pytest.mark.parametrize("time_zone", ["UTC", *SESSION_TIME_ZONES])
def test_sql_agrees_with_the_oracle(time_zone: str) -> None:
    @QUICK_WITH_DATABASE
    @given(questions())
    def agrees(question: Question) -> None:
        with undone():
            assert_sql_agrees_with_the_oracle(question)

    with session_time_zone(time_zone):
        agrees()


def credited_time(
    model: SingleTouchModel, *touched_at: datetime, converted_at: datetime = T0, source: str = "google", **window: Any
) -> datetime | None:
    """Return the time of the touch that earns a conversion."""
    identity = Identity.objects.create()
    Touchpoint.objects.bulk_create(
        Touchpoint(identity=identity, created_at=instant, utm_source=source) for instant in touched_at
    )
    conversion = Conversion.objects.create(identity=identity, event="purchase", created_at=converted_at)
    row = Conversion.objects.with_attribution(model, **window).get(pk=conversion.pk)
    return row.attribution_data.get("touched_at")


# The default window, and the window of the touch's own source inside a longer and a shorter default one.
WINDOWS = (
    pytest.param(lambda days: {"window_days": days}, id="default"),
    pytest.param(lambda days: {"window_days": 365, "source_windows": {"Google ": days}}, id="own-shorter"),
    pytest.param(lambda days: {"window_days": 0, "source_windows": {"GOOGLE": days}}, id="own-longer"),
    pytest.param(lambda days: {"window_days": days, "source_windows": {"bing": 365}}, id="default-beside-another"),
)


@both_models
@pytest.mark.django_db
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("days", [1, 7, 30, 3650])
@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_both_ends_of_a_window_count_and_a_microsecond_more_does_not(
    model: SingleTouchModel, window: Callable[[int], dict[str, Any]], days: int, microsecond: int
) -> None:
    converted_at = T0.replace(microsecond=microsecond)
    start = converted_at - timedelta(days=days)

    def credited(touched_at: datetime) -> datetime | None:
        return credited_time(model, touched_at, converted_at=converted_at, **window(days))

    assert credited(start - MICROSECOND) is None
    assert credited(start) == start
    assert credited(start + MICROSECOND) == start + MICROSECOND
    assert credited(converted_at - MICROSECOND) == converted_at - MICROSECOND
    assert credited(converted_at) == converted_at
    assert credited(converted_at + MICROSECOND) is None


@both_models
@pytest.mark.django_db
@pytest.mark.parametrize("window", WINDOWS)
def test_a_window_of_no_days_excludes_even_a_touch_at_the_same_instant(
    model: SingleTouchModel, window: Callable[[int], dict[str, Any]]
) -> None:
    assert credited_time(model, T0, T0 - MICROSECOND, **window(0)) is None


@both_models
@pytest.mark.django_db
def test_a_source_with_no_days_leaves_the_credit_to_the_others(model: SingleTouchModel) -> None:
    identity = Identity.objects.create()
    for source in ("google", "email", "google"):
        Touchpoint.objects.create(identity=identity, created_at=T0, utm_source=source)
    Conversion.objects.create(identity=identity, event="purchase", created_at=T0)
    row = Conversion.objects.with_attribution(model, source_windows={"google": 0}).get()
    assert row.attribution_data["source"] == "email"


@pytest.mark.django_db
def test_of_touches_at_one_instant_the_id_decides() -> None:
    identity = Identity.objects.create()
    touches = [Touchpoint.objects.create(identity=identity, created_at=T0, utm_source="google") for _ in range(3)]
    Touchpoint.objects.filter(pk=touches[0].pk).update(utm_term="moved")  # PostgreSQL writes the row elsewhere
    Conversion.objects.create(identity=identity, event="purchase", created_at=T0)
    assert Conversion.objects.with_attribution(first_touch).get().credited_touchpoint == touches[0]
    assert Conversion.objects.with_attribution(last_touch).get().credited_touchpoint == touches[2]


@pytest.mark.django_db
def test_the_id_decides_also_where_no_index_brings_the_touches_in_order() -> None:
    identity = Identity.objects.create()
    for key in (3, 1, 2):
        Touchpoint.objects.create(pk=key, identity=identity, created_at=T0, utm_source="google")
    Conversion.objects.create(identity=identity, event="purchase", created_at=T0)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX attribution_touchpoint_journey")
    assert Conversion.objects.with_attribution(first_touch).get().credited_touchpoint_id == 1
    assert Conversion.objects.with_attribution(last_touch).get().credited_touchpoint_id == 3


@both_models
@pytest.mark.django_db
def test_a_touch_earns_nothing_for_another_identity_or_for_a_conversion_without_one(model: SingleTouchModel) -> None:
    Touchpoint.objects.create(identity=Identity.objects.create(), created_at=T0, utm_source="google")
    Conversion.objects.create(identity=Identity.objects.create(), event="purchase", created_at=T0)
    Conversion.objects.create(identity=None, event="purchase", created_at=T0)
    assert [row.attribution_data for row in Conversion.objects.with_attribution(model)] == [{}, {}]


@both_models
@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no session time zone")
@pytest.mark.parametrize("time_zone", ZONES_WITH_SUMMER_TIME)
@pytest.mark.parametrize("converted_at", [datetime(2026, 3, 30, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)])
def test_a_day_has_24_hours_also_where_the_clocks_change(
    model: SingleTouchModel, time_zone: str, converted_at: datetime
) -> None:
    start = converted_at - 30 * DAY
    with session_time_zone(time_zone):
        assert credited_time(model, start, converted_at=converted_at) == start
        assert credited_time(model, start - MICROSECOND, converted_at=converted_at) is None


@pytest.mark.parametrize("model", ["LAST TOUCH", "", None, credit.last_touch_weights, SingleTouchModel, 3])
def test_what_is_no_model_is_refused_by_a_message_that_names_models(model: Any) -> None:
    with pytest.raises(InvalidArgument, match="first_touch, last_touch, last_non_direct") as caught:
        Conversion.objects.with_attribution(model)
    assert caught.value.argument == "model"


@pytest.mark.parametrize(
    ("window", "argument", "allowed"),
    [
        ({"window_days": -1}, "window_days", "0 to 3650"),
        ({"window_days": 3651}, "window_days", "0 to 3650"),
        ({"window_days": True}, "window_days", "whole number"),
        ({"source_windows": {"google": 3651}}, "source_windows", "0 to 3650"),
        ({"source_windows": {str(number): 1 for number in range(51)}}, "source_windows", "at most 50"),
        ({"source_windows": [("google", 7)]}, "source_windows", "mapping"),
    ],
)
def test_an_unusable_window_is_refused_before_anything_is_asked(
    window: dict[str, Any], argument: str, allowed: str
) -> None:
    with pytest.raises(InvalidArgument, match=allowed) as caught:
        Conversion.objects.with_attribution(last_touch, **window)
    assert caught.value.argument == argument


def test_asking_twice_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="asked for attribution before"):
        Conversion.objects.with_attribution(last_touch).filter(value__gt=1).with_attribution(first_touch)


@pytest.mark.django_db
def test_attribution_that_was_not_asked_for_says_how_to_ask() -> None:
    Conversion.objects.create(event="purchase")
    conversion = Conversion.objects.get()
    for name in ("attribution_data", "attribution_metadata", "credited_touchpoint"):
        with pytest.raises(AttributionError, match=r"with_attribution\(last_touch\)"):
            getattr(conversion, name)


def test_touchpoints_carry_the_index_of_a_journey_and_few_others() -> None:
    names = {index.name for index in Touchpoint._meta.indexes}
    assert names == {"attribution_touchpoint_journey"}


def indexes_of(table: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return what the database looks rows up by, keyed by its columns."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    kinds = ("index", "unique", "primary_key")
    return {tuple(info["columns"]): info for info in found.values() if any(info[kind] for kind in kinds)}


@pytest.mark.django_db
def test_the_database_has_exactly_the_indexes_that_were_measured() -> None:
    touchpoint, identity = indexes_of("attribution_touchpoint"), indexes_of("attribution_identity")
    journey = ("identity_id", "created_at", "id", "source", "channel")
    assert set(touchpoint) == {("id",), ("uuid",), journey}  # four at most: each costs 5 µs an insert
    assert touchpoint[journey]["orders"] == ["ASC", "DESC", "DESC", "ASC", "ASC"]
    assert set(identity) == {("id",), ("uuid",), ("linked_user_id",), ("merged_into_id",)}
    for table in (touchpoint, identity, indexes_of("attribution_conversion")):
        assert table[("uuid",)]["unique"]


SOURCE_WINDOWS = {"google": 14, "email": 7, "facebook": 28, "bing": 21, "newsletter": 3}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plans asserted here are PostgreSQL's")
class PlanTests(TestCase):
    """With 20,000 touches of 2,000 identities, one of which holds 5 % of them."""

    @classmethod
    def setUpTestData(cls) -> None:
        identities = Identity.objects.bulk_create(Identity() for _ in range(2_000))
        crowd = identities[0]
        # First touch passes over touches at the far end whose own window is shorter: a third of them here.
        sources = (*SOURCE_WINDOWS, *(f"partner-{number}" for number in range(10)))

        def touch(identity: Identity, number: int) -> Touchpoint:
            # Over 180 days; 7919 and 90,001 are primes, so that times and sources do not move in step.
            instant = T0 - timedelta(seconds=(number * 7919 * 97) % (180 * 86_400), microseconds=number)
            return Touchpoint(identity=identity, created_at=instant, utm_source=sources[number * 90_001 % len(sources)])

        Touchpoint.objects.bulk_create(
            [touch(crowd, number) for number in range(1_000)]
            + [touch(identities[1 + number % 1_999], number) for number in range(19_000)]
        )
        Conversion.objects.bulk_create(
            Conversion(
                identity=crowd if number % 20 == 0 else identities[number * 2],
                event="purchase",
                created_at=T0 - timedelta(hours=number),
            )
            for number in range(1_000)
        )
        cls.crowd = crowd
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE attribution_touchpoint, attribution_identity, attribution_conversion")

    def test_a_conversion_costs_one_index_entry_or_two(self) -> None:
        for model in MODELS:
            for source_windows in ({}, SOURCE_WINDOWS):
                with self.subTest(model=model.name, source_windows=source_windows):
                    self.assert_reads_little(Conversion.objects.with_attribution(model, source_windows=source_windows))

    def test_nor_does_it_cost_more_for_an_identity_that_holds_a_twentieth_of_all_touches(self) -> None:
        for model in MODELS:
            for source_windows in ({}, SOURCE_WINDOWS):
                with self.subTest(model=model.name, source_windows=source_windows):
                    asked = Conversion.objects.with_attribution(model, source_windows=source_windows)
                    self.assert_reads_little(asked.filter(identity=self.crowd))

    def test_the_touch_is_found_in_the_order_of_the_index_and_in_it_alone(self) -> None:
        for name, queryset in hot_queries().items():
            with self.subTest(name):
                plan = explain(queryset)
                scans = list(scans_of_touchpoints(plan))
                assert {scan["Node Type"] for scan in scans} == {"Index Only Scan"}
                for scan in scans:
                    assert scan["Index Name"] == "attribution_touchpoint_journey"
                    for bound in ("identity_id = ", "created_at >= ", "created_at <= "):
                        assert bound in scan["Index Cond"]
                for subplan in subplans(plan):
                    assert not [step for step in all_steps(subplan) if "Sort" in step["Node Type"]]

    def test_a_page_reads_its_own_conversions_and_their_touches(self) -> None:
        for name in ("page", "page, source windows"):
            with self.subTest(name):
                plan = explain(hot_queries()[name])
                [conversions] = [step for step in all_steps(plan) if step.get("Relation Name") == CONVERSIONS]
                assert conversions["Index Name"] == "attribution_conversion_newest"
                assert rows_read_per_loop(conversions) <= PAGE
                assert not [step for step in all_steps(plan) if "Sort" in step["Node Type"]]
                with CaptureQueriesContext(connection) as captured:
                    assert len(hot_queries()[name]) == PAGE
                [_, touches] = captured
                [scan] = scans_of_touchpoints(explained(touches["sql"]))
                assert scan["Index Name"] == "attribution_touchpoint_pkey"
                assert rows_read_per_loop(scan) <= PAGE

    def test_conversions_are_read_once_to_iterate_or_to_sum_them(self) -> None:
        for name, queryset in hot_queries().items():
            with self.subTest(name):
                steps = list(all_steps(explain(queryset)))
                [conversions] = [step for step in steps if step.get("Relation Name") == CONVERSIONS]
                assert conversions["Actual Loops"] == 1
                assert not [step for step in steps if "Join" in step["Node Type"] or "Loop" in step["Node Type"]]

    def assert_reads_little(self, queryset: Any) -> None:
        """Every look at touches is a few steps in the journey index: two rows on average, and few pages."""
        scans = list(scans_of_touchpoints(explain(queryset)))
        assert scans
        for scan in scans:
            assert scan["Node Type"] in ("Index Scan", "Index Only Scan")
            assert scan["Index Name"] == "attribution_touchpoint_journey"
            assert rows_read_per_loop(scan) <= 2, scan
            assert pages_read_per_loop(scan) <= 8, scan


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plans asserted here are SQLite's")
@pytest.mark.django_db
def test_sqlite_too_finds_the_touch_in_the_order_of_the_index_and_in_it_alone() -> None:
    for name, queryset in hot_queries().items():
        steps = queryset.explain().splitlines()
        [touches] = {step.split(" ", 3)[3] for step in steps if " U0 " in step}
        index = "COVERING INDEX attribution_touchpoint_journey (identity_id=? AND created_at>? AND created_at<?"
        assert index in touches
        assert any("USE TEMP B-TREE" in step for step in steps) == (name == "revenue by source")  # which groups


CONVERSIONS = "attribution_conversion"
PAGE = 50


def hot_queries() -> dict[str, Any]:
    """Return what the benchmark holds against the published package."""
    valid = Conversion.objects.valid()
    last = valid.with_attribution(last_touch).order_by("-created_at")
    windows = {"source_windows": SOURCE_WINDOWS}
    by_source = valid.with_attribution(last_touch).with_credited("source").values("credited_source", "currency")
    return {
        "iterate, last touch": last,
        "iterate, first touch, source windows": valid.with_attribution(first_touch, **windows).order_by("-created_at"),
        "page": last[:PAGE],
        "page, source windows": valid.with_attribution(last_touch, **windows).order_by("-created_at")[:PAGE],
        "revenue by source": by_source.annotate(revenue=MoneySum("value")),
    }


def explain(queryset: Any) -> dict[str, Any]:
    """Run a query and return its plan with what each step really did."""
    return explained(*queryset.query.sql_with_params())


def explained(sql: str, params: Any = None) -> dict[str, Any]:
    """Run a statement and return its plan with what each step really did."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, TIMING OFF) {sql}", params)
        (answer,) = cursor.fetchone()
    [statement] = json.loads(answer) if isinstance(answer, str) else answer
    return statement["Plan"]


def all_steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the steps of a plan."""
    yield plan
    for step in plan.get("Plans", ()):
        yield from all_steps(step)


def subplans(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is run for each row of something else."""
    found = [step for step in all_steps(plan) if step.get("Parent Relationship") == "SubPlan"]
    assert found
    return found


def scans_of_touchpoints(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the steps of a plan that read touchpoints, or the index of them."""
    for step in all_steps(plan):
        if step.get("Relation Name") == "attribution_touchpoint" or "touchpoint" in step.get("Index Name", ""):
            yield step


def rows_read_per_loop(scan: dict[str, Any]) -> float:
    """Return the rows a scan gave and those it threw away, on average."""
    thrown_away = sum(scan.get(f"Rows Removed by {reason}", 0) for reason in ("Filter", "Index Recheck"))
    return float(scan["Actual Rows"] + thrown_away)


def pages_read_per_loop(scan: dict[str, Any]) -> float:
    """Return the pages a scan looked at, on average: entries that the index itself skips show only here."""
    return float(scan["Shared Hit Blocks"] + scan["Shared Read Blocks"]) / scan["Actual Loops"]
