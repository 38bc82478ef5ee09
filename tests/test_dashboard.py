"""The Django side of the dashboard: who gets the page, that it holds no data, and the report as a CSV."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission, User
from django.core import checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import AsyncClient, Client, override_settings

from tests.graphql_calls import post
from tests.report_data import make_conversions
from tests.settings import TEMPLATES

pytestmark = pytest.mark.django_db

PAGE = "/dashboard/"
CSV = "/dashboard/report.csv"
LOGIN = "/admin/login/"
CSV_OF_ADMIN = "/admin/django_attribution/conversion/report.csv"
OTHER_PERMISSIONS = ("view_touchpoint", "view_identity", "confirm_conversion")
TYPENAME = "{ __typename }"


@pytest.fixture(autouse=True)
def _conversions(db: None) -> None:
    make_conversions()


def log_in(browser: Any, *codenames: str, is_staff: bool = False) -> Any:
    """Log somebody in who has these permissions and no others."""
    user = User.objects.create_user("somebody", is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    assert user.user_permissions.count() == len(codenames)
    browser.force_login(user)
    return browser


@pytest.fixture
def browser() -> Client:
    """The browser of somebody who may view conversions, and is no staff."""
    browser: Client = log_in(Client(enforce_csrf_checks=True), "view_conversion")
    return browser


def config_of(page: Any) -> dict[str, str]:
    """Return what the page tells its script."""
    found = re.search(r'<script id="dashboard-config" type="application/json">(.*?)</script>', page.content.decode())
    assert found
    config: dict[str, str] = json.loads(found[1])
    return config


class TestPage:
    def test_strangers_are_sent_to_the_login_page_and_come_back(self) -> None:
        answer = Client().get(f"{PAGE}?model=linear&view=paths")

        assert answer.status_code == 302
        assert answer["Location"] == f"{LOGIN}?next=/dashboard/%3Fmodel%3Dlinear%26view%3Dpaths"

    @pytest.mark.parametrize("is_staff", [False, True])
    @pytest.mark.parametrize("codenames", [(), OTHER_PERMISSIONS])
    def test_users_without_the_permission_are_refused(self, codenames: tuple[str, ...], is_staff: bool) -> None:
        answer = log_in(Client(), *codenames, is_staff=is_staff).get(PAGE)

        assert answer.status_code == 403
        assert b"dashboard-config" not in answer.content

    def test_whoever_may_view_conversions_gets_it(self, browser: Client) -> None:
        page = browser.get(PAGE)

        assert page.status_code == 200
        assert b'src="/static/attribution_dashboard/dashboard.js"' in page.content
        assert b'href="/static/attribution_dashboard/dashboard.css"' in page.content

    def test_it_tells_the_script_whom_to_ask_and_no_data(self, browser: Client) -> None:
        page = browser.get(PAGE, {"models": "linear", "by": "campaign"})

        assert {**config_of(page), "csrfToken": ""} == {
            "graphqlUrl": "/graphql/",
            "csrfUrl": "/graphql/csrf/",
            "csrfToken": "",
            "csvUrl": "/dashboard/report.csv",
        }
        for known in ("Paid Search", "weekly", "purchase", "100.01"):
            assert known not in page.content.decode()

    @pytest.mark.parametrize(
        ("is_staff", "settings", "ways"),
        [
            (False, {}, ["/"]),  # the admin is closed to others, and so is its way out
            (True, {}, ["/admin/", "/admin/logout/"]),
            (False, {"LOGOUT_URL": "/bye/"}, ["/", "/bye/"]),
            (True, {"ROOT_URLCONF": "tests.urls_with_logout"}, ["/admin/", "/accounts/logout/"]),
        ],
    )
    def test_it_tells_who_is_logged_in_and_the_ways_out(
        self, is_staff: bool, settings: dict[str, Any], ways: list[str]
    ) -> None:
        with override_settings(**settings):
            page = log_in(Client(), "view_conversion", is_staff=is_staff).get(PAGE).content.decode()

        account = page.partition('id="account"')[2].partition("<noscript>")[0]
        assert "<span>somebody</span>" in account
        assert re.findall(r'(?:href|action)="(.*?)"', account) == ways
        assert account.count("csrfmiddlewaretoken") == account.count("<form")

    def test_a_site_can_make_it_its_own(self, browser: Client, tmp_path: Path) -> None:
        own = tmp_path / "attribution_dashboard/dashboard.html"
        own.parent.mkdir()
        own.write_text(
            '{% extends "attribution_dashboard/dashboard.html" %}'
            "{% block title %}Quire{% endblock %}{% block brand %}<b>Quire</b>{% endblock %}"
        )
        with override_settings(TEMPLATES=[{**TEMPLATES[0], "DIRS": [tmp_path]}]):
            page = browser.get(PAGE).content.decode()

        assert "<title>Quire</title>" in page
        assert '<p id="brand" class="brand"><b>Quire</b></p>' in page
        assert 'id="dashboard-config"' in page

    def test_its_token_and_cookie_open_the_endpoint(self, browser: Client) -> None:
        token = config_of(browser.get(PAGE))["csrfToken"]

        assert "csrftoken" in browser.cookies
        assert post(browser, TYPENAME).status_code == 403
        asked = browser.post(
            "/graphql/", {"query": TYPENAME}, content_type="application/json", headers={"X-CSRFToken": token}
        )
        assert asked.json() == {"data": {"__typename": "Query"}}

    def test_it_is_never_cached_and_neither_is_the_way_to_the_login(self, browser: Client) -> None:
        for answer in (browser.get(PAGE), Client().get(PAGE)):
            assert "no-store" in answer["Cache-Control"]
            assert "private" in answer["Cache-Control"]

    def test_what_stands_in_its_address_does_not_stand_in_the_page(self, browser: Client) -> None:
        script = "</script><script>alert(1)</script>"

        assert b"alert(1)" not in browser.get(PAGE, {"models": script, script: "1"}).content

    def test_it_asks_for_session_user_and_permissions_and_nothing_else(
        self, browser: Client, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(4):
            browser.get(PAGE)

    @pytest.mark.parametrize("address", [PAGE, CSV])
    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_nothing_but_reading_is_done(self, address: str, method: str) -> None:
        assert getattr(log_in(Client(), "view_conversion"), method)(address).status_code == 405


class TestCsv:
    @pytest.mark.parametrize(
        "query",
        [
            "by=channel",
            "models=linear&models=markov&models=last_touch&by=channel&by=campaign&interval=week&tz=Europe/Paris",
            "by=source&source_windows=google%3D1&window_days=7&exclude_direct=on",
            "by=campaign&status=pending&status=voided&currency=EUR&first=1&order_by=value",
            "by=channel&event=nothing",
            "by=source&credited_to=channel%3DPaid+Search",
        ],
    )
    def test_it_is_the_one_of_the_admin_byte_for_byte(self, query: str) -> None:
        client = log_in(Client(), "view_conversion", is_staff=True)
        mine, of_admin = client.get(f"{CSV}?{query}"), client.get(f"{CSV_OF_ADMIN}?{query}")

        assert (mine.status_code, of_admin.status_code) == (200, 200)
        content = b"".join(mine.streaming_content)
        assert content == b"".join(of_admin.streaming_content)
        assert content.count(b"\r\n") >= 1
        for header in ("Content-Type", "Content-Disposition", "Cache-Control"):
            assert mine[header] == of_admin[header]

    @pytest.mark.parametrize(
        ("query", "line"),
        [
            ("window_days=-1", "window_days: Ensure this value is greater than or equal to 0."),
            ("models=nobody", "models: 'nobody' is neither an attribution model nor the name of one: "),
            ("tz=Mars/Olympus", "tz: "),
            ("occurred_after=yesterday", "occurred: "),
            ("credited_to=colour%3Dred", "credited_to: "),
        ],
    )
    def test_what_cannot_be_used_is_told_with_its_field(self, browser: Client, query: str, line: str) -> None:
        answer = browser.get(f"{CSV}?by=channel&{query}")

        assert answer.status_code == 400
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer["X-Content-Type-Options"] == "nosniff"
        [said] = answer.content.decode().splitlines()
        assert said.startswith(line)
        assert len(said) > len("occurred: ")

    def test_every_field_that_cannot_be_used_has_a_line(self, browser: Client) -> None:
        lines = browser.get(f"{CSV}?window_days=x&first=x").content.decode().splitlines()

        assert sorted(line.partition(":")[0] for line in lines) == ["first", "window_days"]

    def test_it_needs_the_permission(self) -> None:
        stranger = Client().get(f"{CSV}?by=channel")
        assert (stranger.status_code, stranger["Location"]) == (
            302,
            f"{LOGIN}?next=/dashboard/report.csv%3Fby%3Dchannel",
        )
        assert log_in(Client(), *OTHER_PERMISSIONS, is_staff=True).get(CSV).status_code == 403

    def test_an_asynchronous_server_streams_it_too(self) -> None:
        somebody = log_in(AsyncClient(), "view_conversion")
        query = "by=channel&models=linear"

        async def pieces() -> list[bytes]:
            response: Any = await somebody.get(f"{CSV}?{query}")
            assert response.is_async
            return [piece async for piece in response.streaming_content]

        same_person = Client()
        same_person.force_login(User.objects.get())
        assert b"".join(async_to_sync(pieces)()) == b"".join(same_person.get(f"{CSV}?{query}").streaming_content)


def ids_of_checks() -> list[str | None]:
    return [message.id for message in checks.run_checks()]


class TestCheck:
    def test_a_site_with_the_endpoint_has_nothing_to_complain_of(self) -> None:
        assert [message for message in checks.run_checks() if "dashboard" in str(message.id)] == []

    @override_settings(ROOT_URLCONF="django.contrib.auth.urls")
    def test_a_site_without_the_endpoint_is_told_what_to_add(self) -> None:
        with pytest.raises(SystemCheckError, match=r"(?s)attribution_dashboard\.E001.*graphql_api\.urls"):
            call_command("check")

    @override_settings(ROOT_URLCONF="graphql_api.urls")
    def test_a_site_that_gives_the_dashboard_no_address_is_warned(self) -> None:
        assert "attribution_dashboard.W001" in ids_of_checks()

    @pytest.mark.parametrize("address", ["/nowhere/", "admin:nowhere", "log in"])
    def test_a_site_that_sends_strangers_nowhere_is_warned(self, address: str) -> None:
        with override_settings(LOGIN_URL=address):
            assert "attribution_dashboard.W002" in ids_of_checks()

    @pytest.mark.parametrize("address", ["admin:login", "/admin/login/?from=dashboard", "https://login.example/"])
    def test_a_login_page_may_be_named_in_any_way_and_live_elsewhere(self, address: str) -> None:
        with override_settings(LOGIN_URL=address):
            assert "attribution_dashboard.W002" not in ids_of_checks()
