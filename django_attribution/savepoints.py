"""What guards the host's transaction from that which we try inside it."""

from contextlib import nullcontext
from typing import Any

from django.db import connections, router, transaction

from django_attribution.models import Identity


def savepoint() -> Any:
    """Guard the host's transaction from our failures; outside of one, do not begin one with a read (SQLite)."""
    using = router.db_for_write(Identity)
    return transaction.atomic(using=using) if connections[using].in_atomic_block else nullcontext()
