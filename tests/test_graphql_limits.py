"""What one document may ask for, and how quickly more than that is refused."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client
from graphql import get_introspection_query

from django_attribution.models import Conversion
from graphql_api.limits import MAX_ALIASES, MAX_DEPTH, MAX_REPEATS, MAX_REPORTS, MAX_TOKENS
from tests.browsers import Browser
from tests.graphql_calls import EVERYTHING, ask, codes_of, dashboard, errors_of

pytestmark = pytest.mark.django_db

RECORD = 'recordConversion(input: {{ event: "signup", idempotencyKey: "{key:016}" }}) {{ errors {{ code }} }}'


@pytest.fixture(autouse=True)
def rules(settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"CLIENT_EVENTS": {"signup": {}}}


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def staff() -> Client:
    return dashboard(*EVERYTHING)


@contextmanager
def quickly() -> Iterator[None]:
    """Check that the block takes a moment: an attack that works takes minutes, or does not end."""
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < 2.0  # seconds; generous, for a machine that does other things too


def aliases(number: int, selection: str = "__typename") -> str:
    return " ".join(f"a{index}: {selection}" for index in range(number))


def test_the_limits_are_the_documented_ones() -> None:
    assert (MAX_ALIASES, MAX_DEPTH, MAX_TOKENS, MAX_REPORTS, MAX_REPEATS) == (15, 10, 1000, 5, 50)


def test_fifteen_aliases_are_answered_and_sixteen_are_not(staff: Client, browser: Browser) -> None:
    assert len(ask(browser, f"{{ {aliases(15)} }}")) == 15
    pages = ask(staff, f"{{ {aliases(15, 'attributedConversions { totalCount }')} }}")
    assert len(pages) == 15
    assert codes_of(browser, f"{{ {aliases(16)} }}") == {"QUERY_TOO_COMPLEX"}
    (error,) = errors_of(browser, f"{{ {aliases(16)} }}")
    assert "16 aliases" in error["message"]
    assert "15" in error["message"]


@pytest.mark.parametrize(
    "document",
    [
        f"{{ attributedConversions {{ {aliases(16, 'totalCount')} }} }}",
        f"{{ {aliases(8)} attributedConversions {{ {aliases(8, 'totalCount')} }} }}",
        f"{{ ...A ...A }} fragment A on Query {{ {aliases(8)} }}",
        f"{{ ... on Query {{ {aliases(8)} }} ... {{ {aliases(8)} }} }}",
    ],
)
def test_aliases_are_counted_wherever_they_stand(browser: Browser, document: str) -> None:
    assert codes_of(browser, document) == {"QUERY_TOO_COMPLEX"}


def test_aliases_of_an_operation_that_is_not_run_count_too(browser: Browser) -> None:
    document = f"query A {{ {aliases(16)} }} query B {{ __typename }}"
    answer = browser.post(
        "/graphql/", {"query": document, "operationName": "B"}, content_type="application/json"
    ).json()
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"QUERY_TOO_COMPLEX"}


REPORTS = [
    "attributionReport { __typename }",
    "conversionPaths { truncated }",
    "reportOptions { events }",
    'attributedConversions(creditedTo: { source: "google" }) { totalCount }',
]


@pytest.mark.parametrize("report", REPORTS)
def test_five_reports_are_made_and_six_are_not(staff: Client, browser: Browser, report: str) -> None:
    assert len(ask(staff, f"{{ {aliases(5, report)} }}")) == 5
    (error,) = errors_of(browser, f"{{ {aliases(6, report)} }}")
    assert error["extensions"]["code"] == "QUERY_TOO_COMPLEX"
    assert error["message"] == "The operation has 6 reports; at most 5 are allowed."


@pytest.mark.parametrize(
    "document",
    [
        f"{{ {aliases(2, REPORTS[0])} b: {REPORTS[1]} c: {REPORTS[2]} d: {REPORTS[3]} e: {REPORTS[3]} }}",
        f"{{ ...A {REPORTS[1]} }} fragment A on Query {{ {aliases(3, REPORTS[0])} ...B }} "
        f"fragment B on Query {{ b: {REPORTS[0]} ... {{ c: {REPORTS[2]} }} }}",
        f"query ($of: CreditFilterInput) {{ {aliases(6, 'attributedConversions(creditedTo: $of) { totalCount }')} }}",
    ],
)
def test_reports_are_counted_wherever_they_stand(staff: Client, document: str) -> None:
    assert codes_of(staff, document) == {"QUERY_TOO_COMPLEX"}


def test_a_report_that_several_fragments_ask_for_is_one(staff: Client) -> None:
    spread = " ".join(f"...F{number}" for number in range(8))
    fragments = " ".join(f"fragment F{number} on Query {{ {REPORTS[1]} }}" for number in range(8))
    assert ask(staff, f"{{ {spread} }} {fragments}") == {"conversionPaths": {"truncated": False}}


def test_a_list_that_is_not_narrowed_by_credit_is_no_report(staff: Client) -> None:
    assert len(ask(staff, f"{{ {aliases(15, 'attributedConversions(creditedTo: null) { totalCount }')} }}")) == 15


@pytest.mark.parametrize(
    "document",
    [
        "{{ {repeats} }}",
        "{{ attributedConversions {{ pageInfo {{ {repeats} }} }} }}",
        "{{ ...A ...B }} fragment A on Query {{ {half} }} fragment B on Query {{ {half} }}",
        "{{ {half} ... {{ {half} }} }}",
        "{{ {half} ...A }} fragment A on Query {{ ...B }} fragment B on Query {{ {half} }}",
    ],
)
def test_fifty_repeats_of_a_field_are_read_and_fifty_two_are_not(browser: Browser, document: str) -> None:
    def codes(number: int) -> set[str]:
        repeats = {"repeats": "__typename " * number, "half": "__typename " * (number // 2)}
        answer = browser.post(
            "/graphql/", {"query": document.format(**repeats)}, content_type="application/json"
        ).json()
        return {error["extensions"]["code"] for error in answer.get("errors", ())}

    assert codes(MAX_REPEATS) <= {"UNAUTHENTICATED"}
    assert codes(MAX_REPEATS + 2) == {"QUERY_TOO_COMPLEX"}


def test_a_field_may_be_repeated_in_each_of_several_selections(browser: Browser) -> None:
    selection = "attributedConversions { " + "totalCount " * 40 + "}"
    assert codes_of(browser, f"{{ a: {selection} b: {selection} }}") == {"UNAUTHENTICATED"}


def levels(depth: int) -> str:
    """Return a document that goes so many levels deep; the schema itself offers seven."""
    return "{ deeper " * depth + "}" * depth


def test_ten_levels_are_read_and_eleven_are_not(browser: Browser) -> None:
    assert codes_of(browser, levels(MAX_DEPTH)) == {"BAD_USER_INPUT"}
    assert codes_of(browser, levels(MAX_DEPTH + 1)) == {"QUERY_TOO_COMPLEX"}


@pytest.mark.parametrize("hidden", ["... on Query { deeper { deeper } }", "...Deeper", "... { ... { ...Deeper } }"])
def test_fragments_do_not_hide_depth(browser: Browser, hidden: str) -> None:
    fragment = " fragment Deeper on Query { deeper { deeper } }" if "...Deeper" in hidden else ""
    for depth, codes in ((8, {"BAD_USER_INPUT"}), (9, {"QUERY_TOO_COMPLEX"})):
        document = "{ deeper " * depth + f"{{ {hidden} }}" + "}" * depth
        assert codes_of(browser, document + fragment) == codes


def test_everything_that_the_schema_offers_is_within_the_limits(staff: Client) -> None:
    document = """{ attributedConversions { totalCount edges { node { identity { journey { clickIds { value } } } }
        credits { touchpoint { clickIds { value } } } } } }"""
    assert ask(staff, document)["attributedConversions"]["totalCount"] == 0


@pytest.mark.parametrize("options", [{}, {"input_value_deprecation": True, "specified_by_url": True}])
def test_tools_can_read_the_schema(browser: Browser, settings: Any, options: dict[str, bool]) -> None:
    settings.DJANGO_ATTRIBUTION = {"GRAPHQL_INTROSPECTION": True}
    assert ask(browser, get_introspection_query(**options))["__schema"]["queryType"]["name"] == "Query"


@pytest.mark.parametrize("may_introspect", [True, False])
def test_the_schema_is_not_read_in_circles(browser: Browser, settings: Any, may_introspect: bool) -> None:
    settings.DJANGO_ATTRIBUTION = {"GRAPHQL_INTROSPECTION": may_introspect}
    circles = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
    with quickly():
        assert codes_of(browser, circles) <= {"BAD_USER_INPUT", "QUERY_TOO_COMPLEX"}


def test_a_thousand_tokens_are_read_and_one_more_is_not(browser: Browser) -> None:
    around = "{ attributedConversions(where: { event: [%s] }) { totalCount } }"  # 16 tokens
    assert codes_of(browser, around % ('"a" ' * (MAX_TOKENS - 16))) == {"UNAUTHENTICATED"}
    assert codes_of(browser, around % ('"a" ' * (MAX_TOKENS - 15))) == {"QUERY_TOO_COMPLEX"}


def test_one_operation_changes_one_thing(browser: Browser) -> None:
    assert ask(browser, f"mutation {{ {RECORD.format(key=1)} }}") == {"recordConversion": {"errors": []}}
    two = f"mutation {{ a: {RECORD.format(key=2)} b: {RECORD.format(key=3)} }}"
    assert codes_of(browser, two) == {"QUERY_TOO_COMPLEX"}
    assert Conversion.objects.count() == 1


@pytest.mark.parametrize(
    "document",
    [
        "mutation {{ ...Two }} fragment Two on Mutation {{ {two} }}",
        "mutation {{ ... {{ {two} }} }}",
        "mutation {{ ... on Mutation {{ {two} }} }}",
        "mutation {{ ... {{ ...Two }} }} fragment Two on Mutation {{ ... {{ {two} }} }}",
        "mutation {{ ...One ...Other }} fragment One on Mutation {{ {one} }} fragment Other on Mutation {{ {other} }}",
    ],
)
def test_fragments_do_not_hide_a_second_change(browser: Browser, document: str) -> None:
    one, other = f"a: {RECORD.format(key=1)}", f"b: {RECORD.format(key=2)}"
    assert codes_of(browser, document.format(one=one, other=other, two=f"{one} {other}")) == {"QUERY_TOO_COMPLEX"}
    assert not Conversion.objects.exists()


def test_a_single_change_may_stand_in_a_fragment(browser: Browser) -> None:
    document = f"mutation {{ ...One }} fragment One on Mutation {{ {RECORD.format(key=1)} }}"
    assert ask(browser, document) == {"recordConversion": {"errors": []}}


def bomb(on: str, *, deep: int, inner: str, around: str = "{spread}") -> str:
    """Return fragments of which each spreads the next one twice: two to the power of ``deep`` in all."""
    fragments = [
        f"fragment F{number} on {on} {{ {around.format(spread=f'...F{number + 1} ...F{number + 1}')} }}"
        for number in range(deep)
    ]
    return " ".join([*fragments, f"fragment F{deep} on {on} {{ {inner} }}"])


@pytest.mark.parametrize("deep", [22, 60])
def test_fragments_that_multiply_aliases_are_refused_quickly(browser: Browser, deep: int) -> None:
    with quickly():
        assert codes_of(browser, "{ ...F0 } " + bomb("Query", deep=deep, inner="a: __typename")) == {
            "QUERY_TOO_COMPLEX"
        }


@pytest.mark.parametrize("deep", [22, 60])
def test_fragments_that_multiply_fields_are_answered_quickly_whoever_asks(browser: Browser, deep: int) -> None:
    with quickly():
        document = "{ ...F0 } " + bomb("Query", deep=deep, inner="__typename")
        answered_or_refused(browser, document)


@pytest.mark.parametrize(
    ("field", "on", "inner"),
    [
        ("attributedConversions { ...F0 }", "AttributedConversionConnection", "totalCount"),
        ("attributedConversions { edges { node { ...F0 } } }", "Conversion", "id"),
        ("attributedConversions { edges { node { identity { ...F0 } } } }", "Identity", "journey { id }"),
        ('recordedConversion(idempotencyKey: "x") { ...F0 }', "RecordedConversion", "id"),
    ],
)
def test_fragments_that_multiply_under_a_field_are_answered_quickly(
    staff: Client, field: str, on: str, inner: str
) -> None:
    # Doubled sixteen times takes no noticeable time where each fragment is looked at once, and seconds where it is
    # looked at as often as it is spread; sixty times would never end.
    with quickly():
        answered_or_refused(staff, f"{{ {field} }} {bomb(on, deep=18, inner=inner)}")


def test_fragments_that_multiply_under_a_mutation_are_answered_quickly(browser: Browser) -> None:
    document = f"mutation {{ {RECORD.format(key=1).replace('errors { code }', '...F0')} }} "
    with quickly():
        answered_or_refused(browser, document + bomb("RecordConversionPayload", deep=60, inner="errors { code }"))


def answered_or_refused(client: Client, document: str) -> None:
    response = client.post("/graphql/", {"query": document}, content_type="application/json")
    assert response.status_code == 200
    codes = {error["extensions"]["code"] for error in response.json().get("errors", [])}
    assert codes in (set(), {"QUERY_TOO_COMPLEX"})


def test_fragments_in_a_circle_are_refused_quickly(browser: Browser) -> None:
    circle = "{ ...A } fragment A on Query { ...B a: __typename } fragment B on Query { ...A ...B b: __typename }"
    with quickly():
        assert codes_of(browser, circle) <= {"BAD_USER_INPUT", "QUERY_TOO_COMPLEX"}


@pytest.mark.parametrize(
    "document",
    [
        "{ " + "a { " * 300 + "b" + " }" * 300 + " }",
        "{ __typename " + "@include(if: true) " * 150 + "}",
        "query (" + " ".join(f"$v{number}: Int" for number in range(240)) + ") { __typename }",
        "{ " + " ".join(f"nothing{number}" for number in range(990)) + " }",
        "{ attributedConversions(where: {event: [" + '"a" ' * 900 + "]}) { totalCount } }",
        " ".join(f"query Q{number} {{ __typename }}" for number in range(190)),
        " ".join(f"fragment F{number} on Query {{ __typename }}" for number in range(140)) + " { __typename }",
        "{ recordedConversion(idempotencyKey: " + "[" * 480 + "]" * 480 + ") { id } }",
        "query ($a: " + "[" * 450 + "Int" + "]" * 450 + ") { __typename }",
        "{ __typename } #" + "x" * 60_000,
        '{ recordedConversion(idempotencyKey: "' + "x" * 60_000 + '") { id } }',
        "{ " + "x" * 60_000 + " }",
    ],
    ids=lambda document: document[:40],
)
def test_a_document_at_the_limit_is_dealt_with_quickly(browser: Browser, document: str) -> None:
    with quickly():
        response = browser.post("/graphql/", {"query": document}, content_type="application/json")
    assert response.status_code in (200, 400)
    assert len(response.content) < 70_000


def test_many_source_windows_in_a_variable_are_refused_quickly(staff: Client) -> None:
    document = "query ($of: [SourceWindowInput!]!) { attributedConversions(sourceWindows: $of) { totalCount } }"
    with quickly():
        assert codes_of(staff, document, of=[{"source": f"s{number}", "days": 1} for number in range(1_500)]) == {
            "BAD_USER_INPUT"
        }


def test_fifteen_of_the_largest_pages_are_answered(staff: Client) -> None:
    selection = "attributedConversions(first: 200) { edges { node { identity { journey(first: 200) { id } } } } }"
    assert len(ask(staff, f"{{ {aliases(15, selection)} }}")) == 15
