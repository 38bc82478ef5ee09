"""The report: credited conversions and value by key, interval, currency and model, in rows that add up.

``attribution_report`` puts the parts together: reading.py reads, spans.py finds the journeys, the tallies count,
and report_sheet.py turns counts into rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypedDict, cast
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from django_attribution.attribution_models import markov
from django_attribution.credit_filter import KEEP_ALL, CreditFilter
from django_attribution.dimensions import clean_dimensions
from django_attribution.exceptions import InvalidArgument
from django_attribution.intervals import clean_interval, clean_zone
from django_attribution.model_names import Model, report_models
from django_attribution.reading import Reading
from django_attribution.refusals import shown
from django_attribution.report_rows import AttributionReport
from django_attribution.report_sheet import Sheet
from django_attribution.spans import spans_of
from django_attribution.tallies import tally_of
from django_attribution.windows import DEFAULT_DAYS, AttributionWindow


class ReportOptions(TypedDict, total=False):
    """How a report is asked for, beside models and dimensions."""

    interval: str | None
    tz: str | ZoneInfo
    window_days: int
    source_windows: Mapping[str, int] | None
    exclude_direct: bool
    credited_to: CreditFilter | None
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
    credited_to: CreditFilter | None = None,
    progress: Callable[[int], None] | None = None,
) -> AttributionReport:
    """Return credited conversions and value, reading each row once; see ``ConversionQuerySet.attribution_report``."""
    named, dimensions = report_models(models), clean_dimensions(by)
    kept = KEEP_ALL if credited_to is None else credited_to
    if not isinstance(cast(object, kept), CreditFilter):
        raise InvalidArgument("credited_to", f"credited_to must be a CreditFilter, not {shown(kept)}.")
    if markov in named.values() and not set(kept.dimensions) <= set(dimensions):
        raise InvalidArgument(
            "credited_to", "markov credits keys and not touches: group by every dimension that credit is kept by."
        )
    sheet = Sheet(dimensions, kept, interval=clean_interval(interval), zone=clean_zone(tz))
    tallies = {name: tally_of(model) for name, model in named.items()}
    reading = Reading(
        window=AttributionWindow.of(window_days, source_windows),
        exclude_direct=exclude_direct,
        dimensions=sheet.touch_dimensions,
        number_key=sheet.number_key,
        interval_of=sheet.interval_of,
        number_group=sheet.number_group,
        needs_touches=any(tally.needs_touches for tally in tallies.values()),
        needs_directness=any(tally.needs_directness for tally in tallies.values()),
        needs_everyone=any(tally.needs_everyone for tally in tallies.values()),
        progress=progress,
    )
    for histories in reading.histories(conversions):
        spans = spans_of(histories)
        earned = [span for span in spans if span.length]
        sheet.count(spans)
        for tally in tallies.values():
            tally.add(histories, earned)
    for tally in tallies.values():
        tally.finish()
    report = AttributionReport(
        models=tuple(named),
        additive=frozenset(name for name, tally in tallies.items() if tally.is_additive),
        by=dimensions,
        interval=sheet.interval,
        rows=tuple(sheet.rows(tallies)),
        totals=tuple(sheet.totals()),
    )
    return report.ordered()
