"""The report: credited conversions and value by key, interval, currency and model, in rows that add up.

``AttributionReport`` is what callers get; how credit is counted is the subject of crediting.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypedDict
from zoneinfo import ZoneInfo

from django_attribution.credit_filter import KEEP_ALL, CreditFilter, CreditKind
from django_attribution.intervals import Interval
from django_attribution.model_names import Model

if TYPE_CHECKING:
    from django_attribution.querysets import ConversionQuerySet

MAX_KEYS = 1000  # of a limited report
ReportOrder = Literal["conversions", "value", "key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """What one model credits to one key, in one interval and currency."""

    kind: CreditKind
    key: tuple[str, ...]  # a value for each dimension asked for, in order; empty unless the kind is attributed
    interval_start: datetime | None  # local midnight in the report's time zone; None without an interval
    currency: str | None  # None for conversions without a value
    model: str
    conversions: Decimal  # six digits
    value: Decimal | None  # in the currency, to its minor unit


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTotal:
    """Everything that was selected in one currency, whoever earned it."""

    currency: str | None
    conversions: int
    value: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionReport:
    """Rows and totals.

    Under every model but participation the rows, the unattributed ones included, add up to the totals exactly, per
    currency and, with an interval, within each one. Every key has a row for each model. Rows are ordered by key
    (most conversions under the first model first), interval, currency and model; those of no key come last.
    """

    models: tuple[str, ...]
    by: tuple[str, ...]
    interval: Interval | None
    rows: tuple[ReportRow, ...]
    totals: tuple[ReportTotal, ...]

    def top(
        self, first: int, *, order_by: ReportOrder = "conversions", is_descending: bool = True
    ) -> AttributionReport:
        """Return the report with the first so many keys, the others as one, so that it still adds up.

        What is left over becomes an OTHER row for each interval, currency and model. Keys are ordered by what the
        first model credits to them: conversions, or value (in the currency of most conversions, then the next), or
        by name.
        """
        raise NotImplementedError


class ReportOptions(TypedDict, total=False):
    """How a report is asked for, beside models and dimensions."""

    interval: str | None
    tz: str | ZoneInfo
    window_days: int
    source_windows: Mapping[str, int] | None
    exclude_direct: bool
    credited_to: CreditFilter
    progress: Callable[[int], None] | None  # called now and then with the conversions read so far


def attribution_report(
    conversions: ConversionQuerySet,
    *,
    models: Iterable[Model | str] | Mapping[str, Model],
    by: Iterable[str] = (),
    interval: str | None = None,
    tz: str | ZoneInfo = "UTC",
    window_days: int = 30,
    source_windows: Mapping[str, int] | None = None,
    exclude_direct: bool = False,
    credited_to: CreditFilter = KEEP_ALL,
    progress: Callable[[int], None] | None = None,
) -> AttributionReport:
    """Return credited conversions and value."""
    raise NotImplementedError
