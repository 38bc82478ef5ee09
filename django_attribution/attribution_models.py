"""Attribution models as ORM expressions: which touch of its visitor a conversion is credited to.

``credit`` defines what each model means; this module says the same in SQL, for conversions as the outer query.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Func, OuterRef, Q, Subquery
from django.db.models.sql.compiler import SQLCompiler

from django_attribution import credit
from django_attribution.exceptions import InvalidArgument
from django_attribution.windows import AttributionWindow


@dataclass(frozen=True, slots=True)
class SingleTouchModel:
    """A model that gives all credit to one touch: the first of its journey in a certain order."""

    name: str
    description: str
    weights: Callable[[Sequence[credit.Touch]], credit.Weights]
    order_by: tuple[str, ...]  # ends in id, so that ties have one winner

    def credited(self, window: AttributionWindow, column: str = "pk") -> "Credited":
        """Return the expression for ``column`` of the credited touch; NULL when no touch lies in the window."""
        touches = apps.get_model("django_attribution", "Touchpoint").objects
        credited = touches.filter(_earns_credit(window)).order_by(*self.order_by).values(column)[:1]
        return Credited(credited, model=self, window=window)


first_touch = SingleTouchModel(
    name="first_touch",
    description="All credit to the first touch in the window: what made visitors aware.",
    weights=credit.first_touch_weights,
    order_by=("created_at", "id"),
)
last_touch = SingleTouchModel(
    name="last_touch",
    description="All credit to the last touch in the window: what brought visitors back to convert.",
    weights=credit.last_touch_weights,
    order_by=("-created_at", "-id"),
)


class Credited(Subquery):
    """A scalar subquery that remembers which model and window it answers."""

    def __init__(self, queryset: Any, *, model: SingleTouchModel, window: AttributionWindow) -> None:
        super().__init__(queryset)
        self.attribution_model = model
        self.attribution_window = window


def require_model(model: object) -> SingleTouchModel:
    """Return ``model``; raise ``InvalidArgument`` for what is no attribution model."""
    if isinstance(model, SingleTouchModel):
        return model
    raise InvalidArgument(
        "model",
        f"model must be an attribution model such as first_touch or last_touch, not {str(model)[:40]!r}.",
    )


def _earns_credit(window: AttributionWindow) -> Q:
    """Say in SQL what ``AttributionWindow.covers`` says, for touches of the outer conversion's identity."""
    if window.longest_days == 0:
        return Q(identity__isnull=True)  # holds for none; an empty IN would make Django drop the outer row too
    # One lower bound for all sources, outside the OR: inside it no index could use it.
    condition = Q(
        identity=OuterRef("identity"),
        created_at__lte=OuterRef("created_at"),
        created_at__gte=_days_before_conversion(window.longest_days),
    )
    if not window.days_by_source:
        return condition
    by_source = Q(pk__in=())
    if window.default_days > 0:
        by_source |= _within(window.default_days) & ~Q(source__in=list(window.days_by_source))
    for days in sorted(set(window.days_by_source.values()) - {0}):
        sources = [source for source, source_days in window.days_by_source.items() if source_days == days]
        by_source |= _within(days) & Q(source__in=sources)
    return condition & by_source


def _within(days: int) -> Q:
    return Q(created_at__gte=_days_before_conversion(days))


def _days_before_conversion(days: int) -> "_DaysBefore":
    return _DaysBefore(OuterRef("created_at"), days=days)


class _DaysBefore(Func):
    """An instant, a number of days of 24 hours earlier, computed by the database to the microsecond."""

    output_field = DateTimeField()

    def __init__(self, instant: Any, *, days: int) -> None:
        super().__init__(instant, days=days)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, Any]:  # type: ignore[override]  # no template to override
        # Hours, not days: PostgreSQL's days are the session time zone's, 23 to 25 hours long.
        instant, params = compiler.compile(self.source_expressions[0])
        return f"({instant} - INTERVAL '{24 * self.extra['days']}' HOUR)", params

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, Any]:
        # Django's own subtraction calls back into Python for each row. An instant is stored as text, to the
        # microsecond; datetime() knows whole seconds, so the fraction is set aside and put back.
        instant, params = compiler.compile(self.source_expressions[0])
        sql = f"(datetime(substr({instant}, 1, 19), '-{self.extra['days']} days') || substr({instant}, 20))"
        return sql, (*params, *params)
