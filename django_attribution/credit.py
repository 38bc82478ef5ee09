"""Who earned a conversion: the rules of credit in plain Python with exact fractions.

This is the reference that every faster way of computing is tested against. Pure: knows nothing of Django, of
SQL, or of money.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django_attribution.windows import AttributionWindow


@dataclass(frozen=True, slots=True)
class Touch:
    """A touch as the rules see it: an id that orders ties, an instant, an effective source."""

    id: int
    touched_at: datetime
    source: str


Weights = Sequence[Fraction]


def journey(touches: Iterable[Touch], *, converted_at: datetime, window: AttributionWindow) -> list[Touch]:
    """Return the touches that may earn credit for a conversion, ordered by (time, id)."""
    covered = (
        touch
        for touch in touches
        if window.covers(source=touch.source, touched_at=touch.touched_at, converted_at=converted_at)
    )
    return sorted(covered, key=lambda touch: (touch.touched_at, touch.id))


def first_touch_weights(journey: Sequence[Touch]) -> Weights:
    """Give everything to the first touch."""
    return [Fraction(position == 0) for position in range(len(journey))]


def last_touch_weights(journey: Sequence[Touch]) -> Weights:
    """Give everything to the last touch."""
    return [Fraction(position == len(journey) - 1) for position in range(len(journey))]
