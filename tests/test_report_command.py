"""``manage.py attribution_report``: each option is one of the report's, each refusal names its option."""

import csv
import json
from datetime import datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from django_attribution.credit_filter import CreditFilter, CreditKind
from django_attribution.management import progress
from django_attribution.models import Conversion
from django_attribution.report_output import json_text
from tests.report_data import day, make_conversions

pytestmark = pytest.mark.django_db


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture(autouse=True)
def _conversions(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    make_conversions()
    monkeypatch.delenv("COLUMNS", raising=False)


def run(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("attribution_report", *arguments, stdout=output, **options)
    return output.getvalue()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as refused:
        run(*arguments)
    return str(refused.value)


def test_last_touch_by_channel_is_what_it_prints() -> None:
    assert run().split("\n") == [
        f"{'last_touch':>45}",
        "channel         currency  conversions   value",
        "--------------  --------  -----------  ------",
        "Email           EUR                 1  100.01",
        "Paid Search     USD                 1   20.00",
        "(unattributed)  no value            1",
        "total           EUR                 1  100.01",
        "total           USD                 1   20.00",
        "total           no value            1",
        "",
    ]


def test_models_stand_side_by_side() -> None:
    text = run("--model=linear", "--model=participation", "--by=channel", "--by=campaign", "--currency=EUR")
    assert text.split("\n") == [
        f"{'linear':>52}{'participation':>21}",
        "channel      campaign  currency  conversions   value  conversions   value",
        "-----------  --------  --------  -----------  ------  -----------  ------",
        "Email        weekly    EUR               0.5   50.01            1  100.01",
        "Paid Search  brand     EUR               0.5   50.00            1  100.01",
        "total                  EUR               1.0  100.01",
        "",
    ]


VALID = {"is_confirmed": True, "is_active": True}


@pytest.mark.parametrize(
    ("arguments", "chosen", "asked"),
    [
        ("", VALID, {}),
        ("--model linear --model markov", VALID, {"models": ["linear", "markov"]}),
        ("--by campaign --by event", VALID, {"by": ["campaign", "event"]}),
        ("--by landing_page --interval day --tz Europe/Paris", VALID, {
            "by": ["landing_page"], "interval": "day", "tz": "Europe/Paris"
        }),
        ("--window-days 3 --model linear", VALID, {"models": ["linear"], "window_days": 3}),
        ("--window-days 0", VALID, {"window_days": 0}),
        ("--source-window google=14 --source-window letter=0", VALID, {"source_windows": {"google": 14, "letter": 0}}),
        ("--exclude-direct", VALID, {"exclude_direct": True}),
        ("--event purchase --event refund", {**VALID, "event__in": ["purchase", "refund"]}, {}),
        ("--currency usd --currency JPY", {**VALID, "currency__in": ["USD", "JPY"]}, {}),
        ("--currency usd,jpy", {**VALID, "currency__in": ["USD", "JPY"]}, {}),
        ("--status pending", {"is_confirmed": False}, {}),
        ("--status pending --status confirmed --status voided", {}, {}),
        ("--since 2026-01-10", {**VALID, "created_at__gte": day(10, hour=0)}, {}),
        ("--until 2026-01-10", {**VALID, "created_at__lt": day(10, hour=0)}, {}),
        ("--since 2026-01-09T12:00:00Z --until 2026-01-10T13:00+01:00", {
            **VALID, "created_at__gte": day(9), "created_at__lt": day(10)
        }, {}),
        ("--since 2026-01-21 --tz Europe/Paris", {**VALID, "created_at__gte": day(20, hour=23)}, {
            "tz": "Europe/Paris"
        }),
        ("--credited-to channel=Email --credited-to channel=Other", VALID, {
            "credited_to": CreditFilter(channel=("Email", "Other"))
        }),
        ("--credited-to landing_page=/shoes --credited-to source=GOOGLE", VALID, {
            "credited_to": CreditFilter(landing_page=("/shoes",), source=("google",))
        }),
        ("--credited-to kind=unattributed", VALID, {"credited_to": CreditFilter(kind=CreditKind.UNATTRIBUTED)}),
    ],
)  # fmt: skip
def test_an_option_asks_what_python_asks(arguments: str, chosen: dict[str, Any], asked: dict[str, Any]) -> None:
    expected = Conversion.objects.filter(**chosen).attribution_report(**{"by": ["channel"], **asked})
    assert run("--format=json", *arguments.split()) == json_text(expected) + "\n"


def test_a_value_may_hold_spaces_and_signs() -> None:
    expected = Conversion.objects.valid().attribution_report(
        by=["channel"], credited_to=CreditFilter(channel=("Paid Search",), campaign=("a=b",))
    )
    given = run("--format=json", "--credited-to", "channel=Paid Search", "--credited-to", "campaign=a=b")
    assert given == json_text(expected) + "\n"


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        ("--model=linear", ["Paid Search", "Email"]),
        ("--model=last_touch", ["Email", "Paid Search"]),
        ("--model=linear --order-by=conversions", ["Paid Search", "Email"]),
        ("--model=linear --order-by=key", ["Email", "Paid Search"]),
        ("--model=linear --order-by=value", ["Email", "Paid Search"]),
        ("--model=first_touch --order-by=value", ["Paid Search"]),
        ("--model=linear --first=1", ["Paid Search", "other"]),
        ("--model=linear --first=1 --order-by=value", ["Email", "other"]),
        ("--model=linear --first=0", ["other"]),
        ("--model=linear --first=1000", ["Paid Search", "Email"]),
    ],
)
def test_keys_are_ordered_and_limited(arguments: str, keys: list[str]) -> None:
    rows = json.loads(run("--format=json", *arguments.split()))["rows"]
    found = dict.fromkeys("".join(row["key"]) or row["kind"] for row in rows if row["kind"] != "unattributed")
    assert list(found) == keys


@pytest.mark.parametrize("output_format", ["csv", "json"])
@pytest.mark.parametrize("arguments", ["", "--first=1", "--interval=day --tz=Asia/Tokyo", "--status=voided"])
def test_what_a_program_reads_adds_up_to_the_totals(output_format: str, arguments: str) -> None:
    models = ["--model=linear", "--model=time_decay", "--model=markov"]
    text = run(f"--format={output_format}", "--by=campaign", *models, *arguments.split())
    rows = list(csv.DictReader(StringIO(text, newline=""))) if output_format == "csv" else json.loads(text)["rows"]
    totals = json.loads(run("--format=json", "--by=campaign", *models, *arguments.split()))["totals"]
    for model in ("linear", "time_decay", "markov"):
        for total in totals:
            mine = [row for row in rows if row["model"] == model and (row["currency"] or None) == total["currency"]]
            assert sum(Decimal(row["conversions"]) for row in mine) == total["conversions"]
            assert sum(Decimal(row["value"] or 0) for row in mine) == Decimal(total["value"] or 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            "--model=liner",
            "--model: 'liner' is neither an attribution model nor the name of one: first_touch, last_touch, ",
        ),
        ("--model=linear --model=linear", "--model: models names 'linear' twice."),
        ("--by=chanel", "--by: Unknown dimension 'chanel'. Known: channel, source,"),
        ("--by=source --by=source", "--by: by names a dimension twice."),
        ("--interval=year", "--interval: interval must be one of day, week, month, not 'year'."),
        ("--tz=Mars", "--tz: tz must be the IANA name of a time zone such as Europe/Paris, not 'Mars'."),
        ("--window-days=x", "--window-days: Enter a whole number."),
        ("--window-days=3651", "--window-days: Ensure this value is less than or equal to 3650."),
        ("--window-days=-1", "--window-days: Ensure this value is greater than or equal to 0."),
        ("--source-window=google", "--source-window: 'google' must be SOURCE=DAYS, such as google=14."),
        ("--source-window==3", "--source-window: '=3' must be SOURCE=DAYS"),
        ("--source-window=google=ten", "--source-window: 'google=ten' must be a whole number of days."),
        ("--source-window=google=9999", "--source-window: source_windows['google'] must be a whole number of days"),
        ("--source-window=a=1 --source-window=a=2", "--source-window: The source 'a' is named twice."),
        ("--source-window=a=1 --source-window=A=2", "--source-window: source_windows names the source 'a' twice."),
        ("--credited-to=Email", "--credited-to: 'Email' must be DIMENSION=VALUE, such as channel=Paid Search."),
        ("--credited-to=event=x", "--credited-to: 'event' cannot be asked for. Known: channel, source,"),
        ("--credited-to=kind=nobody", "--credited-to: kind must be attributed or unattributed, once."),
        ("--credited-to=kind=other", "--credited-to: kind must be attributed or unattributed, not 'other'."),
        ("--credited-to=source=x --model=markov", "--credited-to: markov credits keys and not touches"),
        ("--first=1001", "--first: Ensure this value is less than or equal to 1000."),
        ("--first=-1", "--first: Ensure this value is greater than or equal to 0."),
        ("--order-by=best", "--order-by: Known orders: conversions, value, key; not best."),
        ("--status=paid", "--status: Select a valid choice. paid is not one of the available choices."),
        (
            "--currency=QQQ",
            "--currency: currency must be an ISO 4217 currency code such as USD, EUR or JPY, not 'QQQ'.",
        ),
        ("--event=a\x00b", "--event: Null characters are not allowed."),
        ("--event=a\x01b", "--event: value must be text of 1 to 255 characters without control characters"),
        (
            "--since=yesterday",
            "--since: Enter a day such as 2026-01-31, or an instant such as 2026-01-31T14:00:00+01:00.",
        ),
        ("--until=2026-02-30", "--until: Enter a day such as"),
        ("--since=2026-01-01 --until=x", "--until: Enter a day such as"),
        ("--since=x --until=x", "--since, --until: Enter a day such as"),
        ("--until=0001-01-01 --tz=Asia/Tokyo", "--until: The date lies outside the calendar."),
        ("--since=2026-10-25T02:30 --tz=Europe/Paris", "--since: 2026-10-25 02:30:00 couldn\u2019t be interpreted"),
        ("--format=xml", "argument --format: invalid choice: 'xml'"),
        ("--database=elsewhere", "--database: 'elsewhere' is not one of default."),
    ],
)
def test_a_refusal_names_the_option(arguments: str, said: str) -> None:
    assert said in refusal(*arguments.split(" "))


def test_everything_that_cannot_be_used_is_told_at_once() -> None:
    said = refusal("--tz=Mars", "--currency=QQQ", "--first=x").split("\n")
    assert [line.partition(":")[0] for line in said] == ["--tz", "--first", "--currency"]


def test_any_number_of_keys_can_be_ordered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_attribution.report_rows.MAX_KEYS", 1)
    by_name = [row["key"] for row in json.loads(run("--order-by=key", "--format=json"))["rows"] if row["key"]]
    assert len(by_name) > 1
    assert by_name == sorted(by_name)


class HalfModel:
    """A model that loses half of every conversion."""

    name = "half"
    description = "Half."

    def weights(self, journey: Any) -> list[Any]:
        """Return too little."""
        return [Decimal("0.5")] * min(1, len(journey.touches)) + [Decimal(0)] * (len(journey.touches) - 1)


def test_a_model_that_breaks_the_rules_is_told_and_not_a_traceback(settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"MODELS": {"HALF": HalfModel()}}
    assert "--model: The model 'half' must return" in refusal("--model=HALF")


def test_a_day_begins_where_the_clocks_say() -> None:
    at = datetime.fromisoformat
    for moment in ("2026-04-23T21:59:59Z", "2026-04-23T22:00:00Z"):  # Cairo skips this midnight
        Conversion.objects.record(event="night", occurred_at=at(moment))
    rows = json.loads(run("--format=json", "--since=2026-04-24", "--tz=Africa/Cairo", "--event=night"))["rows"]
    assert [row["conversions"] for row in rows] == ["1.000000"]


@pytest.mark.parametrize("output_format", ["table", "csv", "json"])
def test_an_empty_answer_says_what_to_do_where_people_read_it(output_format: str) -> None:
    said = run("--event=nothing", f"--format={output_format}")
    assert said == {
        "table": "No conversions match. Widen --since and --until, leave out --event, --currency and --credited-to, "
        "or name another --status.\n",
        "csv": "kind,channel,interval_start,currency,model,conversions,value\r\n",
        "json": json.dumps(
            {"models": ["last_touch"], "by": ["channel"], "interval": None, "rows": [], "totals": []}, indent=2
        ) + "\n",
    }[output_format]  # fmt: skip


def test_a_terminal_gets_colours_and_its_width_and_a_file_gets_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    terminal, file = Terminal(), StringIO()
    call_command("attribution_report", "--by=channel", "--by=campaign", stdout=terminal, force_color=True)
    monkeypatch.delenv("COLUMNS")
    call_command("attribution_report", stdout=file, force_color=True)
    assert "\x1b[" in terminal.getvalue()
    assert "conv." in terminal.getvalue()
    assert "\x1b[" not in file.getvalue()
    assert "conversions" in file.getvalue()


class TestProgress:
    @pytest.fixture(autouse=True)
    def _often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("django_attribution.reading.PROGRESS_EVERY", 1)

    def said(self, stderr: StringIO, **options: Any) -> str:
        call_command("attribution_report", stdout=StringIO(), stderr=stderr, **options)
        return stderr.getvalue()

    def test_a_quick_report_says_nothing(self) -> None:
        assert self.said(StringIO()) == self.said(Terminal()) == ""

    def test_a_slow_report_says_how_far_it_is_on_a_terminal_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(progress, "PATIENCE", -1)
        monkeypatch.setattr(progress, "STEADY", 0)
        clear = "\r\x1b[K"
        assert self.said(Terminal()) == "".join(f"{clear}{count} conversions read" for count in (1, 2, 3)) + clear
        assert self.said(StringIO()) == ""

    def test_it_is_told_everywhere_when_asked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.said(StringIO(), verbosity=2) == "1 conversions read\n3 conversions read.\n"
        monkeypatch.setattr(progress, "PATIENCE", 0)
        assert self.said(StringIO(), verbosity=2).count("\n") == 4


def test_it_reads_and_never_writes(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3) as captured:
        run()
    assert all(query["sql"].lstrip("( ").startswith(("SELECT", "DECLARE")) for query in captured)


def test_the_database_may_be_named() -> None:
    assert run("--database=default") == run()
