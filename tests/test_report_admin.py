"""The report in the admin as staff see it: found, permitted, labelled, exact, and never broken by an address."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from django_attribution import report_admin
from django_attribution.dimensions import DIMENSIONS
from django_attribution.filters import ConversionFilter
from django_attribution.models import Conversion, Touchpoint
from django_attribution.report_form import ReportForm
from tests.report_data import make_conversions
from tests.test_admin import SCRIPT, staff

pytestmark = pytest.mark.django_db

PAGE = "/admin/django_attribution/conversion/report/"
CSV = "/admin/django_attribution/conversion/report.csv"
BOTH = ("/admin/django_attribution/conversion/report/", CSV)


@pytest.fixture(autouse=True)
def _conversions(db: None) -> None:
    make_conversions()


@pytest.fixture
def client() -> Client:
    """The browser of staff who may view conversions."""
    return staff("view_conversion")


def table(client: Client, **data: Any) -> list[list[str]]:
    """Return the cells of the body and foot of the table that is shown for a query string."""
    page = client.get(PAGE, data)
    assert page.status_code == 200
    assert not page.context["form"].errors
    assert not page.context["filter_form"].errors
    _, _, shown = page.content.decode().partition("</thead>\n          <tbody>")
    rows = re.findall(r"<tr>(.*?)</tr>", shown, flags=re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def errors(client: Client, address: str, query: str) -> dict[str, list[str]]:
    """Return what is said at each field."""
    page = client.get(f"{address}?{query}")
    assert page.status_code == (400 if address == CSV else 200), query
    assert page.context["table"] is None, query
    found = {**page.context["form"].errors, **page.context["filter_form"].errors}
    for name, messages in found.items():
        for message in messages:
            assert name == "__all__" or 'class="errorlist"' in page.content.decode(), message
    return found


class TestPermissions:
    @pytest.mark.parametrize("address", BOTH)
    def test_anonymous_visitors_are_asked_to_log_in(self, address: str) -> None:
        response = Client().get(address)
        assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={address}")

    @pytest.mark.parametrize("address", BOTH)
    def test_customers_are_asked_to_log_in(self, address: str) -> None:
        browser = Client()
        browser.force_login(User.objects.create_user("customer"))
        assert browser.get(address).status_code == 302

    @pytest.mark.parametrize("address", BOTH)
    @pytest.mark.parametrize("codenames", [[], ["view_touchpoint", "view_identity", "confirm_conversion"]])
    def test_staff_who_may_not_view_conversions_are_refused(self, address: str, codenames: list[str]) -> None:
        assert staff(*codenames).get(address).status_code == 403

    @pytest.mark.parametrize("address", BOTH)
    def test_staff_who_may_view_conversions_are_answered(self, client: Client, address: str) -> None:
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200

    @pytest.mark.parametrize("address", BOTH)
    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_nothing_but_reading_is_done(self, client: Client, address: str, method: str) -> None:
        assert getattr(client, method)(address).status_code == 405

    def test_the_list_of_conversions_links_to_it(self, client: Client) -> None:
        changelist = reverse("admin:django_attribution_conversion_changelist")
        assert f'<a href="{PAGE}">Attribution report</a>' in client.get(changelist).content.decode()

    def test_who_may_change_may_view_as_everywhere_in_the_admin(self) -> None:
        browser = staff("change_conversion")
        page = browser.get(reverse("admin:django_attribution_conversion_changelist"))
        assert PAGE in page.content.decode()
        assert browser.get(PAGE).status_code == 200


class TestPage:
    def test_it_opens_with_the_last_days_by_channel(self, client: Client) -> None:
        page = client.get(PAGE)
        form, filter_form = page.context["form"], page.context["filter_form"]
        assert (form["models"].value(), form["by"].value()) == (["last_touch"], ["channel"])
        assert filter_form["status"].value() == ["confirmed"]
        assert filter_form["occurred"].value()[0]

    def test_models_stand_side_by_side(self, client: Client) -> None:
        assert table(client, models=["linear", "last_touch"], by=["channel", "campaign"]) == [
            ["Paid Search", "brand", "EUR", "0.5", "50.00", "0", "0.00"],
            ["Paid Search", "brand", "USD", "1.0", "20.00", "1", "20.00"],
            ["Email", "weekly", "EUR", "0.5", "50.01", "1", "100.01"],
            ["(unattributed)", "", "no value", "1.0", "", "1", ""],
            ["total", "", "EUR", "1.0", "100.01", "1", "100.01"],
            ["total", "", "USD", "1.0", "20.00", "1", "20.00"],
            ["total", "", "no value", "1.0", "", "1", ""],
        ]

    @pytest.mark.parametrize(
        ("data", "first_row"),
        [
            ({"window_days": "1", "by": "channel"}, ["Email", "EUR", "1", "100.01"]),
            ({"source_windows": "letter=0\r\ngoogle=30\r\n"}, ["(attributed)", "EUR", "1", "100.01"]),
            ({"event": "signup\r\nnothing"}, ["(unattributed)", "no value", "1", ""]),
            ({"currency": "usd, jpy", "by": "source"}, ["google", "USD", "1", "20.00"]),
            ({"value_min": "50", "by": "campaign"}, ["weekly", "EUR", "1", "100.01"]),
            ({"identified": "false"}, ["(unattributed)", "no value", "1", ""]),
            ({"status": "pending", "by": "channel"}, ["Paid Search", "EUR", "1", "5.00"]),
            ({"credited_to": "channel=Paid Search", "by": "source"}, ["google", "USD", "1", "20.00"]),
            ({"occurred_after": "2026-01-21", "tz": "Europe/Paris", "by": "source"}, ["google", "USD", "1", "20.00"]),
            ({"interval": "month", "by": "channel"}, ["Email", "2026-01", "EUR", "1", "100.01"]),
            (
                {"order_by": "value", "first": "0", "by": "channel", "currency": "EUR"},
                ["(other)", "EUR", "1", "100.01"],
            ),
        ],
    )
    def test_a_field_asks_for_what_it_says(self, client: Client, data: dict[str, str], first_row: list[str]) -> None:
        assert table(client, **data)[0] == first_row

    def test_a_source_may_have_an_equals_sign_in_its_name(self, client: Client) -> None:
        Touchpoint.objects.update(utm_source="a=b", source="a=b")
        assert table(client, source_windows="a=b=0")[0][0] == "(unattributed)"

    def test_lines_end_where_people_end_them(self, client: Client) -> None:
        Touchpoint.objects.update(utm_campaign="one\u2028two")
        assert table(client, credited_to="campaign=one\u2028two")[0][0] == "(attributed)"

    def test_confirmed_ones_are_meant_unless_a_state_is_ticked(self, client: Client) -> None:
        totals = [row for row in table(client, currency="EUR") if row[0] == "total"]
        every = [
            row for row in table(client, currency="EUR", status=["pending", "confirmed", "voided"]) if row[0] == "total"
        ]
        assert (totals, every) == ([["total", "EUR", "1", "100.01"]], [["total", "EUR", "3", "112.01"]])

    def test_the_link_to_the_csv_carries_the_question(self, client: Client) -> None:
        asked = QueryDict(mutable=True)
        asked.setlist("models", ["linear", "markov"])
        asked.setlist("event", ["purchase", 'a&b=c "quoted" é'])
        page = client.get(f"{PAGE}?{asked.urlencode()}")
        [link] = re.findall(r'<a href="([^"]*)" download>Download CSV</a>', page.content.decode())
        address, _, query = link.replace("&amp;", "&").partition("?")
        assert address == CSV
        assert dict(QueryDict(query).lists()) == dict(asked.lists())

    def test_the_first_page_links_to_its_own_csv(self, client: Client) -> None:
        page = client.get(PAGE)
        assert "models=last_touch" in page.context["csv_url"]
        Conversion.objects.record(event="today")
        [link] = re.findall(r'<a href="([^"]*)" download>', client.get(PAGE).content.decode())
        assert b"unattributed,,,,last_touch,1.000000," in b"".join(client.get(link.replace("&amp;", "&")))

    def test_an_empty_answer_says_what_to_do(self, client: Client) -> None:
        page = client.get(PAGE, {"event": "nothing"}).content.decode()
        assert "No conversions match. Widen the dates" in page
        assert 'class="scrolling"' not in page

    def test_a_very_long_table_is_cut_and_says_so(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(report_admin, "MAX_TABLE_LINES", 2)
        page = client.get(PAGE, {"by": "channel"}).content.decode()
        assert "The first 2 lines are shown here; 1 more are in the CSV." in page
        assert page.count('<th scope="row">') == 2 + 3

    def test_names_from_visitors_are_escaped(self, client: Client) -> None:
        Touchpoint.objects.update(utm_campaign=SCRIPT)
        page = client.get(PAGE, {"by": "campaign", "event": ["purchase", SCRIPT], "tz": "UTC"}).content.decode()
        assert SCRIPT not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert SCRIPT not in client.get(PAGE, {"tz": SCRIPT, "interval": SCRIPT, "by": SCRIPT}).content.decode()

    def test_it_costs_few_queries_whatever_is_shown(self, client: Client, django_assert_max_num_queries: Any) -> None:
        client.get(PAGE)
        with django_assert_max_num_queries(8):
            client.get(PAGE, {"by": list(DIMENSIONS), "models": ["linear", "markov", "participation"]})


class Controls(HTMLParser):
    """Collects what a page asks with, and what explains it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.described: set[str] = set()
        self.every_id: list[str] = []
        self.inline: list[str] = []
        self.scopes: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember controls, labels, headings and scripts."""
        given = dict(attrs)
        if given.get("id"):
            self.every_id.append(str(given["id"]))
        if tag in ("input", "select", "textarea") and given.get("type") not in ("submit", "hidden"):
            self.ids.append(given.get("id") or "")
        if tag == "label":
            self.labelled.add(given.get("for") or "")
        if tag == "th":
            self.scopes.append(given.get("scope"))
        if tag == "script" and "src" not in given:
            self.inline.append(tag)
        self.inline += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        self.described |= set((given.get("aria-describedby") or "").split())


class TestHtml:
    def content(self, client: Client, **data: Any) -> str:
        page = client.get(
            PAGE, {"models": ["linear", "markov"], "by": ["channel", "campaign"], **data}
        ).content.decode()
        return page[page.index('<div id="content-main"') :]

    def test_every_control_has_its_label_and_every_hint_is_there(self, client: Client) -> None:
        controls = Controls(self.content(client))
        assert len(controls.ids) == len(set(controls.ids)) > 20
        assert set(controls.ids) <= controls.labelled
        assert controls.described <= set(controls.every_id)
        assert len(controls.every_id) == len(set(controls.every_id))

    def test_hints_are_those_of_the_page(self, client: Client) -> None:
        page = self.content(client)
        assert "confirmed where none is ticked" in page
        assert "an empty list means all" not in page
        assert "`after`" not in page
        assert "Break down by:" in page

    def test_every_heading_says_what_it_heads_and_nothing_runs_inline(self, client: Client) -> None:
        controls = Controls(self.content(client))
        assert set(controls.scopes) == {"col", "colgroup", "row"}
        assert controls.inline == []

    def test_the_table_scrolls_in_a_region_that_the_keyboard_reaches(self, client: Client) -> None:
        assert '<div class="scrolling" role="region" aria-labelledby="report-heading" tabindex="0">' in self.content(
            client
        )

    def test_every_condition_and_every_option_has_a_field(self, client: Client) -> None:
        page = self.content(client)
        names = set(re.findall(r'name="(\w+)"', page))
        ranges = {"occurred": ("occurred_after", "occurred_before"), "value": ("value_min", "value_max")}
        expected = {end for name in ConversionFilter.base_filters for end in ranges.get(name, (name,))}
        assert names == expected | set(ReportForm.base_fields)

    def test_what_was_asked_stays_in_its_fields(self, client: Client) -> None:
        page = self.content(
            client, event="a\r\nb", occurred_after="2026-01-02", occurred_before="2026-02-01T00:00:00+01:00",
            identified="true", currency=["EUR", "usd"], tz="Asia/Tokyo", exclude_direct="on",
        )  # fmt: skip
        assert re.search(r'<textarea name="event"[^>]*>\s*a\nb</textarea>', page)
        assert re.search(r'<textarea name="currency"[^>]*>\s*EUR\nusd</textarea>', page)
        assert re.search(r'<input type="date" name="occurred_after" value="2026-01-02"', page)
        assert re.search(r'<input type="text" name="occurred_before" value="2026-02-01T00:00:00\+01:00"', page)
        assert '<option value="true" selected>yes</option>' in page
        assert re.search(r'name="tz" value="Asia/Tokyo"', page)
        assert re.search(r'name="exclude_direct"[^>]* checked', page)
        assert re.search(r'value="markov"[^>]* checked', page)


class TestRefusals:
    @pytest.mark.parametrize("address", BOTH)
    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("by=nothing", "by"),
            ("by=channel&by=channel", "by"),
            ("models=liner", "models"),
            ("models=", "models"),
            ("models=linear&models=linear", "models"),
            ("interval=year", "interval"),
            ("tz=Mars", "tz"),
            ("tz=../../etc/passwd", "tz"),
            ("tz=" + "x" * 5000, "tz"),
            ("window_days=" + "9" * 5000, "window_days"),
            ("window_days=1e3", "window_days"),
            ("first=99999999999999999999", "first"),
            ("first=NaN", "first"),
            ("order_by=best", "order_by"),
            ("source_windows=google", "source_windows"),
            ("source_windows=google%3D" + "9" * 5000, "source_windows"),
            ("source_windows=google%3D\u0661\u0662", "source_windows"),
            ("source_windows=" + "%0A".join(f"s{number}%3D1" for number in range(51)), "source_windows"),
            ("source_windows=" + "%0A".join("a%3D1" for _ in range(1001)), "source_windows"),
            ("credited_to=" + "%0A".join(f"channel%3D{number}" for number in range(201)), "credited_to"),
            ("credited_to=term%3Dx", "credited_to"),
            ("credited_to=source%3Dx&models=markov", "credited_to"),
            ("occurred_after=99999-01-01", "occurred"),
            ("occurred_before=0001-01-01T00:00:00%2B23:59", "occurred"),
            ("value_min=" + "9" * 400, "value"),
            ("value_max=Infinity", "value"),
            ("currency=QQQ", "currency"),
            ("status=refunded", "status"),
            ("id=7", "id"),
            ("event=" + "x" * 256, "event"),
            *((f"{name}=%00", field) for name, field in [
                ("models", "models"), ("by", "by"), ("interval", "interval"), ("tz", "tz"), ("first", "first"),
                ("window_days", "window_days"), ("source_windows", "source_windows"), ("credited_to", "credited_to"),
                ("order_by", "order_by"), ("event", "event"), ("id", "id"), ("currency", "currency"),
                ("status", "status"), ("occurred_after", "occurred"), ("value_min", "value"),
            ]),
        ],
    )  # fmt: skip
    def test_what_cannot_be_used_is_told_at_its_field(
        self, client: Client, address: str, query: str, field: str
    ) -> None:
        assert set(errors(client, address, query)) == {field}

    @pytest.mark.parametrize("address", BOTH)
    @pytest.mark.parametrize(
        "query",
        [
            "unknown=1",
            "identified=perhaps",
            "exclude_direct=%00",
            "page=-1&utm_source=%00",
            "by=",
            "event=%0D%0A%0D%0A",
            "occurred_after=0001-01-01",
            "occurred_before=9999-12-31T23:59:59.999999Z",
            "tz=Asia/Tokyo&occurred_before=9999-12-31&interval=month",
            "%FF=%FE&models=linear",
            "value_max=1e14",
            urlencode({"credited_to": "channel=%s{}'\"; DROP TABLE"}),
        ],
    )
    def test_no_address_breaks_it(self, client: Client, address: str, query: str) -> None:
        assert client.get(f"{address}?{query}").status_code in ((200, 400) if address == CSV else (200,))

    def test_everything_is_told_at_once(self, client: Client) -> None:
        assert set(errors(client, PAGE, "tz=Mars&first=x&currency=QQQ&value_min=z")) == {
            "tz",
            "first",
            "currency",
            "value",
        }
