"""What people do in the storefront, step by step, and what its page asks meanwhile. Expects nothing of the outcome."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

PEN = "/store/products/brass-fountain-pen/"


def put_pen_into_cart(page: "Page") -> None:
    page.goto(PEN)
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_text("Brass Fountain Pen is in your cart").first.wait_for()
    page.get_by_role("link", name="Go to the cart").click()
    page.get_by_label("E-mail address", exact=True).fill("reader@example.com")


def pay(page: "Page", button: str = "Pay now") -> None:
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("heading", name="Thank you").wait_for()


def sign_up(page: "Page", name: str) -> None:
    page.get_by_role("link", name="Account").click()
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("E-mail address", exact=True).fill(f"{name}@example.com")
    page.get_by_label("Password", exact=True).fill("paper and ink")
    page.get_by_label("Password again").fill("paper and ink")
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("heading", name=f"Hello, {name}").wait_for()


def operations_of(page: "Page") -> list[str]:
    """Return a list that names the GraphQL operations which the page asks, as it asks them."""
    names: list[str] = []

    def note(request: "Request") -> None:
        names.extend(re.findall(r"(?:query|mutation) (\w+)", request.post_data or ""))

    page.on("request", note)
    return names
