"""Sharing a whole number of units so that the parts sum to it exactly: cents, or the digits of a weight. Pure."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Any


def largest_remainder(
    units: int,
    weights: Sequence[Fraction | int],
    *,
    keys: Sequence[Any] | None = None,
    total: Fraction | int | None = None,
) -> list[int]:
    """Share whole units in proportion to weights; the largest remainders get the odd ones.

    Ties are broken by key where keys are given, then by position. Weights are zero or more, and not all zero unless
    there are no units. The parts sum to ``units`` exactly, and each is its exact share rounded down or up. ``total``
    is what the weights would sum to, had they not been rounded down a little.
    """
    if len(weights) == 1 and weights[0]:
        return [units]  # the common case of one credit, without the slow arithmetic of fractions
    total = sum(weights) if total is None else total
    if not total:
        if units:
            raise ValueError("Units cannot be shared when every weight is zero.")
        return [0] * len(weights)
    # In whole numbers, all of one scale: the arithmetic of fractions takes several times as long.
    scale = lcm(total.denominator, *(weight.denominator for weight in weights))
    whole = total.numerator * (scale // total.denominator)
    shares = [divmod(units * weight.numerator * (scale // weight.denominator), whole) for weight in weights]
    parts = [share for share, _ in shares]
    if odd := units - sum(parts):
        remainders = [remainder for _, remainder in shares]
        positions = range(len(parts)) if keys is None else sorted(range(len(parts)), key=keys.__getitem__)
        # Sorting keeps the order of those that are equal, also in reverse.
        for position in sorted(positions, key=remainders.__getitem__, reverse=True)[:odd]:
            parts[position] += 1
    return parts
