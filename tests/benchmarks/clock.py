"""Times the part of an operation that counts, on the wall, and leaves out what prepares it and cleans up after it."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TypeVar

Answer = TypeVar("Answer")


class Clock:
    """The seconds that one run of an operation took, or one of its repetitions."""

    def __init__(self, *, patience: float) -> None:
        """Begin at nothing; short operations are repeated for ``patience`` seconds, and once if it is 0."""
        self._patience = patience
        self.seconds: float | None = None

    @contextmanager
    def running(self, *, repetitions: int = 1) -> Iterator[None]:
        """Time the block, which does the same so many times."""
        gc.collect()
        started = perf_counter()
        yield
        self.seconds = (perf_counter() - started) / repetitions

    def repeat(self, operation: Callable[[], Answer]) -> Answer:
        """Time an operation that is too short for a single look; return what it answered last."""
        gc.collect()
        repetitions, started = 0, perf_counter()
        while True:
            answer = operation()
            repetitions += 1
            passed = perf_counter() - started
            if passed >= self._patience:
                self.seconds = passed / repetitions
                return answer
