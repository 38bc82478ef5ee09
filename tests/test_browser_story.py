"""The whole story in a real browser: two ads, the storefront, an order, and the dashboard that shows who earned it.

A shopper and an analyst see pages and press buttons. What the dashboard shows is held against what
``manage.py attribution_report`` prints. What they leave in the database is told by functions that run inside the shop.
"""

import json
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.real_browser import TIME_ZONE, Visitor
from tests.real_server import Site
from tests.shoppers import operations_of, pay, put_pen_into_cart, sign_up

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.long

NewVisitor = Callable[..., Visitor]

FIRST_AD = "utm_source=Facebook&utm_medium=paid_social&utm_campaign=story_first"
SECOND_AD = "utm_source=newsletter&utm_medium=email&utm_campaign=story_second"
# The text of each cell, without the share that is drawn beside it; a key stands once for all its currencies.
READ_TABLE = """table => [...table.tBodies].flatMap(body => [...body.rows].map(row => [
    body.querySelector('th').innerText, ...[...row.cells].filter(cell => cell.tagName === 'TD')
        .map(cell => cell.firstChild.textContent.trim())]))"""


def open_dashboard(new_visitor: NewVisitor, address: str = "/dashboard/") -> "Page":
    analyst = new_visitor()
    analyst.log_in("staff")
    analyst.page.goto(address)
    analyst.page.locator("table.breakdown").wait_for()
    return analyst.page


def choose_model(page: "Page", name: str) -> None:
    page.get_by_role("button", name=re.compile("^Model ")).click()
    with page.expect_response(lambda response: "query Breakdown" in (response.request.post_data or "")):
        page.get_by_role("radio", name=name).check()
    page.keyboard.press("Escape")
    page.locator("table.breakdown thead", has_text=name).wait_for()
    page.locator("[aria-busy=true]").first.wait_for(state="detached")


def rows_shown(page: "Page") -> dict[tuple[str, str], tuple[Decimal, Decimal | None]]:
    """Return conversions and value by campaign and currency, as the table says them."""
    rows = page.locator("table.breakdown").evaluate(READ_TABLE)
    return {(name, currency): (number(conversions), number(value)) for name, currency, conversions, value in rows}


def number(text: str) -> Decimal | None:
    digits = re.sub(r"[^\d.]", "", text)
    return Decimal(digits) if digits else None


def rows_reported(site: Site, model: str) -> dict[tuple[str, str], tuple[Decimal, Decimal | None]]:
    """Return what the command says of the same conversions, with as many digits as the table has."""
    since = site.shop.ask(first_of_thirty_days)
    options = ("--model", model, "--by", "campaign", "--event", "order_placed", "--tz", TIME_ZONE, "--since", since)
    rows = json.loads(site.shop.manage("attribution_report", *options, "--format", "json"))["rows"]
    names = {"unattributed": "Nobody (no touch in the window)"}
    return {
        (names.get(row["kind"]) or row["key"][0], row["currency"] or "No value"): (
            Decimal(row["conversions"]).quantize(Decimal("0.01"), ROUND_HALF_UP),
            None if row["value"] is None else Decimal(row["value"]),
        )
        for row in rows
    }


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
    analyst = open_dashboard(new_visitor, "/dashboard/?by=campaign&event=order_placed")
    shown = rows_shown(analyst)
    assert shown["story_second", "USD"] == (1, Decimal("118.00"))
    assert ("story_first", "USD") not in shown
    assert shown == rows_reported(site, "last_touch")

    choose_model(analyst, "First touch")
    shown = rows_shown(analyst)
    assert shown["story_first", "USD"] == (1, Decimal("118.00"))
    assert ("story_second", "USD") not in shown
    assert shown == rows_reported(site, "first_touch")

    choose_model(analyst, "Linear")
    shown = rows_shown(analyst)
    assert shown["story_first", "USD"] == shown["story_second", "USD"] == (Decimal("0.5"), Decimal("59.00"))
    assert shown == rows_reported(site, "linear")


# Inside the shop ----------------------------------------------------------------------------------------------------


def first_of_thirty_days() -> str:
    from datetime import timedelta
    from zoneinfo import ZoneInfo

    from django.utils import timezone

    return str(timezone.now().astimezone(ZoneInfo(TIME_ZONE)).date() - timedelta(days=29))


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
