"""How far back a touch may lie and still earn credit. Pure: knows nothing of Django or of how touches are stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self, cast

from django_attribution.exceptions import InvalidArgument
from django_attribution.tracking import UTM_LENGTH_LIMIT, clean, effective_value

DEFAULT_DAYS = 30
MAX_DAYS = 3650  # ten years
MAX_SOURCES = 50


@dataclass(frozen=True, slots=True)
class AttributionWindow:
    """A look-back window in days of 24 hours, and windows of their own for some sources.

    Both ends count: a touch may earn credit when ``conversion - days <= touch <= conversion``. 0 days excludes
    every touch, even one at the same instant. A source is compared without regard to case or outer space, and
    one called ``default`` is a source like any other.
    """

    default_days: int = DEFAULT_DAYS
    days_by_source: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, window_days: int, source_windows: Mapping[str, int] | None) -> Self:
        """Return the window that the arguments of queries describe."""
        return cls(window_days, {} if source_windows is None else source_windows)

    def __post_init__(self) -> None:
        _require_days("window_days", self.default_days)
        if not isinstance(self.days_by_source, Mapping):
            raise InvalidArgument(
                "source_windows",
                f"source_windows must be a mapping of source to days, not {type(self.days_by_source).__name__}.",
            )
        if len(self.days_by_source) > MAX_SOURCES:
            raise InvalidArgument(
                "source_windows",
                f"source_windows names {len(self.days_by_source)} sources; at most {MAX_SOURCES} are allowed.",
            )
        days_by_source: dict[str, int] = {}
        for source, days in self.days_by_source.items():
            name = effective_value(source) if isinstance(cast(object, source), str) else ""
            if not name or clean(name, max_length=UTM_LENGTH_LIMIT) != name:
                raise InvalidArgument(
                    "source_windows", f"source_windows must be keyed by the name of a source, not {source!r}."
                )
            if name in days_by_source:
                raise InvalidArgument("source_windows", f"source_windows names the source {name!r} twice.")
            _require_days("source_windows", days, of=f"source_windows[{source!r}]")
            days_by_source[name] = days
        object.__setattr__(self, "days_by_source", days_by_source)

    @property
    def longest_days(self) -> int:
        """The days before a conversion beyond which no touch of any source counts."""
        return max(self.default_days, *self.days_by_source.values(), 0)

    def days_for(self, source: str) -> int:
        """Return the window, in days, of a source."""
        return self.days_by_source.get(effective_value(source), self.default_days)

    def covers(self, *, source: str, touched_at: datetime, converted_at: datetime) -> bool:
        """Tell whether a touch of ``source`` at ``touched_at`` may earn credit for a conversion."""
        days = self.days_for(source)
        return days > 0 and days_before(converted_at, days) <= touched_at <= converted_at


def days_before(instant: datetime, days: int) -> datetime:
    """Return the instant so many days of 24 hours earlier, or the first one of the calendar."""
    return earlier(instant, timedelta(days=days))


def earlier(instant: datetime, span: timedelta) -> datetime:
    """Return the instant so much earlier, or the first one of the calendar."""
    try:
        return instant - span
    except OverflowError:
        return datetime.min.replace(tzinfo=instant.tzinfo and UTC)


def _require_days(argument: str, days: object, *, of: str = "window_days") -> None:
    # True and False are ints, but nobody means them as days.
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= MAX_DAYS:
        raise InvalidArgument(argument, f"{of} must be a whole number of days from 0 to {MAX_DAYS}, not {days!r}.")
