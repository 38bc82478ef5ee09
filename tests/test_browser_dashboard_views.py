"""The dashboard's other views: paths as Python finds them, and conversions with the truth about each one's credit.

What is right is told by functions that run inside the shop (below "Inside the shop").
"""

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.analysts import (
    NewAnalyst,
    add_source_window,
    dropdown,
    go,
    moment,
    number,
    post_data,
    question_of,
    session_of_staff,
    somebody_with,
    spaced,
    table_of,
    wait_until_settled,
)
from tests.real_server import Site

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.long

ALL_TIME = "from=any&to=any"
OF_DEMO = f"/dashboard/?view=conversions&{ALL_TIME}&status=pending&event=order_placed&currency=USD"
EN_DASH = "\N{EN DASH}"
MAX_SQL_QUERIES = 15
ASKED = "asked.json"  # beside the database, since functions inside the shop take no arguments


def paths_shown(page: "Page") -> list[dict[str, Any]]:
    """Return what the table of paths says."""
    head, *lines = table_of(page.locator(".panel", has=page.locator("table.paths")))
    currencies = [name.removeprefix("Value, ") for name in head[2:-1]]
    return [
        {
            "steps": re.split(r"\s*→\s*(?:then\s+)?", spaced(line[0])),
            "conversions": number(line[1]),
            "values": {code: number(cell) for code, cell in zip(currencies, line[2:-1], strict=True) if cell != "None"},
            "days": line[-1],
        }
        for line in lines
    ]


def bins_shown(page: "Page", title: str) -> list[list[str]]:
    panel = page.get_by_role("region", name=title, exact=True)
    panel.get_by_text("Show as a table").click()
    return table_of(panel)[1:]


def test_paths_and_their_histograms_are_those_of_python(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst(f"/dashboard/?view=paths&{ALL_TIME}").page
    wanted = site.shop.ask(paths_of_the_shop)

    assert in_words(paths_shown(page)) == wanted["paths"]
    assert bins_shown(page, "Path length") == wanted["lengths"]
    assert bins_shown(page, "Time lag") == wanted["days"]
    page.get_by_label("Steps by").select_option("Campaign")
    page.get_by_label("Count repeats once").uncheck()
    wait_until_settled(page)
    assert in_words(paths_shown(page)) == wanted["by_campaign"]
    page.get_by_role("button", name="Days to convert").click()
    days = [float(path["days"]) for path in paths_shown(page)]
    assert days == sorted(days, reverse=True)
    page.get_by_role("button", name="Show up to 200").click()
    wait_until_settled(page)
    assert sorted(in_words(paths_shown(page)), key=str) == sorted(wanted["more"], key=str)


def in_words(paths: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return paths as the shop writes them into JSON."""
    return [
        {
            **path,
            "conversions": int(path["conversions"]),
            "values": {code: str(amount) for code, amount in path["values"].items()},
        }
        for path in paths
    ]


def conversions_shown(page: "Page") -> list[list[str]]:
    """Return when, event, status and value of the conversions that are shown."""
    rows: list[list[str]] = page.locator("table.conversions").evaluate(
        "table => [...table.querySelectorAll('tr.conversion')].map(row => "
        "[...row.cells].slice(0, 4).map(cell => cell.innerText))"
    )
    return [[spaced(cell) for cell in row] for row in rows]


def turn(page: "Page", button: str) -> None:
    page.get_by_role("navigation", name="Pages").get_by_role("button", name=button).click()
    wait_until_settled(page)


def in_the_table(conversions: list[dict[str, Any]]) -> list[list[str]]:
    symbols = {"USD": "$", "EUR": "€"}
    return [
        [
            moment(found["at"]),
            found["event"],
            found["status"].title(),
            f"{symbols[found['currency']]}{float(found['value']):,.2f}" if found["currency"] else "No value",
        ]
        for found in conversions
    ]


def test_pages_lose_and_double_no_conversion(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst(f"/dashboard/?view=conversions&{ALL_TIME}&status=all").page
    wanted = in_the_table(site.shop.ask(all_conversions))
    forwards = [conversions_shown(page)]
    following = page.get_by_role("navigation", name="Pages").get_by_role("button", name="Next")
    while following.is_enabled():
        turn(page, "Next")
        forwards.append(conversions_shown(page))
    assert [row for rows in forwards for row in rows] == wanted
    assert len(forwards) > 2
    assert f"{len(wanted) - len(forwards[-1]) + 1} to {len(wanted)} of {len(wanted)}" in (
        page.get_by_role("navigation", name="Pages").inner_text().replace(",", "")
    )

    for earlier in reversed(forwards[:-1]):
        turn(page, "Previous")
        assert conversions_shown(page) == earlier
    assert page.get_by_role("button", name="Previous").is_disabled()
    turn(page, "Next")
    turn(page, "First")
    assert conversions_shown(page) == forwards[0]


def test_values_order_the_list(new_analyst: NewAnalyst) -> None:
    page = new_analyst(f"/dashboard/?view=conversions&{ALL_TIME}&currency=USD").page
    heading = page.locator("th", has=page.get_by_role("button", name="Value"))
    for direction in ("descending", "ascending"):
        heading.get_by_role("button").click()
        wait_until_settled(page)
        values = [number(row[3]) or 0 for row in conversions_shown(page)]
        assert heading.get_attribute("aria-sort") == direction
        assert values == sorted(values, reverse=direction == "descending")
        assert page.locator("th[aria-sort]").count() == 1


def explain(page: "Page", conversion: dict[str, Any]) -> "Locator":
    """Open what explains a conversion's credit."""
    name = re.compile(f"^Why this campaign: {conversion['event']}, " + re.sub(r"\s", r"\\s", moment(conversion["at"])))
    page.get_by_role("button", name=name).click()
    page.get_by_role("heading", name="Why this campaign").wait_for()
    return page.locator(".conversion-explained")


def touches_of(why: "Locator") -> list[tuple[str, str, str]]:
    """Return the touches of a journey: campaign, share of the credit, and why there is none."""
    touches = []
    for touch in why.locator("li.touch").all():
        words = touch.inner_text().splitlines()
        credit = touch.locator(".touch-credit").all_inner_texts()
        reason = [line.removeprefix("No credit: ") for line in words if line.startswith("No credit: ")]
        campaign = next(name for name in ("first_pen_reels", "brand", "tuesday_letter") if name in "\n".join(words))
        touches.append((campaign, *(spaced(text) for text in ((credit or [""])[0], (reason or [""])[0]))))
    return touches


def test_why_tells_the_truth_under_every_model_and_window(new_analyst: NewAnalyst, site: Site) -> None:
    conversion = site.shop.ask(pending_order_of_demo)
    page = new_analyst(OF_DEMO).page
    why = explain(page, conversion)
    total = f"${float(conversion['value']):,.2f}"
    assert spaced(why.locator(".why-sentence").inner_text()) == (
        "Last touch gives everything to the last touch in the window: "
        "newsletter / email “tuesday_letter”, 17 minutes before."
    )
    not_last = "another touch was the last in the window."
    assert touches_of(why) == [
        ("first_pen_reels", "", not_last), ("brand", "", not_last), ("tuesday_letter", f"100%, {total}", ""),
    ]  # fmt: skip

    dropdown(page, "Model").get_by_role("radio", name="Linear").check()
    page.keyboard.press("Escape")
    wait_until_settled(page)
    assert "gives the same to each of the 3 touches in the window: 33.3% to instagram" in spaced(why.inner_text())
    linear = touches_of(why)
    assert [credit.split(", ")[0] for _, credit, _ in linear] == ["33.3%"] * 3
    assert sum(number(credit.split(", ")[1]) or 0 for _, credit, _ in linear) == number(total)

    add_source_window(page, "instagram", 7)
    assert [(campaign, credit.split(",")[0], reason) for campaign, credit, reason in touches_of(why)] == [
        ("first_pen_reels", "", "it came before the window for instagram began, 7 days before the conversion."),
        ("brand", "50%", ""),
        ("tuesday_letter", "50%", ""),
    ]


def test_who_may_not_see_visitors_sees_what_was_credited(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst(OF_DEMO, session=site.shop.ask(session_of_a_reader)).page
    why = explain(page, site.shop.ask(pending_order_of_demo))

    assert [(campaign, reason) for campaign, _, reason in touches_of(why)] == [("tuesday_letter", "")]
    assert "Only touches that earned credit: your account may not view" in why.inner_text()
    assert "first seen" not in why.inner_text()


def test_a_model_that_answers_in_reports_only_offers_another(new_analyst: NewAnalyst) -> None:
    page = new_analyst("/dashboard/?view=conversions&model=markov&model=linear").page
    assert page.get_by_text("answers in reports only").is_visible()
    page.get_by_role("button", name="Show who earned them by Linear").click()
    wait_until_settled(page)

    assert page.locator("table.conversions tbody tr").count()
    assert [value for name, value in question_of(page) if name == "model"] == ["linear", "markov"]


def test_no_question_of_any_view_costs_many_queries(new_analyst: NewAnalyst, site: Site) -> None:
    page = new_analyst(None).page
    asked = post_data(page)
    for view in ("overview", "paths", "conversions"):
        go(page, f"/dashboard/?view={view}&{ALL_TIME}&model=linear&model=markov&source_window=google%3D7&channel=Email")
    go(page, f"/dashboard/?view=conversions&{ALL_TIME}&model=linear")
    page.get_by_role("button", name=re.compile("^Why")).first.click()
    page.get_by_role("heading", name="Why this campaign").wait_for()
    Path(site.shop.env["EXAMPLE_DATABASE"]).with_name(ASKED).write_text(json.dumps(asked))

    counts = site.shop.ask(queries_of_each_question)
    print(counts)
    assert set(counts) == {"Options", "Breakdown", "OverTime", "Paths", "Conversions", "Explanation", "Journey"}
    assert max(counts.values()) <= MAX_SQL_QUERIES


# Inside the shop ----------------------------------------------------------------------------------------------------


def paths_of_the_shop() -> dict[str, Any]:
    from django_attribution.models import Conversion

    def told(found: Any) -> list[dict[str, Any]]:
        return [
            {
                "steps": list(path.steps),
                "conversions": path.conversions,
                "values": {code: str(amount) for code, amount in path.values.items()},
                "days": f"{path.average_days_to_convert:.1f}",
            }
            for path in found.paths
        ]

    def bins(found: Any) -> list[list[str]]:
        return [
            [
                f"{one.start}+" if one.end is None else EN_DASH.join(map(str, dict.fromkeys((one.start, one.end)))),
                str(one.conversions),
            ]
            for one in found
        ]

    conversions = Conversion.objects.valid()
    by_channel = conversions.conversion_paths(by="channel", collapse_repeats=True)
    return {
        "paths": told(by_channel),
        "lengths": bins(by_channel.lengths),
        "days": bins(by_channel.days_to_convert),
        "by_campaign": told(conversions.conversion_paths(by="campaign")),
        "more": told(conversions.conversion_paths(by="campaign", first=200)),
    }


def all_conversions() -> list[dict[str, Any]]:
    from django_attribution.models import Conversion

    return [told(conversion) for conversion in Conversion.objects.order_by("-created_at", "-uuid")]


def pending_order_of_demo() -> dict[str, Any]:
    from django_attribution.models import Conversion

    found = Conversion.objects.filter(identity__linked_user__username="demo", event="order_placed", is_confirmed=False)
    return told(found.get())


def told(conversion: Any) -> dict[str, Any]:
    return {
        "at": conversion.created_at.isoformat(),
        "event": conversion.event,
        "status": conversion.status.value,
        "value": conversion.value,
        "currency": conversion.currency,
    }


def session_of_a_reader() -> str:
    return somebody_with("reader", "view_conversion")


def queries_of_each_question() -> dict[str, int]:
    """Ask again what the page asked, and return by name the most queries that a question cost."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.cookies["sessionid"] = session_of_staff()
    counts: dict[str, int] = {}
    for body in json.loads(Path(os.environ["EXAMPLE_DATABASE"]).with_name(ASKED).read_text()):
        with CaptureQueriesContext(connection) as queries:
            answer = client.post("/graphql/", body, content_type="application/json")
        assert "errors" not in answer.json(), answer.json()
        name = body["query"].split("query ")[1].split("(")[0].split()[0]
        counts[name] = max(counts.get(name, 0), len(queries))
    return counts
