"""Conversion paths: which journeys are the most frequent, how many touches they have, and the days they take."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from django_attribution.exceptions import InvalidArgument
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.paths import MAX_STEPS, ConversionPaths, HistogramBin
from tests.report_oracle import Converted, store, undone
from tests.sizes import sized
from tests.strategies import MICROSECOND, QUICK_WITH_DATABASE, TOUCH_DIMENSIONS, ReportQuestion, report_questions

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LENGTH_BINS = ((0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 10), (11, 20), (21, None))
DAY_BINS = (
    (0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 13), (14, 20), (21, 29), (30, 59), (60, 89), (90, None),
)  # fmt: skip


def visitor(
    sources: Iterable[str] = (), *, value: str | None = None, currency: str = "EUR", times: Sequence[timedelta] = ()
) -> None:
    """Store a visitor with touches of some sources, an hour apart unless times are given, and a conversion at T0."""
    identity = Identity.objects.create()
    sources = list(sources)
    ages = times or [timedelta(hours=len(sources) - number) for number in range(len(sources))]
    Touchpoint.objects.bulk_create(
        Touchpoint(identity=identity, utm_source=source, utm_medium=f"m-{source}", created_at=T0 - age)
        for source, age in zip(sources, ages, strict=True)
    )
    Conversion.objects.create(
        identity=identity,
        event="purchase",
        created_at=T0,
        value=None if value is None else Decimal(value),
        currency="" if value is None else currency,
    )


def steps(paths: ConversionPaths) -> list[tuple[str, int]]:
    """Return each path as one text, with its conversions."""
    return [(">".join(path.steps), path.conversions) for path in paths.paths]


def filled(bins: Iterable[HistogramBin]) -> dict[tuple[int, int | None], int]:
    """Return the bins that hold conversions."""
    return {(one.start, one.end): one.conversions for one in bins if one.conversions}


def test_the_most_frequent_path_comes_first_and_ties_are_in_order_of_their_names() -> None:
    for journey in ("ba", "ab", "c", "c", "abb", "ab", "ba"):
        visitor(journey)
    paths = Conversion.objects.conversion_paths("source")
    assert steps(paths) == [("a>b", 2), ("b>a", 2), ("c", 2), ("a>b>b", 1)]
    assert paths.truncated is False


@pytest.mark.parametrize(
    ("first", "shown", "truncated"), [(0, 0, True), (1, 1, True), (2, 2, False), (3, 2, False), (200, 2, False)]
)
def test_no_more_paths_than_asked_for_are_shown(first: int, shown: int, truncated: bool) -> None:
    for journey in ("a", "b", "b"):
        visitor(journey)
    paths = Conversion.objects.conversion_paths("source", first=first)
    assert steps(paths) == [("b", 2), ("a", 1)][:shown]
    assert paths.truncated is truncated
    assert filled(paths.lengths) == {(1, 1): 3}  # of all conversions


def test_repeats_are_steps_unless_they_are_collapsed() -> None:
    for journey in ("aab", "abbb", "aba"):
        visitor(journey)
    assert steps(Conversion.objects.conversion_paths("source")) == [("a>a>b", 1), ("a>b>a", 1), ("a>b>b>b", 1)]
    collapsed = Conversion.objects.conversion_paths("source", collapse_repeats=True)
    assert steps(collapsed) == [("a>b", 2), ("a>b>a", 1)]
    assert filled(collapsed.lengths) == {(3, 3): 2, (4, 4): 1}  # touches, not steps


@pytest.mark.parametrize(
    ("journey", "collapse_repeats", "shown", "truncated"),
    [
        ("ab" * 25, False, "ab" * 25, False),
        ("c" + "ab" * 25, False, "ab" * 25, True),
        ("cd" * 40 + "ab" * 25, False, "ab" * 25, True),
        ("a" * 60 + "b" * 60, True, "ab", False),
        ("aabb" * 25, True, "ab" * 25, False),
        ("c" + "aabb" * 25, True, "ab" * 25, True),
    ],
)
def test_of_a_path_of_more_than_fifty_steps_the_last_ones_are_shown(
    journey: str, collapse_repeats: bool, shown: str, truncated: bool
) -> None:
    visitor(journey)
    paths = Conversion.objects.conversion_paths("source", collapse_repeats=collapse_repeats)
    assert MAX_STEPS == 50
    assert ["".join(path.steps) for path in paths.paths] == [shown]
    assert paths.truncated is truncated


def test_longer_paths_that_end_alike_are_shown_as_one() -> None:
    visitor("x" + "ab" * 25)
    visitor("y" * 9 + "ab" * 25)
    paths = Conversion.objects.conversion_paths("source")
    assert [path.conversions for path in paths.paths] == [2]
    assert paths.truncated is True


def test_every_bin_is_there_even_without_conversions() -> None:
    paths = Conversion.objects.conversion_paths()
    assert (paths.paths, paths.truncated) == ((), False)
    assert tuple((one.start, one.end) for one in paths.lengths) == LENGTH_BINS
    assert tuple((one.start, one.end) for one in paths.days_to_convert) == DAY_BINS
    for one in (*paths.lengths, *paths.days_to_convert):
        assert (one.conversions, one.values) == (0, {})


@pytest.mark.parametrize(
    ("touches", "place"),
    [(0, (0, 0)), (5, (5, 5)), (6, (6, 10)), (10, (6, 10)), (11, (11, 20)), (20, (11, 20)), (21, (21, None))],
)
def test_a_journey_is_counted_by_its_touches(touches: int, place: tuple[int, int | None]) -> None:
    visitor("a" * touches)
    assert filled(Conversion.objects.conversion_paths().lengths) == {place: 1}


@pytest.mark.parametrize(
    ("age", "place"),
    [
        (timedelta(0), (0, 0)),
        (DAY - MICROSECOND, (0, 0)),
        (DAY, (1, 1)),
        (2 * DAY - MICROSECOND, (1, 1)),
        (7 * DAY - MICROSECOND, (6, 6)),
        (7 * DAY, (7, 13)),
        (14 * DAY - MICROSECOND, (7, 13)),
        (30 * DAY - MICROSECOND, (21, 29)),
        (30 * DAY, (30, 59)),
        (90 * DAY - MICROSECOND, (60, 89)),
        (90 * DAY, (90, None)),
        (3650 * DAY, (90, None)),
    ],
)
def test_days_are_whole_days_of_24_hours_from_the_first_touch(age: timedelta, place: tuple[int, int | None]) -> None:
    visitor("ab", times=[age, timedelta(0)])
    paths = Conversion.objects.conversion_paths("source", window_days=3650)
    assert filled(paths.days_to_convert) == {place: 1}
    assert paths.paths[0].average_days_to_convert == pytest.approx(age / DAY, rel=1e-12)


def test_a_conversion_that_nobody_earned_has_a_length_and_nothing_else() -> None:
    visitor("", value="5")
    visitor("a", times=[31 * DAY], value="7")
    Conversion.objects.create(event="signup", created_at=T0)
    paths = Conversion.objects.conversion_paths("source")
    assert paths.paths == ()
    assert filled(paths.lengths) == {(0, 0): 3}
    assert paths.lengths[0].values == {"EUR": Decimal("12.00")}
    assert filled(paths.days_to_convert) == {}
    assert paths.truncated is False


def test_values_are_told_by_currency_and_days_on_average() -> None:
    visitor("a", value="10.10", times=[DAY])
    visitor("a", value="0.05", times=[4 * DAY])
    visitor("a", value="1000", currency="JPY", times=[DAY])
    visitor("a", value="1.005", currency="KWD", times=[DAY])
    visitor("a", value="0", currency="USD", times=[DAY])
    visitor("a", times=[DAY])
    [path] = Conversion.objects.conversion_paths("source").paths
    assert path.conversions == 6
    assert {code: str(value) for code, value in path.values.items()} == {
        "EUR": "10.15", "JPY": "1000", "KWD": "1.005", "USD": "0.00",
    }  # fmt: skip
    assert list(path.values) == ["EUR", "JPY", "KWD", "USD"]
    assert path.average_days_to_convert == 1.5


def test_each_conversion_of_a_visitor_has_a_path_of_its_own() -> None:
    visitor("ab")
    identity = Identity.objects.get()
    for hours in (-1.5, 24):
        Conversion.objects.create(identity=identity, event="signup", created_at=T0 + timedelta(hours=hours))
    Touchpoint.objects.create(identity=identity, utm_source="c", created_at=T0 + DAY)
    assert steps(Conversion.objects.conversion_paths("source")) == [("a", 1), ("a>b", 1), ("a>b>c", 1)]
    assert steps(Conversion.objects.filter(event="purchase").conversion_paths("source")) == [("a>b", 1)]
    assert steps(Conversion.objects.order_by("created_at")[:1].conversion_paths("source")) == [("a", 1)]


def test_a_path_may_be_told_by_every_dimension_of_touches() -> None:
    identity = Identity.objects.create()
    Touchpoint.objects.create(identity=identity, created_at=T0 - DAY)
    Touchpoint.objects.create(
        identity=identity,
        created_at=T0,
        utm_source="Google",
        utm_medium="CPC",
        utm_campaign="spring",
        utm_term="shoes",
        utm_content="footer",
        url="https://shop.test/sale?utm_source=Google",
        referrer="https://www.google.com/search",
    )
    Conversion.objects.create(identity=identity, event="purchase", created_at=T0)
    assert [Conversion.objects.conversion_paths(by).paths[0].steps for by in TOUCH_DIMENSIONS] == [
        ("Direct", "Paid Search"),
        ("(direct)", "google"),
        ("(none)", "cpc"),
        ("(not set)", "spring"),
        ("(not set)", "shoes"),
        ("(not set)", "footer"),
        ("(not set)", "/sale"),
        ("(not set)", "www.google.com"),
    ]
    assert Conversion.objects.conversion_paths().paths[0].steps == ("Direct", "Paid Search")
    assert Conversion.objects.conversion_paths(exclude_direct=True).paths[0].steps == ("Paid Search",)


@pytest.mark.parametrize(
    ("options", "argument", "message"),
    [
        ({"by": "event"}, "by", "dimension of touches .channel, source"),
        ({"by": "colour"}, "by", "'colour'"),
        ({"first": -1}, "first", "0 to 200"),
        ({"first": 201}, "first", "0 to 200"),
        ({"window_days": 3651}, "window_days", "0 to 3650"),
        ({"source_windows": {"google": -1}}, "source_windows", "0 to 3650"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(options: dict[str, Any], argument: str, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message) as refused:
        Conversion.objects.conversion_paths(**options)
    assert refused.value.argument == argument


@pytest.mark.parametrize("visitors", [1, 30])
def test_paths_cost_three_queries_whatever_there_is(
    visitors: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(visitors):
        visitor("ab")
    with django_assert_num_queries(3):
        assert steps(Conversion.objects.conversion_paths("source")) == [("a>b", visitors)]


def test_paths_of_nothing_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert Conversion.objects.conversion_paths().paths == ()


def values_of(conversions: Iterable[Converted]) -> dict[str, Fraction]:
    """Sum up values by currency."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for converted in conversions:
        if converted.facts.amount:
            found[converted.facts.amount[1]] += converted.value
    return dict(found)


def age_of(converted: Converted) -> timedelta:
    """Return the time from the first touch of a journey to its conversion."""
    return converted.facts.converted_at - converted.journey[0].touch.touched_at


def assert_histogram(
    bins: Sequence[HistogramBin],
    places: Sequence[tuple[int, int | None]],
    conversions: Sequence[Converted],
    number: Callable[[Converted], int],
) -> None:
    """Say which conversions each bin holds."""
    assert [(one.start, one.end) for one in bins] == list(places)
    for one in bins:
        held = [row for row in conversions if one.start <= number(row) and (one.end is None or number(row) <= one.end)]
        assert one.conversions == len(held)
        assert one.values == values_of(held)
    assert sum(one.conversions for one in bins) == len(conversions)


def assert_paths_are_the_journeys(question: ReportQuestion, by: str, first: int, *, collapse_repeats: bool) -> None:
    """Store what a question is about, ask for paths, and walk every journey."""
    with undone():
        conversions = store(question).conversions
        found = Conversion.objects.conversion_paths(
            by, first=first, collapse_repeats=collapse_repeats, **question.reach
        )
    attributed = [converted for converted in conversions if converted.journey]
    expected: Mapping[tuple[str, ...], list[Converted]] = defaultdict(list)
    for converted in attributed:
        path = [touch.dimensions[by] for touch in converted.journey]
        expected[tuple(step for step, _ in groupby(path)) if collapse_repeats else tuple(path)].append(converted)
    counts = Counter({path: len(held) for path, held in expected.items()})
    most_first = sorted(counts, key=lambda path: (-counts[path], path))
    assert [path.steps for path in found.paths] == most_first[:first]
    assert found.truncated == (len(expected) > first)
    for path in found.paths:
        held = expected[path.steps]
        assert path.conversions == len(held)
        assert path.values == values_of(held)
        assert list(path.values) == sorted(path.values)
        average = sum((age_of(converted) for converted in held), timedelta()) / len(held) / DAY
        assert path.average_days_to_convert == pytest.approx(average, rel=1e-12)
    assert_histogram(found.lengths, LENGTH_BINS, conversions, lambda converted: len(converted.journey))
    assert_histogram(found.days_to_convert, DAY_BINS, attributed, lambda converted: age_of(converted).days)


@settings(QUICK_WITH_DATABASE, max_examples=sized(100, long=3_000))
@given(report_questions(), st.sampled_from(TOUCH_DIMENSIONS), st.sampled_from((20, 1, 0)), st.booleans())
def test_paths_are_the_journeys_whatever_visitors_did(
    question: ReportQuestion, by: str, first: int, collapse_repeats: bool
) -> None:
    one_window = replace(question, source_windows={})
    assert_paths_are_the_journeys(one_window, by, first, collapse_repeats=collapse_repeats)


def test_touches_of_several_windows_are_one_path_in_order_of_time_and_id() -> None:
    visitor("abcabc", times=[timedelta(0)] * 6)
    windows = {"a": 1, "b": 2, "c": 3}
    paths = Conversion.objects.conversion_paths("source", source_windows=windows)
    assert steps(paths) == [("a>b>c>a>b>c", 1)]


@settings(QUICK_WITH_DATABASE, max_examples=sized(60, long=3_000))
@given(
    report_questions().filter(lambda question: len(question.source_windows) > 0),
    st.sampled_from(TOUCH_DIMENSIONS),
    st.booleans(),
)
def test_paths_are_the_journeys_under_windows_of_several_sources(
    question: ReportQuestion, by: str, collapse_repeats: bool
) -> None:
    assert_paths_are_the_journeys(question, by, 20, collapse_repeats=collapse_repeats)
