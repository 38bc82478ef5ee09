"""Callers in threads of their own who meet at a statement, so that a race happens in every run. Knows no models."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, connections

PATIENCE = 30  # seconds until a wait gives up

_Result = TypeVar("_Result")


def at_once(jobs: list[Callable[[], _Result]]) -> list[_Result]:
    """Run each job in a thread of its own, all at once; return what they return, in order."""

    def run(job: Callable[[], _Result]) -> _Result:
        try:
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))


@contextmanager
def held_before(pattern: re.Pattern[str], hold: Callable[[], Any]) -> Iterator[None]:
    """Call ``hold`` before this thread's first statement that matches."""
    is_held = False

    def watch(execute: Any, sql: str, *arguments: Any) -> Any:
        nonlocal is_held
        if not is_held and pattern.match(sql):
            is_held = True
            hold()
        return execute(sql, *arguments)

    with connection.execute_wrapper(watch):
        yield


@contextmanager
def held_after(pattern: re.Pattern[str], hold: Callable[[], Any]) -> Iterator[None]:
    """Call ``hold`` between this thread's first statement that matches and the one that follows it.

    Not sooner: until its rows are fetched, a SELECT on SQLite keeps the others from writing.
    """
    is_met = is_held = False

    def watch(execute: Any, sql: str, *arguments: Any) -> Any:
        nonlocal is_met, is_held
        if is_met and not is_held:
            is_held = True
            hold()
        is_met = is_met or bool(pattern.match(sql))
        return execute(sql, *arguments)

    with connection.execute_wrapper(watch):
        yield


def wait_for_another_to_wait() -> None:
    """Return once another connection waits for a lock of this one; SQLite cannot tell, so there at once."""
    deadline = time.monotonic() + PATIENCE
    while connection.vendor == "postgresql":
        assert time.monotonic() < deadline, "nobody waits for this connection"
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone():
                return
