"""What an error of the database means for us: whether it is out of reach."""

from django.db import InterfaceError, OperationalError

# PostgreSQL's code, appendix A of its manual; it is the same under every driver. A standby, perhaps for the moment of
# a failover; Django calls it an InternalError.
_READ_ONLY = "25006"


def is_out_of_reach(error: BaseException) -> bool:
    """Tell whether the database is down, cut off, locked, read-only, out of space, or took too long.

    That is no fault of the statement, so what was refused may pass later. Anything else is a mistake in somebody's
    code or data, which fails fast and will fail again.
    """
    return isinstance(error, OperationalError | InterfaceError) or _sqlstate(error) == _READ_ONLY


def _sqlstate(error: BaseException) -> str | None:
    # Django's errors have the driver's as their cause; psycopg 2 calls it pgcode.
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
