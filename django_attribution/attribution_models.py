"""Attribution models: who earns how much of a conversion, as objects that queries and reports take.

``credit`` holds the rules. A model wraps one with its name and parameters; those that credit a single touch can say
which one in SQL, too. Any object that follows ``AttributionModel`` is a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

from django.apps import apps
from django.db.models import Case, Subquery, Value, When

from django_attribution import credit
from django_attribution.channels import DIRECT_CHANNEL
from django_attribution.exceptions import InvalidArgument, InvalidWeights
from django_attribution.lookback import earns_credit
from django_attribution.refusals import shown
from django_attribution.windows import MAX_DAYS, AttributionWindow

Number = int | float | str | Decimal | Fraction  # exact, a float by its shortest decimal form


@runtime_checkable
class AttributionModel(Protocol):
    """What every attribution model has; an organisation's own needs no more than this."""

    @property
    def name(self) -> str:
        """The name under which reports list it; parameters belong to it."""

    @property
    def description(self) -> str:
        """One sentence for people who choose a model."""

    def weights(self, journey: credit.Journey, /) -> Sequence[Fraction]:
        """Return one weight for each touch of a journey that has touches: zero or more, summing to exactly 1."""


@dataclass(frozen=True, slots=True)
class SingleTouchModel:
    """A model that gives all credit to one touch: the first of its journey in a certain order."""

    name: str
    description: str
    weights: Callable[[Sequence[credit.Touch]], credit.Weights]
    order_by: tuple[str | Case, ...]  # ends in id, so that ties have one winner

    def credited(self, window: AttributionWindow, column: str = "pk", *, exclude_direct: bool = False) -> Subquery:
        """Return the expression for ``column`` of the credited touch; NULL when no touch lies in the window."""
        touches = apps.get_model("django_attribution", "Touchpoint").objects
        journey = touches.filter(earns_credit(window, exclude_direct=exclude_direct))
        return Subquery(journey.order_by(*self.order_by).values(column)[:1])


@dataclass(frozen=True, slots=True)
class Linear:
    """Gives every touch the same."""

    name = "linear"
    description = "The same credit to every touch in the window: no step is worth more than another."

    def weights(self, journey: Sequence[credit.Touch]) -> credit.Weights:
        """Return 1/n for each."""
        return credit.linear_weights(journey)


@dataclass(frozen=True, slots=True)
class TimeDecay:
    """Gives a touch half of what one gets that came a half-life later."""

    half_life: timedelta

    @property
    def name(self) -> str:
        """The name, with a half-life other than the default one."""
        return "time_decay" if self == time_decay() else f"time_decay({self._days} days)"

    @property
    def description(self) -> str:
        """What it does."""
        return f"More credit the later a touch came: half as much for every {self._days} days before the conversion."

    @property
    def _days(self) -> str:
        return f"{self.half_life / timedelta(days=1):.12g}"

    def weights(self, journey: Sequence[credit.Touch]) -> credit.Weights:
        """Return the decayed weights, to 12 digits."""
        return credit.time_decay_weights(journey, half_life=self.half_life)


@dataclass(frozen=True, slots=True)
class PositionBased:
    """Gives the ends what is said, and the touches between them the rest in equal parts."""

    first: Fraction
    last: Fraction

    @property
    def name(self) -> str:
        """The name, with shares other than the default ones."""
        return "position_based" if self == position_based() else f"position_based({self._ends})"

    @property
    def description(self) -> str:
        """What it does."""
        return f"{self._ends} of the credit to the first and the last touch; those between share the rest."

    @property
    def _ends(self) -> str:
        return f"{float(100 * self.first):.12g} % and {float(100 * self.last):.12g} %"

    def weights(self, journey: Sequence[credit.Touch]) -> credit.Weights:
        """Return the weights by position."""
        return credit.position_based_weights(journey, first=self.first, last=self.last)


_DIRECT_LAST = Case(When(channel=DIRECT_CHANNEL, then=Value(1)), default=Value(0))

first_touch = SingleTouchModel(
    name="first_touch",
    description="All credit to the first touch in the window: what made visitors aware.",
    weights=credit.first_touch_weights,
    order_by=("created_at", "id"),
)
last_touch = SingleTouchModel(
    name="last_touch",
    description="All credit to the last touch in the window: what brought visitors back to convert.",
    weights=credit.last_touch_weights,
    order_by=("-created_at", "-id"),
)
last_non_direct = SingleTouchModel(
    name="last_non_direct",
    description="All credit to the last touch that was not a direct visit, or to the last one where all were.",
    weights=credit.last_non_direct_weights,
    order_by=(_DIRECT_LAST, "-created_at", "-id"),
)
linear = Linear()


@dataclass(frozen=True, slots=True)
class ReportOnlyModel:
    """A model of whole breakdowns, which no conversion can be credited under by itself."""

    name: str
    description: str


participation = ReportOnlyModel(
    name="participation",
    description="The whole conversion to everyone who took part in it: what helps, not who earns. Never adds up.",
)
markov = ReportOnlyModel(
    name="markov",
    description="By what would be lost without each one: removal effects in a chain of journeys, converting or not.",
)


def time_decay(half_life_days: Number = 7) -> TimeDecay:
    """Return the model under which credit halves with every so many days (of 24 hours) before the conversion.

    Takes any number above 0 and up to 3650, fractions of a day too; raises ``InvalidArgument`` for others.
    """
    days = _fraction("half_life_days", half_life_days)
    if not 0 < days <= MAX_DAYS:
        raise InvalidArgument(
            "half_life_days", f"half_life_days must be above 0 and at most {MAX_DAYS}, not {shown(half_life_days)}."
        )
    half_life = timedelta(microseconds=round(days * (timedelta(days=1) // timedelta(microseconds=1))))
    return TimeDecay(max(half_life, timedelta.resolution))


def position_based(first: Number = "0.4", last: Number = "0.4") -> PositionBased:
    """Return the model that gives the first and the last touch these shares, and those between the rest.

    Shares are numbers from 0 to 1 that sum to at most 1; a float counts by its shortest decimal form, so that 0.4 is
    exactly 2/5. (0.2, 0.6) is the J shape, (0.6, 0.2) the inverse J. Raises ``InvalidArgument``.
    """
    ends = _fraction("first", first), _fraction("last", last)
    for argument, given, share in zip(("first", "last"), (first, last), ends, strict=True):
        if not 0 <= share <= 1:
            raise InvalidArgument(argument, f"{argument} must be a share from 0 to 1, not {shown(given)}.")
    if sum(ends) > 1:
        raise InvalidArgument(
            "last", f"first and last share one conversion: {shown(first)} and {shown(last)} is more than 1."
        )
    return PositionBased(*ends)


def checked_weights(model: AttributionModel, journey: credit.Journey) -> list[Fraction]:
    """Return a model's weights for a journey; raise ``InvalidWeights`` for those that are not shares of one whole."""
    if not journey:
        return []
    found: Any = model.weights(journey)
    given = list(found) if isinstance(found, Iterable) else [found]
    if len(given) != len(journey) or not all(map(_is_exact, given)):
        raise InvalidWeights(model.name, "one exact number (Fraction, Decimal or int) for each touch", given)
    weights = [Fraction(weight) for weight in given]
    if min(weights) < 0 or sum(weights) != 1:
        raise InvalidWeights(model.name, "weights of zero or more that sum to exactly 1", given)
    return weights


def _fraction(argument: str, number: object) -> Fraction:
    if isinstance(number, int | float | str | Decimal | Fraction) and not isinstance(number, bool):
        try:
            # A float by its shortest decimal form, which is what was typed.
            return Fraction(float.__repr__(number)) if isinstance(number, float) else Fraction(number)
        except (ValueError, ZeroDivisionError, OverflowError):
            pass
    raise InvalidArgument(argument, f"{argument} must be a number, not {shown(number)}.")


def _is_exact(weight: object) -> bool:
    """Tell whether a weight is a number as it is; a float could sum to exactly 1 but by luck."""
    return isinstance(weight, Fraction | int) or (isinstance(weight, Decimal) and weight.is_finite())
