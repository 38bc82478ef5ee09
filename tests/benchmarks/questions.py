"""Who earned it, asked as both packages document it: iterating, and pages. Answers name touches by their utm_term."""

from collections.abc import Callable, Mapping
from typing import Any

from django_attribution.attribution_models import first_touch, last_touch
from django_attribution.models import Conversion
from tests.benchmarks.clock import Clock
from tests.benchmarks.data import WINDOWS

PAGE = 50

Credited = list[tuple[int, str | None]]


def floor(*, first: int | None = None) -> Callable[[Clock], Any]:
    """Make the operation: the conversions alone, as they come from the ORM."""

    def read() -> int:
        return len(Conversion.objects.valid().order_by("-created_at")[:first])

    return _timed(read, first=first)


def credited(
    model: Any, *, source_windows: Mapping[str, int] | None = None, first: int | None = None
) -> Callable[[Clock], Any]:
    """Make the operation: which touch earned each conversion, newest first."""

    def read() -> Credited:
        conversions = Conversion.objects.valid().with_attribution(model, source_windows=source_windows)
        rows = conversions.order_by("-created_at")[:first]
        return [(conversion.pk, conversion.attribution_data.get("utm_term")) for conversion in rows]

    return _timed(read, first=first)


def _timed(read: Callable[[], Any], *, first: int | None) -> Callable[[Clock], Any]:
    def operation(clock: Clock) -> Any:
        if first is not None:
            return clock.repeat(read)
        with clock.running():
            return read()

    return operation


OPERATIONS: dict[str, Callable[[Clock], Any]] = {
    "iterate, bare": floor(),
    "iterate last touch": credited(last_touch),
    "iterate first touch, windows": credited(first_touch, source_windows=WINDOWS),
    "page, bare": floor(first=PAGE),
    "page": credited(last_touch, first=PAGE),
    "page, windows": credited(last_touch, source_windows=WINDOWS, first=PAGE),
}
