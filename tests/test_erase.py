"""``erase``, its command, its button, the admin: nothing of the person is left in any table, and totals still hold."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.utils import timezone

from django_attribution import privacy
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.privacy import Erased, erase, erase_user
from django_attribution.shortcuts import confirm_by_token, erase_visitor, record_conversion
from tests.browsers import COOKIE, NAVIGATION, AsyncBrowser, Browser, visitor_request
from tests.canaries import found_in_tables
from tests.faults import refusing
from tests.meetings import at_once, held_before
from tests.shop import views
from tests.shop.models import Voucher

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "canary"  # stands in all that is known about the person


@pytest.fixture
def jane() -> User:
    return User.objects.create_user("jane")


@pytest.fixture
def person(jane: User) -> Identity:
    """A user who came by phone and by laptop, and bought."""
    phone, laptop = Browser(), Browser()
    for browser in (phone, laptop):
        browser.defaults["HTTP_USER_AGENT"] = f"{NAVIGATION['User-Agent']} {SECRET}"
        browser.land(f"/convert/{SECRET}/", utm_source=SECRET, gclid=SECRET)
        browser.get("/login/jane/")
    Conversion.objects.all().delete()
    identity = Identity.objects.get(linked_user=jane)
    voucher = Voucher.objects.create(code=f"{SECRET}-voucher")
    for value, currency in (("10.50", "EUR"), ("7", "JPY"), ("0.10", "EUR")):
        record_conversion(
            visitor_request(user=jane), "order", value=value, currency=currency, source_object=voucher,
            custom_data={"e-mail": f"{SECRET}@example.org"}, idempotency_key=f"{SECRET}-{value}",
        )  # fmt: skip
    return identity


@pytest.fixture
def stranger() -> Identity:
    """Somebody else, whose rows are none of the person's."""
    identity = Identity.objects.create(first_visit_user_agent="other")
    Touchpoint.objects.create(identity=identity, utm_source="other")
    Conversion.objects.create(
        identity=identity,
        event="order",
        value=Decimal(5),
        currency="EUR",
        custom_data={"a": 1},
        idempotency_key="other",
    )
    return identity


def rows_of(identity: Identity) -> list[Any]:
    return [
        list(Identity.objects.filter(pk=identity.pk).values()),
        list(Touchpoint.objects.filter(identity=identity).values()),
        list(Conversion.objects.filter(identity=identity).values()),
    ]


def totals() -> Any:
    report = Conversion.objects.attribution_report(["last_touch"], ["source"])
    return [(total.currency, total.conversions, total.value) for total in report.totals]


def landed() -> Browser:
    """Return a visitor of whom one touch is held."""
    browser = Browser()
    browser.land(utm_source=SECRET)
    return browser


class TestErasing:
    def test_nothing_of_the_person_is_left_in_any_table(self, person: Identity) -> None:
        assert len(found_in_tables(SECRET)) > 6
        assert erase(person) == Erased(identities=2, touchpoints=2, conversions=3)
        assert found_in_tables(SECRET) == []
        assert not Identity.objects.exists()
        assert not Touchpoint.objects.exists()

    def test_totals_by_currency_are_what_they_were(self, person: Identity, stranger: Identity) -> None:
        before = totals()
        assert [currency for currency, *_ in before] == ["EUR", "JPY"]
        erase(person)
        assert totals() == before

    def test_a_conversion_keeps_what_is_not_personal_and_nothing_else(self, person: Identity) -> None:
        personal = {*privacy.ANONYMOUS, "identity_id", "source_content_type_id", "updated_at"}
        before = list(Conversion.objects.order_by("pk").values())
        erase(person)
        for old, new in zip(before, Conversion.objects.order_by("pk").values(), strict=True):
            assert {**old, **{name: new[name] for name in personal & new.keys()}} == new
            assert new["updated_at"] > old["updated_at"]  # so that what follows changes hears of it
            assert (new["identity_id"], new["source_content_type_id"], new["source_object_id"]) == (None, None, None)
            assert (new["custom_data"], new["idempotency_key"], new["fingerprint"]) == ({}, None, "")

    def test_nobody_else_is_touched(self, person: Identity, stranger: Identity) -> None:
        before = rows_of(stranger)
        erase(person)
        assert rows_of(stranger) == before

    def test_any_identity_of_the_person_will_do(self, person: Identity) -> None:
        merged = Identity.objects.get(merged_into=person)
        assert erase(merged) == Erased(2, 2, 3)
        assert found_in_tables(SECRET) == []

    def test_a_visitor_without_a_user_can_be_erased(self, stranger: Identity) -> None:
        assert erase(stranger) == Erased(1, 1, 1)
        assert found_in_tables("other") == []

    def test_erasing_again_finds_nothing(self, person: Identity, jane: User) -> None:
        erase(person)
        after = list(Conversion.objects.values())
        assert erase(person) == erase_user(jane) == Erased()
        assert list(Conversion.objects.values()) == after

    def test_a_row_that_came_to_have_the_same_primary_key_is_not_taken_for_it(self, stranger: Identity) -> None:
        assert erase(Identity(pk=stranger.pk)) == Erased()
        assert rows_of(stranger)[0]

    def test_a_dry_run_counts_and_changes_nothing(self, person: Identity) -> None:
        before = [list(model.objects.values()) for model in (Identity, Touchpoint, Conversion)]
        assert erase(person, dry_run=True) == Erased(2, 2, 3)
        assert [list(model.objects.values()) for model in (Identity, Touchpoint, Conversion)] == before

    def test_the_user_stays_and_begins_anew(self, person: Identity, jane: User) -> None:
        erase_user(jane)
        browser = Browser()
        browser.get("/login/jane/")
        browser.land(utm_source="after")
        assert [touch.source for touch in Identity.objects.get(linked_user=jane).touchpoints.all()] == ["after"]

    def test_a_browser_that_still_carries_the_cookie_is_a_stranger(self, jane: User) -> None:
        browser = Browser()
        browser.land()
        erase(Identity.objects.get())
        assert browser.whoami() is None
        browser.land("/convert/", utm_source="after")
        assert Identity.objects.get().touchpoints.get().source == "after"

    def test_a_pending_conversion_can_still_be_confirmed_by_its_token(self, stranger: Identity) -> None:
        conversion = Conversion.objects.create(
            identity=stranger, event="order", value=1, currency="EUR", is_confirmed=False
        )
        token = conversion.confirmation_token()
        erase(stranger)
        assert confirm_by_token(token).status == Conversion.Status.CONFIRMED


class TestBesideOthers:
    @pytest.mark.parametrize("statement", ["BEGIN", 'UPDATE "attribution_identity"', 'DELETE FROM "attribution_touch'])
    def test_a_visit_at_the_same_moment_is_erased_or_begins_anew(self, statement: str) -> None:
        browser = Browser()
        browser.land(utm_source=SECRET)
        identity = Identity.objects.get()
        if (connection.vendor == "sqlite") != (statement == "BEGIN"):
            pytest.skip("SQLite takes its one lock where the transaction begins, PostgreSQL a row's")

        def visit() -> None:
            browser.land("/convert/", utm_source="after")

        with ThreadPoolExecutor(1) as thread:
            if statement.startswith("DELETE"):  # the visit waits for the row that is held, so it is not waited for
                meanwhile: Any = partial(thread.submit, at_once, [visit])
            else:
                meanwhile = partial(at_once, [visit])
            with held_before(re.compile(statement), meanwhile):
                erase(identity)
        assert found_in_tables(SECRET) == []
        assert not Identity.objects.filter(uuid=identity.uuid).exists()
        conversion = Conversion.objects.get()
        left = [touch.identity for touch in Touchpoint.objects.all()]
        assert left in ([], [conversion.identity])

    def test_who_logs_in_as_the_owned_row_goes_keeps_the_history_of_the_browser(self, jane: User) -> None:
        owned = Identity.objects.create(linked_user=jane, claimed_at=timezone.now())
        browser = Browser()
        browser.land(utm_source="new")
        with held_before(
            re.compile('BEGIN|SAVEPOINT|UPDATE "attribution_identity"'), lambda: at_once([lambda: erase(owned)])
        ):
            visitor = Identity.objects.get(linked_user=None)
            claimed = Identity.objects.claim(visitor, user=jane, owned=owned)
        assert claimed == visitor
        assert Identity.objects.get(linked_user=jane).touchpoints.get().source == "new"

    def test_a_merge_into_a_row_that_is_gone_moves_nothing(self, jane: User, stranger: Identity) -> None:
        owned = Identity.objects.create(linked_user=jane, claimed_at=timezone.now())
        before = rows_of(stranger)
        erase(owned)
        with pytest.raises(Identity.DoesNotExist):
            Identity.objects.merge(stranger, into=owned)
        assert rows_of(stranger) == before

    def test_two_at_once_erase_once(self, person: Identity) -> None:
        merged = Identity.objects.get(merged_into=person)
        results = at_once([lambda: erase(person), lambda: erase(merged), lambda: erase(person)])
        assert sum(results, Erased()) == Erased(2, 2, 3)


class TestTheButton:
    @pytest.mark.parametrize("consent", [None, "tests.shop.consent.by_cookie"])
    def test_it_erases_the_visitor_and_takes_the_cookie(self, settings: Any, consent: Any) -> None:
        browser = Browser()
        browser.land(utm_source=SECRET)
        settings.DJANGO_ATTRIBUTION = {"CONSENT": consent}  # with the banner it is unknown: they may not be tracked
        response = browser.get("/erase-me/")
        assert response.json() == {"identities": 1, "touchpoints": 1, "conversions": 0}
        assert response.cookies[COOKIE].value == ""
        assert not Identity.objects.exists()

    def test_a_user_and_the_browser_are_both_erased_and_neither_claimed(self, person: Identity, jane: User) -> None:
        browser = Browser()
        browser.land(utm_source=SECRET)
        browser.force_login(jane)  # nobody heard of it yet: no page was asked for since
        assert browser.get("/erase-me/").json() == {"identities": 3, "touchpoints": 3, "conversions": 3}
        assert found_in_tables(SECRET) == []

    def test_a_landing_that_erases_leaves_nothing(self) -> None:
        response = Browser().land("/erase-me/")
        assert COOKIE not in response.cookies
        assert not Identity.objects.exists()

    def test_a_planted_cookie_erases_nobody_else(self, person: Identity) -> None:
        thief, owner = Browser(), Browser()
        owner.get("/login/jane/")
        owner.land()
        thief.carry(owner.carried)
        assert thief.get("/erase-me/").json() == {"identities": 0, "touchpoints": 0, "conversions": 0}
        assert Identity.objects.filter(pk=person.pk).exists()

    def test_where_the_database_refuses_the_visitor_keeps_the_cookie_and_can_ask_again(self) -> None:
        browser = landed()
        carried = browser.carried
        with refusing('DELETE FROM "attribution_touchpoint"'):
            assert browser.get("/erase-me/").status_code == 500
        assert (browser.carried, Touchpoint.objects.count()) == (carried, 1)
        assert browser.get("/erase-me/").json()["touchpoints"] == 1
        assert browser.carried is None

    def test_so_does_one_whose_page_says_sorry(self, settings: Any) -> None:
        def sorry(request: HttpRequest) -> HttpResponse:
            with suppress(OperationalError):
                erase_visitor(request)
            return HttpResponse("Please try again.")

        settings.ROOT_URLCONF = (path("page/", views.page), path("sorry/", sorry))
        browser = landed()
        carried = browser.carried
        with refusing('DELETE FROM "attribution_touchpoint"'):
            assert browser.get("/sorry/").status_code == 200
        assert (browser.carried, Touchpoint.objects.count()) == (carried, 1)

    def test_where_the_page_breaks_and_takes_the_erasure_back_the_cookie_stays(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def erase_and_break(request: HttpRequest) -> HttpResponse:
            erase_visitor(request)
            raise RuntimeError("the host's own error")

        settings.ROOT_URLCONF = (path("page/", views.page), path("erase/", erase_and_break))
        browser = landed()
        carried = browser.carried
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
        assert browser.get("/erase/").status_code == 500
        assert (browser.carried, Touchpoint.objects.count()) == (carried, 1)

    def test_one_that_was_undone_because_of_others_is_done_again(self) -> None:
        browser = Browser()
        browser.land(utm_source=SECRET)
        error = OperationalError("undone")
        error.__cause__ = psycopg.errors.SerializationFailure()
        errors = [error]

        def undo() -> None:
            if errors:
                raise errors.pop()

        with held_before(re.compile('DELETE FROM "attribution_touchpoint"'), undo):
            assert browser.get("/erase-me/").json() == {"identities": 1, "touchpoints": 1, "conversions": 0}
        assert errors == []
        assert not Identity.objects.exists()

    def test_an_async_view_can_do_it(self) -> None:
        browser, known = AsyncBrowser(), Browser()
        known.land()
        browser.cookies = known.cookies
        assert async_to_sync(browser.get)("/async/erase-me/").json()["identities"] == 1
        assert not Identity.objects.exists()


class TestTheCommand:
    @pytest.mark.parametrize("named", ["username", "pk"])
    def test_a_user_is_erased_by_name_or_primary_key(self, person: Identity, jane: User, named: str) -> None:
        said = run(user=str(getattr(jane, named)), interactive=False)
        assert said == "2 identities and 2 touchpoints deleted, 3 conversions made anonymous.\n"
        assert found_in_tables(SECRET) == []
        assert run(user="jane", interactive=False) == "Nothing is held.\n"

    def test_an_identity_is_erased_by_its_uuid(self, person: Identity) -> None:
        assert "2 identities" in run(identity=person.uuid, interactive=False)
        assert run(identity=person.uuid) == "Nothing is held.\n"

    def test_it_asks_first(self, person: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
        for answer in ("", "no", "y"):
            monkeypatch.setattr("builtins.input", lambda prompt, answer=answer: answer)
            with pytest.raises(CommandError, match=r"Nothing was erased\."):
                run(user="jane")
        assert Identity.objects.count() == 2
        monkeypatch.setattr("builtins.input", lambda prompt: " Yes\n")
        assert "will be deleted" in run(user="jane")
        assert not Identity.objects.exists()

    def test_where_nobody_can_be_asked_nothing_is_erased(
        self, person: Identity, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin", StringIO())
        with pytest.raises(CommandError, match="Nothing was erased"):
            run(user="jane")
        assert Identity.objects.exists()

    def test_a_dry_run_says_what_would_go(self, person: Identity) -> None:
        assert "2 identities and 2 touchpoints would be deleted, 3 conversions would be made" in run(
            user="jane", dry_run=True
        )
        assert Identity.objects.count() == 2

    def test_a_name_that_is_anothers_primary_key_is_refused(self, person: Identity, jane: User) -> None:
        User.objects.create_user(str(jane.pk))
        with pytest.raises(CommandError, match="the name of one user and the primary key of another"):
            run(user=str(jane.pk), interactive=False)
        assert Identity.objects.count() == 2

    @pytest.mark.parametrize("named", ["nobody", "0", "99999999999999999999999", "-1", ""])
    def test_who_does_not_exist_is_an_error(self, named: str) -> None:
        with pytest.raises(CommandError, match="There is no user"):
            run(user=named, interactive=False)

    @pytest.mark.parametrize(
        "arguments", [[], ["--user=a", f"--identity={uuid4()}"], ["--identity=1"], ["--identity", "x" * 99]]
    )
    def test_it_wants_one_person(self, arguments: list[str]) -> None:
        with pytest.raises(CommandError):
            call_command("attribution_erase", *arguments)


def run(**options: Any) -> str:
    output = StringIO()
    call_command("attribution_erase", stdout=output, **options)
    return output.getvalue()


class TestAdmin:
    """Deleting a visitor there erases the person, and says before what that takes."""

    CONFIRMED = {"post": "yes"}

    @pytest.fixture
    def admin(self) -> Client:
        client = Client()
        client.force_login(User.objects.create_superuser("root"))
        return client

    def test_the_page_says_what_goes(self, admin: Client, person: Identity) -> None:
        page = admin.get(page_of(person)).content.decode()
        assert f"Everything held about {person}" in page
        for told in ("Identities: 2", "Touchpoints: 2", "Conversions made anonymous: 3"):
            assert told in page
        assert Identity.objects.filter(pk=person.pk).exists()

    @pytest.mark.parametrize("which", ["the user's", "one that was merged"])
    def test_nothing_is_left_of_the_person(
        self, admin: Client, person: Identity, stranger: Identity, which: str
    ) -> None:
        row = person if which == "the user's" else person.merged_identities.get()
        before = totals()
        assert admin.post(page_of(row), self.CONFIRMED).status_code == 302
        assert found_in_tables(SECRET) == []
        assert totals() == before
        assert Identity.objects.get() == stranger

    def test_the_action_erases_everybody_chosen_once(self, admin: Client, person: Identity, stranger: Identity) -> None:
        rows = Identity.objects.all()
        chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in rows]}
        page = admin.post(reverse("admin:django_attribution_identity_changelist"), chosen).content.decode()
        assert "Identities: 3" in page  # of two people, one of whom was chosen twice
        admin.post(reverse("admin:django_attribution_identity_changelist"), {**chosen, **self.CONFIRMED})
        assert not Identity.objects.exists()
        assert found_in_tables(SECRET) == []

    def test_who_may_delete_no_touches_erases_nobody(self, person: Identity) -> None:
        clerk = User.objects.create_user("clerk", is_staff=True)
        clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_identity", "delete_identity"]))
        client = Client()
        client.force_login(clerk)
        assert "permission to delete" in client.get(page_of(person)).content.decode()
        assert client.post(page_of(person), self.CONFIRMED).status_code == 403
        assert Identity.objects.filter(pk=person.pk).exists()


def page_of(identity: Identity) -> str:
    return reverse("admin:django_attribution_identity_delete", args=[identity.pk])
