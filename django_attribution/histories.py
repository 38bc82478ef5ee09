"""Histories: what a report or a list of paths needs to know of visitors, in small numbers.

Knows nothing of how rows are read and stored.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from django_attribution.credit import Touch

_Value = TypeVar("_Value", bound=Hashable)

Visitor = tuple[int, int]  # where the touches of one visitor begin, and where they end


@dataclass(slots=True)  # there are many of them, and frozen ones take three times as long to make
class Converted:
    """A conversion as counted: when, in which group of rows, its value in ten-thousandths, and whose it is."""

    at: datetime  # of UTC, which it does not say: see raw_columns.py
    group: int
    units: int  # 0 without a value
    visitor: Visitor


@dataclass(slots=True)
class Histories:
    """Some visitors, one after the other: their selected conversions, and the touches that some window may cover.

    The touches of a visitor are in order of (time, id).
    """

    times: list[datetime] = field(default_factory=list)  # of UTC, which they do not say
    keys: list[int] = field(default_factory=list)
    days: list[int] = field(default_factory=list)  # the window of each touch
    are_direct: list[bool] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)  # as the rules see them; only where that is asked for
    visitors: list[Visitor] = field(default_factory=list)
    conversions: list[Converted] = field(default_factory=list)


class Numbers(Generic[_Value]):
    """Gives each value that comes along a small number, from 0 on, and the value of a number back."""

    def __init__(self) -> None:
        self._number_of: dict[_Value, int] = {}
        self._values: list[_Value] = []

    def __iter__(self) -> Iterator[_Value]:
        return iter(self._values)

    def __getitem__(self, number: int) -> _Value:
        return self._values[number]

    def number(self, value: _Value) -> int:
        """Return the number of a value, a new one when it comes for the first time."""
        number = self._number_of.setdefault(value, len(self._values))
        if number == len(self._values):
            self._values.append(value)
        return number
