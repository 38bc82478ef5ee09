"""What only our worker runs: sums in SQL and reports."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django_attribution.aggregates import MoneySum
from django_attribution.attribution_models import last_touch
from django_attribution.models import Conversion
from django_attribution.report_rows import AttributionReport
from tests.benchmarks import questions, visits
from tests.benchmarks.clock import Clock

SIX = ("first_touch", "last_touch", "last_non_direct", "linear", "time_decay", "position_based")
TWO = ("last_touch", "linear")
KEYS = 100


def revenue_by_source(clock: Clock) -> Any:
    """Group by the credited source in SQL."""
    conversions = Conversion.objects.valid().with_attribution(last_touch).with_credited("source")
    by_source = conversions.values("credited_source", "currency")
    with clock.running():
        rows = list(by_source.annotate(revenue=MoneySum("value")))
    return [[row["credited_source"], row["currency"], str(row["revenue"])] for row in rows]


def six_models(clock: Clock) -> Any:
    """Put all models that credit single conversions side by side, in one call."""
    with clock.running():
        report = Conversion.objects.valid().attribution_report(SIX, ["source"])
    return _report_rows(report)


def two_models(clock: Clock) -> Any:
    """Ask for a report by campaign and week in Python."""
    with clock.running():
        report = Conversion.objects.valid().attribution_report(TWO, ["campaign"], interval="week").top(KEYS)
    return _report_rows(report)


OPERATIONS: dict[str, Callable[[Clock], Any]] = {
    **visits.OPERATIONS,
    **questions.OPERATIONS,
    "revenue by source": revenue_by_source,
    "six models": six_models,
}


def _report_rows(report: AttributionReport) -> list[list[Any]]:
    return [
        [
            row.kind, list(row.key), row.interval_start and second_text(row.interval_start), row.currency,
            row.model, number_text(row.conversions), number_text(row.value),
        ]
        for row in report.rows
    ]  # fmt: skip


def number_text(amount: object) -> str:
    """Write a number so that equal ones are equal as text."""
    return f"{Decimal(str(amount)).normalize():f}"


def second_text(instant: datetime) -> str:
    """Write an instant so that equal ones are equal as text, as far as every encoder keeps it."""
    return instant.astimezone(UTC).isoformat(timespec="seconds")
