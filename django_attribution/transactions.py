"""How our transactions behave beside others: they do not wait for long."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

# What the site allows itself is left alone where it is less.
_BOUND_WAITS = """
    SELECT set_config(name, at_most, true)
    FROM (VALUES ('lock_timeout', '2s'), ('statement_timeout', '5s')) AS ours (name, at_most)
    WHERE current_setting(name)::interval NOT BETWEEN interval '1 millisecond' AND at_most::interval
"""


@contextmanager
def brief_transaction(using: str) -> Iterator[None]:
    """Open a transaction in which, on PostgreSQL, a lock is waited for no longer than 2 s and a statement runs 5 s.

    A page must not hang because the same visitor's other tab is in a long transaction, or because somebody alters
    our tables. Inside the host's transaction, waits are the host's to bound. SQLite has its ``timeout``.
    """
    connection = connections[using]
    is_ours = not connection.in_atomic_block
    with transaction.atomic(using=using):
        if is_ours and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(_BOUND_WAITS)  # local to this transaction
        yield
