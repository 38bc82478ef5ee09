"""``creditedTo`` of ``attributedConversions``: rows of which credit is kept, and that credit alone, page by page."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from django_attribution import kept_credit
from django_attribution.attribution_models import AttributionModel, linear, position_based, time_decay
from django_attribution.credit_filter import MAX_VALUES, CreditFilter, CreditKind
from django_attribution.looks import LookBudget
from django_attribution.models import Conversion, Identity, Touchpoint
from graphql_api import credited_rows
from graphql_api.credited_rows import ROWS_PER_STEP
from graphql_api.model_enums import PER_CONVERSION
from tests.browsers import queries_of_tracking
from tests.graphql_calls import EVERYTHING, ask, codes_of, dashboard, errors_of, post, refused_argument

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOURCES = ("google", "news", "bing")
ASK = """query (
  $model: AttributionModel! = LINEAR, $windowDays: Int! = 30, $creditedTo: CreditFilterInput,
  $orderBy: [ConversionOrderInput!]! = [],
  $first: Int, $after: String, $last: Int, $before: String
) {
  attributedConversions(
    model: $model, windowDays: $windowDays, creditedTo: $creditedTo, orderBy: $orderBy,
    first: $first, after: $after, last: $last, before: $before
  ) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { event } credits { source channel weight value { amount } } }
  }
}"""


@pytest.fixture
def staff() -> Client:
    return dashboard(*EVERYTHING)


def record(number: int, *, sources: tuple[str, ...]) -> None:
    """Record a visitor who came by these sources, an hour apart, and converted."""
    record_all({number: sources})


def record_all(visitors: dict[int, tuple[str, ...]]) -> None:
    """Record visitors by their numbers, in as few statements as one: hundreds of tests begin with forty."""
    identities = Identity.objects.bulk_create(Identity() for _ in visitors)
    Touchpoint.objects.bulk_create(
        Touchpoint(
            identity=identity,
            utm_source=source,
            utm_medium="cpc",
            url=f"https://shop.test/?utm_source={source}",
            created_at=T0 + (number + place - len(sources)) * HOUR,
        )
        for identity, (number, sources) in zip(identities, visitors.items(), strict=True)
        for place, source in enumerate(sources)
    )
    Conversion.objects.bulk_create(
        Conversion(
            identity=identity,
            event=str(number),
            value=Decimal(number % 7),
            currency="EUR",
            created_at=T0 + number * HOUR,
        )
        for identity, number in zip(identities, visitors, strict=True)
    )


@pytest.fixture
def visitors() -> None:
    """Forty visitors, who came by some of three sources, or by none."""
    some = {number: [source for place, source in enumerate(SOURCES) if number >> place & 1] for number in range(40)}
    record_all({number: tuple(sources) for number, sources in some.items()})


def page_of(staff: Client, **arguments: Any) -> Any:
    return ask(staff, ASK, **arguments)["attributedConversions"]


def events_of(page: Any) -> list[str]:
    return [edge["node"]["event"] for edge in page["edges"]]


def is_kept_by(row: Any, kept: CreditFilter) -> bool:
    """Tell whether any credit of a conversion is kept; of one that nobody earned, whether that is."""
    dimensions = [credit.dimensions for credit in row.attribution_credits]
    return any(map(kept.keeps, dimensions)) if dimensions else kept.keeps_unattributed


def expected(kept: CreditFilter, *, model: str = "LINEAR") -> list[str]:
    """Return the events of the conversions that are kept, newest first, by looking at each."""
    rows = Conversion.objects.with_attribution(PER_CONVERSION[model]).order_by("-created_at", "-uuid")
    return [row.event for row in rows if is_kept_by(row, kept)]


def test_a_conversion_is_listed_when_any_of_its_credit_is_kept_and_that_credit_alone_is_shown(staff: Client) -> None:
    record(1, sources=("google", "news", "google"))
    record(2, sources=("news",))
    record(3, sources=())
    page = page_of(staff, creditedTo={"source": ["Google"]})
    assert page["totalCount"] == 1
    (edge,) = page["edges"]
    assert edge["node"]["event"] == "1"
    assert [(credit["source"], credit["weight"], credit["value"]) for credit in edge["credits"]] == [
        ("google", "0.333333", {"amount": "0.33"}),
        ("google", "0.333333", {"amount": "0.33"}),
    ]
    (everything,) = [edge for edge in page_of(staff)["edges"] if edge["node"]["event"] == "1"]
    assert [credit for credit in everything["credits"] if credit["source"] == "google"] == edge["credits"]


FILTERS: list[tuple[dict[str, Any], CreditFilter]] = [
    ({"source": ["google"]}, CreditFilter(source=("google",))),
    ({"source": ["google", "bing"]}, CreditFilter(source=("google", "bing"))),
    ({"channel": ["Paid Search"], "source": ["bing"]}, CreditFilter(channel=("Paid Search",), source=("bing",))),
    ({"medium": ["CPC"]}, CreditFilter(medium=("cpc",))),
    ({"campaign": ["(not set)"]}, CreditFilter(campaign=("(not set)",))),
    ({"landingPage": ["/"]}, CreditFilter(landing_page=("/",))),
    ({"referrerHost": ["(not set)"]}, CreditFilter(referrer_host=("(not set)",))),
    ({"kind": "UNATTRIBUTED"}, CreditFilter(kind=CreditKind.UNATTRIBUTED)),
    ({"kind": "ATTRIBUTED"}, CreditFilter(kind=CreditKind.ATTRIBUTED)),
    ({"kind": "UNATTRIBUTED", "source": ["google"]}, CreditFilter(kind=CreditKind.UNATTRIBUTED, source=("google",))),
    ({"source": ["nobody"]}, CreditFilter(source=("nobody",))),
    ({"source": [], "kind": None}, CreditFilter()),
]


@pytest.mark.parametrize("model", ["LINEAR", "LAST_TOUCH", "FIRST_TOUCH"])
@pytest.mark.parametrize(("given", "kept"), FILTERS, ids=lambda case: str(case) if isinstance(case, dict) else "")
def test_what_is_kept_is_what_the_filter_keeps(
    staff: Client, visitors: None, given: dict[str, Any], kept: CreditFilter, model: str
) -> None:
    page = page_of(staff, creditedTo=given, first=200, model=model)
    assert events_of(page) == expected(kept, model=model)
    assert page["totalCount"] == len(page["edges"])
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (False, False)
    for edge in page["edges"]:
        assert {credit["source"] for credit in edge["credits"]} <= set(kept.source or SOURCES)


def forwards(staff: Client, size: int, **arguments: Any) -> Iterator[list[str]]:
    """Yield page after page."""
    after = None
    while True:
        page = page_of(staff, first=size, after=after, **arguments)
        yield events_of(page)
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
        assert after == page["edges"][-1]["cursor"]


def backwards(staff: Client, size: int, **arguments: Any) -> Iterator[list[str]]:
    """Yield page before page, each turned round."""
    before = None
    while True:
        page = page_of(staff, last=size, before=before, **arguments)
        yield events_of(page)[::-1]
        if not page["pageInfo"]["hasPreviousPage"]:
            return
        before = page["pageInfo"]["startCursor"]
        assert before == page["edges"][0]["cursor"]


@pytest.mark.parametrize("size", [1, 3, 20, 200])
@pytest.mark.parametrize("order_by", [[], [{"value": "ASC"}], [{"value": "DESC"}, {"occurredAt": "ASC"}]], ids=str)
@pytest.mark.parametrize("walk", [forwards, backwards])
def test_each_kept_conversion_is_on_one_page(
    staff: Client, visitors: None, walk: Callable[..., Iterator[list[str]]], size: int, order_by: list[Any]
) -> None:
    given = {"creditedTo": {"source": ["google"]}, "orderBy": order_by}
    whole = page_of(staff, first=200, **given)
    pages = list(walk(staff, size, **given))
    seen = [event for page in pages for event in page]
    assert seen == (events_of(whole) if walk is forwards else events_of(whole)[::-1])
    assert sorted(seen) == sorted(expected(CreditFilter(source=("google",))))
    assert whole["totalCount"] == len(seen) == 20
    assert all(len(page) == size for page in pages[:-1])
    assert all(pages)


FADED: dict[str, Any] = {"model": "TIME_DECAY", "windowDays": 3650}  # of a touch of long ago nothing may be left
LONG_AGO = timedelta(days=1000)


STEP = 100  # rows: a fifth of a server's, for what is the same however long a step is


def make_crowd(step: int) -> list[str]:
    """Make many visitors who came from news long ago, and all but a few from google since: SQL cannot tell who is left.

    There are two steps of them and a hundred more. Returns the events of the few, newest first.
    """
    few = {0, 1, step, step + 1, 2 * step + 99}
    identities = Identity.objects.bulk_create(Identity() for _ in range(2 * step + 100))
    Touchpoint.objects.bulk_create(
        Touchpoint(identity=identity, utm_source=source, url=f"https://shop.test/{source}/", created_at=T0 - age)
        for number, identity in enumerate(identities)
        for source, age in (("news", LONG_AGO), *([] if number in few else [("google", HOUR)]))
    )
    Conversion.objects.bulk_create(
        Conversion(identity=identity, event=str(number), created_at=T0 + number * timedelta(seconds=1))
        for number, identity in enumerate(identities)
    )
    return [str(number) for number in sorted(few, reverse=True)]


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make a crowd for small steps; return the events of the few, newest first."""
    monkeypatch.setattr(credited_rows, "ROWS_PER_STEP", STEP)
    return make_crowd(STEP)


@pytest.fixture
def much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a request look at the whole crowd, some times over."""
    monkeypatch.setattr(credited_rows, "MAX_LOOKED_AT", 100_000)


@pytest.mark.parametrize("size", [2, 50])
def test_rows_are_looked_at_until_the_page_is_full(staff: Client, crowd: list[str], much: None, size: int) -> None:
    given = {"creditedTo": {"source": ["news"]}, **FADED}
    assert [event for page in forwards(staff, size, **given) for event in page] == crowd
    assert [event for page in backwards(staff, size, **given) for event in page] == crowd[::-1]
    assert page_of(staff, first=0, **given)["totalCount"] == len(crowd)
    between = page_of(staff, first=200, **given)["edges"]
    cursors = {"after": between[0]["cursor"], "before": between[-1]["cursor"]}
    assert events_of(page_of(staff, first=50, **cursors, **given)) == crowd[1:-1]
    assert events_of(page_of(staff, last=50, **cursors, **given)) == crowd[1:-1]
    assert page_of(staff, last=50, **cursors, **given)["totalCount"] == len(crowd)


def test_a_step_is_bounded_and_only_what_is_shown_gets_its_identity(staff: Client, much: None) -> None:
    crowd = make_crowd(ROWS_PER_STEP)
    document = """query ($first: Int!) {
      attributedConversions(model: TIME_DECAY, windowDays: 3650, creditedTo: { source: "news" }, first: $first) {
        edges { node { event identity { journey { source } } } } } }"""
    for first, steps in ((50, ["51", "500", "500", "500"]), (2, ["3", "500", "500"])):
        with queries_of_tracking() as statements:
            edges = ask(staff, document, first=first)["attributedConversions"]["edges"]
        assert [edge["node"]["event"] for edge in edges] == crowd[:first]
        of_conversions = [statement for statement in statements if 'FROM "attribution_conversion"' in statement]
        assert [statement.rpartition("LIMIT ")[2] for statement in of_conversions[:-1]] == steps
        assert "LIMIT" not in of_conversions[-1].rpartition("ORDER BY")[2]  # the page itself, by its ids
        (of_identities,) = [statement for statement in statements if 'FROM "attribution_identity"' in statement]
        assert len(re.findall(r"\d+", of_identities.partition("WHERE")[2])) == len(edges)


def test_where_sql_can_tell_a_page_costs_no_more_than_without(staff: Client, visitors: None) -> None:
    def cost(selection: str, arguments: str) -> int:
        with queries_of_tracking() as statements:
            ask(staff, f"{{ attributedConversions(model: LINEAR, first: 5 {arguments}) {{ {selection} }} }}")
        return len(statements)

    for selection in ("edges { credits { source } }", "edges { node { identity { id } } credits { source } }"):
        without = cost(selection, "")
        assert cost(selection, 'creditedTo: { source: "google" }') == without
        assert cost(selection, "creditedTo: {}") == without
        assert cost(selection, "creditedTo: null") == without
    assert cost("edges { node { id } }", "creditedTo: {}") == 1
    assert cost("totalCount", "creditedTo: {}") == 2


@pytest.mark.parametrize("kind", ["ATTRIBUTED", "UNATTRIBUTED"])
def test_whether_anybody_earned_them_is_told_by_sql_alone(staff: Client, crowd: list[str], kind: str) -> None:
    document = f"{{ attributedConversions(model: LINEAR, creditedTo: {{ kind: {kind} }}) {{ totalCount }} }}"
    with queries_of_tracking() as statements:
        total = ask(staff, document)["attributedConversions"]["totalCount"]
    assert total == (2 * STEP + 100 - len(crowd) if kind == "ATTRIBUTED" else len(crowd))
    assert sum("COUNT(" in statement for statement in statements) == 1
    assert len(statements) == 2


def test_a_filter_that_keeps_all_asks_the_same_statements(staff: Client, visitors: None) -> None:
    asked = []
    for arguments in ("", "creditedTo: null", "creditedTo: {}", "creditedTo: { source: [], channel: null }"):
        with queries_of_tracking() as statements:
            ask(staff, f"{{ attributedConversions(model: LINEAR {arguments}) {{ edges {{ credits {{ source }} }} }} }}")
        asked.append(statements)
    assert asked[1:] == [asked[0]] * 3


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"channel": ["x"] * (MAX_VALUES + 1)}, "creditedTo.channel"),
        ({"source": ["x"] * (MAX_VALUES + 1)}, "creditedTo.source"),
        ({"medium": ["x"] * (MAX_VALUES + 1)}, "creditedTo.medium"),
        ({"campaign": ["x"] * (MAX_VALUES + 1)}, "creditedTo.campaign"),
        ({"landingPage": ["x"] * (MAX_VALUES + 1)}, "creditedTo.landingPage"),
        ({"referrerHost": ["x"] * (MAX_VALUES + 1)}, "creditedTo.referrerHost"),
        ({"campaign": ["nul\0"]}, "creditedTo.campaign"),
        ({"kind": "OTHER"}, "creditedTo.kind"),
    ],
)
def test_a_filter_that_cannot_be_used_is_refused_by_name(staff: Client, given: dict[str, Any], argument: str) -> None:
    with queries_of_tracking() as statements:
        assert refused_argument(staff, ASK, creditedTo=given) == argument
    assert statements == []


@pytest.mark.parametrize("name", ["channel", "source", "medium", "campaign", "landingPage", "referrerHost"])
@pytest.mark.parametrize("text", ["", "%", "_", "'; --", "\\", "☃", "x" * 20_000, "\u202e"])
def test_text_of_any_kind_matches_itself_and_nothing_else(staff: Client, visitors: None, name: str, text: str) -> None:
    assert page_of(staff, creditedTo={name: [text]})["totalCount"] == 0


def test_two_hundred_values_are_taken(staff: Client, visitors: None) -> None:
    for name in ("source", "landingPage"):
        values = [f"/{number}/" for number in range(MAX_VALUES)]
        assert page_of(staff, creditedTo={name: values})["totalCount"] == 0


def test_permission_is_asked_first() -> None:
    assert codes_of(Client(), ASK, creditedTo={"kind": "OTHER"}) == {"UNAUTHENTICATED"}
    assert codes_of(dashboard("view_touchpoint"), ASK, creditedTo={"kind": "OTHER"}) == {"FORBIDDEN"}


NEWS = 'attributedConversions(model: TIME_DECAY, windowDays: 3650, creditedTo: { source: "news" }'


def is_refused(staff: Client, document: str) -> bool:
    codes = {error["extensions"]["code"] for error in post(staff, document).json().get("errors", ())}
    assert codes <= {"QUERY_TOO_COMPLEX"}
    return bool(codes)


def looked_at(staff: Client, monkeypatch: pytest.MonkeyPatch, document: str) -> int:
    """Return the smallest budget with which a request is answered."""
    refused, answered = -1, 1_000
    while answered - refused > 1:
        allowed = (refused + answered) // 2
        monkeypatch.setattr(credited_rows, "MAX_LOOKED_AT", allowed)
        refused, answered = (allowed, answered) if is_refused(staff, document) else (refused, allowed)
    return answered


def test_a_look_costs_the_conversion_its_touches_and_what_of_them_each_journey_holds(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(0, sources=("news",) * 100)
    assert looked_at(staff, monkeypatch, f"{{ {NEWS}, first: 0) {{ totalCount }} }}") == 2 * (1 + 100 + 100)
    identity = Identity.objects.get()
    Conversion.objects.create(identity=identity, event="again", created_at=T0)
    assert looked_at(staff, monkeypatch, f"{{ {NEWS}) {{ edges {{ cursor }} }} }}") == 2 + 100 + 2 * 100


def test_all_fields_of_a_request_share_what_may_be_looked_at(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    record(0, sources=("news",) * 10)
    one = looked_at(staff, monkeypatch, f"{{ {NEWS}) {{ totalCount }} }}")
    aliases = " ".join(f"a{number}: {NEWS}) {{ totalCount }}" for number in range(5))
    assert looked_at(staff, monkeypatch, f"{{ {aliases} }}") == 5 * one
    monkeypatch.setattr(credited_rows, "MAX_LOOKED_AT", 5 * one)
    assert not any(is_refused(staff, f"{{ {aliases} }}") for _ in range(2))  # the next request has all of it again


def test_no_more_is_read_than_may_be_looked_at(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_crowd(ROWS_PER_STEP)
    monkeypatch.setattr(credited_rows, "MAX_LOOKED_AT", 300)
    with queries_of_tracking() as statements:
        assert codes_of(staff, f"{{ {NEWS}, first: 200) {{ edges {{ cursor }} }} }}") == {"QUERY_TOO_COMPLEX"}
    assert [statement.rpartition("LIMIT ")[2] for statement in statements] == ["201", "100"]


def test_what_sql_tells_exactly_is_not_looked_at(staff: Client, crowd: list[str]) -> None:
    document = '{ attributedConversions(model: LINEAR, creditedTo: { source: ["google"] }) { totalCount } }'
    with queries_of_tracking() as statements:
        total = ask(staff, document)["attributedConversions"]["totalCount"]
    assert total == 2 * STEP + 100 - len(crowd)
    assert len(statements) == 2  # the page and the count: however many rows there are


MODELS: dict[str, AttributionModel] = {
    **PER_CONVERSION,
    "FADING": time_decay("0.01"),
    "ENDS": position_based("0.5", "0.5"),
    "MIDDLE": position_based(0, 0),
    "START": position_based(1, 0),
    "J": position_based("0.2", "0.6"),
}


@pytest.mark.parametrize("stored", [kept_credit.MAX_STORED, 1])
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "kept",
    [
        {"source": ("google",)},
        {"source": ("news",)},
        {"campaign": ("(not set)",)},
        {"landing_page": ("/",)},
        {"landing_page": ("/a/", "(not set)")},
        {"referrer_host": ("a.test",), "source": ("bing",)},
        {"kind": "unattributed"},
        {},
    ],
    ids=str,
)
def test_what_is_told_exactly_is_what_looking_at_each_finds(
    visitors: None, model: str, kept: dict[str, Any], stored: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_credit, "MAX_STORED", stored)
    identities = Identity.objects.bulk_create(Identity() for _ in ADDRESSES)
    Touchpoint.objects.bulk_create(
        Touchpoint(identity=identity, url=url, referrer=referrer, created_at=T0 - age * HOUR)
        for identity, (url, referrer) in zip(identities, ADDRESSES, strict=True)
        for age in (1, 2)
    )
    Conversion.objects.bulk_create(
        Conversion(identity=identity, event=f"address {number}", created_at=T0)
        for number, identity in enumerate(identities)
    )
    credited_to = CreditFilter(**kept)
    rows = Conversion.objects.with_attribution(MODELS[model]).maybe_credited_to(credited_to)
    each = list(rows)
    are_kept = rows.are_kept(each, credited_to, budget=LookBudget(10_000))
    found = {row.event for row, is_kept in zip(each, are_kept, strict=True) if is_kept}
    asked = Conversion.objects.with_attribution(MODELS[model])
    assert found == {row.event for row in asked if is_kept_by(row, credited_to)}
    if rows.tells_exactly:
        assert found == {row.event for row in rows}


ADDRESSES = [
    ("https://shop.test/a/?utm_source=/", "https://a.test/"),
    ("https://shop.test/b/?next=/a/", "https://b.test/a.test"),
    ("https://shop.test/?utm_source=google", "https://A.test:8000/x"),
    ("https://shop.test", "https://a.test.b.test/"),
    ("https://shop.test/b/#/a/", "a.test"),
    ("https://shop.test/A/", "https://user@a.test/"),
    ("https://[/a/", "https://[a.test"),
    ("/a/", "//a.test?x"),
    ("", ""),
]


def test_the_home_page_is_told_exactly_however_many_pages_lie_below_it(
    visitors: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_credit, "MAX_STORED", 3)
    identity = Identity.objects.create()
    Touchpoint.objects.bulk_create(
        Touchpoint(identity=identity, url=f"https://shop.test/products/{number}/", created_at=T0 - HOUR)
        for number in range(10)
    )
    asked = Conversion.objects.with_attribution(linear)
    assert asked.maybe_credited_to(CreditFilter(landing_page=("/",))).tells_exactly


@pytest.mark.parametrize("model", PER_CONVERSION)
@pytest.mark.parametrize("kept", [*({name: ("/",)} for name in ("landing_page", "referrer_host", "campaign")), {}])
def test_every_built_in_model_is_told_exactly_with_the_usual_windows(model: str, kept: dict[str, Any]) -> None:
    for days in (30, 90):
        rows = Conversion.objects.with_attribution(PER_CONVERSION[model], window_days=days)
        assert rows.maybe_credited_to(CreditFilter(**kept)).tells_exactly


@pytest.mark.parametrize("days", [126, 127])
def test_a_weight_that_may_be_rounded_to_nothing_is_not_told_exactly(days: int) -> None:
    rows = Conversion.objects.with_attribution(time_decay(7), window_days=days)
    assert rows.maybe_credited_to(CreditFilter(source=("google",))).tells_exactly == (days / 7 <= 18)


@pytest.mark.parametrize("argument", ["orderBy: [{ value: null }]", "orderBy: [{ occurredAt: null }]"])
def test_a_refused_null_shows_nothing_of_the_server(staff: Client, argument: str) -> None:
    for error in errors_of(staff, f"{{ attributedConversions({argument}) {{ totalCount }} }}"):
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert "null" in error["message"]
        assert "Strawberry" not in error["message"]
