"""Attribution models such as an organisation writes: objects with a name, a description and weights.

They know the rules' words for a journey, and nothing of Django.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django_attribution.credit import Journey


class LastPaid:
    """Gives everything to the last touch that was paid for, else to the last one."""

    name = "last paid"
    description = "All credit to the last paid click."

    def weights(self, journey: Journey) -> Sequence[Fraction]:
        """Return 1 for the winner."""
        paid = [position for position, touch in enumerate(journey) if touch.medium == "cpc"]
        winner = paid[-1] if paid else len(journey) - 1
        return [Fraction(position == winner) for position in range(len(journey))]


@dataclass(frozen=True)
class ByAge:
    """Gives credit in proportion to the whole days that a touch came before the conversion, in exact decimals."""

    name: str = "by age"
    description: str = "More credit the earlier a touch came."

    def weights(self, journey: Journey) -> Sequence[Fraction]:
        """Return the shares, by ages that the journey tells."""
        days = [1 + (journey.converted_at - touch.touched_at).days for touch in journey]
        return [Fraction(share, sum(days)) for share in days]


@dataclass
class Fixed:
    """Returns what it was told to, whatever the journey; unlike most, it cannot be hashed."""

    given: Any
    name: str = "fixed"
    description: str = "What it was told to."

    def weights(self, journey: Journey) -> Any:
        """Return it."""
        return self.given


last_paid = LastPaid()
broken = Fixed([Decimal("0.9"), 0, 0], name="secretly broken")
