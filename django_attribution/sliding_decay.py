"""Sums that decay with time over a window that slides along a series, and shares spread back over it. Pure.

Windows that hold one instant in common, the pivot, have a part before it and a part from it on: what one counts are
two sums, and what each instant gets are shares of all that begin before it, or of all that end after it. Both are
found by walking each side once, so time grows with the series and not with the windows' lengths. Everything is added
and nothing subtracted, so nothing cancels. An instant that is so many steps from the last one counts for at most one
in so many, and each step costs a unit in the sixteenth digit of that: results are as exact, whatever the times.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from operator import mul
from typing import TypeVar

Slice = tuple[int, int]
Shared = tuple[int, int, float, float]  # a slice, and what its last instant gets: of conversions, and of value
Spread = tuple[int, Sequence[float], Sequence[float]]  # where it begins, and what each instant from there on gets

_Window = TypeVar("_Window", Slice, Shared)


class SlidingDecay:
    """A series of instants, in order, and the half-life with which one counts less towards the past."""

    def __init__(self, times: Sequence[datetime], half_life: timedelta) -> None:
        # What an instant counts as seen from the next one, which counts 1.
        self._decays = [2.0 ** -((after - at) / half_life) for at, after in pairwise(times)]

    def totals(self, slices: Sequence[Slice]) -> list[float]:
        """Return what slices count as seen from their last instants, which count 1; neither end may ever fall back."""
        found = []
        for pivot, run in _runs(slices):
            before, beyond = self._seen_from(pivot, run[0][0], run[-1][1])
            sums_before = list(accumulate(before))
            sums_beyond, counted = [0.0], 0.0
            for decay in self._decays[pivot - 1 : run[-1][1] - 1]:
                counted = counted * decay + 1.0 if len(sums_beyond) > 1 else 1.0
                sums_beyond.append(counted)
            found += [
                sums_before[pivot - 1 - start] * beyond[stop - pivot] + sums_beyond[stop - pivot] for start, stop in run
            ]
        return found

    def spread(self, shares: Sequence[Shared]) -> Iterator[Spread]:
        """Yield what instants get when what the last one of each slice gets is spread over it, decaying."""
        for pivot, run in _runs(shares):
            start, stop = run[0][0], run[-1][1]
            before, beyond = self._seen_from(pivot, start, stop)
            columns = []
            for conversions_or_value in (2, 3):
                begun, ended = [0.0] * (pivot - start), [0.0] * (stop - pivot + 1)
                for share in run:
                    amount = share[conversions_or_value]
                    begun[share[0] - start] += amount * beyond[share[1] - pivot]
                    ended[share[1] - pivot] += amount
                got = list(map(mul, accumulate(begun), reversed(before)))
                columns.append(got + self._from_pivot_on(pivot, ended))
            yield start, columns[0], columns[1]

    def _seen_from(self, pivot: int, start: int, stop: int) -> tuple[list[float], list[float]]:
        """Return what the instants before the pivot count, newest first, and by what that decays until each from it on.

        Both are as seen from the last instant before the pivot.
        """
        before = accumulate(reversed(self._decays[start : pivot - 1]), mul, initial=1.0)
        return list(before), list(accumulate(self._decays[pivot - 1 : stop - 1], mul, initial=1.0))

    def _from_pivot_on(self, pivot: int, ended: Sequence[float]) -> list[float]:
        """Return what each instant from the pivot on gets of slices, by where these end."""
        got, share = list[float](), 0.0
        for index in range(len(ended) - 1, 0, -1):
            share = share * self._decays[pivot + index - 1] + ended[index] if got else ended[index]
            got.append(share)
        return got[::-1]


def _runs(windows: Sequence[_Window]) -> Iterator[tuple[int, list[_Window]]]:
    """Yield slices that have the instant before the pivot in common, and the pivot."""
    run: list[_Window] = []
    for window in windows:
        if run and window[0] >= run[0][1]:
            yield run[0][1], run
            run = []
        run.append(window)
    if run:
        yield run[0][1], run
