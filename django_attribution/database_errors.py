"""What an error of the database means for us: is it out of reach, or does it ask for the transaction again?"""

from django.db import InterfaceError, OperationalError

# PostgreSQL's codes, appendix A of its manual; they are the same under every driver.
_REPEAT = {"40001", "40P01"}  # serialization failure, deadlock: rolled back, and a new transaction may well pass
_READ_ONLY = "25006"  # a standby, perhaps for the moment of a failover; Django calls it an InternalError
# SQLite's primary result codes, of which extended ones (BUSY_SNAPSHOT) keep the lowest byte.
_ERROR, _BUSY, _LOCKED = 1, 5, 6


class StaleSnapshot(OperationalError):
    """A row is in the way that this transaction's snapshot does not show. A new transaction will see it."""


def is_out_of_reach(error: BaseException) -> bool:
    """Tell whether the database is down, cut off, locked, read-only, out of space, or took too long.

    That is no fault of the statement, so what was refused may pass later. Anything else is a mistake in somebody's
    code or data, which fails fast and will fail again.
    """
    if _sqlite_code(error) == _ERROR:  # the statement itself: a missing table, a syntax error
        return False
    return isinstance(error, OperationalError | InterfaceError) or _sqlstate(error) == _READ_ONLY


def asks_to_repeat(error: BaseException) -> bool:
    """Tell whether a transaction was undone only because of others at the same time."""
    if isinstance(error, StaleSnapshot) or _sqlstate(error) in _REPEAT:
        return True
    return _sqlite_code(error) in (_BUSY, _LOCKED)


def _sqlstate(error: BaseException) -> str | None:
    # Django's errors have the driver's as their cause; psycopg 2 calls it pgcode.
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)


def _sqlite_code(error: BaseException) -> int | None:
    code: int | None = getattr(error.__cause__, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
