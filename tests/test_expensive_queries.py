"""Every expensive request that we know of costs a moment of CPU, whether it is answered or refused.

CPU and not wall time, the best of a few after one to warm up, measured by a yardstick: a second of a core that others
use too does less than one of a quiet core. The caches of parsed and validated documents are passed by, as an attacker
would: each request is another document.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from graphql import get_introspection_query

from django_attribution import kept_credit
from django_attribution.models import Conversion, Identity, Touchpoint
from tests.browsers import COOKIE, Browser
from tests.graphql_calls import EVERYTHING, dashboard

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.xdist_group("expensive"),  # one worker, which knows the slowest
    pytest.mark.skipif(
        connection.vendor != "sqlite", reason="SQLite works in this process, so that its CPU counts too"
    ),
]

ALLOWED = 0.25  # seconds of CPU on a quiet core
YARDSTICK = 0.003  # seconds of CPU that ``yardstick`` takes on such a one: 2 virtual cores of an AMD EPYC, CPython 3.11
BODY = 64_000  # bytes: just below what is read at all
KEY = "0123456789abcdef"
LIST = "attributedConversions"
RECORD = "mutation ($input: RecordConversionInput!) { recordConversion(input: $input) { errors { code } } }"
LANDED = "mutation ($url: String!) { recordTouchpoint(input: { url: $url }) { errors { code } } }"
TOKEN = "mutation ($token: String!) { confirmConversion(input: { token: $token }) { errors { code } } }"

Body = Callable[[str], str | bytes]


def asked(document: str, **variables: Any) -> Body:
    """Return what makes the body of a request; the text that is added makes it another document each time."""
    return lambda other: json.dumps({"query": f"{document} #{other}", "variables": variables})


def aliases(number: int, selection: str) -> str:
    return "{ " + " ".join(f"a{index}: {selection}" for index in range(number)) + " }"


def nested(number: int, opening: str, closing: str, inside: str = "") -> str:
    return opening * number + inside + closing * number


def bomb(on: str, *, deep: int, inner: str) -> str:
    """Return fragments of which each spreads the next one twice."""
    spreads = [f"fragment F{number} on {on} {{ ...F{number + 1} ...F{number + 1} }}" for number in range(deep)]
    return " ".join([*spreads, f"fragment F{deep} on {on} {{ {inner} }}"])


def wide(of: str, number: int) -> str:
    return " ".join(of.format(index) for index in range(number))


def listed(argument: str, type_: str, values: list[Any]) -> Body:
    """Return what makes a list with an argument that comes as a variable."""
    return asked(f"query ($of: {type_}) {{ {LIST}({argument}: $of) {{ totalCount }} }}", of=values)


def shared(argument: str, type_: str, value: Any, *, fields: int) -> Body:
    """Return what gives the same large variable to several lists."""
    lists = wide(f"a{{0}}: {LIST}({argument}: $of) {{{{ totalCount }}}} ", fields)
    return asked(f"query ($of: {type_}) {{ {lists} }}", of=value)


def filtered(**where: Any) -> Body:
    return asked(f"query ($of: ConversionFilterInput!) {{ {LIST}(where: $of) {{ totalCount }} }}", of=where)


def claimed(**given: Any) -> Body:
    return asked(RECORD, input={"event": "signup", "idempotencyKey": KEY, **given})


LONG = "x" * 60_000
INTROSPECTION = get_introspection_query()
QUERIES: dict[str, Body] = {
    "as many aliases as fit": asked(aliases(3_400, "__typename")),
    "16 aliases of the largest page": asked(aliases(16, f"{LIST}(first: 200) {{ edges {{ node {{ id }} }} }}")),
    "1,500 aliases of a list": asked(aliases(1_500, f"{LIST} {{ totalCount }}")),
    "200 aliases within the tokens": asked(aliases(200, "__typename")),
    "source windows in a variable": listed(
        "sourceWindows", "[SourceWindowInput!]!", [{"source": f"{index}", "days": 1} for index in range(1_900)]
    ),
    "empty source windows in a variable": lambda other: (
        f'{{"query": "query Q{other} ($of: [SourceWindowInput!]!) {{ {LIST}(sourceWindows: $of) {{ totalCount }} }}",'
        f'"variables":{{"of":[{",".join(["{}"] * 5_000)}]}}}}'
    ),
    "source windows that are no objects": listed("sourceWindows", "[SourceWindowInput!]!", [1] * 20_000),
    "source windows without days": listed("sourceWindows", "[SourceWindowInput!]!", [{"source": ""}] * 4_000),
    "nulls by the thousand": listed("orderBy", "[ConversionOrderInput!]!", [None] * 10_000),
    "orders by the thousand": listed("orderBy", "[ConversionOrderInput!]!", [{"value": "DESC"}] * 3_000),
    "orders by the thousand in each field": shared(
        "orderBy", "[ConversionOrderInput!]!", [{"value": "DESC"}] * 3_000, fields=15
    ),
    "states by the hundred in each field": shared(
        "where", "ConversionFilterInput!", {"status": ["CONFIRMED", "PENDING"] * 100}, fields=15
    ),
    "landing pages in each field": shared(
        "creditedTo", "CreditFilterInput", {"landingPage": [f"/p{index}/" for index in range(200)]}, fields=5
    ),
    "landing pages of all depths in each field": shared(
        "creditedTo", "CreditFilterInput", {"landingPage": ["/" + "a/" * index for index in range(150)]}, fields=5
    ),
    "hosts and pages in each field": shared(
        "creditedTo",
        "CreditFilterInput",
        {"landingPage": [f"/p{index}/" for index in range(200)], "referrerHost": [f"h{n}.test" for n in range(200)]},
        fields=5,
    ),
    "unknown fields in a variable": filtered(**{f"nothing{index}": 1 for index in range(3_000)}),
    "near misses in a variable": filtered(**{f"curency{index}": 1 for index in range(3_000)}),
    "an unknown field with a long name": filtered(**{LONG: 1}),
    "events by the thousand": filtered(event=[f"e{index}" for index in range(6_000)]),
    "currencies by the thousand": filtered(currency=["EUR"] * 7_000),
    "wrong currencies by the thousand": filtered(currency=["Q"] * 12_000),
    "states by the thousand": filtered(status=["NOTHING"] * 5_000),
    "near misses of states by the thousand": filtered(status=["CONFIRME"] * 5_000),
    "ids by the thousand": filtered(id=["x" * 40] * 1_300),
    "a long event": filtered(event=[LONG]),
    "a long amount": filtered(value={"min": "9" * 60_000}),
    "a long number": asked(f"{{ {LIST}(first: {'9' * 60_000}) {{ totalCount }} }}"),
    "a long fraction": asked(f"{{ {LIST}(where: {{ value: {{ min: 0.{'9' * 60_000} }} }}) {{ totalCount }} }}"),
    "a number with a great exponent": filtered(value={"min": "1e999999999"}),
    "a long moment": filtered(occurred={"after": "2026-01-01T00:00:00." + "0" * 60_000}),
    "a long cursor": asked(f'{{ {LIST}(after: "{LONG}") {{ totalCount }} }}'),
    "a cursor of deep JSON": asked(f'{{ {LIST}(after: "{nested(30_000, "[", "]")}") {{ totalCount }} }}'),
    "a long time zone": asked(f'{{ attributionReport(timeZone: "{"../" * 20_000}") {{ __typename }} }}'),
    "dimensions by the thousand": asked(
        "query ($of: [AttributionDimension!]!) { attributionReport(groupBy: $of) { __typename } }", of=["EVENT"] * 6_000
    ),
    "models by the thousand": asked(
        "query ($of: [ReportModel!]!) { attributionReport(models: $of) { __typename } }", of=["MARKOV"] * 6_000
    ),
    "a thousand tokens of nesting": asked(nested(330, "{ a ", "}", "{ b }")),
    "20,000 levels": asked(nested(20_000, "{a", "}")),
    "10,000 levels of lists": asked(f"{{ {LIST}(orderBy: {nested(10_000, '[', ']')}) {{ totalCount }} }}"),
    "480 levels of lists": asked(f"{{ {LIST}(orderBy: {nested(480, '[', ']')}) {{ totalCount }} }}"),
    "240 levels of objects": asked(f"{{ {LIST}(where: {nested(240, '{ a: ', '}', '1')}) {{ totalCount }} }}"),
    "20,000 levels of list types": asked(f"query ($a: {nested(20_000, '[', ']', 'Int')}) {{ __typename }}"),
    "450 levels of list types": asked(f"query ($a: {nested(450, '[', ']', 'Int')}) {{ __typename }}"),
    "inline fragments in each other": asked(nested(300, "{ ... ", "}", "{ __typename }")),
    "a fragment bomb of nothing": asked("{ ...F0 } " + bomb("Query", deep=60, inner="__typename")),
    "a fragment bomb of aliases": asked("{ ...F0 } " + bomb("Query", deep=60, inner="a: __typename")),
    "a fragment bomb under a field": asked(
        f"{{ {LIST} {{ edges {{ node {{ ...F0 }} }} }} }} " + bomb("Conversion", deep=60, inner="id")
    ),
    "a fragment bomb under a mutation": asked(
        RECORD.replace("{ errors { code } }", "{ ...F0 }")
        + bomb("RecordConversionPayload", deep=60, inner="__typename"),
        input={"event": "signup", "idempotencyKey": KEY},
    ),
    "a fragment in a circle": asked("{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }"),
    "a circle of 90 fragments": asked(
        "{ ...F0 } " + " ".join(f"fragment F{index} on Query {{ ...F{(index + 1) % 90} }}" for index in range(90))
    ),
    "fragments that all spread each other": asked(
        "{ ...F0 } " + " ".join(f"fragment F{index} on Query {{ {wide('...F{}', 20)} }}" for index in range(20))
    ),
    "140 fragments for nothing": asked("{ __typename } " + wide("fragment F{} on Query {{ __typename }}", 140)),
    "the same field 990 times": asked("{ " + "__typename " * 990 + "}"),
    "the same list 240 times": asked("{ " + f"{LIST} {{ totalCount }} " * 240 + "}"),
    "fields of one name that differ": asked("{ " + wide(LIST + "(first: {}) {{ totalCount }}", 110) + " }"),
    "one name below itself, over and over": asked("{ " + f"{LIST} {{ edges {{ node {{ id }} }} }} " * 110 + "}"),
    "990 unknown fields": asked("{ " + wide("nothing{}", 990) + " }"),
    "unknown fields with near names": asked("{ " + wide("attributedConversion{}", 990) + " }"),
    "a field with a long name": asked("{ " + LONG + " }"),
    "arguments by the hundred": asked(f"{{ {LIST}({wide('windowDay{}: 1', 320)}) {{ totalCount }} }}"),
    "240 variables": asked("query (" + wide("$v{}: Int", 240) + ") { __typename }"),
    "a variable that is used over and over": asked(
        "query ($v: Boolean!) { __typename " + "@include(if: $v) " * 150 + "}", v=True
    ),
    "150 directives": asked("{ __typename " + "@include(if: true) " * 150 + "}"),
    "directives by the thousand": asked("{ __typename " + "@skip(if: false) " * 3_500 + "}"),
    "unknown directives by the thousand": asked("{ __typename " + "@a " * 15_000 + "}"),
    "490 unknown directives": asked("{ __typename " + "@includ " * 490 + "}"),
    "190 operations": asked(wide("query Q{} {{ __typename }}", 190)),
    "30,000 tokens": asked("{ " + "a " * 30_000 + "}"),
    "brackets by the thousand": asked("{" * 60_000),
    "60,000 letters of comment": asked("{ __typename } #" + LONG),
    "30,000 lines": asked("{ __typename " + "\n" * 30_000 + "}"),
    "a text in blocks": asked('{ recordedConversion(idempotencyKey: """' + "\n a" * 10_000 + '""") { id } }'),
    "a text full of escapes": asked('{ recordedConversion(idempotencyKey: "' + "\\u0041" * 5_000 + '") { id } }'),
    "a long key": asked('{ recordedConversion(idempotencyKey: "' + LONG + '") { id } }'),
    "the schema": asked(INTROSPECTION),
    "the schema in circles": asked("{ __schema { types " + nested(12, "{ fields { type ", "} }", "{ name }") + " } }"),
    "the schema fifteen times": asked(aliases(15, "__schema { types { fields { args { name } } } }")),
    "a long claim": claimed(event=LONG),
    "a claim with a long key": claimed(idempotencyKey=LONG),
    "a claim of a long amount": claimed(value={"amount": "9" * 60_000, "currency": "USD"}),
    "a claim of a great exponent": claimed(value={"amount": "1e999999999", "currency": "USD"}),
    "a claim in a long currency": claimed(value={"amount": "1", "currency": LONG}),
    "a claim with deep data": claimed(customData=json.loads(nested(400, '{"a":', "}", "1"))),
    "a claim with wide data": claimed(customData={f"k{index}": index for index in range(4_000)}),
    "a claim with a list of numbers": claimed(customData={"a": [1e308] * 8_000}),
    "a claim with unknown fields": claimed(**{f"f{index}": index for index in range(4_000)}),
    "a claim with a field that reads as an error": claimed(**{" cannot represent" * 3_600: 1}),
    "a long token": asked(TOKEN, token=LONG),
    "a token with colons": asked(TOKEN, token=":" * 60_000),
    "a compressed token": asked(TOKEN, token="." + LONG + ":1:x"),
    "a long landing": asked(LANDED, url="https://testserver/?utm_source=" + LONG),
    "a landing with 8,000 parameters": asked(LANDED, url="https://testserver/?" + "&".join(["a=1"] * 8_000)),
    "a landing of a long host": asked(LANDED, url="https://" + "a." * 30_000 + "example/"),
    "a landing of percent signs": asked(LANDED, url="https://testserver/?utm_source=" + "%C3" * 2_500),
}
BODIES: dict[str, Body] = {
    "3 MB": lambda other: json.dumps({"query": "#" + other + "x" * 3_000_000}),
    "65 kB": lambda other: json.dumps({"query": "#" + other + "x" * 65 * 1024}),
    "a batch": lambda other: "[" + ",".join([json.dumps({"query": "{ __typename }"})] * 1_500) + "]",
    "lists in each other": lambda other: "[" * BODY,
    "closed lists in each other": lambda other: "[" * (BODY // 2) + "]" * (BODY // 2),
    "objects in each other": lambda other: '{"a":' * (BODY // 5),
    "variables in each other": lambda other: (
        '{"query": "{ __typename }", "variables": ' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}"
    ),
    "a name over and over": lambda other: "{" + '"query":"",' * 5_000 + f'"query":"{{ __typename }} #{other}"}}',
    "a long number for a query": lambda other: '{"query": ' + "9" * BODY + "}",
    "escapes": lambda other: '{"query": "' + "\\ud83d\\ude00" * 5_000 + '"}',
    "no UTF-8": lambda other: b'{"query": "' + b"\xff" * BODY + b'"}',
    "a long operation name": lambda other: json.dumps({"query": "query A { __typename }", "operationName": LONG}),
    "other variables": lambda other: json.dumps(
        {"query": "{ __typename }", "variables": {f"v{index}": 1 for index in range(5_000)}}
    ),
}  # fmt: skip
TOO_LARGE = {"3 MB", "65 kB"}
LANDINGS: dict[str, tuple[str, dict[str, str]]] = {
    "10,000 parameters": ("&".join(f"p{index}=1" for index in range(10_000)), {}),
    "10,000 tracking parameters": ("&".join(["utm_source=a"] * 10_000), {}),
    "10,000 click ids": ("&".join(f"gclid={index}" for index in range(10_000)), {}),
    "100,000 ampersands": ("utm_source=a" + "&" * 100_000, {}),
    "100,000 percent signs": ("utm_source=" + "%" * 100_000, {}),
    "100 kB of bad percent-encoding": ("utm_source=" + "%C3" * 33_000, {}),
    "a parameter of 100 kB": ("utm_campaign=" + "x" * 100_000, {}),
    "a name of 100 kB": ("x" * 100_000 + "=1", {}),
    "100 kB of spaces": ("utm_source=" + "+" * 100_000, {}),
    "a user agent of 100 kB": ("utm_source=a", {"User-Agent": "Mozilla/5.0 (" + "x; " * 33_000 + ")"}),
    "a user agent of words for bots": ("utm_source=a", {"User-Agent": "bo crawle spide " * 6_000}),
    "a referrer of 100 kB": ("utm_source=a", {"Referer": "https://example.com/" + "a/" * 50_000}),
    "a referrer of dots": ("utm_source=a", {"Referer": "https://" + "a." * 50_000 + "com/"}),
    "a referrer of brackets": ("utm_source=a", {"Referer": "https://[" + "::" * 50_000 + "]/"}),
    "a fetch mode of 100 kB": ("utm_source=a", {"Sec-Fetch-Mode": "navigate" + " " * 100_000}),
    "languages of 100 kB": ("utm_source=a", {"Accept-Language": "en," * 33_000}),
}


@pytest.fixture(autouse=True)
def rules(settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {
        "CLIENT_EVENTS": {"signup": {"value": True}},
        "CLIENT_RATE": None,  # it would refuse most of these before they cost anything
        "GRAPHQL_INTROSPECTION": True,
    }


@pytest.fixture
def staff() -> Client:
    """Return the one who gets furthest: all permissions, a visitor's cookie, and rows to find."""
    now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    identity = Identity.objects.create()
    Touchpoint.objects.bulk_create(
        Touchpoint(identity=identity, created_at=now - timedelta(days=days), utm_source=f"s{days}", utm_medium="cpc")
        for days in range(20)
    )
    Conversion.objects.bulk_create(
        Conversion(identity=identity, event="signup", created_at=now, value=10, currency="EUR") for _ in range(20)
    )
    return dashboard(*EVERYTHING, "confirm_conversion", client=Browser())


spent: dict[str, float] = {}  # seconds of CPU


def cpu_of(send: Callable[[str], Any], *, is_read: bool) -> float:
    """Return the least seconds of CPU of three requests, after one to warm up; each must be answered without error.

    Of up to ten where all of them look expensive, since a machine that others use too may change between two looks.
    What is to reach the code that it is named after must be read, so it may not be too large for that.
    """
    seconds: list[float] = []
    while len(seconds) < 4 or (min(seconds[1:]) >= ALLOWED and len(seconds) < 11):
        other = f"no. {len(seconds)}"
        with as_in_a_server():
            slow_before = slowness()
            started = time.process_time()
            response = send(other)
            took = time.process_time() - started
            seconds.append(took / min(slow_before, slowness()))
        assert response.status_code < 500
        assert response.status_code != 413 if is_read else response.status_code in (400, 413)
        assert b"INTERNAL_SERVER_ERROR" not in response.content
    return min(seconds[1:])


def slowness() -> float:
    """Return how many times longer than on a quiet core things take at this moment; at least 1."""
    started = time.process_time()
    yardstick()
    return max(1.0, (time.process_time() - started) / YARDSTICK)


def yardstick() -> None:
    """Do a fixed amount of what Python does all day."""
    kept: dict[str, list[object]] = {}
    for number in range(10_000):
        name = f"k{number % 500}"
        kept.setdefault(name, []).append((number, name))


@contextmanager
def as_in_a_server() -> Iterator[None]:
    """Leave out what tests alone have: a heap of thousands of them to search for garbage, and coverage's tracing."""
    tracing = sys.gettrace()
    gc.freeze()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracing)
        gc.unfreeze()


Keep = Callable[[Callable[[], None]], None]
Judge = Callable[[str, Callable[[str], Any]], None]


@pytest.fixture
def judge(record_property: Callable[[str, object], None]) -> Judge:
    """Give the verdict, and the figures: what comes to the slowest one is told bit by bit, since figures are added."""

    def slowest() -> int:
        return round(1_000 * max(spent.values(), default=0))

    def judge(name: str, send: Callable[[str], Any]) -> None:
        before = slowest()
        spent[name] = cpu_of(send, is_read=name not in TOO_LARGE)
        record_property(f"figure: expensive requests, each below {ALLOWED} s of CPU", 1)
        record_property("figure: ms of CPU for the slowest of them", slowest() - before)
        assert spent[name] < ALLOWED

    return judge


@pytest.mark.parametrize("name", [*QUERIES, *BODIES])
def test_an_expensive_query_costs_a_moment(name: str, staff: Client, judge: Judge) -> None:
    body = {**QUERIES, **BODIES}[name]
    judge(name, lambda other: staff.post("/graphql/", body(other), content_type="application/json"))


KEPT: dict[str, tuple[str, set[str]]] = {
    "a look at weights that may be nothing": (
        'model: TIME_DECAY, windowDays: 3650, creditedTo: { source: "s1" }',
        {"QUERY_TOO_COMPLEX"},
    ),
    "a look at a part of too many addresses": (
        'model: LINEAR, creditedTo: { referrerHost: "e" }',
        {"QUERY_TOO_COMPLEX"},
    ),
    "a page among addresses": ('model: LINEAR, creditedTo: { landingPage: "/p1/" }', set()),
    "a source under a built-in model": ('model: TIME_DECAY, creditedTo: { source: "s1" }', set()),
}


def make_crowd() -> None:
    """Make a thousand visitors with some touches, and one who has thousands of them and converted often."""
    now = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
    *few, keen = Identity.objects.bulk_create(Identity() for _ in range(1_001))
    Touchpoint.objects.bulk_create(
        Touchpoint(
            identity=identity,
            utm_source=f"s{number % 3}",
            url=f"https://testserver/p{number % 20}/",
            referrer=f"https://p{number % 20}.example/",
            created_at=now - timedelta(minutes=number),
        )
        for identity, touches in (*((identity, 3) for identity in few), (keen, 3_000))
        for number in range(touches)
    )
    Conversion.objects.bulk_create(
        Conversion(identity=identity, event="order", created_at=now - timedelta(seconds=identity is not keen))
        for identity in (*few, *[keen] * 10)  # who has thousands comes first on a page
    )


@pytest.fixture(scope="class")
def crowd(keep_rows: Keep) -> None:
    """Write them once: they take longer to write than to ask about."""
    keep_rows(make_crowd)


@pytest.mark.usefixtures("crowd")
class TestCredit:
    """What is asked about a crowd."""

    @pytest.mark.parametrize("selection", ["totalCount", "edges { cursor }"])
    @pytest.mark.parametrize("kept", KEPT)
    def test_keeping_credit_costs_a_moment_however_often_it_is_asked(
        self, kept: str, selection: str, staff: Client, judge: Judge, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        arguments, codes = KEPT[kept]
        if "too many" in kept:
            monkeypatch.setattr(kept_credit, "MAX_STORED", 5)
        document = aliases(5, f"{LIST}({arguments}) {{ {selection} }}")
        answers = []

        def send(other: str) -> Any:
            answers.append(staff.post("/graphql/", asked(document)(other), content_type="application/json"))
            return answers[-1]

        judge(f"{kept}: {selection}", send)
        for answer in answers:
            assert {error["extensions"]["code"] for error in answer.json().get("errors", ())} == codes


def make_regulars() -> None:
    """Make two hundred visitors with 25 touches each, and one who has thousands of them and converted often."""
    now = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
    *few, keen = Identity.objects.bulk_create(Identity() for _ in range(201))
    Touchpoint.objects.bulk_create(
        Touchpoint(
            identity=identity,
            utm_source=f"s{number}",
            url=f"https://testserver/p{number}/",
            click_ids={"gclid": "a"},
            created_at=now - timedelta(minutes=number),
        )
        for identity, touches in (*((identity, 25) for identity in few), (keen, 3_000))
        for number in range(touches)
    )
    made = [("order", identity, now) for identity in few] + [("often", keen, now - timedelta(minutes=1))] * 200
    Conversion.objects.bulk_create(
        Conversion(identity=identity, event=event, value=10, currency="EUR", created_at=at)
        for event, identity, at in made
    )


SHOWN = "weight channel source medium campaign"
TOUCH = "id occurredAt landingUrl channel source medium campaign clickIds { parameter platform value }"
NODE = "id event status customData value { amount currency } recordedValue { amount currency } occurredAt confirmedAt"


def shown(edge: str, arguments: str) -> str:
    return f"{LIST}({arguments}) {{ edges {{ {edge} }} }}"


def journey(fields: str) -> str:
    return f"node {{ identity {{ journey(first: 200) {{ {fields} }} }} }}"


KEEN = 'model: TIME_DECAY, windowDays: 3650, where: { event: ["often"] }, first: 200'
LINEAR = "model: LINEAR, first: 200"
TOO_MUCH: dict[str, str] = {
    "credits of a visitor with thousands of touches": aliases(5, shown("credits { weight }", KEEN.replace("200", "3"))),
    "credits again and again": "{ " + shown(aliases(15, "credits { weight }")[1:-1], LINEAR) + " }",
    "all of the credits": aliases(1, shown(f"credits {{ {SHOWN} touchpoint {{ {TOUCH} }} }}", LINEAR)),
    "journeys": aliases(5, shown(journey(TOUCH), "first: 200")),
    "a journey of each conversion": aliases(1, shown(journey("id"), KEEN)),
    "the largest pages": aliases(15, shown(f"cursor node {{ {NODE} }}", "first: 200")),
}
USUAL: dict[str, str] = {
    "a page of the dashboard": shown(f"node {{ {NODE} }} credits {{ {SHOWN} }}", "model: TIME_DECAY, first: 25"),
    "a page of 50": shown("node { id } credits { source weight }", "model: LINEAR, first: 50"),
    "a page of 200 with one credit each": shown(f"node {{ {NODE} }} credits {{ {SHOWN} }}", "first: 200"),
    "a page of journeys": shown(journey(TOUCH), "first: 25"),
}


@pytest.fixture(scope="class")
def regulars(keep_rows: Keep) -> None:
    """Write them once: they take longer to write than to ask about."""
    keep_rows(make_regulars)


@pytest.mark.usefixtures("regulars")
class TestPages:
    """What is asked about regulars."""

    @pytest.mark.parametrize("name", [*TOO_MUCH, *USUAL])
    def test_what_a_page_shows_is_paid_by_the_request(self, name: str, staff: Client, judge: Judge) -> None:
        document = TOO_MUCH[name] if name in TOO_MUCH else f"{{ {USUAL[name]} }}"
        answers = []

        def send(other: str) -> Any:
            answers.append(staff.post("/graphql/", asked(document)(other), content_type="application/json"))
            return answers[-1]

        judge(name, send)
        codes = {"QUERY_TOO_COMPLEX"} if name in TOO_MUCH else set()
        for answer in answers:
            assert {error["extensions"]["code"] for error in answer.json().get("errors", ())} == codes


@pytest.mark.parametrize("name", LANDINGS)
def test_an_expensive_landing_costs_a_moment(name: str, judge: Judge) -> None:
    query, headers = LANDINGS[name]
    judge(name, lambda other: Browser().get(f"/page/?{query}", headers=headers))


@pytest.mark.parametrize(
    "signed", ["x" * 100_000, ":" * 100_000, "a:" * 50_000, "\x00" * 50_000], ids=lambda text: repr(text[:2])
)
@pytest.mark.parametrize("path", ["/page/?utm_source=a", "/whoami/"])
def test_a_cookie_of_100_kilobytes_costs_a_moment(signed: str, path: str, judge: Judge) -> None:
    judge(
        f"{signed[:3]} to {path}",
        lambda other: Browser().get(path, headers={"Cookie": f"{COOKIE}={signed}; " + "a=1; " * 10_000}),
    )
