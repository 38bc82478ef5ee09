"""The storefront: what its page and its endpoints answer, on Django and on a static host.

What the functions below "Inside the shop" saw, they saw in a child process: see ``tests.example_shop``. What people see
and press is the browser tests' subject.
"""

import gzip
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.example_shop import Shop
from tests.storefront_script import (
    AD,
    KEY,
    PASSWORD,
    PEN,
    STOREFRONT,
    SinglePage,
    fill_the_shelves,
    start_anew,
    touches,
)

FIRST_LOAD = 20_000  # bytes, compressed


@pytest.fixture(scope="module")
def shop(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with full shelves and no visitors."""
    shop = Shop(shutil.copy(migrated, tmp_path_factory.mktemp("storefront")))
    shop.ask(fill_the_shelves)
    return shop


@pytest.fixture(scope="module")
def arrivals(shop: Shop) -> dict[str, Any]:
    """Return what happened to visitors of both hosts."""
    seen: dict[str, Any] = shop.ask(arrive_on_both_hosts)
    return seen


@pytest.fixture(scope="module")
def answers(shop: Shop) -> dict[str, Any]:
    """Return what the endpoints answered, by what was asked."""
    seen: dict[str, Any] = shop.ask(ask_every_endpoint)
    return seen


def test_the_first_load_stays_small() -> None:
    files = [
        STOREFRONT / "static/storefront/storefront.js",
        STOREFRONT / "static/storefront/storefront.css",
        STOREFRONT / "templates/storefront/page.html",
    ]
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) < FIRST_LOAD


def test_every_address_shows_the_page(arrivals: dict[str, Any]) -> None:
    assert arrivals["pages"] == dict.fromkeys(arrivals["pages"], 200)


def test_the_page_tells_the_script_whom_to_ask(arrivals: dict[str, Any]) -> None:
    config = arrivals["config"]
    assert config.pop("csrfToken")
    assert config == {"graphqlUrl": "/graphql/", "csrfUrl": "/graphql/csrf/", "apiUrl": "/store/api/"}


def test_the_page_of_one_visitor_is_kept_from_others(arrivals: dict[str, Any]) -> None:
    assert {"private", "no-store"} <= set(arrivals["cache_of_page"].split(", "))


def test_a_landing_that_django_serves_is_a_touch(arrivals: dict[str, Any]) -> None:
    assert arrivals["touches_by_django"] == ["first_pen"]


def test_the_static_host_answers_everybody_alike(arrivals: dict[str, Any]) -> None:
    first, second, of_customer = arrivals["static_pages"]
    assert first == second == of_customer
    assert "storefront-config" not in first
    assert "storefront/storefront.js" in first


def test_the_static_host_sets_no_cookie_and_may_be_cached(arrivals: dict[str, Any]) -> None:
    assert arrivals["static_headers"] == {
        "Cache-Control": "public, max-age=60",
        "Content-Type": "text/html; charset=utf-8",
    }


def test_the_static_host_asks_no_database(arrivals: dict[str, Any]) -> None:
    assert arrivals["static_queries"] == 0


def test_the_static_host_leaves_endpoints_and_the_shop_to_django(arrivals: dict[str, Any]) -> None:
    assert arrivals["not_static"] == {"/store/api/session/?cdn=1": False, "/products/?cdn=1": False}


def test_a_landing_on_the_static_host_is_a_touch_once_it_is_told(arrivals: dict[str, Any]) -> None:
    assert arrivals["touches_before_told"] == []
    assert arrivals["told"] == [{"recorded": True, "errors": []}, {"recorded": False, "errors": []}]
    assert arrivals["touches_after_told"] == [
        f"http://testserver/store/landing/first-fountain-pen/?{AD} https://www.instagram.com/"
    ]


def test_both_shops_lead_to_each_other(arrivals: dict[str, Any]) -> None:
    assert arrivals["shop_leads_to_storefront"]
    assert 'href="/"' in arrivals["static_pages"][0]


def test_the_shelves_hold_every_product_with_its_price_in_every_currency(answers: dict[str, Any]) -> None:
    status, shelves = answers["shelves"]
    [pen] = [product for product in shelves["products"] if product["slug"] == PEN]
    assert status == 200
    assert pen["prices"] == {"USD": "118.00", "EUR": "109.00"}
    assert {landing["slug"] for landing in shelves["landings"]} >= {"paper-week", "first-fountain-pen"}


def test_a_stranger_has_an_empty_cart_and_no_name(answers: dict[str, Any]) -> None:
    assert answers["session of a stranger"] == [
        200,
        {
            "user": None,
            "currency": "USD",
            "currencies": ["USD", "EUR"],
            "cart": {"count": 0, "total": "0.00", "lines": []},
            "unpaidOrder": None,
        },
    ]


def test_the_cart_adds_up(answers: dict[str, Any]) -> None:
    line = {"slug": PEN, "quantity": 3, "price": "354.00"}
    assert answers["1 and 2 added"][1]["cart"] == {"count": 3, "total": "354.00", "lines": [line]}


def test_a_quantity_can_be_set_and_0_takes_the_product_out(answers: dict[str, Any]) -> None:
    assert [answers[f"set to {quantity}"][1]["cart"]["count"] for quantity in (2, 0)] == [2, 0]


def test_another_currency_changes_the_total(answers: dict[str, Any]) -> None:
    session = answers["in euros"][1]
    assert (session["currency"], session["cart"]["total"]) == ("EUR", "109.00")


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ("21 of a product", 400, "quantity"),
        ("half of a product", 400, "quantity"),
        ("another action", 400, "action"),
        ("an unknown product", 404, "__all__"),
        ("pounds", 400, "currency"),
        ("a list", 400, "__all__"),
        ("no JSON", 400, "__all__"),
        ("half of a surrogate pair", 400, "__all__"),
        ("an abyss of brackets", 400, "__all__"),
        ("a form", 415, "__all__"),
        ("three megabytes", 413, "__all__"),
        ("an order with an endless address", 400, "email"),
        ("sign-up with an endless address", 400, "email"),
        ("sign-up under a name that is being taken", 400, "username"),
        ("an unknown endpoint", 404, "__all__"),
        ("the account of a stranger", 401, "__all__"),
        ("sign-up without a password", 400, "password1"),
        ("sign-up with two passwords", 400, "password2"),
        ("sign-up under a name that is taken", 400, "username"),
        ("log-in with a wrong password", 400, "__all__"),
        ("an order of nothing", 400, "__all__"),
        ("an order without an address", 400, "email"),
        ("an order without a key", 400, "key"),
        ("an order with a key to guess", 400, "key"),
        ("an unknown order", 404, "__all__"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_what(answers: dict[str, Any], asked: str, status: int, field: str) -> None:
    answered, body = answers[asked]
    assert (answered, list(body), field in body["errors"]) == (status, ["errors"], True)
    assert all(isinstance(message, str) and message for message in body["errors"][field])


def test_nothing_is_changed_without_the_csrf_token(answers: dict[str, Any]) -> None:
    assert answers["without a token"] == 403


def test_nothing_is_changed_by_get(answers: dict[str, Any]) -> None:
    assert answers["by GET"] == dict.fromkeys(answers["by GET"], 405)


def test_a_sign_up_is_a_conversion_of_the_visitor_who_landed(answers: dict[str, Any]) -> None:
    assert answers["signed up"][1]["user"] == {"name": "reader", "email": "reader@example.com"}
    assert answers["conversions of the customer"] == [["signup", "server", "confirmed"]]
    assert answers["touches of the customer"] == ["first_pen"]


def test_the_token_that_comes_with_another_user_works_at_once(answers: dict[str, Any]) -> None:
    assert [answers[change][0] for change in ("signed up", "logged out", "logged in")] == [200, 200, 200]
    assert answers["logged out"][1]["user"] is None
    assert answers["logged in"][1]["user"]["name"] == "reader"


def test_the_account_lists_the_customers_orders(answers: dict[str, Any]) -> None:
    [order] = answers["account"][1]["orders"]
    assert answers["account"][1]["user"]["name"] == "reader"
    assert (order["total"], order["currency"], order["status"]) == ("118.00", "USD", "pending")
    assert order["lines"] == [{"name": "Brass Fountain Pen", "quantity": 1, "price": "118.00"}]


def test_a_placed_order_empties_the_cart_and_waits_to_be_paid(answers: dict[str, Any]) -> None:
    session = answers["session after ordering"][1]
    assert (session["cart"]["count"], session["unpaidOrder"]) == (0, answers["ordered"][1]["number"])


def test_an_order_tells_how_it_stands(answers: dict[str, Any]) -> None:
    status, order = answers["the order"]
    assert (status, order["status"], order["isPaymentConfirmed"]) == (200, "pending", False)
    assert order["payUrl"] == f"/pay/{order['number']}/"


def test_somebody_elses_order_is_not_found(answers: dict[str, Any]) -> None:
    assert answers["the order of somebody else"][0] == 404


# Inside the shop ----------------------------------------------------------------------------------------------------


def arrive_on_both_hosts() -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from django_attribution.models import Touchpoint

    start_anew()
    seen: dict[str, Any] = {}
    served = SinglePage(f"/store/landing/first-fountain-pen/?{AD}")
    seen["config"], seen["cache_of_page"] = served.config, served.page["Cache-Control"]
    seen["touches_by_django"] = list(Touchpoint.objects.values_list("utm_campaign", flat=True))
    addresses = ("", "cart/", "sign-up/", "account/", "products/any/", "orders/ANY/", "no/such/page")
    seen["pages"] = {path: served.client.get(f"/store/{path}").status_code for path in addresses}
    seen["shop_leads_to_storefront"] = 'href="/store/"' in served.client.get("/").content.decode()

    start_anew()
    static = f"/store/landing/first-fountain-pen/?cdn=1&{AD}"
    customer = SinglePage("/store/")
    customer.sign_up("reader")
    with CaptureQueriesContext(connection) as queries:
        landed, other = customer.client.get(static), customer.client.get("/store/?cdn=1")
    seen["static_queries"] = len(queries)
    visitor = SinglePage(static)
    pages = (visitor.page, other, landed)
    seen["static_pages"] = [page.content.decode() for page in pages]
    seen["static_headers"] = dict(visitor.page.headers)
    seen["not_static"] = {
        path: "noscript" in visitor.client.get(path).content.decode()
        for path in ("/store/api/session/?cdn=1", "/products/?cdn=1")
    }
    seen["touches_before_told"] = touches()
    landing = {"url": f"http://testserver{static}", "referrer": "https://www.instagram.com/"}
    seen["told"] = [visitor.mutate("Landed", {"input": landing}) for _ in range(2)]
    seen["touches_after_told"] = touches()
    return seen


def ask_every_endpoint() -> dict[str, Any]:
    from django.test import Client

    from django_attribution.models import Conversion, Touchpoint

    start_anew()
    page, stranger = SinglePage(), SinglePage("/store/")
    seen: dict[str, Any] = {
        "shelves": stranger.get("shelves/"),
        "session of a stranger": stranger.get("session/"),
        "the account of a stranger": stranger.get("account/"),
        "an unknown endpoint": stranger.get("prices/"),
        "an unknown order": stranger.get("orders/NOSUCHORDER/"),
        "an order of nothing": stranger.order(),
        "pounds": stranger.post("currency/", {"currency": "GBP"}),
        "a list": stranger.post("currency/", ["EUR"]),
        "no JSON": stranger.post("currency/", b"currency=EUR"),
        "half of a surrogate pair": stranger.post("orders/", b'{"email": "a@ex\\ud800mple.com"}'),
        "a form": post_form(stranger, "currency/", {"currency": "EUR"}),
        "three megabytes": stranger.post("currency/", b" " * 3_000_000),
        "an abyss of brackets": stranger.post("currency/", b"[" * 100_000),
    }

    def change(quantity: Any, action: str = "set", product: str = PEN) -> list[Any]:
        return page.post(f"cart/{product}/", {"action": action, "quantity": quantity})

    change("1", "add")
    seen["1 and 2 added"] = change(2, "add")
    seen["set to 2"], seen["set to 0"] = change("2"), change("0")
    seen["21 of a product"], seen["half of a product"] = change("21"), change("0.5")
    seen["another action"], seen["an unknown product"] = change("1", "steal"), change("1", product="goose-quill")
    change("1")
    seen["in euros"] = page.post("currency/", {"currency": "EUR"})
    page.post("currency/", {"currency": "USD"})

    seen["signed up"] = page.sign_up("reader")
    mine = Conversion.objects.filter(identity__linked_user__username="reader")
    seen["conversions of the customer"] = [[row.event, row.origin, row.status.value] for row in mine]
    theirs = Touchpoint.objects.filter(identity__linked_user__username="reader")
    seen["touches of the customer"] = list(theirs.values_list("utm_campaign", flat=True))
    fields = {"username": "reader", "email": "reader@example.com", "password1": PASSWORD, "password2": PASSWORD}
    seen["sign-up under a name that is taken"] = stranger.post("sign-up/", fields)
    seen["sign-up without a password"] = stranger.post("sign-up/", {"username": "writer", "email": "w@example.com"})
    seen["sign-up with two passwords"] = stranger.post("sign-up/", {**fields, "password2": "ink and paper"})
    endless = "r" * 250 + "@example.com"
    seen["sign-up with an endless address"] = stranger.post("sign-up/", {**fields, "username": "w", "email": endless})
    seen["sign-up under a name that is being taken"] = sign_up_and_be_overtaken(SinglePage("/store/"))
    seen["log-in with a wrong password"] = stranger.post("log-in/", {"username": "reader", "password": "wrong"})

    of_pen = {"email": "reader@example.com", "total": "118.00", "currency": "USD", "user": "reader"}
    seen["an order without an address"] = page.post("orders/", {**of_pen, "key": KEY, "email": "reader"})
    seen["an order with an endless address"] = page.post("orders/", {**of_pen, "key": KEY, "email": endless})
    seen["an order without a key"] = page.post("orders/", {**of_pen})
    seen["an order with a key to guess"] = page.post("orders/", {**of_pen, "key": "order-1"})
    seen["ordered"] = page.order()
    seen["session after ordering"] = page.get("session/")
    seen["the order"] = page.get(f"orders/{seen['ordered'][1]['number']}/")
    seen["the order of somebody else"] = stranger.get(f"orders/{seen['ordered'][1]['number']}/")
    seen["logged out"] = page.post("log-out/", {})
    seen["logged in"] = page.post("log-in/", {"username": "reader", "password": PASSWORD})
    seen["account"] = page.get("account/")

    changes = ("cart/brass-fountain-pen/", "currency/", "orders/", "sign-up/", "log-in/", "log-out/")
    seen["by GET"] = {path: page.client.get(f"/store/api/{path}").status_code for path in changes}
    unsigned = Client(enforce_csrf_checks=True).post("/store/api/currency/", "{}", content_type="application/json")
    seen["without a token"] = unsigned.status_code
    return seen


def post_form(page: SinglePage, path: str, fields: dict[str, str]) -> list[Any]:
    response = page.client.post(f"/store/api/{path}", fields, headers={"x-csrftoken": page.token})
    return [response.status_code, response.json()]


def sign_up_and_be_overtaken(page: SinglePage) -> list[Any]:
    """Sign up, and let somebody else take the name right after it was found to be free."""
    from django.contrib.auth.models import User
    from django.db import connection

    overtaken: list[Any] = []

    def overtake(execute: Any, sql: str, *arguments: Any) -> Any:
        if not overtaken and sql.startswith("INSERT") and "auth_user" in sql:
            overtaken.append(sql)
            User.objects.create(username="writer")
        return execute(sql, *arguments)

    with connection.execute_wrapper(overtake):
        page.client.raise_request_exception = False
        return page.sign_up("writer")
