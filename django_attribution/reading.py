"""Reading: every selected conversion and the touches of its visitor, each row once, one visitor after the other.

Memory holds the histories of a few visitors and no more: some thousands of rows, and what the last of these visitors
has beyond that. A report spends much of its time here, a little for each row, so rows are read by columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, chain, compress, groupby, islice, pairwise, repeat
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.db.models import F, QuerySet

from django_attribution.credit import Touch
from django_attribution.dimensions import Dimension
from django_attribution.histories import Converted, Histories, Visitor
from django_attribution.kinds import Groups, Kinds
from django_attribution.raw_columns import RawColumn, raw_amount, raw_instant, said_in_utc
from django_attribution.selections import each_once, first_and_last
from django_attribution.windows import AttributionWindow, days_before

_ROWS_PER_FETCH = 5000
PROGRESS_EVERY = 1000  # conversions

_Rows = Iterable[tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What to read, and how to number it."""

    window: AttributionWindow
    exclude_direct: bool
    dimensions: tuple[Dimension, ...]  # of touches
    number_key: Callable[[tuple[str, ...]], int]
    number_group: Callable[[datetime | None, str, str], int]  # of a conversion's interval, currency and event
    interval_of: Callable[[datetime], datetime | None]
    needs_touches: bool = False  # as the rules see them
    needs_directness: bool = False  # which touches nobody sent
    needs_everyone: bool = False  # also the visitors that did not convert
    progress: Callable[[int], None] | None = None

    def histories(self, conversions: QuerySet[Any]) -> Iterator[Histories]:
        """Yield the history of each visitor that has one of the conversions, some together; those of nobody last."""
        selected = each_once(conversions)
        ends = first_and_last(selected)
        if ends is None:
            return
        first, last = ends
        at = raw_instant("created_at", using=conversions.db)
        value = raw_amount("value", using=conversions.db)
        # What converts from now on is left to the next report: its touches may not be among those that are read.
        rows = (
            selected.filter(created_at__lte=last)
            .order_by(F("identity").desc(nulls_last=True), "created_at", "id")
            .values_list("identity_id", at.expression, value.expression, "currency", "event")
        )
        touches = apps.get_model("django_attribution", "Touchpoint").objects.using(conversions.db)
        touches = touches.filter(created_at__gte=days_before(first, self.window.longest_days), created_at__lte=last)
        if not self.needs_everyone:
            touches = touches.filter(identity__in=selected.order_by().filter(identity__isnull=False).values("identity"))
        kinds = Kinds(
            window=self.window,
            exclude_direct=self.exclude_direct,
            dimensions=self.dimensions,
            number_key=self.number_key,
            needs_rules=self.needs_touches,
            needs_directness=self.needs_directness,
        )
        visitors = self._side_by_side(
            self._counted(rows.iterator(chunk_size=_ROWS_PER_FETCH)),
            touches.order_by("-identity", "created_at", "id")  # backwards through the index of journeys
            .values_list("identity_id", at.expression, *kinds.columns, *(("id",) if self.needs_touches else ()))
            .iterator(chunk_size=_ROWS_PER_FETCH),
        )
        while (histories := self._next(visitors, kinds=kinds, at=at, value=value)).visitors:
            yield histories

    def _side_by_side(self, conversions: Iterator[Any], touches: Iterator[Any]) -> Iterator[tuple[_Rows, _Rows]]:
        """Put together what belongs to one visitor; both come in descending order of identities, nobody's last."""
        visitors = groupby(touches, key=itemgetter(0))
        visitor, visited = next(visitors, (None, ()))
        for converter, converted in groupby(conversions, key=itemgetter(0)):
            if converter is None:
                while some := list(islice(converted, _ROWS_PER_FETCH)):
                    yield (), some
                continue
            while visitor is not None and visitor > converter:
                if self.needs_everyone:
                    yield visited, ()
                visitor, visited = next(visitors, (None, ()))
            if visitor == converter:
                yield visited, converted
                visitor, visited = next(visitors, (None, ()))
            else:
                yield (), converted
        while visitor is not None:
            if self.needs_everyone:
                yield visited, ()
            visitor, visited = next(visitors, (None, ()))

    def _next(
        self, visitors: Iterator[tuple[_Rows, _Rows]], *, kinds: Kinds, at: RawColumn, value: RawColumn
    ) -> Histories:
        """Return the histories of the next visitors, a few thousand rows."""
        touched, converted = list[Any](), list[Any]()
        ends, counts = list[int](), list[int]()  # of each visitor's touches, and of its conversions
        for touches, conversions in visitors:
            own = list(conversions)
            touched.extend(touches)
            converted += own
            ends.append(len(touched))
            counts.append(len(own))
            if len(touched) + len(converted) >= _ROWS_PER_FETCH:
                break
        of_kind = slice(2, -1 if self.needs_touches else None)
        found = [kinds[row[of_kind]] for row in touched]
        of_touches = [kind for kind in found if kind]
        if len(of_touches) < len(found):
            kept = [0, *accumulate(map(bool, found))]
            ends = [kept[end] for end in ends]
            touched = list(compress(touched, found))
        own_touches = list(pairwise([0, *ends]))
        times = at.read([row[1] for row in touched])
        histories = Histories(
            times=times,
            keys=[kind.key for kind in of_touches],
            days=[kind.days for kind in of_touches],
            are_direct=[kind.is_direct for kind in of_touches],
            visitors=own_touches,
            conversions=self._converted(converted, chain.from_iterable(map(repeat, own_touches, counts)), at, value),
        )
        if self.needs_touches:
            histories.touches = [
                Touch(row[-1], said_in_utc(instant), *kind.as_rules_see)
                for row, instant, kind in zip(touched, times, of_touches, strict=True)
            ]
        return histories

    def _converted(
        self, rows: Sequence[Any], visitors: Iterable[Visitor], at: RawColumn, value: RawColumn
    ) -> list[Converted]:
        groups, interval_of = Groups(self.number_group), self.interval_of
        instants, units = at.read([row[1] for row in rows]), value.read([row[2] for row in rows])
        return [
            Converted(instant, groups[interval_of(instant), "" if amount is None else currency, event], worth, visitor)
            for (_, _, amount, currency, event), instant, worth, visitor in zip(
                rows, instants, units, visitors, strict=True
            )
        ]

    def _counted(self, rows: Iterator[Any]) -> Iterator[Any]:
        return rows if self.progress is None else _told(rows, self.progress)


def _told(rows: Iterator[Any], progress: Callable[[int], None]) -> Iterator[Any]:
    for count, row in enumerate(rows, start=1):
        if not count % PROGRESS_EVERY:
            progress(count)
        yield row
