"""Looking for the visitor is nothing that the page shows: session, user and headers are those of a site without us."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from django_attribution.models import Touchpoint
from tests.browsers import COOKIE, Browser, as_sent, without_tracking
from tests.faults import INSERT_TOUCH, refusing
from tests.shop.views import page

pytestmark = pytest.mark.django_db(transaction=True)

SESSION_MIDDLEWARE = "django.contrib.sessions.middleware.SessionMiddleware"


def show_user(request: HttpRequest) -> HttpResponse:
    """Show a page that depends on who asks."""
    return HttpResponse(str(request.user))


def remember(request: HttpRequest) -> HttpResponse:
    """Keep something for the visitor."""
    request.session["seen"] = True
    return HttpResponse("page")


urlpatterns = [path("page/", page), path("user/", show_user), path("remember/", remember)]


def user_in_a_header(get_response: Any) -> Any:
    """Be a middleware around ours that looks at the user last."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = get_response(request)
        response.headers["X-User"] = str(request.user)
        return response

    return middleware


@pytest.fixture(autouse=True)
def _addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def browser() -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_user("alice"))
    return browser


def sent_without_us(browser: Browser, address: str) -> Any:
    """Return what a browser with the same cookies is sent by the site without us."""
    other = Browser()  # which has met no other site
    other.cookies.load({name: morsel.value for name, morsel in browser.cookies.items()})
    with without_tracking():
        return as_sent(other.land(address))


def as_without_us(browser: Browser, address: str) -> Any:
    """Have a landing fail, require that the page is that of the site without us, and return it."""
    wanted = sent_without_us(browser, address)
    with refusing(INSERT_TOUCH):
        response = browser.land(address)
    assert as_sent(response) == wanted
    assert not Touchpoint.objects.exists()
    return response


def test_a_page_that_looks_at_no_session_does_not_vary(browser: Browser) -> None:
    assert "Vary" not in as_without_us(browser, "/page/").headers


def test_a_page_that_looks_itself_varies(browser: Browser) -> None:
    response = as_without_us(browser, "/user/")
    assert (response.content, response.headers["Vary"]) == (b"alice", "Cookie")


def test_what_the_host_keeps_is_kept(browser: Browser) -> None:
    assert as_without_us(browser, "/remember/").headers["Vary"] == "Cookie"
    assert browser.session["seen"] is True


def test_a_middleware_around_ours_that_looks_at_the_user_later_is_noticed(browser: Browser, settings: Any) -> None:
    at = settings.MIDDLEWARE.index("django_attribution.middlewares.TrackingParameterMiddleware")
    around = f"{__name__}.user_in_a_header"
    with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE[:at], around, *settings.MIDDLEWARE[at:]]):
        response = as_without_us(browser, "/page/")
    assert response.headers["X-User"] == "alice"
    assert response.headers["Vary"] == "Cookie"


def test_a_session_that_is_over_keeps_its_cookie_where_the_page_does_not_look(browser: Browser) -> None:
    Session.objects.all().delete()
    assert not as_without_us(browser, "/page/").cookies


def test_a_session_that_is_over_loses_its_cookie_where_the_host_looks_later(browser: Browser, settings: Any) -> None:
    Session.objects.all().delete()
    at = settings.MIDDLEWARE.index("django_attribution.middlewares.TrackingParameterMiddleware")
    around = f"{__name__}.user_in_a_header"
    with override_settings(MIDDLEWARE=[*settings.MIDDLEWARE[:at], around, *settings.MIDDLEWARE[at:]]):
        assert as_without_us(browser, "/page/").cookies["sessionid"]["max-age"] == 0


def test_a_session_that_django_ended_when_asked_for_its_user_stays_ended(browser: Browser) -> None:
    alice = User.objects.get()
    alice.set_password("changed, which ends all sessions")
    alice.save()
    with refusing(INSERT_TOUCH):
        response = browser.land()
    assert response.cookies["sessionid"]["max-age"] == 0
    assert response.headers["Vary"] == "Cookie"
    assert not Session.objects.exists()


def test_a_session_that_cannot_be_read_is_not_our_business(browser: Browser) -> None:
    wanted = sent_without_us(browser, "/page/")
    with refusing('SELECT .*"django_session"'):
        assert as_sent(browser.land()) == wanted


def test_a_site_without_sessions_is_served(settings: Any) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name.startswith("django_attribution.")]
    as_without_us(Browser(), "/page/")


def test_a_session_that_is_over_keeps_its_cookie_also_where_a_touch_is_stored(browser: Browser) -> None:
    Session.objects.all().delete()
    assert set(browser.land().cookies) == {COOKIE}
    assert Touchpoint.objects.exists()
