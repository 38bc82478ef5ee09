"""Faults of the database, made up where Django hands statements to the driver: ``connection.execute_wrapper``.

Knows which statements are ours, and nothing of what should come of their failing.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection

INSERT_TOUCH = 'INSERT INTO "attribution_touchpoint"'
ANY_OF_OURS = r'\w+ .*"attribution_'


@contextmanager
def refusing(pattern: str, error: type[Exception] = OperationalError) -> Iterator[None]:
    """Have the database refuse the statements that match."""

    def refuse(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if re.match(pattern, sql):
            raise error("the database said no")
        return execute(sql, *arguments)

    with connection.execute_wrapper(refuse):
        yield


@contextmanager
def breaking(pattern: str) -> Iterator[None]:
    """Have the database itself fail at the statements that match: PostgreSQL then refuses all that follow."""

    def fail(execute: Callable[..., Any], sql: str, params: Any, *arguments: Any) -> Any:
        if re.match(pattern, sql):
            return execute('SELECT * FROM "no_such_table"', None, *arguments)
        return execute(sql, params, *arguments)

    with connection.execute_wrapper(fail):
        yield
