"""Who may read the schema: by ``GRAPHQL_INTROSPECTION``, and under DEBUG where that says nothing."""

from typing import Any

import pytest
from django.test.utils import override_settings

from tests.browsers import Browser
from tests.graphql_calls import ask, codes_of, errors_of

pytestmark = pytest.mark.django_db

ENDPOINTS = ["/graphql/", "/async/graphql/"]
CHOICES = [(None, False, False), (None, True, True), (True, False, True), (False, True, False)]
QUESTIONS = [
    "{ __schema { queryType { name } } }",
    '{ __type(name: "Query") { name } }',
    "query { ...Hidden } fragment Hidden on Query { __schema { types { name } } }",
    "{ ... on Query { a: __type(name: \"Conversion\") { fields { name } } } }",
]  # fmt: skip
# Each of these has graphql-core guess what was meant, and so tell a name that the caller did not send.
NEAR_MISSES: dict[str, tuple[str, dict[str, Any]]] = {
    "reportOptions": ("{ reportOption { events } }", {}),
    "windowDays": ("{ attributedConversions(windowDay: 3) { totalCount } }", {}),
    "totalCount": ("{ attributedConversions { totalCoun } }", {}),
    "CurrencyCode": ("query ($a: CurrencyCod) { __typename }", {}),
    "LAST_TOUCH": ("{ attributedConversions(model: LAST_TOUC) { totalCount } }", {}),
    "currency": ("{ attributedConversions(where: { currenc: \"EUR\" }) { totalCount } }", {}),
    "idempotencyKey": (
        "mutation ($input: RecordConversionInput!) { recordConversion(input: $input) { errors { code } } }",
        {"input": {"event": "signup", "idempotencyKe": "x" * 16, "idempotencyKey": "x" * 16}},
    ),
}  # fmt: skip


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(("chosen", "debug", "expected"), CHOICES)
def test_the_schema_is_read_by_those_who_may(
    browser: Browser, path: str, question: str, chosen: bool | None, debug: bool, expected: bool
) -> None:
    with override_settings(DEBUG=debug, DJANGO_ATTRIBUTION={"GRAPHQL_INTROSPECTION": chosen}):
        if expected:
            assert ask(browser, question, path=path)
        else:
            assert codes_of(browser, question, path=path) == {"BAD_USER_INPUT"}


def test_what_was_read_before_is_not_answered_from_a_cache(browser: Browser) -> None:
    for may_introspect in (True, False, True, False):
        with override_settings(DJANGO_ATTRIBUTION={"GRAPHQL_INTROSPECTION": may_introspect}):
            answer = browser.post("/graphql/", {"query": QUESTIONS[0]}, content_type="application/json").json()
        assert (answer["data"] is not None) is may_introspect


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(("chosen", "debug", "expected"), CHOICES)
def test_graphiql_is_shown_by_the_same_setting(
    browser: Browser, path: str, chosen: bool | None, debug: bool, expected: bool
) -> None:
    with override_settings(DEBUG=debug, DJANGO_ATTRIBUTION={"GRAPHQL_INTROSPECTION": chosen}):
        page = browser.get(path)
    assert page.status_code == (200 if expected else 405)
    assert (b"graphiql" in page.content.lower()) is expected


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("name", NEAR_MISSES)
def test_no_error_suggests_a_name_unless_the_schema_may_be_read(browser: Browser, path: str, name: str) -> None:
    document, variables = NEAR_MISSES[name]
    with override_settings(DJANGO_ATTRIBUTION={"GRAPHQL_INTROSPECTION": True}):
        told = [error["message"] for error in errors_of(browser, document, path=path, **variables)]
    assert any("Did you mean" in message and name in message for message in told)
    with override_settings(DJANGO_ATTRIBUTION={}):
        told = [error["message"] for error in errors_of(browser, document, path=path, **variables)]
    for message in told:
        assert message
        assert "Did you mean" not in message
        # What they sent is shown to them again: without that, nothing of the name is left.
        assert name not in message.replace(str(variables.get("input")), "")


def test_the_name_of_a_type_can_be_asked_for_everywhere(browser: Browser) -> None:
    assert ask(browser, "{ __typename }") == {"__typename": "Query"}


TWO = "query A { a: __typename } query B { b: __typename }"
REFUSED = "The document has 2 operations. Say in operationName which one to run."


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "document",
    [
        TWO,
        "query A { __typename } mutation B { recordTouchpoint(input: { url: \"\" }) { recorded } }",
        "mutation A { recordTouchpoint(input: { url: \"\" }) { recorded } } query B { __typename }",
        "query A { ...F } fragment F on Query { __typename } query B { ...F }",
    ],
)  # fmt: skip
def test_of_two_operations_none_is_run_unless_one_is_named(browser: Browser, path: str, document: str) -> None:
    for body in ({"query": document}, {"query": document, "operationName": None}):
        answer = browser.post(path, body, content_type="application/json").json()
        (error,) = answer["errors"]
        assert answer["data"] is None
        assert (error["message"], error["extensions"]["code"]) == (REFUSED, "BAD_USER_INPUT")


@pytest.mark.parametrize("path", ENDPOINTS)
def test_the_operation_that_is_named_is_run(browser: Browser, path: str) -> None:
    for name, data in (("A", {"a": "Query"}), ("B", {"b": "Query"})):
        answer = browser.post(path, {"query": TWO, "operationName": name}, content_type="application/json").json()
        assert answer == {"data": data}


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_single_operation_needs_no_name(browser: Browser, path: str) -> None:
    assert ask(browser, "query Only { __typename }", path=path)
    assert ask(browser, "query { ...F } fragment F on Query { __typename }", path=path)
