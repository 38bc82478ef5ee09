"""Who earned conversions, as callers ask for it: what a queryset of conversions answers, and what each one says.

The answers are made elsewhere: credited.py fetches, credits.py shares, reports.py and paths.py count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, Unpack, cast

from django.apps import apps
from django.db.models import Prefetch, Value

from django_attribution.attribution_models import AttributionModel, SingleTouchModel, last_touch
from django_attribution.credit_filter import CreditFilter
from django_attribution.credited import (
    QUESTION,
    CreditedJourney,
    CreditedTouchpoint,
    Question,
    attribution_prefetch,
    credited_data,
    journey_of,
    journeys_of,
    question_of,
)
from django_attribution.credits import Credit, credits_of
from django_attribution.exceptions import InvalidArgument
from django_attribution.kept_credit import maybe_kept
from django_attribution.looks import Converted, LookBudget, are_kept
from django_attribution.model_names import Model, per_conversion_model
from django_attribution.paths import ConversionPaths, PathOptions, conversion_paths
from django_attribution.report_rows import AttributionReport
from django_attribution.reports import ReportOptions, attribution_report
from django_attribution.timestamps import TimestampedQuerySet
from django_attribution.tracking import UTM_PARAMETERS
from django_attribution.windows import DEFAULT_DAYS, AttributionWindow

if TYPE_CHECKING:
    from django_attribution.models import Conversion

CREDITED_DIMENSIONS = ("source", "medium", "channel", *UTM_PARAMETERS, "created_at")
_IS_EXACT = "attribution_is_exact"  # an alias, as the question is


class AttributedQuerySet(TimestampedQuerySet["Conversion"]):
    """Conversions, and who earned them."""

    def valid(self) -> Self:
        """Keep what counts: confirmed conversions that were not voided."""
        return self.filter(is_confirmed=True, is_active=True)

    def with_attribution(
        self,
        model: AttributionModel | str = last_touch,
        *,
        window_days: int = DEFAULT_DAYS,
        source_windows: Mapping[str, int] | None = None,
        exclude_direct: bool = False,
    ) -> Self:
        """Say for each conversion who earned it, under a model (or its name) and look-back windows in days.

        Conversions get ``attribution_credits`` and ``attribution_metadata``, for one more query however many there
        are; under a model that credits a single touch ``attribution_data`` and ``credited_touchpoint`` too.
        ``exclude_direct`` takes direct touches out before weights are given. The result stays a queryset;
        ``with_credited()`` adds columns to filter and group by. Raises ``InvalidArgument`` for an unknown model, for
        windows outside 0 to 3650 days and for more than 50 sources.
        """
        window = AttributionWindow.of(window_days, source_windows)
        question = Question(*per_conversion_model(model), window, exclude_direct)
        if self._question is not None:
            raise InvalidArgument("model", "This queryset was asked for attribution before; start from a fresh one.")
        asked = self.alias(**{QUESTION: Value(question)}).prefetch_related(attribution_prefetch(question))
        if not isinstance(question.model, SingleTouchModel):
            return asked
        credited = question.model.credited(window, exclude_direct=exclude_direct)
        return asked.annotate(**{CreditedTouchpoint.annotation: credited})

    def with_credited(self, *columns: str) -> Self:
        """Add columns of the credited touch, to filter, order and group by in SQL.

        ``with_attribution(...).with_credited("source")`` adds ``credited_source``; NULL where nothing earned the
        conversion. Columns: source, medium, channel, the ``utm_`` parameters, and created_at.
        """
        question = self._question
        if question is None:
            raise InvalidArgument("columns", "Call with_attribution() before with_credited().")
        model = question.model
        if not isinstance(model, SingleTouchModel):
            raise InvalidArgument("columns", f"{question.name} credits several touches; ask for attribution_report().")
        if unknown := [column for column in columns if column not in CREDITED_DIMENSIONS]:
            raise InvalidArgument(
                "columns",
                f"Unknown column {unknown[0]!r} of a credited touch. Known: {', '.join(CREDITED_DIMENSIONS)}.",
            )
        return self.annotate(
            **{
                f"credited_{column}": model.credited(question.window, column, exclude_direct=question.exclude_direct)
                for column in columns
            }
        )

    @property
    def _question(self) -> Question | None:
        """What ``with_attribution()`` was asked; an alias, which is never selected, keeps it across clones."""
        asked = self.query.annotations.get(QUESTION)
        return asked.value if isinstance(asked, Value) else None

    def maybe_credited_to(self, credit_filter: CreditFilter) -> Self:
        """Keep the conversions of which a credit may be kept by a filter, after ``with_attribution()``.

        Where SQL cannot tell exactly more rows stay than are kept: ``tells_exactly`` tells, and ``are_kept()`` of
        some rows has the last word.
        """
        question = self._question
        if question is None:
            raise InvalidArgument("credited_to", "Call with_attribution() before maybe_credited_to().")
        if credit_filter.keeps_all:
            return self
        kept = maybe_kept(credit_filter, question, using=self.db)
        return self.filter(kept.condition).alias(**{_IS_EXACT: Value(self.tells_exactly and kept.is_exact)})

    @property
    def tells_exactly(self) -> bool:
        """Whether ``maybe_credited_to()`` left exactly the conversions of which credit is kept."""
        is_exact = self.query.annotations.get(_IS_EXACT)
        return not isinstance(is_exact, Value) or bool(is_exact.value)

    def are_kept(self, rows: Sequence[Converted], credit_filter: CreditFilter, *, budget: LookBudget) -> list[bool]:
        """Tell of each of some rows whether credit is kept; raise ``TooMuchToLookAt`` beyond the budget."""
        question = self._question
        if question is None:
            raise InvalidArgument("rows", "Call with_attribution() before are_kept().")
        return are_kept(rows, credit_filter, question, budget=budget, using=self.db)

    @property
    def credit_prefetch(self) -> Prefetch[Any]:
        """What ``with_attribution()`` fetches, for callers that fetch it for some of the rows, and later."""
        return attribution_prefetch(self._asked)

    def count_credited_touches(self, rows: Sequence[Conversion], *, at_most: int) -> int:
        """Count the touches that ``credit_prefetch`` would read for some rows, on no further than so many."""
        question, count = self._asked, 0
        if isinstance(question.model, SingleTouchModel):
            return len(rows)
        touchpoints = apps.get_model("django_attribution", "Touchpoint").objects.using(self.db).order_by()
        for touches in journeys_of(rows, question, touchpoints):
            count += touches[: at_most - count].count()
        return count

    @property
    def _asked(self) -> Question:
        question = self._question
        if question is None:
            raise InvalidArgument("rows", "Call with_attribution() first.")
        return question

    def attribution_report(
        self,
        models: Iterable[Model | str] | Mapping[str, Model | str] = (last_touch,),
        by: Iterable[str] = (),
        **options: Unpack[ReportOptions],
    ) -> AttributionReport:
        """Return credited conversions and value by dimension, interval, currency and model, in rows that add up.

        ``models`` are attribution models or their names, or a mapping of names to models; ``by`` are dimensions:
        channel, source, medium, campaign, term, content, landing_page, referrer_host, event. Options: ``interval``
        (day, week, month) in the time zone ``tz`` (IANA, default UTC), ``window_days`` (0 to 3650, default 30) and
        ``source_windows``, ``exclude_direct``, and ``credited_to`` (a ``CreditFilter``: keeps credit after weights
        were given). ``progress`` is called now and then with the number of conversions read. Reads every touch and
        conversion once. Raises ``InvalidArgument``, and ``InvalidWeights`` for a model that breaks the rule.
        """
        return attribution_report(self, models=models, by=by, **options)

    def conversion_paths(self, by: str = "channel", **options: Unpack[PathOptions]) -> ConversionPaths:
        """Return the most frequent journeys by a dimension, their lengths, and the days they took.

        Options: ``window_days``, ``source_windows`` and ``exclude_direct`` as elsewhere, ``collapse_repeats`` (the
        same step several times in a row counts as one) and ``first`` (how many paths, 0 to 200, default 20). Raises
        ``InvalidArgument``.
        """
        return conversion_paths(self, by=by, **options)


class Attributed:
    """A conversion that was fetched with the answer to who earned it."""

    credited_touchpoint = CreditedTouchpoint()
    credited_journey = CreditedJourney()

    @property
    def attribution_credits(self) -> list[Credit]:
        """Who earned this conversion, in the order of the journey; empty when nobody did. Needs ``with_attribution()``.

        The weights sum to exactly 1, and the parts of the value to the value. Raises ``InvalidWeights`` when a custom
        model breaks that rule.
        """
        conversion = cast("Conversion", self)
        return credits_of(conversion, journey_of(conversion), question_of(conversion))

    def most_credits(self) -> int:
        """Return how many credits this conversion has at most, without computing any."""
        return len(journey_of(cast("Conversion", self)))

    @property
    def attribution_data(self) -> dict[str, Any]:
        """The one touch that earned this conversion; ``{}`` when none did. Needs ``with_attribution()``."""
        return credited_data(cast("Conversion", self))

    @property
    def attribution_metadata(self) -> dict[str, Any]:
        """The question that was asked: model, window_days, source_windows (days), exclude_direct."""
        question = question_of(cast("Conversion", self))
        return {
            "model": question.name,
            "window_days": question.window.default_days,
            "source_windows": dict(question.window.days_by_source),
            "exclude_direct": question.exclude_direct,
        }
