"""The storefront's orders: three callers and two clicks make one conversion, whatever comes first.

What the functions below "Inside the shop" saw, they saw in a child process: see ``tests.example_shop``.
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.example_shop import Shop, conversion_of, credited_campaigns, send_payment, state_of
from tests.storefront_script import (
    AD,
    INK,
    KEY,
    PEN_PRICE,
    SinglePage,
    conversions,
    fill_the_shelves,
    number_of_orders,
    only_order,
    start_anew,
    touches,
)

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
def shop(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with full shelves and no visitors."""
    shop = Shop(shutil.copy(migrated, tmp_path_factory.mktemp("storefront")))
    shop.ask(fill_the_shelves)
    return shop


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


def test_an_order_beside_another_choice_stays_in_its_session(orders: dict[str, Any]) -> None:
    assert orders["beside another choice"] == {"statuses": [200, 200], "pay": 200, "cart": 0}


def test_four_tabs_order_one_cart_once(orders: dict[str, Any]) -> None:
    assert orders["four tabs at once"] == {"statuses": [200, 400, 400, 400], "orders": 1}


def test_the_shops_checkout_pressed_four_times_orders_once(orders: dict[str, Any]) -> None:
    assert orders["the shop's checkout, four times"] == {"statuses": [302] * 4, "orders": 1}


def test_another_key_is_another_order(orders: dict[str, Any]) -> None:
    assert orders["two keys"] == 2


def test_the_key_of_a_paid_order_orders_no_other_cart(orders: dict[str, Any]) -> None:
    refused = orders["a paid order's key"]
    assert [refused["status"], list(refused["errors"])] == [409, ["key"]]
    assert (refused["cart"], refused["orders"], refused["then"]) == (1, 2, 200)


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        ("another total", "Your cart has changed: it is now $118.00. Check it, then order again."),
        ("another currency", "Your cart has changed: it is now $118.00. Check it, then order again."),
        ("somebody else", "You are logged in as somebody else in this browser."),
        ("a customer who has left", "You are not logged in any more in this browser."),
    ],
)
def test_an_order_of_what_the_customer_did_not_see_is_refused(orders: dict[str, Any], seen: str, sentence: str) -> None:
    assert orders["seen"][seen] == [409, {"errors": {"__all__": [sentence]}}]
    assert orders["seen"]["orders"] == 0


def test_a_landing_that_comes_with_the_order_earns_it(orders: dict[str, Any]) -> None:
    assert orders["told with the order"] == {"statuses": [200] * 4, "credited": ["first_pen"], "touches": 1}


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
    seen["beside another choice"] = order_beside_another_choice(fresh_page())
    seen["four tabs at once"] = order_from_four_tabs(fresh_page())
    seen["the shop's checkout, four times"] = press_the_shops_checkout_four_times(fresh_page())

    page = fresh_page()
    page.order()
    page.fill_cart(INK)
    page.order("0" * 8 + KEY[8:])
    seen["two keys"] = number_of_orders()

    page = fresh_page()
    page.order()
    send_payment(only_order())
    page.fill_cart()
    status, answer = page.order()
    seen["a paid order's key"] = {
        "status": status,
        "errors": answer.get("errors", {}),
        "cart": page.get("session/")[1]["cart"]["count"],
        "then": page.order("0" * 8 + KEY[8:])[0],
        "orders": number_of_orders(),
    }

    start_anew()
    page = SinglePage("/store/?cdn=1")
    page.fill_cart()
    landing = {"url": f"http://testserver/store/?cdn=1&{AD}", "referrer": "https://www.instagram.com/"}
    odd: list[Any] = ["", 1, [], {}, {"url": "javascript:1", "referrer": ""}]
    hostile: list[Any] = [{"url": 1, "referrer": {}}, None, {"url": "http://[", "referrer": "\0"}, landing, landing]
    fine = [page.post("orders/", {**page.checkout(), "landings": odd})[0] for odd in (odd, {"0": landing}, "x")]
    start_anew()
    page.fill_cart()
    status = page.post("orders/", {**page.checkout(), "landings": hostile})[0]
    send_payment(only_order())
    seen["told with the order"] = {
        "statuses": [*fine, status],
        "credited": sorted(set(credited_campaigns(only_order()).values())),
        "touches": len(touches()),
    }

    page = fresh_page()
    seen["seen"] = {
        "another total": page.order(total="117.99"),
        "another currency": page.order(currency="EUR"),
        "a customer who has left": page.order(user="reader"),
    }
    page.sign_up("reader")
    seen["seen"] |= {"somebody else": page.order(user=""), "orders": number_of_orders()}
    number = page.order()[1]["number"]
    thief = SinglePage()
    seen["a customer's key, used by others"] = [thief.order()[0], thief.get(f"orders/{number}/")[0]]

    order_in_the_shop(fresh_page())
    seen["key of the shop's order"] = only_order().checkout_key
    return seen


def click_four_times(page: SinglePage) -> dict[str, Any]:
    """Order from four threads, each with the cookies that the browser had before."""
    page.announce()
    order = page.checkout()
    answers = at_once(page, *[lambda again: again.post("orders/", order)] * 4)
    return {
        "statuses": [status for status, _ in answers],
        "numbers": len({answer.get("number") for _, answer in answers}),
        "conversions": conversions(),
        "cart": page.get("session/")[1]["cart"]["count"],
    }


def at_once(page: SinglePage, *actions: Callable[[SinglePage], Any]) -> list[Any]:
    """Do all of it in threads, each with the cookies that the browser had before; return what each has got.

    Whoever has read the session waits for the others, or until it is clear that they wait for a turn. The last one
    writes last.
    """
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier, BrokenBarrierError, Semaphore

    from django.db import connection

    begun, have_read, others_done = Barrier(len(actions)), Barrier(len(actions)), Semaphore(0)

    def act(action: Callable[[SinglePage], Any]) -> Any:
        again = same_browser(page)

        def hold(execute: Any, sql: str, *arguments: Any) -> Any:
            found = execute(sql, *arguments)
            if sql.startswith("SELECT") and "django_session" in sql and not have_read.broken:
                with suppress(BrokenBarrierError):
                    have_read.wait(timeout=1)
                    if action is actions[-1]:
                        assert all(others_done.acquire(timeout=10) for _ in actions[1:])
            return found

        begun.wait()
        try:
            with connection.execute_wrapper(hold):
                return action(again)
        finally:
            others_done.release()
            connection.close()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(act, actions))


def order_beside_another_choice(page: SinglePage) -> dict[str, Any]:
    order = page.checkout()
    answers = at_once(
        page,
        lambda again: again.post("orders/", order),
        lambda again: again.post("currency/", {"currency": "USD"}),  # which it is: of euros the order would not be
    )
    session = page.get("session/")[1]
    return {
        "statuses": [status for status, _ in answers],
        "pay": page.client.get(f"/pay/{answers[0][1].get('number')}/").status_code,
        "cart": session["cart"]["count"],
    }


def order_from_four_tabs(page: SinglePage) -> dict[str, Any]:
    orders = [page.checkout(digit * 8 + KEY[8:]) for digit in "1234"]
    tabs = [lambda again, order=order: again.post("orders/", order) for order in orders]
    return {"statuses": sorted(status for status, _ in at_once(page, *tabs)), "orders": number_of_orders()}


def press_the_shops_checkout_four_times(page: SinglePage) -> dict[str, Any]:
    def press(page: SinglePage) -> int:
        form = {"email": "reader@example.com", "csrfmiddlewaretoken": page.token}
        return int(page.client.post("/checkout/", form).status_code)

    return {"statuses": at_once(page, *[press] * 4), "orders": number_of_orders()}


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
