"""``record_conversion`` and ``confirm_conversion``: every argument, and what a wrong one leaves behind (nothing)."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import RequestFactory, override_settings
from django.utils import timezone

from django_attribution.attribution_models import last_touch
from django_attribution.exceptions import ConfirmationRefused, IdempotencyKeyReused, InvalidArgument
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import (
    aconfirm_conversion,
    arecord_conversion,
    confirm_conversion,
    record_conversion,
)
from tests.browsers import COOKIE, Browser, visitor_request
from tests.shop.models import Order, Ticket, Voucher

pytestmark = pytest.mark.django_db

CLIENT_KEY = "0123456789abcdef"


class TestRecording:
    def test_an_event_alone_is_a_confirmed_conversion_without_a_value(self) -> None:
        before = timezone.now()
        record_conversion(visitor_request(), "signup")
        conversion = Conversion.objects.get()
        assert (conversion.event, conversion.value, conversion.currency) == ("signup", None, "")
        assert (conversion.is_confirmed, conversion.is_active, conversion.origin) == (True, True, "server")
        assert (conversion.custom_data, conversion.source_object, conversion.idempotency_key) == ({}, None, None)
        assert before <= conversion.created_at <= timezone.now()
        assert conversion.identity == Identity.objects.get()

    def test_every_argument_is_stored(self) -> None:
        order = Order.objects.create(total=1)
        returned = record_conversion(
            visitor_request(), "order", value=Decimal("99.90"), currency="eur", custom_data={"items": [1, {"a": None}]},
            source_object=order, is_confirmed=False, idempotency_key="order-1",
        )  # fmt: skip
        conversion = Conversion.objects.get()
        assert returned == conversion
        assert (conversion.value, conversion.currency) == (Decimal("99.90"), "EUR")
        assert conversion.recorded_value == conversion.value
        assert conversion.custom_data == {"items": [1, {"a": None}]}
        assert (conversion.source_object, conversion.source_object_id) == (order, str(order.pk))
        assert (conversion.is_confirmed, conversion.confirmed_at) == (False, None)
        assert conversion.idempotency_key == "order-1"

    @pytest.mark.parametrize("make", [
        lambda: Order.objects.create(total=1),
        lambda: Ticket.objects.create(),
        lambda: Voucher.objects.create(code="SPRING-7"),
    ])  # fmt: skip
    def test_a_source_object_may_have_any_primary_key(self, make: Any) -> None:
        thing = make()
        record_conversion(visitor_request(), "order", source_object=thing)
        assert Conversion.objects.get().source_object == thing

    @pytest.mark.parametrize(
        ("value", "currency", "stored"),
        [
            (99.99, "USD", "99.99"),
            (0.1, "EUR", "0.10"),
            (Decimal("5"), "USD", "5.00"),
            (5, "USD", "5.00"),
            ("12.5", "USD", "12.50"),
            (0, "USD", "0.00"),
            (Decimal("-0.00"), "USD", "0.00"),
            (1200, "JPY", "1200"),
            ("1.234", "KWD", "1.234"),
            (Decimal("1E+3"), "USD", "1000.00"),
            ("9999999999999.99", "USD", "9999999999999.99"),
            ("999999999999999", "JPY", "999999999999999"),
        ],
    )
    def test_an_amount_is_stored_to_the_digit(self, value: Any, currency: str, stored: str) -> None:
        record_conversion(visitor_request(), "order", value=value, currency=currency)
        assert Conversion.objects.get().value == Decimal(stored)

    def test_a_value_without_a_currency_is_in_the_default_one(self) -> None:
        assert record_conversion(visitor_request(), "order", value=5).currency == "USD"
        with override_settings(DJANGO_ATTRIBUTION={"CURRENCY": "JPY"}):
            assert record_conversion(visitor_request(), "order", value=5).currency == "JPY"
            with pytest.raises(InvalidArgument, match="JPY"):
                record_conversion(visitor_request(), "order", value="5.5")

    @pytest.mark.parametrize(
        ("argument", "arguments"),
        [
            ("value", {"value": 0.1 + 0.2}),
            ("value", {"value": float("nan")}),
            ("value", {"value": float("inf")}),
            ("value", {"value": Decimal("-Infinity")}),
            ("value", {"value": Decimal("sNaN")}),
            ("value", {"value": -1}),
            ("value", {"value": "-0.01"}),
            ("value", {"value": True}),
            ("value", {"value": "a lot"}),
            ("value", {"value": b"5"}),
            ("value", {"value": [5]}),
            ("value", {"value": "1" * 1000}),
            ("value", {"value": "1e400"}),
            ("value", {"value": Decimal("1E+999999")}),
            ("value", {"value": "1.005"}),
            ("value", {"value": "1.5", "currency": "JPY"}),
            ("value", {"value": "1.2345", "currency": "KWD"}),
            ("value", {"value": "1234567890123456", "currency": "JPY"}),
            ("value", {"value": "12345678901234.56"}),
            ("currency", {"value": 5, "currency": "XYZ"}),
            ("currency", {"value": 5, "currency": ""}),
            ("currency", {"value": 5, "currency": "US"}),
            ("currency", {"value": 5, "currency": "XAU"}),
            ("currency", {"value": 5, "currency": 840}),
            ("currency", {"currency": "nonsense"}),
            ("event", {"event": ""}),
            ("event", {"event": "x" * 256}),
            ("event", {"event": "a\x00b"}),
            ("event", {"event": " a"}),
            ("event", {"event": "\ud800"}),
            ("event", {"event": None}),
            ("custom_data", {"custom_data": [1]}),
            ("custom_data", {"custom_data": {"a": object()}}),
            ("custom_data", {"custom_data": {"a": float("nan")}}),
            ("custom_data", {"custom_data": {"a": "\x00"}}),
            ("custom_data", {"custom_data": {"a": ["\ud800"]}}),
            ("custom_data", {"custom_data": {"a": "x" * 40_000}}),
            ("source_object", {"source_object": Order()}),
            ("source_object", {"source_object": 7}),
            ("is_confirmed", {"is_confirmed": "no"}),
            ("is_confirmed", {"is_confirmed": None}),
            ("idempotency_key", {"idempotency_key": ""}),
            ("idempotency_key", {"idempotency_key": "x" * 256}),
            ("idempotency_key", {"idempotency_key": 7}),
        ],
    )
    def test_a_wrong_argument_is_named_and_nothing_is_written(self, argument: str, arguments: dict[str, Any]) -> None:
        with pytest.raises(InvalidArgument, match=argument) as raised:
            record_conversion(visitor_request(), **{"event": "order", **arguments})
        assert raised.value.argument == argument
        assert isinstance(raised.value, ValueError)
        assert not Identity.objects.exists()
        assert not Conversion.objects.exists()

    def test_a_custom_data_that_contains_itself_is_refused(self) -> None:
        circle: dict[str, Any] = {}
        circle["circle"] = circle
        with pytest.raises(InvalidArgument, match="custom_data"):
            record_conversion(visitor_request(), "order", custom_data=circle)

    def test_dates_and_decimals_in_custom_data_are_stored_as_text(self) -> None:
        day = timezone.now().date()
        record_conversion(visitor_request(), "order", custom_data={"day": day, "sum": Decimal("1.10")})
        assert Conversion.objects.get().custom_data == {"day": day.isoformat(), "sum": "1.10"}


class TestWhoConverts:
    def test_a_visitor_is_one_however_often_they_convert(self) -> None:
        request = visitor_request()
        for _ in range(3):
            record_conversion(request, "signup")
        assert Identity.objects.get().conversions.count() == 3

    def test_a_landing_that_converts_at_once_is_credited(self) -> None:
        browser = Browser()
        browser.land("/convert/", utm_source="ads")
        conversion = Conversion.objects.valid().with_attribution(last_touch).get()
        assert conversion.attribution_data["source"] == "ads"
        assert Touchpoint.objects.count() == 1
        assert conversion.identity is not None
        assert browser.whoami() == conversion.identity.uuid

    def test_a_conversion_without_a_landing_is_credited_to_the_landing_before(self) -> None:
        browser = Browser()
        browser.land(utm_source="first")
        browser.land(utm_source="last")
        browser.get("/convert/")
        conversion = Conversion.objects.with_attribution(last_touch).get()
        assert conversion.attribution_data["source"] == "last"

    def test_a_user_without_an_identity_gets_one_that_is_theirs(self) -> None:
        user = User.objects.create_user("alice")
        conversion = record_conversion(visitor_request(user=user), "order")
        assert conversion.identity is not None
        assert conversion.identity.linked_user == user
        assert conversion.identity.claimed_at is not None
        assert record_conversion(visitor_request(user=user), "order").identity == conversion.identity

    def test_a_bots_conversion_has_no_identity(self) -> None:
        browser = Browser()
        response = browser.get("/convert/?utm_source=ads", headers={"User-Agent": "curl/8.5.0"})
        assert Conversion.objects.get().identity is None
        assert not Identity.objects.exists()
        assert COOKIE not in response.cookies

    def test_a_bot_that_is_logged_in_is_its_user(self) -> None:
        user = User.objects.create_user("alice")
        conversion = record_conversion(visitor_request(user=user, user_agent="curl/8.5.0"), "order")
        assert conversion.identity is not None
        assert conversion.identity.linked_user == user

    @pytest.mark.parametrize("take", [
        lambda request: record_conversion(request, "order"),
        lambda request: async_to_sync(arecord_conversion)(request, "order"),
    ])  # fmt: skip
    def test_without_the_middleware_the_error_names_it(self, take: Any) -> None:
        with pytest.raises(ImproperlyConfigured, match=r"django_attribution\.middlewares\.AttributionMiddleware"):
            take(RequestFactory().get("/"))
        assert not Conversion.objects.exists()


class TestIdempotencyKeys:
    def test_the_same_call_again_returns_what_is_stored(self) -> None:
        request = visitor_request()
        first = record_conversion(request, "order", value=5, idempotency_key="1")
        again = record_conversion(request, "order", value="5.00", currency="USD", idempotency_key="1")
        assert again == first == Conversion.objects.get()

    @pytest.mark.parametrize(
        "other",
        [
            {"event": "lead"},
            {"value": 6},
            {"value": None},
            {"currency": "EUR"},
            {"custom_data": {"a": 1}},
            {"is_confirmed": False},
        ],
    )
    def test_other_arguments_are_refused(self, other: dict[str, Any]) -> None:
        request = visitor_request()
        arguments = {"event": "order", "value": 5, "idempotency_key": "1"}
        record_conversion(request, **arguments)
        with pytest.raises(IdempotencyKeyReused):
            record_conversion(request, **{**arguments, **other})
        assert Conversion.objects.get().value == 5

    def test_another_source_object_is_refused(self) -> None:
        request = visitor_request()
        record_conversion(request, "order", source_object=Order.objects.create(total=1), idempotency_key="1")
        with pytest.raises(IdempotencyKeyReused):
            record_conversion(request, "order", source_object=Order.objects.create(total=1), idempotency_key="1")

    def test_another_visitor_is_refused(self) -> None:
        record_conversion(visitor_request(), "order", idempotency_key="1")
        other = visitor_request()
        record_conversion(other, "signup")
        with pytest.raises(IdempotencyKeyReused) as raised:
            record_conversion(other, "order", idempotency_key="1")
        assert isinstance(raised.value, ValueError)

    def test_a_caller_without_an_identity_gets_what_is_stored_and_no_identity(self) -> None:
        first = record_conversion(visitor_request(), "order", idempotency_key="1")
        assert record_conversion(visitor_request(), "order", idempotency_key="1") == first
        assert Identity.objects.count() == 1

    def test_a_caller_who_logged_in_meanwhile_gets_what_is_stored(self) -> None:
        browser = Browser()
        browser.land()
        User.objects.create_user("alice")
        first = record_conversion(visitor_request(carried=browser.carried), "order", idempotency_key="1")
        browser.get("/login/alice/")
        user = User.objects.get()
        request = visitor_request(carried=browser.carried, user=user)
        assert record_conversion(request, "order", idempotency_key="1") == first

    def test_without_a_request_a_key_works_alike(self) -> None:
        first = Conversion.objects.record(event="order", value=5, idempotency_key="1")
        assert Conversion.objects.record(event="order", value=5, idempotency_key="1") == first
        with pytest.raises(IdempotencyKeyReused):
            Conversion.objects.record(event="order", value=6, idempotency_key="1")


class TestWhatABrowserRecordedBefore:
    @pytest.fixture
    def browser(self) -> Browser:
        browser = Browser()
        browser.land()
        return browser

    def claim(self, **arguments: Any) -> Conversion:
        """Record as the browser of the one identity does."""
        return Conversion.objects.record(**{
            "event": "order", "value": 1, "identity": Identity.objects.get(), "is_confirmed": False,
            "origin": "client", "idempotency_key": CLIENT_KEY, **arguments,
        })  # fmt: skip

    def test_the_servers_word_takes_its_place(self, browser: Browser) -> None:
        claimed = self.claim(custom_data={"page": "checkout"})
        order = Order.objects.create(total=1)
        request = visitor_request(carried=browser.carried)
        conversion = record_conversion(
            request, "order", value="20.50", currency="EUR", source_object=order, idempotency_key=CLIENT_KEY
        )
        assert conversion == claimed == Conversion.objects.get()
        conversion.refresh_from_db()
        assert (conversion.value, conversion.currency, conversion.recorded_value) == (Decimal("20.50"), "EUR", 1)
        assert (conversion.is_confirmed, conversion.source_object) == (True, order)
        assert conversion.custom_data == {"page": "checkout"}

    def test_the_server_may_repeat_itself(self, browser: Browser) -> None:
        self.claim()
        request = visitor_request(carried=browser.carried)
        first = record_conversion(request, "order", value=20, idempotency_key=CLIENT_KEY)
        again = record_conversion(request, "order", value=20, idempotency_key=CLIENT_KEY)
        assert again == first == Conversion.objects.get()
        assert again.confirmed_at == first.confirmed_at
        with pytest.raises(IdempotencyKeyReused):
            record_conversion(request, "order", value=21, idempotency_key=CLIENT_KEY)
        assert Conversion.objects.get().value == 20

    def test_the_browser_may_repeat_itself_afterwards(self, browser: Browser) -> None:
        self.claim()
        request = visitor_request(carried=browser.carried)
        record_conversion(request, "order", value=20, idempotency_key=CLIENT_KEY)
        assert self.claim().value == 20
        assert Conversion.objects.count() == 1

    def test_taken_over_and_still_pending_it_is_confirmed_by_its_key(self, browser: Browser) -> None:
        self.claim()
        request = visitor_request(carried=browser.carried)
        pending = record_conversion(request, "order", value=20, is_confirmed=False, idempotency_key=CLIENT_KEY)
        assert (pending.status, pending.value) == (Conversion.Status.PENDING, 20)
        assert confirm_conversion(idempotency_key=CLIENT_KEY) == pending == Conversion.objects.valid().get()

    def test_a_browsers_claim_is_not_confirmed_by_its_key(self, browser: Browser) -> None:
        self.claim()
        with pytest.raises(Conversion.DoesNotExist):
            confirm_conversion(idempotency_key=CLIENT_KEY)

    def test_the_row_is_the_servers_then_for_callers_without_a_visitor_too(self, browser: Browser) -> None:
        self.claim()
        taken = record_conversion(
            visitor_request(carried=browser.carried), "order", value=20, idempotency_key=CLIENT_KEY
        )
        assert Conversion.objects.record(event="order", value=20, idempotency_key=CLIENT_KEY) == taken
        for other in ({"value": 21}, {"value": 20, "custom_data": {"a": 1}}, {"value": 20, "is_confirmed": False}):
            with pytest.raises(IdempotencyKeyReused):
                Conversion.objects.record(event="order", idempotency_key=CLIENT_KEY, **other)
        assert Conversion.objects.get().value == 20

    def test_what_was_confirmed_at_once_is_replaced_as_well(self, browser: Browser) -> None:
        claimed = self.claim(is_confirmed=True)
        request = visitor_request(carried=browser.carried)
        assert record_conversion(request, "order", value=20, idempotency_key=CLIENT_KEY) == claimed
        stored = Conversion.objects.get()
        assert (stored.value, stored.confirmed_at) == (20, claimed.confirmed_at)

    def test_what_was_voided_is_not_what_the_server_records(self, browser: Browser) -> None:
        self.claim().void()
        conversion = record_conversion(
            visitor_request(carried=browser.carried), "order", value=20, idempotency_key=CLIENT_KEY
        )
        assert conversion == Conversion.objects.valid().get()
        assert Conversion.objects.count() == 2

    def test_a_browser_that_comes_after_the_server_gets_the_servers_row(self, browser: Browser) -> None:
        request = visitor_request(carried=browser.carried)
        conversion = record_conversion(request, "order", value=20, idempotency_key=CLIENT_KEY)
        assert self.claim() == conversion == Conversion.objects.get()

    def test_a_claim_that_comes_between_the_look_up_and_the_insert_is_one_row_all_the_same(
        self, browser: Browser
    ) -> None:
        request = visitor_request(carried=browser.carried)

        def interfere(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            result = execute(sql, params, many, context)
            if sql.startswith("SELECT") and CLIENT_KEY in params and not interfered:
                interfered.append(sql)
                self.claim()
                record_conversion(
                    visitor_request(carried=browser.carried), "order", value=20, idempotency_key=CLIENT_KEY
                )
            return result

        interfered: list[str] = []
        with connection.execute_wrapper(interfere):
            record_conversion(request, "order", value=20, idempotency_key=CLIENT_KEY)
        assert interfered
        assert Conversion.objects.get().value == 20

    def test_another_visitors_is_left_alone(self, browser: Browser) -> None:
        claimed = self.claim()
        other = visitor_request()
        record_conversion(other, "signup")
        conversion = record_conversion(other, "order", value=20, idempotency_key=CLIENT_KEY)
        assert conversion != claimed
        claimed.refresh_from_db()
        assert (claimed.value, claimed.is_confirmed) == (1, False)

    def test_a_strangers_key_is_not_the_servers(self, browser: Browser) -> None:
        claimed = self.claim()
        conversion = record_conversion(visitor_request(), "order", value=20, idempotency_key=CLIENT_KEY)
        assert conversion != claimed
        assert conversion.identity != claimed.identity

    def test_another_event_is_left_alone(self, browser: Browser) -> None:
        claimed = self.claim(event="lead")
        request = visitor_request(carried=browser.carried)
        assert record_conversion(request, "order", value=20, idempotency_key=CLIENT_KEY) != claimed


class TestConfirming:
    @pytest.fixture
    def order(self) -> Order:
        order = Order.objects.create(total=20)
        record_conversion(
            visitor_request(), "order", value=20, source_object=order, is_confirmed=False, idempotency_key="1"
        )
        return order

    def test_by_source_object_and_event(self, order: Order) -> None:
        conversion = confirm_conversion(source_object=order, event="order")
        assert conversion == Conversion.objects.valid().get()
        assert confirm_conversion(source_object=order, event="order").confirmed_at == conversion.confirmed_at

    def test_by_source_object_alone(self, order: Order) -> None:
        assert confirm_conversion(source_object=order).is_confirmed

    def test_by_key(self, order: Order) -> None:
        assert confirm_conversion(idempotency_key="1", value="18.00").value == 18
        assert Conversion.objects.get().recorded_value == 20

    def test_another_value_later_is_refused(self, order: Order) -> None:
        confirm_conversion(source_object=order, value=20)
        with pytest.raises(ConfirmationRefused):
            confirm_conversion(source_object=order, value=21)

    def test_a_voided_one_is_refused(self, order: Order) -> None:
        Conversion.objects.update(is_active=False)
        with pytest.raises(ConfirmationRefused):
            confirm_conversion(source_object=order)

    def test_a_clients_key_names_nothing(self) -> None:
        Conversion.objects.record(event="order", is_confirmed=False, origin="client", idempotency_key=CLIENT_KEY)
        with pytest.raises(Conversion.DoesNotExist):
            confirm_conversion(idempotency_key=CLIENT_KEY)

    @pytest.mark.parametrize("named", [
        {"event": "order"},
        {"source_object": Ticket(id=uuid4())},
        {"source_object": Ticket(id=uuid4()), "event": "order"},
        {"idempotency_key": "2"},
    ])  # fmt: skip
    def test_what_is_not_there_is_not_confirmed(self, order: Order, named: dict[str, Any]) -> None:
        with pytest.raises((Conversion.DoesNotExist, InvalidArgument)):
            confirm_conversion(**named)
        assert not Conversion.objects.get().is_confirmed

    def test_another_event_of_the_same_object_is_not_confirmed(self, order: Order) -> None:
        with pytest.raises(Conversion.DoesNotExist):
            confirm_conversion(source_object=order, event="refund")

    def test_both_ways_to_name_it_at_once_are_refused(self, order: Order) -> None:
        with pytest.raises(InvalidArgument, match="idempotency_key"):
            confirm_conversion(source_object=order, idempotency_key="1")

    def test_the_async_twins(self) -> None:
        order = Order.objects.create(total=20)
        async_to_sync(arecord_conversion)(visitor_request(), "order", value=20, source_object=order, is_confirmed=False)
        assert async_to_sync(aconfirm_conversion)(source_object=order, event="order", value=18).value == 18
        assert Conversion.objects.valid().get().value == 18


def test_an_object_that_was_deleted_is_no_source() -> None:
    first, second = Order.objects.create(), Order.objects.create()
    first.delete()
    with pytest.raises(InvalidArgument, match="saved model instance"):
        record_conversion(visitor_request(), "refund", source_object=first)
    second.delete()
    for unusable in (second, Order(), "order 5", 5):
        with pytest.raises(InvalidArgument, match="saved model instance"):
            confirm_conversion(source_object=unusable, event="refund")  # type: ignore[arg-type]  # the test
    with pytest.raises(InvalidArgument, match="idempotency_key"):
        confirm_conversion(idempotency_key="a\0b")


def test_a_user_that_is_no_row_is_nobody_here() -> None:
    class TokenUser:
        is_authenticated = True
        pk = 7

    request = visitor_request(user=TokenUser())  # type: ignore[arg-type]  # as stateless tokens have it
    conversion = record_conversion(request, "signup")
    assert conversion.identity is not None
    assert conversion.identity.linked_user is None


def test_a_user_who_was_deleted_during_the_request_is_nobody_here() -> None:
    user = User.objects.create_user("gone")
    request = visitor_request(user=user)
    user.delete()
    assert record_conversion(request, "account_closed").identity is not None


def test_a_user_that_is_set_after_the_visitor_was_asked_for_counts() -> None:
    user = User.objects.create_user("late")
    request = visitor_request()
    first = record_conversion(request, "lead")
    request.user = user
    second = record_conversion(request, "signup")
    assert second.identity is not None
    assert second.identity.linked_user == user
    first.refresh_from_db()
    assert first.identity == second.identity
