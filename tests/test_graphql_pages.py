"""Pages: every row once, in order, whatever the order, the page size and the direction; and what is no cursor."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby, islice, product
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from django_attribution.models import Conversion
from graphql_api.connections import MAX_PAGE_SIZE, PAGE_SIZE
from graphql_api.inputs import conversion_order
from tests.graphql_calls import ask, dashboard, errors_of, post, refused_argument

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASK = """query ($orderBy: [ConversionOrderInput!]! = [], $first: Int, $after: String, $last: Int, $before: String) {
  attributedConversions(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { event } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
COUNT = "{ attributedConversions(first: 0) { totalCount edges { cursor } } }"

OLDEST, NEWEST = {"occurredAt": "ASC"}, {"occurredAt": "DESC"}
CHEAPEST, DEAREST = {"value": "ASC"}, {"value": "DESC"}
ORDERS: list[list[dict[str, str]]] = [
    [],
    [OLDEST],
    [NEWEST],
    [CHEAPEST],
    [DEAREST],
    [CHEAPEST, NEWEST],
    [DEAREST, OLDEST],
    [DEAREST, NEWEST],
    [OLDEST, DEAREST],
    [NEWEST, CHEAPEST],
    [DEAREST, CHEAPEST, OLDEST],
]


@pytest.fixture
def staff() -> Client:
    return dashboard()


def made(number: int, *, hour: int, value: Decimal | None) -> Conversion:
    currency = "" if value is None else "EUR"
    return Conversion(event=str(number), created_at=T0 + hour * HOUR, value=value, currency=currency)


def record(number: int, *, hour: int, value: Decimal | None) -> Conversion:
    (conversion,) = Conversion.objects.bulk_create([made(number, hour=hour, value=value)])
    return conversion


def record_tied(number: int) -> list[Conversion]:
    """Record conversions in five hours, of five amounts and none: every order has ties, and ties of ties."""
    amounts = [None, Decimal("0.00"), Decimal("0.01"), None, Decimal("9.99"), Decimal("10.00"), Decimal("99999999.99")]
    return Conversion.objects.bulk_create(
        made(index, hour=index % 5, value=amounts[index % 7]) for index in range(number)
    )


@pytest.fixture
def conversions() -> list[Conversion]:
    """One more than fit on a page of usual size."""
    return record_tied(51)


def in_order(conversions: list[Conversion], order_by: list[dict[str, str]]) -> list[list[str]]:
    """Sort in plain Python, by each column in turn, rows without a value last; return ties together."""
    chosen: dict[str, str] = {}
    for order in order_by or [NEWEST]:
        for column, direction in order.items():
            chosen.setdefault(column, direction)

    def key(conversion: Conversion) -> list[Any]:
        parts: list[Any] = []
        for column, direction in chosen.items():
            sign = -1 if direction == "DESC" else 1
            if column == "value":
                parts += [conversion.value is None, sign * (conversion.value or 0)]
            else:
                parts.append(sign * conversion.created_at.timestamp())
        return parts

    ties = groupby(sorted(conversions, key=key), key)
    return [sorted(conversion.event for conversion in tied) for _, tied in ties]


def expected(staff: Client, conversions: list[Conversion], order_by: list[dict[str, str]]) -> list[str]:
    """Return one page of everything, once it is checked; where rows tie, it is what smaller pages have to repeat."""
    everything = events_of(page_of(staff, orderBy=order_by, first=200))
    rest = iter(everything)
    ties = in_order(conversions, order_by)
    assert [sorted(islice(rest, len(tied))) for tied in ties] == ties
    return everything


def page_of(staff: Client, **arguments: Any) -> Any:
    return ask(staff, ASK, **arguments)["attributedConversions"]


def forwards(staff: Client, *, size: int, order_by: list[dict[str, str]]) -> Iterator[list[str]]:
    """Yield page after page from the first one on, by ``first`` and ``after``."""
    after = None
    while True:
        page = page_of(staff, orderBy=order_by, first=size, after=after)
        assert page["pageInfo"]["hasPreviousPage"] is False
        yield events_of(page)
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def backwards(staff: Client, *, size: int, order_by: list[dict[str, str]]) -> Iterator[list[str]]:
    """Yield page before page from the last one on, by ``last`` and ``before``."""
    before = None
    while True:
        page = page_of(staff, orderBy=order_by, last=size, before=before)
        assert page["pageInfo"]["hasNextPage"] is False
        yield events_of(page)
        if not page["pageInfo"]["hasPreviousPage"]:
            return
        before = page["pageInfo"]["startCursor"]


def events_of(page: Any) -> list[str]:
    """Return a page's events, and check that its ends are where it says."""
    cursors = [edge["cursor"] for edge in page["edges"]]
    assert len(set(cursors)) == len(cursors)
    ends = page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]
    assert ends == ((cursors[0], cursors[-1]) if cursors else (None, None))
    return [edge["node"]["event"] for edge in page["edges"]]


def named(order_by: list[dict[str, str]]) -> str:
    return ", ".join(f"{column} {direction}" for order in order_by for column, direction in order.items()) or "none"


@pytest.mark.parametrize("order_by", ORDERS, ids=named)
@pytest.mark.parametrize(("size", "number"), [(1, 15), (7, 51), (50, 51)])
def test_pages_forwards_hold_every_row_once_and_in_order(
    staff: Client, order_by: list[dict[str, str]], size: int, number: int
) -> None:
    conversions = record_tied(number)
    pages = list(forwards(staff, size=size, order_by=order_by))
    assert [event for page in pages for event in page] == expected(staff, conversions, order_by)
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)


@pytest.mark.parametrize("order_by", ORDERS, ids=named)
@pytest.mark.parametrize(("size", "number"), [(1, 15), (7, 51), (50, 51)])
def test_pages_backwards_hold_every_row_once_and_in_order(
    staff: Client, order_by: list[dict[str, str]], size: int, number: int
) -> None:
    conversions = record_tied(number)
    pages = list(backwards(staff, size=size, order_by=order_by))
    assert [event for page in reversed(pages) for event in page] == expected(staff, conversions, order_by)


@pytest.mark.parametrize("order_by", ORDERS, ids=named)
def test_between_two_cursors_lies_what_lies_between(
    staff: Client, conversions: list[Conversion], order_by: list[dict[str, str]]
) -> None:
    edges = page_of(staff, orderBy=order_by, first=60)["edges"]
    order = expected(staff, conversions, order_by)
    for start, end in ((0, 50), (10, 30), (29, 30), (29, 31), (30, 29), (40, 50)):
        between = {"after": edges[start]["cursor"], "before": edges[end]["cursor"], "orderBy": order_by}
        assert events_of(page_of(staff, **between, first=60)) == order[start + 1 : end]
        assert events_of(page_of(staff, **between, last=60)) == order[start + 1 : end]


@pytest.mark.parametrize("order_by", ORDERS, ids=named)
@pytest.mark.parametrize("walk", [forwards, backwards])
def test_rows_that_arrive_between_pages_repeat_and_hide_no_others(
    staff: Client,
    conversions: list[Conversion],
    order_by: list[dict[str, str]],
    walk: Callable[..., Iterator[list[str]]],
) -> None:
    order = expected(staff, conversions, order_by)
    seen: list[str] = []
    for number, page in enumerate(walk(staff, size=7, order_by=order_by)):
        seen += page if walk is forwards else page[::-1]
        if number < 5:
            for value in (None, Decimal("0.00"), Decimal("10.00"), Decimal("100000000.00")):
                record(1000 + number, hour=3 * number, value=value)
    old = [event for event in seen if int(event) < 1000]
    assert old == (order if walk is forwards else order[::-1])


def test_a_row_that_is_deleted_leaves_its_cursor_standing(staff: Client, conversions: list[Conversion]) -> None:
    order = expected(staff, conversions, [])
    edge = page_of(staff, first=10)["edges"][-1]
    Conversion.objects.get(event=edge["node"]["event"]).delete()
    assert events_of(page_of(staff, first=60, after=edge["cursor"])) == order[10:]


def test_instants_a_microsecond_apart_are_told_apart(staff: Client) -> None:
    for number in range(5):
        Conversion.objects.create(event=str(number), created_at=T0 + timedelta(microseconds=number))
    assert list(forwards(staff, size=1, order_by=[OLDEST])) == [[str(number)] for number in range(5)]


def test_no_conversions_are_an_empty_page(staff: Client) -> None:
    page = page_of(staff)
    assert page == {
        "edges": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }
    assert page_of(staff, last=5) == page


@pytest.fixture
def many() -> int:
    """More conversions than the largest page holds."""
    number = MAX_PAGE_SIZE + 5
    Conversion.objects.bulk_create(
        Conversion(event=str(index), created_at=T0 + index * HOUR) for index in range(number)
    )
    return number


def test_a_page_has_fifty_rows_where_no_size_is_given(staff: Client, many: int) -> None:
    page = page_of(staff)
    assert len(page["edges"]) == PAGE_SIZE == 50
    assert page["pageInfo"]["hasNextPage"] is True
    after = page_of(staff, after=page["pageInfo"]["endCursor"])
    assert [edge["node"]["event"] for edge in after["edges"]] == [str(many - 51 - number) for number in range(50)]


def test_before_alone_is_a_page_of_fifty_too(staff: Client, many: int) -> None:
    cursor = page_of(staff, first=200)["edges"][-1]["cursor"]
    assert len(page_of(staff, before=cursor)["edges"]) == PAGE_SIZE


@pytest.mark.parametrize("argument", ["first", "last"])
def test_the_largest_page_has_two_hundred_rows(staff: Client, many: int, argument: str) -> None:
    page = page_of(staff, **{argument: MAX_PAGE_SIZE})
    assert len(page["edges"]) == MAX_PAGE_SIZE == 200
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (
        argument == "first",
        argument == "last",
    )


@pytest.mark.parametrize("argument", ["first", "last"])
def test_a_page_of_none_says_whether_there_is_more(staff: Client, many: int, argument: str) -> None:
    page = page_of(staff, **{argument: 0})
    assert page["edges"] == []
    assert page["pageInfo"]["hasNextPage" if argument == "first" else "hasPreviousPage"] is True


def test_all_rows_are_counted_whatever_the_page(staff: Client, many: int) -> None:
    assert ask(staff, COUNT)["attributedConversions"] == {"totalCount": many, "edges": []}
    cursor = page_of(staff, first=200)["pageInfo"]["endCursor"]
    counted = ask(staff, "query ($after: String) { attributedConversions(after: $after) { totalCount } }", after=cursor)
    assert counted == {"attributedConversions": {"totalCount": many}}


@pytest.mark.parametrize(
    ("size", "argument"),
    [
        ({"first": 201}, "first"),
        ({"first": -1}, "first"),
        ({"first": 2**31 - 1}, "first"),
        ({"last": 201}, "last"),
        ({"last": -1}, "last"),
        ({"first": 1, "last": 1}, "last"),
        ({"first": 0, "last": 0}, "last"),
    ],
)
def test_a_page_of_another_size_is_refused_by_name(staff: Client, size: dict[str, int], argument: str) -> None:
    assert refused_argument(staff, ASK, **size) == argument


@pytest.mark.parametrize("size", [2**31, -(2**31) - 1, 1.5, "1", True, [1]])
def test_a_size_that_is_no_whole_number_is_refused(staff: Client, size: object) -> None:
    (error,) = errors_of(staff, ASK, first=size)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "first" in error["message"]


@pytest.mark.parametrize(
    "order_by",
    [[{}], [{"occurredAt": "ASC", "value": "ASC"}], [{"value": None}], [{"pk": "ASC"}], [{"value": "RANDOM"}], [None]],
)
def test_an_order_names_exactly_one_known_column_at_a_time(staff: Client, order_by: list[Any]) -> None:
    (error,) = errors_of(staff, ASK, orderBy=order_by)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


MADE_UP = {
    "empty": "",
    "no base64": "☃",
    "not a cursor": "abc",
    "empty base64": "====",
    "no text": base64.b64encode(b"\xff\xfe:\x00").decode(),
    "a row's id": encoded("Conversion:8a2b6c1e-0000-4000-8000-000000000000"),
    "another prefix": encoded('arrayconnection:["2026-06-01T12:00:00+00:00","1"]'),
    "NUL": "\0",
    "long": "x" * 50_000,
}
INNER = {
    "no JSON": "[",
    "deep JSON": "[" * 20_000,
    "deep objects": '{"a":' * 9_000,
    "no list": "{}",
    "a number": "1",
    "null": "null",
    "text": '"x"',
    "nothing": "",
    "an empty list": "[]",
    "NaN": "[NaN,Infinity]",
    "lists": "[[],[],[]]",
    "objects": "[{},{},{}]",
}
INSTANTS = ["2026-06-01T12:00:00+00:00", "2026-06-01", "2026-06-01T12:00:00", "2026-02-30T00:00:00Z"]
EDGES = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
AMOUNTS = ["NaN", "sNaN", "Infinity", "-Infinity", "1E400", "1E+999999999", "1E-999999999", "1" * 30, "1e1", "10.00001"]
OTHERS = [
    None, 1, True, 1.5, [], {}, "", "one", "1.5", "nul\0", "\ud800", "9" * 30, f"-{'9' * 30}", str(2**63), "1" * 5_000,
    "8a2b6c1e-0000-4000-8000-000000000000",
]  # fmt: skip


def tampered(cursor: str, replace: Callable[[list[Any]], list[Any]]) -> str:
    """Return a cursor of this API with other values inside."""
    prefix, _, values = base64.b64decode(cursor).decode().partition(":")
    return encoded(f"{prefix}:{json.dumps(replace(json.loads(values)))}")


def outcome(staff: Client, **arguments: Any) -> str:
    """Ask for a page by a cursor that may be nonsense: it is refused by the argument's name, or it is a place."""
    response = post(staff, ASK, **arguments)
    assert response.status_code == 200
    answer = response.json()
    if "errors" not in answer:
        return "answered"
    (error,) = answer["errors"]
    (argument,) = {"after", "before"} & set(arguments)
    is_refused = error["extensions"] == {"code": "BAD_USER_INPUT", "argument": argument}
    return "refused" if is_refused and argument in error["message"] else str(error)


@pytest.mark.parametrize("name", MADE_UP)
@pytest.mark.parametrize("argument", ["after", "before"])
def test_a_made_up_cursor_is_refused_by_name(staff: Client, name: str, argument: str) -> None:
    allowed = {"refused", "answered"} if name == "empty" else {"refused"}
    assert outcome(staff, **{argument: MADE_UP[name]}) in allowed


@pytest.mark.parametrize("name", INNER)
@pytest.mark.parametrize("argument", ["after", "before"])
def test_a_cursor_with_something_else_inside_is_refused_by_name(
    staff: Client, conversions: list[Conversion], name: str, argument: str
) -> None:
    prefix = base64.b64decode(page_of(staff, first=1)["pageInfo"]["endCursor"]).decode().partition(":")[0]
    assert outcome(staff, **{argument: encoded(f"{prefix}:{INNER[name]}")}) == "refused"


@pytest.mark.parametrize("order_by", [[NEWEST], [CHEAPEST], [DEAREST, OLDEST]], ids=named)
@pytest.mark.django_db(transaction=True)  # PostgreSQL ends the transaction of a statement that failed
def test_a_cursor_with_another_value_inside_is_refused_by_name_or_is_another_place(
    staff: Client, order_by: list[dict[str, str]]
) -> None:
    record(1, hour=0, value=Decimal("10.00"))
    real = page_of(staff, first=1, orderBy=order_by)["pageInfo"]["endCursor"]
    for position, value in product((0, 1, -2, -1), (*INSTANTS, *EDGES, *AMOUNTS, *OTHERS)):

        def replace(values: list[Any], position: int = position, value: Any = value) -> list[Any]:
            values[position] = value
            return values

        for argument in ("after", "before"):
            given = {argument: tampered(real, replace)}
            assert outcome(staff, orderBy=order_by, **given) in ("refused", "answered"), (position, value)


@pytest.mark.parametrize("argument", ["after", "before"])
def test_a_cursor_of_nulls_or_of_another_length_is_refused_by_name(
    staff: Client, conversions: list[Conversion], argument: str
) -> None:
    real = page_of(staff, first=1)["pageInfo"]["endCursor"]
    for replace in (
        lambda values: [*values[:-1], None],
        lambda values: [*values[:-2], None, values[-1]],
        lambda values: [None for _ in values],
        lambda values: values[:-1],
        lambda values: [*values, values[-1]],
    ):
        assert outcome(staff, **{argument: tampered(real, replace)}) == "refused"


@pytest.mark.parametrize("argument", ["after", "before"])
def test_a_cursor_of_another_order_is_refused_by_name(
    staff: Client, conversions: list[Conversion], argument: str
) -> None:
    orders = [[NEWEST], [CHEAPEST], [CHEAPEST, NEWEST], [NEWEST, CHEAPEST]]
    for given in orders:
        for edge in page_of(staff, orderBy=given, first=60)["edges"][::50]:
            for asked in orders:
                if asked != given:
                    arguments = {argument: edge["cursor"], "orderBy": asked}
                    assert refused_argument(staff, ASK, **arguments) == argument


def test_a_made_up_cursor_is_refused_beside_a_good_one(staff: Client, conversions: list[Conversion]) -> None:
    good = page_of(staff, first=1)["pageInfo"]["endCursor"]
    assert refused_argument(staff, ASK, after="abc", before=good) == "after"
    assert refused_argument(staff, ASK, after=good, before="abc") == "before"


def test_a_cursor_gives_no_primary_key_away(staff: Client, conversions: list[Conversion]) -> None:
    (edge,) = page_of(staff, first=1)["edges"]
    stored = Conversion.objects.get(event=edge["node"]["event"])
    values = json.loads(base64.b64decode(edge["cursor"]).decode().partition(":")[2])
    assert stored.pk not in values
    assert str(stored.pk) not in values


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_deep_page_is_reached_by_the_index(is_reversed: bool) -> None:
    order = conversion_order([])
    deep = order.beyond(Conversion.objects.all(), [datetime(2026, 1, 1, tzinfo=UTC), uuid4()], is_reversed=is_reversed)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a small table is read whole unless it may not be
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = order.sort(deep, is_reversed=is_reversed).explain()
    reached = "Index Cond: (created_at" if connection.vendor == "postgresql" else "SEARCH attribution_conversion USING"
    assert "attribution_conversion_newest" in plan
    assert reached in plan
