"""What became of touches, by the package's own rules: ``python -m tests.verdict_cases`` writes them for the dashboard.

The dashboard tells why a touch earned nothing. Its rules (``frontend/conversions/verdict.ts``) are a third statement of
``credit.py`` and ``windows.py``, and its tests hold it against these cases.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from django_attribution import credit
from django_attribution.credit import Touch
from django_attribution.windows import AttributionWindow

FILE = Path(__file__).parent.parent / "graphql_api/dashboard/frontend/conversions/verdict_cases.json"
CONVERTED_AT = datetime(2026, 3, 30, 1, 30, tzinfo=UTC)  # clocks changed the day before, in Europe
INSTANT = timedelta(microseconds=1)
MODELS: dict[str, Callable[[credit.Touches], credit.Weights]] = {
    "FIRST_TOUCH": credit.first_touch_weights,
    "LAST_TOUCH": credit.last_touch_weights,
    "LAST_NON_DIRECT": credit.last_non_direct_weights,
    "LINEAR": credit.linear_weights,
}
WINDOWS = (AttributionWindow(7), AttributionWindow(0), AttributionWindow(1, {"google": 7, "email": 0, "direct": 7}))
CHANNELS = {"google": "Paid Search", "email": "Email", "direct": "Direct"}


def cases() -> Iterator[dict[str, Any]]:
    """Yield each way of asking, and what became of each touch."""
    for (model, weights), window, exclude_direct in product(MODELS.items(), WINDOWS, (False, True)):
        journey = credit.journey(touches(), converted_at=CONVERTED_AT, window=window, exclude_direct=exclude_direct)
        shares = {touch.id: weight for touch, weight in zip(journey, weights(journey), strict=True)}
        yield {
            "model": model,
            "windowDays": window.default_days,
            "sourceWindows": [{"source": source, "days": days} for source, days in window.days_by_source.items()],
            "excludeDirect": exclude_direct,
            "verdicts": [verdict(touch, window, shares.get(touch.id)) for touch in touches()],
        }


def touches() -> list[Touch]:
    """Return touches of every source on both sides of every edge."""
    edges = [CONVERTED_AT - timedelta(days=days) for days in (7, 1, 0)]
    times = [edge + INSTANT * step for edge in edges for step in (-1, 0, 1)]
    return [
        Touch(number, at, source, channel=CHANNELS[source])
        for number, (at, source) in enumerate(product(times, CHANNELS))
    ]


def verdict(touch: Touch, window: AttributionWindow, share: Any) -> str:
    """Say what became of a touch; ``share`` is None where it could earn nothing."""
    if share is not None:
        return "credited" if share else "passed-over"
    if touch.touched_at > CONVERTED_AT:
        return "later"
    if window.days_for(touch.source) == 0:
        return "left-out"
    covered = window.covers(source=touch.source, touched_at=touch.touched_at, converted_at=CONVERTED_AT)
    return "direct" if covered else "too-old"


def written() -> str:
    """Return the one conversion, its visitor's touches, and the cases, as the file holds them."""
    told = [
        {"occurredAt": touch.touched_at.isoformat(), "source": touch.source, "channel": touch.channel}
        for touch in touches()
    ]
    parts = (json.dumps(CONVERTED_AT.isoformat()), lines(told), lines(cases()))
    return '{{"convertedAt": {},\n"touches": {},\n"cases": {}}}\n'.format(*parts)


def lines(values: Iterable[Any]) -> str:
    """Return a JSON list with one value a line, so that differences can be read."""
    return "[\n" + ",\n".join(map(json.dumps, values)) + "\n]"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
