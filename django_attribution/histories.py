"""Reading: every selected conversion and the touches of its visitor, each row once, one visitor after the other.

What a report or a list of paths needs of a row is turned into small numbers here, so that memory holds one visitor's
history and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.db.models import F, Max, Min, QuerySet

from django_attribution import money
from django_attribution.channels import DIRECT_CHANNEL
from django_attribution.credit import Touch
from django_attribution.dimensions import Dimension
from django_attribution.exceptions import InvalidArgument
from django_attribution.windows import AttributionWindow, days_before

MAX_SLICE = 10_000  # databases limit the parameters of one statement
_ROWS_PER_FETCH = 5000
PROGRESS_EVERY = 1000  # of progress

_Value = TypeVar("_Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Converted:
    """A conversion as counted: when, in which group of rows, and its value in ten-thousandths (0 without one)."""

    at: datetime
    group: int
    units: int


@dataclass(slots=True)
class History:
    """One visitor: the touches that some window may cover, in order of (time, id), and the selected conversions."""

    times: list[datetime] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    days: list[int] = field(default_factory=list)  # the window of each touch
    are_direct: list[bool] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)  # as the rules see them; only where that is asked for
    conversions: list[Converted] = field(default_factory=list)


class Numbers(Generic[_Value]):
    """Gives each value that comes along a small number, from 0 on, and the value of a number back."""

    def __init__(self) -> None:
        self._number_of: dict[_Value, int] = {}
        self._values: list[_Value] = []

    def __iter__(self) -> Iterator[_Value]:
        return iter(self._values)

    def __getitem__(self, number: int) -> _Value:
        return self._values[number]

    def number(self, value: _Value) -> int:
        """Return the number of a value, a new one when it comes for the first time."""
        number = self._number_of.setdefault(value, len(self._values))
        if number == len(self._values):
            self._values.append(value)
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What to read, and how to number it."""

    window: AttributionWindow
    exclude_direct: bool
    dimensions: tuple[Dimension, ...]  # of touches
    number_key: Callable[[tuple[str, ...]], int]
    number_group: Callable[[datetime, str, str], int]  # of a conversion's time, currency and event
    needs_touches: bool = False  # as the rules see them
    needs_everyone: bool = False  # also the visitors that did not convert
    progress: Callable[[int], None] | None = None

    def histories(self, conversions: QuerySet[Any]) -> Iterator[History]:
        """Yield the history of each visitor that has one of the conversions; those of nobody come last, in parts."""
        selected = _each_once(conversions)
        span = selected.aggregate(first=Min("created_at"), last=Max("created_at"))
        if span["first"] is None:
            return
        # What converts from now on is left to the next report: its touches may not be among those that are read.
        rows = (
            selected.filter(created_at__lte=span["last"])
            .order_by(F("identity").desc(nulls_last=True), "created_at", "id")
            .values_list("identity_id", "created_at", "value", "currency", "event")
        )
        touches = apps.get_model("django_attribution", "Touchpoint").objects.using(conversions.db)
        touches = touches.filter(
            created_at__gte=days_before(span["first"], self.window.longest_days), created_at__lte=span["last"]
        )
        if not self.needs_everyone:
            touches = touches.filter(identity__in=selected.filter(identity__isnull=False).values("identity"))
        yield from self._side_by_side(
            self._counted(rows.iterator(chunk_size=_ROWS_PER_FETCH)),
            touches.order_by("-identity", "created_at", "id")  # backwards through the index of journeys
            .values_list(*self._columns)
            .iterator(chunk_size=_ROWS_PER_FETCH),
        )

    def _side_by_side(self, conversions: Iterator[Any], touches: Iterator[Any]) -> Iterator[History]:
        """Put together what belongs to one visitor; both come in descending order of identities, nobody's last."""
        visitors = groupby(touches, key=itemgetter(0))
        visitor, visited = next(visitors, (None, None))
        for converter, converted in groupby(conversions, key=itemgetter(0)):
            if converter is None:
                while some := list(islice(converted, _ROWS_PER_FETCH)):
                    yield self._history((), some)
                continue
            while visitor is not None and visitor > converter:
                if self.needs_everyone:
                    yield self._history(visited, ())
                visitor, visited = next(visitors, (None, None))
            if visitor is not None and visitor == converter:
                yield self._history(visited, converted)
                visitor, visited = next(visitors, (None, None))
            else:
                yield self._history((), converted)
        while visitor is not None:
            if self.needs_everyone:
                yield self._history(visited, ())
            visitor, visited = next(visitors, (None, None))

    def _counted(self, rows: Iterator[Any]) -> Iterator[Any]:
        for count, row in enumerate(rows, start=1):
            if self.progress is not None and not count % PROGRESS_EVERY:
                self.progress(count)
            yield row

    @property
    def _columns(self) -> tuple[str, ...]:
        own = ("identity_id", "created_at", "source", "channel")
        as_rules_see = ("id", "medium", "utm_campaign") if self.needs_touches else ()
        return (*own, *(dimension.column for dimension in self.dimensions), *as_rules_see)

    def _history(self, touches: Any, conversions: Any) -> History:
        history = History()
        days_for, size = self.window.days_for, len(self.dimensions)
        readers = [dimension.of for dimension in self.dimensions]
        for row in touches:
            source, channel = row[2], row[3]
            days = days_for(source)
            if not days or (self.exclude_direct and channel == DIRECT_CHANNEL):
                continue
            history.times.append(row[1])
            history.days.append(days)
            history.are_direct.append(channel == DIRECT_CHANNEL)
            key = tuple([read(stored) for read, stored in zip(readers, row[4 : 4 + size], strict=True)])
            history.keys.append(self.number_key(key))
            if self.needs_touches:
                pk, medium, campaign = row[4 + size :]
                history.touches.append(Touch(pk, row[1], source, medium, campaign, channel))
        history.conversions = [
            Converted(at, self.number_group(at, "" if value is None else currency, event), money.units_of(value))
            for _, at, value, currency, event in conversions
        ]
        return history


def _each_once(conversions: QuerySet[Any]) -> QuerySet[Any]:
    """Return conversions by their primary keys: whatever joins and slices the caller has, each counts once.

    A slice is taken now, since a database may choose other rows whenever it is asked. Raises ``InvalidArgument`` for
    one that is too long to be named row by row.
    """
    pks: Any = conversions.values("pk")
    if conversions.query.is_sliced:
        pks = [row["pk"] for row in pks[: MAX_SLICE + 1]]
        if len(pks) > MAX_SLICE:
            raise InvalidArgument("conversions", f"A slice may have at most {MAX_SLICE:,} conversions; filter instead.")
    selected: QuerySet[Any] = conversions.model.objects.using(conversions.db).filter(pk__in=pks)
    return selected
