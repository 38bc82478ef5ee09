"""The storefront in a real browser on a bad day: impatient fingers, reloads, lost answers, no network, stale tokens.

What is left in the database is told by functions that run inside the shop (below "Inside the shop").
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.example_shop import conversion_of, send_payment
from tests.page_checks import assert_accessible, assert_usable_by_keyboard
from tests.real_browser import DEVICES, Device, Visitor
from tests.real_server import Site
from tests.shoppers import PEN, operations_of, pay, put_pen_into_cart, sign_up

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.long

NewVisitor = Callable[..., Visitor]

ORDERS = "**/store/api/orders/"
GRAPHQL = "**/graphql/"
CSRF = "**/graphql/csrf/"
ONCE = {"orders": 1, "conversions": ["confirmed"]}
PAGES = (
    "/store/",
    "/store/landing/paper-week/",
    PEN,
    "/store/cart/",
    "/store/sign-up/",
    "/store/account/",
    "/store/no-such-page/",
)


@pytest.fixture
def made(site: Site) -> Callable[[], dict[str, Any]]:
    """Return a function that tells which orders and conversions there are more than before the test."""
    before = site.shop.ask(count_orders_and_conversions)

    def more() -> dict[str, Any]:
        after = site.shop.ask(count_orders_and_conversions)
        conversions = after["conversions"][len(before["conversions"]) :]
        return {"orders": after["orders"] - before["orders"], "conversions": conversions}

    return more


def lose_the_answer(route: "Route") -> None:
    """Let the server do what it is asked, and the browser never hear of it."""
    route.fetch()
    route.abort("connectionreset")


def order_button(page: "Page") -> Any:
    return page.get_by_role("button", name="Order and pay")


def subscribe(page: "Page") -> None:
    page.get_by_label("Your e-mail address").fill("reader@example.com")
    page.get_by_role("button", name="Subscribe").click()


@pytest.mark.parametrize("device", DEVICES)
def test_every_page_is_readable_and_usable_by_keyboard(new_visitor: NewVisitor, device: Device) -> None:
    page = new_visitor(device=device).page
    for address in PAGES:
        page.goto(address)
        page.locator("main h1").wait_for()
        assert_accessible(page)
        assert_usable_by_keyboard(page)


def test_every_step_to_a_paid_order_is(new_visitor: NewVisitor) -> None:
    page = new_visitor().page
    put_pen_into_cart(page)
    assert_accessible(page)
    assert_usable_by_keyboard(page)
    order_button(page).click()
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("link", name="Pay now").wait_for()
    assert_accessible(page)
    page.get_by_role("link", name="Pay now").click()
    pay(page)
    assert_accessible(page)
    assert_usable_by_keyboard(page)


def test_a_double_click_orders_once(new_visitor: NewVisitor, made: Callable[[], Any]) -> None:
    page = new_visitor().page
    put_pen_into_cart(page)
    order_button(page).dblclick()
    pay(page)

    assert made() == ONCE


def test_an_order_after_a_reload_is_the_one_whose_answer_was_lost(
    new_visitor: NewVisitor, made: Callable[[], Any]
) -> None:
    visitor = new_visitor()
    page = visitor.page
    put_pen_into_cart(page)
    asked = operations_of(page)
    page.route(ORDERS, lose_the_answer, times=1)
    order_button(page).click()
    page.get_by_text("You seem to be offline").wait_for()
    visitor.expect_complaint("ERR_CONNECTION_RESET")
    page.reload()
    page.get_by_text("waits for its payment").wait_for()
    page.get_by_role("main").get_by_role("link").first.click()
    page.get_by_role("link", name="Pay now").click()
    pay(page)

    assert asked.count("Converted") == 1
    assert made() == ONCE


def test_the_same_cart_after_an_order_whose_answer_was_lost_is_another_order(
    new_visitor: NewVisitor, made: Callable[[], Any]
) -> None:
    visitor = new_visitor()
    page = visitor.page
    put_pen_into_cart(page)
    page.route(ORDERS, lose_the_answer, times=1)
    order_button(page).click()
    page.get_by_text("You seem to be offline").wait_for()
    visitor.expect_complaint("ERR_CONNECTION_RESET")
    page.reload()
    page.get_by_role("main").get_by_role("link").first.click()
    page.get_by_role("link", name="Pay now").click()
    pay(page)
    put_pen_into_cart(page)
    order_button(page).click()
    pay(page)

    assert made() == {"orders": 2, "conversions": ["confirmed", "confirmed"]}


def test_a_reload_between_announcement_and_order_keeps_the_key(
    new_visitor: NewVisitor, made: Callable[[], Any]
) -> None:
    visitor = new_visitor()
    page = visitor.page
    put_pen_into_cart(page)
    asked = operations_of(page)
    page.route(ORDERS, lambda route: route.abort("connectionreset"), times=1)
    order_button(page).click()
    page.get_by_text("You seem to be offline").wait_for()
    visitor.expect_complaint("ERR_CONNECTION_RESET")
    page.reload()
    page.get_by_label("E-mail address", exact=True).fill("reader@example.com")
    order_button(page).click()
    pay(page)

    assert asked.count("Converted") == 2
    assert made() == ONCE


def test_an_order_goes_through_where_its_announcement_fails(new_visitor: NewVisitor, made: Callable[[], Any]) -> None:
    visitor = new_visitor()
    page = visitor.page
    put_pen_into_cart(page)
    page.route(GRAPHQL, lambda route: route.fulfill(status=500, body="no"), times=1)
    order_button(page).click()
    pay(page)
    visitor.expect_complaint("500")

    assert made() == ONCE


def test_who_orders_offline_is_told_so_and_may_try_again(new_visitor: NewVisitor, made: Callable[[], Any]) -> None:
    visitor = new_visitor()
    page = visitor.page
    put_pen_into_cart(page)
    page.context.set_offline(True)
    order_button(page).click()
    page.get_by_text("You seem to be offline").wait_for()
    assert_accessible(page)
    visitor.expect_complaint("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    pay(page)

    assert made() == ONCE


def test_the_page_of_thanks_may_be_reloaded(new_visitor: NewVisitor, made: Callable[[], Any]) -> None:
    page = new_visitor().page
    put_pen_into_cart(page)
    order_button(page).click()
    pay(page)
    assert "confirmation" not in page.url
    page.reload()
    page.get_by_role("heading", name="Thank you").wait_for()

    assert made() == ONCE


def test_the_token_of_the_way_back_confirms_before_the_webhook_comes(
    new_visitor: NewVisitor, site: Site, made: Callable[[], Any]
) -> None:
    page = new_visitor().page
    put_pen_into_cart(page)
    order_button(page).click()
    pay(page, "Pay now, and let the shop hear of it late")

    assert made() == ONCE
    assert site.shop.ask(deliver_the_payment) == {"before": "pending", "webhook": 200, "after": "paid"}
    assert made() == ONCE
    page.reload()
    page.get_by_text("is paid").wait_for()


def test_a_subscription_is_recorded_once_whatever_is_clicked_and_reloaded(
    new_visitor: NewVisitor, made: Callable[[], Any]
) -> None:
    visitor = new_visitor()
    page = visitor.page
    page.goto("/store/")
    page.get_by_label("Your e-mail address").fill("reader@example.com")
    page.route(GRAPHQL, lose_the_answer, times=1)
    page.get_by_role("button", name="Subscribe").dblclick()
    page.get_by_text("You seem to be offline").wait_for()
    visitor.expect_complaint("ERR_CONNECTION_RESET")
    page.reload()
    subscribe(page)
    page.get_by_text("Thank you. The next letter").wait_for()
    page.reload()
    page.get_by_text("Thank you. The next letter").wait_for()

    assert made() == {"orders": 0, "conversions": ["pending"]}


def test_a_security_token_that_has_gone_stale_is_renewed(new_visitor: NewVisitor, made: Callable[[], Any]) -> None:
    visitor = new_visitor()
    page = visitor.page
    page.goto("/store/")
    page.get_by_role("heading", name="The Tuesday letter").wait_for()
    page.context.clear_cookies(name="csrftoken")
    subscribe(page)
    page.get_by_text("Thank you. The next letter").wait_for()
    visitor.expect_complaint("403")

    assert made() == {"orders": 0, "conversions": ["pending"]}


def test_a_security_token_that_is_refused_for_good_is_told_of(new_visitor: NewVisitor, made: Callable[[], Any]) -> None:
    visitor = new_visitor()
    page = visitor.page
    page.goto("/store/")
    page.get_by_role("heading", name="The Tuesday letter").wait_for()
    page.route(CSRF, lambda route: route.fulfill(json={"csrfToken": "x" * 64}))
    page.context.clear_cookies(name="csrftoken")
    subscribe(page)
    page.get_by_text("Allow cookies for this site and reload the page.").wait_for()
    visitor.expect_complaint("403")

    assert made() == {"orders": 0, "conversions": []}


def test_what_was_done_before_signing_up_is_the_customers(new_visitor: NewVisitor, site: Site) -> None:
    page = new_visitor().page
    page.goto("/store/?cdn=1&utm_source=podcast&utm_medium=audio&utm_campaign=before_sign_up")
    subscribe(page)
    page.get_by_text("Thank you. The next letter").wait_for()
    sign_up(page, "listener")

    assert site.shop.ask(belongings_of_the_listener) == {
        "touches": ["before_sign_up"],
        "events": ["newsletter_signup", "signup"],
    }


def test_a_landing_that_could_not_be_told_is_told_before_anything_else(new_visitor: NewVisitor, site: Site) -> None:
    visitor = new_visitor()
    page = visitor.page
    asked = operations_of(page)
    page.route(GRAPHQL, lambda route: route.abort("connectionreset"), times=1)
    page.goto("/store/?cdn=1&utm_source=podcast&utm_medium=audio&utm_campaign=told_late")
    page.get_by_role("heading", name="The Tuesday letter").wait_for()
    visitor.expect_complaint("ERR_CONNECTION_RESET")
    subscribe(page)
    page.get_by_text("Thank you. The next letter").wait_for()

    assert asked == ["Landed", "Landed", "Converted"]
    assert site.shop.ask(credited_to_the_late_landing) == "told_late"


# Inside the shop ----------------------------------------------------------------------------------------------------


def count_orders_and_conversions() -> dict[str, Any]:
    from django_attribution.models import Conversion
    from example_project.shop.models import Order

    conversions = Conversion.objects.filter(event__in=["order_placed", "newsletter_signup"]).order_by("pk")
    return {"orders": Order.objects.count(), "conversions": [found.status.value for found in conversions]}


def deliver_the_payment() -> dict[str, Any]:
    from example_project.shop.models import Order

    order = Order.objects.latest("pk")
    before = order.status
    assert conversion_of(order).status == "confirmed"
    webhook = send_payment(order)
    order.refresh_from_db()
    return {"before": before, "webhook": webhook, "after": order.status}


def belongings_of_the_listener() -> dict[str, Any]:
    from django_attribution.models import Conversion, Touchpoint

    of_customer = {"identity__linked_user__username": "listener"}
    conversions = Conversion.objects.filter(**of_customer).order_by("event")
    return {
        "touches": list(Touchpoint.objects.filter(**of_customer).values_list("utm_campaign", flat=True)),
        "events": list(conversions.values_list("event", flat=True)),
    }


def credited_to_the_late_landing() -> str:
    from django_attribution.attribution_models import last_touch
    from django_attribution.models import Conversion

    conversions = Conversion.objects.filter(event="newsletter_signup").with_attribution(last_touch)
    return str(conversions.latest("pk").attribution_data["utm_campaign"])
