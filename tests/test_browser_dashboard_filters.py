"""What the dashboard is asked stands in its address: each choice by name, kept by a reload, and led through by back."""

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.analysts import (
    NewAnalyst,
    add_source_window,
    dropdown,
    first_day,
    go,
    last_day,
    leave_out_direct,
    question_of,
    rows_reported,
    rows_shown,
    set_window,
    tick,
    wait_until_settled,
)
from tests.real_server import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.long

EVERYTHING = [
    ("from", "any"),
    ("to", "any"),
    ("event", "order_placed"),
    ("currency", "USD"),
    ("channel", "Paid Search"),
    ("source", "google"),
    ("status", "confirmed"),
    ("status", "pending"),
    ("model", "linear"),
    ("model", "first_touch"),
    ("window", "14"),
    ("source_window", "google=3"),
    ("exclude_direct", "1"),
    ("by", "campaign"),
    ("interval", "month"),
]
UNUSABLE = (
    "view=attic&tz=Mars/Olympus&from=2026-02-30&to=yesterday&window=-1&source_window=google&source_window=%3D7"
    "&source_window=email%3D99999&model=crystal_ball&status=lost&by=colour&sort=-tulip.value&interval=minute"
    "&exclude_direct=perhaps&event=&by[]=x&__proto__=1&%E0%A4%A"
)


def choose_everything(page: "Page") -> None:
    page.get_by_label("Period").select_option("All data")
    tick(page, "Event", "order_placed")
    tick(page, "Channel", "Paid Search")
    tick(page, "Source", "google")
    tick(page, "Currency", "USD")
    tick(page, "Status", "Pending")
    dropdown(page, "Model").get_by_role("radio", name="Linear").check()
    tick(page, "Compare with", "First touch")
    set_window(page, 14)
    add_source_window(page, "Google ", 3)
    leave_out_direct(page)
    page.get_by_label("Break down by").select_option("Campaign")
    page.get_by_role("group", name="Interval").get_by_role("button", name="Month").click()
    wait_until_settled(page)


def shown_choices(page: "Page") -> list[str]:
    """Return what the controls say is chosen."""
    return [
        page.get_by_label("Period").input_value(),
        *page.locator(".dropdown-summary").all_inner_texts(),
        page.get_by_label("Window, days").input_value(),
        str(page.get_by_label("Leave out").is_checked()),
        page.get_by_label("Break down by").input_value(),
        page.get_by_role("group", name="Interval").locator("[aria-pressed=true]").inner_text(),
    ]


def test_the_address_names_every_choice_and_a_reload_shows_the_same(new_analyst: NewAnalyst) -> None:
    page = new_analyst().page
    choose_everything(page)

    assert question_of(page) == EVERYTHING
    choices, rows = shown_choices(page), rows_shown(page)
    assert choices == [
        "All data", "Linear", "First touch", "order_placed", "Paid Search", "google", "USD", "2 chosen", "google: 3",
        "14", "True", "CAMPAIGN", "Month",
    ]  # fmt: skip
    address = page.url
    page.reload()
    wait_until_settled(page)
    assert page.url == address
    assert (shown_choices(page), rows_shown(page)) == (choices, rows)


def test_back_and_forward_lead_through_the_changes(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst().page
    set_window(page, 3)
    tick(page, "Channel", "Email")
    page.get_by_role("link", name="Paths").click()
    wait_until_settled(page)
    assert dict(question_of(page)) == {"view": "paths", "window": "3", "channel": "Email"}

    for asked in ({"window": "3", "channel": "Email"}, {"window": "3"}, {}):
        page.go_back()
        wait_until_settled(page)
        assert dict(question_of(page)) == asked
        assert page.get_by_label("Window, days").input_value() == asked.get("window", "30")
    assert rows_shown(page) == rows_reported(site)
    page.go_forward()
    wait_until_settled(page)
    assert dict(question_of(page)) == {"window": "3"}
    assert rows_shown(page) == rows_reported(site, "--window-days", "3")


def test_what_is_chosen_stays_from_view_to_view(new_analyst: NewAnalyst) -> None:
    page = new_analyst("/dashboard/?window=3&event=order_placed").page
    for view in ("Paths", "Conversions", "Overview"):
        page.get_by_role("link", name=view, exact=True).click()
        wait_until_settled(page)
        assert page.title() == f"{view} · Attribution"
        assert page.get_by_role("link", name=view, exact=True).get_attribute("aria-current") == "page"
        assert page.get_by_label("Window, days").input_value() == "3"
        assert dict(question_of(page))["event"] == "order_placed"


def test_an_address_that_says_nothing_usable_asks_the_first_question(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst(f"/dashboard/?{UNUSABLE}").page

    assert rows_shown(page) == rows_reported(site)
    assert page.get_by_label("From", exact=True).input_value() == str(first_day())
    assert page.get_by_label("To", exact=True).input_value() == str(last_day())
    go(page, "/dashboard/?model=crystal_ball&model=LINEAR&window=2&window=x&status=all&from=2026-13-01")
    assert rows_shown(page) == rows_reported(
        site, "--window-days", "2", "--status", "confirmed", "--status", "pending", "--status", "voided",
        models=("linear",),
    )  # fmt: skip


def test_what_cannot_be_a_window_is_said_and_not_asked(new_analyst: NewAnalyst) -> None:
    page = new_analyst().page
    field = page.get_by_label("Window, days")
    for text in ("", "3651", "-1", "1.5"):
        field.fill(text)
        page.keyboard.press("Enter")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_text("0 to 3650")).to_be_visible()
    field.blur()
    assert field.input_value() == "30"
    assert question_of(page) == []


def test_a_chip_removes_its_filter_and_one_button_all_of_them(new_analyst: NewAnalyst) -> None:
    page = new_analyst(
        "/dashboard/?window=3&event=order_placed&event=signup&channel=Email&source=newsletter&campaign=tuesday_letter"
        "&currency=USD&status=all&exclude_direct=1"
    ).page
    chips = page.get_by_role("list", name="What is filtered")
    named = ["Event: order_placed", "Event: signup", "Channel: Email", "Source: newsletter"]
    named += ["Campaign: tuesday_letter", "Currency: USD", "Status: All"]
    assert chips.get_by_role("button").all_inner_texts() == [*named, "Clear all"]

    chips.get_by_role("button", name="Remove the filter Event: signup").click()
    wait_until_settled(page)
    assert [value for name, value in question_of(page) if name == "event"] == ["order_placed"]
    assert page.evaluate("document.activeElement.ariaLabel") == "Filters"  # and not lost with the button
    named.remove("Event: signup")
    assert chips.get_by_role("button").all_inner_texts() == [*named, "Clear all"]

    chips.get_by_role("button", name="Clear all").click()
    wait_until_settled(page)
    expect(chips).to_have_count(0)
    assert dict(question_of(page)) == {"window": "3", "exclude_direct": "1"}


def test_a_source_window_can_be_changed_and_removed(new_analyst: NewAnalyst) -> None:
    page = new_analyst(f"/dashboard/?source_window={quote('google=3')}&source_window={quote('email=1')}").page
    windows = dropdown(page, "Windows by source")
    windows.get_by_label("Days for google").fill("9")
    page.keyboard.press("Enter")
    windows.get_by_role("button", name="Remove the window of email").click()
    wait_until_settled(page)

    assert question_of(page) == [("source_window", "google=9")]
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("^Windows by source "))).to_have_text("google: 9")


def test_choices_close_by_escape_by_a_click_elsewhere_and_by_moving_on(new_analyst: NewAnalyst) -> None:
    page = new_analyst().page
    button = page.get_by_role("button", name=re.compile("^Event "))
    choices = dropdown(page, "Event")
    page.keyboard.press("Escape")
    expect(choices).to_have_count(0)
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "false"

    button.click()
    page.locator(".brand").click()  # the choices cover what is below them
    expect(choices).to_have_count(0)

    button.click()
    expect(choices).to_be_visible()
    for _ in range(choices.get_by_role("checkbox").count() + 1):  # "All" cannot be pressed where all are chosen
        page.keyboard.press("Tab")
    expect(choices).to_have_count(0)


def test_a_model_that_led_changes_places_with_one_that_was_compared(new_analyst: NewAnalyst) -> None:
    page = new_analyst("/dashboard/?model=last_touch&model=linear&model=markov").page
    dropdown(page, "Model").get_by_role("radio", name="Linear").check()
    page.keyboard.press("Escape")
    wait_until_settled(page)

    assert [value for _, value in question_of(page)] == ["linear", "last_touch", "markov"]
    dropdown(page, "Compare with").get_by_role("button", name="Compare with none").click()
    wait_until_settled(page)
    assert question_of(page) == [("model", "linear")]
