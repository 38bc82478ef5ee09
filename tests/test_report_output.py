"""A report as text: the table says everything once, fits the terminal, and CSV and JSON give back what was reported."""

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

import pytest

from django_attribution.credit_filter import CreditKind
from django_attribution.intervals import Interval
from django_attribution.report_output import csv_lines, json_text, table_of
from django_attribution.report_rows import AttributionReport, ReportRow, ReportTotal
from django_attribution.terminal_table import columns_of, cut, printable, terminal_lines

LONG = "2026_summer_sale_across_all_of_europe_and_beyond_de_01"
FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "|calc",
    "%0",
    "\t=1+1",
    "\r=1+1",
    "\n=1",
    "\tplain",
    " =1",
    "\u00a0-1+x",
]
FORMULAS += ["\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20x"]  # wide = + - @
PLAIN = [
    "(not set)",
    "(other)",
    "a=b",
    "brand",
    "sommer-sale",
    "Été 2026",
    "夏のセール",
    "ends with =",
    "'quoted'",
    'a "b", c',
    "0.5%",
]


def row(key: Iterable[str] = (), *, kind: str = "attributed", model: str = "linear", **changes: object) -> ReportRow:
    facts: dict[str, object] = {
        "interval_start": None, "currency": "EUR", "conversions": Decimal("1.500000"), "value": Decimal("1234.50")
    }  # fmt: skip
    return ReportRow(kind=CreditKind(kind), key=tuple(key), model=model, **{**facts, **changes})  # type: ignore[arg-type]


def report(*rows: ReportRow, by: Iterable[str] = ("campaign",), interval: Interval | None = None) -> AttributionReport:
    """Return a report whose totals are the sums of its rows under the first model."""
    models = tuple(dict.fromkeys(one.model for one in rows))
    totals = []
    for currency in dict.fromkeys(one.currency for one in rows):
        mine = [one for one in rows if one.currency == currency and one.model == models[0]]
        value = sum((one.value or Decimal(0) for one in mine), Decimal(0)) if currency else None
        conversions = int(sum(one.conversions for one in mine))
        totals.append(ReportTotal(currency=currency, conversions=conversions, value=value))
    return AttributionReport(
        models=models,
        additive=frozenset(models) - {"participation"},
        by=tuple(by),
        interval=interval,
        rows=rows,
        totals=tuple(totals),
    )


def wide(campaign: str = LONG) -> AttributionReport:
    """Return three models by channel and campaign, one of which does not add up."""
    keys = [
        ("attributed", ("Paid Search", campaign)),
        ("attributed", ("Email", "夏のキャンペーン")),
        ("other", ()),
        ("unattributed", ()),
    ]
    models = ("linear", "participation", "last_touch")
    return report(
        *(row(key, kind=kind, model=model) for kind, key in keys for model in models), by=("channel", "campaign")
    )


def laid_out(asked: AttributionReport, width: int | None = None) -> str:
    return "\n".join(line for _, line in terminal_lines(table_of(asked), width=width))


GOLDEN = """\
                                                           linear          participation             last_touch
channel         campaign          currency  conversions     value  conversions     value  conversions     value
--------------  ----------------  --------  -----------  --------  -----------  --------  -----------  --------
Paid Search     brand_de          EUR               1.5  1,234.50          1.5  1,234.50          1.5  1,234.50
Email           夏のキャンペーン  EUR               1.5  1,234.50          1.5  1,234.50          1.5  1,234.50
(other)                           EUR               1.5  1,234.50          1.5  1,234.50          1.5  1,234.50
(unattributed)                    EUR               1.5  1,234.50          1.5  1,234.50          1.5  1,234.50
total                             EUR               6.0  4,938.00                                 6.0  4,938.00"""


class TestTable:
    def test_models_stand_side_by_side(self) -> None:
        assert laid_out(wide("brand_de"), 120) == GOLDEN

    def test_models_that_do_not_fit_stand_below(self) -> None:
        text = laid_out(wide(), 80)
        assert [line.split() for line in text.split("\n") if "last_touch" in line or "linear" in line] == [
            ["linear"],
            ["last_touch"],
        ]
        assert text.count("\n\n") == 2
        assert "2026_summer_sal…d_de_01" not in text.replace(LONG, "")
        assert max(map(columns_of, text.split("\n"))) == 80

    @pytest.mark.parametrize("width", [56, 80, 100, 120, 200])
    def test_no_line_is_wider_than_the_terminal(self, width: int) -> None:
        assert max(map(columns_of, laid_out(wide(), width).split("\n"))) <= width

    def test_forty_columns_hold_a_report_by_channel(self) -> None:
        asked = report(row(["Paid Search"]), row(kind="unattributed"), by=["channel"])
        assert laid_out(asked, 40).split("\n") == [
            f"{'linear':>40}",
            "channel        currency  conv.     value",
            "-------------  --------  -----  --------",
            "Paid Search    EUR         1.5  1,234.50",
            "(unattri…ted)  EUR         1.5  1,234.50",
            "total          EUR         3.0  2,469.00",
        ]

    def test_numbers_are_never_cut(self) -> None:
        asked = report(row([LONG], value=Decimal("123456789012.34"), conversions=Decimal("1234567.000001")))
        assert "1,234,567.000001  123,456,789,012.34" in laid_out(asked, 20)

    def test_nothing_is_cut_where_there_is_no_width(self) -> None:
        assert LONG * 10 in laid_out(report(row([LONG * 10])))

    def test_as_many_digits_are_shown_as_say_it_exactly(self) -> None:
        asked = report(
            row(["a"], conversions=Decimal("0.333333")),
            row(["a"], model="last_touch", conversions=Decimal("12.000000")),
            row(["b"], conversions=Decimal("11.666667")),
            row(["b"], model="last_touch", conversions=Decimal("0.000000")),
        )  # fmt: skip
        cells = [line.cells for line in table_of(asked).lines]
        assert [[conversions for conversions, _ in line] for line in cells] == [["0.333333", "12"], ["11.666667", "0"]]

    def test_a_currency_has_its_digits_and_no_value_is_said(self) -> None:
        asked = report(row(["a"], currency="JPY", value=Decimal(1500)), row(["a"], currency=None, value=None))
        assert [(line.labels, line.cells[0][1]) for line in table_of(asked).lines] == [
            (("a", "JPY"), "1,500"), (("a", "no value"), "")
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("interval", "label"), [("day", "2026-03-01"), ("week", "2026-03-01"), ("month", "2026-03")]
    )
    def test_an_interval_is_named_by_its_local_date(self, interval: str, label: str) -> None:
        start = datetime(2026, 3, 1, tzinfo=ZoneInfo("Asia/Tokyo"))
        asked = report(row(["a"], interval_start=start), interval=Interval(interval))
        assert table_of(asked).columns == ("campaign", interval, "currency")
        assert table_of(asked).lines[0].labels == ("a", label, "EUR")

    def test_credit_that_is_not_broken_down_has_a_line(self) -> None:
        table = table_of(report(row(), row(kind="unattributed"), by=()))
        assert [line.labels for line in (*table.lines, *table.totals)] == [
            ("(attributed)", "EUR"), ("(unattributed)", "EUR"), ("total", "EUR")
        ]  # fmt: skip

    def test_what_is_shown_is_told_apart_from_the_total_where_credit_was_left_out(self) -> None:
        asked = report(row(["a"]))
        left_out = AttributionReport(
            models=asked.models, additive=asked.additive, by=asked.by, interval=None, rows=asked.rows,
            totals=(ReportTotal(currency="EUR", conversions=4, value=Decimal("9000.00")),),
        )  # fmt: skip
        totals = [(line.labels, line.cells) for line in table_of(left_out).totals]
        assert totals == [(("shown", "EUR"), (("1.5", "1,234.50"),)), (("total", "EUR"), (("4.0", "9,000.00"),))]

    def test_sums_do_not_depend_on_the_precision_of_the_host(self) -> None:
        asked = report(row(["a"], value=Decimal("123456.78")), row(["b"], value=Decimal("0.01")))
        with localcontext(prec=3):
            assert [line.labels[0] for line in table_of(asked).totals] == ["total"]

    def test_a_key_cannot_command_the_terminal(self) -> None:
        text = laid_out(report(row(["a\x1b[31mred\r\nb\u202ec\x00"])))
        assert "a�[31mred��b�c�" in text

    def test_totals_and_headings_are_told_from_lines(self) -> None:
        roles = [role for role, _ in terminal_lines(table_of(report(row(["a"], conversions=Decimal(2)))))]
        assert roles == ["heading", "heading", "heading", "line", "total"]


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        ("brand", 5, "brand"),
        ("brands", 5, "bran…"),
        (LONG, 20, "2026_summer_s…_de_01"),
        ("夏のセール", 10, "夏のセール"),
        ("夏のセール", 9, "夏のセー…"),
        ("夏のセール", 8, "夏のセ…"),
        ("e\u0301te\u0301", 3, "e\u0301te\u0301"),
        ("brand", 1, "…"),
    ],
)
def test_text_is_cut_by_the_columns_it_takes(text: str, to: int, expected: str) -> None:
    assert cut(text, to=to) == expected
    assert columns_of(cut(text, to=to)) <= to


def test_what_can_be_printed_stays() -> None:
    assert [printable(text) for text in PLAIN] == PLAIN


def read(lines: Iterable[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(lines))


class TestCsv:
    def test_one_line_for_each_row_and_none_for_totals(self) -> None:
        assert "".join(csv_lines(wide())).split("\r\n")[:4] == [
            "kind,channel,campaign,interval_start,currency,model,conversions,value",
            f"attributed,Paid Search,{LONG},,EUR,linear,1.500000,1234.50",
            f"attributed,Paid Search,{LONG},,EUR,participation,1.500000,1234.50",
            f"attributed,Paid Search,{LONG},,EUR,last_touch,1.500000,1234.50",
        ]
        assert len(read(csv_lines(wide()))) == len(wide().rows)

    @pytest.mark.parametrize("campaign", FORMULAS)
    def test_a_formula_is_text(self, campaign: str) -> None:
        _, line = csv.reader(csv_lines(report(row([campaign]))))
        assert line[1].startswith("'")
        assert line[1].lstrip("'").replace("\\|", "|") == campaign

    @pytest.mark.parametrize("sign", ["=", "+", "-", "@", " =", "\uff1d"])
    @pytest.mark.parametrize("separator", [";", "\t"])
    def test_a_formula_behind_what_stands_between_cells_elsewhere_is_text(self, separator: str, sign: str) -> None:
        _, line = csv.reader(csv_lines(report(row([f"a{separator}{sign}1+1"]))))
        assert line[1] == f"a{separator}'{sign}1+1"

    @pytest.mark.parametrize("campaign", PLAIN)
    def test_a_name_that_is_no_formula_stays_as_it_is(self, campaign: str) -> None:
        assert read(csv_lines(report(row([campaign]))))[0]["campaign"] == campaign

    @pytest.mark.parametrize("number", ["0.000000", "-1.500000", "1E+3", "0E-6", "123456789012345.000001"])
    def test_numbers_stay_numbers(self, number: str) -> None:
        [line] = read(csv_lines(report(row(["a"], conversions=Decimal(number), value=Decimal(number)))))
        assert "E" not in line["conversions"]
        assert Decimal(line["conversions"]) == Decimal(line["value"]) == Decimal(number)

    def test_an_interval_is_a_date_that_spreadsheets_know(self) -> None:
        asked = report(row(["a"], interval_start=datetime(2026, 3, 1, tzinfo=UTC)), interval=Interval.MONTH)
        assert read(csv_lines(asked))[0]["interval_start"] == "2026-03-01"

    def test_lines_come_one_by_one(self) -> None:
        lines = csv_lines(wide())
        assert next(lines).startswith("kind,")
        assert next(lines).count("\r\n") == 1


def test_json_gives_the_report_back() -> None:
    start = datetime(2026, 3, 1, tzinfo=ZoneInfo("Europe/Paris"))
    asked = report(
        row(['=a "b" \u202e\x00夏'], interval_start=start),
        row(kind="unattributed", currency=None, value=None, interval_start=start),
        interval=Interval.WEEK,
    )
    said = json.loads(json_text(asked))
    rows = [
        ReportRow(
            kind=CreditKind(one["kind"]), key=tuple(one["key"]), model=one["model"], currency=one["currency"],
            interval_start=datetime.fromisoformat(one["interval_start"]), conversions=Decimal(one["conversions"]),
            value=None if one["value"] is None else Decimal(one["value"]),
        )
        for one in said["rows"]
    ]  # fmt: skip
    assert tuple(rows) == asked.rows
    assert (said["models"], said["by"], said["interval"]) == (["linear"], ["campaign"], "week")
    assert said["totals"] == [
        {"currency": "EUR", "conversions": 1, "value": "1234.50"}, {"currency": None, "conversions": 1, "value": None}
    ]  # fmt: skip
    assert json_text(asked).isascii()
