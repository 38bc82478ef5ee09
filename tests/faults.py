"""Faults of the database, made up where Django hands statements to the driver: ``connection.execute_wrapper``.

Knows which statements are ours, and nothing of what should come of their failing.
"""

import re
import sys
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connection

import django_attribution

INSERT_TOUCH = 'INSERT INTO "attribution_touchpoint"'
PACKAGE = str(Path(django_attribution.__file__).parent)
# It stands on the stack around every view; what is below it may be the host's.
MIDDLEWARES = str(Path(PACKAGE, "middlewares.py"))
ANY_OF_OURS = r'\w+ .*"attribution_'


@contextmanager
def refusing(pattern: str, error: type[Exception] = OperationalError) -> Iterator[None]:
    """Have the database refuse the messages with a statement that matches."""

    def refuse(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if re.search(pattern, sql):
            raise error("the database said no")
        return execute(sql, *arguments)

    with connection.execute_wrapper(refuse):
        yield


@contextmanager
def breaking(pattern: str) -> Iterator[None]:
    """Have the database itself fail at a statement that matches: PostgreSQL then refuses all that follow."""

    def fail(execute: Callable[..., Any], sql: str, params: Any, *arguments: Any) -> Any:
        if re.search(pattern, sql):
            return execute('SELECT * FROM "no_such_table"', None, *arguments)
        return execute(sql, params, *arguments)

    with connection.execute_wrapper(fail):
        yield


@contextmanager
def faults_at(numbers: Container[int], error: Callable[[], Exception]) -> Iterator[list[str]]:
    """Have those of this package's statements fail that have these numbers, from 1 on; collect all of them.

    Savepoints count, and the sessions and users that the package looks at; what the host executes does not. On
    PostgreSQL an error of the database spoils the transaction, as a real one does.
    """
    statements: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, *arguments: Any) -> Any:
        if _is_ours():
            statements.append(sql)
            if len(statements) in numbers:
                fault = error()
                if _spoils(fault, sql):
                    with suppress(DataError):
                        execute("SELECT 1 / 0", None, *arguments)
                raise fault
        return execute(sql, params, *arguments)

    with connection.execute_wrapper(watch):
        yield statements


def _spoils(fault: Exception, sql: str) -> bool:
    """Tell whether PostgreSQL would refuse the rest of a transaction after such a fault."""
    if connection.vendor != "postgresql" or not isinstance(fault, DatabaseError):
        return False
    if "SAVEPOINT" in sql:
        return False  # where setting one fails in earnest, the connection is gone with all that was in it
    return not (isinstance(fault, IntegrityError) and is_reading(sql))  # which violates nothing in earnest


def is_reading(sql: str) -> bool:
    """Tell whether a message to the database, perhaps of several statements, writes nothing."""
    return sql.lstrip().startswith("SELECT") and "INSERT INTO" not in sql


def _is_ours() -> bool:
    """Tell whether code of this package is what made Django execute a statement."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        file = frame.f_code.co_filename
        if file.startswith(PACKAGE) and file != MIDDLEWARES:
            return True
    return False
