"""``Conversion.credited_touchpoint``: the touch that earned a conversion, fetched for many rows in one query.

It speaks Django's prefetch protocol, so it survives filtering, slicing, pagination, ``iterator()`` and async
iteration. The question it answers (model and window) travels with the prefetch and stays on each row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload

from django.apps import apps
from django.db.models import Prefetch, Value

from django_attribution.attribution_models import SingleTouchModel
from django_attribution.exceptions import AttributionError
from django_attribution.windows import AttributionWindow

if TYPE_CHECKING:
    from django_attribution.models import Conversion, Touchpoint

Question = tuple[SingleTouchModel, AttributionWindow]

# Databases limit the parameters of one statement (SQLite: 32,766 by default).
_TOUCHES_PER_QUERY = 10_000
_QUESTION = "attribution_question"


class CreditedTouchpoint:
    """Descriptor of the credited touch, filled by ``with_attribution()``."""

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
        if not self.is_cached(conversion):
            raise _not_asked()
        return conversion.__dict__[self.name]

    def __set__(self, conversion: Conversion, touch: Touchpoint | None) -> None:
        conversion.__dict__[self.name] = touch

    def is_cached(self, conversion: Conversion) -> bool:
        """Tell whether the touch of this row was fetched."""
        return self.name in conversion.__dict__

    def get_prefetch_querysets(
        self, instances: Sequence[Conversion], querysets: Sequence[Any] | None = None
    ) -> tuple[list[Touchpoint], Callable[[Touchpoint], int], Callable[[Conversion], int | None], bool, str, bool]:
        """Fetch the touches of many conversions, and leave with each the question they answer."""
        if not querysets:
            raise _not_asked()
        touchpoints = querysets[0].using(instances[0]._state.db)
        question = touchpoints.query.annotations[_QUESTION].value
        for conversion in instances:
            conversion.__dict__[_QUESTION] = question
        wanted = {getattr(conversion, self.annotation) for conversion in instances} - {None}
        ids = sorted(wanted)
        fetched = [
            touch
            for start in range(0, len(ids), _TOUCHES_PER_QUERY)
            for touch in touchpoints.filter(pk__in=ids[start : start + _TOUCHES_PER_QUERY])
        ]
        return (
            fetched,
            lambda touch: touch.pk,
            lambda row: getattr(row, self.annotation),
            True,
            self.name,
            True,
        )

    def prefetch(self, *, question: Question) -> Prefetch[Any]:
        """Return the prefetch that fills this attribute for a question."""
        touchpoints = apps.get_model("django_attribution", "Touchpoint").objects.order_by()
        # An alias is never selected, and unlike an attribute it survives cloning and pickling.
        return Prefetch(self.name, queryset=touchpoints.alias(**{_QUESTION: Value(question)}))

    @staticmethod
    def question_of(conversion: Conversion) -> Question:
        """Return the model and window that a fetched conversion was asked with."""
        try:
            question: Question = conversion.__dict__[_QUESTION]
        except KeyError:
            raise _not_asked() from None
        return question


def _not_asked() -> AttributionError:
    return AttributionError(
        "This conversion was loaded without attribution. "
        "Ask for it: Conversion.objects.valid().with_attribution(last_touch)."
    )
