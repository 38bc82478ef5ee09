"""The report: credited conversions and value by key, interval, currency and model, in rows that add up.

``attribution_report`` puts the parts together: histories.py reads, spans.py finds the journeys, crediting.py counts,
and report_sheet.py turns counts into rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal, TypedDict, get_args
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from django_attribution.attribution_models import markov
from django_attribution.chain_tally import MarkovTally
from django_attribution.credit_filter import KEEP_ALL, CreditFilter, CreditKind
from django_attribution.crediting import JourneyTally, tally_of
from django_attribution.dimensions import clean_dimensions
from django_attribution.exceptions import InvalidArgument
from django_attribution.histories import Reading
from django_attribution.intervals import Interval, clean_interval, clean_zone
from django_attribution.model_names import Model, report_models
from django_attribution.report_sheet import ReportRow, ReportTotal, Sheet, in_order
from django_attribution.spans import spans_of
from django_attribution.windows import DEFAULT_DAYS, AttributionWindow

MAX_KEYS = 1000  # of a limited report
ReportOrder = Literal["conversions", "value", "key"]


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

        What is left over becomes an OTHER row for each interval, currency and model; under participation that row
        counts a conversion once for each of its keys. Keys are ordered by what the first model credits to them:
        conversions, or value (in the currency of most conversions, then the next), or by name. Raises
        ``InvalidArgument`` for a number outside 0 to 1000.
        """
        if not 0 <= first <= MAX_KEYS:
            raise InvalidArgument("first", f"first must be from 0 to {MAX_KEYS} keys, not {first}.")
        if order_by not in get_args(ReportOrder):
            known = ", ".join(get_args(ReportOrder))
            raise InvalidArgument("order_by", f"order_by must be one of {known}, not {str(order_by)[:40]!r}.")
        attributed = [row for row in self.rows if row.kind is CreditKind.ATTRIBUTED]
        keys = self._ordered_keys(attributed, order_by, is_descending=is_descending)
        place = {key: number for number, key in enumerate(keys[:first])}
        left_over: dict[tuple[datetime | None, str | None, str], ReportRow] = {}
        for row in attributed:
            if row.key not in place:
                cell = (row.interval_start, row.currency, row.model)
                other = left_over.get(cell)
                left_over[cell] = replace(row, kind=CreditKind.OTHER, key=()) if other is None else other.plus(row)
        kept = sorted((row for row in attributed if row.key in place), key=lambda row: place[row.key])
        unattributed = [row for row in self.rows if row.kind is CreditKind.UNATTRIBUTED]
        others = sorted(left_over.values(), key=lambda row: in_order((row.interval_start, row.currency or "")))
        return replace(self, rows=(*kept, *others, *unattributed))

    def _ordered_keys(
        self, rows: Sequence[ReportRow], order_by: ReportOrder, *, is_descending: bool
    ) -> list[tuple[str, ...]]:
        keys = sorted({row.key for row in rows})
        if order_by == "key":
            return keys[::-1] if is_descending else keys
        currencies = [total.currency for total in sorted(self.totals, key=lambda total: -total.conversions)]
        amounts = {key: [Fraction(0)] * (1 if order_by == "conversions" else len(currencies)) for key in keys}
        for row in rows:
            if row.model == self.models[0]:
                if order_by == "conversions":
                    amounts[row.key][0] += Fraction(row.conversions)
                else:
                    amounts[row.key][currencies.index(row.currency)] += Fraction(row.value or 0)
        # Sorting is stable: keys that are equal stay in the order of their names, either way.
        return sorted(keys, key=lambda key: [-amount if is_descending else amount for amount in amounts[key]])


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
    conversions: QuerySet[Any],
    *,
    models: Iterable[Model | str] | Mapping[str, Model | str],
    by: Iterable[str] = (),
    interval: str | None = None,
    tz: str | ZoneInfo = "UTC",
    window_days: int = DEFAULT_DAYS,
    source_windows: Mapping[str, int] | None = None,
    exclude_direct: bool = False,
    credited_to: CreditFilter = KEEP_ALL,
    progress: Callable[[int], None] | None = None,
) -> AttributionReport:
    """Return credited conversions and value, reading each row once; see ``ConversionQuerySet.attribution_report``."""
    named, dimensions = report_models(models), clean_dimensions(by)
    if markov in named.values() and not set(credited_to.dimensions) <= set(dimensions):
        raise InvalidArgument(
            "credited_to", "markov credits keys and not touches: group by every dimension that credit is kept by."
        )
    sheet = Sheet(dimensions, credited_to, interval=clean_interval(interval), zone=clean_zone(tz))
    tallies = {name: tally_of(model) for name, model in named.items()}
    reading = Reading(
        window=AttributionWindow(window_days, {} if source_windows is None else source_windows),
        exclude_direct=exclude_direct,
        dimensions=sheet.touch_dimensions,
        number_key=sheet.number_key,
        number_group=sheet.number_group,
        needs_touches=any(isinstance(tally, JourneyTally) for tally in tallies.values()),
        needs_everyone=any(isinstance(tally, MarkovTally) for tally in tallies.values()),
        progress=progress,
    )
    for history in reading.histories(conversions):
        spans = spans_of(history)
        earned = [span for span in spans if span.length]
        sheet.count(spans)
        for tally in tallies.values():
            tally.add(history, earned)
    for tally in tallies.values():
        tally.finish()
    rows = sheet.rows(tallies)
    return AttributionReport(
        models=tuple(named), by=dimensions, interval=sheet.interval, rows=tuple(rows), totals=tuple(sheet.totals())
    )
