"""When people visit a shop: on Sundays and in the evening, and a little more each week. Pure."""

from datetime import datetime, timedelta
from random import Random

DAYS = 60

_WEEKDAYS = (1.0, 1.05, 1.0, 0.95, 0.85, 1.1, 1.3)  # Monday first
_HOURS = (3, 2, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 13, 11, 10, 10, 11, 12, 14, 17, 19, 18, 12, 6)
_GROWTH = 0.4  # more visitors on the last day than on the first


class Clock:
    """Draws moments of the last 60 days, today included; ``midnight`` is where today began."""

    def __init__(self, midnight: datetime, *, random: Random) -> None:
        self.midnight = midnight
        self._random = random
        self._first_day = midnight - timedelta(days=DAYS - 1)
        self._weights = [
            _WEEKDAYS[(self._first_day + timedelta(days=day)).weekday()] * (1 + _GROWTH * day / DAYS)
            for day in range(DAYS)
        ]

    def any_moment(self) -> datetime:
        """Return a moment when somebody comes for the first time."""
        day = self._random.choices(range(DAYS), self._weights)[0]
        return self._at(self._first_day + timedelta(days=day))

    def later(self, moment: datetime, *, days: float) -> datetime:
        """Return a moment some days later, at an hour when people are awake."""
        if days < 0.3:  # the same sitting
            return moment + timedelta(days=days)
        whole_days = timedelta(days=max(1, round(days)))
        return self._at((moment + whole_days).replace(hour=0, minute=0, second=0, microsecond=0))

    def day_of(self, moment: datetime) -> int:
        """Return the number of a moment's day, 0 to 59; today is 59."""
        return (moment - self._first_day).days

    def _at(self, day: datetime) -> datetime:
        hour = self._random.choices(range(24), _HOURS)[0]
        return day + timedelta(
            hours=hour, seconds=self._random.randrange(3600), microseconds=self._random.randrange(10**6)
        )
