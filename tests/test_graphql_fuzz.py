"""The endpoint under operations that schemathesis makes up from the schema: no server error, nothing given away.

The schema object is read, not the endpoint's introspection; operations go through Django's test client, with all of its
middlewares, to the real schema and database. Valid ones are asked a second time with some arguments replaced by
ones that make sense, so that they get past the first refusal.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
import schemathesis
from django.db import connection
from django.test import Client
from graphql import (
    ArgumentNode,
    DocumentNode,
    ObjectFieldNode,
    OperationDefinitionNode,
    OperationType,
    ValueNode,
    Visitor,
    build_schema,
    introspection_from_schema,
    parse,
    print_ast,
    visit,
)
from graphql.language import parse_value
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.graphql import nodes

from django_attribution.models import Conversion, Identity, Touchpoint
from graphql_api.schema import schema
from tests.browsers import Browser
from tests.graphql_calls import EVERYTHING, dashboard
from tests.leaks import WORDS, leaks
from tests.sizes import sized

pytestmark = pytest.mark.django_db

ON_SQLITE = 30  # there the same again, shorter: what differs between databases is the text of their errors
CASES = sized(1_000, long=5_000) if connection.vendor == "postgresql" else sized(ON_SQLITE, long=1_000)
EXAMPLES = CASES * 5 // 8 + 5  # of which two thirds, more or less, are asked in two ways
KEY = "0123456789abcdef"

AMOUNTS = st.decimals(allow_nan=True, allow_infinity=True).map(str) | st.sampled_from(
    ["9.90", "0", "-1", "1e400", "", "x"]
)
CODES = st.sampled_from(["USD", "EUR", "JPY", "usd", "XXX", ""]) | st.text(max_size=4)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
OBJECTS = st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True), LEAVES, max_size=3)

schemathesis.graphql.scalar("Decimal", AMOUNTS.map(nodes.String))
schemathesis.graphql.scalar("CurrencyCode", CODES.map(nodes.String))
schemathesis.graphql.scalar("JSON", OBJECTS.map(lambda made: parse_value(_literal(made))))

SENSIBLE = {
    "event": '"signup"', "windowDays": "30", "days": "7", "first": "5", "last": "null", "after": "null",
    "before": "null", "timeZone": '"Europe/Paris"', "sourceWindows": '[{ source: "google", days: 7 }]',
    "groupBy": "[CHANNEL, CAMPAIGN]", "models": "[LAST_TOUCH, LINEAR]", "where": "{ status: [CONFIRMED, PENDING] }",
    "creditedTo": '{ source: ["google"] }', "orderBy": "{ value: DESC }",
    "value": '{ amount: "9.90", currency: "USD" }',
    "url": '"https://testserver/?utm_source=email"', "customData": "{ a: [1, null] }",
}  # fmt: skip


NOTHING_INVALID = {"Query.reportOptions"}  # nothing it takes is required or built in: schemathesis cannot violate it

Known = Mapping[str, Sequence[ValueNode]]  # what makes sense, by the name of an argument or an input's field
Bodies = st.SearchStrategy[DocumentNode]


REFUSALS: Any = parse("{ refused: errors { code } }").definitions[0].selection_set.selections[0]  # type: ignore[attr-defined]


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_literal(inner)}" for name, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


class _Sense(Visitor):
    """Replaces some arguments and fields of inputs by sensible ones."""

    def __init__(self, known: Known, *, random: Random) -> None:
        super().__init__()
        self._known = known
        self._random = random
        self._left_alone = random.choice([0, 0, 0.2])  # of what there is a sensible value for

    def _replaced(self, node: Any) -> Any:
        values = self._known.get(node.name.value)
        if values is None or self._random.random() < self._left_alone:
            return None
        return type(node)(name=node.name, value=self._random.choice(values))

    def leave_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:
        return self._replaced(node)  # type: ignore[no-any-return]

    def leave_object_field(self, node: ObjectFieldNode, *_: Any) -> ObjectFieldNode | None:
        return self._replaced(node)  # type: ignore[no-any-return]


def _telling_refusals(document: DocumentNode) -> DocumentNode:
    """Have each mutation say too whether it was refused: it answers with data, in which its errors are."""

    def told(field: Any) -> Any:
        selections = (*field.selection_set.selections, REFUSALS)
        return replace(field, selection_set=replace(field.selection_set, selections=selections))

    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    if operation.operation is not OperationType.MUTATION:
        return document
    fields = tuple(told(field) for field in operation.selection_set.selections)
    operation = replace(operation, selection_set=replace(operation.selection_set, selections=fields))
    return replace(document, definitions=(operation,))


def operations() -> dict[str, Any]:
    """Return the schema's operations by name; the documents made up for them tell of refusals.

    For each case schemathesis builds the strategy of its body anew; here the first one is kept, since to build and to
    validate it takes longer than to draw from it.
    """
    made_up: dict[str, Bodies] = {}
    read = schemathesis.graphql.from_dict(INTROSPECTION)

    @read.hook  # type: ignore[untyped-decorator]
    def before_generate_body(context: Any, strategy: Bodies) -> Bodies:
        return made_up.setdefault(context.operation.label, strategy.map(_telling_refusals))

    return {made.ok().label: made.ok() for made in read.get_all_operations()}


def documents(label: str, *, known: Known) -> st.SearchStrategy[list[str]]:
    """Make operations up: one that the schema allows and the same one with some sense, or one that it does not allow.

    Schemathesis takes as long to draw an operation as this site to answer it, so each valid one is asked in two ways.
    """
    valid = operations()[label].as_strategy().map(lambda case: case.body)
    invalid = operations()[label].as_strategy(generation_mode=GenerationMode.NEGATIVE).map(lambda case: [case.body])

    def with_sense(document: str, random: Random) -> list[str]:
        return [document, print_ast(visit(parse(document), _Sense(known, random=random)))]

    both = st.builds(with_sense, valid, st.randoms(use_true_random=False))
    return st.sampled_from([both, both, both if label in NOTHING_INVALID else invalid]).flatmap(lambda made: made)


INTROSPECTION = introspection_from_schema(build_schema(schema.as_str()))
LABELS = list(operations())


@pytest.fixture(autouse=True)
def rules(settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {
        "CLIENT_EVENTS": {"signup": {"value": True, "max_value": 1000, "currencies": ["USD", "EUR", "JPY"]}},
        "CLIENT_RATE": None,
    }


@pytest.fixture
def known(label: str) -> Known:
    """Store some journeys, and return the arguments that find them."""
    now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    identity = Identity.objects.create()
    for days, medium in ((20, "cpc"), (5, "organic"), (1, "email")):
        at = now - timedelta(days=days)
        Touchpoint.objects.create(identity=identity, created_at=at, utm_source="google", utm_medium=medium)
    for value, is_confirmed in ((None, True), (10, True), (20, False)):
        row = Conversion.objects.create(
            identity=identity, event="signup", created_at=now, value=value, is_confirmed=is_confirmed,
            currency="" if value is None else "EUR",
            idempotency_key=None if is_confirmed else KEY,
        )  # fmt: skip
    token = f'"{row.confirmation_token()}"'
    sensible = {name: [parse_value(literal)] for name, literal in {**SENSIBLE, "token": token}.items()}
    sensible["idempotencyKey"] = [parse_value(f'"{KEY}-{number}"') for number in range(100)]  # few are used again
    if label == "Mutation.confirmConversion":  # which takes exactly one of its inputs
        sensible["input"] = [
            parse_value(f"{{ {one} }}") for one in (f"token: {token}", f'byKey: {{ idempotencyKey: "{KEY}" }}')
        ]
    return sensible


def test_every_operation_of_the_schema_is_tried() -> None:
    types = [type_ for type_ in (schema._schema.query_type, schema._schema.mutation_type) if type_ is not None]
    assert set(LABELS) == {f"{type_.name}.{field}" for type_ in types for field in type_.fields}


@pytest.mark.long
@pytest.mark.parametrize("label", LABELS)
def test_whatever_is_asked_nothing_breaks_and_nothing_is_given_away(
    label: str, known: Known, record_property: Any
) -> None:
    staff = dashboard(*EVERYTHING, "confirm_conversion", client=Browser())
    asked, outcomes = count(), Counter[str]()

    @hypothesis_settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(documents=documents(label, known=known))
    def ask(documents: list[str]) -> None:
        for document in documents:
            next(asked)
            outcomes[outcome_of(staff, document)] += 1

    ask()
    broken = next(asked) - outcomes.total()
    record_property("figure: operations made up by schemathesis and answered", outcomes.total())
    record_property("figure: of these, answered with data and no refusal", outcomes["data"])
    record_property("figure: of these, server errors or texts of the database or of Python", broken)
    assert outcomes.total() >= CASES
    assert outcomes["data"] > CASES / 10  # or else only the refusals were tried


def outcome_of(client: Client, document: str) -> str:
    """Ask, check the answer, and return the code of its first error or refusal, or "data"."""
    sent = json.dumps({"query": document})
    response = client.post("/graphql/", sent, content_type="application/json")
    assert response.status_code < 500
    if response.status_code != 200:
        assert leaks(response.content.decode(), sent=document) == []
        return "refused"
    answer = response.json()
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    assert "INTERNAL_SERVER_ERROR" not in codes
    assert leaks(answer, sent=document) == []
    for payload in (answer.get("data") or {}).values():
        if isinstance(payload, dict):
            codes += [refusal["code"] for refusal in payload.get("refused", ())]
    return codes[0] if codes else "data"


@pytest.mark.parametrize("word", WORDS)
def test_a_word_that_gives_something_away_is_noticed_unless_the_caller_sent_it(word: str) -> None:
    for answer in ({"errors": [{"message": f"It says {word}x"}]}, {"data": {"a": [None, 1, {word: 2}]}}, word):
        assert leaks(answer, sent="{ a }") == [other for other in WORDS if other in word]
        assert leaks(answer, sent=f'{{ a(b: "{word}") }}') == []
