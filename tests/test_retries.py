"""Transactions that the database undoes because of others are run again: bounded, never twice the effect, never lost.

What others do at the same time is made up at each statement in turn, and real on PostgreSQL under SERIALIZABLE.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Barrier, Event
from typing import Any

import psycopg
import pytest
from django.contrib.auth import user_logged_in
from django.contrib.auth.models import User, update_last_login
from django.db import OperationalError, connection, transaction

from django_attribution import transactions
from django_attribution.exceptions import AttributionUnavailable
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import confirm_conversion, record_conversion
from django_attribution.signals import conversion_confirmed, conversion_recorded, tracking_failed
from django_attribution.transactions import FIRST_WAIT, LONGEST_WAIT, RETRY_FOR, TRIES
from tests.browsers import Browser, visitor_request
from tests.fake_clock import Clock
from tests.faults import faults_at
from tests.invariants import history_of
from tests.meetings import at_once, held_before, wait_for_another_to_wait

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 30  # seconds until a barrier gives up
FEW = 8  # callers; 16 need all the tries now and then
MOVES_TOUCHES = re.compile('UPDATE "attribution_touchpoint"')


def undone(code: str | int) -> OperationalError:
    """Return the error by which a database says that it undid a transaction."""
    error = OperationalError("undone")
    cause: Exception
    if isinstance(code, str):
        cause = psycopg.errors.lookup(code)("undone")
    else:
        cause = sqlite3.OperationalError("database is locked")
        cause.sqlite_errorcode = code
    error.__cause__ = cause
    return error


UNDONE = ["40001", "40P01", sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_SNAPSHOT, sqlite3.SQLITE_LOCKED]


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Have nobody wait; collect for how long they would have."""
    waits: list[float] = []
    monkeypatch.setattr(transactions, "wait", waits.append)
    return waits


@pytest.fixture
def lost() -> Iterator[list[Any]]:
    """Collect what failed for good."""
    said: list[Any] = []

    def listen(error: Exception, **_: Any) -> None:
        said.append(error)

    tracking_failed.connect(listen)
    yield said
    tracking_failed.disconnect(listen)


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice")


def failing_at(*numbers: int, code: str | int = "40001") -> AbstractContextManager[list[str]]:
    """Have the statements of ours with these numbers, from 1 on, be undone; collect all of them."""
    return faults_at(numbers, lambda: undone(code))


EVERY_STATEMENT = range(1, 12)  # the last is beyond what any of these has


@contextmanager
def undone_at(number: int) -> Iterator[None]:
    """Have one statement of ours be undone; the last of the numbers makes sure that there are no more."""
    with failing_at(number) as statements:
        yield
    if number == EVERY_STATEMENT[-1]:
        assert len(statements) < number


@pytest.mark.parametrize("number", EVERY_STATEMENT)
def test_a_first_landing_that_is_undone_at_any_statement_is_stored_once(number: int, lost: list[Any]) -> None:
    browser = Browser()
    with undone_at(number):
        browser.land()
    assert lost == []
    assert Touchpoint.objects.get().identity.uuid == Identity.objects.get().uuid == browser.whoami()


@pytest.mark.parametrize("number", EVERY_STATEMENT)
def test_a_later_landing_is_stored_once(number: int, lost: list[Any]) -> None:
    browser = Browser()
    browser.land()
    with undone_at(number):
        browser.land(utm_source="mail")
    assert lost == []
    assert [touch.source for touch in Identity.objects.get().touchpoints.all()] == ["google", "mail"]


@pytest.mark.parametrize("number", EVERY_STATEMENT)
def test_a_first_landing_of_a_user_is_stored_once(number: int, lost: list[Any], alice: User) -> None:
    browser = Browser()
    browser.force_login(alice)
    with undone_at(number):
        browser.land()
    assert lost == []
    assert history_of(alice) == {"google"}
    assert Touchpoint.objects.count() == 1


@pytest.mark.parametrize("number", EVERY_STATEMENT)
@pytest.mark.parametrize("has_identity", [True, False])
def test_a_login_claims_or_merges_once(number: int, lost: list[Any], alice: User, has_identity: bool) -> None:
    phone, laptop = Browser(), Browser()
    if has_identity:
        phone.land(utm_source="phone")
        phone.get("/login/alice/")
    laptop.land(utm_source="laptop")
    with undone_at(number):
        laptop.get("/login/alice/")
    assert lost == []
    assert history_of(alice) == ({"phone", "laptop"} if has_identity else {"laptop"})
    assert laptop.whoami() == Identity.objects.live().get().uuid


@pytest.fixture
def kept() -> Iterator[list[str]]:
    """Collect what is told of conversions once it is certain."""
    told: list[str] = []

    def tell(signal: Any, conversion: Conversion, **_: Any) -> None:
        name = "recorded" if signal is conversion_recorded else "confirmed"
        transaction.on_commit(lambda: told.append(name))

    for signal in (conversion_recorded, conversion_confirmed):
        signal.connect(tell)
    yield told
    for signal in (conversion_recorded, conversion_confirmed):
        signal.disconnect(tell)


@pytest.mark.parametrize("number", EVERY_STATEMENT)
@pytest.mark.parametrize("key", [None, "order-1"])
def test_a_conversion_and_its_landing_are_stored_once_and_told_once(
    number: int, key: str | None, kept: list[str]
) -> None:
    browser = Browser()
    with undone_at(number):
        record_conversion(visitor_request(), "order", value=10, idempotency_key=key)
        response = browser.land("/convert/")
    assert response.status_code == 200
    assert Conversion.objects.count() == 2
    assert Touchpoint.objects.get().identity == Conversion.objects.latest("id").identity
    assert Identity.objects.count() == 2
    assert kept == ["recorded", "confirmed"] * 2


@pytest.mark.parametrize("key", [None, "order-1"])
@pytest.mark.parametrize("code", UNDONE)
def test_a_conversion_whose_callback_fails_after_the_commit_is_stored_once_and_told_once(
    code: str | int, key: str | None
) -> None:
    told: list[int] = []

    def fail(conversion: Conversion) -> None:
        told.append(conversion.pk)
        raise undone(code)

    def tell(conversion: Conversion, **_: Any) -> None:
        transaction.on_commit(lambda: fail(conversion))

    browser = Browser()
    browser.land()
    conversion_recorded.connect(tell)
    try:
        returned = record_conversion(visitor_request(carried=browser.carried), "order", value=10, idempotency_key=key)
    finally:
        conversion_recorded.disconnect(tell)
    stored = Conversion.objects.get()
    assert (returned, told) == (stored, [stored.pk])
    assert stored.identity == Identity.objects.get()


def test_two_calls_without_a_key_are_two_conversions() -> None:
    for _ in range(2):
        record_conversion(visitor_request(), "order", value=10)
    assert Conversion.objects.count() == 2


@pytest.mark.parametrize("number", EVERY_STATEMENT)
def test_a_confirmation_happens_once(number: int, kept: list[str]) -> None:
    Conversion.objects.record(event="order", value=10, is_confirmed=False, idempotency_key="1")
    with undone_at(number):
        assert confirm_conversion(idempotency_key="1", value=9).is_confirmed
    assert Conversion.objects.get().value == 9
    assert kept == ["recorded", "confirmed"]


@pytest.mark.parametrize("number", EVERY_STATEMENT)
def test_what_a_server_takes_over_is_taken_over_once(number: int, kept: list[str]) -> None:
    browser = Browser()
    browser.land()
    key = "0123456789abcdef"
    Conversion.objects.record(
        event="order", identity=Identity.objects.get(), value=1, is_confirmed=False, origin="client",
        idempotency_key=key,
    )  # fmt: skip
    with undone_at(number):
        record_conversion(visitor_request(carried=browser.carried), "order", value=10, idempotency_key=key)
    assert Conversion.objects.get().value == 10
    assert kept == ["recorded", "confirmed"]


@pytest.mark.parametrize("number", EVERY_STATEMENT)
def test_whoever_only_asks_who_is_there_is_answered(number: int, alice: User) -> None:
    browser = Browser()
    browser.land()
    request = visitor_request(carried=browser.carried, user=alice)
    with undone_at(number):
        identity: Any = request.attribution.identity  # type: ignore[attr-defined]  # our middleware adds it
    assert identity.linked_user == alice


@pytest.mark.parametrize("code", UNDONE)
def test_all_ways_to_say_it_are_understood(code: str | int, lost: list[Any], waits: list[float]) -> None:
    with failing_at(1, code=code):
        Browser().land()
    assert (len(waits), lost) == (1, [])


@pytest.mark.parametrize("code", ["57014", "55P03", "53300", "57P01", sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL])
def test_other_trouble_is_not_tried_again(code: str | int, lost: list[Any], waits: list[float]) -> None:
    with failing_at(1, code=code):
        Browser().land()
    assert (len(waits), len(lost)) == (0, 1)


def test_tries_are_bounded_and_their_waits_grow_at_random(lost: list[Any], waits: list[float]) -> None:
    with failing_at(*range(1, 100)) as statements:
        Browser().land()
    assert TRIES == 10
    assert len(statements) == TRIES
    assert [type(error) for error in lost] == [OperationalError]
    assert len(waits) == TRIES - 1
    assert all(0 <= wait <= min(FIRST_WAIT * 2**number, LONGEST_WAIT) for number, wait in enumerate(waits))
    assert len(set(waits)) == len(waits)
    with failing_at(*range(1, 100)), pytest.raises(AttributionUnavailable):
        record_conversion(visitor_request(), "order")
    assert not Conversion.objects.exists()


def test_a_database_that_takes_its_time_is_not_asked_again(
    lost: list[Any], waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(transactions, "clock", clock)

    def slowly(execute: Callable[..., Any], *arguments: Any) -> Any:
        clock.now += RETRY_FOR / 2
        return execute(*arguments)

    with connection.execute_wrapper(slowly), failing_at(*range(1, 100)):
        Browser().land()
    assert (len(waits), len(lost)) == (1, 1)


def test_in_the_hosts_transaction_there_is_one_try(waits: list[float]) -> None:
    with transaction.atomic():
        with failing_at(3), pytest.raises(AttributionUnavailable):
            record_conversion(visitor_request(), "order")
        assert waits == []
        record_conversion(visitor_request(), "order")
    assert Conversion.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL locks rows")
def test_a_landing_on_sqlite_is_stored_when_the_other_writer_is_done(
    monkeypatch: pytest.MonkeyPatch, lost: list[Any]
) -> None:
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        other.rollback()

    monkeypatch.setattr(transactions, "wait", wait)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")  # ms; the tests' own patience is 20 s
    try:
        Browser().land()
    finally:
        other.close()
        connection.close()  # the next one has the patience of the settings
    assert (len(waited), lost) == (1, [])
    assert Touchpoint.objects.count() == 1


def patiently() -> None:
    """Have this thread's connection see what a serializable transaction sees."""
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
class TestSerializable:
    """Real contention; the jitter of the waits decides who meets whom, and nobody may be lost."""

    @pytest.fixture(autouse=True)
    def _real_waits(self, monkeypatch: pytest.MonkeyPatch, waits: list[float]) -> None:
        monkeypatch.undo()
        monkeypatch.setattr(transactions, "clock", Clock())  # a busy machine is no reason to give up

    def crowd(self, jobs: list[Callable[[], Any]]) -> list[Any]:
        all_here = Barrier(len(jobs))

        def run(job: Callable[[], Any]) -> Any:
            patiently()
            all_here.wait(PATIENCE)
            return job()

        return at_once([lambda job=job: run(job) for job in jobs])

    def test_landings_of_one_visitor_at_once_are_all_stored(self, lost: list[Any]) -> None:
        visitor = Browser()
        visitor.land(utm_source="first")
        tabs = [Browser() for _ in range(FEW)]
        for tab in tabs:
            tab.carry(visitor.carried)
        self.crowd([lambda n=n, tab=tab: tab.land(utm_source=f"tab {n}") for n, tab in enumerate(tabs)])
        assert lost == []
        assert Identity.objects.get().touchpoints.count() == FEW + 1

    def test_first_landings_of_one_user_at_once_are_all_stored(self, alice: User, lost: list[Any]) -> None:
        tabs = [Browser() for _ in range(FEW)]
        for tab in tabs:
            tab.force_login(alice)
        self.crowd([lambda n=n, tab=tab: tab.land(utm_source=f"tab {n}") for n, tab in enumerate(tabs)])
        assert lost == []
        assert history_of(alice) == {f"tab {n}" for n in range(FEW)}
        assert Identity.objects.count() == 1

    def test_logins_of_one_user_at_once_merge_all(self, alice: User, lost: list[Any]) -> None:
        browsers = [Browser() for _ in range(FEW)]
        for n, browser in enumerate(browsers):
            browser.land(utm_source=f"source {n}")
        # Django writes the time to the user's one row, without a second try: a login of the host's own that fails.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        try:
            self.crowd([lambda browser=browser: browser.get("/login/alice/") for browser in browsers])
        finally:
            user_logged_in.connect(update_last_login, dispatch_uid="update_last_login")
        assert lost == []
        assert history_of(alice) == {f"source {n}" for n in range(FEW)}
        assert Identity.objects.live().count() == 1

    def test_callers_with_one_key_at_once_get_one_conversion(self, alice: User) -> None:
        def record() -> Any:
            return record_conversion(visitor_request(user=alice), "order", value=10, idempotency_key="1").uuid

        assert set(self.crowd([record] * FEW)) == {Conversion.objects.get().uuid}

    def test_confirmations_at_once_are_one(self, kept: list[str]) -> None:
        Conversion.objects.record(event="order", value=10, is_confirmed=False, idempotency_key="1")
        times = self.crowd([lambda: confirm_conversion(idempotency_key="1").confirmed_at] * FEW)
        assert set(times) == {Conversion.objects.get().confirmed_at}
        assert kept == ["recorded", "confirmed"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock")
def test_a_login_that_deadlocks_with_the_host_merges_all_the_same(alice: User, lost: list[Any]) -> None:
    phone, laptop = Browser(), Browser()
    phone.land(utm_source="phone")
    phone.get("/login/alice/")
    laptop.land(utm_source="laptop")
    owned, visitor = Identity.objects.get(linked_user=alice), Identity.objects.get(linked_user=None)
    holds_owned, merge_holds_visitor = Event(), Event()

    def host() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '10s'")  # so that the merge is the one to be undone
            Identity.objects.filter(pk=owned.pk).update(last_seen_at=owned.created_at)
            holds_owned.set()
            assert merge_holds_visitor.wait(PATIENCE)
            Identity.objects.filter(pk=visitor.pk).update(last_seen_at=visitor.created_at)

    def merge() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET deadlock_timeout = '10ms'")
        assert holds_owned.wait(PATIENCE)

        def pause() -> None:
            merge_holds_visitor.set()
            wait_for_another_to_wait()  # whoever waits last finds the deadlock

        with held_before(MOVES_TOUCHES, pause):
            laptop.get("/login/alice/")

    at_once([host, merge])
    assert lost == []
    assert history_of(alice) == {"phone", "laptop"}
