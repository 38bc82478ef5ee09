"""The storefront: what its page and endpoints answer, and that three callers and two clicks make one conversion.

What the functions below "Inside the shop" saw, they saw in a child process: see ``tests.example_shop``. They post the
documents of the storefront's own files. What people see and press is the browser tests' subject.
"""

import gzip
import json
import re
from typing import Any

import pytest

from tests.example_shop import FIREFOX, ROOT, Shop, conversion_of, credited_campaigns, send_payment, state_of

STOREFRONT = ROOT / "example_project/storefront"
FIRST_LOAD = 20_000  # bytes, compressed
AD = "utm_source=Instagram&utm_medium=paid_social&utm_campaign=first_pen"
KEY = "5f3a0c7e-1d2b-4c6a-9e8f-0123456789ab"
PEN, INK = "brass-fountain-pen", "ink-harbour-blue"
PEN_PRICE = "118.0000"

# One order from its announcement by the browser to its payment, in every order in which its parts may arrive.
STORIES = {
    "as it should be": "announce order pay confirm",
    "the answer to the announcement was lost": "announce announce order pay confirm",
    "the answer to the order was lost": "announce order order pay confirm",
    "reloaded in between": "announce announce order announce order pay confirm",
    "the announcement failed": "order pay confirm",
    "the announcement came late": "order announce pay confirm",
    "the announcement came after the payment": "order pay announce confirm",
    "the webhook came late": "announce order confirm pay",
    "the webhook came twice": "announce order confirm pay pay",
    "the customer never came back": "announce order pay",
    "the page of thanks was reloaded": "announce order confirm confirm pay confirm",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with full shelves and no visitors."""
    shop = Shop(tmp_path_factory.mktemp("storefront") / "shop.sqlite3")
    shop.manage("migrate", "--verbosity=0")
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


@pytest.fixture(scope="module")
def stories(shop: Shop) -> dict[str, Any]:
    """Return how each of ``STORIES`` ended."""
    seen: dict[str, Any] = shop.ask(tell_every_story)
    return seen


@pytest.fixture(scope="module")
def orders(shop: Shop) -> dict[str, Any]:
    """Return what became of unusual orders."""
    seen: dict[str, Any] = shop.ask(order_in_unusual_ways)
    return seen


@pytest.fixture(scope="module")
def payments(shop: Shop) -> dict[str, Any]:
    """Return where the payment provider's page led."""
    seen: dict[str, Any] = shop.ask(pay_in_every_way)
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


@pytest.mark.parametrize("story", STORIES)
def test_whatever_comes_first_there_is_one_confirmed_conversion(stories: dict[str, Any], story: str) -> None:
    ended = stories[story]
    assert ended["conversions"] == [["server", "confirmed", PEN_PRICE, "USD"]]
    assert ended["orders"] == ["paid"]


@pytest.mark.parametrize("story", STORIES)
def test_whatever_comes_first_the_ad_has_earned_it(stories: dict[str, Any], story: str) -> None:
    assert set(stories[story]["credited"].values()) == {"first_pen"}


@pytest.mark.parametrize("story", STORIES)
def test_no_part_of_a_story_is_refused(stories: dict[str, Any], story: str) -> None:
    assert stories[story]["refusals"] == []


def test_a_token_confirms_before_the_webhook_and_the_order_still_waits(stories: dict[str, Any]) -> None:
    assert stories["the webhook came late"]["between"] == {
        "order": "pending", "conversion": "confirmed", "value": PEN_PRICE
    }  # fmt: skip


def test_what_the_browser_claims_to_be_worth_does_not_count(orders: dict[str, Any]) -> None:
    assert orders["claimed 1.00"] == [["server", "pending", PEN_PRICE, "USD"]]


def test_a_claim_that_is_refused_stops_no_sale(orders: dict[str, Any]) -> None:
    assert orders["claimed too much"]["code"] == "VALUE_NOT_ALLOWED"
    assert orders["claimed too much"]["conversions"] == [["server", "pending", PEN_PRICE, "USD"]]


def test_four_clicks_at_once_place_one_order(orders: dict[str, Any]) -> None:
    clicks = orders["four clicks at once"]
    assert clicks["statuses"] == [200] * 4
    assert clicks["numbers"] == 1
    assert clicks["conversions"] == [["server", "pending", PEN_PRICE, "USD"]]
    assert clicks["cart"] == 0


def test_a_click_that_is_overtaken_by_another_finds_its_order(orders: dict[str, Any]) -> None:
    assert orders["overtaken"] == {"statuses": [200, 200], "numbers": 1, "orders": 1, "cart": 0}


def test_another_key_is_another_order(orders: dict[str, Any]) -> None:
    assert orders["two keys"] == 2


def test_a_customers_key_is_of_no_use_to_others(orders: dict[str, Any]) -> None:
    assert orders["a customer's key, used by others"] == [400, 404]


def test_the_shops_own_checkout_has_no_key(orders: dict[str, Any]) -> None:
    assert orders["key of the shop's order"] is None


def test_who_pays_comes_back_with_a_token_and_the_webhook_was_first(payments: dict[str, Any]) -> None:
    assert payments["paid"]["has_token"]
    assert payments["paid"]["path"] == "/store/orders/NUMBER/"
    assert payments["paid"]["state"]["order"] == "paid"


def test_the_token_may_come_before_the_webhook(payments: dict[str, Any]) -> None:
    assert payments["paid_late"]["has_token"]
    assert payments["paid_late"]["state"] == {"order": "pending", "conversion": "pending", "value": PEN_PRICE}


def test_who_does_not_pay_gets_no_token(payments: dict[str, Any]) -> None:
    assert not payments["cancelled"]["has_token"]
    assert payments["cancelled"]["state"]["order"] == "pending"


def test_paying_again_delivers_what_the_shop_has_not_heard(payments: dict[str, Any]) -> None:
    assert payments["paid_late, then paid"] == {"order": "paid", "conversion": "confirmed", "value": PEN_PRICE}


def test_a_customer_of_the_shop_comes_back_to_the_shop(payments: dict[str, Any]) -> None:
    assert payments["of the shop"] == {"path": "/orders/NUMBER/", "has_token": False}


def test_only_customers_of_the_storefront_may_keep_the_shop_waiting(payments: dict[str, Any]) -> None:
    assert payments["offers late payment"] == {"storefront": True, "shop": False}


@pytest.mark.parametrize("token", ["forged", "altered", "of another site"])
def test_a_token_that_is_not_the_servers_confirms_nothing(payments: dict[str, Any], token: str) -> None:
    assert payments["refused tokens"][token] == ["NOT_PERMITTED", "pending"]


# Inside the shop ----------------------------------------------------------------------------------------------------


class SinglePage:
    """The storefront's script in a visitor's browser, as far as the server can tell."""

    def __init__(self, address: str = f"/store/?{AD}") -> None:
        from django.test import Client

        self.client = Client(enforce_csrf_checks=True, headers={"user-agent": FIREFOX})
        self.page = self.client.get(address, headers={"referer": "https://www.instagram.com/", **NAVIGATION})
        written = re.search(r'id="storefront-config"[^>]*>(.*?)</script>', self.page.content.decode())
        self.config = json.loads(written[1]) if written else None
        self.token = (self.config or self.client.get("/graphql/csrf/").json())["csrfToken"]

    def get(self, path: str) -> list[Any]:
        """Ask an endpoint; return status and answer."""
        response = self.client.get(f"/store/api/{path}")
        return [response.status_code, response.json()]

    def post(self, path: str, values: Any) -> list[Any]:
        """Post to an endpoint; return status and answer, and keep the token that comes with it."""
        body = values if isinstance(values, bytes) else json.dumps(values)
        response = self._post(f"/store/api/{path}", body)
        answer = response.json()
        self.token = answer.get("csrfToken", self.token)
        return [response.status_code, answer]

    def mutate(self, document: str, variables: dict[str, Any]) -> Any:
        """Send a mutation of the storefront's; return its payload."""
        response = self._post("/graphql/", json.dumps({"query": DOCUMENTS[document], "variables": variables}))
        [payload] = response.json()["data"].values()
        return payload

    def announce(self, key: str = KEY, amount: str = "118.00") -> Any:
        """Record the conversion, as the script does before it orders."""
        value = {"amount": amount, "currency": "USD"}
        return self.mutate("Converted", {"input": {"event": "order_placed", "value": value, "idempotencyKey": key}})

    def fill_cart(self, slug: str = PEN) -> None:
        self.post(f"cart/{slug}/", {"action": "add", "quantity": "1"})

    def order(self, key: str = KEY) -> list[Any]:
        return self.post("orders/", {"key": key, "email": "reader@example.com"})

    def sign_up(self, name: str) -> list[Any]:
        fields = {"username": name, "email": f"{name}@example.com", "password1": PASSWORD, "password2": PASSWORD}
        return self.post("sign-up/", fields)

    def pay(self, number: str, outcome: str) -> Any:
        """Press a button on the provider's page, and return where it leads."""
        form = {"outcome": outcome, "csrfmiddlewaretoken": self.token}
        return self.client.post(f"/pay/{number}/", form)["Location"]

    def _post(self, path: str, body: Any) -> Any:
        headers = {"x-csrftoken": self.token}
        return self.client.post(path, body, content_type="application/json", headers=headers)


NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "cross-site"}
PASSWORD = "paper and ink"
DOCUMENTS = {
    re.search(r"mutation (\w+)", document)[1]: document  # type: ignore[index]  # each has a name
    for file in sorted((STOREFRONT / "frontend/attribution").glob("*.ts"))
    for document in re.findall(r"graphql\(`(.*?)`\)", file.read_text(), flags=re.DOTALL)
}


def fill_the_shelves() -> None:
    from example_project.shop.demo_data.shelves import fill_shelves

    fill_shelves()


def start_anew() -> None:
    """Forget every visitor and order."""
    from django.contrib.auth.models import User

    from django_attribution.models import Conversion, Identity
    from example_project.shop.models import Order

    for model in (Conversion, Identity, Order, User):
        model._default_manager.all().delete()


def conversions() -> list[list[str]]:
    from django_attribution.models import Conversion

    orders = Conversion.objects.filter(event="order_placed").order_by("pk")
    return [[row.origin, row.status.value, str(row.value), row.currency] for row in orders]


def number_of_orders() -> int:
    from example_project.shop.models import Order

    return Order.objects.count()


def only_order() -> Any:
    from example_project.shop.models import Order

    return Order.objects.get()


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


def touches() -> list[str]:
    from django_attribution.models import Touchpoint

    return [f"{touch.url} {touch.referrer}" for touch in Touchpoint.objects.all()]


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
    seen["log-in with a wrong password"] = stranger.post("log-in/", {"username": "reader", "password": "wrong"})

    seen["an order without an address"] = page.post("orders/", {"key": KEY, "email": "reader"})
    seen["an order without a key"] = page.post("orders/", {"email": "reader@example.com"})
    seen["an order with a key to guess"] = page.post("orders/", {"key": "order-1", "email": "reader@example.com"})
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


def tell_every_story() -> dict[str, Any]:
    return {story: tell(steps.split()) for story, steps in STORIES.items()}


def tell(steps: list[str]) -> dict[str, Any]:
    from example_project.shop.models import Order

    start_anew()
    page = SinglePage()
    page.fill_cart()
    refusals: list[Any] = []
    between: dict[str, str] | None = None
    for step in steps:
        if step == "announce":
            refusals += page.announce()["errors"]
        elif step == "order":
            status, answer = page.order()
            refusals += [] if status == 200 else [answer]
        elif step == "pay":
            status = send_payment(only_order())
            refusals += [] if status == 200 else [status]
        elif step == "confirm":
            refusals += page.mutate("Paid", {"token": conversion_of(only_order()).confirmation_token()})["errors"]
            between = between or state_of(only_order())
    return {
        "refusals": refusals,
        "conversions": conversions(),
        "orders": [order.status for order in Order.objects.all()],
        "credited": credited_campaigns(only_order()),
        "between": between,
    }


def order_in_unusual_ways() -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def fresh_page() -> SinglePage:
        start_anew()
        page = SinglePage()
        page.fill_cart()
        return page

    page = fresh_page()
    page.announce(amount="1.00")
    page.order()
    seen["claimed 1.00"] = conversions()

    page = fresh_page()
    [error] = page.announce(amount="1000.01")["errors"]
    page.order()
    seen["claimed too much"] = {"code": error["code"], "conversions": conversions()}

    seen["four clicks at once"] = click_four_times(fresh_page())
    seen["overtaken"] = click_and_be_overtaken(fresh_page())

    page = fresh_page()
    page.order()
    page.fill_cart(INK)
    page.order("0" * 8 + KEY[8:])
    seen["two keys"] = number_of_orders()

    page = fresh_page()
    page.sign_up("reader")
    number = page.order()[1]["number"]
    thief = SinglePage()
    seen["a customer's key, used by others"] = [thief.order()[0], thief.get(f"orders/{number}/")[0]]

    order_in_the_shop(fresh_page())
    seen["key of the shop's order"] = only_order().checkout_key
    return seen


def click_four_times(page: SinglePage) -> dict[str, Any]:
    """Order from four threads, each with the cookies that the browser had before."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from django.db import connection

    page.announce()
    together = Barrier(4)

    def click(_: int) -> tuple[int, str]:
        again = same_browser(page)
        together.wait()
        try:
            status, answer = again.order()
            return status, str(answer.get("number"))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(click, range(4)))
    return {
        "statuses": [status for status, _ in answers],
        "numbers": len({number for _, number in answers}),
        "conversions": conversions(),
        "cart": page.get("session/")[1]["cart"]["count"],
    }


def click_and_be_overtaken(page: SinglePage) -> dict[str, Any]:
    """Order, and let a second click do all of it right after the first has found that there is no order yet."""
    from django.db import connection

    other = same_browser(page)
    overtaking: list[list[Any]] = []

    def overtake(execute: Any, sql: str, *arguments: Any) -> Any:
        found = execute(sql, *arguments)
        if not overtaking and sql.startswith("SELECT") and "checkout_key" in sql.partition("WHERE")[2]:
            overtaking.append([])
            overtaking[0] += other.order()
        return found

    with connection.execute_wrapper(overtake):
        answers = [page.order(), *overtaking]
    return {
        "statuses": [status for status, _ in answers],
        "numbers": len({answer.get("number") for _, answer in answers}),
        "orders": number_of_orders(),
        "cart": page.get("session/")[1]["cart"]["count"],
    }


def same_browser(page: SinglePage) -> SinglePage:
    """Return the page once more, with the cookies that its browser has now."""
    from copy import copy

    again = copy(page)
    again.client = copy(page.client)
    again.client.cookies = page.client.cookies.copy()
    return again


def order_in_the_shop(page: SinglePage) -> str:
    form = {"email": "reader@example.com", "csrfmiddlewaretoken": page.token}
    page.client.post("/checkout/", form)
    return str(only_order().number)


def pay_in_every_way() -> dict[str, Any]:
    from urllib.parse import parse_qs, urlsplit

    seen: dict[str, Any] = {}

    def ordered() -> tuple[SinglePage, str]:
        start_anew()
        page = SinglePage()
        page.fill_cart()
        return page, page.order()[1]["number"]

    def back_at(address: str, number: str) -> dict[str, Any]:
        parts = urlsplit(address)
        return {
            "path": parts.path.replace(number, "NUMBER"),
            "has_token": "confirmation" in parse_qs(parts.query),
        }

    for outcome in ("paid", "paid_late", "cancelled"):
        page, number = ordered()
        seen[outcome] = {**back_at(page.pay(number, outcome), number), "state": state_of(only_order())}
    page, number = ordered()
    offers = {"storefront": "paid_late" in page.client.get(f"/pay/{number}/").content.decode()}
    page.pay(number, "paid_late")
    page.pay(number, "paid")
    seen["paid_late, then paid"] = state_of(only_order())

    start_anew()
    page = SinglePage()
    page.fill_cart()
    number = order_in_the_shop(page)
    offers["shop"] = "paid_late" in page.client.get(f"/pay/{number}/").content.decode()
    seen["offers late payment"] = offers
    seen["of the shop"] = back_at(page.pay(number, "paid"), number)

    page, number = ordered()
    seen["refused tokens"] = refuse_tokens(page)
    return seen


def refuse_tokens(page: SinglePage) -> dict[str, Any]:
    from django.test import override_settings

    conversion = conversion_of(only_order())
    token = conversion.confirmation_token()
    with override_settings(SECRET_KEY="another site's"):
        foreign = conversion.confirmation_token()
    tokens = {
        "forged": "forged",
        "altered": f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}",
        "of another site": foreign,
    }
    found = {}
    for name, refused in tokens.items():
        [error] = page.mutate("Paid", {"token": refused})["errors"]
        found[name] = [error["code"], conversion_of(only_order()).status.value]
    return found
