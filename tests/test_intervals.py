"""The day, week and month of an instant, where clocks change, skip midnight or lie at the end of the calendar."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_attribution.exceptions import InvalidArgument
from django_attribution.intervals import Interval, Starts, clean_interval, clean_zone, start_of
from tests.strategies import CALENDAR_EDGES, MICROSECOND, QUICK, instants

PARIS = "Europe/Paris"
NEW_YORK = "America/New_York"
ZONES = (
    "UTC", PARIS, NEW_YORK, "America/Sao_Paulo", "Africa/Cairo", "America/Havana", "Asia/Kolkata", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Marquesas", "Africa/Monrovia",
)  # fmt: skip


def begins(interval: str, instant: datetime, zone: str) -> str:
    """Return when an interval begins, as it is written there."""
    return start_of(Interval(interval), instant, zone=ZoneInfo(zone)).isoformat()


def utc(*parts: Any) -> datetime:
    """Return an instant."""
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        # Summer time begins: the day has 23 hours, and its last instants are an hour earlier in UTC.
        (PARIS, utc(2026, 3, 28, 23, 0), "2026-03-29T00:00:00+01:00"),
        (PARIS, utc(2026, 3, 28, 22, 59, 59), "2026-03-28T00:00:00+01:00"),
        (PARIS, utc(2026, 3, 29, 0, 59, 59), "2026-03-29T00:00:00+01:00"),
        (PARIS, utc(2026, 3, 29, 1, 0), "2026-03-29T00:00:00+01:00"),
        (PARIS, utc(2026, 3, 29, 21, 59, 59), "2026-03-29T00:00:00+01:00"),
        (PARIS, utc(2026, 3, 29, 22, 0), "2026-03-30T00:00:00+02:00"),
        # It ends: 25 hours, and the hour from two to three is there twice.
        (PARIS, utc(2026, 10, 24, 22, 0), "2026-10-25T00:00:00+02:00"),
        (PARIS, utc(2026, 10, 25, 0, 30), "2026-10-25T00:00:00+02:00"),
        (PARIS, utc(2026, 10, 25, 1, 30), "2026-10-25T00:00:00+02:00"),
        (PARIS, utc(2026, 10, 25, 22, 59, 59), "2026-10-25T00:00:00+02:00"),
        (PARIS, utc(2026, 10, 25, 23, 0), "2026-10-26T00:00:00+01:00"),
        (NEW_YORK, utc(2026, 3, 8, 4, 59, 59), "2026-03-07T00:00:00-05:00"),
        (NEW_YORK, utc(2026, 3, 8, 5, 0), "2026-03-08T00:00:00-05:00"),
        (NEW_YORK, utc(2026, 3, 9, 3, 59, 59), "2026-03-08T00:00:00-05:00"),
        (NEW_YORK, utc(2026, 3, 9, 4, 0), "2026-03-09T00:00:00-04:00"),
        (NEW_YORK, utc(2026, 11, 1, 4, 0), "2026-11-01T00:00:00-04:00"),
        (NEW_YORK, utc(2026, 11, 1, 6, 0), "2026-11-01T00:00:00-04:00"),
        (NEW_YORK, utc(2026, 11, 2, 4, 59, 59), "2026-11-01T00:00:00-04:00"),
        (NEW_YORK, utc(2026, 11, 2, 5, 0), "2026-11-02T00:00:00-05:00"),
        # The day has no midnight: clocks go from 24:00 to one o'clock.
        ("America/Sao_Paulo", utc(2018, 11, 4, 2, 59, 59), "2018-11-03T00:00:00-03:00"),
        ("America/Sao_Paulo", utc(2018, 11, 4, 3, 0), "2018-11-04T01:00:00-02:00"),
        ("America/Sao_Paulo", utc(2018, 11, 5, 1, 59, 59), "2018-11-04T01:00:00-02:00"),
        ("America/Sao_Paulo", utc(2018, 11, 5, 2, 0), "2018-11-05T00:00:00-02:00"),
        ("Africa/Cairo", utc(2024, 4, 25, 21, 59, 59), "2024-04-25T00:00:00+02:00"),
        ("Africa/Cairo", utc(2024, 4, 25, 22, 0), "2024-04-26T01:00:00+03:00"),
        ("Africa/Cairo", utc(2024, 4, 26, 20, 59, 59), "2024-04-26T01:00:00+03:00"),
        ("Africa/Cairo", utc(2024, 4, 26, 21, 0), "2024-04-27T00:00:00+03:00"),
        # The day has two midnights: the first one begins it.
        ("America/Havana", utc(2024, 11, 3, 3, 59, 59), "2024-11-02T00:00:00-04:00"),
        ("America/Havana", utc(2024, 11, 3, 4, 0), "2024-11-03T00:00:00-04:00"),
        ("America/Havana", utc(2024, 11, 3, 5, 0), "2024-11-03T00:00:00-04:00"),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", utc(2011, 12, 30, 9, 59, 59), "2011-12-29T00:00:00-10:00"),
        ("Pacific/Apia", utc(2011, 12, 30, 10, 0), "2011-12-31T00:00:00+14:00"),
        ("Asia/Kathmandu", utc(2026, 6, 1, 18, 15), "2026-06-02T00:00:00+05:45"),
        ("UTC", utc(2026, 6, 1, 23, 59, 59, 999_999), "2026-06-01T00:00:00+00:00"),
    ],
)
def test_a_day_begins_at_local_midnight_or_when_its_clocks_begin(zone: str, instant: datetime, day: str) -> None:
    assert begins("day", instant, zone) == day


@pytest.mark.parametrize(
    ("interval", "zone", "instant", "start"),
    [
        ("week", "UTC", utc(2026, 6, 1), "2026-06-01T00:00:00+00:00"),  # a Monday
        ("week", "UTC", utc(2026, 6, 7, 23, 59, 59, 999_999), "2026-06-01T00:00:00+00:00"),
        ("week", "UTC", utc(2026, 6, 8), "2026-06-08T00:00:00+00:00"),
        ("week", PARIS, utc(2026, 3, 29, 21, 59, 59), "2026-03-23T00:00:00+01:00"),
        ("week", PARIS, utc(2026, 3, 29, 22, 0), "2026-03-30T00:00:00+02:00"),
        ("week", NEW_YORK, utc(2026, 11, 2, 4, 59, 59), "2026-10-26T00:00:00-04:00"),
        ("week", NEW_YORK, utc(2026, 11, 2, 5, 0), "2026-11-02T00:00:00-05:00"),
        ("week", "UTC", utc(2026, 1, 1), "2025-12-29T00:00:00+00:00"),
        ("week", PARIS, utc(2027, 1, 3, 22, 59, 59), "2026-12-28T00:00:00+01:00"),
        ("month", "UTC", utc(2024, 2, 29, 23, 59, 59), "2024-02-01T00:00:00+00:00"),
        ("month", "UTC", utc(2024, 3, 1), "2024-03-01T00:00:00+00:00"),
        ("month", PARIS, utc(2026, 3, 31, 21, 59, 59), "2026-03-01T00:00:00+01:00"),
        ("month", PARIS, utc(2026, 3, 31, 22, 0), "2026-04-01T00:00:00+02:00"),
        ("month", NEW_YORK, utc(2026, 12, 1, 4, 59, 59), "2026-11-01T00:00:00-04:00"),
        ("month", NEW_YORK, utc(2026, 1, 1, 4, 59, 59), "2025-12-01T00:00:00-05:00"),
        ("month", PARIS, utc(2025, 12, 31, 23, 0), "2026-01-01T00:00:00+01:00"),
        ("day", PARIS, utc(2025, 12, 31, 22, 59, 59), "2025-12-31T00:00:00+01:00"),
    ],
)
def test_weeks_begin_on_monday_and_months_on_the_first_also_over_the_end_of_a_year(
    interval: str, zone: str, instant: datetime, start: str
) -> None:
    assert begins(interval, instant, zone) == start


def test_the_zone_in_which_an_instant_is_written_does_not_matter() -> None:
    instant = utc(2026, 3, 29, 22, 0)
    for written in (instant.astimezone(ZoneInfo("Asia/Tokyo")), instant.astimezone(timezone(-timedelta(hours=11)))):
        assert begins("day", written, PARIS) == "2026-03-30T00:00:00+02:00"


@QUICK
@given(instants() | st.datetimes(datetime(1970, 1, 3), datetime(2036, 12, 30)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001 - made aware beside it
       st.sampled_from(ZONES), st.sampled_from(Interval))  # fmt: skip
def test_an_interval_holds_its_instants_and_begins_where_the_one_before_ends(
    instant: datetime, name: str, interval: Interval
) -> None:
    zone = ZoneInfo(name)
    start = start_of(interval, instant, zone=zone)
    assert start.utcoffset() == start.astimezone(UTC).astimezone(zone).utcoffset()  # it exists
    assert start <= instant
    assert start_of(interval, start, zone=zone) == start
    before = start.astimezone(UTC) - MICROSECOND
    assert start_of(interval, before, zone=zone) < start
    # Whatever lies between belongs to it as well.
    assert start_of(interval, start + (instant - start) / 2, zone=zone) == start
    first_day, day = start.date(), instant.astimezone(zone).date()
    expected = {
        Interval.DAY: day,
        Interval.WEEK: day - timedelta(days=day.isoweekday() - 1),
        Interval.MONTH: day.replace(day=1),
    }
    assert first_day == expected[interval]


@pytest.mark.parametrize("interval", Interval)
def test_a_start_is_told_in_the_zone_that_was_asked_for(interval: Interval) -> None:
    zone = ZoneInfo(PARIS)
    assert {start_of(interval, instant, zone=zone).tzinfo for instant in CALENDAR_EDGES} == {zone}


def test_an_interval_is_known_by_its_name_and_none_is_none() -> None:
    assert [clean_interval(name) for name in ("day", "week", "month", None)] == [*Interval, None]
    assert clean_interval(Interval.WEEK) is Interval.WEEK


@pytest.mark.parametrize("unknown", ["", "DAY", "quarter", "days", 7, b"day", ["day"], True, "x" * 100])
def test_an_unknown_interval_is_refused_by_a_message_that_lists_the_known(unknown: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^interval must be one of day, week, month, not ") as caught:
        clean_interval(unknown)
    assert caught.value.argument == "interval"
    assert len(str(caught.value)) < 100


def test_a_zone_is_known_by_its_iana_name() -> None:
    assert clean_zone("Europe/Paris") is ZoneInfo("Europe/Paris")
    assert clean_zone(ZoneInfo("UTC")) is ZoneInfo("UTC")


@pytest.mark.parametrize(
    "unknown",
    [
        "", " ", "Mars/Olympus", "Europe", "Europe/", "/etc/localtime", "../UTC", "Europe/../UTC", "UTC\0", "\ud800",
        "UTC ", "+02:00", "x" * 5000, 2, None, b"UTC", ["UTC"], UTC, timezone(timedelta(hours=2)),
    ],
    ids=lambda unknown: repr(unknown)[:20],
)  # fmt: skip
def test_an_unknown_zone_is_refused_by_a_message_that_shows_a_known_one(unknown: Any) -> None:
    with pytest.raises(InvalidArgument, match="IANA name of a time zone such as Europe/Paris, not ") as caught:
        clean_zone(unknown)
    assert caught.value.argument == "tz"
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize("interval", Interval)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "Pacific/Kiritimati", NEW_YORK, "Pacific/Marquesas"])
@pytest.mark.parametrize("edge", [datetime.min, datetime.max])  # noqa: DTZ901 - made aware below
def test_the_ends_of_the_calendar_lie_in_some_interval_of_every_zone(
    interval: Interval, zone: str, edge: datetime
) -> None:
    start = start_of(interval, edge.replace(tzinfo=UTC), zone=ZoneInfo(zone))
    assert abs(start.replace(tzinfo=None) - edge) <= timedelta(days=32)


def told(interval: Interval, instants: list[datetime], zone: str) -> list[str]:
    """Return when the intervals of some instants begin, found hour by hour."""
    starts = Starts(interval, zone=ZoneInfo(zone))
    return [starts.of(instant.replace(tzinfo=None)).isoformat() for instant in instants]


@pytest.mark.parametrize("interval", Interval)
def test_an_hour_may_be_of_two_days_and_of_the_first_one_again(interval: Interval) -> None:
    # In Newfoundland clocks went back at one minute past midnight.
    skip = utc(2010, 11, 7, 2, 31)
    some = [skip + timedelta(minutes=number) for number in (-31, -2, -1, 0, 1, 28, 29, 58, 59, 60)]
    zone = "America/St_Johns"
    assert told(interval, some, zone) == [begins(interval, instant, zone) for instant in some]
    if interval is Interval.DAY:
        assert told(interval, some, zone)[1:5] == [
            "2010-11-06T00:00:00-02:30", "2010-11-07T00:00:00-02:30",
            "2010-11-06T00:00:00-02:30", "2010-11-06T00:00:00-02:30",
        ]  # fmt: skip


@pytest.mark.parametrize("edge", [datetime.min, datetime.max])  # noqa: DTZ901 - made aware below
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", NEW_YORK, "Pacific/Marquesas"])
def test_the_hours_at_the_ends_of_the_calendar_are_of_some_interval(zone: str, edge: datetime) -> None:
    instant = edge.replace(tzinfo=UTC)
    assert told(Interval.DAY, [instant], zone) == [begins("day", instant, zone)]


@QUICK
@given(st.sampled_from(Interval), st.sampled_from((*ZONES, "America/St_Johns")), st.lists(instants(), max_size=8))
def test_what_is_found_hour_by_hour_is_what_each_instant_says(
    interval: Interval, zone: str, some: list[datetime]
) -> None:
    assert told(interval, some, zone) == [begins(interval, instant, zone) for instant in some]
