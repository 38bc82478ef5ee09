"""What a report is made of: rows, totals, and the report that orders and limits them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal, Self, get_args

from django_attribution.credit_filter import CreditKind
from django_attribution.exceptions import InvalidArgument
from django_attribution.intervals import Interval
from django_attribution.money import EXACT
from django_attribution.refusals import require_count, shown

MAX_KEYS = 1000  # of a limited report
ReportOrder = Literal["conversions", "value", "key"]

Key = tuple[str, ...]
Bucket = tuple[datetime | None, str]  # interval and currency: credit is rounded within one, never added across


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """What one model credits to one key, in one interval and currency."""

    kind: CreditKind
    key: Key  # a value for each dimension asked for, in order; empty unless the kind is attributed
    interval_start: datetime | None  # local midnight in the report's time zone; None without an interval
    currency: str | None  # None for conversions without a value
    model: str
    conversions: Decimal  # six digits
    value: Decimal | None  # in the currency, to its minor unit

    @property
    def bucket(self) -> Bucket:
        """The interval and currency of the row."""
        return self.interval_start, self.currency or ""

    def plus(self, other: Self) -> Self:
        """Return this row with what another one of the same interval, currency and model has."""
        values = [value for value in (self.value, other.value) if value is not None]
        return replace(
            self,
            conversions=EXACT.add(self.conversions, other.conversions),
            value=EXACT.add(*values) if len(values) == 2 else self.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTotal:
    """Everything that was selected in one currency, whoever earned it."""

    currency: str | None  # None for conversions without a value
    conversions: int
    value: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionReport:
    """Rows and totals.

    Under every additive model (all but participation) the rows, the unattributed ones included, add up to the totals
    exactly, per currency and, with an interval, within each one, unless credit was left out by a filter. Rows are
    ordered by key, interval, currency and model; those of no key come last.
    """

    models: tuple[str, ...]
    additive: frozenset[str]  # those of the models whose credit may be summed
    by: tuple[str, ...]
    interval: Interval | None
    rows: tuple[ReportRow, ...]
    totals: tuple[ReportTotal, ...]

    def ordered(self, order_by: ReportOrder = "conversions", *, is_descending: bool | None = None) -> AttributionReport:
        """Return the report with its keys in another order, by what the first model credits to them.

        By conversions, by value (in the currency of most conversions, then the next), or by name. The greatest come
        first, and names from A on, unless ``is_descending`` says otherwise. Raises ``InvalidArgument``.
        """
        if order_by not in get_args(ReportOrder):
            known = ", ".join(get_args(ReportOrder))
            raise InvalidArgument("order_by", f"order_by must be one of {known}, not {shown(order_by)}.")
        attributed = [row for row in self.rows if row.kind is CreditKind.ATTRIBUTED]
        is_reversed = order_by != "key" if is_descending is None else is_descending
        place = {key: number for number, key in enumerate(self._keys(attributed, order_by, is_reversed=is_reversed))}
        others = [row for row in self.rows if row.kind is not CreditKind.ATTRIBUTED]
        return replace(self, rows=(*sorted(attributed, key=lambda row: place[row.key]), *others))

    def top(
        self, first: int, *, order_by: ReportOrder = "conversions", is_descending: bool | None = None
    ) -> AttributionReport:
        """Return the report with the first so many keys, the others as one, so that it still adds up.

        What is left over becomes an OTHER row for each interval, currency and model; under participation that row
        counts a conversion once for each of its keys. Orders are those of ``ordered()``. Raises ``InvalidArgument``
        for a number outside 0 to 1000.
        """
        require_count("first", first, at_most=MAX_KEYS, of="keys")
        rows = self.ordered(order_by, is_descending=is_descending).rows
        attributed = [row for row in rows if row.kind is CreditKind.ATTRIBUTED]
        kept = set(list(dict.fromkeys(row.key for row in attributed))[:first])
        left_over: dict[tuple[Bucket, str], ReportRow] = {}
        for row in attributed:
            if row.key not in kept:
                place = row.bucket, row.model
                other = left_over.get(place)
                left_over[place] = replace(row, kind=CreditKind.OTHER, key=()) if other is None else other.plus(row)
        others = sorted(left_over.values(), key=lambda row: in_order(row.bucket))
        unattributed = [row for row in rows if row.kind is CreditKind.UNATTRIBUTED]
        return replace(self, rows=(*(row for row in attributed if row.key in kept), *others, *unattributed))

    def _keys(self, rows: Sequence[ReportRow], order_by: ReportOrder, *, is_reversed: bool) -> list[Key]:
        keys = sorted({row.key for row in rows})
        if order_by == "key":
            return keys[::-1] if is_reversed else keys
        currencies = [total.currency for total in sorted(self.totals, key=lambda total: -total.conversions)]
        # Fractions, since the host's context may round decimals.
        amounts = {key: [Fraction(0)] * (1 if order_by == "conversions" else len(currencies)) for key in keys}
        for row in rows:
            if row.model == self.models[0]:
                if order_by == "conversions":
                    amounts[row.key][0] += Fraction(row.conversions)
                else:
                    amounts[row.key][currencies.index(row.currency)] += Fraction(row.value or 0)
        # Sorting is stable: keys that are equal stay in the order of their names, either way.
        return sorted(keys, key=lambda key: [-amount if is_reversed else amount for amount in amounts[key]])


def in_order(bucket: Bucket) -> tuple[float, bool, str]:
    """Return what buckets are sorted by: time, then by currency; conversions without a value come last."""
    start, currency = bucket
    return 0.0 if start is None else start.timestamp(), not currency, currency
