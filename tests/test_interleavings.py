"""One request stands still at each of its statements while another one is served whole: no invariant breaks.

Where the second has to wait for a lock that the first holds, the first goes on as soon as the database says so. SQLite
lets one connection write at a time: a request that stands still inside a transaction keeps everybody else out, so that
there the first stands still between its transactions only.
"""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.urls import path

from django_attribution.exceptions import ConfirmationRefused
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import confirm_conversion, record_conversion
from django_attribution.signals import tracking_failed
from tests.browsers import Browser, visitor_request
from tests.faults import is_reading
from tests.heard import heard
from tests.invariants import Ledger, Told, empty, require_credit_as_by_the_rules
from tests.shop import views

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

PATIENCE = 30  # seconds until a wait gives up
IS_POSTGRES = connection.vendor == "postgresql"


def convert(request: HttpRequest) -> HttpResponse:
    """Record a conversion, which whoever repeats the call gets too."""
    return HttpResponse(str(record_conversion(request, "order", value=10, idempotency_key="order").uuid))


urlpatterns = [path("page/", views.page), path("convert/", convert), path("login/<str:username>/", views.log_in)]


@dataclass
class Scene:
    """A visitor, another one, and two users, of whom bob has an identity."""

    visitor: Identity
    elsewhere: Identity
    users: dict[str, User]
    ledger: Ledger
    confirmed_with: list[int] = field(default_factory=list)

    @classmethod
    def set(cls) -> "Scene":
        """Take back what was, and begin anew."""
        for model in (Conversion, Touchpoint, Identity, Session, User):
            empty(model)
        users = {name: User.objects.create(username=name) for name in ("alice", "bob")}
        ledger = Ledger()
        people = []
        for name, user in (("visitor", None), ("elsewhere", None), ("bob", users["bob"])):
            claimed_at = None if user is None else user.date_joined
            people.append(Identity.objects.create(linked_user=user, claimed_at=claimed_at))
            Touchpoint.objects.create(identity=people[-1], utm_campaign=f"{name}, before")
            ledger.touches[f"{name}, before"] = None if user is None else user.pk
        pending = Conversion.objects.record(
            event="pending", identity=people[0], value=10, is_confirmed=False, idempotency_key="pending"
        )
        ledger.conversions[pending.uuid] = Told(Decimal(10), "USD")
        return cls(people[0], people[1], users, ledger)


Operation = Callable[[Scene, str], None]


def browser_of(identity: Identity) -> Browser:
    """Return a browser that carries an identity's cookie."""
    browser = Browser()
    browser.carry(signing.TimestampSigner(salt="django_attribution.cookies").sign(identity.uuid.hex))
    return browser


def land(browser: Browser, scene: Scene, address: str, name: str, *, user: str | None = None) -> None:
    """Follow a link, and note the touch."""
    response = browser.land(address, utm_campaign=name)
    assert response.status_code == 200
    scene.ledger.touches[name] = None if user is None else scene.users[user].pk


def visit(scene: Scene, name: str) -> None:
    """Come back."""
    land(browser_of(scene.visitor), scene, "/page/", name)


def claim(scene: Scene, name: str) -> None:
    """Log in as a user without an identity: the visitor becomes it."""
    land(browser_of(scene.visitor), scene, "/login/alice/", name, user="alice")


def claim_elsewhere(scene: Scene, name: str) -> None:
    """Log in as the same user on another device."""
    land(browser_of(scene.elsewhere), scene, "/login/alice/", name, user="alice")


def merge(scene: Scene, name: str) -> None:
    """Log in as a user with an identity: the visitor is merged into it."""
    land(browser_of(scene.visitor), scene, "/login/bob/", name, user="bob")


def order(scene: Scene, name: str) -> None:
    """Convert, from a page that one arrives at."""
    browser = browser_of(scene.visitor)
    response = browser.land("/convert/", utm_campaign=name)
    assert response.status_code == 200
    scene.ledger.touches[name] = None
    scene.ledger.conversions[UUID(response.content.decode())] = Told(Decimal(10), "USD")


def confirm(scene: Scene, name: str) -> None:
    """Confirm what the visitor recorded before, with an amount that the other one does not know of."""
    value = 9 if name == "first" else 8
    try:
        conversion = confirm_conversion(idempotency_key="pending", value=value)
    except ConfirmationRefused:
        return
    scene.confirmed_with.append(value)
    scene.ledger.conversions[conversion.uuid].value = Decimal(value)


OPERATIONS = [visit, claim, claim_elsewhere, merge, order, confirm]


class Pause:
    """Has a connection stand still at one moment: before a statement of ours, or after one that writes."""

    def __init__(self, moment: int) -> None:
        self.moment = moment
        self.is_reached = False
        self.reached, self.go_on = Event(), Event()
        self._moments = 0

    def __call__(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        """Execute a statement; count the moments beside it."""
        if "attribution_" not in sql and not sql.startswith("BEGIN"):
            return execute(sql, *arguments)
        if IS_POSTGRES or not connection.in_atomic_block:  # in SQLite's, nobody else could write
            self._pass()
        result = execute(sql, *arguments)
        if IS_POSTGRES and not is_reading(sql):
            self._pass()
        return result

    def _pass(self) -> None:
        self._moments += 1
        if self._moments == self.moment:
            self.is_reached = True
            self.reached.set()
            assert self.go_on.wait(PATIENCE)


@pytest.fixture
def threads() -> Iterator[list[ThreadPoolExecutor]]:
    """Two threads, each with a connection of its own that stays open."""
    both = [ThreadPoolExecutor(1), ThreadPoolExecutor(1)]
    yield both
    for thread in both:
        thread.submit(connections.close_all).result(PATIENCE)
        thread.shutdown()


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def failures() -> Iterator[list[dict[str, Any]]]:
    """Fail-open must not hide what goes wrong here."""
    with heard(tracking_failed) as said:
        yield said


def backend_pid() -> int:
    """Return the process that serves this thread's connection; 0 where there is none."""
    if not IS_POSTGRES:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def until_done_or_blocked(second: "Future[None]", pid: int) -> bool:
    """Wait for a request to end, or to wait for a lock; tell whether it waits."""
    for _ in range(PATIENCE * 500):
        done, _ = wait([second], timeout=0.002)
        if done:
            return False
        if IS_POSTGRES:
            with connection.cursor() as cursor:
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [pid])
                if cursor.fetchone()[0]:
                    return True
    raise AssertionError("the second request neither ends nor waits for the first")


def interleave(
    first: Callable[[], None], second: Callable[[], None], *, moment: int, threads: list[ThreadPoolExecutor], pid: int
) -> tuple[bool, bool]:
    """Serve the second while the first stands still at a moment; tell whether there is one, and whether it waited."""
    pause = Pause(moment)

    def with_a_pause() -> None:
        with connection.execute_wrapper(pause):
            first()

    paused = threads[0].submit(with_a_pause)
    paused.add_done_callback(lambda _: pause.reached.set())
    assert pause.reached.wait(PATIENCE)
    is_blocked = False
    try:
        if pause.is_reached:
            other = threads[1].submit(second)
            is_blocked = until_done_or_blocked(other, pid)
    finally:
        pause.go_on.set()
    paused.result(PATIENCE)
    if pause.is_reached:
        other.result(PATIENCE)
    return pause.is_reached, is_blocked


def require_invariants(scene: Scene, *, claimants: set[str]) -> None:
    """Require all that has to hold, and that the visitor's past went to one who claimed it, whole."""
    rows = scene.ledger.check()
    require_credit_as_by_the_rules(rows)
    assert len(scene.confirmed_with) <= 1
    past = [touch.identity_id for touch in rows.touches.values() if touch.utm_campaign == "visitor, before"]
    past += [row.identity_id or 0 for row in rows.conversions.values() if row.event == "pending"]
    assert len(set(past)) == 1
    owner = rows.identities[past[0]].linked_user_id
    assert owner in {scene.users[name].pk for name in claimants} or (owner is None and not claimants)
    stranger = visitor_request(carried=browser_of(scene.visitor).carried)
    identity = stranger.attribution.identity  # type: ignore[attr-defined]  # our middleware adds it
    assert identity is None or (identity.linked_user_id is None and not claimants)


CLAIMANTS = {claim: "alice", merge: "bob"}


@pytest.mark.parametrize("atomic_requests", [False, True], ids=["autocommit", "atomic_requests"])
@pytest.mark.parametrize("first", OPERATIONS)
def test_two_operations_at_once_break_no_invariant(
    first: Operation, atomic_requests: bool, threads: list[ThreadPoolExecutor], failures: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic_requests)
    pid = threads[1].submit(backend_pid).result(PATIENCE)
    interleavings = waits = unbroken = 0
    for second in OPERATIONS:
        claimants = {CLAIMANTS[one] for one in (first, second) if one in CLAIMANTS}
        for moment in itertools.count(1):
            scene = Scene.set()
            is_reached, is_blocked = interleave(
                lambda scene=scene: first(scene, "first"), lambda scene=scene, second=second: second(scene, "second"),
                moment=moment, threads=threads, pid=pid,
            )  # fmt: skip
            if not is_reached:
                break
            interleavings += 1
            waits += is_blocked
            assert failures == []
            require_invariants(scene, claimants=claimants)
            unbroken += 1
    record_property("figure: interleavings of two operations", interleavings)
    record_property("figure: interleavings in which the second waited for the first", waits)
    record_property("figure: interleavings that broke an invariant", interleavings - unbroken)
