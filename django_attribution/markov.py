"""What share of the conversions each step carries: a first-order Markov chain over journeys, solved exactly.

Pure: knows nothing of Django, of how journeys are stored, or of money. A step is any hashable object, such as the
channel of a touch. Journeys count whether they convert or not.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Generic, TypeVar

from django_attribution.exceptions import InvalidArgument

MAX_CHAIN_KEYS = 100  # a dense chain of so many takes a second or two
FINEST_UNIT = 10**1000  # of shares: exact ones of 100 keys have 75,000 digits, and take 20 seconds to divide a total by

Key = TypeVar("Key", bound=Hashable)
Traffic = list[list[int]]


class Chain(Generic[Key]):
    """How often which step follows which, from the start of a journey to its end.

    Starts and ends are counted apart from steps, so that no key can be mistaken for them: None and "" are keys like
    any other. The order of counting decides the order of results, never their values.
    """

    def __init__(self) -> None:
        self._starts = Counter[Key]()
        self._moves = Counter[tuple[Key, Key]]()
        self._conversions = Counter[Key]()
        self._losses = Counter[Key]()

    def add(self, steps: Sequence[Key], *, converts: bool, times: int = 1) -> None:
        """Count a journey by its steps, in order; one without steps is ignored."""
        if not steps:
            return
        self.count_start(steps[0], times)
        for before, after in pairwise(steps):
            self.count(before, after, times)
        self.count_end(steps[-1], converts=converts, times=times)

    def count_start(self, step: Key, times: int = 1) -> None:
        """Count journeys that start with a step."""
        self._starts[step] += times

    def count(self, before: Key, after: Key, times: int = 1) -> None:
        """Count moves from a step to the next, which may be of the same key."""
        self._moves[before, after] += times

    def count_end(self, step: Key, *, converts: bool, times: int = 1) -> None:
        """Count journeys that end after a step, by a conversion or without one."""
        (self._conversions if converts else self._losses)[step] += times

    def removal_effects(self) -> dict[Key, Fraction]:
        """Return for each key which part of the conversions would be lost if whoever arrives there were lost.

        The effect is ``1 - P(conversion without the key) / P(conversion)``, from 0 to 1. All are 0 when nothing
        converts. Raises ``InvalidArgument`` for more than ``MAX_CHAIN_KEYS`` keys.
        """
        keys = self._keys()
        require_few(keys)
        effects = dict.fromkeys(keys, Fraction(0))
        hopeful = self._hopeful_keys(keys)
        if any(self._starts[key] for key in hopeful):
            effects.update(_effects_by_halves(hopeful, self._traffic(hopeful), 1))
        return effects

    def shares(self) -> dict[Key, Fraction]:
        """Return the removal effects, normalised to sum to exactly 1; nothing when nothing converts.

        Each is exact where the effects have a common denominator of up to 1000 digits. Beyond that they are cut to
        1000 digits before they are normalised, so that equal effects still have equal shares.
        """
        effects = self.removal_effects()
        unit = min(lcm(*(effect.denominator for effect in effects.values())), FINEST_UNIT)
        parts = {key: effect.numerator * unit // effect.denominator for key, effect in effects.items()}
        total = sum(parts.values())
        return {key: Fraction(part, total) for key, part in parts.items()} if total else {}

    def _keys(self) -> list[Key]:
        moved = (key for move in self._moves for key in move)
        return list(dict.fromkeys((*self._starts, *moved, *self._conversions, *self._losses)))

    def _hopeful_keys(self, keys: Sequence[Key]) -> list[Key]:
        """Return the keys from which a conversion can be reached; elsewhere a journey is as good as lost."""
        hopeful: set[Key] = set()
        found = {key for key in keys if self._conversions[key]}
        while found - hopeful:
            hopeful |= found
            found = {before for (before, after), times in self._moves.items() if times and after in hopeful}
        return [key for key in keys if key in hopeful]

    def _traffic(self, keys: Sequence[Key]) -> Traffic:
        """Return a row for each key, and one for the start; a column for each key, and one for conversion.

        On the diagonal stands, below zero, how often a key is left for anything else: staying is no news.
        """
        place = {key: position for position, key in enumerate(keys)}
        traffic = [[0] * (len(keys) + 1) for _ in range(len(keys) + 1)]
        for key, position in place.items():
            traffic[-1][position] = self._starts[key]
            traffic[position][-1] = self._conversions[key]
            traffic[position][position] = -self._conversions[key] - self._losses[key]
        for (before, after), times in self._moves.items():
            if before in place:
                traffic[place[before]][place[before]] -= times
                if after in place:
                    traffic[place[before]][place[after]] += times
        return traffic


def require_few(keys: Collection[object]) -> None:
    """Raise ``InvalidArgument`` for more keys than a chain can be solved for."""
    if len(keys) > MAX_CHAIN_KEYS:
        raise InvalidArgument(
            "by",
            f"by tells {len(keys)} keys apart, or more; the Markov model allows at most {MAX_CHAIN_KEYS}. "
            "Choose a coarser breakdown, such as the channel.",
        )


def _effects_by_halves(keys: Sequence[Key], traffic: Traffic, scale: int) -> Iterator[tuple[Key, Fraction]]:
    """Yield the removal effect of each key, from the chain in which it is the only one left.

    A key is taken out by handing what passes through it on, in proportion, which alters no probability of conversion:
    removing one key means the same before and after all others were taken out. Halves share that work: one half is
    taken out for all keys of the other.
    """
    if len(keys) == 1:
        (left, converting), (arriving, around) = traffic
        through = arriving * converting
        yield keys[0], Fraction(through, through - left * around)  # left is below zero
        return
    half = len(keys) // 2
    swapped = [*range(half, len(keys)), *range(half), len(keys)]
    yield from _effects_by_halves(keys[half:], *_without_first(half, traffic, scale))
    traffic = [[traffic[row][column] for column in swapped] for row in swapped]
    yield from _effects_by_halves(keys[:half], *_without_first(len(keys) - half, traffic, scale))


def _without_first(count: int, traffic: Traffic, scale: int) -> tuple[Traffic, int]:
    """Take the first keys out, and return what remains and the factor that keeps its numbers whole.

    This is Bareiss' fraction-free elimination, two keys at a time for speed: every division is without remainder. No
    pivot is zero, whatever the order, since every hopeful key has a way out to conversion.
    """
    if count % 2:
        (left, *through), *others = traffic
        traffic = [
            [(-left * number + enters * on) // scale for number, on in zip(row, through, strict=True)]
            for enters, *row in others
        ]
        scale = -left
    for _ in range(count // 2):
        (a, b, *first), (c, d, *second), *others = traffic
        pivot = (a * d - b * c) // scale
        traffic = []
        for into_first, into_second, *row in others:
            by_first = (c * into_second - d * into_first) // scale
            by_second = (b * into_first - a * into_second) // scale
            traffic.append(
                [
                    (pivot * number + by_first * x + by_second * y) // scale
                    for number, x, y in zip(row, first, second, strict=True)
                ]
            )
        scale = pivot
    return traffic, scale
