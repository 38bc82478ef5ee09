"""A tally: what a model gives to every key, counted some visitors after the others.

A journey of up to ``SHORT`` touches is walked; a longer one is never written out, so that time grows with the rows and
not with the pairs of touches and conversions, whatever one visitor holds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from django_attribution.histories import Histories
from django_attribution.spans import Span

SHORT = 100  # touches

Amount = int | Fraction
Credited = dict[int, dict[int, list[Amount]]]  # by group and key: conversions and value, in units of the tally


class Tally(ABC):
    """What one model credits so far, in units of which a conversion has so many."""

    units = 1
    is_additive = True  # whether credit sums to what was earned
    needs_touches = False  # as the rules see them
    needs_directness = False  # which touches nobody sent
    needs_everyone = False  # also the visitors that did not convert

    def __init__(self) -> None:
        self.credited: Credited = defaultdict(lambda: defaultdict(lambda: [0, 0]))

    def give(self, group: int, key: int, conversions: Amount, value: Amount) -> None:
        """Credit some units to a key."""
        cell = self.credited[group][key]
        cell[0] += conversions
        cell[1] += value

    @abstractmethod
    def add(self, histories: Histories, spans: Sequence[Span]) -> None:
        """Count some visitors; ``spans`` are the journeys that have touches."""

    def finish(self) -> None:  # noqa: B027 - most models know everything as they go
        """Count what can only be known at the end."""
