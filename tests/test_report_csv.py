"""The CSV that staff download: streamed, readable by spreadsheets, exact, and without formulas."""

import csv
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission, User
from django.test import AsyncClient, Client

from django_attribution import report_admin, report_csv
from django_attribution.models import Conversion
from tests.report_data import make_conversions
from tests.test_admin import staff
from tests.test_report_output import FORMULAS, PLAIN

pytestmark = pytest.mark.django_db

CSV = "/admin/django_attribution/conversion/report.csv"


@pytest.fixture
def client() -> Client:
    """The browser of staff who may view conversions."""
    return staff("view_conversion")


def download(client: Client, **data: Any) -> list[dict[str, str]]:
    """Return the rows as a spreadsheet reads them."""
    response = client.get(CSV, {"by": "campaign", **data})
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline="")))


def test_it_is_a_file_to_download(client: Client) -> None:
    response = client.get(CSV, {"by": "channel"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="attribution-report.csv"'
    assert "no-store" in response["Cache-Control"]


def test_it_is_streamed_in_pieces(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_conversions()
    monkeypatch.setattr(report_csv, "LINES_PER_CHUNK", 2)
    response = client.get(CSV, {"by": "channel", "models": ["linear"]})
    assert response.streaming
    assert [piece.count(b"\r\n") for piece in response.streaming_content] == [0, 2, 2, 1]


def test_an_asynchronous_server_streams_it_too() -> None:
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_conversion"))
    browser = AsyncClient()
    browser.force_login(user)

    async def pieces() -> list[bytes]:
        response: Any = await browser.get(CSV, {"by": "channel"})
        assert response.is_async
        return [piece async for piece in response.streaming_content]

    text = b"".join(async_to_sync(pieces)()).decode("utf-8-sig")
    assert text.startswith("kind,channel,interval_start,currency,model,")


@pytest.mark.parametrize("data", [{}, {"interval": "day"}, {"first": "1"}, {"by": ["campaign", "event"]}])
def test_it_adds_up_to_the_totals(client: Client, data: dict[str, Any]) -> None:
    make_conversions()
    for number in range(7):
        make_conversions(campaign=f"campaign {number}")
    models = ["linear", "time_decay", "position_based", "last_non_direct"]
    totals = Conversion.objects.valid().attribution_report().totals
    rows = download(client, models=models, **data)
    for model in models:
        for total in totals:
            mine = [row for row in rows if row["model"] == model and (row["currency"] or None) == total.currency]
            assert sum(Decimal(row["conversions"]) for row in mine) == total.conversions
            assert sum(Decimal(row["value"] or 0) for row in mine) == (total.value or 0)


@pytest.mark.parametrize("campaign", [name for name in FORMULAS if name == name.strip()])
def test_a_campaign_cannot_be_a_formula(client: Client, campaign: str) -> None:
    make_conversions(campaign=campaign)
    campaigns = {row["campaign"] for row in download(client, models="linear")}
    assert {"'" + campaign.replace("|", "\\|"), "weekly", ""} == campaigns


@pytest.mark.parametrize("campaign", PLAIN)
def test_other_names_stay_as_they_are(client: Client, campaign: str) -> None:
    make_conversions(campaign=campaign)
    assert {row["campaign"] for row in download(client, models="linear")} == {campaign, "weekly", ""}


def test_a_touch_without_a_campaign_is_not_set(client: Client) -> None:
    make_conversions(campaign="")
    assert "(not set)" in {row["campaign"] for row in download(client, models="linear")}


def test_more_rows_than_a_page_shows_are_all_there(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_conversions()
    monkeypatch.setattr(report_admin, "MAX_TABLE_LINES", 1)
    assert len(download(client)) == 3
