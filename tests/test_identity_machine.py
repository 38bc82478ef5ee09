"""Whatever three browsers and two users do, in any order: the rows are those of a small model, and break no invariant.

The model knows the rules of identities in their own words: a history belongs to whoever carries its cookie until a user
claims it, and to that user from then on. It learns of the database only which uuid each history has.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import override_settings
from django.urls import path
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from django_attribution.exceptions import ConfirmationRefused, IdempotencyKeyReused
from django_attribution.identity import RequestAttribution
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.privacy import erase_user
from django_attribution.retention import prune
from django_attribution.shortcuts import (
    confirm_by_token,
    confirm_conversion,
    erase_visitor,
    record_client_conversion,
    record_conversion,
)
from django_attribution.signals import tracking_failed
from tests.browsers import COOKIE, Browser, visitor_request
from tests.heard import heard
from tests.invariants import Ledger, Rows, Told, empty, require_credit_as_by_the_rules
from tests.shop import views
from tests.sizes import IS_LONG, sized

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

RUNS = sized(50, long=500) if connection.vendor == "postgresql" else sized(300, long=3_000)
STEPS = 30

NAMES = ("alice", "bob")
BOT = "Googlebot/2.1 (+http://www.google.com/bot.html)"
SALT = "django_attribution.cookies"
CURRENCIES = ("EUR", "USD")
KINDS = ("server", "server, pending", "client")
KEYS = ("first idempotency key", "second idempotency key")

guests_ = st.integers(0, 2)
users_ = st.sampled_from(NAMES)


def convert(request: HttpRequest) -> HttpResponse:
    """Record a conversion as the query asks, by the server's word or by the browser's."""
    asked = request.GET
    options: dict[str, Any] = {name: asked[name] for name in ("value", "currency")}
    options |= {"idempotency_key": asked["key"], "custom_data": {"of": asked["key"]}}
    try:
        if asked["kind"] == "client":
            conversion = record_client_conversion(request, "order", **options)
        else:
            conversion = record_conversion(request, "order", is_confirmed=asked["kind"] == "server", **options)
    except IdempotencyKeyReused:
        return JsonResponse({"conversion": None})
    return JsonResponse({"conversion": str(conversion.uuid)})


def erase_me(request: HttpRequest) -> HttpResponse:
    """Erase whoever is here."""
    erase_visitor(request)
    return HttpResponse("erased")


urlpatterns = [
    path("page/", views.page),
    path("moved/", views.redirect),
    path("fail/", views.fail),
    path("convert/", convert),
    path("login/<str:username>/", views.log_in),
    path("logout/", views.log_out),
    path("erase-me/", erase_me),
]
SITE = {
    "ROOT_URLCONF": __name__,
    "DJANGO_ATTRIBUTION": {
        "CONSENT": "tests.shop.consent.by_cookie",
        "CLIENT_EVENTS": {"order": {"value": True, "currencies": CURRENCIES}},
    },
}


# What empties the tables is done less often than what fills them.
now_and_then = precondition(lambda machine: machine.step % 4 == 3)


class OldSigner(signing.TimestampSigner):
    """Signs as the site did long ago."""

    def timestamp(self) -> str:
        """Return a time that is past the cookie's age."""
        return signing.b62_encode(1_500_000_000)


@dataclass(eq=False)
class History:
    """What one visitor did, as far as anybody can tell."""

    uuid: UUID | None = None  # told by the first cookie or conversion
    user: int | None = None
    is_claimed: bool = False
    is_gone: bool = False  # erased, or pruned
    merged_into: "History | None" = None
    touches: dict[str, int] = field(default_factory=dict)  # campaign: step
    conversions: set[UUID] = field(default_factory=set)
    seen: int = 0  # step


@dataclass(eq=False)
class Guest:
    """One of the browsers, and what the model knows of it."""

    browser: Browser
    user: int | None = None  # whom the session names; it may be deleted
    carries: History | None = None  # None too for a cookie that is worth nothing

    @property
    def consents(self) -> bool:
        """Whether the banner said yes."""
        return bool(self.browser.cookies["banner"].value == "yes")

    @property
    def refuses(self) -> bool:
        """Whether the banner said no, rather than nothing."""
        return bool(self.browser.cookies["banner"].value == "no")


class Visitors(RuleBasedStateMachine):
    """Browsers and users at their doings, beside the model."""

    def __init__(self) -> None:
        super().__init__()
        self.site = ExitStack()
        self.site.enter_context(override_settings(**SITE))
        self.failures = self.site.enter_context(heard(tracking_failed))  # which fail-open must not hide here
        self.ledger = Ledger()
        self.histories: list[History] = []
        self.users: dict[str, int] = {}
        self.cookies: list[tuple[str, History | None]] = [(f"{uuid4().hex}:forged:x", None)]
        self.keys: dict[str, UUID] = {}  # conversion
        self.has_claimed = False  # in the last request
        self.pending: dict[UUID, bool] = {}  # conversion: whether it is
        self.step = 0
        self.times: list[datetime] = [timezone.now()]
        self.guests = [Guest(Browser()) for _ in range(3)]
        for guest in self.guests:
            guest.browser.cookies["banner"] = "yes"

    def teardown(self) -> None:
        """Compare what costs more, and take everything back."""
        try:
            require_credit_as_by_the_rules(Rows.read())
        finally:
            for model in (Conversion, Touchpoint, Identity, Session, User):
                empty(model)
            self.site.close()

    # What the model says a request does, in the words of the rules.

    def user_of(self, guest: Guest) -> int | None:
        """Return who is logged in: nobody, where the user is no more."""
        return guest.user if guest.user in self.users.values() else None

    def unclaimed_of(self, guest: Guest) -> History | None:
        """Return the history that the browser's cookie counts for, as it does until somebody claims it."""
        carried = guest.carries
        return None if carried is None or carried.is_claimed or carried.is_gone else carried

    def owned_by(self, user: int | None) -> History | None:
        """Return the history that a user has."""
        return next((it for it in self.histories if user is not None and it.user == user), None)

    def resolved(self, guest: Guest) -> History | None:
        """Return whose facts a browser's are, claiming what nobody claimed for the user who is logged in."""
        unclaimed, user = self.unclaimed_of(guest), self.user_of(guest)
        if user is None:
            return unclaimed
        owned = self.owned_by(user)
        if unclaimed is None:
            return owned
        self.has_claimed = unclaimed.is_claimed = True
        if owned is None:
            unclaimed.user = user
            return unclaimed
        unclaimed.merged_into = owned
        owned.touches |= unclaimed.touches
        owned.conversions |= unclaimed.conversions
        owned.seen = max(owned.seen, unclaimed.seen)
        unclaimed.touches, unclaimed.conversions = {}, set()
        return owned

    def attached(self, guest: Guest) -> History:
        """Return the history that a fact goes to, a new one if need be."""
        history = self.resolved(guest)
        if history is None:
            user = self.user_of(guest)
            history = History(user=user, is_claimed=user is not None)
            self.histories.append(history)
        history.seen = self.step
        guest.carries = history
        return history

    def landed(self, guest: Guest, campaign: str) -> History:
        """Note a touch, and return the history that it went to."""
        history = self.attached(guest)
        history.touches[campaign] = self.step
        self.ledger.touches[campaign] = self.user_of(guest)
        return history

    def forget(self, history: History) -> None:
        """Take a person out of the model: of the conversions the amounts stay."""
        for campaign in history.touches:
            del self.ledger.touches[campaign]
        for uuid in history.conversions:
            told = self.ledger.conversions[uuid]
            told.is_anonymous, told.is_erased, told.user_pk = True, True, None
            self.keys = {key: kept for key, kept in self.keys.items() if kept != uuid}
        for one in [it for it in self.histories if history in (it, it.merged_into)]:
            one.is_gone = True
            self.histories.remove(one)

    def ask(self, guest: Guest, address: str, *, status: int = 200, headers: Any = None, **query: str) -> Any:
        """Send a request; the status is the page's own."""
        self.has_claimed = False
        response = guest.browser.get(address, query_params=query, headers=headers)
        assert response.status_code == status
        return response

    def after(self, guest: Guest, response: Any, *, wrote: History | None) -> None:
        """Require that the browser got the cookie of the history that was written to, and no other."""
        given = response.cookies[COOKIE].value if COOKIE in response.cookies else None
        if wrote is not None:
            uuid = UUID(given.partition(":")[0])
            assert wrote.uuid in (None, uuid)
            wrote.uuid, guest.carries = uuid, wrote
            self.cookies.append((given, wrote))
            return
        assert not given
        if guest.browser.carried is None:
            guest.carries = None
        assert not guest.refuses or guest.browser.carried is None

    # What people do.

    @initialize()
    def sign_up(self) -> None:
        """Two people have accounts."""
        for name in NAMES:
            self.users[name] = User.objects.create(username=name).pk

    @rule(guest=guests_, address=st.sampled_from(["/page/", "/moved/", "/fail/", "/login/alice/", "/login/bob/"]))
    def land(self, guest: int, address: str) -> None:
        """Arrive from a campaign, at a page or at a login."""
        who, campaign = self.guests[guest], self.next_campaign()
        status = {"/moved/": 302, "/fail/": 500}.get(address, 200)
        response = self.ask(who, address, status=status, utm_campaign=campaign)
        if address.startswith("/login/"):
            who.user = self.users[address.split("/")[2]]
        self.after(who, response, wrote=self.landed(who, campaign) if who.consents else None)

    @rule(guest=guests_, is_bot=st.booleans())
    def visit(self, guest: int, is_bot: bool) -> None:
        """Go to a page, or have a bot land there that has the browser's cookies."""
        who = self.guests[guest]
        query = {"utm_campaign": "bot"} if is_bot else {}
        response = self.ask(who, "/page/", headers={"user-agent": BOT} if is_bot else None, **query)
        self.after(who, response, wrote=None)

    @rule(
        guest=guests_, is_landing=st.booleans(), is_bot=st.sampled_from([False, False, False, True]),
        kind=st.sampled_from(KINDS), key=st.sampled_from([None, *KEYS]), currency=st.sampled_from(CURRENCIES),
    )  # fmt: skip
    def convert(self, guest: int, is_landing: bool, is_bot: bool, kind: str, key: str | None, currency: str) -> None:
        """Order something, perhaps from the very page one arrives at, perhaps once more."""
        who, campaign = self.guests[guest], self.next_campaign()
        key = f"{kind} {key}" if key else f"{kind} key {uuid4()}"  # each kind has its own, or arguments would differ
        if key in self.keys:
            currency = self.ledger.conversions[self.keys[key]].currency
        query = {"kind": kind, "key": key, "value": "10", "currency": currency}
        if is_landing:
            query["utm_campaign"] = campaign
        response = self.ask(who, "/convert/", headers={"user-agent": BOT} if is_bot else None, **query)
        wrote = self.converted(who, response.json()["conversion"], query, is_bot=is_bot)
        if is_landing and who.consents and not is_bot:
            wrote = self.landed(who, campaign)
        self.after(who, response, wrote=wrote)

    def converted(self, who: Guest, answer: str | None, query: dict[str, str], *, is_bot: bool) -> History | None:
        """Require the answer that a caller is to get, and return the history that was written to."""
        user, history = self.user_of(who), self.resolved(who) if who.consents else None
        stored = self.keys.get(query["key"])
        if stored is not None:
            owner = next((it for it in self.histories if stored in it.conversions), None)
            is_others = None not in (owner, history) and owner is not history
            assert answer == (None if is_others else str(stored))
            return history if self.has_claimed else None
        assert answer is not None
        uuid = UUID(answer)
        assert uuid not in self.ledger.conversions
        told = self.ledger.conversions[uuid] = Told(Decimal(10), query["currency"], user_pk=user)
        self.keys[query["key"]] = uuid
        self.pending[uuid] = query["kind"] != "server"
        if not who.consents or (is_bot and history is None and user is None):
            told.is_anonymous, told.user_pk = True, None
            return None
        history = self.attached(who)
        history.conversions.add(uuid)
        return history

    @rule(data=st.data(), way=st.sampled_from(["itself", "token", "key"]), value=st.sampled_from([None, 9, 10]))
    def confirm(self, data: st.DataObject, way: str, value: int | None) -> None:
        """Confirm a conversion, perhaps with its final amount, perhaps again."""
        if not self.pending:
            return
        uuid = data.draw(st.sampled_from(list(self.pending)))
        conversion, told = Conversion.objects.get(uuid=uuid), self.ledger.conversions[uuid]
        key = conversion.idempotency_key if conversion.origin == "server" else None
        is_refused = not self.pending[uuid] and value is not None and value != told.value
        try:
            if way == "token":
                is_refused = False  # it answers with what is confirmed
                confirm_by_token(conversion.confirmation_token(value=value))
            elif way == "key" and key is not None:
                confirm_conversion(idempotency_key=key, value=value)
            else:
                conversion.confirm(value=value)
        except ConfirmationRefused:
            assert is_refused
        else:
            assert not is_refused
        if self.pending[uuid] and value is not None:
            told.value = Decimal(value)
        self.pending[uuid] = False

    @rule(guest=guests_, name=users_)
    def log_in(self, guest: int, name: str) -> None:
        """Log in, also where somebody is logged in already."""
        who = self.guests[guest]
        response = self.ask(who, f"/login/{name}/")
        who.user = self.users[name]
        history = self.resolved(who) if who.consents else None
        self.after(who, response, wrote=history if self.has_claimed else None)

    @rule(guest=guests_)
    def log_out(self, guest: int) -> None:
        """Log out; the cookie goes with the user."""
        who = self.guests[guest]
        response = self.ask(who, "/logout/")
        assert self.user_of(who) is None or who.browser.carried is None
        who.user = None
        self.after(who, response, wrote=None)

    @rule(guest=guests_, what=st.sampled_from(["session", "cookie"]))
    def expire(self, guest: int, what: str) -> None:
        """Come back after the session, or after the cookie."""
        who = self.guests[guest]
        who.browser.cookies.pop("sessionid" if what == "session" else COOKIE, None)
        if what == "session":
            who.user = None
        else:
            who.carries = None

    @rule(guest=guests_, data=st.data(), is_too_old=st.sampled_from([False, False, False, True]))
    def plant(self, guest: int, data: st.DataObject, is_too_old: bool) -> None:
        """Carry a cookie that was made up, or anybody's of any time."""
        who = self.guests[guest]
        signed, who.carries = data.draw(st.sampled_from(self.cookies))
        if is_too_old and who.carries is not None:
            signed, who.carries = OldSigner(salt=SALT).sign(signed.partition(":")[0]), None
        who.browser.carry(signed)

    @rule(guest=guests_, answer=st.sampled_from(["yes", "yes", "no", ""]))
    def say(self, guest: int, answer: str) -> None:
        """Agree to being tracked, withdraw that, or take back having said anything."""
        self.guests[guest].browser.cookies["banner"] = answer

    @now_and_then
    @rule(name=users_)
    def delete_user(self, name: str) -> None:
        """Delete an account; somebody else gets the name."""
        gone = self.users[name]
        User.objects.get(pk=gone).delete()
        self.ledger.deleted_users.add(gone)
        owned = self.owned_by(gone)
        if owned is not None:
            owned.user = None
        self.users[name] = User.objects.create(username=name).pk

    @now_and_then
    @rule(name=users_)
    def erase_by_user(self, name: str) -> None:
        """Erase what is held about a user."""
        erase_user(User.objects.get(pk=self.users[name]))
        owned = self.owned_by(self.users[name])
        if owned is not None:
            self.forget(owned)

    @now_and_then
    @rule(guest=guests_)
    def erase_by_button(self, guest: int) -> None:
        """Erase whoever is here."""
        who = self.guests[guest]
        people = [self.owned_by(self.user_of(who)), self.unclaimed_of(who)]
        response = self.ask(who, "/erase-me/")
        assert who.browser.carried is None
        for history in people:
            if history is not None:
                self.forget(history)
        self.after(who, response, wrote=None)

    @now_and_then
    @rule(data=st.data())
    def prune(self, data: st.DataObject) -> None:
        """Delete old touches, and the visitors of whom nothing else is known."""
        step = data.draw(st.integers(0, self.step))
        for _ in prune(self.times[step]):
            pass
        for history in self.histories:
            for campaign, at in list(history.touches.items()):
                if at < step:
                    del history.touches[campaign], self.ledger.touches[campaign]
        into = [it.merged_into for it in self.histories]
        for history in list(self.histories):
            is_known = history.touches or history.conversions or history.user or history.seen >= step
            if not is_known and history not in into:
                self.forget(history)

    def next_campaign(self) -> str:
        """Name a touch."""
        return f"touch-{self.step}"

    @invariant()
    def holds(self) -> None:
        """Compare everything with the model, and have each stranger taken for nobody but the one they are."""
        rows = self.ledger.check()
        assert self.failures == []
        assert self.stored(rows) == self.told()
        who = self.guests[self.step % len(self.guests)]
        if who.consents and self.user_of(who) is None and who.browser.carried is not None:
            request = visitor_request(carried=who.browser.carried)
            request.COOKIES["banner"] = "yes"
            identity, known = RequestAttribution(request).identity, self.unclaimed_of(who)
            assert (identity and identity.uuid) == (known and known.uuid)
            assert identity is None or identity.linked_user_id is None
        self.step += 1
        self.times.append(timezone.now())

    def told(self) -> dict[UUID | None, Any]:
        """Return the histories as the model has them."""
        return {
            it.uuid: it.merged_into.uuid if it.merged_into else (it.user, it.touches.keys(), it.conversions)
            for it in self.histories
        }

    @staticmethod
    def stored(rows: Rows) -> dict[UUID | None, Any]:
        """Return the histories as the database has them."""
        found: dict[UUID | None, Any] = {}
        for row in rows.identities.values():
            into = row.merged_into_id
            found[row.uuid] = (row.linked_user_id, set(), set()) if into is None else rows.identities[into].uuid
        for touch in rows.touches.values():
            found[rows.identities[touch.identity_id].uuid][1].add(touch.utm_campaign)
        for conversion in rows.conversions.values():
            if conversion.identity_id is not None:
                found[rows.identities[conversion.identity_id].uuid][2].add(conversion.uuid)
        return found


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Keep the host's own errors out of the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_the_rows_are_those_of_the_model_whatever_people_do(record_property: Callable[[str, object], None]) -> None:
    runs = unbroken = 0

    class Counted(Visitors):
        def teardown(self) -> None:
            nonlocal runs, unbroken
            runs += 1
            super().teardown()
            unbroken += 1

    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=RUNS, stateful_step_count=STEPS, derandomize=not IS_LONG, deadline=None, database=None,
            print_blob=True, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert runs >= RUNS
    record_property("figure: runs of what browsers and users do", runs)
    record_property("figure: runs that broke an invariant", runs - unbroken)
