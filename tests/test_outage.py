"""An outage of the database: pages do not wait for it, the log says it twice, and tracking comes back by itself."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
)
from django.test.utils import CaptureQueriesContext

from django_attribution import failures
from django_attribution.breaker import FAILURES, PAUSE, Breaker
from django_attribution.exceptions import TrackingPaused
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import record_conversion
from django_attribution.signals import tracking_failed
from tests.browsers import (
    COOKIE,
    AsyncBrowser,
    Browser,
    as_sent,
    queries_of_tracking,
    visitor_request,
    without_tracking,
)
from tests.fake_clock import Clock
from tests.faults import ANY_OF_OURS, INSERT_TOUCH, breaking, refusing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give this process a breaker whose time the test moves."""
    clock = Clock()
    monkeypatch.setattr(failures, "breaker", Breaker(clock=clock))
    return clock


@pytest.fixture
def heard() -> Iterator[list[tuple[str, type[Exception]]]]:
    """Collect the failures that the host is told of."""
    said: list[tuple[str, type[Exception]]] = []

    def listen(kind: str, error: Exception, **_: Any) -> None:
        said.append((kind, type(error)))

    tracking_failed.connect(listen)
    yield said
    tracking_failed.disconnect(listen)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log says of pauses."""
    return [
        line.getMessage() for line in caplog.records if line.name == failures.__name__ and "failed:" not in line.msg
    ]


@pytest.fixture
def during_an_outage(clock: Clock) -> None:
    """Have as many landings fail as it takes."""
    with refusing(ANY_OF_OURS):
        for _ in range(FAILURES):
            Browser().land()


@pytest.mark.usefixtures("during_an_outage")
def test_during_an_outage_a_landing_is_the_page_as_without_us_and_costs_no_query() -> None:
    browser = Browser()
    browser.cookies["sessionid"] = "whatever"
    with queries_of_tracking() as statements:
        response = browser.land()
    assert statements == []
    with without_tracking():
        assert as_sent(response) == as_sent(Browser().land())


@pytest.mark.usefixtures("during_an_outage")
def test_during_an_outage_a_known_visitor_keeps_cookie_and_session_untouched(django_assert_num_queries: Any) -> None:
    failures.breaker.succeeded()
    user, browser = User.objects.create_user("alice"), Browser()
    browser.force_login(user)
    browser.land()
    carried = browser.carried
    with refusing(ANY_OF_OURS):
        for _ in range(FAILURES):
            browser.land(utm_source="mail")
    with django_assert_num_queries(0):
        response = browser.land(utm_source="mail")
    assert not response.cookies
    assert "Vary" not in response.headers
    assert browser.carried == carried


def test_the_outage_and_its_end_are_one_line_each_in_the_log(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "django_attribution"):
        with refusing(ANY_OF_OURS):
            for _ in range(FAILURES + 20):
                Browser().land()
            clock.now += PAUSE
            Browser().land()  # the probe
            Browser().land()
        clock.now += PAUSE
        Browser().land()
        Browser().land()
    assert said(caplog) == [
        "Attribution tracking paused: the database failed 5 times in a row. Trying again every 30 s.",
        "Attribution tracking resumed: the database answers. 21 were not tried.",
    ]
    assert Touchpoint.objects.count() == 2


def test_every_landing_that_is_lost_is_counted_and_told(heard: list[tuple[str, type[Exception]]], clock: Clock) -> None:
    count = failures.failure_counts["record"]
    with refusing(ANY_OF_OURS):
        for _ in range(FAILURES + 3):
            Browser().land()
    assert heard == [("record", OperationalError)] * FAILURES + [("record", TrackingPaused)] * 3
    assert failures.failure_counts["record"] == count + FAILURES + 3


def test_after_a_pause_one_landing_tries_and_tracking_resumes(clock: Clock) -> None:
    with refusing(ANY_OF_OURS):
        for _ in range(FAILURES):
            Browser().land()
    clock.now += PAUSE - 0.1
    Browser().land()
    assert not Touchpoint.objects.exists()
    clock.now += 0.1
    for number in range(3):
        browser = Browser()
        assert browser.land().cookies[COOKIE].value
        assert Touchpoint.objects.count() == number + 1


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_what_only_time_can_mend_opens_the_breaker(clock: Clock, error: type[Exception]) -> None:
    with refusing(INSERT_TOUCH, error):
        for _ in range(FAILURES):
            Browser().land()
    Browser().land()
    assert not Touchpoint.objects.exists()


@pytest.mark.parametrize(
    "error", [DatabaseError, DataError, IntegrityError, InternalError, ValueError, RuntimeError, RecursionError]
)
def test_a_mistake_in_code_or_data_does_not(clock: Clock, error: type[Exception]) -> None:
    with refusing(INSERT_TOUCH, error):
        for _ in range(2 * FAILURES):
            Browser().land()
    Browser().land()
    assert Touchpoint.objects.count() == 1


def test_a_missing_table_is_a_mistake_too(clock: Clock) -> None:
    with breaking(INSERT_TOUCH):  # SQLite's is an OperationalError
        for _ in range(2 * FAILURES):
            Browser().land()
    Browser().land()
    assert Touchpoint.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has standbys")
def test_a_database_that_only_reads_opens_it(clock: Clock, heard: list[tuple[str, type[Exception]]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        try:
            for _ in range(FAILURES + 1):
                Browser().land()
        finally:
            cursor.execute("SET default_transaction_read_only = off")
    assert heard == [("record", InternalError)] * FAILURES + [("record", TrackingPaused)]


@pytest.mark.usefixtures("during_an_outage")
def test_a_login_during_an_outage_succeeds_and_the_history_is_claimed_later(
    clock: Clock, heard: list[tuple[str, type[Exception]]]
) -> None:
    failures.breaker.succeeded()
    user, browser = User.objects.create_user("alice"), Browser()
    browser.land(utm_source="ads")
    with refusing(ANY_OF_OURS):
        for _ in range(FAILURES):
            Browser().land()
    heard.clear()
    with queries_of_tracking() as statements:
        assert browser.get("/login/alice/").content == b"in"
    assert statements == []
    assert heard == [("login", TrackingPaused)]
    clock.now += PAUSE
    browser.land(utm_source="mail")
    identity = Identity.objects.get()
    assert (identity.linked_user, identity.touchpoints.count()) == (user, 2)


@pytest.mark.usefixtures("during_an_outage")
def test_conversions_are_always_tried_and_their_landing_and_cookie_come_with_them() -> None:
    record_conversion(visitor_request(), "order")
    assert Browser().land("/convert/").cookies[COOKIE].value
    assert Conversion.objects.count() == 2
    assert Touchpoint.objects.count() == 1


@pytest.mark.usefixtures("during_an_outage")
def test_a_logout_during_an_outage_drops_the_cookie_all_the_same() -> None:
    failures.breaker.succeeded()
    User.objects.create_user("alice")
    browser = Browser()
    browser.land()
    browser.get("/login/alice/")
    with refusing(ANY_OF_OURS):
        for _ in range(FAILURES):
            Browser().land()
        browser.land("/logout/")
    assert browser.carried is None


def test_a_page_that_needs_no_database_says_nothing_about_the_outage(clock: Clock) -> None:
    User.objects.create_user("alice")
    with refusing(ANY_OF_OURS):
        for _ in range(FAILURES - 1):
            Browser().land()
        browser = Browser()
        browser.get("/login/alice/")
        browser.get("/logout/")  # its cookie is dropped without a query
        Browser().land()
    with queries_of_tracking() as statements:
        Browser().land()
    assert statements == []


@pytest.mark.usefixtures("during_an_outage")
def test_an_async_page_is_served_during_an_outage_as_without_us(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = async_to_sync(AsyncBrowser().land)()
    with without_tracking():
        assert as_sent(response) == as_sent(async_to_sync(AsyncBrowser().land)())


def test_the_async_side_opens_the_same_breaker(clock: Clock) -> None:
    with refusing(ANY_OF_OURS):
        for _ in range(FAILURES):
            async_to_sync(AsyncBrowser().land)()
    Browser().land()
    assert not Touchpoint.objects.exists()


@contextmanager
def site_allows(**waits: str) -> Iterator[None]:
    """Give this thread's connection the site's own bounds."""
    with connection.cursor() as cursor:
        for name, wait in waits.items():
            cursor.execute(f"SET {name} = '{wait}'")
        try:
            yield
        finally:
            cursor.execute("RESET lock_timeout")
            cursor.execute("RESET statement_timeout")


def bounds() -> tuple[str, str]:
    """Return how long this thread's connection waits for a lock, and runs a statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        found: tuple[str, str] = cursor.fetchone()
    return found


@contextmanager
def bounds_at(pattern: str) -> Iterator[list[tuple[str, str]]]:
    """Collect the bounds in force at the statements that match."""
    found: list[tuple[str, str]] = []

    def look(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if re.match(pattern, sql):
            found.append(bounds())
        return execute(sql, *arguments)

    with connection.execute_wrapper(look):
        yield found


@contextmanager
def bounds_noted_by_the_database() -> Iterator[Callable[[], list[tuple[str, str]]]]:
    """Have a trigger collect the bounds in force where a row is inserted: one message may hold several statements."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE noted (lock_timeout text, statement_timeout text)")
        cursor.execute("""
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO noted VALUES (current_setting('lock_timeout'), current_setting('statement_timeout'));
                RETURN NEW;
            END $$""")
        for table in ("identity", "touchpoint"):
            cursor.execute(f"CREATE TRIGGER note BEFORE INSERT ON attribution_{table} EXECUTE FUNCTION note()")

    def noted() -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM noted")
            return cast(list[tuple[str, str]], cursor.fetchall())

    try:
        yield noted
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION note() CASCADE")
            cursor.execute("DROP TABLE noted")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock, and its timeout")
class TestWaits:
    def test_a_landing_gives_up_on_a_row_that_another_transaction_holds(
        self, other_connection: Any, heard: list[tuple[str, type[Exception]]], clock: Clock
    ) -> None:
        browser = Browser()
        browser.land()
        other_connection.set_autocommit(False)
        with other_connection.cursor() as cursor:
            cursor.execute("UPDATE attribution_identity SET last_seen_at = now()")
        with site_allows(lock_timeout="50ms"):  # so that nobody waits for our two seconds here
            for _ in range(FAILURES + 1):
                assert browser.land(utm_source="mail").content == b"page"
        other_connection.rollback()
        assert heard == [("record", OperationalError)] * FAILURES + [("record", TrackingPaused)]
        clock.now += PAUSE
        browser.land(utm_source="mail")
        assert Touchpoint.objects.count() == 2

    @pytest.mark.parametrize(
        ("allowed", "in_force"),
        [
            ({}, ("2s", "5s")),
            ({"lock_timeout": "1min", "statement_timeout": "1h"}, ("2s", "5s")),
            ({"lock_timeout": "2s", "statement_timeout": "5s"}, ("2s", "5s")),
            ({"lock_timeout": "300ms", "statement_timeout": "1500ms"}, ("300ms", "1500ms")),
            ({"lock_timeout": "1ms"}, ("1ms", "5s")),
        ],
    )
    def test_a_landing_is_patient_for_seconds_and_no_longer_than_the_site(
        self, allowed: dict[str, str], in_force: tuple[str, str]
    ) -> None:
        returning = Browser()
        returning.land()
        with site_allows(**allowed):
            before = bounds()
            with bounds_at("UPDATE|INSERT") as found:
                returning.land(utm_source="mail")
            assert found == [in_force] * 2
            assert bounds() == before

            with bounds_noted_by_the_database() as noted:
                Browser().land(utm_source="new")
                assert noted() == [in_force] * 2
            assert bounds() == before

    def test_so_is_a_login_and_what_a_front_end_tells(self) -> None:
        User.objects.create_user("alice")
        browser = Browser()
        browser.land()
        with bounds_at('UPDATE "attribution_identity"') as found:
            browser.get("/login/alice/")
        assert found == [("2s", "5s")]
        with bounds_at(INSERT_TOUCH) as found:
            browser.post("/arrive/", {"url": "https://a.test/?utm_source=b"}, content_type="application/json")
        assert found == [("2s", "5s")]

    def test_so_is_whatever_is_read_for_them(self) -> None:
        User.objects.create_user("alice")
        browser = Browser()
        browser.land()
        with bounds_at('SELECT .*"attribution_') as found:
            browser.land(utm_source="mail")
        assert found == [("2s", "5s")] * 2  # the visitor, and their touches
        with bounds_at('SELECT .*"attribution_') as found:
            browser.post("/arrive/", {"url": "https://a.test/?utm_source=b"}, content_type="application/json")
        assert found == [("2s", "5s")] * 2
        with bounds_at('SELECT .*"attribution_') as found:
            browser.get("/login/alice/")
        assert found == [("2s", "5s")] * 2  # the visitor, and again once they are claimed

    def test_a_returning_landing_asks_within_one_transaction(self) -> None:
        browser = Browser()
        browser.land()
        with CaptureQueriesContext(connection) as captured:
            browser.land(utm_source="mail")
        verbs = [query["sql"].split()[0] for query in captured]
        assert verbs == ["BEGIN", "SELECT", "SELECT", "UPDATE", "SELECT", "INSERT", "COMMIT"]

    def test_whom_somebody_else_claimed_while_a_landing_was_undone_it_is_not_recorded_for(
        self, other_connection: Any
    ) -> None:
        alice, bob = User.objects.create_user("alice"), User.objects.create_user("bob")
        browser = Browser()
        browser.land(utm_source="before")
        browser.force_login(alice)
        visitor = Identity.objects.get()
        undone = OperationalError("undone")
        undone.__cause__ = psycopg.errors.SerializationFailure()
        is_undone = is_claimed = False

        def undo(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
            nonlocal is_undone, is_claimed
            if is_undone and not is_claimed:
                is_claimed = True
                with other_connection.cursor() as cursor:
                    claim = "UPDATE attribution_identity SET linked_user_id = %s, claimed_at = now() WHERE id = %s"
                    cursor.execute(claim, [bob.pk, visitor.pk])
            if not is_undone and INSERT_TOUCH in sql:
                is_undone = True
                raise undone
            return execute(sql, *arguments)

        with connection.execute_wrapper(undo):
            browser.land(utm_source="alice's")
        assert is_claimed
        assert [touch.source for touch in Touchpoint.objects.filter(identity__linked_user=bob)] == ["before"]
        assert [touch.source for touch in Touchpoint.objects.filter(identity__linked_user=alice)] == ["alice's"]

    def test_in_the_hosts_transaction_and_for_conversions_waits_are_the_hosts(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        User.objects.create_user("alice")
        browser = Browser()
        browser.land()
        with bounds_at("INSERT") as found:
            browser.get("/convert/")
        assert found == [("0", "0")]
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        with bounds_at('UPDATE "attribution_identity"') as found:
            browser.get("/login/alice/")
        assert found == [("0", "0")]
