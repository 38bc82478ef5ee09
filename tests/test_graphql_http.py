"""The endpoint as HTTP: what it takes, from whom, and that nothing it is sent breaks it."""

import gzip
import json
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from django_attribution.models import Conversion
from graphql_api.views import MAX_BODY_BYTES
from tests.browsers import Browser
from tests.graphql_calls import post, post_body

pytestmark = pytest.mark.django_db

ENDPOINTS = ["/graphql/", "/async/graphql/"]
KEY = "0123456789abcdef"
TYPENAME = "{ __typename }"
RECORD = (
    f'mutation {{ recordConversion(input: {{ event: "signup", idempotencyKey: "{KEY}" }}) {{ errors {{ code }} }} }}'
)
FORBIDDEN_WORDS = (
    b"Traceback", b"Exception", b"<class", b"sqlite", b"psycopg", b"SELECT", b"orjson", b"JSONDecode", b"site-packages",
    b"object at 0x", b"NoneType", b"surrogate",
)  # fmt: skip


@pytest.fixture(autouse=True)
def rules(settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"CLIENT_EVENTS": {"signup": {}}}


@pytest.fixture
def browser() -> Browser:
    return Browser()


def assert_refused(response: Any, *, status: int | None = None) -> None:
    """Check that a request was the client's mistake, that it is told so, and that nothing was done."""
    assert 400 <= response.status_code < 500, response.content
    assert status in (None, response.status_code)
    for word in FORBIDDEN_WORDS:
        assert word not in response.content
    assert not Conversion.objects.exists()


def body(query: object = TYPENAME, **others: Any) -> str:
    return json.dumps({"query": query, **others})


@pytest.mark.parametrize("path", ENDPOINTS)
def test_an_operation_is_answered(browser: Browser, path: str) -> None:
    response = post(browser, TYPENAME, path=path)
    assert response.json() == {"data": {"__typename": "Query"}}
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON"])
def test_json_may_name_its_encoding(browser: Browser, content_type: str) -> None:
    assert browser.post("/graphql/", body(), content_type=content_type).status_code == 200


def test_an_anonymous_operation_leaves_no_cookie_behind(browser: Browser) -> None:
    response = post(browser, TYPENAME)
    assert not response.cookies
    assert "Vary" not in response.headers or "Cookie" not in response.headers["Vary"]


@pytest.mark.parametrize("path", ENDPOINTS)
def test_without_a_csrf_token_nothing_is_done(path: str) -> None:
    browser = Browser(enforce_csrf_checks=True)
    assert_refused(post(browser, RECORD, path=path), status=403)
    browser.get("/graphql/csrf/")
    assert_refused(post(browser, RECORD, path=path), status=403)
    forged = post_body(browser, body(RECORD), path=path, **{"X-CSRFToken": "x" * 64})
    assert_refused(forged, status=403)


def test_a_front_end_gets_its_csrf_token_and_cookie_beside_the_endpoint() -> None:
    browser = Browser(enforce_csrf_checks=True)
    given = browser.get("/graphql/csrf/")
    assert given.cookies["csrftoken"].value
    assert "no-store" in given.headers["Cache-Control"]
    assert "Cookie" in given.headers["Vary"]
    token = given.json()["csrfToken"]
    response = post_body(browser, body(RECORD), **{"X-CSRFToken": token})
    assert response.json() == {"data": {"recordConversion": {"errors": []}}}
    assert Conversion.objects.count() == 1


def test_a_token_without_its_cookie_is_worth_nothing() -> None:
    browser = Browser(enforce_csrf_checks=True)
    token = browser.get("/graphql/csrf/").json()["csrfToken"]
    stranger = Browser(enforce_csrf_checks=True)
    assert_refused(post_body(stranger, body(RECORD), **{"X-CSRFToken": token}), status=403)


def test_another_site_cannot_use_the_visitors_cookies() -> None:
    browser = Browser(enforce_csrf_checks=True)
    token = browser.get("/graphql/csrf/").json()["csrfToken"]
    headers = {"X-CSRFToken": token, "Origin": "https://evil.test"}
    assert_refused(post_body(browser, body(RECORD), **headers), status=403)


def test_the_csrf_token_is_only_read(browser: Browser) -> None:
    assert_refused(browser.post("/graphql/csrf/"), status=405)


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("query", [TYPENAME, RECORD, "subscription { x }", "{", ""])
@pytest.mark.parametrize("accept", ["application/json", "text/html", "*/*"])
def test_nothing_is_asked_or_done_by_get(browser: Browser, path: str, query: str, accept: str) -> None:
    response = browser.get(path, query_params={"query": query}, headers={"Accept": accept})
    assert_refused(response)
    assert b"__typename" not in response.content


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("variables", ["{", "1", "[]", '"x"', "\ud800".encode("utf-8", "surrogatepass"), "[" * 10_000])
def test_nonsense_in_an_address_is_refused(browser: Browser, path: str, variables: str) -> None:
    for name in ("variables", "extensions"):
        assert_refused(browser.get(path, query_params={"query": RECORD, name: variables}))


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "head", "trace"])
def test_no_other_method_is_served(browser: Browser, path: str, method: str) -> None:
    response = getattr(browser, method)(path, body(RECORD) if method in ("put", "patch", "delete") else None)
    if method == "options":
        assert response.status_code == 200 or 400 <= response.status_code < 500
        assert not Conversion.objects.exists()
    else:
        assert_refused(response)


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "",
        "application/graphql",
        "x/json",
    ],
)
def test_a_body_of_a_type_that_any_site_may_send_is_refused(browser: Browser, path: str, content_type: str) -> None:
    assert_refused(browser.generic("POST", path, body(RECORD), content_type=content_type))


@pytest.mark.parametrize("path", ENDPOINTS)
def test_forms_are_refused(browser: Browser, path: str) -> None:
    for form in ({"query": RECORD}, {"operations": body(RECORD), "map": "{}"}):
        assert_refused(browser.post(path, form))
        assert_refused(browser.post(path, "&".join(form), content_type="application/x-www-form-urlencoded"))


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "content_type", ["text/plain; application/json", "multipart/form-data; boundary=application/json"]
)
def test_naming_json_beside_a_simple_type_does_not_help(browser: Browser, path: str, content_type: str) -> None:
    assert_refused(browser.generic("POST", path, body(RECORD), content_type=content_type))


MALFORMED: dict[str, bytes | str] = {
    "nothing": b"",
    "space": b"  ",
    "no UTF-8": b'{"query": "\xff\xfe"}',
    "UTF-16": body().encode("utf-16"),
    "a byte-order mark": body().encode("utf-8-sig"),
    "a lone surrogate": '{"query": "\\ud800"}',
    "NUL": b"\x00",
    "cut short": body()[:-1],
    "more than one": body() + body(),
    "a number": "1",
    "null": "null",
    "true": "true",
    "a list": "[]",
    "a batch": f"[{body()}]",
    "text": '"x"',
    "NaN": '{"query": NaN}',
    "deep lists": "[" * 10_000,
    "deep objects": '{"a":' * 10_000,
    "deep and closed": "[" * 10_000 + "]" * 10_000,
    "deep variables": body(variables={}).replace("{}", '{"a":' * 5_000 + "1" + "}" * 5_000),
    "an empty object": "{}",
    "no query": '{"variables": {}}',
    "a query that is null": body(None),
    "an empty query": body(""),
    "a query that is a number": body(1),
    "a query that is a list": body([TYPENAME]),
    "a query that is an object": body({"query": TYPENAME}),
    "variables that are a list": body(variables=[]),
    "variables that are text": body(variables="{}"),
    "variables that are a number": body(variables=1),
    "extensions that are a list": body(extensions=[]),
    "70 kB": body("#" + "x" * 70_000 + "\n" + TYPENAME),
    "3 MB": body("#" + "x" * 3_000_000),
    "compressed": gzip.compress(body().encode()),
    "only a fragment": body("fragment A on Query { __typename }"),
    "an operation that is not there": body("query A { __typename }", operationName="B"),
}


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_body_is_the_clients_mistake(browser: Browser, path: str, name: str) -> None:
    response = post_body(browser, MALFORMED[name], path=path)
    assert_refused(response)
    assert len(response.content) < 2_000


@pytest.mark.parametrize("operation_name", [1, [], {}, True, "", "\0", "x" * 10_000])
@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_strange_operation_name_is_the_clients_mistake(browser: Browser, path: str, operation_name: object) -> None:
    response = post_body(browser, body("query A { __typename }", operationName=operation_name), path=path)
    assert response.status_code == 200 or 400 <= response.status_code < 500


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "query",
    [
        "{",
        "}",
        "query",
        "{ nothing }",
        "{ attributedConversions }",
        "\0",
        "☃",
        "{ __typename @nothing }",
        "#",
        '"',
        "subscription { x }",
    ],
)
def test_a_document_that_is_none_is_answered_with_a_typed_error(browser: Browser, path: str, query: str) -> None:
    response = post_body(browser, body(query), path=path)
    assert response.status_code in (200, 400)
    for word in FORBIDDEN_WORDS:
        assert word not in response.content
    if response.status_code == 200:
        answer = response.json()
        assert answer["data"] is None
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_body_of_64_kilobytes_is_read_and_one_byte_more_is_not(browser: Browser, path: str) -> None:
    padded = body("#" + "x" * 60_000 + "\n" + TYPENAME)
    largest = padded + " " * (MAX_BODY_BYTES - len(padded))
    assert MAX_BODY_BYTES == 64 * 1024
    assert post_body(browser, largest, path=path).status_code == 200
    assert_refused(post_body(browser, largest + " ", path=path), status=413)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_graphiql_is_there_under_debug_only(browser: Browser, path: str) -> None:
    assert_refused(browser.get(path))
    with override_settings(DEBUG=True):
        page = browser.get(path)
    assert page.status_code == 200
    assert b"graphiql" in page.content.lower()
    assert_refused(browser.get(path))


@pytest.mark.parametrize("path", ENDPOINTS)
def test_debug_changes_no_answer(browser: Browser, path: str) -> None:
    for document in (TYPENAME, "{ nothing }", "{ attributedConversions { totalCount } }", RECORD):
        plain = post(browser, document, path=path).content
        with override_settings(DEBUG=True):
            assert post(browser, document, path=path).content == plain


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/graphql-response+json", "text/html", ""])
def test_any_accept_header_is_answered_with_json(browser: Browser, path: str, accept: str) -> None:
    response = post_body(browser, body(), path=path, Accept=accept)
    assert response.status_code == 200
    assert response.json() == {"data": {"__typename": "Query"}}
    assert "json" in response.headers["Content-Type"]


@pytest.mark.parametrize("path", ENDPOINTS)
def test_the_media_type_of_graphql_is_answered_where_it_is_asked_for(browser: Browser, path: str) -> None:
    asked = {"Accept": "application/graphql-response+json, application/json;q=0.9"}
    statuses = {TYPENAME: 200, "{ nothing }": 400, "{": 400, "{ attributedConversions { totalCount } }": 200}
    for query, status in statuses.items():
        response = post_body(browser, body(query), path=path, **asked)
        assert response.headers["Content-Type"].startswith("application/graphql-response+json")
        assert response.status_code == status


@pytest.mark.parametrize("accept", ["multipart/mixed; subscriptionSpec=1.0", "text/event-stream"])
def test_streams_are_not_served(browser: Browser, accept: str) -> None:
    response = post_body(browser, body(RECORD), Accept=accept)
    assert not response.streaming
    assert response.status_code == 200 or 400 <= response.status_code < 500


def test_answers_are_never_taken_for_pages(browser: Browser) -> None:
    response = post(browser, "{ a<script>alert(1)</script> }")
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_visitor_without_our_middleware_is_told_nothing_but_that_it_failed(settings: Any) -> None:
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if not path.startswith("django_attribution.")]
    response = post(Client(raise_request_exception=False), RECORD)
    (error,) = response.json()["errors"]
    assert error["message"] == "Unexpected error."
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
