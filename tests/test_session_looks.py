"""Looking for the visitor is nothing that the page shows: session, user and headers are those of a site without us."""

from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path
from django.utils.functional import SimpleLazyObject

from django_attribution.models import Touchpoint
from django_attribution.session_looks import unnoticed
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
    request.session["seen"] = ["page"]
    return HttpResponse("page")


def basket(request: HttpRequest) -> HttpResponse:
    """Show a page that depends on the session, and not on the user."""
    return HttpResponse(str(request.session.get("basket")))


def ask_for_consent(request: HttpRequest) -> HttpResponse:
    """Show a page that depends on what the visitor said."""
    return HttpResponse(str(request.attribution.consent))  # type: ignore[attr-defined]  # our middleware adds it


urlpatterns = [
    path("page/", page),
    path("user/", show_user),
    path("remember/", remember),
    path("basket/", basket),
    path("consent/", ask_for_consent),
]


def user_in_a_header(get_response: Any) -> Any:
    """Be a middleware around ours that looks at the user last."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = get_response(request)
        response.headers["X-User"] = str(request.user)
        return response

    return middleware


def async_user_in_a_header(get_response: Any) -> Any:
    """Be a middleware around ours that looks at the user last, in the other way."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = get_response(request)
        response.headers["X-User"] = str(ask_for_user(request))
        return response

    return middleware


def looking_later(settings: Any, *around: str) -> override_settings:
    """Have the site look at the user after us; or have these middlewares around ours."""
    at = settings.MIDDLEWARE.index("django_attribution.middlewares.TrackingParameterMiddleware")
    names = [f"{__name__}.{name}" for name in around or ["user_in_a_header"]]
    return override_settings(MIDDLEWARE=[*settings.MIDDLEWARE[:at], *names, *settings.MIDDLEWARE[at:]])


def own_lazy_user(get_response: Any) -> Any:
    """Be a middleware that tells the user in another way than Django's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: User.objects.get(pk=request.session["_auth_user_id"]))
        response: HttpResponse = get_response(request)
        return response

    return middleware


def verified_user(get_response: Any) -> Any:
    """Be a middleware that adds to Django's lazy user, as django-otp does."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(partial(verify, request.user))
        response: HttpResponse = get_response(request)
        return response

    def verify(user: Any) -> Any:
        user.is_verified = lambda: False
        return user

    return middleware


def kept_user(get_response: Any) -> Any:
    """Be a middleware that asks for the user once, and keeps the answer where we do not know."""

    def middleware(request: Any) -> HttpResponse:
        request.user = SimpleLazyObject(cache(lambda: User.objects.get(pk=request.session["_auth_user_id"])))
        response: HttpResponse = get_response(request)
        return response

    return middleware


def ask_for_user(request: Any) -> Any:
    """Ask for the user as async code does."""
    return async_to_sync(request.auser)()


def agree_by_async_user(request: HttpRequest) -> bool:
    """Be a CONSENT that asks so."""
    return bool(ask_for_user(request).is_authenticated)


def note_the_question(request: HttpRequest) -> bool:
    """Be a CONSENT that writes."""
    request.session["asked"] = True
    request.session.setdefault("seen", []).append("asked")
    return False


def store_at_once(request: HttpRequest) -> bool:
    """Be a CONSENT that does all to a session's row that can be done."""
    for name in ("create", "save", "cycle_key", "delete", "flush"):
        getattr(request.session, name)()
        async_to_sync(getattr(request.session, f"a{name}"))()
    return True


@pytest.fixture(autouse=True)
def _addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where sessions in files are: one for all tests, as Django looks the setting up once."""
    return tmp_path_factory.mktemp("sessions")


@pytest.fixture
def browser() -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_user("alice"))
    return browser


def session_rows(folder: Path) -> set[str]:
    """Return the keys of all stored sessions: rows, or files in the folder."""
    return {*Session.objects.values_list("session_key", flat=True), *(file.name for file in folder.iterdir())}


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
    assert browser.session["seen"] == ["page"]


def test_a_middleware_around_ours_that_looks_at_the_user_later_is_noticed(browser: Browser, settings: Any) -> None:
    with looking_later(settings):
        response = as_without_us(browser, "/page/")
    assert response.headers["X-User"] == "alice"
    assert response.headers["Vary"] == "Cookie"


def test_a_session_that_is_over_keeps_its_cookie_where_the_page_does_not_look(browser: Browser) -> None:
    Session.objects.all().delete()
    assert not as_without_us(browser, "/page/").cookies


def test_a_session_that_is_over_loses_its_cookie_where_the_host_looks_later(browser: Browser, settings: Any) -> None:
    Session.objects.all().delete()
    with looking_later(settings):
        assert as_without_us(browser, "/page/").cookies["sessionid"]["max-age"] == 0


@pytest.fixture
def elsewhere(browser: Browser) -> Browser:
    """A browser with a session that Django ends when asked for its user: the password was changed elsewhere."""
    alice = User.objects.get()
    alice.set_password("changed, which ends all sessions")
    alice.save()
    return browser


def test_a_session_of_an_old_password_is_left_alone(elsewhere: Browser) -> None:
    before = Session.objects.values().get()
    assert not as_without_us(elsewhere, "/page/").cookies
    assert set(elsewhere.land().cookies) == {COOKIE}
    assert Session.objects.values().get() == before
    assert Touchpoint.objects.get().identity.linked_user is None


def test_so_it_is_where_the_page_looked_at_the_session_and_not_at_the_user(elsewhere: Browser) -> None:
    as_without_us(elsewhere, "/basket/")
    elsewhere.land("/basket/")
    assert Session.objects.exists()


@pytest.mark.parametrize("address", ["/page/", "/basket/"])
def test_a_session_of_an_old_password_ends_where_the_host_looks_later(
    elsewhere: Browser, settings: Any, address: str
) -> None:
    with looking_later(settings), refusing(INSERT_TOUCH):
        response = elsewhere.land(address)
    assert response.cookies["sessionid"]["max-age"] == 0
    assert (response.headers["X-User"], response.headers["Vary"]) == ("AnonymousUser", "Cookie")
    assert not Session.objects.exists()


def test_a_user_that_the_host_looked_at_is_not_asked_for_again(browser: Browser) -> None:
    with CaptureQueriesContext(connection) as statements:
        browser.land("/user/")
    assert len([query for query in statements if 'FROM "auth_user"' in query["sql"]]) == 1


def test_a_lazy_user_of_the_hosts_own_is_asked_anew(browser: Browser, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:-2], f"{__name__}.own_lazy_user", *settings.MIDDLEWARE[-2:]]
    with looking_later(settings):
        response = as_without_us(browser, "/page/")
    assert (response.headers["X-User"], response.headers["Vary"]) == ("alice", "Cookie")


@pytest.mark.parametrize("host", ["verified_user", "kept_user"])
def test_a_user_that_is_not_asked_anew_is_noticed_all_the_same(browser: Browser, settings: Any, host: str) -> None:
    with looking_later(settings, host, "user_in_a_header"):
        response = as_without_us(browser, "/page/")
    assert (response.headers["X-User"], response.headers["Vary"]) == ("alice", "Cookie")


def test_an_async_look_of_a_consent_is_not_the_hosts(browser: Browser, settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"CONSENT": f"{__name__}.agree_by_async_user"}
    with looking_later(settings, "async_user_in_a_header"):
        response = as_without_us(browser, "/page/")
    assert (response.headers["X-User"], response.headers["Vary"]) == ("alice", "Cookie")


class TestAConsentThatLooks:
    @pytest.fixture(params=["by_session", "by_login"], autouse=True)
    def _asks(self, request: pytest.FixtureRequest, settings: Any) -> None:
        settings.DJANGO_ATTRIBUTION = {"CONSENT": f"tests.shop.consent.{request.param}"}

    @pytest.mark.parametrize("carried", [None, "from an earlier yes"])
    def test_a_page_that_does_not_look_does_not_vary(self, browser: Browser, carried: str | None) -> None:
        if carried:
            browser.carry(carried)
        for response in (browser.get("/page/"), browser.land()):
            assert as_sent(response) == sent_without_us(browser, "/page/")
        assert not Touchpoint.objects.exists()

    def test_a_page_that_looks_varies(self, browser: Browser) -> None:
        assert browser.land("/user/").headers["Vary"] == "Cookie"

    def test_a_session_of_an_old_password_is_left_alone(self, elsewhere: Browser) -> None:
        assert not elsewhere.land().cookies
        assert Session.objects.exists()

    def test_who_agrees_is_tracked(self, browser: Browser) -> None:
        session = browser.session
        session["banner"] = True
        session.save()
        assert set(browser.land().cookies) == {COOKIE}

    def test_a_view_that_asks_for_consent_varies(self, browser: Browser) -> None:
        assert browser.get("/consent/").headers["Vary"] == "Cookie"


@pytest.mark.parametrize("address", ["/page/", "/basket/", "/remember/"])
class TestWhateverThePageDidWithTheSession:
    @pytest.fixture(params=["db", "cached_db", "file", "signed_cookies"], autouse=True)
    def _engine(self, request: pytest.FixtureRequest, settings: Any, folder: Path) -> None:
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
        settings.SESSION_FILE_PATH = folder

    @pytest.fixture
    def _old_secret(self, browser: Browser, settings: Any) -> None:
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"

    def test_what_a_consent_writes_is_not_kept(self, browser: Browser, settings: Any, address: str) -> None:
        settings.DJANGO_ATTRIBUTION = {"CONSENT": f"{__name__}.note_the_question"}
        assert COOKIE not in browser.land(address).cookies
        assert "asked" not in str(dict(browser.session))

    def test_what_a_consent_stores_is_not_kept(
        self, browser: Browser, settings: Any, folder: Path, address: str
    ) -> None:
        settings.DJANGO_ATTRIBUTION = {"CONSENT": f"{__name__}.store_at_once"}
        stranger = Browser()
        for visitor in (browser, stranger):
            visitor.get(address)
        stored = session_rows(folder)
        for visitor in (browser, stranger):
            assert COOKIE in visitor.land(address).cookies
        assert session_rows(folder) == stored
        assert browser.get("/user/").content == b"alice"

    @pytest.mark.usefixtures("_old_secret")
    def test_a_session_of_an_old_secret_is_renewed_where_the_host_looks(self, browser: Browser, address: str) -> None:
        key, secret = browser.session.session_key, browser.session[HASH_SESSION_KEY]
        browser.land(address)
        assert browser.session[HASH_SESSION_KEY] == secret
        assert Touchpoint.objects.get().identity.linked_user == User.objects.get()
        browser.land("/user/")
        assert browser.session[HASH_SESSION_KEY] != secret
        assert browser.session.session_key != key

    @pytest.mark.usefixtures("_old_secret")
    def test_so_it_is_where_the_host_looks_later(self, browser: Browser, settings: Any, address: str) -> None:
        key, secret = browser.session.session_key, browser.session[HASH_SESSION_KEY]
        with looking_later(settings):
            assert browser.land(address).headers["X-User"] == "alice"
        assert browser.session[HASH_SESSION_KEY] != secret
        assert browser.session.session_key != key


def test_a_session_that_cannot_be_read_is_not_our_business(browser: Browser) -> None:
    wanted = sent_without_us(browser, "/page/")
    with refusing('SELECT .*"django_session"'):
        assert as_sent(browser.land()) == wanted


def test_a_user_that_cannot_be_copied_leaves_the_host_its_session() -> None:
    class Uncopyable:
        def __copy__(self) -> None:
            raise TypeError

    request: Any = HttpRequest()
    request.session, request.user = session, user = SessionStore(), Uncopyable()
    with pytest.raises(TypeError), unnoticed(request):
        pass
    assert (request.session, request.user) == (session, user)


def test_a_session_of_another_make_is_not_copied() -> None:
    request: Any = HttpRequest()
    request.session = session = {"seen": True}
    with unnoticed(request):
        assert request.session is session


def test_a_site_without_sessions_is_served(settings: Any) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name.startswith("django_attribution.")]
    as_without_us(Browser(), "/page/")


def test_a_session_that_is_over_keeps_its_cookie_also_where_a_touch_is_stored(browser: Browser) -> None:
    Session.objects.all().delete()
    assert set(browser.land().cookies) == {COOKIE}
    assert Touchpoint.objects.exists()
