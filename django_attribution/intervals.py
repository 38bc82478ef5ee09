"""Calendar intervals in a time zone: the day, week or month that an instant belongs to. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from django_attribution.exceptions import InvalidArgument


class Interval(StrEnum):
    """What a report is broken down by over time. Weeks begin on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def clean_interval(interval: str | None) -> Interval | None:
    """Return an interval by its name; raise ``InvalidArgument`` for an unknown one."""
    try:
        return None if interval is None else Interval(interval)
    except ValueError:
        names = ", ".join(Interval)
        raise InvalidArgument("interval", f"interval must be one of {names}, not {str(interval)[:40]!r}.") from None


def clean_zone(tz: str | ZoneInfo) -> ZoneInfo:
    """Return a time zone by its IANA name; raise ``InvalidArgument`` for an unknown one."""
    if isinstance(tz, ZoneInfo):
        return tz
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError, TypeError, AttributeError):
        message = f"tz must be the IANA name of a time zone such as Europe/Paris, not {str(tz)[:40]!r}."
        raise InvalidArgument("tz", message) from None


def start_of(interval: Interval, instant: datetime, *, zone: ZoneInfo) -> datetime:
    """Return the local midnight with which an instant's interval begins.

    Where clocks skip midnight, it is the moment of the skip: the first instant of that day.
    """
    try:
        day = instant.astimezone(zone).date()
    except OverflowError:  # the calendar ends before the zone's day does
        day = instant.date()
    return _midnight(_first_day(interval, day), zone)


def _first_day(interval: Interval, day: date) -> date:
    if interval is Interval.WEEK:
        # The calendar begins on a Monday, so this never leaves it.
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval is Interval.MONTH else day


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC).astimezone(zone)
    except OverflowError:
        return datetime.combine(day, time(), UTC)
