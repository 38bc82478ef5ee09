"""Conversions while the database is out of reach: one typed error that may be repeated, and a host that can go on."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest

from django_attribution.exceptions import AttributionError, AttributionUnavailable
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import (
    aconfirm_conversion,
    arecord_conversion,
    confirm_by_token,
    confirm_conversion,
    record_conversion,
    record_touchpoint,
)
from django_attribution.signals import conversion_recorded
from tests.browsers import Browser, visitor_request
from tests.faults import ANY_OF_OURS, breaking, refusing
from tests.shop.models import Order

pytestmark = pytest.mark.django_db(transaction=True)

LANDED = "https://shop.test/?utm_source=mail"


@pytest.fixture
def request_() -> HttpRequest:
    """A request of a visitor who landed before."""
    browser = Browser()
    browser.land()
    return visitor_request(carried=browser.carried)


@pytest.fixture
def pending() -> Conversion:
    return Conversion.objects.record(event="order", value=10, is_confirmed=False, idempotency_key="1")


def everything() -> list[int]:
    return [model.objects.count() for model in (Identity, Touchpoint, Conversion)]


CALLS: dict[str, Callable[[HttpRequest, Conversion], object]] = {
    "record": lambda request, pending: record_conversion(request, "order"),
    "arecord": lambda request, pending: async_to_sync(arecord_conversion)(request, "order"),
    "record with a key": lambda request, pending: record_conversion(request, "order", idempotency_key="2"),
    "of nobody": lambda request, pending: Conversion.objects.record(event="order"),
    "confirm by key": lambda request, pending: confirm_conversion(idempotency_key="1"),
    "aconfirm": lambda request, pending: async_to_sync(aconfirm_conversion)(idempotency_key="1"),
    "confirm": lambda request, pending: pending.confirm(),
    "confirm by token": lambda request, pending: confirm_by_token(pending.confirmation_token()),
    "touchpoint": lambda request, pending: record_touchpoint(request, LANDED),
}


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("call", CALLS)
def test_the_error_says_that_the_call_may_be_repeated(
    request_: HttpRequest, pending: Conversion, call: str, error: type[Exception]
) -> None:
    before = everything()
    with refusing(ANY_OF_OURS, error), pytest.raises(AttributionUnavailable) as raised:
        CALLS[call](request_, pending)
    assert isinstance(raised.value.__cause__, error)
    assert raised.value.retry_after == 5
    assert str(raised.value) == (
        "The database is out of reach, and it is not certain that anything was stored. "
        "Repeat the call with the same idempotency key in 5 seconds."
    )
    assert everything() == before
    CALLS[call](request_, pending)


def test_what_was_lost_after_the_commit_is_stored_and_a_repeated_call_with_its_key_finds_it(
    request_: HttpRequest,
) -> None:
    def lose_connection() -> None:
        raise OperationalError("the connection was lost")

    def tell(**_: Any) -> None:
        transaction.on_commit(lose_connection)

    conversion_recorded.connect(tell)
    try:
        with pytest.raises(AttributionUnavailable, match="not certain"):
            record_conversion(request_, "order", idempotency_key="1")
    finally:
        conversion_recorded.disconnect(tell)
    assert record_conversion(request_, "order", idempotency_key="1") == Conversion.objects.get()


@pytest.mark.parametrize("call", CALLS)
def test_a_statement_that_is_wrong_is_no_outage(request_: HttpRequest, pending: Conversion, call: str) -> None:
    with breaking(ANY_OF_OURS), pytest.raises(DatabaseError, match="no_such_table"):
        CALLS[call](request_, pending)


def test_it_is_an_error_of_ours_and_nobodys_bad_value() -> None:
    assert issubclass(AttributionUnavailable, AttributionError)
    assert not issubclass(AttributionUnavailable, ValueError)


@pytest.mark.parametrize("call", CALLS)
def test_the_hosts_transaction_goes_on(request_: HttpRequest, pending: Conversion, call: str) -> None:
    before = everything()
    with transaction.atomic():
        Order.objects.create(total=1)
        with refusing(ANY_OF_OURS), pytest.raises(AttributionUnavailable):
            CALLS[call](request_, pending)
        Order.objects.create(total=2)
    assert Order.objects.count() == 2
    assert everything() == before


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, RuntimeError])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_conversion_that_is_not_certain_is_taken_back_with_what_waits_for_its_commit(
    request_: HttpRequest, error: type[Exception], nth: int
) -> None:
    # The last statements inside the host's transaction: the savepoints are released, ours and the one around it.
    told: list[int] = []

    def tell(conversion: Conversion, **_: Any) -> None:
        transaction.on_commit(lambda: told.append(conversion.pk))

    conversion_recorded.connect(tell)
    try:
        with transaction.atomic():
            Order.objects.create(total=1)
            wanted = RuntimeError if error is RuntimeError else AttributionUnavailable
            with refusing_nth("RELEASE SAVEPOINT", nth, error), pytest.raises(wanted):
                record_conversion(request_, "order")
            assert not Conversion.objects.exists()
    finally:
        conversion_recorded.disconnect(tell)
    assert Order.objects.count() == 1
    assert not Conversion.objects.exists()
    assert told == []


@contextmanager
def refusing_nth(pattern: str, nth: int, error: type[Exception]) -> Iterator[None]:
    """Have the database refuse the n-th of the statements that match."""
    count = 0

    def refuse(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        nonlocal count
        if re.match(pattern, sql):
            count += 1
            if count == nth:
                raise error("the database said no")
        return execute(sql, *arguments)

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no other connection that could interfere")
class TestForReal:
    @pytest.mark.parametrize("bound", ["lock_timeout", "statement_timeout"])
    def test_a_locked_row_is_given_up_and_the_hosts_transaction_goes_on(
        self, request_: HttpRequest, other_connection: Any, bound: str
    ) -> None:
        other_connection.set_autocommit(False)
        with other_connection.cursor() as cursor:
            cursor.execute("UPDATE attribution_identity SET last_seen_at = now()")
        with transaction.atomic():
            Order.objects.create(total=1)
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL {bound} = '50ms'")
            with pytest.raises(AttributionUnavailable):
                record_conversion(request_, "order")
            Order.objects.create(total=2)
        other_connection.rollback()
        assert Order.objects.count() == 2
        assert not Conversion.objects.exists()
        assert record_conversion(request_, "order").identity == Identity.objects.get()

    def test_a_connection_that_breaks_loses_nothing_that_was_acknowledged(
        self, request_: HttpRequest, other_connection: Any
    ) -> None:
        def cut(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
            if sql.startswith('INSERT INTO "attribution_conversion"'):
                with other_connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
            return execute(sql, *arguments)

        with connection.execute_wrapper(cut), pytest.raises(AttributionUnavailable):
            record_conversion(request_, "order", idempotency_key="1")
        connection.close()  # as Django does before the next request
        assert not Conversion.objects.exists()
        assert record_conversion(request_, "order", idempotency_key="1").identity == Identity.objects.get()
