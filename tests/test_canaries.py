"""A secret in each place of a request: it is in no table, no log line of ours, no signal and no answer.

What is kept on purpose is listed at the end, by the columns that hold it.
"""

import base64
import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.forms.models import model_to_dict

from django_attribution import failures
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.signals import conversion_confirmed, conversion_recorded, identity_claimed, tracking_failed
from tests.browsers import COOKIE, NAVIGATION, Browser
from tests.canaries import found_in_tables

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "canary7f3a"
ENCODED = base64.b64encode(f"jane:{SECRET}".encode()).decode()  # as a password is sent
Place = Callable[[Browser], Any]

TAGGED = "/convert/?utm_source=mail&utm_medium=email"
TELL = "mutation M($input: RecordTouchpointInput!) { recordTouchpoint(input: $input) { recorded errors { message } } }"
CLAIM = """mutation ($input: RecordConversionInput!) { recordConversion(input: $input) {
  conversion { id } errors { message } } }"""
KEY = "0123456789abcdef"


def asked(browser: Browser, query: str = "", **options: Any) -> Any:
    return browser.get(f"{TAGGED}{query}", **options)


def with_header(name: str, value: str = SECRET) -> Place:
    return partial(asked, headers={name: value})


def with_body(body: Any, content_type: str) -> Place:
    return lambda browser: browser.post(TAGGED, body, content_type=content_type)


def with_form(**fields: Any) -> Place:
    return lambda browser: browser.post(TAGGED, fields)


def with_cookie(name: str, value: str) -> Place:
    def send(browser: Browser) -> Any:
        browser.cookies[name] = value
        return asked(browser)

    return send


def with_session(browser: Browser) -> Any:
    session = browser.session
    session["cart"] = {SECRET: SECRET}
    session.save()
    return asked(browser)


def with_user(**fields: str) -> Place:
    def send(browser: Browser) -> Any:
        browser.land("/page/", utm_source="before")
        user = User.objects.create_user(**{"username": "jane", **fields})
        browser.force_login(user)
        return asked(browser)

    return send


def graphql(document: str, **body: Any) -> Place:
    def send(browser: Browser) -> Any:
        return browser.post("/graphql/", {"query": document, **body}, content_type="application/json")

    return send


def telling(url: str = "https://shop.test/?utm_source=mail", referrer: str = "") -> Place:
    return graphql(TELL, variables={"input": {"url": url, "referrer": referrer}})


TOKEN = f"{SECRET}-Xk3JqP9vZb2Lm8Tq"  # as secrets.token_urlsafe makes them


def landing_at(path: str) -> Place:
    return lambda browser: browser.land(path)


PLACES: dict[str, Place] = {
    "a value in the query": partial(asked, query=f"&email={SECRET}@example.org"),
    "a name in the query": partial(asked, query=f"&{SECRET}=1"),
    "a word in the query": partial(asked, query=f"&{SECRET}"),
    "a parameter that only looks like ours": partial(asked, query=f"&utm_secret={SECRET}&xgclid={SECRET}"),
    "an earlier value of a repeated parameter": partial(asked, query=f"&utm_term={SECRET}&utm_term=x"),
    "the query of the referrer": with_header("Referer", f"https://blog.test/?q={SECRET}&utm_source={SECRET}"),
    "a token in the path": landing_at(f"/say/{TOKEN}/"),
    "an e-mail address in the path": landing_at(f"/say/{SECRET}@example.org/"),
    "what resets a password": landing_at(f"/reset/{SECRET}/{SECRET}/"),
    "a token in the path of the referrer": with_header("Referer", f"https://blog.test/{TOKEN}/a"),
    "an e-mail address in the path of the referrer": with_header(
        "Referer", f"https://blog.test/{SECRET}%40example.org"
    ),
    "an invitation in the path of the referrer": with_header("Referer", f"https://blog.test/en/invite/{SECRET}/"),
    "the fragment of the referrer": with_header("Referer", f"https://blog.test/#{SECRET}"),
    "the user of the referrer": with_header("Referer", f"https://{SECRET}:{SECRET}@blog.test/"),
    "a referrer that is no page": with_header("Referer", f"android-app://{SECRET}/"),
    "a cookie of the host": with_cookie("cart", SECRET),
    "the name of a cookie": with_cookie(SECRET, "1"),
    "the session cookie": with_cookie("sessionid", SECRET),
    "a forged identity cookie": with_cookie(COOKIE, f"{SECRET}:{SECRET}:{SECRET}"),
    "the bearer token": with_header("Authorization", f"Bearer {SECRET}"),
    "the password": with_header("Authorization", f"Basic {ENCODED}"),
    "the proxy's password": with_header("Proxy-Authorization", SECRET),
    "an API key": with_header("X-Api-Key", SECRET),
    "a header of the host's own": with_header("X-Customer-Email", f"{SECRET}@example.org"),
    "the forwarded address": with_header("X-Forwarded-For", SECRET),
    "the forwarding proxy": with_header("Forwarded", f"for={SECRET}"),
    "the real address": with_header("X-Real-IP", SECRET),
    "the address": partial(asked, REMOTE_ADDR=SECRET),
    "the user of the server": partial(asked, REMOTE_USER=SECRET),
    "the languages": with_header("Accept-Language", SECRET),
    "what is accepted": with_header("Accept", f"text/html,{SECRET}"),
    "the sender": with_header("From", f"{SECRET}@example.org"),
    "the origin": with_header("Origin", f"https://{SECRET}.test"),
    "the entity tag": with_header("If-None-Match", f'"{SECRET}"'),
    "the device": with_header("Sec-CH-UA-Model", SECRET),
    "the trace": with_header("Traceparent", SECRET),
    "the CSRF token": with_header("X-CSRFToken", SECRET),
    "the content type": with_body(b"x", f"text/plain; {SECRET}=1"),
    "a form": with_body(f"password={SECRET}&{SECRET}=1", "application/x-www-form-urlencoded"),
    "a form's tracking parameters": with_body(f"utm_campaign={SECRET}", "application/x-www-form-urlencoded"),
    "a JSON body": with_body(json.dumps({"card": SECRET, SECRET: 1}), "application/json"),
    "a body without a form": with_body(SECRET, "text/plain"),
    "a multipart field": with_form(card=SECRET),
    "the name of a file": with_form(file=SimpleUploadedFile(f"{SECRET}.txt", b"x")),
    "a file": with_form(file=SimpleUploadedFile("cv.txt", SECRET.encode())),
    "the session": with_session,
    "the name of the user": with_user(username=SECRET),
    "the e-mail address of the user": with_user(email=f"{SECRET}@example.org", first_name=SECRET, password=SECRET),
    "the query of a landing page told of": telling(f"https://shop.test/?utm_source=mail&email={SECRET}"),
    "a token in a landing page told of": telling(f"https://shop.test/{TOKEN}/?utm_source=mail"),
    "an e-mail address in a landing page told of": telling(f"https://shop.test/{SECRET}%40example.org?utm_source=mail"),
    "what resets a password in a landing page told of": telling(f"https://shop.test/reset/{SECRET}?utm_source=mail"),
    "a token in a referrer told of": telling(referrer=f"https://blog.test/{TOKEN}"),
    "the fragment of a landing page told of": telling(f"https://shop.test/?utm_source=mail#token={SECRET}"),
    "the user of a landing page told of": telling(f"https://{SECRET}:x@shop.test/?utm_source=mail"),
    "an address that is no page's": telling(f"javascript:{SECRET}"),
    "the query of a referrer told of": telling(referrer=f"https://blog.test/?q={SECRET}"),
    "a variable that nobody asked for": graphql(
        TELL, variables={"input": {"url": "https://shop.test/?utm_source=mail"}, "extra": SECRET}
    ),
    "the extensions of an operation": graphql(
        TELL,
        variables={"input": {"url": "https://shop.test/?utm_source=mail"}},
        extensions={"token": SECRET},
        operationName="M",
    ),
    "a comment in an operation": graphql(
        f"# {SECRET}\n{TELL}", variables={"input": {"url": "https://shop.test/?utm_source=mail"}}
    ),
    "the custom data of an event that is not allowed": graphql(
        CLAIM, variables={"input": {"event": "other", "idempotencyKey": KEY, "customData": {"card": SECRET}}}
    ),
}


@pytest.fixture(autouse=True)
def _allow_an_event(settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"CLIENT_EVENTS": {"signup": {}}}


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """Collect what our signals and our loggers say."""
    monkeypatch.setattr(failures, "LOG_INTERVAL", 0.0)  # seconds: every line is due
    heard: list[str] = []

    def listen(**payload: Any) -> None:
        payload.pop("signal")
        heard.extend(repr(model_to_dict(value) if hasattr(value, "_meta") else value) for value in payload.values())

    signals = (tracking_failed, conversion_recorded, conversion_confirmed, identity_claimed)
    for signal in signals:
        signal.connect(listen)

    def everything() -> list[str]:
        ours = ("django_attribution", "graphql_api", "strawberry")
        lines = [logging.Formatter().format(line) for line in caplog.records if line.name.startswith(ours)]
        return [*heard, *lines]

    with caplog.at_level(logging.DEBUG):
        yield everything
    for signal in signals:
        signal.disconnect(listen)


def answer(response: Any) -> str:
    return f"{response.status_code} {response.headers} {response.cookies.output()} {response.content.decode()}".lower()


def refuse(execute: Any, sql: str, params: Any, *arguments: Any) -> Any:
    """Refuse our rows, quoting them as PostgreSQL does."""
    if 'INSERT INTO "attribution_' in sql:
        raise IntegrityError(f"Failing row contains {params}")
    return execute(sql, params, *arguments)


def require_secrecy(response: Any, said: list[str]) -> None:
    """Require that the secret, as it is and as it was sent, is in no table, no line, no signal and no answer."""
    for secret in (SECRET, ENCODED.lower()):
        assert found_in_tables(secret) == []
        assert not [text for text in said if secret in text.lower()]
        assert secret not in answer(response)


def test_there_are_more_than_thirty_places() -> None:
    assert len(PLACES) > 40


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_kept_nowhere(place: str, said: Callable[[], list[str]]) -> None:
    response = PLACES[place](Browser())
    require_secrecy(response, said())


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_is_told_nobody_when_the_database_fails(place: str, said: Callable[[], list[str]]) -> None:
    with connection.execute_wrapper(refuse):
        response = PLACES[place](Browser())
    require_secrecy(response, said())


def test_most_places_are_those_of_requests_that_leave_rows() -> None:
    for place in ("a value in the query", "a form", "a multipart field", "the query of a landing page told of"):
        PLACES[place](Browser())
    # Who posts a form has not landed.
    assert (Touchpoint.objects.count(), Conversion.objects.count(), Identity.objects.count()) == (2, 3, 4)
    secret_paths = [place for place in PLACES if "path" in place or "resets" in place]
    for place in secret_paths:
        PLACES[place](Browser())
    assert Touchpoint.objects.count() == 2 + len(secret_paths) == 9


KEPT: dict[str, tuple[Place, list[str]]] = {
    "a source": (
        partial(asked, query=f"&utm_source={SECRET}"),
        ["touchpoint.source", "touchpoint.url", "touchpoint.utm_source"],
    ),
    "a campaign": (
        partial(asked, query=f"&utm_campaign={SECRET}"),
        ["touchpoint.url", "touchpoint.utm_campaign"],
    ),
    "a click id": (partial(asked, query=f"&gclid={SECRET}"), ["touchpoint.click_ids", "touchpoint.url"]),
    "the path of a landing page": (
        lambda browser: browser.get(f"/convert/x/?utm_source=mail&x=/{SECRET}".replace("/x/", f"/{SECRET}/", 1)),
        ["conversion.event", "touchpoint.url"],  # the view takes its event from the path
    ),
    "the path of the referrer": (with_header("Referer", f"https://blog.test/{SECRET}"), ["touchpoint.referrer"]),
    "the host of the referrer": (with_header("Referer", f"https://{SECRET}.test/"), ["touchpoint.referrer"]),
    "the user agent": (
        with_header("User-Agent", f"{NAVIGATION['User-Agent']} {SECRET}"),
        ["identity.first_visit_user_agent"],
    ),
    "custom data": (
        graphql(CLAIM, variables={"input": {"event": "signup", "idempotencyKey": KEY, "customData": {"a": SECRET}}}),
        ["conversion.custom_data"],
    ),
    "an idempotency key": (
        graphql(CLAIM, variables={"input": {"event": "signup", "idempotencyKey": f"{KEY}{SECRET}"}}),
        ["conversion.idempotency_key"],
    ),
}


@pytest.mark.parametrize("what", KEPT)
def test_what_is_kept_is_kept_there_and_not_logged(what: str, said: Callable[[], list[str]]) -> None:
    send, columns = KEPT[what]
    response = send(Browser())
    assert found_in_tables(SECRET) == [f"attribution_{column}" for column in columns]
    assert SECRET not in answer(response)
    with connection.execute_wrapper(refuse):
        send(Browser())
    lines = [text for text in said() if " failed: " in text]
    assert not [text for text in lines if SECRET in text.lower()]
    assert Identity.objects.count() == 1
