"""The cookie that carries a visitor's identity: when it is set, how, and which ones are believed."""

import time
from typing import Any
from uuid import uuid4

import pytest
from django.core import signing
from django.test import override_settings

from django_attribution.models import Identity, Touchpoint
from tests.browsers import COOKIE, Browser, as_sent, without_tracking

pytestmark = pytest.mark.django_db

NINETY_DAYS = 60 * 60 * 24 * 90  # seconds
SALT = "django_attribution.cookies"  # another one would forget every visitor of a site that upgrades


class SignerInThePast(signing.TimestampSigner):
    """Signs as if it were some seconds ago."""

    def __init__(self, *, age: int) -> None:
        super().__init__(salt=SALT)
        self.age = age

    def timestamp(self) -> str:
        return signing.b62_encode(int(time.time()) - self.age)


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def visitor() -> Identity:
    return Identity.objects.create()


def test_it_is_signed_and_holds_the_uuid_and_nothing_else(browser: Browser) -> None:
    response = browser.land()
    payload, _timestamp, _signature = response.cookies[COOKIE].value.split(":")
    assert payload == Identity.objects.get().uuid.hex


def test_its_attributes_are_the_safe_ones(browser: Browser) -> None:
    morsel = browser.land().cookies[COOKIE]
    assert (morsel["httponly"], morsel["samesite"], morsel["secure"]) == (True, "Lax", "")
    assert (morsel["path"], morsel["domain"], morsel["max-age"]) == ("/", "", NINETY_DAYS)


def test_it_is_secure_under_https(browser: Browser) -> None:
    assert browser.get("/page/?utm_source=a", secure=True).cookies[COOKIE]["secure"] is True


@override_settings(
    DJANGO_ATTRIBUTION={
        "COOKIE_NAME": "visitor",
        "COOKIE_MAX_AGE": 60,
        "COOKIE_DOMAIN": "example.org",
        "COOKIE_PATH": "/shop/",
        "COOKIE_SECURE": True,
        "COOKIE_HTTPONLY": False,
        "COOKIE_SAMESITE": "None",
    }
)
def test_every_attribute_can_be_set(browser: Browser) -> None:
    response = browser.land()
    assert list(response.cookies) == ["visitor"]
    morsel = response.cookies["visitor"]
    assert (morsel["httponly"], morsel["samesite"], morsel["secure"]) == ("", "None", True)
    assert (morsel["path"], morsel["domain"], morsel["max-age"]) == ("/shop/", "example.org", 60)


def test_a_landing_adds_the_cookie_and_what_keeps_it_private_and_nothing_else(browser: Browser) -> None:
    with without_tracking():
        status, headers, cookies, content = as_sent(Browser().land())
    response = browser.land()
    private = {"Vary": "Cookie", "Cache-Control": "private"}
    assert (response.status_code, dict(response.headers), response.content) == (status, headers | private, content)
    assert cookies == ""
    assert list(response.cookies) == [COOKIE]


def test_a_page_that_is_public_becomes_private_with_the_cookie(browser: Browser) -> None:
    headers = browser.land("/public/").headers
    assert headers["Cache-Control"] == "max-age=60, private"
    assert headers["Vary"] == "Accept-Language, Cookie"


@pytest.mark.parametrize("path", ["/convert/", "/sign-up/bob/"])
def test_a_conversion_sets_it_privately(browser: Browser, path: str) -> None:
    response = browser.get(path)
    assert response.cookies[COOKIE].value.startswith(Identity.objects.get().uuid.hex)
    assert response.headers["Cache-Control"] == "private"
    assert "Cookie" in response.headers["Vary"]


def test_reading_who_someone_is_sets_nothing(browser: Browser) -> None:
    browser.land()
    response = browser.get("/whoami/")
    assert not response.cookies
    assert "Cache-Control" not in response.headers


def test_each_touch_makes_it_last_longer(browser: Browser, visitor: Identity) -> None:
    browser.carry(SignerInThePast(age=NINETY_DAYS - 60).sign(visitor.uuid.hex))
    fresh = browser.land().cookies[COOKIE].value
    signer = signing.TimestampSigner(salt=SALT)
    assert signer.unsign(fresh, max_age=60) == visitor.uuid.hex


def test_an_old_one_is_believed_until_its_age(browser: Browser, visitor: Identity) -> None:
    browser.carry(SignerInThePast(age=NINETY_DAYS - 60).sign(visitor.uuid.hex))
    assert browser.whoami() == visitor.uuid


def test_one_past_its_age_is_not_believed(browser: Browser, visitor: Identity) -> None:
    browser.carry(SignerInThePast(age=NINETY_DAYS + 1).sign(visitor.uuid.hex))
    assert browser.whoami() is None
    browser.land()
    assert Touchpoint.objects.get().identity != visitor


@override_settings(DJANGO_ATTRIBUTION={"COOKIE_MAX_AGE": 60})
def test_its_age_is_the_setting_of_today(browser: Browser, visitor: Identity) -> None:
    browser.carry(SignerInThePast(age=61).sign(visitor.uuid.hex))
    assert browser.whoami() is None


@pytest.mark.parametrize(
    "forge",
    [
        lambda uuid: uuid.hex,
        lambda uuid: f"{uuid.hex}:1abcde:c2lnbmF0dXJl",
        lambda uuid: signing.TimestampSigner(salt="other").sign(uuid.hex),
        lambda uuid: signing.TimestampSigner(salt=SALT, key="another site's").sign(uuid.hex),
        lambda uuid: signing.Signer(salt=SALT).sign(uuid.hex),
        lambda uuid: signing.TimestampSigner(salt=SALT).sign(uuid.hex)[:-1],
        lambda uuid: signing.TimestampSigner(salt=SALT).sign(uuid.hex).replace(uuid.hex, uuid4().hex),
        lambda uuid: signing.TimestampSigner(salt=SALT).sign("not-a-uuid"),
        lambda uuid: signing.TimestampSigner(salt=SALT).sign(uuid.hex + "\x00"),
        lambda uuid: "x" * 100_000,
        lambda uuid: ":::",
    ],
)
def test_a_forged_one_is_nobodys(browser: Browser, visitor: Identity, forge: Any) -> None:
    browser.carry(forge(visitor.uuid))
    assert browser.whoami() is None
    response = browser.land()
    assert response.content == b"page"
    assert Touchpoint.objects.get().identity != visitor


def test_one_of_an_identity_that_was_deleted_makes_a_new_visitor(browser: Browser) -> None:
    browser.land()
    Identity.objects.all().delete()
    browser.land()
    assert browser.whoami() == Identity.objects.get().uuid


def test_one_of_an_older_secret_key_is_believed_while_it_is_a_fallback(browser: Browser, settings: Any) -> None:
    browser.land()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert browser.whoami() == Identity.objects.get().uuid


@pytest.mark.parametrize("wrong", [{"COOKIE_SAMESITE": "lax!"}, {"COOKIE_MAX_AGE": "3 months"}], ids=str)
def test_a_setting_that_cannot_work_leaves_no_half_of_a_cookie(
    browser: Browser, settings: Any, wrong: dict[str, Any]
) -> None:
    settings.DJANGO_ATTRIBUTION = wrong
    response = browser.land("/public/")
    with without_tracking():
        assert as_sent(response) == as_sent(Browser().land("/public/"))
