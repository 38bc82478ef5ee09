"""Every view of the dashboard is readable and usable by keyboard: on desk and phone, in light and dark, opened up."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.analysts import NewAnalyst, dropdown, go, wait_until_settled
from tests.page_checks import assert_accessible, assert_usable_by_keyboard, walk_by_tab
from tests.real_browser import DEVICES, Device

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.long


def check(page: "Page") -> None:
    assert_accessible(page)
    assert_usable_by_keyboard(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def unfold(page: "Page", device: Device) -> None:
    if device == "phone":
        page.get_by_role("button", name="Filters and model").click()


@pytest.mark.parametrize("device", DEVICES)
def test_the_overview_is(new_analyst: NewAnalyst, device: Device) -> None:
    page = new_analyst(device=device).page
    check(page)

    go(page, "/dashboard/?channel=Paid+Search&by=source&model=last_touch&model=linear&model=participation")
    page.get_by_text("Show as a table").click()
    check(page)

    unfold(page, device)
    dropdown(page, "Compare with")
    assert_accessible(page)
    page.keyboard.press("Escape")
    dropdown(page, "Source")
    assert_accessible(page)
    page.keyboard.press("Escape")
    dropdown(page, "Windows by source").get_by_label("Source", exact=True).fill("google")
    page.keyboard.press("Enter")
    wait_until_settled(page)
    assert_accessible(page)
    page.keyboard.press("Escape")
    assert_usable_by_keyboard(page)


@pytest.mark.parametrize("device", DEVICES)
def test_the_paths_are(new_analyst: NewAnalyst, device: Device) -> None:
    page = new_analyst("/dashboard/?view=paths&from=any&to=any&channel=Email", device=device).page
    for title in page.get_by_text("Show as a table").all():
        title.click()
    check(page)


@pytest.mark.parametrize("device", DEVICES)
def test_the_conversions_are(new_analyst: NewAnalyst, device: Device) -> None:
    page = new_analyst("/dashboard/?view=conversions&from=any&to=any&model=linear&window=5", device=device).page
    page.get_by_role("button", name=re.compile("^Why")).first.click()
    page.get_by_role("heading", name="Why this campaign").wait_for()
    wait_until_settled(page)
    check(page)


def test_every_choice_of_an_open_dropdown_is_reached_by_tab(new_analyst: NewAnalyst) -> None:
    page = new_analyst().page
    for name in ("Event", "Model", "Compare with", "Windows by source"):
        choices = dropdown(page, name)
        fields = choices.locator("input, button:enabled")
        expected = [*range(fields.count())] if name != "Model" else [1]  # the chosen one; arrows lead to the others
        for place in expected:
            page.keyboard.press("Tab")
            assert fields.evaluate_all("fields => fields.indexOf(document.activeElement)") == place
        page.keyboard.press("Escape")


def test_tab_leads_from_the_views_to_the_filters_and_the_report(new_analyst: NewAnalyst) -> None:
    page = new_analyst().page
    focused, _ = walk_by_tab(page)

    assert focused[:4] == ['a "Skip to the report"', 'a "Overview"', 'a "Paths"', 'a "Conversions"']
    order = ["select Period", "input Window", "button Day", "a Download CSV"]
    plain = [name.replace('"', "") for name in focused]
    places = [next(at for at, found in enumerate(plain) if found.startswith(name)) for name in order]
    assert places == sorted(places)
    page.get_by_role("link", name="Skip to the report").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"
