"""How our writes behave in transactions: wholly or not at all, beside others, and without breaking the host's."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connections, transaction

from django_attribution.database_errors import asks_to_repeat, is_out_of_reach
from django_attribution.exceptions import AttributionUnavailable

TRIES = 10  # so that of 16 writers of one row, each under SERIALIZABLE, none is left over
RETRY_FOR = 2.0  # seconds after which nothing is tried again, since SQLite may have waited for seconds each time
FIRST_WAIT = 0.02  # seconds at most; it doubles
LONGEST_WAIT = 0.25  # seconds

wait: Callable[[float], object] = time.sleep
clock: Callable[[], float] = time.monotonic

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
    transaction can go on in either case, if the database still can. ``work`` may run several times (``retried``).
    """
    try:
        with guarded(using):
            return retried(work, using=using)
    except (DatabaseError, InterfaceError) as error:
        if is_out_of_reach(error):
            raise AttributionUnavailable from error
        raise


def retried(work: Callable[[], _Result], *, using: str) -> _Result:
    """Do what makes transactions of its own, again if one was undone only because of others at the same time.

    Those are serialization failures, deadlocks, and a lock that SQLite does not get. ``work`` finds everything as if it
    had not run; what it began in memory it has to see for itself. Inside the host's transaction there is one try: only
    who began a transaction can repeat it.
    """
    if connections[using].in_atomic_block:
        return work()
    give_up_at = clock() + RETRY_FOR
    for tries in range(1, TRIES):
        try:
            return work()
        except OperationalError as error:
            if not asks_to_repeat(error) or clock() >= give_up_at:
                raise
        # Each for a time of its own, or those who met once would meet again.
        longest = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
        wait(random.uniform(0, longest))  # noqa: S311 - nobody gains from guessing it
    return work()


def reconnected(work: Callable[[], _Result], *, using: str) -> _Result:
    """Do what is ``retried``, and once more over a new connection if the one at hand had ended.

    A connection that a thread keeps (``CONN_MAX_AGE``) cannot be told from a live one before it is used, and after an
    outage every thread has such a one. ``work`` must bear to be done twice: the commit may have been what failed.
    """
    connection = connections[using]
    at_hand = connection.connection
    try:
        return retried(work, using=using)
    except (OperationalError, InterfaceError):
        if at_hand is None or connection.in_atomic_block:
            raise
        if connection.connection is at_hand:  # Django has left a transaction that broke by connecting again
            if connection.is_usable():
                raise
            connection.close()
    return retried(work, using=using)


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
            # Of this very block: one made by hand inside it would cost every call two more round trips.
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


def can_run_alone(using: str) -> bool:
    """Tell whether ``run_alone`` can: with psycopg 3, which puts values into the text itself, outside a transaction."""
    connection: Any = connections[using]
    return bool(
        connection.vendor == "postgresql"
        and connection.Database.__name__ == "psycopg"
        and not connection.settings_dict["OPTIONS"].get("server_side_binding")  # one statement a message, then
        and connection.get_autocommit()  # never inside a transaction
    )


def run_alone(statement: str, values: Sequence[Any], *, using: str) -> Any:
    """Run a statement as a brief transaction of its own and return the row that it answers with.

    One message to PostgreSQL, of two statements: they are one transaction. Beginning it, bounding its waits and
    committing it would be three more round trips.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(f"{_BOUND_WAITS}; {statement}", values)
        cursor.nextset()
        return cursor.fetchone()


@contextmanager
def reading_first(using: str) -> Iterator[AbstractContextManager[None]]:
    """Begin what reads and then perhaps writes, as one brief transaction of PostgreSQL; yield the block to write in.

    A read waits there too, for whoever alters our tables. On SQLite, and inside the host's transaction, only the block
    to write in is a brief transaction.
    """
    connection = connections[using]
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        with brief_transaction(using):
            yield nullcontext()
    else:
        yield brief_transaction(using)
