"""Who earned a conversion: the rules of credit in plain Python with exact fractions.

This is the reference that every faster way of computing is tested against. Pure: knows nothing of Django, of
SQL, or of money. A rule takes a journey and returns one weight for each of its touches; the weights of a journey
that has touches sum to exactly 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import overload

from django_attribution.channels import DIRECT_CHANNEL
from django_attribution.shares import largest_remainder
from django_attribution.windows import AttributionWindow

DECAY_UNITS = 10**12  # decayed weights are irrational: rounded to 12 digits, so that they still sum to 1
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Touch:
    """A touch as the rules see it: an id that orders ties, an instant, and where the visitor came from."""

    id: int
    touched_at: datetime
    source: str  # effective, as the medium is
    medium: str = ""
    campaign: str = ""
    channel: str = ""

    @property
    def is_direct(self) -> bool:
        """Whether nobody sent the visitor."""
        return self.channel == DIRECT_CHANNEL


@dataclass(frozen=True, slots=True)
class Journey(Sequence[Touch]):
    """The touches that may earn credit for one conversion, in order; an immutable sequence of them."""

    touches: tuple[Touch, ...]
    converted_at: datetime

    @overload
    def __getitem__(self, position: int) -> Touch: ...

    @overload
    def __getitem__(self, position: slice) -> tuple[Touch, ...]: ...

    def __getitem__(self, position: int | slice) -> Touch | tuple[Touch, ...]:
        return self.touches[position]

    def __len__(self) -> int:
        return len(self.touches)


Touches = Sequence[Touch]
Weights = Sequence[Fraction]


def journey(
    touches: Iterable[Touch], *, converted_at: datetime, window: AttributionWindow, exclude_direct: bool = False
) -> Journey:
    """Return the touches that may earn credit for a conversion, ordered by (time, id).

    Direct touches are taken out before weights are given, so that the others share the credit and totals hold.
    """
    covered = (
        touch
        for touch in touches
        if window.covers(source=touch.source, touched_at=touch.touched_at, converted_at=converted_at)
        and not (exclude_direct and touch.is_direct)
    )
    return Journey(tuple(sorted(covered, key=lambda touch: (touch.touched_at, touch.id))), converted_at)


def first_touch_weights(journey: Touches) -> Weights:
    """Give everything to the first touch."""
    return _all_to(0, of=len(journey))


def last_touch_weights(journey: Touches) -> Weights:
    """Give everything to the last touch."""
    return _all_to(len(journey) - 1, of=len(journey))


def last_non_direct_weights(journey: Touches) -> Weights:
    """Give everything to the last touch that is not direct; to the last one where all are."""
    campaigns = [position for position, touch in enumerate(journey) if not touch.is_direct]
    return _all_to(campaigns[-1] if campaigns else len(journey) - 1, of=len(journey))


def linear_weights(journey: Touches) -> Weights:
    """Give every touch the same."""
    return _spread(linear_shares(len(journey)), over=len(journey))


def time_decay_weights(journey: Touches, *, half_life: timedelta) -> Weights:
    """Give a touch half of what one gets that came a half-life later: 2^(-age / half-life), normalised."""
    instants = in_microseconds([touch.touched_at for touch in journey])
    return [Fraction(units, DECAY_UNITS) for units in time_decay_units(instants, half_life=half_life // _MICROSECOND)]


def time_decay_units(instants: Sequence[int], *, half_life: int) -> list[int]:
    """Return the decayed weights of touches, in order, in units of which the whole has 10^12; times in microseconds."""
    if len(instants) < 2:
        return [DECAY_UNITS] * len(instants)
    # Ages count from the last touch rather than the conversion: the ratios are the same, and very old journeys do not
    # underflow to nothing.
    youngest = instants[-1]
    return largest_remainder(DECAY_UNITS, [int(2.0 ** (60 - (youngest - at) / half_life)) for at in instants])


def in_microseconds(times: Sequence[datetime]) -> list[int]:
    """Return times as whole microseconds since the first of them."""
    spans = [at - times[0] for at in times]
    # Three times as fast as a division of each.
    return [(span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds for span in spans]


def position_based_weights(journey: Touches, *, first: Fraction, last: Fraction) -> Weights:
    """Give the ends what is said and the middle the rest, in equal parts; two touches share as the ends do."""
    return _spread(position_based_shares(len(journey), first=first, last=last), over=len(journey))


@dataclass(frozen=True, slots=True)
class Shares:
    """The weights of a journey in which only the ends stand out; a single touch is the first one."""

    first: Fraction
    each_between: Fraction
    last: Fraction


def linear_shares(count: int) -> Shares:
    """Return the weights of ``count`` touches under the linear model."""
    each = Fraction(1, count or 1)
    return Shares(each, each, each)


def position_based_shares(count: int, *, first: Fraction, last: Fraction) -> Shares:
    """Return the weights of ``count`` touches by position."""
    if count < 2:
        return Shares(Fraction(1), Fraction(0), Fraction(0))
    if count == 2:
        ends = first + last
        return Shares(first / ends, Fraction(0), last / ends) if ends else linear_shares(2)
    return Shares(first, (1 - first - last) / (count - 2), last)


def _spread(shares: Shares, *, over: int) -> Weights:
    if over < 2:
        return [shares.first] * over
    return [shares.first, *([shares.each_between] * (over - 2)), shares.last]


def _all_to(position: int, *, of: int) -> Weights:
    return [Fraction(index == position) for index in range(of)]
