"""The one fail-open boundary: tracking may never change a page. Conversions never pass through it; they raise."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from traceback import format_tb
from types import TracebackType

from django.db import DatabaseError, InterfaceError

from django_attribution.breaker import FAILURES, PAUSE, Breaker
from django_attribution.database_errors import is_out_of_reach
from django_attribution.exceptions import TrackingPaused
from django_attribution.signals import tracking_failed

logger = logging.getLogger(__name__)

LOG_INTERVAL = 60.0  # seconds between two log lines of one kind

failure_counts: Counter[str] = Counter()
"""How often each kind of tracking failed in this process, for the host's metrics; what was not tried included."""

breaker = Breaker()
"""Whether the database is worth trying, for all tracking of this process."""

_logged_at: dict[str, float] = {}
_lock = Lock()


class fail_open:  # noqa: N801 - used like a function; every request passes here, and a generator costs three times as much
    """Swallow any exception of the block: count it, log it once a minute, send ``tracking_failed``."""

    __slots__ = ("_kind",)

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __enter__(self) -> None:
        """Have nothing to prepare."""

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> bool:
        """Be the boundary: whatever exception it is, the page must not change."""
        if not isinstance(error, Exception):
            return False
        report(self._kind, error)
        return True


def report(kind: str, error: Exception) -> None:
    """Count a failure that nobody else will hear of, log one of its kind in a minute, and send ``tracking_failed``."""
    if _counted_for_log(kind, error):
        # Where it happened, and never the error's own text: PostgreSQL quotes the row it refused.
        logger.error(
            "Attribution tracking failed: %s, %s (%d so far in this process)\n%s",
            kind,
            type(error).__name__,
            failure_counts[kind],
            "".join(format_tb(error.__traceback__)),
        )
    tracking_failed.send_robust(sender=None, kind=kind, error=error)


def tried(kind: str, work: Callable[[], object]) -> bool:
    """Do what needs the database, failing open; tell whether it was done.

    While the database is out of reach nothing is tried but a probe now and then, so that pages do not wait for it;
    what is not tried fails with ``TrackingPaused``. Only what ``is_out_of_reach`` says stops the attempts: a mistake
    in our code or the host's costs no waiting, and must not take other visitors' landings away. A lock that is not got
    in time counts: from here one busy row looks like a table that somebody alters, for which every page would wait.
    """
    with fail_open(kind):
        if not breaker.allows():
            raise TrackingPaused
        with _watched():
            work()
        return True
    return False


@contextmanager
def _watched() -> Iterator[None]:
    """Tell the breaker how an attempt ended, and the log when that changed anything."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        if is_out_of_reach(error) and breaker.failed():
            logger.error(
                "Attribution tracking paused: the database failed %d times in a row. Trying again every %d s.",
                FAILURES,
                PAUSE,
            )
        raise
    missed = breaker.succeeded()
    if missed is not None:
        logger.warning("Attribution tracking resumed: the database answers. %d were not tried.", missed)


def _counted_for_log(kind: str, error: Exception) -> bool:
    """Count a failure; tell whether it is to be logged, which the next ones of its kind are not for a minute."""
    now = time.monotonic()
    with _lock:
        failure_counts[kind] += 1
        is_due = now - _logged_at.get(kind, -LOG_INTERVAL) >= LOG_INTERVAL
        if isinstance(error, TrackingPaused) or not is_due:  # the pause has a line of its own
            return False
        _logged_at[kind] = now
    return True
