"""Calendar intervals in a time zone: the day, week or month that an instant belongs to. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from django_attribution.exceptions import InvalidArgument

_EPOCH = datetime(1, 1, 1)  # noqa: DTZ001 - of UTC, which it does not say
_HOUR = timedelta(hours=1)
_ALMOST_AN_HOUR = _HOUR - timedelta(microseconds=1)


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


class Starts:
    """With which local midnight the interval of each instant begins, found hour by hour: there are many in an hour.

    Instants are those of UTC, which they do not say.
    """

    def __init__(self, interval: Interval, *, zone: ZoneInfo) -> None:
        self._interval = interval
        self._zone = zone
        self._of_hour: dict[int, datetime | None] = {}  # None where clocks change: there one hour may be of two days

    def of(self, instant: datetime) -> datetime:
        """Return what ``start_of`` says."""
        hour = (instant - _EPOCH) // _HOUR
        if hour not in self._of_hour:
            self._of_hour[hour] = self._of_whole(_EPOCH + hour * _HOUR)
        return self._of_hour[hour] or self._start_of(instant)

    def _of_whole(self, first: datetime) -> datetime | None:
        last = first + _ALMOST_AN_HOUR
        start = self._start_of(first)
        is_one = start == self._start_of(last) and self._offset(first) == self._offset(last)
        return start if is_one else None

    def _start_of(self, instant: datetime) -> datetime:
        return start_of(self._interval, instant.replace(tzinfo=UTC), zone=self._zone)

    def _offset(self, instant: datetime) -> timedelta | None:
        try:
            return instant.replace(tzinfo=UTC).astimezone(self._zone).utcoffset()
        except OverflowError:  # the calendar ends, and no clock changes there
            return None


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
