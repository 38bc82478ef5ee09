"""When to stop trying what fails again and again, and when to try it once more: numbers and times, no visitor.

One instance serves a process, all its threads and tasks. It knows nothing of other processes: each finds out for
itself what works from where it runs, and none depends on a cache that may be down as well. Pure.
"""

import time
from collections.abc import Callable
from threading import Lock

FAILURES = 5  # in a row, without a success between them
WINDOW = 60.0  # seconds within which they must fall: a failure now and then is no outage
PAUSE = 30.0  # seconds until one attempt is let through


class Breaker:
    """Refuses attempts after failures in a row; lets one through after each pause; recovers with the first success."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._failing_since = 0.0
        self._next_attempt_at: float | None = None  # None: closed, whoever asks may try
        self._refused = 0

    def allows(self) -> bool:
        """Tell whether to try now. While open, the first one to ask after a pause may, and all others may not."""
        with self._lock:
            if self._next_attempt_at is None:
                return True
            now = self._clock()
            if now < self._next_attempt_at:
                self._refused += 1
                return False
            # From here and not from its end: a probe that hangs, or dies, holds nobody back for longer.
            self._next_attempt_at = now + PAUSE
            return True

    def failed(self) -> bool:
        """Count a failure, and tell whether it is the one that stopped the attempts."""
        with self._lock:
            if self._next_attempt_at is not None:
                return False
            now = self._clock()
            if not self._failures or now - self._failing_since > WINDOW:
                self._failures, self._failing_since = 0, now
            self._failures += 1
            if self._failures < FAILURES:
                return False
            self._next_attempt_at = now + PAUSE
            return True

    def succeeded(self) -> int | None:
        """Forget the failures; return how many attempts were refused, None when none had to be."""
        with self._lock:
            was_open, refused = self._next_attempt_at is not None, self._refused
            self._failures, self._refused, self._next_attempt_at = 0, 0, None
            return refused if was_open else None
