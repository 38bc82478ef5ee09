"""What people do in the dashboard, what its pages then show, and what the command says of the same conversions.

Expects nothing of the outcome, except that answers come.
"""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest

from tests.real_browser import TIME_ZONE, Device, Visitor
from tests.real_server import Site

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

# Conversions and value under one model; a value is None where there is none.
Credit = tuple[Decimal, Decimal | None]
# By key and currency, which is empty where there is only one: the credit under each model.
Rows = dict[tuple[str, str], tuple[Credit, ...]]

# ``new_analyst(address="/dashboard/", device="desktop", session=None)``: a visitor at a complete dashboard.
NewAnalyst = Callable[..., Visitor]

GRAPHQL = "**/graphql/"
NOBODY = "Nobody (no touch in the window)"
NO_VALUE = "No value"
# The name, currency, and numbers of each row of a part of the table; a key stands once for all its currencies. The text
# of a cell is taken without the share that is drawn beside it.
READ_ROWS = """(table, part) => {
    const heads = [...table.tHead.rows].flatMap(row => [...row.cells]).map(cell => cell.innerText.trim());
    const [hasCurrency, hasValue] = [heads.includes('Currency'), heads.includes('Value')];
    return [...table.querySelectorAll(part)].flatMap(section => {
        let name = '';
        return [...section.rows].map(row => {
            name = row.querySelector('th')?.innerText.trim() ?? name;
            const cells = [...row.cells].filter(cell => cell.tagName === 'TD')
                .map(cell => cell.firstChild.textContent.trim());
            const currency = hasCurrency ? cells.shift() : '';
            return [name, currency, hasValue ? cells : cells.flatMap(cell => [cell, ''])];
        });
    });
}"""
READ_TABLE = """table => [...table.rows].map(row => [...row.cells].map(cell => cell.innerText.trim()))"""


@pytest.fixture(scope="module")
def staff_session(site: Site) -> str:
    """Return the key of a session in which staff is logged in; a password would take half a second each time."""
    key: str = site.shop.ask(session_of_staff)
    return key


@pytest.fixture
def new_analyst(new_visitor: Callable[..., Visitor], staff_session: str) -> NewAnalyst:
    """Return ``new_analyst(address="/dashboard/", device="desktop", session=None)``; by itself it is staff."""

    def arrive(
        address: str | None = "/dashboard/", *, device: Device = "desktop", session: str | None = None
    ) -> Visitor:
        visitor = new_visitor(device=device)
        cookie = {"name": "sessionid", "value": session or staff_session, "domain": "127.0.0.1", "path": "/"}
        visitor.page.context.add_cookies([cookie])  # type: ignore[list-item]
        if address:
            go(visitor.page, address)
        return visitor

    return arrive


def go(page: "Page", address: str) -> None:
    page.goto(address)
    page.locator("main section, main [role=alert]").first.wait_for()
    wait_until_settled(page)


def wait_until_settled(page: "Page") -> None:
    """Wait until no answer is on its way; what a click asks for is marked as such before the click is over."""
    page.locator("main .panel, main [role=alert]").first.wait_for()
    page.locator("[aria-busy=true], main > .note:text-is('Loading')").first.wait_for(state="detached")


def dropdown(page: "Page", name: str) -> "Locator":
    """Return the choices of a dropdown, which is opened for it."""
    choices = page.get_by_role("group", name=name, exact=True)
    if not choices.count():
        page.get_by_role("button", name=re.compile(f"^{name} ")).click()
    return choices


def tick(page: "Page", name: str, *values: str) -> None:
    """Choose among the choices of a dropdown, or no longer where it was chosen, and close it."""
    for value in values:
        dropdown(page, name).get_by_label(value, exact=True).click()
    page.keyboard.press("Escape")
    wait_until_settled(page)


def set_window(page: "Page", days: int) -> None:
    page.get_by_label("Window, days").fill(str(days))
    page.keyboard.press("Enter")
    wait_until_settled(page)


def add_source_window(page: "Page", source: str, days: int) -> None:
    windows = dropdown(page, "Windows by source")
    windows.get_by_label("Source", exact=True).fill(source)
    windows.get_by_label("Days", exact=True).fill(str(days))
    windows.get_by_role("button", name="Add").click()
    page.keyboard.press("Escape")
    wait_until_settled(page)


def leave_out_direct(page: "Page") -> None:
    page.get_by_label("Leave out").check()
    wait_until_settled(page)


def question_of(page: "Page") -> list[tuple[str, str]]:
    """Return what the page's address asks."""
    return parse_qsl(urlsplit(page.url).query)


def rows_shown(page: "Page", part: str = "tbody") -> Rows:
    """Return what the table of credit says above its sums."""
    rows: Rows = {}
    for name, currency, cells in page.locator("table.breakdown").evaluate(READ_ROWS, part):
        numbers = [number(cell) for cell in cells]
        rows[name, currency] = tuple((numbers[at] or Decimal(0), numbers[at + 1]) for at in range(0, len(numbers), 2))
    return rows


def sums_shown(page: "Page") -> Rows:
    """Return what the table of credit says below its rows."""
    return rows_shown(page, "tfoot")


def number(text: str) -> Decimal | None:
    digits = re.sub(r"[^\d.]", "", text)
    return Decimal(digits) if digits else None


def table_of(details: "Locator") -> list[list[str]]:
    """Return what stands in a table, row by row."""
    rows: list[list[str]] = details.locator("table").evaluate(READ_TABLE)
    return rows


def reported(site: Site, *options: str, output: str = "json") -> str:
    """Return what the command prints of the first question's days."""
    days = ("--tz", TIME_ZONE, "--since", str(first_day()), "--until", str(last_day() + timedelta(days=1)))
    return site.shop.manage("attribution_report", *days, *options, "--format", output)


def rows_reported(site: Site, *options: str, models: tuple[str, ...] = ("last_touch",)) -> Rows:
    """Return the rows of the command, with as many digits as the table has."""
    named = [part for model in models for part in ("--model", model)]
    report = json.loads(reported(site, *named, *options))
    is_one_currency = len(report["totals"]) == 1
    found: dict[tuple[str, str], dict[str, Credit]] = {}
    for row in report["rows"]:
        name = NOBODY if row["kind"] == "unattributed" else row["key"][-1]
        currency = "" if is_one_currency else row["currency"] or NO_VALUE
        found.setdefault((name, currency), {})[row["model"]] = (
            Decimal(row["conversions"]).quantize(Decimal("0.01"), ROUND_HALF_UP),
            None if row["value"] is None else Decimal(row["value"]),
        )
    return {key: tuple(credits[model] for model in report["models"]) for key, credits in found.items()}


def totals_reported(site: Site, *options: str) -> dict[str, Credit]:
    """Return by currency what the command says was selected."""
    totals = json.loads(reported(site, *options))["totals"]
    return {
        total["currency"] or NO_VALUE: (
            Decimal(total["conversions"]),
            None if total["value"] is None else Decimal(total["value"]),
        )
        for total in totals
    }


def last_day() -> date:
    return datetime.now(ZoneInfo(TIME_ZONE)).date()


def first_day() -> date:
    """Of the thirty that the dashboard asks about first."""
    return last_day() - timedelta(days=29)


def moment(instant: str) -> str:
    """Write an instant as the dashboard does in the visitors' browsers."""
    at = datetime.fromisoformat(instant).astimezone(ZoneInfo(TIME_ZONE))
    return f"{at:%b} {at.day}, {at.year}, {at.hour % 12 or 12}:{at:%M} {at:%p}"


def spaced(text: str) -> str:
    """Return a text with ordinary spaces, whatever spaces the browser's language has."""
    return re.sub(r"\s+", " ", text).strip()


def post_data(page: "Page") -> list[dict[str, Any]]:
    """Return a list of what the page asks the endpoint, as it asks."""
    asked: list[dict[str, Any]] = []
    page.on("request", lambda request: asked.append(request.post_data_json) if request.method == "POST" else None)
    return asked


# Inside the shop ----------------------------------------------------------------------------------------------------


def session_of_staff() -> str:
    """Return the key of a session in which staff is logged in; a password would take half a second to check."""
    return session_of("staff")


def session_of(name: str) -> str:
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.get(username=name))
    return client.cookies["sessionid"].value


def somebody_with(name: str, *codenames: str) -> str:
    """Make somebody who has these permissions and no others, and return the key of a session of theirs."""
    from django.contrib.auth.models import Permission, User

    user = User.objects.create_user(name)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return session_of(name)
