"""What a dashboard can offer for choice: the values that occur, and the time that has data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

MAX_OFFERED = 1000  # of one column


def occurring_values(rows: QuerySet[Any], column: str) -> list[str]:
    """Return the values of a text column that occur in some rows, sorted; of more than 1000 the most frequent ones."""
    named = rows.exclude(**{column: ""}).order_by()
    # Counting takes twice as long as looking what there is, and is seldom asked for.
    values = set(named.values_list(column, flat=True).distinct()[: MAX_OFFERED + 1])
    if len(values) > MAX_OFFERED:
        counted = named.values(column).annotate(number=Count("pk")).order_by("-number", column)
        values = set(counted.values_list(column, flat=True)[:MAX_OFFERED])
    return sorted(values)


def time_span(rows: QuerySet[Any]) -> tuple[datetime | None, datetime | None]:
    """Return when the first and the last of some rows happened; None for both where there are none."""
    span = rows.order_by().aggregate(first=Min("created_at"), last=Max("created_at"))
    return span["first"], span["last"]
