"""Which touches of its visitor may earn credit for a conversion: ``AttributionWindow.covers`` said in SQL."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Func, OuterRef, Q
from django.db.models.sql.compiler import SQLCompiler

from django_attribution.channels import DIRECT_CHANNEL
from django_attribution.windows import AttributionWindow


def earns_credit(window: AttributionWindow, *, exclude_direct: bool) -> Q:
    """Return the condition on touches, for conversions as the outer query."""
    return _lies_in(window) & ~Q(channel=DIRECT_CHANNEL) if exclude_direct else _lies_in(window)


def _lies_in(window: AttributionWindow) -> Q:
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
