"""Whose history is whose: one test for each rule, over HTTP, with browsers that log in and out."""

from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import user_logged_in, user_logged_out
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory, override_settings
from django.utils import timezone

from django_attribution import failures
from django_attribution.breaker import FAILURES
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.signals import conversion_recorded, identity_claimed
from tests.browsers import COOKIE, AsyncBrowser, Browser, queries_of_tracking
from tests.shop.views import visitor_came_by


@pytest.fixture(
    autouse=True,
    params=[
        pytest.param("in_a_test_case", marks=pytest.mark.django_db),
        pytest.param("autocommit", marks=pytest.mark.django_db(transaction=True)),
        pytest.param("atomic_requests", marks=pytest.mark.django_db(transaction=True)),
    ],
)
def transactions(request: pytest.FixtureRequest, db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run each test as a user's own TestCase would, as production does, and under ATOMIC_REQUESTS."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", request.param == "atomic_requests")
    return str(request.param)


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def alice(transactions: str) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def bob(transactions: str) -> User:
    return User.objects.create_user("bob")


def sources(user: User) -> list[str]:
    """Return the touches in the history of a user's one identity, in order."""
    identity = Identity.objects.live().get(linked_user=user)
    return [touch.source for touch in identity.touchpoints.all()]


class TestLogin:
    def test_a_first_login_claims_the_history_of_the_browser(self, browser: Browser, alice: User) -> None:
        browser.land(utm_source="ads")
        before = timezone.now()
        browser.get("/login/alice/")
        identity = Identity.objects.get()
        assert identity.linked_user == alice
        assert identity.claimed_at is not None
        assert before <= identity.claimed_at <= timezone.now()
        assert browser.whoami() == identity.uuid
        assert sources(alice) == ["ads"]

    def test_a_login_without_a_history_makes_no_identity(self, browser: Browser, alice: User) -> None:
        response = browser.get("/login/alice/")
        assert COOKIE not in response.cookies
        assert not Identity.objects.exists()

    def test_a_landing_that_logs_in_belongs_to_the_user(self, browser: Browser, alice: User) -> None:
        browser.land("/login/alice/", utm_source="newsletter")
        assert sources(alice) == ["newsletter"]
        assert browser.whoami() == Identity.objects.get().uuid

    def test_a_login_on_a_second_browser_merges_its_history(self, alice: User) -> None:
        phone, laptop = Browser(), Browser()
        phone.land(utm_source="phone")
        phone.get("/login/alice/")
        own = phone.whoami()
        laptop.land(utm_source="laptop")
        laptop.get("/convert/")
        response = laptop.get("/login/alice/")
        assert response.cookies[COOKIE].value
        assert laptop.whoami() == phone.whoami() == own
        assert sources(alice) == ["phone", "laptop"]
        assert Conversion.objects.get().identity == Identity.objects.live().get()
        laptop.land(utm_source="laptop again")
        assert sources(alice) == ["phone", "laptop", "laptop again"]

    def test_a_merged_identity_points_to_the_users_and_keeps_nothing(self, alice: User) -> None:
        phone, laptop = Browser(), Browser()
        phone.land()
        phone.get("/login/alice/")
        laptop.land()
        visitor = laptop.whoami()
        laptop.get("/login/alice/")
        merged = Identity.objects.get(uuid=visitor)
        assert merged.merged_into == Identity.objects.live().get()
        assert merged.claimed_at is not None
        assert merged.linked_user is None
        assert not merged.touchpoints.exists()

    def test_a_merge_keeps_the_earlier_first_visit(self, alice: User) -> None:
        laptop, phone = Browser(), Browser()
        laptop.get("/page/?utm_source=a", headers={"User-Agent": "Mozilla/5.0 (X11; Laptop) Firefox/140.0"})
        phone.land(utm_source="b")
        phone.get("/login/alice/")
        first_visit = Touchpoint.objects.earliest("created_at").created_at
        laptop.get("/login/alice/")
        identity = Identity.objects.live().get()
        assert identity.created_at == first_visit
        assert "Laptop" in identity.first_visit_user_agent

    def test_a_second_browser_without_a_history_is_the_users_at_once(self, alice: User) -> None:
        phone, laptop = Browser(), Browser()
        phone.land(utm_source="phone")
        phone.get("/login/alice/")
        laptop.get("/login/alice/")
        assert laptop.whoami() == phone.whoami()
        laptop.land(utm_source="laptop")
        assert sources(alice) == ["phone", "laptop"]

    def test_a_session_that_was_there_before_us_claims_when_it_is_needed(self, browser: Browser, alice: User) -> None:
        browser.land(utm_source="ads")
        browser.force_login(alice)  # without a request, as a session from before the middlewares
        browser.land(utm_source="mail")
        assert sources(alice) == ["ads", "mail"]

    def test_logging_in_again_changes_nothing(self, browser: Browser, alice: User) -> None:
        browser.land()
        browser.get("/login/alice/")
        identity = Identity.objects.get()
        browser.get("/login/alice/")
        again = Identity.objects.get()
        assert (again.uuid, again.claimed_at) == (identity.uuid, identity.claimed_at)

    @override_settings(DJANGO_ATTRIBUTION={"CONSENT": "tests.shop.consent.by_cookie"})
    def test_without_consent_it_asks_the_database_nothing_and_says_nothing_of_it(
        self, browser: Browser, alice: User
    ) -> None:
        with override_settings(DJANGO_ATTRIBUTION={}):
            browser.land()
        for _ in range(FAILURES - 1):
            failures.breaker.failed()
        with queries_of_tracking() as statements:
            browser.get("/login/alice/")
        assert statements == []
        assert failures.breaker.failed()  # the last one of a row that the login did not end

    def test_each_claim_is_signalled_once(self, alice: User) -> None:
        claims: list[tuple[UUID, UUID]] = []

        def listen(identity: Identity, visitor: Identity, **_: Any) -> None:
            claims.append((identity.uuid, visitor.uuid))

        identity_claimed.connect(listen)
        try:
            phone, laptop = Browser(), Browser()
            phone.land()
            phone.get("/login/alice/")
            laptop.land()
            visitor = laptop.whoami()
            laptop.get("/login/alice/")
            laptop.land()
        finally:
            identity_claimed.disconnect(listen)
        own = phone.whoami()
        assert claims == [(own, own), (own, visitor)]

    def test_a_sign_up_that_records_before_it_logs_in_is_the_new_users(self, browser: Browser) -> None:
        browser.land("/sign-up/carol/", utm_source="ads")
        identity = Identity.objects.get()
        assert identity.linked_user == User.objects.get(username="carol")
        assert Conversion.objects.get().identity == identity
        assert Touchpoint.objects.get().identity == identity
        assert browser.whoami() == identity.uuid

    def test_a_sign_up_without_any_history_is_the_new_users_too(self, browser: Browser) -> None:
        browser.get("/sign-up/carol/")
        assert Conversion.objects.get().identity == Identity.objects.get(linked_user__username="carol")
        assert browser.whoami() == Identity.objects.get().uuid


class TestAnotherPersonsCookie:
    def test_a_planted_cookie_of_a_claimed_identity_leads_nowhere(self, browser: Browser, alice: User) -> None:
        browser.land(utm_source="alice's")
        browser.get("/login/alice/")
        thief = Browser()
        thief.carry(browser.carried)
        assert thief.whoami() is None
        thief.land(utm_source="thief's")
        thief.get("/convert/")
        assert thief.whoami() not in (None, browser.whoami())
        assert sources(alice) == ["alice's"]
        assert not Conversion.objects.filter(identity__linked_user=alice).exists()

    def test_nor_for_another_user(self, browser: Browser, alice: User, bob: User) -> None:
        browser.land(utm_source="alice's")
        browser.get("/login/alice/")
        thief = Browser()
        thief.carry(browser.carried)
        thief.get("/login/bob/")
        thief.land(utm_source="bob's")
        assert (sources(alice), sources(bob)) == (["alice's"], ["bob's"])
        assert Identity.objects.count() == 2

    def test_a_copy_made_before_a_login_elsewhere_goes_stale(self, browser: Browser, alice: User) -> None:
        browser.land(utm_source="before")
        copy = browser.carried
        browser.get("/login/alice/")
        other = Browser()
        other.carry(copy)
        assert other.whoami() is None
        other.land(utm_source="after")
        assert sources(alice) == ["before"]

    def test_a_copy_of_a_merged_visitor_goes_stale(self, alice: User) -> None:
        phone, laptop = Browser(), Browser()
        phone.land(utm_source="phone")
        phone.get("/login/alice/")
        laptop.land(utm_source="laptop")
        copy = laptop.carried
        laptop.get("/login/alice/")
        other = Browser()
        other.carry(copy)
        assert other.whoami() is None
        other.land(utm_source="other")
        assert sources(alice) == ["phone", "laptop"]

    def test_a_stale_copy_in_the_users_own_hands_leads_to_the_users_identity(self, alice: User) -> None:
        phone, laptop = Browser(), Browser()
        phone.land(utm_source="phone")
        phone.get("/login/alice/")
        laptop.land(utm_source="laptop")
        copy = laptop.carried
        laptop.get("/login/alice/")
        laptop.carry(copy)
        assert laptop.whoami() == phone.whoami()

    def test_an_account_switch_without_a_logout_keeps_the_two_apart(
        self, browser: Browser, alice: User, bob: User
    ) -> None:
        browser.land(utm_source="alice's")
        browser.get("/login/alice/")
        browser.get("/login/bob/")
        browser.land(utm_source="bob's")
        assert (sources(alice), sources(bob)) == (["alice's"], ["bob's"])
        browser.get("/login/alice/")
        browser.land(utm_source="alice's again")
        assert (sources(alice), sources(bob)) == (["alice's", "alice's again"], ["bob's"])

    def test_users_are_never_merged(self, alice: User, bob: User) -> None:
        first, second = Browser(), Browser()
        first.land()
        first.get("/login/alice/")
        second.land()
        second.get("/login/bob/")
        first.get("/login/bob/")
        first.get("/convert/")
        second.get("/login/alice/")
        second.get("/convert/")
        assert Identity.objects.live().count() == 2
        assert not Identity.objects.exclude(merged_into=None).exists()

    def test_an_identity_whose_user_was_deleted_is_nobodys(self, browser: Browser, alice: User, bob: User) -> None:
        browser.land(utm_source="alice's")
        browser.get("/login/alice/")
        old = browser.whoami()
        alice.delete()
        assert browser.whoami() is None
        browser.land(utm_source="stranger's")
        assert browser.whoami() not in (None, old)
        browser.get("/login/bob/")
        assert sources(bob) == ["stranger's"]
        gone = Identity.objects.get(uuid=old)
        assert (gone.linked_user, gone.touchpoints.get().source) == (None, "alice's")


class TestLogout:
    def test_logout_drops_the_cookie(self, browser: Browser, alice: User) -> None:
        browser.land()
        browser.get("/login/alice/")
        response = browser.get("/logout/")
        assert response.cookies[COOKIE]["max-age"] == 0
        assert response.headers["Cache-Control"].find("private") >= 0
        assert "Cookie" in response.headers["Vary"]

    def test_who_comes_after_a_logout_is_somebody_else(self, browser: Browser, alice: User, bob: User) -> None:
        browser.land(utm_source="alice's")
        browser.get("/login/alice/")
        browser.get("/logout/")
        assert browser.whoami() is None
        browser.land(utm_source="next")
        browser.get("/login/bob/")
        assert (sources(alice), sources(bob)) == (["alice's"], ["next"])

    def test_a_logout_of_nobody_keeps_the_visitor(self, browser: Browser) -> None:
        browser.land()
        response = browser.get("/logout/")
        assert COOKIE not in response.cookies
        assert browser.whoami() == Identity.objects.get().uuid

    def test_a_logout_without_the_cookie_sets_none(self, browser: Browser, alice: User) -> None:
        browser.get("/login/alice/")
        assert COOKIE not in browser.get("/logout/").cookies

    def test_a_landing_that_logs_out_is_the_next_persons(self, browser: Browser, alice: User) -> None:
        browser.land(utm_source="alice's")
        browser.get("/login/alice/")
        browser.land("/logout/", utm_source="next")
        assert sources(alice) == ["alice's"]
        assert browser.whoami() == Touchpoint.objects.get(source="next").identity.uuid

    def test_a_conversion_before_a_logout_is_the_users(self, browser: Browser, alice: User) -> None:
        browser.land()
        browser.get("/login/alice/")
        response = browser.get("/convert-then-log-out/")
        assert Conversion.objects.get().identity.linked_user == alice
        assert response.cookies[COOKIE]["max-age"] == 0

    def test_a_conversion_after_a_logout_is_not(self, browser: Browser, alice: User) -> None:
        browser.land()
        browser.get("/login/alice/")
        browser.get("/log-out-then-convert/")
        conversion = Conversion.objects.get()
        assert conversion.identity.linked_user is None
        assert browser.whoami() == conversion.identity.uuid


class TestSignalsFromElsewhere:
    def test_a_login_with_a_request_that_never_met_us(self, alice: User) -> None:
        request = RequestFactory().get("/")
        user_logged_in.send(sender=User, request=request, user=alice)
        user_logged_out.send(sender=User, request=request, user=alice)

    def test_a_login_without_a_request(self, alice: User) -> None:
        user_logged_in.send(sender=User, request=None, user=alice)
        user_logged_out.send(sender=User, request=None, user=alice)

    def test_a_logout_without_a_user(self, browser: Browser) -> None:
        user_logged_out.send(sender=User, request=RequestFactory().get("/"), user=None)

    def test_force_login_of_a_test_client(self, browser: Browser, alice: User) -> None:
        browser.land()
        browser.force_login(alice)
        browser.logout()
        assert browser.whoami() is None  # Client.logout() empties the cookie jar


class TestAsyncLogin:
    @pytest.fixture(autouse=True)
    def _outside_of_atomic_requests(self, transactions: str, monkeypatch: pytest.MonkeyPatch) -> None:
        # Django serves no async view under ATOMIC_REQUESTS.
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", False)

    def test_alogin_claims_and_alogout_drops(self, alice: User) -> None:
        browser = AsyncBrowser()
        async_to_sync(browser.land)(utm_source="ads")
        async_to_sync(browser.get)("/async/login/alice/")
        assert sources(alice) == ["ads"]
        assert async_to_sync(browser.get)("/async/whoami/").json() == {"identity": str(Identity.objects.get().uuid)}
        response = async_to_sync(browser.get)("/async/log-out/")
        assert response.cookies[COOKIE]["max-age"] == 0
        assert async_to_sync(browser.get)("/async/whoami/").json() == {"identity": None}

    def test_alogin_merges(self, alice: User) -> None:
        phone, laptop = AsyncBrowser(), AsyncBrowser()
        async_to_sync(phone.land)(utm_source="phone")
        async_to_sync(phone.get)("/async/login/alice/")
        async_to_sync(laptop.land)(utm_source="laptop")
        async_to_sync(laptop.get)("/async/login/alice/")
        assert sources(alice) == ["phone", "laptop"]


class TestRolledBack:
    def test_a_conversion_that_was_taken_back_leaves_no_cookie(self, browser: Browser) -> None:
        response = browser.get("/convert-and-fail/")
        assert response.status_code == 500
        assert not response.cookies
        assert not Identity.objects.exists()
        assert not Conversion.objects.exists()

    def test_a_landing_whose_page_took_it_back_is_written_again_as_it_was(self, browser: Browser) -> None:
        seen: list[tuple[UUID, Any]] = []

        def listen(conversion: Conversion, **_: Any) -> None:
            assert conversion.identity is not None
            seen.append((conversion.identity.uuid, conversion.identity.touchpoints.get().created_at))

        conversion_recorded.connect(listen)
        try:
            response = browser.land("/convert-and-fail/", utm_source="ads")
        finally:
            conversion_recorded.disconnect(listen)
        assert response.status_code == 500
        touch = Touchpoint.objects.get()
        assert seen == [(touch.identity.uuid, touch.created_at)]
        assert touch.source == "ads"
        assert browser.whoami() == touch.identity.uuid
        assert not Conversion.objects.exists()

    def test_a_returning_visitors_landing_is_written_again_too(self, browser: Browser) -> None:
        browser.land(utm_source="first")
        identity = browser.whoami()
        browser.land("/convert-and-fail/", utm_source="second")
        assert browser.whoami() == identity
        assert [touch.source for touch in Identity.objects.get().touchpoints.all()] == ["first", "second"]

    def test_a_savepoint_that_was_taken_back_inside_a_page_that_works(self, browser: Browser) -> None:
        response = browser.land("/nested/", utm_source="ads")
        assert response.content == b"page"
        assert Touchpoint.objects.get().identity.uuid == browser.whoami()
        assert not Conversion.objects.exists()

    def test_a_row_that_was_taken_back_is_not_mistaken_for_the_next_one(
        self, browser: Browser, transactions: str
    ) -> None:
        # SQLite gives the primary key of a row that was taken back to the next one.
        other = Browser()

        def land(**_: Any) -> None:
            other.land()

        visitor_came_by.connect(land)
        try:
            assert browser.get("/interrupted/").status_code == 200
        finally:
            visitor_came_by.disconnect(land)
        conversion = Conversion.objects.get()
        assert conversion.identity is not None
        assert browser.whoami() == conversion.identity.uuid != other.whoami()

    def test_a_savepoint_that_was_taken_back_without_a_landing_leaves_no_cookie(self, browser: Browser) -> None:
        response = browser.get("/nested/")
        assert response.content == b"page"
        assert not response.cookies
        assert not Identity.objects.exists()

    def test_a_conversion_beside_a_page_that_breaks_stays_where_it_was_committed(
        self, browser: Browser, transactions: str
    ) -> None:
        response = browser.get("/convert-and-break/")
        assert response.status_code == 500
        kept = Conversion.objects.count()
        assert kept == (0 if transactions == "atomic_requests" else 1)
        assert (COOKIE in response.cookies) is bool(kept)
        assert browser.whoami() == (Identity.objects.get().uuid if kept else None)

    def test_a_login_that_was_taken_back_strands_no_history(self, browser: Browser, alice: User) -> None:
        browser.land(utm_source="ads")
        visitor = browser.whoami()
        browser.get("/login-and-fail/alice/")
        assert browser.whoami() == visitor
        browser.land(utm_source="mail")
        browser.get("/login/alice/")
        assert sources(alice) == ["ads", "mail"]

    def test_a_login_that_was_taken_back_at_a_landing_strands_no_history(self, browser: Browser, alice: User) -> None:
        browser.land(utm_source="ads")
        visitor = browser.whoami()
        browser.land("/login-and-fail/alice/", utm_source="mail")
        assert browser.whoami() == visitor
        identity = Identity.objects.get()
        assert (identity.linked_user, identity.touchpoints.count()) == (None, 2)

    def test_a_login_that_was_taken_back_at_a_first_landing_leaves_a_stranger(
        self, browser: Browser, alice: User
    ) -> None:
        browser.land("/login-and-fail/alice/", utm_source="mail")
        identity = Identity.objects.get()
        assert (identity.linked_user, identity.touchpoints.count()) == (None, 1)
        assert browser.whoami() == identity.uuid

    def test_a_sign_up_that_was_taken_back_keeps_the_landing(self, browser: Browser) -> None:
        browser.land("/sign-up-and-fail/carol/", utm_source="ads")
        identity = Identity.objects.get()
        assert (identity.linked_user, identity.touchpoints.count()) == (None, 1)
        assert browser.whoami() == identity.uuid
        assert not Conversion.objects.exists()

    def test_a_sign_up_that_was_taken_back_strands_no_history(self, browser: Browser) -> None:
        browser.land(utm_source="ads")
        visitor = browser.whoami()
        browser.land("/sign-up-and-fail/carol/", utm_source="mail")
        assert browser.whoami() == visitor
        assert Touchpoint.objects.count() == 2

    def test_a_merge_that_was_taken_back_strands_no_history(self, alice: User) -> None:
        phone, laptop = Browser(), Browser()
        phone.land(utm_source="phone")
        phone.get("/login/alice/")
        laptop.land(utm_source="laptop")
        visitor = laptop.whoami()
        laptop.get("/login-and-fail/alice/")
        assert laptop.whoami() == visitor
        assert sources(alice) == ["phone"]
        laptop.get("/login/alice/")
        assert sources(alice) == ["phone", "laptop"]


class TestConstraints:
    def test_a_user_has_one_identity(self, alice: User) -> None:
        Identity.objects.create(linked_user=alice, claimed_at=timezone.now())
        with pytest.raises(IntegrityError), transaction.atomic():
            Identity.objects.create(linked_user=alice, claimed_at=timezone.now())

    def test_a_users_identity_was_claimed(self, alice: User) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Identity.objects.create(linked_user=alice)

    def test_an_identity_is_not_merged_into_itself(self) -> None:
        identity = Identity.objects.create()
        with pytest.raises(IntegrityError), transaction.atomic():
            Identity.objects.filter(pk=identity.pk).update(merged_into=identity, claimed_at=timezone.now())

    def test_a_uuid_is_taken_once(self) -> None:
        identity = Identity.objects.create()
        with pytest.raises(IntegrityError), transaction.atomic():
            Identity.objects.create(uuid=identity.uuid)


@override_settings(DJANGO_ATTRIBUTION={"COOKIE_NAME": "visitor", "COOKIE_PATH": "/", "COOKIE_DOMAIN": "testserver"})
def test_logout_drops_the_cookie_as_it_was_set(browser: Browser, alice: User) -> None:
    browser.land()
    browser.get("/login/alice/")
    morsel = browser.get("/logout/").cookies["visitor"]
    assert (morsel["max-age"], morsel["path"], morsel["domain"]) == (0, "/", "testserver")
