"""The sheet of a report: what is counted for each key and group of conversions, and the rows that this becomes.

Credit is counted exactly, and written with the digits of the currency (six for conversions). What rounding leaves over
goes to the largest remainders within each interval, currency and model, so that rows add up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django_attribution import money
from django_attribution.credit_filter import CreditFilter, CreditKind
from django_attribution.credits import WEIGHT_DIGITS, rounded
from django_attribution.dimensions import EVENT, TOUCH_DIMENSIONS, Dimension
from django_attribution.histories import Numbers
from django_attribution.intervals import Interval, Starts
from django_attribution.report_rows import Bucket, Key, ReportRow, ReportTotal, in_order
from django_attribution.shares import largest_remainder
from django_attribution.spans import Span
from django_attribution.tally import Amount, Credited, Tally

Amounts = tuple[Decimal, Decimal | None]  # conversions and value
NOTHING: Sequence[int] = (0, 0)


class Sheet:
    """Numbers keys and groups of conversions, counts what was selected, and writes rows."""

    def __init__(self, by: Key, credited_to: CreditFilter, *, interval: Interval | None = None, zone: ZoneInfo) -> None:
        self.interval = interval
        self._keys = Numbers[tuple[Key, bool]]()  # values of a row's touch dimensions, and whether the credit is kept
        self._numbers: dict[Key, int] = {}  # of such a key, by what a touch says
        self._groups = Numbers[tuple[datetime | None, str, str]]()  # interval, currency and event of conversions
        self._by = by
        self._credited_to = credited_to
        self._starts = None if interval is None else Starts(interval, zone=zone)
        self._names = tuple(name for name in by if name != EVENT)
        self._read = tuple(dict.fromkeys((*self._names, *credited_to.dimensions)))
        self._selected: dict[int, list[int]] = defaultdict(lambda: [0, 0])  # conversions, and their value in units
        self._unattributed: dict[int, list[int]] = defaultdict(lambda: [0, 0])

    @property
    def touch_dimensions(self) -> tuple[Dimension, ...]:
        """The dimensions of touches that are to be read."""
        return tuple(TOUCH_DIMENSIONS[name] for name in self._read)

    def number_key(self, values: Key) -> int:
        """Return the number of the key that a touch with these dimensions belongs to."""
        if (number := self._numbers.get(values)) is None:
            is_kept = self._credited_to.keeps(dict(zip(self._read, values, strict=True)))
            number = self._numbers[values] = self._keys.number((values[: len(self._names)], is_kept))
        return number

    def interval_of(self, at: datetime) -> datetime | None:
        """Return with which moment the interval of a conversion begins."""
        return None if self._starts is None else self._starts.of(at)

    def number_group(self, start: datetime | None, currency: str, event: str) -> int:
        """Return the number of the group that a conversion belongs to, by its interval, currency and event."""
        return self._groups.number((start, currency, event if EVENT in self._by else ""))

    def count(self, spans: Iterable[Span]) -> None:
        """Count selected conversions, and those among them that nobody earned."""
        for span in spans:
            group, units = span.conversion.group, span.conversion.units
            for counts in (self._selected,) if span.length else (self._selected, self._unattributed):
                cell = counts[group]
                cell[0] += 1
                cell[1] += units

    def totals(self) -> list[ReportTotal]:
        """Return what was selected in each currency, by its code; conversions without a value come last."""
        found: dict[str, list[int]] = {}
        for (_, currency), groups in self._groups_of_buckets().items():
            _add(found.setdefault(currency, [0, 0]), _sum(self._selected, groups))
        return [
            ReportTotal(currency=currency or None, conversions=count, value=money.of_units(units, currency))
            for currency, (count, units) in sorted(found.items(), key=lambda item: (not item[0], item[0]))
        ]

    def rows(self, tallies: Mapping[str, Tally]) -> Iterator[ReportRow]:
        """Yield the rows of some models; credit that does not add up is written as it was counted.

        In each bucket every key has a row for each model, and comes in no order; what nobody earned follows at the end.
        Buckets come in the order of time and currency.
        """
        buckets = sorted(self._groups_of_buckets().items(), key=lambda item: in_order(item[0]))
        for bucket, groups in buckets:
            by_model = {model: self._amounts(tally, bucket, groups) for model, tally in tallies.items()}
            nothing = rounded(0), money.of_units(0, bucket[1])
            for key in dict.fromkeys(key for amounts in by_model.values() for key in amounts):
                for model, amounts in by_model.items():
                    yield self._row(bucket, model, amounts.get(key, nothing), key=key)
        for bucket, groups in buckets if self._credited_to.keeps_unattributed else ():
            count, units = _sum(self._unattributed, groups)
            nobodys = rounded(count * 10**WEIGHT_DIGITS), money.of_units(units, bucket[1])
            for model in tallies if count else ():
                yield self._row(bucket, model, nobodys, kind=CreditKind.UNATTRIBUTED)

    def _amounts(self, tally: Tally, bucket: Bucket, groups: Sequence[int]) -> dict[Key, Amounts]:
        """Return what a model credits to each key in a bucket."""
        found = self._gathered(tally.credited, groups)
        if not tally.is_additive:
            return self._written(found, bucket)
        earned = _less(_sum(self._selected, groups), _sum(self._unattributed, groups))
        return self._placed(found, bucket, earned, [amount * tally.units for amount in earned])

    def _row(
        self, bucket: Bucket, model: str, amounts: Amounts, *, key: Key = (), kind: CreditKind = CreditKind.ATTRIBUTED
    ) -> ReportRow:
        interval_start, currency = bucket
        conversions, value = amounts
        return ReportRow(
            kind=kind,
            key=key,
            interval_start=interval_start,
            currency=currency or None,
            model=model,
            conversions=conversions,
            value=value,
        )

    def _groups_of_buckets(self) -> dict[Bucket, list[int]]:
        found: dict[Bucket, list[int]] = {}
        for number, (start, currency, _) in enumerate(self._groups):
            found.setdefault((start, currency), []).append(number)
        return found

    def _gathered(self, credited: Credited, groups: Iterable[int]) -> dict[tuple[Key, bool], list[Amount]]:
        """Return what was given in some groups by the key of a row, apart for what is kept and what is not."""
        found: dict[tuple[Key, bool], list[Amount]] = {}
        for group in groups:
            *_, event = self._groups[group]
            for number, amounts in credited.get(group, {}).items():
                if any(amounts):
                    values, is_kept = self._keys[number]
                    named = {**dict(zip(self._names, values, strict=True)), EVENT: event}
                    key = tuple([named[name] for name in self._by])
                    _add(found.setdefault((key, is_kept), [0, 0]), amounts)
        return found

    def _placed(
        self,
        found: Mapping[tuple[Key, bool], Sequence[Amount]],
        bucket: Bucket,
        earned: Sequence[int],
        whole: Sequence[int],
    ) -> dict[Key, Amounts]:
        """Write credit so that it sums to what was earned; what is not kept has its part, too, and is left out."""
        keys = list(found)
        weights, shares = ([found[key][column] for key in keys] for column in (0, 1))
        conversions = largest_remainder(earned[0] * 10**WEIGHT_DIGITS, weights, keys=keys, total=whole[0])
        amount = money.of_units(earned[1], bucket[1])
        values: Sequence[Decimal | None] = (
            [None] * len(keys) if amount is None else money.split(amount, shares, keys=keys, total=whole[1])
        )
        return {
            key: (rounded(units), value)
            for (key, is_kept), units, value in zip(keys, conversions, values, strict=True)
            if is_kept
        }

    def _written(self, found: Mapping[tuple[Key, bool], Sequence[Amount]], bucket: Bucket) -> dict[Key, Amounts]:
        return {
            key: (rounded(int(count) * 10**WEIGHT_DIGITS), money.of_units(int(units), bucket[1]))
            for (key, is_kept), (count, units) in found.items()
            if is_kept
        }


def _sum(counts: Mapping[int, Sequence[int]], groups: Iterable[int]) -> Sequence[int]:
    found = [0, 0]
    for group in groups:
        _add(found, counts.get(group, NOTHING))
    return found


def _add(amounts: list[Amount] | list[int], more: Sequence[Amount] | Sequence[int]) -> None:
    for index, amount in enumerate(more):
        amounts[index] += amount  # type: ignore[assignment]  # both are of one kind


def _less(amounts: Sequence[int], less: Sequence[int]) -> Sequence[int]:
    return [amount - part for amount, part in zip(amounts, less, strict=True)]
