"""The pages that the example's shop serves, in a real browser: readable, usable by keyboard, and free of errors."""

from collections.abc import Callable

import pytest

from tests.page_checks import assert_accessible, assert_usable_by_keyboard, walk_by_tab
from tests.real_browser import DEVICES, Device, Visitor
from tests.real_server import Site

pytestmark = pytest.mark.long

PAGES = (
    "/",
    "/products/",
    "/products/brass-fountain-pen/",
    "/landing/paper-week/",
    "/cart/",
    "/sign-up/",
    "/login/",
    "/privacy/",
)


def put_into_cart(visitor: Visitor) -> None:
    visitor.page.goto("/products/brass-fountain-pen/")
    visitor.page.get_by_role("button", name="Add to cart").click()
    visitor.page.get_by_role("heading", name="Your cart").wait_for()


def order(visitor: Visitor) -> None:
    put_into_cart(visitor)
    visitor.page.get_by_role("link", name="Go to checkout").click()
    visitor.page.get_by_label("E-mail address").fill("reader@example.com")
    visitor.page.get_by_role("button", name="Order and pay").click()
    visitor.page.get_by_text("Payment provider (simulated)").wait_for()


def check(visitor: Visitor) -> None:
    assert_accessible(visitor.page)
    assert_usable_by_keyboard(visitor.page)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("device", DEVICES)
def test_a_page_is_readable_and_usable_by_keyboard(
    new_visitor: Callable[..., Visitor], address: str, device: Device
) -> None:
    visitor = new_visitor(device=device)
    visitor.page.goto(address)

    check(visitor)


@pytest.mark.parametrize("device", DEVICES)
def test_every_step_to_a_paid_order_is(new_visitor: Callable[..., Visitor], device: Device) -> None:
    visitor = new_visitor(device=device)
    page = visitor.page

    put_into_cart(visitor)
    check(visitor)
    page.get_by_role("link", name="Go to checkout").click()
    page.get_by_role("heading", name="Checkout").wait_for()
    check(visitor)
    page.get_by_role("button", name="Order and pay").click()  # without an e-mail address
    page.get_by_text("This field is required.").wait_for()
    check(visitor)
    page.get_by_label("E-mail address").fill("reader@example.com")
    page.get_by_role("button", name="Order and pay").click()
    page.get_by_role("button", name="Not now").wait_for()
    check(visitor)
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("link", name="Pay now").wait_for()
    check(visitor)
    page.get_by_role("link", name="Pay now").click()
    page.get_by_role("button", name="Pay now").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    check(visitor)


@pytest.mark.parametrize("device", DEVICES)
def test_the_account_with_its_orders_is(new_visitor: Callable[..., Visitor], device: Device) -> None:
    visitor = new_visitor(device=device)
    visitor.log_in("demo")

    visitor.page.get_by_role("heading", name="Your orders").wait_for()
    assert visitor.page.locator(".order").count()
    check(visitor)


def test_tab_leads_through_a_page_in_the_order_of_reading(new_visitor: Callable[..., Visitor]) -> None:
    visitor = new_visitor()
    visitor.page.goto("/login/")

    focused, _ = walk_by_tab(visitor.page)

    assert focused == [
        'a "Skip to content"',
        'a "Quire paper & ink"',
        'a "Products"',
        'a "Log in"',
        'a "Cart"',
        'input "Username"',
        'input "Password"',
        'button "Log in"',
        'a "Sign up"',
        'a "The same shop as a single-page application"',
        'a "What it remembers of you"',
        'button "USD"',
        'button "EUR"',
    ]


def test_whoever_follows_an_ad_is_kept_as_a_touch(new_visitor: Callable[..., Visitor], site: Site) -> None:
    new_visitor().page.goto("/landing/paper-week/?utm_source=Facebook&utm_medium=paid_social&utm_campaign=seen_here")

    assert site.shop.ask(channels_of_that_ad) == ["Paid Social"]


def channels_of_that_ad() -> list[str]:
    """Runs inside the shop."""
    from django_attribution.models import Touchpoint

    return list(Touchpoint.objects.filter(utm_campaign="seen_here").values_list("channel", flat=True))


def test_strangers_who_want_to_see_the_dashboard_are_asked_to_log_in(new_visitor: Callable[..., Visitor]) -> None:
    page = new_visitor().page

    page.goto("/dashboard/?models=linear")

    assert page.url.endswith("/login/?next=/dashboard/%3Fmodels%3Dlinear")
    assert page.get_by_role("heading", name="Log in").is_visible()
    assert page.locator("#dashboard").count() == 0


def test_customers_are_refused_the_dashboard(new_visitor: Callable[..., Visitor]) -> None:
    visitor = new_visitor()
    visitor.log_in("demo")

    answer = visitor.page.goto("/dashboard/")

    assert answer is not None
    assert answer.status == 403
    assert visitor.page.locator("#dashboard").count() == 0
    visitor.expect_complaint("status of 403")
    check(visitor)
