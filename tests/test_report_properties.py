"""Whatever visitors did and however a report is asked for: it says what the rules say, and its rows add up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from django_attribution.credit_filter import CreditFilter, CreditKind
from django_attribution.models import Conversion
from django_attribution.report_rows import AttributionReport
from tests.report_oracle import (
    RULES,
    Rising,
    Row,
    World,
    cell_of,
    given_by_rules,
    keeps,
    key_of,
    rows_of,
    store,
    summed,
    totals_of,
    undone,
)
from tests.sizes import sized
from tests.strategies import QUICK_WITH_DATABASE, ConversionFacts, ReportQuestion, report_questions

MODELS = (*RULES, "participation", "markov")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_model() -> Iterable[None]:
    """Have a model of our own, by name."""
    with override_settings(DJANGO_ATTRIBUTION={"MODELS": {"RISING": Rising()}}):
        yield


def models_for(question: ReportQuestion) -> st.SearchStrategy[list[str]]:
    """Draw the models of a report, in any order; markov does not tell apart what is not in the breakdown."""
    is_told_apart = {*question.credited_to} - {"kind"} <= {*question.by}
    return st.permutations([name for name in MODELS if is_told_apart or name != "markov"])


def report_of(question: ReportQuestion, models: Iterable[str]) -> AttributionReport:
    """Ask for the report."""
    return Conversion.objects.attribution_report(
        models,
        question.by,
        **question.reach,
        interval=question.interval,
        tz=question.tz,
        credited_to=CreditFilter(
            **{name: CreditKind(given) if name == "kind" else given for name, given in question.credited_to.items()}
        ),
    )


def written(report: AttributionReport) -> list[Row]:
    """Return the rows of a report in the form that the oracle writes."""
    return [
        Row(row.kind, row.key, row.interval_start, row.currency, row.model, row.conversions, row.value)
        for row in report.rows
    ]


def written_totals(report: AttributionReport) -> list[tuple[str | None, int, Decimal | None]]:
    """Return the totals of a report in the form that the oracle writes."""
    return [(total.currency, total.conversions, total.value) for total in report.totals]


def assert_adds_up(report: AttributionReport, question: ReportQuestion, world: World) -> None:
    """Sum up rows by currency and model, and within each interval: nothing is missing and nothing is too much."""
    selected: dict[tuple[datetime | None, str | None], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for converted in world.conversions:
        amounts = selected[cell_of(question, converted.facts)]
        amounts[0] += 1
        amounts[1] += converted.value
    for model in set(report.models) - {"participation"}:
        found: dict[tuple[datetime | None, str | None], list[Fraction]] = defaultdict(
            lambda: [Fraction(0), Fraction(0)]
        )
        for row in report.rows:
            if row.model == model:
                amounts = found[row.interval_start, row.currency]
                amounts[0] += Fraction(row.conversions)
                amounts[1] += Fraction(row.value or 0)
        assert found == selected, model
        for total in report.totals:
            cells = [amounts for (_, currency), amounts in found.items() if currency == total.currency]
            assert sum(conversions for conversions, _ in cells) == total.conversions
            assert sum(value for _, value in cells) == (total.value or 0)


def assert_says_what_the_rules_say(question: ReportQuestion, models: list[str]) -> None:
    """Store what a question is about, ask it, and work it out."""
    with undone():
        world = store(question)
        report = report_of(question, models)
        assert (report.models, report.by) == (tuple(models), question.by)
        expected = rows_of(question, world, {model: given_by_rules(question, world, model) for model in models})
        assert written(report) == expected
        assert written_totals(report) == totals_of(world)
        if not question.credited_to:
            assert_adds_up(report, question, world)
            for first in (0, 1, 3):
                for order_by in ("conversions", "value", "key"):
                    assert_adds_up(report.top(first, order_by=order_by), question, world)


@QUICK_WITH_DATABASE
@given(st.data(), report_questions())
def test_a_report_says_what_the_rules_say_and_adds_up(data: st.DataObject, question: ReportQuestion) -> None:
    assert_says_what_the_rules_say(question, data.draw(models_for(question)))


def given_by_conversions(question: ReportQuestion, model: str) -> Any:
    """Sum up the credits that conversions show one by one."""
    credits_ = []
    for conversion in Conversion.objects.with_attribution(model, **question.reach):
        amount = None if conversion.value is None else (str(conversion.value), conversion.currency)
        facts = ConversionFacts(conversion.created_at, conversion.event, amount)
        for part in conversion.attribution_credits:
            key = key_of(question, part.dimensions, conversion.event)
            value = part.weight * Fraction(conversion.value or 0)
            credits_.append((cell_of(question, facts), key, keeps(question, part.dimensions), part.weight, value))
    return summed(credits_)


@settings(QUICK_WITH_DATABASE, max_examples=sized(60, long=3_000))
@given(report_questions())
def test_a_report_is_the_sum_of_what_each_conversion_shows(question: ReportQuestion) -> None:
    with undone():
        world = store(question)
        shown: Mapping[str, Any] = {model: given_by_conversions(question, model) for model in RULES}
        assert written(report_of(question, list(RULES))) == rows_of(question, world, shown)
