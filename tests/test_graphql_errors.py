"""When something breaks: callers get a code and nothing of the cause, and the log gets the cause."""

import json
import logging
import re
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, DataError, InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client

from django_attribution import failures
from django_attribution.exceptions import AttributionUnavailable
from django_attribution.models import Conversion
from django_attribution.signals import tracking_failed
from graphql_api.schema import schema
from tests.browsers import Browser
from tests.graphql_calls import EVERYTHING, ask, dashboard, errors_of, post, post_body
from tests.heard import heard
from tests.leaks import leaks

pytestmark = pytest.mark.django_db

CAUSE = 'relation "attribution_conversion" at 10.0.0.5: password=hunter2'
PAGE = "{ attributedConversions { totalCount edges { node { id } } } }"
OWN = '{ recordedConversion(idempotencyKey: "0123456789abcdef") { id } }'
RECORD = """mutation { recordConversion(input: { event: "signup", idempotencyKey: "0123456789abcdef" }) {
  conversion { id } errors { code field message retryAfterSeconds } } }"""
CONFIRM = """mutation ($token: String!) { confirmConversion(input: { token: $token }) {
  conversion { id } errors { code field message retryAfterSeconds } } }"""


@pytest.fixture(autouse=True)
def rules(settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"CLIENT_EVENTS": {"signup": {}}}


@pytest.fixture
def staff() -> Client:
    return dashboard()


@pytest.fixture
def visitor() -> Browser:
    browser = Browser()
    browser.land()
    return browser


def broken(error: Exception) -> Any:
    """Have the database fail at every statement about our tables."""

    def fail(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if '"attribution_' in sql:
            raise error
        return execute(sql, params, many, context)

    return connection.execute_wrapper(fail)


# What SQLite raises for a missing table, where PostgreSQL's is a ProgrammingError.
SQLITE_ERROR = OperationalError(CAUSE)
SQLITE_ERROR.__cause__ = sqlite3.OperationalError(CAUSE)
SQLITE_ERROR.__cause__.sqlite_errorcode = sqlite3.SQLITE_ERROR
UNEXPECTED = [
    ProgrammingError(CAUSE), DataError(CAUSE), RuntimeError(CAUSE), KeyError(CAUSE), AssertionError(CAUSE),
    SQLITE_ERROR,
]  # fmt: skip
UNREACHABLE = [OperationalError(CAUSE), InterfaceError(CAUSE)]


@pytest.mark.parametrize("error", UNEXPECTED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("document", [OWN, RECORD])
@pytest.mark.parametrize("path", ["/graphql/", "/async/graphql/"])
def test_an_unexpected_error_is_masked_and_logged(
    visitor: Browser, caplog: pytest.LogCaptureFixture, error: Exception, document: str, path: str
) -> None:
    with broken(error):
        response = post(visitor, document, path=path)
    (shown,) = response.json()["errors"]
    assert shown["message"] == "Unexpected error."
    assert shown["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert b"hunter2" not in response.content
    logged = "".join(record.getMessage() for record in caplog.records)
    assert f"failed: {type(error).__name__}" in logged
    assert ", in fail\n" in logged  # where it happened
    assert (CAUSE in logged) is not isinstance(error, DatabaseError)  # PostgreSQL quotes the row that it refused


@pytest.mark.parametrize(
    "error", [ProgrammingError(CAUSE), RuntimeError(CAUSE)], ids=lambda error: type(error).__name__
)
def test_a_page_that_fails_is_masked_too(staff: Client, caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    with broken(error):
        response = post(staff, PAGE)
    (shown,) = response.json()["errors"]
    assert shown["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert b"hunter2" not in response.content
    assert [record.levelno for record in caplog.records if record.name.startswith("strawberry")] == [logging.ERROR]


@pytest.mark.parametrize("error", [DataError(CAUSE), ValueError(CAUSE)], ids=lambda error: type(error).__name__)
def test_a_failure_of_the_database_is_not_blamed_on_a_cursor_that_was_not_given(
    staff: Client, error: Exception
) -> None:
    with broken(error):
        response = post(staff, PAGE)
    (shown,) = response.json()["errors"]
    assert shown["extensions"] == {"code": "INTERNAL_SERVER_ERROR"}
    assert b"hunter2" not in response.content


@pytest.mark.parametrize("error", UNREACHABLE, ids=lambda error: type(error).__name__)
def test_a_query_says_that_the_database_is_out_of_reach(staff: Client, visitor: Browser, error: Exception) -> None:
    for client, document in ((staff, PAGE), (visitor, OWN)):
        with broken(error):
            response = post(client, document)
        (shown,) = response.json()["errors"]
        assert shown["extensions"] == {"code": "UNAVAILABLE"}
        assert b"hunter2" not in response.content


@pytest.mark.parametrize("error", UNREACHABLE, ids=lambda error: type(error).__name__)
def test_a_mutation_says_when_to_repeat_it(visitor: Browser, error: Exception) -> None:
    token = Conversion.objects.create(event="order", is_confirmed=False).confirmation_token()
    for document, name, variables in (
        (RECORD, "recordConversion", {}),
        (CONFIRM, "confirmConversion", {"token": token}),
    ):
        with broken(error):
            payload = ask(visitor, document, **variables)[name]
        (shown,) = payload["errors"]
        assert payload["conversion"] is None
        assert (shown["code"], shown["field"], shown["retryAfterSeconds"]) == ("UNAVAILABLE", None, 5)
        assert "hunter2" not in shown["message"]
        assert ask(visitor, document, **variables)[name]["errors"] == []


def test_a_recording_that_was_interrupted_leaves_nothing_and_may_be_repeated(visitor: Browser) -> None:
    def fail(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql.startswith('INSERT INTO "attribution_conversion"'):
            raise OperationalError(CAUSE)
        return result

    with connection.execute_wrapper(fail):
        (error,) = ask(visitor, RECORD)["recordConversion"]["errors"]
    assert error["code"] == "UNAVAILABLE"
    assert not Conversion.objects.exists()
    assert ask(visitor, RECORD)["recordConversion"]["errors"] == []
    assert Conversion.objects.count() == 1


def test_what_a_mutation_lost_to_an_outage_is_told_to_the_site(
    visitor: Browser, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "_logged_at", {})
    with heard(tracking_failed) as said, broken(InterfaceError(CAUSE)):
        for _ in range(2):
            ask(visitor, RECORD)
    assert [(told["kind"], type(told["error"])) for told in said] == [("mutation", AttributionUnavailable)] * 2
    (line,) = [record.getMessage() for record in caplog.records if "mutation" in record.getMessage()]
    assert "hunter2" not in line


def test_a_table_that_is_missing_is_no_secret_of_ours(staff: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE attribution_touchpoint RENAME TO elsewhere")
    response = post(staff, "{ attributedConversions { edges { credits { source } } } }")
    assert b"attribution_touchpoint" not in response.content
    assert b"elsewhere" not in response.content
    codes = {error["extensions"]["code"] for error in response.json()["errors"]}
    assert codes == {"INTERNAL_SERVER_ERROR"}


@pytest.mark.parametrize(
    "document",
    [
        "{", "{ nothing }", "{ attributedConversions { totalCount } }",
        "{ recordedConversion(idempotencyKey: 1) { id } }",
        "{ " + " ".join(f"a{number}: __typename" for number in range(16)) + " }",
        "{ " + "__typename " * 1_001 + "}",
        "mutation ($x: RecordConversionInput!) { recordConversion(input: $x) { errors { code } } }",
        RECORD.replace("signup", "other"),
        CONFIRM.replace("$token: String!", '$token: String! = "forged"'),
    ],
    ids=lambda document: document[:40],
)  # fmt: skip
def test_what_callers_get_wrong_is_not_logged(client: Client, caplog: pytest.LogCaptureFixture, document: str) -> None:
    client.raise_request_exception = False
    assert post(client, document).status_code == 200
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize(
    "document",
    [
        "{ attributedConversions(first: 1000) { totalCount } }",
        '{ attributedConversions(after: "nonsense") { totalCount } }',
        "{ attributedConversions(windowDays: -1) { totalCount } }",
        '{ attributedConversions(where: { id: ["x"] }) { totalCount } }',
        '{ attributedConversions(where: { currency: ["x"] }) { totalCount } }',
    ],
)
def test_what_a_dashboard_gets_wrong_is_not_logged(
    staff: Client, caplog: pytest.LogCaptureFixture, document: str
) -> None:
    assert errors_of(staff, document)[0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert [record.getMessage() for record in caplog.records] == []


DOCUMENTED = {
    "BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN", "QUERY_TOO_COMPLEX", "UNAVAILABLE", "INTERNAL_SERVER_ERROR"
}  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        "{", "query", "{ nothing }", "{ attributedConversions }", "{ attributedConversions { totalCount } }",
        "query ($a: Nothing) { __typename }", "query ($a: Int!) { attributedConversions(first: $a) { totalCount } }",
        "{ ...A }", "fragment A on Query { __typename } { __typename }", "{ __typename @nothing }",
        "subscription { a }",
        '{ attributedConversions(where: { currency: "x" }) { totalCount } }', "{ " + "__typename " * 1_001 + "}",
    ],
    ids=lambda document: document[:40],
)  # fmt: skip
def test_every_error_has_a_documented_code(client: Client, document: str) -> None:
    for error in errors_of(client, document):
        assert error["extensions"]["code"] in DOCUMENTED
        assert set(error) <= {"message", "locations", "path", "extensions"}


@pytest.mark.parametrize(
    ("variable", "argument"),
    [
        ("Int", "windowDays"), ("ConversionFilterInput", "where"), ("[ConversionOrderInput!]", "orderBy"),
        ("AttributionModel", "model"), ("[SourceWindowInput!]", "sourceWindows"),
    ],
)  # fmt: skip
def test_null_for_what_is_never_null_is_the_callers_mistake(staff: Client, variable: str, argument: str) -> None:
    document = f"query ($v: {variable}) {{ attributedConversions({argument}: $v) {{ totalCount }} }}"
    answer = staff.post("/graphql/", {"query": document, "variables": {"v": None}}, content_type="application/json")
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert argument in error["message"]


WILD = [
    "null", "true", "5", "-1", "1.5", "1e22", "18446744073709551616", '"x"', '""', '"nul\\u0000"', "[]", "[null]",
    "[1]", "{}", '{"a": null}', '"sNaN"', '"1e999999999"', '"2026-99-99"', '"2026-02-30"',
    '"2026-01-01T00:00:00+99:00"', '"\\u0661"', '"0001-01-01T00:00:00+14:00"', '"http://[::1"', '"http://a:99999/"',
    "[[[[[]]]]]",
]  # fmt: skip
LITERALS = [*WILD, "1e400", "9" * 5_000, "x", "{ a: 1e400 }", "{ a: " + "9" * 5_000 + " }"]
INPUTS = {
    "RecordConversionInput": [
        "%s", '{"event": %s, "idempotencyKey": "0123456789abcdef"}', '{"event": "signup", "idempotencyKey": %s}',
        '{"event": "signup", "idempotencyKey": "0123456789abcdef", "customData": %s}',
        '{"event": "signup", "idempotencyKey": "0123456789abcdef", "value": %s}',
        '{"event": "signup", "idempotencyKey": "0123456789abcdef", "value": {"amount": %s, "currency": "USD"}}',
        '{"event": "signup", "idempotencyKey": "0123456789abcdef", "value": {"amount": "1", "currency": %s}}',
    ],
    "ConfirmConversionInput": [
        "%s", '{"token": %s}', '{"byId": {"id": %s}}', '{"byKey": %s}', '{"byKey": {"idempotencyKey": %s}}',
        '{"byKey": {"idempotencyKey": "k", "value": {"amount": %s, "currency": "USD"}}}',
    ],
    "RecordTouchpointInput": ["%s", '{"url": %s}', '{"url": "https://testserver/", "referrer": %s}'],
    "ConversionFilterInput": [
        "%s", '{"id": %s}', '{"event": %s}', '{"currency": %s}', '{"status": %s}', '{"identified": %s}',
        '{"occurred": {"after": %s}}', '{"value": {"min": %s}}',
    ],
}  # fmt: skip
MISTAKEN = {
    "RecordConversionInput": "recordConversion(input: %s) { errors { message } }",
    "ConfirmConversionInput": "confirmConversion(input: %s) { errors { message } }",
    "RecordTouchpointInput": "recordTouchpoint(input: %s) { errors { message } }",
    "ConversionFilterInput": "attributedConversions(where: %s) { totalCount }",
}
QUERIES: Any = schema._schema.query_type.fields  # type: ignore[union-attr]  # the schema has queries
ARGUMENTS = [
    (field, name, str(argument.type))
    for field in ("attributedConversions", "attributionReport", "conversionPaths", "recordedConversion")
    for name, argument in QUERIES[field].args.items()
]


@pytest.fixture
def everybody(settings: Any) -> Client:
    """Somebody who may do everything, so that nothing is refused before it is looked at."""
    settings.DJANGO_ATTRIBUTION = {"CLIENT_EVENTS": {"signup": {"value": True}}, "CLIENT_RATE": None}
    return dashboard(*EVERYTHING, "confirm_conversion")


def given_away(client: Client, document: str, variables: str = "{}") -> list[str]:
    body = f'{{"query": {json.dumps(document)}, "variables": {variables}}}'
    response = post_body(client, body)
    assert b"INTERNAL_SERVER_ERROR" not in response.content
    return leaks(response.json(), sent=body)


def literal(written: str) -> str:
    """Write JSON as GraphQL does, which quotes no names."""
    return re.sub(r'"(\w+)":', r"\1:", written)


@pytest.mark.parametrize("kind", INPUTS)
def test_no_input_is_refused_in_the_words_of_python(everybody: Client, kind: str) -> None:
    operation = "query" if kind == "ConversionFilterInput" else "mutation"
    for pattern in INPUTS[kind]:
        for wild in WILD:
            document = f"{operation} ($v: {kind}!) {{ {MISTAKEN[kind] % '$v'} }}"
            variables = f'{{"v": {pattern.replace("%s", wild)}}}'
            assert given_away(everybody, document, variables) == [], (pattern, wild)
        for wild in LITERALS:
            document = f"{operation} {{ {MISTAKEN[kind] % literal(pattern.replace('%s', wild))} }}"
            assert given_away(everybody, document) == [], (pattern, wild[:40])


@pytest.mark.parametrize(("field", "name", "kind"), ARGUMENTS, ids=lambda part: part)
def test_no_argument_is_refused_in_the_words_of_python(everybody: Client, field: str, name: str, kind: str) -> None:
    for wild in WILD:
        document = f"query ($v: {kind.rstrip('!')}) {{ {field}({name}: $v) {{ __typename }} }}"
        assert given_away(everybody, document, f'{{"v": {wild}}}') == [], wild
    for wild in LITERALS:
        assert given_away(everybody, f"{{ {field}({name}: {literal(wild)}) {{ __typename }} }}") == [], wild[:40]


@pytest.mark.parametrize("name", ["true", "5", "[]", '{"a": null}'])
def test_an_operation_name_is_text(client: Client, name: str) -> None:
    response = post_body(client, f'{{"query": "{{ __typename }}", "operationName": {name}}}')
    assert response.status_code == 400
    assert response.content == b"The GraphQL operation's `operationName` must be a string or null, if provided."


def test_a_form_with_a_token_is_refused_like_any_other(client: Client) -> None:
    browser = Client(enforce_csrf_checks=True)
    token = browser.get("/graphql/csrf/").json()["csrfToken"]
    for path in ("/graphql/", "/async/graphql/"):
        response = browser.post(path, {"operations": "{}", "map": "{}"}, headers={"X-CSRFToken": token})
        assert response.status_code == 400
