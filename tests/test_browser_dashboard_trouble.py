"""The dashboard on a bad day: slow answers, none at all, answers that were outdated, lost logins, a strict browser."""

import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.analysts import (
    GRAPHQL,
    NewAnalyst,
    dropdown,
    go,
    question_of,
    rows_reported,
    rows_shown,
    somebody_with,
    wait_until_settled,
)
from tests.page_checks import assert_accessible, assert_usable_by_keyboard
from tests.real_browser import Visitor
from tests.real_server import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.long

STRICT = "default-src 'self'; img-src 'self' data:"
WRITE_A_SCRIPT = "document.body.append(Object.assign(document.createElement('script'), {textContent: '0'}))"
SECONDS_TO_ASK = 15
DIMMED = re.compile(r"^0\.\d+$")


def hold_back(page: "Page", name: str) -> "list[Route]":
    """Return a list of the questions of this name, as they come; who holds them decides when they are answered."""
    held: list[Route] = []

    def hold(route: "Route") -> None:
        if f"query {name}(" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route(GRAPHQL, hold)
    return held


def change_window(page: "Page", days: int) -> None:
    """Ask for another window, and do not wait for the answer."""
    page.get_by_label("Window, days").fill(str(days))
    page.keyboard.press("Enter")


def wait_for(page: "Page", held: "list[Route]", count: int) -> None:
    """Wait until so many questions are held back; they are heard of while something else is asked of the page."""
    end = time.monotonic() + SECONDS_TO_ASK
    while len(held) < count:
        assert time.monotonic() < end, f"{len(held)} questions were asked, not {count}."
        page.evaluate("new Promise(requestAnimationFrame)")


def credit_of(page: "Page") -> Any:
    return page.locator(".panel", has=page.locator("table.breakdown"))


def try_again(page: "Page") -> None:
    """Press every button that offers it; one may bring the answer of several panels."""
    buttons = page.get_by_role("button", name="Try again")
    while count := buttons.count():
        buttons.last.click()
        buttons.nth(count - 1).wait_for(state="detached")
    wait_until_settled(page)


def test_old_numbers_are_dimmed_until_the_new_ones_come(new_analyst: NewAnalyst, site: Site) -> None:
    from playwright.sync_api import expect

    page = new_analyst().page
    before = rows_shown(page)
    held = hold_back(page, "Breakdown")
    change_window(page, 0)

    panel = credit_of(page)
    assert panel.get_attribute("aria-busy") == "true"
    assert panel.locator(".loading").inner_text() == "Updating"
    body = panel.locator(".panel-body")
    expect(body).to_have_css("opacity", DIMMED)
    assert page.get_by_role("region", name="In short").get_attribute("aria-busy") == "true"
    page.get_by_role("status").get_by_text("Loading").wait_for(state="attached")
    assert rows_shown(page) == before
    wait_for(page, held, 1)
    held.pop().continue_()
    wait_until_settled(page)

    assert rows_shown(page) == rows_reported(site, "--window-days", "0") != before
    expect(body).to_have_css("opacity", "1")
    page.get_by_role("status").get_by_text("Updated").wait_for(state="attached")


def test_an_outdated_answer_never_takes_the_place_of_a_newer_one(new_analyst: NewAnalyst, site: Site) -> None:
    visitor = new_analyst()
    page = visitor.page
    held = hold_back(page, "Breakdown")
    change_window(page, 0)
    wait_for(page, held, 1)
    change_window(page, 30)
    wait_for(page, held, 2)
    old, new = held
    new.continue_()
    wait_until_settled(page)
    newer = rows_shown(page)
    old.continue_()
    page.evaluate("fetch('/graphql/csrf/').then(answer => answer.text())")  # an answer that comes after it

    assert rows_shown(page) == newer == rows_reported(site)
    assert page.locator("[aria-busy=true]").count() == 0


def test_a_server_that_fails_is_told_of_and_asked_again(new_analyst: NewAnalyst, site: Site) -> None:
    visitor = new_analyst()
    page = visitor.page
    page.route(GRAPHQL, lambda route: route.fulfill(status=500, body="no"), times=2)
    change_window(page, 3)
    page.get_by_role("alert").nth(1).wait_for()
    for text in page.get_by_role("alert").all_inner_texts():
        assert text.startswith("The server answered 500 Internal Server Error. Try again in a moment.")
    assert page.locator("table.breakdown").count() == 0  # numbers of another question are worse than none
    visitor.expect_complaint("500")
    assert_accessible(page)
    assert_usable_by_keyboard(page)
    try_again(page)

    assert rows_shown(page) == rows_reported(site, "--window-days", "3")


@pytest.mark.parametrize("view", ["overview", "paths", "conversions"])
def test_who_is_offline_is_told_so_and_may_try_again(new_analyst: NewAnalyst, view: str) -> None:
    visitor = new_analyst(f"/dashboard/?view={view}")
    page = visitor.page
    page.context.set_offline(True)
    change_window(page, 3)
    page.get_by_text("The server cannot be reached. Check the connection, then try again.").first.wait_for()
    page.locator("[aria-busy=true]").first.wait_for(state="detached")
    visitor.expect_complaint("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(False)
    try_again(page)

    assert page.get_by_role("alert").count() == 0
    assert page.locator("main table").count() >= 1
    assert dict(question_of(page))["window"] == "3"


def test_a_page_that_opens_offline_recovers(new_analyst: NewAnalyst) -> None:
    visitor = new_analyst()
    page = visitor.page
    page.route(GRAPHQL, lambda route: route.abort("connectionreset"))
    page.reload()
    page.get_by_role("alert").first.wait_for()
    visitor.expect_complaint("ERR_CONNECTION_RESET")
    page.unroute(GRAPHQL)
    try_again(page)

    assert page.locator("table.breakdown").count() == 1


def test_who_was_logged_out_logs_in_and_comes_back_to_the_question(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst("/dashboard/?by=campaign&event=order_placed").page
    page.context.clear_cookies(name="sessionid")
    change_window(page, 3)
    page.get_by_text("You were logged out. What you asked is kept in the address.").first.wait_for()
    assert page.locator("table.breakdown").count() == 0
    asked = page.url
    page.get_by_role("link", name="Log in").first.click()
    page.get_by_label("Username").fill("staff")
    page.get_by_label("Password").fill("staff")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.locator("table.breakdown").wait_for()
    wait_until_settled(page)

    assert page.url == asked
    options = ("--by", "campaign", "--event", "order_placed", "--window-days", "3")
    assert rows_shown(page) == rows_reported(site, *options)


def test_strangers_see_a_login_page_and_no_numbers(new_visitor: Any) -> None:
    page = new_visitor().page
    page.goto("/dashboard/?model=linear")

    assert page.url.endswith("/login/?next=/dashboard/%3Fmodel%3Dlinear")
    assert page.locator("#dashboard").count() == 0


def test_whose_permission_was_withdrawn_is_told_whom_to_ask(new_analyst: NewAnalyst, site: Site) -> None:
    visitor: Visitor = new_analyst(session=site.shop.ask(session_of_the_guest))
    page = visitor.page
    assert rows_shown(page)
    site.shop.ask(withdraw_permissions)
    change_window(page, 3)
    page.get_by_text("Ask whoever looks after this site's users.").first.wait_for()

    assert page.locator("table.breakdown").count() == 0
    assert page.get_by_role("alert").first.inner_text().count(".") >= 2


def test_a_filter_that_matches_nothing_offers_ways_out(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst("/dashboard/?event=never_happened&from=2001-01-01&to=2001-01-31").page
    for view in ("Overview", "Paths", "Conversions"):
        page.get_by_role("link", name=view, exact=True).click()
        wait_until_settled(page)
        assert page.get_by_role("button", name="Clear the filters").is_visible()
        assert page.get_by_role("button", name=re.compile("Ask for all")).is_visible()
        assert_accessible(page)
    page.get_by_role("button", name=re.compile("Ask for all")).click()
    wait_until_settled(page)
    assert dict(question_of(page)) == {"view": "conversions", "from": "any", "to": "any", "event": "never_happened"}
    page.get_by_role("button", name="Clear the filters").click()
    wait_until_settled(page)
    assert page.locator("table.conversions tbody tr").count()

    go(page, "/dashboard/?channel=Carrier+Pigeon")
    assert page.get_by_text("No credit went to what is filtered.").is_visible()
    page.get_by_role("main").get_by_role("button", name="Clear the filters").click()
    wait_until_settled(page)
    assert rows_shown(page) == rows_reported(site)


def test_a_strict_content_security_policy_forbids_nothing_that_is_needed(new_analyst: NewAnalyst) -> None:
    visitor = new_analyst(None)
    page = visitor.page

    def be_strict(route: "Route") -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": STRICT})

    page.route(re.compile(r"/dashboard/(\?.*)?$"), be_strict)
    go(page, "/dashboard/?model=last_touch&model=linear")
    dropdown(page, "Event")
    assert page.locator("rect.share-part").first.bounding_box()
    page.keyboard.press("Escape")
    page.get_by_text("Show as a table").first.click()
    for view in ("Paths", "Conversions"):
        page.get_by_role("link", name=view, exact=True).click()
        wait_until_settled(page)
    page.get_by_role("button", name=re.compile("^Why")).first.click()
    page.get_by_role("heading", name="Why this campaign").wait_for()
    box = page.locator(".weights span").first.bounding_box()
    assert box
    assert box["width"] > 0
    assert visitor.complaints == []
    page.evaluate(WRITE_A_SCRIPT)
    visitor.expect_complaint("violates the following Content Security Policy")  # it is in force


# Inside the shop ----------------------------------------------------------------------------------------------------


def session_of_the_guest() -> str:
    return somebody_with("guest", "view_conversion")


def withdraw_permissions() -> None:
    from django.contrib.auth.models import User

    User.objects.get(username="guest").user_permissions.clear()
