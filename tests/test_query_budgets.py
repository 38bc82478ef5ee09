"""What each kind of request may cost, beside the host's own sessions, users, permissions and transactions."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User

from django_attribution.models import Touchpoint
from tests.browsers import AsyncBrowser, Browser, as_sent, queries_of_tracking, without_tracking

# Outside a transaction of the host, as in production: there the rows that were written need no second look.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def user() -> User:
    return User.objects.create_user("alice")


def unseen(path: str, **options: Any) -> tuple[Any, ...]:
    """Return what a new browser is sent by the site without us."""
    with without_tracking():
        return as_sent(Browser().get(path, **options))


@pytest.mark.parametrize("path", ["/page/", "/redirect/", "/nowhere/", "/public/", "/theme/", "/fail/"])
def test_a_stranger_without_tracking_data_costs_nothing_and_changes_nothing(
    browser: Browser, path: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        response = browser.get(path)
    assert as_sent(response) == unseen(path)


def test_a_query_string_without_tracking_parameters_costs_nothing(
    browser: Browser, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        response = browser.get("/page/?page=2&q=utm_source&flag")
    assert as_sent(response) == unseen("/page/?page=2&q=utm_source&flag")


def test_a_stranger_costs_an_async_site_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = async_to_sync(AsyncBrowser().get)("/async/page/")
    with without_tracking():
        assert as_sent(response) == as_sent(async_to_sync(AsyncBrowser().get)("/async/page/"))


def test_a_returning_visitor_without_tracking_data_costs_nothing_and_changes_nothing(
    browser: Browser, django_assert_num_queries: Any
) -> None:
    browser.land()
    with django_assert_num_queries(0):
        response = browser.get("/page/")
    assert as_sent(response) == unseen("/page/")


def test_a_logged_in_visitor_without_tracking_data_costs_nothing(browser: Browser, user: User) -> None:
    browser.force_login(user)
    browser.land()
    with queries_of_tracking() as statements:
        browser.get("/page/")
    assert statements == []


def test_the_session_is_not_looked_at(browser: Browser, user: User, django_assert_num_queries: Any) -> None:
    browser.force_login(user)
    with django_assert_num_queries(0):
        response = browser.get("/page/")
    assert "Vary" not in response.headers


def test_a_new_landing_costs_two_inserts(browser: Browser) -> None:
    with queries_of_tracking() as statements:
        browser.land()
    assert [statement.split()[0] for statement in statements] == ["INSERT", "INSERT"]


def test_a_returning_landing_costs_three_queries(browser: Browser) -> None:
    browser.land()
    with queries_of_tracking() as statements:
        browser.land()
    assert [statement.split()[0] for statement in statements] == ["SELECT", "UPDATE", "INSERT"]
    assert Touchpoint.objects.count() == 2


def test_a_landing_of_a_logged_in_user_costs_at_most_two_more(browser: Browser, user: User) -> None:
    browser.force_login(user)
    with queries_of_tracking() as first:
        browser.land()
    assert [statement.split()[0] for statement in first] == ["SELECT", "INSERT", "INSERT"]
    with queries_of_tracking() as second:
        browser.land()
    assert [statement.split()[0] for statement in second] == ["SELECT", "UPDATE", "INSERT"]


def test_a_page_that_breaks_costs_no_more(browser: Browser) -> None:
    with queries_of_tracking() as statements:
        browser.land("/fail/")
    assert len(statements) == 2


def test_a_conversion_of_a_visitor_with_an_identity_costs_three_queries(browser: Browser) -> None:
    browser.land()
    with queries_of_tracking() as statements:
        browser.get("/convert/")
    assert [statement.split()[0] for statement in statements] == ["SELECT", "UPDATE", "INSERT"]


def test_a_landing_that_converts_at_once_pays_for_its_visitor_once(browser: Browser) -> None:
    with queries_of_tracking() as statements:
        browser.land("/convert/")
    assert len(statements) == 3


def test_a_login_that_claims_costs_at_most_three_queries(browser: Browser, user: User) -> None:
    browser.land()
    with queries_of_tracking() as statements:
        browser.get("/login/alice/")
    assert len(statements) <= 3
