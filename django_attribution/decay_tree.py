"""Sums that decay with time over slices of a long series, and decaying shares spread over slices. Pure.

A binary tree over the series: a slice is at most two nodes of each level, so both take steps in proportion to the
logarithm of its length. Everything is added and nothing subtracted, so nothing cancels: results are within a few units
in the sixteenth digit, whatever the times.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

_MICROSECOND = timedelta(microseconds=1)

Share = tuple[int, int, float]  # a slice, and what its last instant gets


class DecayTree:
    """A series of instants, in order, and the half-life with which one counts less towards the past."""

    def __init__(self, times: Sequence[datetime], half_life: timedelta) -> None:
        self._half_life = half_life // _MICROSECOND
        self._leaves = 1 << max(0, len(times) - 1).bit_length()
        self._last = [0] * (2 * self._leaves)  # of each node, the last instant below it, in microseconds
        self._sums = [0.0] * (2 * self._leaves)  # of each node, what is below it as seen from that instant
        for index, at in enumerate(times):
            self._last[self._leaves + index] = (at - times[0]) // _MICROSECOND
            self._sums[self._leaves + index] = 1.0
        for node in range(self._leaves - 1, 0, -1):
            left, right = 2 * node, 2 * node + 1
            if self._sums[right]:
                self._last[node] = self._last[right]
                self._sums[node] = self._sums[right] + self._sums[left] * self._decay(left, seen_from=right)
            else:
                self._last[node], self._sums[node] = self._last[left], self._sums[left]

    def total(self, start: int, stop: int) -> float:
        """Return what a slice counts, as seen from its last instant, which counts 1."""
        last = self._leaves + stop - 1
        return sum(self._sums[node] * self._decay(node, seen_from=last) for node in self._nodes(start, stop))

    def spread(self, shares: Sequence[Share]) -> dict[int, float]:
        """Return what each instant gets when slices (start, stop, share of the last one) are spread over theirs."""
        held: dict[int, float] = {}
        for start, stop, share in shares:
            last = self._leaves + stop - 1
            for node in self._nodes(start, stop):
                held[node] = held.get(node, 0.0) + share * self._decay(node, seen_from=last)
        # Every node hands its share down once, all of it together: parents come before their children.
        waiting = list(held)
        heapify(waiting)
        while waiting[:1] and waiting[0] < self._leaves:
            node = heappop(waiting)
            share = held.pop(node)
            for child in (2 * node, 2 * node + 1):
                if self._sums[child]:
                    if child not in held:
                        heappush(waiting, child)
                    held[child] = held.get(child, 0.0) + share * self._decay(child, seen_from=node)
        return {node - self._leaves: share for node, share in held.items()}

    def _nodes(self, start: int, stop: int) -> Iterator[int]:
        """Yield the nodes that make up a slice."""
        left, right = start + self._leaves, stop + self._leaves
        while left < right:
            if left & 1:
                yield left
                left += 1
            if right & 1:
                right -= 1
                yield right
            left, right = left // 2, right // 2

    def _decay(self, node: int, *, seen_from: int) -> float:
        decay: float = 2.0 ** ((self._last[node] - self._last[seen_from]) / self._half_life)
        return decay
