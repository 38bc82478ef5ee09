"""The one fail-open boundary: tracking may never change a page. Conversions never pass through here; they raise."""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from traceback import format_tb

from django_attribution.signals import tracking_failed

logger = logging.getLogger(__name__)

LOG_INTERVAL = 60.0  # seconds between two log lines of one kind

failure_counts: Counter[str] = Counter()
"""How often each kind of tracking failed in this process, for the host's metrics."""

_logged_at: dict[str, float] = {}
_lock = Lock()


@contextmanager
def fail_open(kind: str) -> Iterator[None]:
    """Swallow any exception of the block: count it, log it once a minute, send ``tracking_failed``."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the boundary: whatever it is, the page must not change
        if _is_due_for_log(kind):
            # Where it happened, and never the error's own text: PostgreSQL quotes the row it refused.
            logger.error(
                "Attribution tracking failed: %s, %s (%d so far in this process)\n%s",
                kind,
                type(error).__name__,
                failure_counts[kind],
                "".join(format_tb(error.__traceback__)),
            )
        tracking_failed.send_robust(sender=None, kind=kind, error=error)


def _is_due_for_log(kind: str) -> bool:
    """Count a failure, and tell whether a log line of its kind is due."""
    now = time.monotonic()
    with _lock:
        failure_counts[kind] += 1
        is_due = now - _logged_at.get(kind, -LOG_INTERVAL) >= LOG_INTERVAL
        if is_due:
            _logged_at[kind] = now
    return is_due
