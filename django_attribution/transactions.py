"""How our writes behave in transactions: wholly or not at all, without breaking the host's, and without long waits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, connections, transaction

from django_attribution.database_errors import is_out_of_reach
from django_attribution.exceptions import AttributionUnavailable

_Result = TypeVar("_Result")

# What the site allows itself is left alone where it is less.
_BOUND_WAITS = """
    SELECT set_config(name, at_most, true)
    FROM (VALUES ('lock_timeout', '2s'), ('statement_timeout', '5s')) AS ours (name, at_most)
    WHERE current_setting(name)::interval NOT BETWEEN interval '1 millisecond' AND at_most::interval
"""


def all_or_nothing(work: Callable[[], _Result], *, using: str) -> _Result:
    """Do what the host asked for and return its result; raise, and leave nothing of it, if that fails.

    Raises ``AttributionUnavailable`` where the database is out of reach, and any other error as it is. The host's
    transaction can go on in either case, if the database still can.
    """
    try:
        with guarded(using):
            return work()
    except (DatabaseError, InterfaceError) as error:
        if is_out_of_reach(error):
            raise AttributionUnavailable from error
        raise


@contextmanager
def guarded(using: str) -> Iterator[None]:
    """Take back what a block that failed did inside the host's transaction; outside of one, do nothing.

    Nothing is begun there: on SQLite a transaction that begins with a read cannot always go on to write.
    """
    connection = connections[using]
    if not connection.in_atomic_block:
        yield
        return
    is_done = False
    try:
        with transaction.atomic(using=using):
            savepoint = connection.savepoint_ids[-1]
            yield
            is_done = True
    except DatabaseError:
        raise
    except Exception:
        if is_done:
            # Releasing the savepoint failed, for a reason that Django does not roll it back for.
            connection.savepoint_rollback(savepoint)
        raise


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
