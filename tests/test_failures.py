"""When the database refuses us: the page is served as without us, the host hears of it, and conversions raise."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from django_attribution import failures
from django_attribution.exceptions import AttributionUnavailable
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import record_conversion
from django_attribution.signals import tracking_failed
from tests.browsers import COOKIE, AsyncBrowser, Browser, as_sent, visitor_request, without_tracking
from tests.faults import ANY_OF_OURS, INSERT_TOUCH, breaking, refusing


@pytest.fixture(autouse=True, params=["autocommit", "atomic_requests"])
def _transactions(request: pytest.FixtureRequest, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", request.param == "atomic_requests")


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str]]]:
    """Collect the failures that the host is told of: their kind and the name of the error."""
    said: list[tuple[str, str]] = []

    def listen(kind: str, error: Exception, **_: Any) -> None:
        said.append((kind, type(error).__name__))

    tracking_failed.connect(listen)
    yield said
    tracking_failed.disconnect(listen)


def unseen(address: str) -> tuple[Any, ...]:
    """Return what a new browser is sent by the site without us."""
    with without_tracking():
        return as_sent(Browser().land(address))


@pytest.mark.parametrize(
    ("address", "error"),
    [
        *[(address, OperationalError) for address in ("/page/", "/redirect/", "/fail/", "/public/", "/theme/")],
        *[("/page/", error) for error in (InterfaceError, DatabaseError, ValueError, RecursionError)],
    ],
)
@pytest.mark.parametrize("pattern", [INSERT_TOUCH, 'INSERT INTO "attribution_identity"'])
def test_the_page_is_served_as_without_us(
    heard: list[tuple[str, str]], address: str, error: type[Exception], pattern: str
) -> None:
    with refusing(pattern, error):
        response = Browser().land(address)
    assert as_sent(response) == unseen(address)
    assert heard == [("record", error.__name__)]
    assert not Identity.objects.exists()  # nothing half-written


@pytest.mark.parametrize(
    "statement",
    [
        'SELECT .*"attribution_identity"',
        'UPDATE "attribution_identity"',
        'SELECT .*"attribution_touchpoint"',
        INSERT_TOUCH,
    ],
)
def test_a_returning_visitor_is_served_as_without_us(heard: list[tuple[str, str]], statement: str) -> None:
    browser = Browser()
    browser.land()
    carried = browser.carried
    with refusing(statement):
        response = browser.land(utm_source="mail")
    assert as_sent(response) == unseen("/page/")
    assert heard == [("record", "OperationalError")]
    browser.land(utm_source="mail")
    assert browser.whoami() == Identity.objects.get().uuid
    assert carried is not None
    assert Touchpoint.objects.count() == 2


def test_an_async_page_is_served_as_without_us(heard: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", False)  # Django serves no async view under it
    with refusing(INSERT_TOUCH):
        response = async_to_sync(AsyncBrowser().land)()
    with without_tracking():
        assert as_sent(response) == as_sent(async_to_sync(AsyncBrowser().land)())
    assert heard == [("record", "OperationalError")]


@pytest.mark.parametrize("statement", ["SELECT .*", "UPDATE "])
def test_a_login_succeeds_and_the_history_is_claimed_later(heard: list[tuple[str, str]], statement: str) -> None:
    user, browser = User.objects.create_user("alice"), Browser()
    browser.land(utm_source="ads")
    with breaking(f'{statement}"attribution_'):
        assert browser.get("/login/alice/").content == b"in"
    assert [kind for kind, _error in heard] == ["login"]
    browser.land(utm_source="mail")
    identity = Identity.objects.get()
    assert (identity.linked_user, identity.touchpoints.count()) == (user, 2)
    assert browser.whoami() == identity.uuid


def test_a_listener_that_fails_too_changes_nothing() -> None:
    def fail(**_: Any) -> None:
        raise RuntimeError("the listener's own error")

    tracking_failed.connect(fail)
    try:
        with refusing(INSERT_TOUCH):
            response = Browser().land()
    finally:
        tracking_failed.disconnect(fail)
    assert as_sent(response) == unseen("/page/")


def test_a_kind_of_failure_is_logged_once_in_a_while_and_always_counted(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "LOG_INTERVAL", 0.0)  # seconds; whatever was logged before, the next line is due
    count = failures.failure_counts["record"]
    with caplog.at_level(logging.ERROR, "django_attribution"), refusing(INSERT_TOUCH):
        Browser().land(utm_source="secret-campaign")
        monkeypatch.undo()
        for _ in range(3):
            Browser().land(utm_source="secret-campaign")
    lines = [record for record in caplog.records if record.name.startswith("django_attribution")]
    assert len(lines) == 1
    assert failures.failure_counts["record"] == count + 4
    assert "record" in lines[0].getMessage()
    written = logging.Formatter().format(lines[0])
    assert "in insert" in written  # where it happened
    for said in ("secret-campaign", "OperationalError: "):  # PostgreSQL quotes the row that it refuses
        assert said not in written


@pytest.mark.parametrize("table", ["touchpoint", "identity", "conversion"])
def test_a_conversion_raises_and_leaves_nothing(table: str) -> None:
    browser = Browser()
    browser.raise_request_exception = True
    with refusing(f'INSERT INTO "attribution_{table}"'), pytest.raises(AttributionUnavailable) as raised:
        browser.land("/convert/")
    assert str(raised.value.__cause__) == "the database said no"
    assert not Conversion.objects.exists()


def test_a_failed_conversion_is_not_counted_as_failed_tracking(heard: list[tuple[str, str]]) -> None:
    with refusing('INSERT INTO "attribution_conversion"'), pytest.raises(AttributionUnavailable):
        record_conversion(visitor_request(), "order")
    assert heard == []
    assert not Identity.objects.exists()


def test_a_landing_whose_conversion_failed_is_stored_all_the_same(heard: list[tuple[str, str]]) -> None:
    browser = Browser()
    with refusing('INSERT INTO "attribution_conversion"'):
        response = browser.land("/convert/")
    assert response.status_code == 500
    assert response.cookies[COOKIE].value
    assert Touchpoint.objects.get().identity.uuid == browser.whoami()
    assert heard == []


@pytest.mark.parametrize(("address", "status"), [("/page/", 200), ("/convert/", 500)])
def test_without_our_tables_only_conversions_fail(heard: list[tuple[str, str]], address: str, status: int) -> None:
    with refusing(ANY_OF_OURS):
        assert Browser().land(address).status_code == status
    assert heard == [("record", "OperationalError")]


def test_the_view_runs_once(settings: Any) -> None:
    calls: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        calls.append(request.path)
        return HttpResponse("page")

    settings.ROOT_URLCONF = (path("page/", view),)
    with refusing(INSERT_TOUCH):
        Browser().land()
    assert calls == ["/page/"]
