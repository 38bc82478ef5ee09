"""Runs both packages in alternation, and works out medians, ratios and growth. Knows nothing of what is measured."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, Protocol

from tests.benchmarks.rows import Operation, Row

PATIENCE: float = 0.3  # seconds for which a short operation is repeated
WARM_ENOUGH: float = 20  # seconds; what takes longer is not run once more to warm up


class Answered(Protocol):
    """What a worker replies."""

    @property
    def seconds(self) -> float | None:
        """The time."""

    @property
    def answer(self) -> Any:
        """The answer."""


Run = Callable[[Operation, float], Answered]  # the second is the patience


@dataclass(frozen=True)
class Measured:
    """A row's seconds by column, a figure for each run."""

    row: Row
    seconds: Mapping[str, list[float]]

    def ratio(self) -> float:
        """Return ours by what the target is against: of throughputs or of times."""
        ours, other = median(self.seconds["ours"]), median(self.seconds[self.row.against])
        return other / ours if self.row.is_throughput else ours / other

    def meets(self, database: str) -> bool:
        """Tell whether the ratio, as it is printed, is at least as good as the target."""
        ratio, target = round(self.ratio(), 2), self.row.target(database)
        return ratio >= target if self.row.is_throughput else ratio <= target


def alternate(
    operations: Iterable[Operation], *, runs: int, run: Run, answers: dict[Operation, Any]
) -> dict[Operation, list[float]]:
    """Run operations in turn, every other time in the opposite order; keep the first answer of each.

    One run before warms caches up and is not counted, unless it took so long that it hardly matters.
    """
    in_turn = list(dict.fromkeys(operations))
    seconds: dict[Operation, list[float]] = {operation: [] for operation in in_turn}
    for number in range(-1, runs):
        for operation in in_turn if number % 2 else reversed(in_turn):
            if len(seconds[operation]) == runs:
                continue
            reply = run(operation, PATIENCE)
            answers.setdefault(operation, reply.answer)
            if reply.seconds is None:
                raise RuntimeError(f"{operation} was not timed")
            if number >= 0 or reply.seconds > WARM_ENOUGH:
                seconds[operation].append(reply.seconds)
    return seconds


def exponent(*, small: float, large: float, factor: int = 10) -> float:
    """Return with which power of the rows the time grows, from the time for fewer and for ``factor`` times as many."""
    return math.log(large / small, factor)
