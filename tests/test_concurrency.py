"""Many requests at once: nobody gets another's identity, nothing is lost, nothing happens twice.

What must meet is held at a barrier in the view or at a statement, so that the race happens in every run.
"""

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Event, Semaphore
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path
from django.utils import timezone

from django_attribution.exceptions import ConfirmationRefused
from django_attribution.middlewares import AttributionMiddleware, TrackingParameterMiddleware
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import record_client_conversion, record_conversion
from django_attribution.signals import conversion_confirmed, conversion_recorded, identity_claimed, tracking_failed
from tests.browsers import COOKIE, NAVIGATION, Browser, sent_by, visitor_request
from tests.graphql_calls import ask as tell
from tests.heard import heard
from tests.invariants import history_of
from tests.meetings import PATIENCE, at_once, held_after, held_before, wait_for_another_to_wait

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 200  # browsers
WRITERS = 40  # connections at once; the PostgreSQL of the tests takes 200
FEW = 16  # callers

_SELECT_IDENTITY = re.compile('SELECT .* FROM "attribution_identity"')
_SELECT_CONVERSION = re.compile('SELECT .* FROM "attribution_conversion"')
# SQLite takes its one lock where the transaction begins, PostgreSQL a row's where it is updated.
_LOCK_IDENTITY = re.compile('BEGIN|UPDATE "attribution_identity"')
_INSERT_TOUCH = re.compile('INSERT INTO "attribution_touchpoint"')
_UPDATE_IDENTITY = re.compile('UPDATE "attribution_identity"')


@pytest.fixture(autouse=True)
def _no_tracking_fails() -> Iterator[None]:
    """Fail-open must not hide what went wrong here."""
    with heard(tracking_failed) as failures:
        yield
    assert failures == []


@pytest.fixture
def alice() -> User:
    return User.objects.create_user("alice")


def uuid_in(signed: str) -> UUID:
    return UUID(signed.partition(":")[0])


def require_own_histories(carried: list[str]) -> None:
    """Require that browser number n carries an identity of its own with its own touch and no other."""
    assert len({uuid_in(signed) for signed in carried}) == CROWD
    assert Identity.objects.count() == Touchpoint.objects.count() == CROWD
    stored = dict(Touchpoint.objects.values_list("identity__uuid", "utm_source"))
    assert [stored[uuid_in(signed)] for signed in carried] == [f"source {number}" for number in range(CROWD)]


class TestCrowd:
    def test_200_threads_in_one_middleware_instance_are_200_visitors(self) -> None:
        everyone, writers = Barrier(CROWD), Semaphore(WRITERS)

        def view(request: HttpRequest) -> HttpResponse:
            everyone.wait(PATIENCE)
            writers.acquire()
            return HttpResponse("page")

        middleware = TrackingParameterMiddleware(AttributionMiddleware(view))

        def visit(number: int) -> str:
            request = RequestFactory(headers=NAVIGATION).get("/", query_params={"utm_source": f"source {number}"})
            request.user = AnonymousUser()
            try:
                response: Any = middleware(request)
            finally:
                connections.close_all()
                writers.release()
            return str(response.cookies[COOKIE].value)

        require_own_histories(at_once([lambda number=number: visit(number) for number in range(CROWD)]))

    def test_200_requests_at_once_through_wsgi_are_200_visitors(self, settings: Any) -> None:
        everyone, writers = Barrier(CROWD), Semaphore(WRITERS)

        def view(request: HttpRequest) -> HttpResponse:
            everyone.wait(PATIENCE)
            writers.acquire()
            return HttpResponse("page")

        settings.ROOT_URLCONF = (path("page/", view),)
        application = WSGIHandler()

        def visit(number: int) -> str:
            headers: list[tuple[str, str]] = []
            request = RequestFactory(headers=NAVIGATION).get("/page/", query_params={"utm_source": f"source {number}"})
            try:
                response = application(request.environ, lambda status, lines: headers.extend(lines))
                response.close()
            finally:
                writers.release()
            return cookie_in(headers)

        require_own_histories(at_once([lambda number=number: visit(number) for number in range(CROWD)]))

    def test_200_requests_at_once_through_asgi_are_200_visitors(self, settings: Any) -> None:
        async def crowd() -> list[str]:
            everyone, writers = asyncio.Barrier(CROWD), asyncio.Semaphore(WRITERS)

            async def view(request: HttpRequest) -> HttpResponse:
                await everyone.wait()
                await writers.acquire()
                return HttpResponse("page")

            settings.ROOT_URLCONF = (path("page/", view),)
            application = ASGIHandler()

            async def visit(number: int) -> str:
                try:
                    return await ask(application, f"utm_source=source+{number}")
                finally:
                    writers.release()

            async with asyncio.timeout(PATIENCE):
                return await asyncio.gather(*map(visit, range(CROWD)))

        require_own_histories(asyncio.run(crowd()))


async def ask(application: ASGIHandler, query_string: str) -> str:
    """Send a request as an ASGI server does; return the cookie that is set."""
    headers = [(b"host", b"testserver")]
    headers += [(name.lower().encode(), value.encode()) for name, value in NAVIGATION.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/page/", "query_string": query_string.encode(), "headers": headers,
    }  # fmt: skip
    sent = await sent_by(application, scope)
    return cookie_in([(name.decode(), value.decode()) for name, value in sent[0]["headers"]])


def cookie_in(headers: list[tuple[str, str]]) -> str:
    """Return the identity cookie among response headers."""
    (cookie,) = [value for name, value in headers if name.lower() == "set-cookie"]
    return cookie.strip().removeprefix(f"{COOKIE}=").partition(";")[0]


class TestLogins:
    @pytest.mark.parametrize("count", [2, FEW])
    def test_first_logins_of_one_user_at_once_make_one_identity(self, alice: User, count: int) -> None:
        browsers = [Browser() for _ in range(count)]
        for number, browser in enumerate(browsers):
            browser.land(utm_source=f"source {number}")
        both_have_looked = Barrier(count)

        def log_in(browser: Browser) -> int:
            with held_after(_SELECT_IDENTITY, lambda: both_have_looked.wait(PATIENCE)):
                return int(browser.get("/login/alice/").status_code)

        statuses = at_once([lambda browser=browser: log_in(browser) for browser in browsers])
        assert statuses == [200] * count
        assert history_of(alice) == {f"source {number}" for number in range(count)}
        assert Identity.objects.live().count() == 1
        own = Identity.objects.live().get()
        assert {browser.whoami() for browser in browsers} == {own.uuid}

    @pytest.mark.parametrize("count", [2, FEW])
    def test_first_logins_at_once_under_atomic_requests(
        self, alice: User, count: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browsers = [Browser() for _ in range(count)]
        for number, browser in enumerate(browsers):
            browser.land(utm_source=f"source {number}")
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        all_here = Barrier(count)

        def log_in(browser: Browser) -> int:
            all_here.wait(PATIENCE)
            return int(browser.get("/login/alice/").status_code)

        statuses = at_once([lambda browser=browser: log_in(browser) for browser in browsers])
        assert statuses == [200] * count
        assert history_of(alice) == {f"source {number}" for number in range(count)}
        assert Identity.objects.live().count() == 1

    def test_first_landings_of_a_logged_in_user_at_once_make_one_identity(self, alice: User) -> None:
        browsers = [Browser() for _ in range(FEW)]
        for browser in browsers:
            browser.force_login(alice)
        all_have_looked = Barrier(FEW)

        def land(number: int) -> None:
            with held_after(_SELECT_IDENTITY, lambda: all_have_looked.wait(PATIENCE)):
                browsers[number].land(utm_source=f"source {number}")

        at_once([lambda number=number: land(number) for number in range(FEW)])
        assert history_of(alice) == {f"source {number}" for number in range(FEW)}
        assert Identity.objects.count() == 1

    def test_a_cookie_claimed_by_two_users_at_once_goes_to_one(self, alice: User) -> None:
        bob = User.objects.create_user("bob")
        first, second = Browser(), Browser()
        first.land(utm_source="ads")
        second.carry(first.carried)
        both_have_looked = Barrier(2)

        def log_in(browser: Browser, name: str) -> None:
            with held_after(_SELECT_IDENTITY, lambda: both_have_looked.wait(PATIENCE)):
                browser.get(f"/login/{name}/")

        with heard(identity_claimed) as claims:
            at_once([lambda: log_in(first, "alice"), lambda: log_in(second, "bob")])
        assert len(claims) == 1
        assert Identity.objects.get().linked_user in (alice, bob)
        first.land(utm_source="alice's")
        second.land(utm_source="bob's")
        assert sorted(map(len, (history_of(alice), history_of(bob)))) == [1, 2]
        assert {"alice's"} <= history_of(alice)
        assert {"bob's"} <= history_of(bob)


class TestMerges:
    @pytest.fixture
    def laptop(self, alice: User) -> Browser:
        """A browser with a history, of a user who has an identity already."""
        phone, laptop = Browser(), Browser()
        phone.land(utm_source="phone")
        phone.get("/login/alice/")
        laptop.land(utm_source="laptop")
        return laptop

    def test_a_visit_that_was_resolved_before_a_merge_goes_to_the_user(self, alice: User, laptop: Browser) -> None:
        tab = Browser()
        tab.carry(laptop.carried)
        has_looked, is_merged = Event(), Event()

        def pause() -> None:
            has_looked.set()
            assert is_merged.wait(PATIENCE)

        def visit() -> None:
            with held_before(_LOCK_IDENTITY, pause):
                tab.land(utm_source="tab")

        def merge() -> None:
            assert has_looked.wait(PATIENCE)
            laptop.get("/login/alice/")
            is_merged.set()

        at_once([visit, merge])
        assert history_of(alice) == {"phone", "laptop", "tab"}

    def test_a_merge_waits_for_a_visit_under_way(self, alice: User, laptop: Browser) -> None:
        tab = Browser()
        tab.carry(laptop.carried)
        is_visiting, is_merging = Event(), Event()

        def pause() -> None:
            is_visiting.set()
            assert is_merging.wait(PATIENCE)
            wait_for_another_to_wait()

        def visit() -> None:
            with held_after(_UPDATE_IDENTITY, pause):
                tab.land(utm_source="tab")

        def merge() -> None:
            assert is_visiting.wait(PATIENCE)
            with held_before(_LOCK_IDENTITY, is_merging.set):
                laptop.get("/login/alice/")

        at_once([visit, merge])
        assert history_of(alice) == {"phone", "laptop", "tab"}
        assert Identity.objects.live().count() == 1

    def test_a_conversion_resolved_before_a_merge_goes_to_the_user(self, alice: User, laptop: Browser) -> None:
        request = visitor_request(carried=laptop.carried)
        request.attribution.resolve()  # type: ignore[attr-defined]  # our middleware adds it
        laptop.get("/login/alice/")
        conversion = record_conversion(request, "signup")
        assert conversion.identity == Identity.objects.live().get(linked_user=alice)

    def test_a_double_merge_moves_a_history_once(self, alice: User, laptop: Browser) -> None:
        tab = Browser()
        tab.carry(laptop.carried)
        both_have_looked = Barrier(2)

        def log_in(browser: Browser) -> None:
            with held_after(_SELECT_IDENTITY, lambda: both_have_looked.wait(PATIENCE)):
                browser.get("/login/alice/")

        with heard(identity_claimed) as claims:
            at_once([lambda: log_in(laptop), lambda: log_in(tab)])
        assert history_of(alice) == {"phone", "laptop"}
        assert len(claims) == 1
        assert laptop.whoami() == tab.whoami() == Identity.objects.live().get().uuid

    def test_merges_beside_visits_of_their_user_lose_nothing(self, alice: User, laptop: Browser) -> None:
        all_here = Barrier(FEW)
        strangers, at_home = [Browser() for _ in range(FEW // 2)], [Browser() for _ in range(FEW // 2)]
        for number, browser in enumerate(strangers):
            browser.land(utm_source=f"before {number}")
        for browser in at_home:
            browser.force_login(alice)

        def log_in(number: int) -> None:
            all_here.wait(PATIENCE)
            strangers[number].land("/login/alice/", utm_source=f"merged {number}")

        def visit(number: int) -> None:
            all_here.wait(PATIENCE)
            at_home[number].land(utm_source=f"visit {number}")

        jobs: list[Callable[[], None]] = [lambda number=number: log_in(number) for number in range(FEW // 2)]
        jobs += [lambda number=number: visit(number) for number in range(FEW // 2)]
        at_once(jobs)
        expected = {f"{kind} {number}" for kind in ("before", "merged", "visit") for number in range(FEW // 2)}
        assert history_of(alice) == expected | {"phone"}


class TestRepeats:
    @pytest.mark.parametrize("count", [2, FEW])
    @pytest.mark.parametrize("is_tagged", [True, False])
    def test_one_landing_that_arrives_several_times_at_once_is_one_touch(
        self, count: int, is_tagged: bool, settings: Any
    ) -> None:
        settings.DJANGO_ATTRIBUTION = {"UNTAGGED_VISITS": "all"}
        carried = Browser()
        carried.land(utm_source="before")
        Touchpoint.objects.update(created_at=timezone.now() - timedelta(hours=1))
        all_have_looked = Barrier(count)

        def land() -> None:
            browser = Browser()
            browser.carry(carried.carried)
            looked = held_after(_SELECT_IDENTITY, lambda: all_have_looked.wait(PATIENCE))
            with looked, held_before(_INSERT_TOUCH, wait_for_another_to_wait):
                browser.get(f"/page/{'?utm_source=again' if is_tagged else ''}")

        at_once([land] * count)
        source = "again" if is_tagged else "(direct)"
        assert [touch.source for touch in Identity.objects.get().touchpoints.all()] == ["before", source]

    def test_first_landings_of_a_user_at_once_are_one_touch_where_they_are_the_same(self, alice: User) -> None:
        browsers = [Browser() for _ in range(FEW)]
        for browser in browsers:
            browser.force_login(alice)
        all_have_looked = Barrier(FEW)

        def land(number: int) -> None:
            with held_after(_SELECT_IDENTITY, lambda: all_have_looked.wait(PATIENCE)):
                browsers[number].land(utm_source=f"source {number % 2}")

        at_once([lambda number=number: land(number) for number in range(FEW)])
        assert sorted(Identity.objects.get().touchpoints.values_list("source", flat=True)) == ["source 0", "source 1"]

    def test_a_landing_that_is_served_and_told_of_at_once_is_one_touch(self) -> None:
        carried = Browser()
        carried.land(utm_source="before")
        both_have_looked = Barrier(2)
        document = "mutation ($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) { recorded } }"

        def arrive(is_served: bool) -> None:
            browser = Browser()
            browser.carry(carried.carried)
            looked = held_after(_SELECT_IDENTITY, lambda: both_have_looked.wait(PATIENCE))
            with looked, held_before(_INSERT_TOUCH, wait_for_another_to_wait):
                if is_served:
                    browser.land(utm_source="again")
                else:
                    tell(browser, document, input={"url": "https://app.shop.test/?utm_source=again"})

        at_once([lambda: arrive(True), lambda: arrive(False)])
        assert [touch.source for touch in Identity.objects.get().touchpoints.all()] == ["before", "again"]


class TestConfirmations:
    @pytest.mark.parametrize("way", ["confirm", "save"])
    def test_16_confirmations_are_one_transition(self, way: str) -> None:
        conversion = Conversion.objects.record(event="order", value=10, is_confirmed=False)
        all_have_it = Barrier(FEW)

        def confirm() -> Any:
            own = Conversion.objects.get(pk=conversion.pk)
            all_have_it.wait(PATIENCE)
            if way == "confirm":
                own.confirm()
            else:
                own.is_confirmed = True
                own.save()
            return own.confirmed_at

        with heard(conversion_confirmed) as confirmed:
            times = at_once([confirm] * FEW)
        conversion.refresh_from_db()
        assert conversion.is_confirmed
        assert set(times) == {conversion.confirmed_at}
        assert len(confirmed) == 1

    def test_of_two_confirmations_with_different_values_one_wins(self) -> None:
        conversion = Conversion.objects.record(event="order", value=10, is_confirmed=False)
        both_have_it = Barrier(2)

        def confirm(value: int) -> Decimal | None:
            own = Conversion.objects.get(pk=conversion.pk)
            both_have_it.wait(PATIENCE)
            try:
                return own.confirm(value=value).value
            except ConfirmationRefused:
                return None

        with heard(conversion_confirmed) as confirmed:
            values = at_once([lambda: confirm(8), lambda: confirm(9)])
        conversion.refresh_from_db()
        assert conversion.value in (8, 9)
        assert sorted(values, key=lambda value: value is None) == [conversion.value, None]
        assert len(confirmed) == 1


class TestIdempotencyKeys:
    @pytest.mark.parametrize("who", ["one visitor", "strangers", "one user"])
    def test_16_callers_with_one_key_get_one_conversion(self, alice: User, who: str) -> None:
        browser = Browser()
        if who == "one visitor":
            browser.land()
        all_have_looked = Barrier(FEW)

        def record() -> UUID:
            request = visitor_request(carried=browser.carried, user=alice if who == "one user" else None)
            with held_after(_SELECT_CONVERSION, lambda: all_have_looked.wait(PATIENCE)):
                return record_conversion(request, "order", value=10, idempotency_key="order-1").uuid

        with heard(conversion_recorded) as recorded:
            uuids = at_once([record] * FEW)
        assert set(uuids) == {Conversion.objects.get().uuid}
        assert Conversion.objects.get().identity == Identity.objects.get()
        assert len({said["conversion"].uuid for said in recorded}) == 1

    def test_servers_that_take_over_a_clients_conversion_at_once_confirm_it_once(self) -> None:
        browser = Browser()
        browser.land()
        client = Conversion.objects.record(
            event="order", identity=Identity.objects.get(), value=1, is_confirmed=False, origin="client",
            idempotency_key="0123456789abcdef",
        )  # fmt: skip
        all_have_looked = Barrier(FEW)

        def record() -> UUID:
            request = visitor_request(carried=browser.carried)
            with held_after(_SELECT_CONVERSION, lambda: all_have_looked.wait(PATIENCE)):
                return record_conversion(request, "order", value=10, idempotency_key="0123456789abcdef").uuid

        with heard(conversion_confirmed) as confirmed:
            uuids = at_once([record] * FEW)
        assert set(uuids) == {client.uuid}
        assert len(confirmed) == 1
        assert Conversion.objects.get().value == 10

    @pytest.mark.parametrize("first", ["client", "server"])
    def test_browser_and_server_who_name_one_purchase_at_once_count_it_once(self, first: str, settings: Any) -> None:
        settings.DJANGO_ATTRIBUTION = {"CLIENT_EVENTS": {"order": {"confirmed": True}}}
        browser = Browser()
        browser.land()
        key = "0123456789abcdef"
        calls: dict[str, Callable[..., Conversion]] = {"client": record_client_conversion, "server": record_conversion}

        def record(origin: str) -> UUID:
            request = visitor_request(carried=browser.carried)
            return calls[origin](request, "order", idempotency_key=key).uuid

        def record_late() -> UUID:
            with held_after(_SELECT_CONVERSION, lambda: at_once([lambda: record(first)])):
                return record("server" if first == "client" else "client")

        (late,) = at_once([record_late])
        assert Conversion.objects.valid().get().uuid == late
        assert Conversion.objects.get().origin == "server"
