"""A thread's connection may have ended since it was last used, as all do in an outage: tracking goes on over a new one.

Django notices when a statement fails (or before each request, with CONN_HEALTH_CHECKS), which costs the site a page.
It must not cost a landing, nor count as a failure that keeps the breaker open.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections, transaction

from django_attribution.models import Identity, Touchpoint
from django_attribution.signals import tracking_failed
from django_attribution.transactions import reconnected
from tests.browsers import Browser
from tests.faults import INSERT_TOUCH

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that could hang up"),
]


@pytest.fixture
def failures() -> Iterator[list[Exception]]:
    """What tracking failed with."""
    heard: list[Exception] = []

    def hear(error: Exception, **_: Any) -> None:
        heard.append(error)

    tracking_failed.connect(hear)
    yield heard
    tracking_failed.disconnect(hear)


@pytest.mark.parametrize("in_transaction", [True, False], ids=["a transaction of its own", "autocommit"])
def test_what_fails_over_a_living_connection_is_not_done_again(in_transaction: bool) -> None:
    connection.ensure_connection()
    tries = []

    def work() -> None:
        tries.append(connection.connection)
        with transaction.atomic() if in_transaction else nullcontext():
            raise OperationalError("the lock was not to be had")

    with pytest.raises(OperationalError, match="lock"):
        reconnected(work, using="default")
    assert tries == [connection.connection]


def end_connection() -> None:
    """Have the server hang up on this thread's connection, which looks as before."""
    connection.ensure_connection()
    process = connection.connection.info.backend_pid
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [process])  # and wait until it is gone
    other.close()


@contextmanager
def ended_once_after(pattern: str) -> Iterator[None]:
    """End the connection, which was there before, once after a statement that matches."""
    connection.ensure_connection()
    is_ended = False

    def watch(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        nonlocal is_ended
        result = execute(sql, *arguments)
        if not is_ended and re.match(pattern, sql):
            is_ended = True
            end_connection()
        return result

    with connection.execute_wrapper(watch):
        yield


def somebody() -> Browser:
    """Return a stranger who could be a user, for all that the cookies say: their landing takes several statements."""
    browser = Browser()
    browser.cookies[settings.SESSION_COOKIE_NAME] = "of-nobody"
    return browser


@pytest.mark.parametrize("is_done", [True, False])
def test_one_whose_only_message_is_not_answered_leaves_one_touch(is_done: bool, failures: list[Exception]) -> None:
    answers: list[None] = []

    def lose_the_first_answer(execute: Callable[..., Any], *arguments: Any) -> Any:
        answers.append(None)
        if len(answers) > 1:
            return execute(*arguments)
        if is_done:
            execute(*arguments)
        connection.connection.close()
        raise OperationalError("the server closed the connection unexpectedly")

    connection.ensure_connection()
    browser = Browser()
    with connection.execute_wrapper(lose_the_first_answer):
        browser.land()
    assert len(answers) > 1
    assert Touchpoint.objects.get().identity == Identity.objects.get()
    assert Identity.objects.get().uuid == browser.whoami()
    assert failures == []


def test_a_landing_over_a_connection_that_has_ended_is_stored(failures: list[Exception]) -> None:
    end_connection()
    browser = Browser()
    browser.land()
    assert Touchpoint.objects.get().identity.uuid == browser.whoami()
    assert failures == []


@pytest.mark.parametrize("statement", [INSERT_TOUCH, 'INSERT INTO "attribution_identity"'])
def test_one_that_ends_in_the_middle_leaves_one_touch(statement: str, failures: list[Exception]) -> None:
    browser = somebody()
    with ended_once_after(statement):
        browser.land()
    assert Touchpoint.objects.get().identity == Identity.objects.get()
    assert Identity.objects.get().uuid == browser.whoami()
    assert failures == []


def test_one_that_ends_with_the_commit_done_leaves_one_touch(
    failures: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = psycopg.Connection.commit
    commits: list[psycopg.Connection[Any]] = []
    browser = somebody()

    def commit_and_end(self: psycopg.Connection[Any]) -> None:
        commit(self)
        commits.append(self)
        if len(commits) == 1:
            self.close()
            raise psycopg.OperationalError("the server closed the connection unexpectedly")

    connection.ensure_connection()
    monkeypatch.setattr(psycopg.Connection, "commit", commit_and_end)
    browser.land()
    assert len(commits) >= 1
    assert Touchpoint.objects.get().identity == Identity.objects.get()
    assert Identity.objects.get().uuid == browser.whoami()
    assert failures == []


def test_a_login_whose_connection_ends_claims_all_the_same(failures: list[Exception]) -> None:
    alice, browser = User.objects.create_user("alice"), Browser()
    browser.land()
    with ended_once_after('SELECT .* FROM "attribution_identity"'):
        browser.get("/login/alice/")
    assert Identity.objects.get().linked_user == alice
    assert failures == []


def test_in_the_hosts_transaction_there_is_one_try() -> None:
    tries: list[None] = []

    def ask() -> None:
        tries.append(None)
        User.objects.exists()

    def ask_in_a_transaction() -> None:
        with transaction.atomic():
            end_connection()
            reconnected(ask, using="default")

    with pytest.raises(OperationalError):
        ask_in_a_transaction()
    assert len(tries) == 1
