"""What ``with_attribution()`` fetches: the touch that earned a conversion, or the touches that share it.

Two descriptors that speak Django's prefetch protocol, so what they fetch survives filtering, slicing, pagination,
``iterator()`` and async iteration. The question they answer travels with the prefetch and stays on each row. A single
credited touch stays a row until somebody reads it (``touch_rows``).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, overload

from django.apps import apps
from django.db.models import Prefetch, QuerySet, Value

from django_attribution.attribution_models import AttributionModel, SingleTouchModel
from django_attribution.exceptions import AttributionError
from django_attribution.touch_rows import Row, fetch_rows
from django_attribution.windows import AttributionWindow, days_before

if TYPE_CHECKING:
    from django_attribution.models import Conversion, Touchpoint

_VISITORS_PER_QUERY = 500
QUESTION = "attribution_question"  # under which querysets and rows keep what was asked
_JOURNEY = "_attribution_journey"
_ROW = "_attribution_row"  # of the one credited touch
_READER = "_attribution_reader"


@dataclass(frozen=True, slots=True, eq=False)  # querysets want hashes, which a custom model need not have
class Question:
    """Who earned it, by which model, and which touches count."""

    name: str  # of the model, as it was asked for
    model: AttributionModel
    window: AttributionWindow
    exclude_direct: bool = False


class CreditedTouchpoint:
    """Descriptor of the one credited touch of a conversion, for models that credit one."""

    annotation = "credited_touchpoint_id"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, conversion: None, owner: type) -> CreditedTouchpoint: ...

    @overload
    def __get__(self, conversion: Conversion, owner: type) -> Touchpoint | None: ...

    def __get__(self, conversion: Conversion | None, owner: type) -> Any:
        if conversion is None:
            return self
        row = _row_of(conversion)
        touch = None if row is None else conversion.__dict__[_READER].touch(row, using=conversion._state.db)
        # Python looks here first from now on, as there is no __set__.
        conversion.__dict__[self.name] = touch
        return touch

    def is_cached(self, conversion: Conversion) -> bool:
        """Tell whether the touch of this row was fetched."""
        return _ROW in conversion.__dict__

    def get_prefetch_querysets(
        self, instances: Sequence[Conversion], querysets: Sequence[Any] | None = None
    ) -> tuple[list[Row], Callable[[Row], int], Callable[[Conversion], int | None], bool, str, bool]:
        """Fetch the touches of many conversions as rows, and leave with each how to read them."""
        touchpoints, question = _asked(instances, querysets)
        credited_id = attrgetter(self.annotation)
        rows, reader = fetch_rows(set(map(credited_id, instances)) - {None}, using=touchpoints.db)
        _leave(instances, {QUESTION: question, _READER: reader})
        return rows, itemgetter(0), credited_id, True, self.name, True


class CreditedJourney:
    """Descriptor that fetches, for models that credit several touches, the touches that a conversion may credit.

    What is fetched is kept apart, in the order of the journey: ``journey_of()`` reads it.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, conversion: Conversion | None, owner: type) -> CreditedJourney:
        return self

    def is_cached(self, conversion: Conversion) -> bool:
        """Tell whether the journey of this row was fetched."""
        return _JOURNEY in conversion.__dict__

    def get_prefetch_querysets(
        self, instances: Sequence[Conversion], querysets: Sequence[Any] | None = None
    ) -> tuple[list[Touchpoint], Callable[[Touchpoint], int], Callable[[Conversion], int | None], bool, str, bool]:
        """Fetch the touches of the conversions' visitors in the time that any of the windows reaches."""
        touchpoints, question = _asked(instances, querysets)
        _leave(instances, {QUESTION: question})
        fetched = [
            touch
            for some in journeys_of(instances, question, touchpoints)
            for touch in some.order_by("identity", "created_at", "id")
        ]
        return (
            fetched,
            lambda touch: touch.identity_id,
            lambda row: row.identity_id,
            False,
            self.name,
            False,
        )


def journeys_of(
    conversions: Sequence[Conversion], question: Question, touchpoints: QuerySet[Any]
) -> Iterator[QuerySet[Any]]:
    """Yield what finds the touches of the conversions' visitors in the time that any of the windows reaches."""
    times: dict[int, list[datetime]] = {}
    for row in conversions:
        if row.identity_id is not None:
            times.setdefault(row.identity_id, []).append(row.created_at)
    visitors = sorted(times)
    for start in range(0, len(visitors), _VISITORS_PER_QUERY):
        some = visitors[start : start + _VISITORS_PER_QUERY]
        first, last = min(min(times[visitor]) for visitor in some), max(max(times[visitor]) for visitor in some)
        yield touchpoints.filter(
            identity__in=some,
            created_at__gte=days_before(first, question.window.longest_days),
            created_at__lte=last,
        )


def attribution_prefetch(question: Question) -> Prefetch[Any]:
    """Return the prefetch that answers a question for many conversions in one query."""
    touchpoints = apps.get_model("django_attribution", "Touchpoint").objects.order_by()
    # An alias is never selected, and unlike an attribute it survives cloning and pickling.
    asked = touchpoints.alias(**{QUESTION: Value(question)})
    if isinstance(question.model, SingleTouchModel):
        return Prefetch("credited_touchpoint", queryset=asked, to_attr=_ROW)
    return Prefetch("credited_journey", queryset=asked, to_attr=_JOURNEY)


def question_of(conversion: Conversion) -> Question:
    """Return the question that a fetched conversion was asked with."""
    try:
        question: Question = conversion.__dict__[QUESTION]
    except KeyError:
        raise AttributionError(
            "This conversion was loaded without attribution. "
            "Ask for it: Conversion.objects.valid().with_attribution(last_touch)."
        ) from None
    return question


def credited_data(conversion: Conversion) -> dict[str, Any]:
    """Return what the one credited touch says, or ``{}``."""
    row = _row_of(conversion)
    return {} if row is None else conversion.__dict__[_READER].data(row)


def journey_of(conversion: Conversion) -> list[Touchpoint]:
    """Return the fetched touches that may have earned a conversion, in order of time."""
    question = question_of(conversion)
    if isinstance(question.model, SingleTouchModel):
        touch = conversion.credited_touchpoint
        return [] if touch is None else [touch]
    touches: list[Touchpoint] = conversion.__dict__[_JOURNEY]
    since = days_before(conversion.created_at, question.window.longest_days)
    start = bisect_left(touches, since, key=_touched_at)
    return touches[start : bisect_right(touches, conversion.created_at, key=_touched_at)]


def _touched_at(touch: Touchpoint) -> datetime:
    return touch.created_at


def _row_of(conversion: Conversion) -> Row | None:
    try:
        row: Row | None = conversion.__dict__[_ROW]
    except KeyError:
        raise _not_one(question_of(conversion)) from None
    return row


def _asked(instances: Sequence[Conversion], querysets: Sequence[Any] | None) -> tuple[Any, Question]:
    """Return the queryset of a prefetch and its question."""
    if not querysets:
        raise AttributionError("Who earned a conversion is fetched by with_attribution(), not by name.")
    touchpoints = querysets[0].using(instances[0]._state.db)
    question: Question = touchpoints.query.annotations[QUESTION].value
    return touchpoints, question


def _leave(instances: Sequence[Conversion], facts: dict[str, Any]) -> None:
    for conversion in instances:
        conversion.__dict__.update(facts)


def _not_one(question: Question) -> AttributionError:
    return AttributionError(f"{question.name} credits several touches: read attribution_credits.")
