"""Which conversions a report is about: the rows of a queryset, each once, and the time they span."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Subquery
from django.db.models.sql import Query

from django_attribution.exceptions import InvalidArgument

MAX_SLICE = 10_000  # databases limit the parameters of one statement


def each_once(conversions: QuerySet[Any]) -> QuerySet[Any]:
    """Return the same conversions: whatever joins and slices the caller has, each counts once.

    A slice is taken now, since a database may choose other rows whenever it is asked. Raises ``InvalidArgument`` for
    one that is too long to be named row by row.
    """
    if _has_each_once(conversions.query):
        return conversions.prefetch_related(None)  # of rows that nobody sees
    pks: Any = conversions.values("pk")
    if conversions.query.is_sliced:
        pks = [row["pk"] for row in pks[: MAX_SLICE + 1]]
        if len(pks) > MAX_SLICE:
            raise InvalidArgument("conversions", f"A slice may have at most {MAX_SLICE:,} conversions; filter instead.")
    selected: QuerySet[Any] = conversions.model.objects.using(conversions.db).filter(pk__in=pks)
    return selected


def _has_each_once(query: Query) -> bool:
    """Tell whether the rows are plainly those of the table that meet some conditions."""
    is_more = query.is_sliced or query.distinct or query.combinator or query.annotations or query.extra_tables
    return not (is_more or query.select_for_update) and query.standard_ordering and len(query.alias_map) <= 1


def first_and_last(selected: QuerySet[Any]) -> tuple[datetime, datetime] | None:
    """Return the time of the first of some conversions and of the last one; None where there are none."""
    # Not MIN and MAX: a database may look at all rows for two of them, and finds each of these by the index.
    ends = (Subquery(selected.order_by(order).values("created_at")[:1]) for order in ("created_at", "-created_at"))
    found = selected.model.objects.using(selected.db).order_by().values_list(*ends).first()
    return None if found is None or found[0] is None else found
