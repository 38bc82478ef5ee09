"""What strangers write into addresses, and money of every size, is shown as it is: text that does nothing, exact.

The shop begins without anything; the first test sees that, and the data of the others comes with their fixture.
"""

import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.analysts import (
    NOBODY,
    NewAnalyst,
    dropdown,
    go,
    leave_out_direct,
    rows_reported,
    rows_shown,
    sums_shown,
    tick,
    wait_until_settled,
)
from tests.example_shop import Shop
from tests.page_checks import assert_accessible, assert_usable_by_keyboard
from tests.real_browser import DEVICES
from tests.real_server import Site, served

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.long

SCRIPT = "<img src=x onerror=alert(1)>"
LONG = "w" * 200
RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT OVERRIDE}חורף"
EMOJI = "🚀👩‍👩‍👧 sale"
FORMULA = "=1+1"
PROTOTYPE = "__proto__"
NAMES = (SCRIPT, LONG, RIGHT_TO_LEFT, EMOJI, FORMULA, PROTOTYPE)
REFERRER = "javascript:alert(1)//shop.example"
MONEY = {"USD": "1234567890123.45", "JPY": "123456789012345", "KWD": "12345678901.234"}
HOARDS, HOARD = 11, "999999999999999"  # together more than the numbers of JavaScript hold
MANY = 120  # more keys than Markov's model takes


@pytest.fixture(scope="module")
def site(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a shop in which nothing has happened."""
    shop = Shop(shutil.copy(migrated, tmp_path_factory.mktemp("served")))
    shop.ask(hire_staff)
    with served(shop) as site:
        yield site


@pytest.fixture(scope="module")
def _strangers(site: Site) -> None:
    site.shop.ask(let_strangers_buy)


def assert_harmless(page: "Page") -> None:
    """Check that nothing that came as text has become anything else, and that the page is as wide as the screen."""
    assert page.locator("main img, main script, main iframe, main a[href^='javascript:']").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_dashboard_without_conversions_tells_how_to_record_one(new_analyst: NewAnalyst) -> None:
    page = new_analyst().page
    for view in ("Overview", "Paths", "Conversions"):
        page.get_by_role("link", name=view, exact=True).click()
        wait_until_settled(page)
        assert page.get_by_role("heading", name="No conversions yet").is_visible()
    assert "from django_attribution.shortcuts import record_conversion" in page.locator("pre").inner_text()
    page.get_by_role("link", name="Reload").click()
    page.get_by_role("heading", name="No conversions yet").wait_for()
    page.set_viewport_size(DEVICES["phone"])
    assert_accessible(page)
    assert_usable_by_keyboard(page)
    assert_harmless(page)


@pytest.mark.usefixtures("_strangers")
def test_names_and_money_are_shown_as_they_are(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst("/dashboard/?by=campaign&event=order_placed&event=hoard", device="phone").page
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    shown = rows_shown(page)
    assert shown == rows_reported(site, "--by", "campaign", "--event", "order_placed", "--event", "hoard")
    for name in NAMES:
        for currency, amount in MONEY.items():
            assert shown[name, currency] == ((Decimal(1), Decimal(amount)),)
    texts = page.locator("table.breakdown tbody").filter(has_text=FORMULA).inner_text()
    for text in ("$1,234,567,890,123.45", "¥123,456,789,012,345", "KWD 12,345,678,901.234"):
        assert text in re.sub(r"\s", " ", texts)
    assert_harmless(page)
    for title in page.get_by_text("Show as a table").all():
        title.click()
    assert_harmless(page)
    page.get_by_role("button", name="Filters and model").click()
    dropdown(page, "Source")
    assert_harmless(page)
    assert_accessible(page)

    totals = {currency: len(NAMES) * Decimal(amount) for currency, amount in MONEY.items()}
    totals["JPY"] += HOARDS * Decimal(HOARD)
    for (_, currency), credits in sums_shown(page).items():
        assert credits[0][1] == totals.get(currency)


@pytest.mark.usefixtures("_strangers")
@pytest.mark.parametrize("view", ["paths", "conversions"])
def test_no_view_runs_what_strangers_wrote(new_analyst: NewAnalyst, view: str) -> None:
    page = new_analyst(f"/dashboard/?view={view}&currency=KWD", device="phone").page
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    if view == "paths":
        page.get_by_label("Steps by").select_option("Campaign")
        wait_until_settled(page)
    else:
        for button in page.get_by_role("button", name=re.compile("^Why")).all():
            button.click()
        page.get_by_text("Why this campaign").nth(len(NAMES) - 1).wait_for()
        assert page.get_by_text(REFERRER).count() == len(NAMES)
    for name in NAMES:
        assert page.get_by_text(name).count()
    assert_harmless(page)


@pytest.mark.usefixtures("_strangers")
@pytest.mark.parametrize("name", NAMES)
def test_a_strange_name_can_be_drilled_into(new_analyst: NewAnalyst, name: str) -> None:
    page = new_analyst("/dashboard/?by=campaign&currency=JPY").page
    page.get_by_role("link", name=name, exact=True).click()
    wait_until_settled(page)

    assert [credits for (_, _), credits in rows_shown(page).items()] == [((Decimal(1), Decimal(MONEY["JPY"])),)]
    page.reload()
    wait_until_settled(page)
    assert page.get_by_role("button", name=f"Remove the filter Campaign: {name}", exact=True).is_visible()
    assert_harmless(page)


@pytest.mark.usefixtures("_strangers")
def test_direct_visits_can_be_left_out(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst("/dashboard/?event=returned").page
    assert {name for name, _ in rows_shown(page)} == {"Direct"}
    leave_out_direct(page)

    assert rows_shown(page) == rows_reported(site, "--exclude-direct", "--event", "returned")
    assert {name for name, _ in rows_shown(page)} == {NOBODY}
    go(page, "/dashboard/?view=conversions&event=returned&exclude_direct=1")
    page.get_by_role("button", name=re.compile("^Why")).first.click()
    page.get_by_text("Nobody earned it: the visitor's only touch is direct and left out.").wait_for()
    assert page.get_by_text("No credit: direct visits are left out.").count() == 1


@pytest.mark.usefixtures("_strangers")
def test_a_model_that_gives_up_offers_to_be_left_out(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst("/dashboard/?by=campaign&model=markov&model=linear").page
    assert page.locator("table.breakdown").count() == 0
    assert page.get_by_role("alert").first.is_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Break down by channel").first.click()
    wait_until_settled(page)
    assert rows_shown(page) == rows_reported(site, models=("markov", "linear"))

    page.get_by_label("Break down by").select_option("Campaign")
    page.get_by_role("button", name="Leave Markov out").first.click()
    wait_until_settled(page)
    assert page.locator("table.breakdown").count() == 1


@pytest.mark.usefixtures("_strangers")
def test_long_lists_are_cut_and_can_be_searched(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst("/dashboard/?by=campaign&event=bulk").page
    assert page.locator("table.breakdown tbody").count() == 26  # and what is beyond the first hundred
    page.get_by_role("button", name="Show all 100 campaigns").click()
    expect(page.locator("table.breakdown tbody")).to_have_count(101)
    assert sum(credits[0][0] for credits in rows_shown(page).values()) == MANY

    sources = dropdown(page, "Source")
    expect(sources.get_by_role("checkbox")).to_have_count(100)
    sources.get_by_label("Find").fill("shop 11")
    expect(sources.get_by_role("checkbox")).to_have_count(10)  # 110 to 119
    sources.get_by_label("Find").fill("no such shop")
    expect(sources.get_by_text("None is called so.")).to_be_visible()
    sources.get_by_label("Find").fill("")
    tick(page, "Source", "shop 007")
    kept = ("--event", "bulk", "--credited-to", "source=shop 007")
    assert rows_shown(page) == rows_reported(site, "--by", "campaign", *kept)


# Inside the shop ----------------------------------------------------------------------------------------------------


def hire_staff() -> None:
    from django.contrib.auth.models import User

    User.objects.create_superuser("staff")


def let_strangers_buy() -> None:
    from datetime import timedelta

    from django.utils import timezone

    from django_attribution.models import Conversion, Identity, Touchpoint

    now = timezone.now()
    for name in NAMES:
        visitor = Identity.objects.create()
        Touchpoint.objects.create(
            identity=visitor, created_at=now - timedelta(hours=1), utm_source="partner", utm_medium=name,
            utm_campaign=name, utm_term=name, utm_content=name, referrer=REFERRER, url=f"https://shop.example/?q={name}",
        )  # fmt: skip
        for currency, amount in MONEY.items():
            Conversion.objects.record(
                event="order_placed", value=amount, currency=currency, identity=visitor,
                custom_data={name: name, "nested": [name]},
            )  # fmt: skip
    for _ in range(HOARDS):
        Conversion.objects.record(event="hoard", value=HOARD, currency="JPY")
    for place in range(MANY):
        visitor = Identity.objects.create()
        Touchpoint.objects.create(
            identity=visitor, created_at=now - timedelta(hours=1), utm_source=f"shop {place:03}", utm_medium="partner",
            utm_campaign=f"campaign {place:03}",
        )  # fmt: skip
        Conversion.objects.record(event="bulk", value=3, currency="USD", identity=visitor)
    visitor = Identity.objects.create()
    Touchpoint.objects.create(identity=visitor, created_at=now - timedelta(hours=1), url="https://shop.example/")
    Conversion.objects.record(event="returned", identity=visitor)
