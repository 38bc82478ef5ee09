"""Holds the answers of both packages against the rows themselves, by a plain reading of the rules.

Ours have to be right to the row. Where the published package answers otherwise there has to be a reason that is known;
the notes tell which, and of how many conversions. Any other difference is a failure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from tests.benchmarks.data import WINDOWS, Dataset, Order, Touch, journeys, position_of
from tests.benchmarks.rows import Operation

DEFAULT_DAYS = 30
CENT = Decimal("0.01")
NOT_AT_THE_INSTANT = "no credit for a touch at the instant of the conversion"
EITHER_TWIN = "either of two touches at one instant, as the database likes"
OTHER_WINDOW = "the default window for a source in capitals or known by its click id"
SEVERAL = "several of these at once"
UNEXPLAINED = "unexplained"

# The operation's model and windows.
CREDITED: dict[str, tuple[bool, Mapping[str, int]]] = {
    "iterate last touch": (False, {}),
    "iterate first touch, windows": (True, WINDOWS),
    "page": (False, {}),
    "page, windows": (False, WINDOWS),
}
SAME_IN_BOTH = ("request", "returning", "new landing", "returning landing", "first login", "insert", "concurrent")
SAME_IN_OURS = {
    "request": "request, bare",
    "returning": "returning, bare",
    "concurrent": "concurrent, bare",
    "two models over graphql": "two models",
    "graphql page 50": "plain page 50",
    "graphql page 200": "plain page 200",
}


@dataclass(frozen=True)
class Rule:
    """How touches are selected; ours by default."""

    includes_instant: bool = True
    knows_sources: bool = True

    def days(self, touch: Touch, windows: Mapping[str, int]) -> int:
        """Return the window of a touch."""
        return windows.get(touch.effective_source if self.knows_sources else touch.source, DEFAULT_DAYS)


OURS = Rule()
THEIRS = {
    NOT_AT_THE_INSTANT: Rule(includes_instant=False),
    OTHER_WINDOW: Rule(knows_sources=False),
    SEVERAL: Rule(includes_instant=False, knows_sources=False),
}


@dataclass
class Findings:
    """What the comparison found."""

    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def require(self, is_right: bool, what: str) -> None:
        """Fail unless it is right."""
        if not is_right:
            self.failures.append(what)


class Truth:
    """Who earned what, found in the rows without a database."""

    def __init__(self, dataset: Dataset) -> None:
        """Read them."""
        self.orders = {order.number + 1: order for order in dataset.orders()}
        self._journeys = journeys(dataset)

    def winner(
        self, order: Order, rule: Rule = OURS, *, first: bool = False, windows: Mapping[str, int]
    ) -> Touch | None:
        """Return the touch that earned a conversion."""
        journey = [] if order.visitor is None else self._journeys[order.visitor]
        longest = timedelta(days=max([DEFAULT_DAYS, *windows.values()]))
        begin = position_of(journey, order.at - longest)
        end = position_of(journey, order.at + timedelta(microseconds=rule.includes_instant))
        for position in range(begin, end) if first else reversed(range(begin, end)):
            touch = journey[position]
            if touch.at >= order.at - timedelta(days=rule.days(touch, windows)):
                return touch
        return None

    def is_twin(self, touch: Touch, term: str | None) -> bool:
        """Tell whether the term is that of another touch at the same instant."""
        journey = self._journeys[touch.visitor]
        at = position_of(journey, touch.at)
        return any(other.term == term for other in journey[at : at + 2] if other.at == touch.at)

    @cached_property
    def revenue(self) -> dict[tuple[str | None, str], Decimal]:
        """Revenue by source and currency under last touch."""
        sums: dict[tuple[str | None, str], Decimal] = defaultdict(Decimal)
        for order in self.orders.values():
            if order.is_valid:
                touch = self.winner(order, windows={})
                sums[touch and touch.effective_source, order.currency] += order.value
        return dict(sums)


def compare(answers: Mapping[Operation, Any], datasets: Iterable[Dataset]) -> Findings:
    """Compare what was answered, whatever of it there is."""
    findings = Findings()
    for dataset in datasets:
        ours: dict[str, Any] = {}
        theirs: dict[str, Any] = {}
        for operation, answer in answers.items():
            if operation.size == dataset.size:
                (theirs if operation.package == "theirs" else ours)[operation.name] = answer
        _compare_with_truth(Truth(dataset), ours, theirs, findings)
        _compare_with_each_other(ours, theirs, findings)
    return findings


def _compare_with_truth(truth: Truth, ours: Mapping[str, Any], theirs: Mapping[str, Any], findings: Findings) -> None:
    for name, (first, windows) in CREDITED.items():
        for order, term in _credited(ours, name, truth):
            touch = truth.winner(order, first=first, windows=windows)
            right = touch and touch.term
            findings.require(term == right, f"{name}: conversion {order.number} is {right}'s, ours said {term}")
        reasons = Counter(
            _reason(truth, order, term, first=first, windows=windows) for order, term in _credited(theirs, name, truth)
        )
        findings.require(UNEXPLAINED not in reasons, f"{name}: {reasons[UNEXPLAINED]} differ without a known reason")
        agreed = reasons.pop(None, 0)
        if reasons:
            said = "; ".join(f"{reason} ({count:,})" for reason, count in reasons.most_common())
            findings.notes.append(f"{name}: {agreed:,} of {agreed + reasons.total():,} agree. Published gives: {said}.")
    if "revenue by source" in ours:
        sums = _sums(ours["revenue by source"])
        findings.require(sums == truth.revenue, f"revenue by source: ours said {sums}, it is {truth.revenue}")
    if "revenue by source" in theirs:
        _compare_their_revenue(truth, theirs["revenue by source"], findings)
    if "six models" in ours:
        _compare_report(truth, ours["six models"], findings)


def _credited(answers: Mapping[str, Any], name: str, truth: Truth) -> Iterator[tuple[Order, str | None]]:
    for number, term in answers.get(name, ()):
        yield truth.orders[number], term


def _reason(truth: Truth, order: Order, term: str | None, *, first: bool, windows: Mapping[str, int]) -> str | None:
    """Return why the published package credits another touch than ours; None where it does not."""
    right = truth.winner(order, first=first, windows=windows)
    if term == (right and right.term):
        return None
    if right is not None and truth.is_twin(right, term):
        return EITHER_TWIN
    for reason, rule in THEIRS.items():
        touch = truth.winner(order, rule, first=first, windows=windows)
        if term == (touch and touch.term) or (touch is not None and truth.is_twin(touch, term)):
            return reason
    return UNEXPLAINED


def _sums(rows: Iterable[tuple[str | None, str, str]]) -> dict[tuple[str | None, str], Decimal]:
    return {(source, currency): Decimal(revenue) for source, currency, revenue in rows}


def _compare_their_revenue(truth: Truth, rows: list[tuple[str | None, str, str]], findings: Findings) -> None:
    """Their names of sources folded into ours, the sums may differ by what last touch does, and add up to the same."""
    folded: dict[tuple[str | None, str], Decimal] = defaultdict(Decimal)
    for (source, currency), revenue in _sums(rows).items():
        folded[None if source is None else source.lower() or "google", currency] += revenue
    for currency in {currency for _, currency in truth.revenue}:
        totals = [
            sum((revenue for (_, code), revenue in sums.items() if code == currency), Decimal()).quantize(CENT)
            for sums in (folded, truth.revenue)
        ]
        findings.require(totals[0] == totals[1], f"revenue by source: {currency} is {totals[1]}, not {totals[0]}")
    moved = sum((abs(folded[key] - truth.revenue.get(key, 0)) for key in [*folded, *truth.revenue]), Decimal()) / 4
    named = sorted({source for source, *_ in rows if source is not None} - {key[0] for key in truth.revenue})
    findings.notes.append(
        f"revenue by source: published has {named} as sources beside those that they are, "
        f"and {moved.quantize(CENT):,} with another source than the touch that came last."
    )
    if inexact := sum(Decimal(revenue) != Decimal(revenue).quantize(CENT) for *_, revenue in rows):
        findings.notes.append(f"revenue by source: {inexact} of {len(rows)} published sums are no whole cents.")


def _compare_report(truth: Truth, rows: list[Any], findings: Findings) -> None:
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for _, _, _, currency, model, _, value in rows:
        totals[model, currency] += Decimal(value)
    right: dict[str, Decimal] = defaultdict(Decimal)
    for (_, currency), revenue in truth.revenue.items():
        right[currency] += revenue
    for (model, currency), value in totals.items():
        findings.require(value == right[currency], f"six models: {model} adds up to {value}, not {right[currency]}")
    last = {
        (key[0] if key else None, currency): Decimal(value)
        for _, key, _, currency, model, _, value in rows
        if model == "last_touch" and Decimal(value)  # a key that only other models credit has a row, too
    }
    findings.require(last == truth.revenue, f"six models: last touch said {last}, it is {truth.revenue}")


def _compare_with_each_other(ours: Mapping[str, Any], theirs: Mapping[str, Any], findings: Findings) -> None:
    for name in SAME_IN_BOTH:
        if name in ours and name in theirs:
            findings.require(ours[name] == theirs[name], f"{name}: ours said {ours[name]}, published {theirs[name]}")
    for name, other in SAME_IN_OURS.items():
        if name in ours and other in ours:
            findings.require(ours[name] == ours[other], f"{name} and {other} differ: {ours[name]}, {ours[other]}"[:500])
