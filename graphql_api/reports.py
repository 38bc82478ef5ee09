"""What the API shows of a report. The package's rows are one per model; here a row has its models side by side."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby

import strawberry

from django_attribution import report_rows
from django_attribution.report_rows import ReportRow
from graphql_api.model_enums import ReportModel
from graphql_api.report_inputs import AttributionDimension, CreditKind
from graphql_api.scalars import CurrencyCode
from graphql_api.types import Money


@strawberry.type(description="One value of a row's key.")
class DimensionValue:
    """A dimension and what it says."""

    dimension: AttributionDimension = strawberry.field(description="One of the dimensions asked for.")
    value: str = strawberry.field(description="Its value; `(not set)` for a touch that says nothing.")


@strawberry.type(description="What one model credits to a row's key.")
class AttributionResult:
    """A cell of the report."""

    model: ReportModel = strawberry.field(description="The model that gave the credit.")
    conversions: Decimal = strawberry.field(description="Credited conversions, with six digits.")
    value: Money | None = strawberry.field(description="Credited value; null for conversions without a value.")


@strawberry.type(description="One row per key, interval and currency.")
class AttributionReportRow:
    """A key in one interval and currency, with the models side by side."""

    kind: CreditKind = strawberry.field(description="Whom the row speaks of.")
    key: list[DimensionValue] = strawberry.field(
        description="A value for each dimension of groupBy, in its order; empty unless the kind is ATTRIBUTED."
    )
    interval_start: datetime | None = strawberry.field(
        description="The instant at which the interval begins in the report's time zone; null without an interval."
    )
    currency: CurrencyCode | None = strawberry.field(
        description="The currency of the row's values; null for conversions without a value."
    )
    results: list[AttributionResult] = strawberry.field(description="One for each model, in the order asked for.")


@strawberry.type(description="All that was selected in one currency, whoever earned it.")
class AttributionTotal:
    """A line below the report."""

    currency: CurrencyCode | None = strawberry.field(description="The currency; null for conversions without a value.")
    conversions: int = strawberry.field(description="How many conversions.")
    value: Money | None = strawberry.field(description="What they are worth; null for those without a value.")


@strawberry.type(description="Credited conversions and value.")
class AttributionReport:
    """Rows that add up to the totals, unless credit was filtered or the model is not additive."""

    rows: list[AttributionReportRow] = strawberry.field(
        description="Ordered by key, interval and currency; what went to OTHER keys and to nobody comes last."
    )
    totals: list[AttributionTotal] = strawberry.field(
        description="Everything that matched `where`, whatever it was credited to. Without creditedTo, rows add up "
        "to these under every additive model."
    )

    @classmethod
    def of(cls, report: report_rows.AttributionReport) -> AttributionReport:
        """Return the API's words for a report."""
        return cls(
            rows=[_row(report, list(cells)) for _, cells in groupby(report.rows, key=_place)],
            totals=[
                AttributionTotal(
                    currency=_code(total.currency),
                    conversions=total.conversions,
                    value=_money(total.value, total.currency),
                )
                for total in report.totals
            ],
        )


def _place(row: ReportRow) -> tuple[object, ...]:
    return row.kind, row.key, row.interval_start, row.currency


def _row(report: report_rows.AttributionReport, cells: list[ReportRow]) -> AttributionReportRow:
    by_model = {cell.model: cell for cell in cells}
    one = cells[0]
    return AttributionReportRow(
        kind=CreditKind(one.kind.value),
        key=[
            DimensionValue(dimension=AttributionDimension(dimension), value=value)
            for dimension, value in zip(report.by, one.key, strict=False)  # no key but that of an attributed row
        ],
        interval_start=None if one.interval_start is None else one.interval_start.astimezone(UTC),
        currency=_code(one.currency),
        results=[
            AttributionResult(
                model=ReportModel(model),
                conversions=by_model[model].conversions,
                value=_money(by_model[model].value, one.currency),
            )
            for model in report.models
        ],
    )


def _code(currency: str | None) -> CurrencyCode | None:
    return None if currency is None else CurrencyCode(currency)


def _money(amount: Decimal | None, currency: str | None) -> Money | None:
    """Return money that already has the digits of its currency."""
    return None if amount is None or currency is None else Money(amount=amount, currency=CurrencyCode(currency))
