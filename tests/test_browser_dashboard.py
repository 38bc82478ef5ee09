"""The dashboard's numbers in a real browser: they are those of ``manage.py attribution_report``, to the cent.

Also the ways through the table: order, drill-down, and the file that holds the same rows.
"""

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.analysts import (
    NO_VALUE,
    NOBODY,
    NewAnalyst,
    Rows,
    add_source_window,
    go,
    last_day,
    leave_out_direct,
    number,
    question_of,
    reported,
    rows_reported,
    rows_shown,
    set_window,
    sums_shown,
    table_of,
    tick,
    totals_reported,
    wait_until_settled,
)
from tests.real_server import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.long

THREE = ("last_touch", "linear", "first_touch")
COMPARED = "/dashboard/?" + "&".join(f"model={name}" for name in THREE)


def summed(rows: Rows) -> dict[str, Any]:
    """Return the sums of some rows under the first model, by currency."""
    sums: dict[str, Any] = {}
    for (_, currency), ((conversions, value), *_others) in rows.items():
        before, amount = sums.get(currency, (Decimal(0), None))
        sums[currency] = (before + conversions, amount if value is None else (amount or Decimal(0)) + value)
    return sums


def firsts(rows: Rows) -> dict[str, Any]:
    return {currency: credits[0] for (_, currency), credits in rows.items()}


def tiles_of(page: "Page") -> dict[str, str]:
    tiles = page.locator(".tile").all()
    return {tile.locator("dt").inner_text(): tile.locator("dd").first.inner_text() for tile in tiles}


def focus(page: "Page", name: str) -> None:
    """Press Tab until the focus is on what is called so."""
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").strip() == name:
            return
    raise AssertionError(f"Tab does not lead to {name!r}.")


def test_every_choice_changes_the_numbers_to_those_of_the_command(new_analyst: NewAnalyst, site: Site) -> None:
    def command(*options: str) -> Rows:
        return rows_reported(site, *options, models=("linear",))

    page = new_analyst("/dashboard/?model=linear").page
    first = rows_shown(page)
    assert first == command()

    set_window(page, 5)
    narrow = rows_shown(page)
    assert narrow == command("--window-days", "5") != first
    add_source_window(page, "newsletter", 0)
    windows = ("--window-days", "5", "--source-window", "newsletter=0")
    assert rows_shown(page) == command(*windows) != narrow
    leave_out_direct(page)
    assert rows_shown(page) == command(*windows, "--exclude-direct")
    tick(page, "Status", "Pending", "Voided")
    statuses = ("--status", "confirmed", "--status", "pending", "--status", "voided")
    assert rows_shown(page) == command(*windows, "--exclude-direct", *statuses)
    assert firsts(sums_shown(page)) == totals_reported(site, *statuses) != totals_reported(site)


def test_a_chosen_channel_keeps_its_credit_and_the_sums_tell_of_the_rest(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst().page
    tick(page, "Channel", "Paid Search")

    shown = rows_shown(page)
    assert shown == rows_reported(site, "--credited-to", "channel=Paid Search")
    assert {name for name, _ in shown} == {"Paid Search"}
    sums = sums_shown(page)
    everything = {currency: total for (name, currency), (total,) in sums.items() if name == "All conversions"}
    filtered = {currency: total for (name, currency), (total,) in sums.items() if name == "Filtered"}
    assert everything == totals_reported(site)
    assert filtered == {**dict.fromkeys(everything, (0, 0)), **summed(shown)} | (
        {} if NO_VALUE in summed(shown) else {NO_VALUE: filtered[NO_VALUE]}
    )
    assert number(tiles_of(page)["Credited revenue, USD"]) == filtered["USD"][1]


def test_rows_tiles_and_totals_say_the_same(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst().page

    totals = totals_reported(site)
    assert firsts(sums_shown(page)) == summed(rows_shown(page)) == totals
    tiles = tiles_of(page)
    assert number(tiles["Conversions"]) == sum(conversions for conversions, _ in totals.values())
    for currency in ("USD", "EUR"):
        assert number(tiles[f"Revenue, {currency}"]) == totals[currency][1]


def test_three_models_stand_side_by_side(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst().page
    tick(page, "Compare with", "Linear", "First touch")

    assert [value for name, value in question_of(page) if name == "model"] == list(THREE)
    shown = rows_shown(page)
    assert shown == rows_reported(site, models=THREE)
    assert len({credits[place] for place in range(3) for credits in shown.values()}) > len(shown)  # they differ
    assert page.locator("thead .model-name").all_inner_texts() == ["Last touch", "Linear", "First touch"]
    for credits in sums_shown(page).values():
        assert credits[0] == credits[1] == credits[2]


def test_models_that_answer_in_reports_only_stand_beside_the_others(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst("/dashboard/?model=markov&model=participation").page

    assert rows_shown(page) == rows_reported(site, models=("markov", "participation"))
    assert re.sub(r"\s+", " ", page.locator("thead .model-name").last.inner_text()).lower() == (
        "participation never adds up"
    )
    assert set(page.locator("tfoot tr td:last-child").all_inner_texts()) == {"never adds up"}


def test_the_chart_adds_up_to_the_totals(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst("/dashboard/?interval=week").page
    page.get_by_text("Show as a table").click()

    for measure, place in (("USD", 1), ("EUR", 1), ("Conversions", 0)):
        page.get_by_role("group", name="What is drawn").get_by_role("button", name=measure).click()
        head, *lines = table_of(page.locator(".chart-table"))
        assert head[0] == "Week from"
        cells = [number(cell) or Decimal(0) for line in lines for cell in line[1:]]
        totals = totals_reported(site)
        wanted = totals[measure][1] if place else sum(conversions for conversions, _ in totals.values())
        assert sum(cells) == wanted
        by_channel = {name: sum(number(line[at]) or 0 for line in lines) for at, name in enumerate(head[1:], 1)}
        rows = rows_shown(page)
        for name in set(by_channel) - {"All others"}:
            credits = [row[0] for key, row in rows.items() if key[0] == name and measure in (key[1], "Conversions")]
            assert by_channel[name] == sum(credit[place] or 0 for credit in credits)


def test_the_drilled_table_adds_up_to_the_row_that_was_clicked(new_analyst: NewAnalyst) -> None:
    page = new_analyst().page
    top = rows_shown(page)
    page.get_by_role("link", name="Paid Search", exact=True).click()
    wait_until_settled(page)

    sources = rows_shown(page)
    assert question_of(page) == [("channel", "Paid Search"), ("by", "source")]
    assert {name for name, _ in sources} >= {"google", "bing"}
    assert summed(sources) == {key[1]: row[0] for key, row in top.items() if key[0] == "Paid Search"}

    page.get_by_role("link", name="google", exact=True).click()
    wait_until_settled(page)
    campaigns = rows_shown(page)
    assert question_of(page) == [("channel", "Paid Search"), ("source", "google"), ("by", "campaign")]
    assert {name for name, _ in campaigns} >= {"brand", "notebooks_generic"}
    assert summed(campaigns) == {key[1]: row[0] for key, row in sources.items() if key[0] == "google"}


def test_the_drill_down_and_the_way_back_need_no_mouse(new_analyst: NewAnalyst) -> None:
    page = new_analyst().page
    top = rows_shown(page)
    for name in ("Paid Search", "google", "brand"):
        focus(page, name)
        page.keyboard.press("Enter")
        wait_until_settled(page)
    assert dict(question_of(page)) == {
        "channel": "Paid Search", "source": "google", "campaign": "brand", "by": "content",
    }  # fmt: skip
    crumbs = page.get_by_role("navigation", name="Drill-down")
    assert crumbs.get_by_role("link").all_inner_texts() == ["All channels", "Paid Search", "google", "brand"]

    crumbs.get_by_role("link", name="Paid Search").focus()
    page.keyboard.press("Enter")
    wait_until_settled(page)
    assert question_of(page) == [("channel", "Paid Search"), ("by", "source")]
    crumbs.get_by_role("link", name="All channels").focus()
    page.keyboard.press("Enter")
    wait_until_settled(page)
    assert question_of(page) == []
    assert rows_shown(page) == top


def test_every_column_orders_the_rows(new_analyst: NewAnalyst) -> None:
    page = new_analyst(COMPARED).page
    order = [("Conversions", place, 0) for place in range(3)] + [("Value", place, 1) for place in range(3)]
    for name, place, measure in [("Channel", None, None), *order]:
        button = page.locator("table.breakdown thead").get_by_role("button", name=name).nth(place or 0)
        seen = set()
        for _ in range(2):
            button.click()
            wait_until_settled(page)
            heading = page.locator("thead [aria-sort]")
            assert heading.count() == 1
            assert heading.get_by_role("button").inner_text() == name
            direction = heading.get_attribute("aria-sort")
            seen.add(direction)
            keys = keys_by(rows_shown(page), place, measure)
            assert keys == sorted(keys, reverse=direction == "descending")
        assert seen == {"ascending", "descending"}
    go(page, "/dashboard/?sort=nonsense.value")
    assert page.locator("thead [aria-sort=descending]").inner_text() == "Conversions"


def keys_by(rows: Rows, place: int | None, measure: int | None) -> list[Any]:
    """Return for each key, in the order of the rows, what they are ordered by; the last row is nobody's."""
    names = list(dict.fromkeys(name for name, _ in rows))
    assert names.pop() == NOBODY
    if place is None:
        return [name.lower() for name in names]
    if measure:  # of the currency with most conversions that have a value
        return [rows.get((name, "USD"), [(0, 0)] * 3)[place][1] or 0 for name in names]
    return [sum(row[place][0] for key, row in rows.items() if key[0] == name) for name in names]


def test_the_file_holds_what_the_command_prints(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst(
        "/dashboard/?by=campaign&model=linear&model=first_touch&window=20&source_window=google%3D3&channel=Paid+Search"
        "&channel=Email&event=order_placed&currency=USD&status=confirmed&status=pending&exclude_direct=1"
    ).page
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()

    assert download.value.suggested_filename == "attribution-report.csv"
    assert download.value.path().read_text("utf-8-sig") == reported(
        site, "--by", "campaign", "--model", "linear", "--model", "first_touch", "--window-days", "20",
        "--source-window", "google=3", "--exclude-direct", "--credited-to", "channel=Paid Search",
        "--credited-to", "channel=Email", "--event", "order_placed", "--currency", "USD", "--status", "confirmed",
        "--status", "pending", output="csv",
    )  # fmt: skip


def test_other_days_are_asked_as_the_command_asks_them(new_analyst: NewAnalyst, site: Site) -> None:
    end = last_day() - timedelta(days=3)
    page = new_analyst().page
    page.get_by_label("To", exact=True).fill(str(end))
    page.keyboard.press("Enter")
    wait_until_settled(page)

    assert rows_shown(page) == rows_reported(site, "--until", str(end + timedelta(days=1)))
