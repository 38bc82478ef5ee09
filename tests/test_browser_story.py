"""The whole story in a real browser: two ads, the storefront, an order, and the dashboard that shows who earned it.

A shopper and an analyst see pages and press buttons. What the dashboard shows is held against what
``manage.py attribution_report`` prints. What they leave in the database is told by functions that run inside the shop.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.analysts import dropdown, go, rows_reported, rows_shown, wait_until_settled
from tests.real_browser import Visitor
from tests.real_server import Site
from tests.shoppers import operations_of, pay, put_pen_into_cart, sign_up

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.long

NewVisitor = Callable[..., Visitor]

FIRST_AD = "utm_source=Facebook&utm_medium=paid_social&utm_campaign=story_first"
SECOND_AD = "utm_source=newsletter&utm_medium=email&utm_campaign=story_second"
ORDERS = ("--by", "campaign", "--event", "order_placed")


def choose_model(page: "Page", name: str) -> None:
    dropdown(page, "Model").get_by_role("radio", name=name).check()
    page.keyboard.press("Escape")
    wait_until_settled(page)


def test_a_sale_stands_under_the_ad_that_earned_it_by_each_model(new_visitor: NewVisitor, site: Site) -> None:
    shopper = new_visitor().page
    asked = operations_of(shopper)
    shopper.goto(f"/landing/paper-week/?{FIRST_AD}")  # rendered by Django
    shopper.goto(f"/store/landing/first-fountain-pen/?cdn=1&{SECOND_AD}")  # by a static host
    shopper.get_by_role("heading", name="Your first fountain pen").wait_for()
    sign_up(shopper, "story")
    put_pen_into_cart(shopper)
    shopper.get_by_role("button", name="Order and pay").click()
    pay(shopper)

    assert asked == ["Landed", "Converted", "Paid"]
    assert site.shop.ask(story_of_the_customer) == {
        "touches": ["story_first", "story_second"],
        "signups": 1,
        "orders": [["order_placed", "confirmed", "118.0000", "server"]],
    }
    visitor = new_visitor()
    visitor.log_in("staff")
    analyst = visitor.page
    go(analyst, "/dashboard/?by=campaign&event=order_placed")
    shown = rows_shown(analyst)
    assert shown["story_second", "USD"] == ((1, Decimal("118.00")),)
    assert ("story_first", "USD") not in shown
    assert shown == rows_reported(site, *ORDERS)

    choose_model(analyst, "First touch")
    shown = rows_shown(analyst)
    assert shown["story_first", "USD"] == ((1, Decimal("118.00")),)
    assert ("story_second", "USD") not in shown
    assert shown == rows_reported(site, *ORDERS, models=("first_touch",))

    choose_model(analyst, "Linear")
    shown = rows_shown(analyst)
    assert shown["story_first", "USD"] == shown["story_second", "USD"] == ((Decimal("0.5"), Decimal("59.00")),)
    assert shown == rows_reported(site, *ORDERS, models=("linear",))


# Inside the shop ----------------------------------------------------------------------------------------------------


def story_of_the_customer() -> dict[str, Any]:
    from django_attribution.models import Conversion, Touchpoint

    conversions = Conversion.objects.filter(identity__linked_user__username="story")
    touches = Touchpoint.objects.filter(identity__linked_user__username="story").order_by("created_at", "pk")
    return {
        "touches": list(touches.values_list("utm_campaign", flat=True)),
        "signups": conversions.filter(event="signup").count(),
        "orders": [
            [conversion.event, conversion.status.value, str(conversion.value), conversion.origin]
            for conversion in conversions.filter(event="order_placed")
        ],
    }
