"""What each kind of request may cost, beside the host's own sessions, users, permissions and transactions."""

import re
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from django_attribution import arrivals
from django_attribution.landings import Landing
from django_attribution.models import Identity, Touchpoint
from tests.browsers import AsyncBrowser, Browser, as_sent, queries_of_tracking, without_tracking

# Outside a transaction of the host, as in production: there the rows that were written need no second look.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def user() -> User:
    return User.objects.create_user("alice")


def verbs(statements: list[str]) -> list[str]:
    """Return what each statement does."""
    return [statement.split()[0] for statement in statements]


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


def require_two_inserts(statements: list[str]) -> None:
    """Require that a visitor and a landing were stored and nothing else was asked: on PostgreSQL by one message."""
    assert verbs(statements) == (["SELECT"] if connection.vendor == "postgresql" else ["INSERT", "INSERT"])
    assert sum(statement.count("INSERT INTO") for statement in statements) == 2


def test_a_new_landing_costs_two_inserts(browser: Browser) -> None:
    with queries_of_tracking() as statements:
        browser.land()
    require_two_inserts(statements)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is no round trip away")
def test_a_new_landing_is_one_round_trip(browser: Browser) -> None:
    with CaptureQueriesContext(connection) as captured:
        browser.land()
    assert len(captured) == 1  # begins no transaction, and ends none


# Who has touches already is asked whether this one repeats them: one query, answered by the index of journeys.
FOUND_SEEN_COMPARED_STORED = ["SELECT", "UPDATE", "SELECT", "INSERT"]


def test_a_returning_landing_costs_four_queries(browser: Browser) -> None:
    browser.land()
    with queries_of_tracking() as statements:
        browser.land(utm_source="mail")
    assert verbs(statements) == FOUND_SEEN_COMPARED_STORED
    assert Touchpoint.objects.count() == 2


def test_a_repeat_costs_three_queries(browser: Browser) -> None:
    browser.land()
    with queries_of_tracking() as statements:
        browser.land()
    assert verbs(statements) == FOUND_SEEN_COMPARED_STORED[:3]
    assert Touchpoint.objects.count() == 1


@override_settings(DJANGO_ATTRIBUTION={"REPEAT_TOUCH_MINUTES": 0})
def test_nothing_is_compared_where_repeats_are_wanted(browser: Browser) -> None:
    browser.land()
    with queries_of_tracking() as statements:
        browser.land()
    assert verbs(statements) == ["SELECT", "UPDATE", "INSERT"]
    assert Touchpoint.objects.count() == 2


@pytest.mark.parametrize("is_tagged", [True, False])
@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plan asserted here is PostgreSQL's")
def test_a_repeat_is_looked_for_in_the_index_of_journeys(is_tagged: bool) -> None:
    identity = Identity.objects.create()
    now = timezone.now()
    Touchpoint.objects.bulk_create(
        Touchpoint(identity=identity, created_at=now - timedelta(hours=hour), utm_source="mail")
        for hour in range(5_000)
    )
    landing = Landing.at(
        "https://shop.test/?utm_source=mail" if is_tagged else "https://shop.test/",
        referrer="", own_host="", max_length=200, masked=(),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE attribution_touchpoint")
    with CaptureQueriesContext(connection) as captured:
        arrivals.store(landing, identity=identity, at=now, using="default", is_first=False)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {captured[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "attribution_touchpoint_journey" in plan
    assert re.search("Index Cond: .*identity_id = .*created_at >= .*created_at <= ", plan)


def test_a_user_and_their_browsers_visitor_are_found_in_indexes(browser: Browser, user: User) -> None:
    Identity.objects.bulk_create(Identity() for _ in range(5_000))
    browser.land()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE attribution_identity")
    with queries_of_tracking() as statements:
        browser.get("/login/alice/")
    [looked, *_] = statements
    assert {"linked_user_id", "uuid"} <= set(re.findall(r"\w+", looked.partition("WHERE")[2]))
    with connection.cursor() as cursor:
        cursor.execute(f"{'EXPLAIN' if connection.vendor == 'postgresql' else 'EXPLAIN QUERY PLAN'} {looked}")
        plan = str(cursor.fetchall())
    assert "Index" in plan or "INDEX" in plan
    assert not re.search("Seq Scan|SCAN attribution_identity", plan)


def test_a_landing_of_a_logged_in_user_costs_at_most_two_more(browser: Browser, user: User) -> None:
    browser.force_login(user)
    with queries_of_tracking() as first:
        browser.land()
    assert verbs(first) == ["SELECT", "INSERT", "INSERT"]
    with queries_of_tracking() as second:
        browser.land(utm_source="mail")
    assert verbs(second) == FOUND_SEEN_COMPARED_STORED


def test_a_repeat_that_converts_pays_for_its_visitor_once(browser: Browser) -> None:
    browser.land()
    with queries_of_tracking() as statements:
        browser.land("/convert/")
    assert verbs(statements) == FOUND_SEEN_COMPARED_STORED
    assert Touchpoint.objects.count() == 1


INTERNAL = (
    {"Sec-Fetch-Site": "same-origin", "Referer": "http://testserver/other/"},
    {"Sec-Fetch-Site": "same-site", "Referer": "https://blog.testserver/"},
    {"Sec-Fetch-Site": "cross-site", "Referer": "https://checkout.stripe.com/"},
    {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "cors"},
    {"Sec-Fetch-Site": "none", "User-Agent": "curl/8.5.0"},
)


@override_settings(DJANGO_ATTRIBUTION={"UNTAGGED_VISITS": "all"})
@pytest.mark.parametrize("headers", INTERNAL)
@pytest.mark.parametrize("is_known", [True, False])
def test_an_internal_navigation_costs_nothing_and_changes_nothing_in_any_mode(
    browser: Browser, user: User, headers: dict[str, str], is_known: bool, django_assert_num_queries: Any
) -> None:
    if is_known:
        browser.force_login(user)
        browser.land()
    with django_assert_num_queries(0):
        response = browser.get("/page/", headers=headers)
    assert as_sent(response) == unseen("/page/", headers=headers)


@override_settings(DJANGO_ATTRIBUTION={"UNTAGGED_VISITS": "all"})
def test_an_internal_navigation_costs_an_async_site_nothing(django_assert_num_queries: Any) -> None:
    browser = AsyncBrowser()
    browser.defaults["Sec-Fetch-Site"] = "same-origin"
    with django_assert_num_queries(0):
        response = async_to_sync(browser.get)("/async/page/")
    with without_tracking():
        assert as_sent(response) == as_sent(async_to_sync(browser.get)("/async/page/"))


@override_settings(DJANGO_ATTRIBUTION={"UNTAGGED_VISITS": "all"})
def test_an_untagged_touch_costs_what_a_tagged_one_does(browser: Browser) -> None:
    with queries_of_tracking() as first:
        browser.get("/page/")
    require_two_inserts(first)
    with queries_of_tracking() as second:
        browser.get("/page/", headers={"Referer": "https://blog.test/"})
    assert verbs(second) == FOUND_SEEN_COMPARED_STORED


def test_a_page_that_breaks_costs_no_more(browser: Browser) -> None:
    with queries_of_tracking() as statements:
        browser.land("/fail/")
    require_two_inserts(statements)


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
