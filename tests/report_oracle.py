"""What a report must say, worked out in plain Python with exact fractions from the rules of credit and nothing else.

Knows how to store what a question is about; how reports are computed it knows nothing of.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.db import transaction

from django_attribution import credit
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shares import largest_remainder
from tests.strategies import ConversionFacts, ReportQuestion
from tests.test_markov import Journey as Walk
from tests.test_markov import counts_of, effects_by_definition

NOT_SET = "(not set)"
MINOR_DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}

Key = tuple[str, ...]
Cell = tuple[datetime | None, str | None]  # interval and currency
Given = Mapping[Cell, Mapping[tuple[Key, bool], Sequence[Fraction]]]  # by key, apart for what is kept and what is not


class Rising:
    """A model of one's own: more for later touches of a campaign, and nothing for one source where others are."""

    name = "RISING"
    description = "More credit for later campaigns."

    def weights(self, journey: credit.Journey, /) -> list[Fraction]:
        """Return the weights of a journey."""
        parts = [
            0 if touch.source == "default" else (1 + position if touch.campaign else 1 + (touch.medium == "cpc"))
            for position, touch in enumerate(journey)
        ]
        if not any(parts):
            parts[-1] = 1
        return [Fraction(part, sum(parts)) for part in parts]


RULES: Mapping[str, Callable[[Any], Sequence[Fraction]]] = {
    "first_touch": credit.first_touch_weights,
    "last_touch": credit.last_touch_weights,
    "last_non_direct": credit.last_non_direct_weights,
    "linear": credit.linear_weights,
    "time_decay": partial(credit.time_decay_weights, half_life=timedelta(days=7)),
    "position_based": partial(credit.position_based_weights, first=Fraction(2, 5), last=Fraction(2, 5)),
    "RISING": Rising().weights,
}


class Row(NamedTuple):
    """A row, or a total, of a report."""

    kind: str
    key: Key
    interval_start: datetime | None
    currency: str | None
    model: str
    conversions: Decimal
    value: Decimal | None


@dataclass(frozen=True)
class StoredTouch:
    """A touch as the rules see it, and what it is grouped by."""

    touch: credit.Touch
    dimensions: Mapping[str, str]


@dataclass(frozen=True)
class Converted:
    """A conversion and its journey."""

    facts: ConversionFacts
    journey: Sequence[StoredTouch]

    @property
    def value(self) -> Fraction:
        """The value; 0 without one."""
        return Fraction(self.facts.amount[0]) if self.facts.amount else Fraction(0)


@dataclass(frozen=True)
class World:
    """Everything that was stored for a question."""

    histories: Sequence[tuple[Sequence[StoredTouch], Sequence[Converted]]]

    @property
    def conversions(self) -> list[Converted]:
        """Every conversion."""
        return [converted for _, conversions in self.histories for converted in conversions]


@contextmanager
def undone() -> Iterator[None]:
    """Take back what one example stored."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def store(question: ReportQuestion) -> World:
    """Store what visitors did, and return it with the journey of each conversion."""
    identities = Identity.objects.bulk_create(Identity() for _ in question.visitors)
    pairs = list(zip(identities, question.visitors, strict=True))
    touchpoints = iter(
        Touchpoint.objects.bulk_create(
            Touchpoint(identity=identity, created_at=at, **columns)
            for identity, visitor in pairs
            for at, columns in visitor.arrivals
        )
    )
    Conversion.objects.bulk_create(
        _row_of(facts, identity)
        for identity, conversions in (
            *((identity, visitor.conversions) for identity, visitor in pairs),
            (None, question.of_nobody),
        )
        for facts in conversions
    )
    histories = []
    for visitor in question.visitors:
        touches = [_as_stored(next(touchpoints)) for _ in visitor.arrivals]
        histories.append((touches, [_with_journey(facts, touches, question) for facts in visitor.conversions]))
    histories.append(([], [Converted(facts, ()) for facts in question.of_nobody]))
    return World(histories)


def _row_of(facts: ConversionFacts, identity: Identity | None) -> Conversion:
    value, currency = facts.amount or (None, "")
    return Conversion(
        identity=identity,
        event=facts.event,
        created_at=facts.converted_at,
        value=None if value is None else Decimal(value),
        currency=currency,
    )


def _as_stored(row: Touchpoint) -> StoredTouch:
    touch = credit.Touch(row.pk, row.created_at, row.source, row.medium, row.utm_campaign, row.channel)
    said = {
        "channel": row.channel,
        "source": row.source,
        "medium": row.medium,
        "campaign": row.utm_campaign,
        "term": row.utm_term,
        "content": row.utm_content,
        "landing_page": (urlsplit(row.url).path or "/") if row.url else "",
        "referrer_host": urlsplit(row.referrer).hostname or "",
    }
    return StoredTouch(touch, {name: value or NOT_SET for name, value in said.items()})


def _with_journey(facts: ConversionFacts, touches: Sequence[StoredTouch], question: ReportQuestion) -> Converted:
    stored = {touch.touch.id: touch for touch in touches}
    journey = credit.journey(
        (touch.touch for touch in touches),
        converted_at=facts.converted_at,
        window=question.window,
        exclude_direct=question.exclude_direct,
    )
    return Converted(facts, [stored[touch.id] for touch in journey])


def given_by_rules(question: ReportQuestion, world: World, model: str) -> Given:
    """Return what a model gives to each key, exactly."""
    if model == "markov":
        return _given_by_markov(question, world)
    credits_: list[tuple[Cell, Key, bool, Fraction, Fraction]] = []
    for converted in world.conversions:
        cell, journey = cell_of(question, converted.facts), converted.journey
        keyed = [(key_of(question, touch.dimensions, converted.facts.event), touch.dimensions) for touch in journey]
        if model == "participation":
            who = {(key, keeps(question, dimensions)) for key, dimensions in keyed}
            credits_ += [(cell, key, is_kept, Fraction(1), converted.value) for key, is_kept in who]
        elif journey:
            weights = RULES[model](
                credit.Journey(tuple(touch.touch for touch in journey), converted.facts.converted_at)
            )
            for (key, dimensions), weight in zip(keyed, weights, strict=True):
                credits_.append((cell, key, keeps(question, dimensions), weight, weight * converted.value))
    return summed(credits_)


def summed(credits_: Iterable[tuple[Cell, Key, bool, Fraction, Fraction]]) -> Given:
    """Add up credit: cell, key, whether it is kept, weight, and its part of the value."""
    found: dict[Cell, dict[tuple[Key, bool], list[Fraction]]] = defaultdict(dict)
    for cell, key, is_kept, weight, value in credits_:
        if weight:
            amounts = found[cell].setdefault((key, is_kept), [Fraction(0), Fraction(0)])
            amounts[0] += weight
            amounts[1] += value
    return found


def _given_by_markov(question: ReportQuestion, world: World) -> Given:
    def step(touch: StoredTouch) -> Key:
        return tuple(touch.dimensions[name] for name in question.by if name != "event")

    walks = [Walk([step(touch) for touch in converted.journey], True) for converted in world.conversions]
    walks += [Walk([step(touch) for touch in run], False) for run in lost_journeys(question, world)]
    effects = effects_by_definition(counts_of(walks))
    credits_ = []
    for converted in world.conversions:
        if not converted.journey:
            continue
        for effect_key, effect in effects.items():
            dimensions = dict(zip([name for name in question.by if name != "event"], effect_key, strict=True))
            share = effect / sum(effects.values())
            credits_.append(
                (
                    cell_of(question, converted.facts),
                    key_of(question, dimensions, converted.facts.event),
                    keeps(question, dimensions),
                    share,
                    share * converted.value,
                )
            )
    return summed(credits_)


def lost_journeys(question: ReportQuestion, world: World) -> list[list[StoredTouch]]:
    """Return the runs of touches that no conversion's journey holds, within reach of the conversions asked about."""
    times = [converted.facts.converted_at for converted in world.conversions]
    if not times:
        return []
    since, until = min(times) - timedelta(days=question.window.longest_days), max(times)
    lost = []
    for touches, conversions in world.histories:
        in_a_journey = {touch.touch.id for converted in conversions for touch in converted.journey}
        eligible = [
            touch
            for touch in sorted(touches, key=lambda stored: (stored.touch.touched_at, stored.touch.id))
            if question.window.days_for(touch.touch.source)
            and since <= touch.touch.touched_at <= until
            and not (question.exclude_direct and touch.touch.channel == "Direct")
        ]
        for is_kept, run in groupby(eligible, key=lambda stored: stored.touch.id in in_a_journey):
            if not is_kept:
                lost.append(list(run))
    return lost


def cell_of(question: ReportQuestion, facts: ConversionFacts) -> Cell:
    """Return the interval and the currency of a conversion."""
    return interval_start(question, facts.converted_at), facts.amount[1] if facts.amount else None


def interval_start(question: ReportQuestion, instant: datetime) -> datetime | None:
    """Return the local midnight with which an instant's interval begins."""
    zone = ZoneInfo(question.tz)
    day = instant.astimezone(zone).date()
    match question.interval:
        case None:
            return None
        case "week":
            day -= timedelta(days=day.isoweekday() - 1)
        case "month":
            day = day.replace(day=1)
    return datetime.combine(day, time(0), zone)


def key_of(question: ReportQuestion, dimensions: Mapping[str, str], event: str) -> Key:
    """Return the values that a credit is grouped by."""
    return tuple(event if name == "event" else dimensions[name] for name in question.by)


def keeps(question: ReportQuestion, dimensions: Mapping[str, str]) -> bool:
    """Say what ``credited_to`` keeps."""
    wanted = dict(question.credited_to)
    if wanted.pop("kind", None) == "unattributed":
        return False
    for name, values in wanted.items():
        folded = {value.strip().lower() if name in ("source", "medium", "referrer_host") else value for value in values}
        if dimensions[name] not in folded:
            return False
    return True


def keeps_unattributed(question: ReportQuestion) -> bool:
    """Say whether ``credited_to`` keeps what nobody earned."""
    return question.credited_to in ({}, {"kind": "unattributed"})


def rows_of(question: ReportQuestion, world: World, given: Mapping[str, Given]) -> list[Row]:
    """Write what some models give as the rows of a report, in order."""
    cells = sorted({cell_of(question, converted.facts) for converted in world.conversions}, key=_in_order)
    placed = {(cell, model): _placed(question, world, cell, model, given[model]) for cell in cells for model in given}
    ranks: dict[Key, Decimal] = defaultdict(Decimal)
    for (_, model), amounts in placed.items():
        for key, (conversions, _) in amounts.items():
            ranks[key] += conversions if model == next(iter(given)) else 0
    rows = []
    for key in sorted(ranks, key=lambda key: (-ranks[key], key)):
        for cell in cells:
            if any(key in placed[cell, model] for model in given):
                nothing = Decimal(0), None if cell[1] is None else Decimal(0)
                rows += [
                    Row("attributed", key, *cell, model, *placed[cell, model].get(key, nothing)) for model in given
                ]
    for cell in cells if keeps_unattributed(question) else ():
        nobodys = [row for row in world.conversions if not row.journey and cell_of(question, row.facts) == cell]
        if nobodys:
            value = _decimal(sum(row.value for row in nobodys), cell[1])
            rows += [Row("unattributed", (), *cell, model, Decimal(len(nobodys)), value) for model in given]
    return rows


def _placed(
    question: ReportQuestion, world: World, cell: Cell, model: str, given: Given
) -> dict[Key, tuple[Decimal, Decimal | None]]:
    """Round the credit of one interval, currency and model so that it sums to what was earned there."""
    found, currency = given.get(cell, {}), cell[1]
    if model == "participation":
        return {
            key: (Decimal(int(amounts[0])), _decimal(amounts[1], currency))
            for (key, is_kept), amounts in found.items()
            if is_kept
        }
    earned = [row for row in world.conversions if row.journey and cell_of(question, row.facts) == cell]
    keys = list(found)
    parts = largest_remainder(10**6 * len(earned), [found[key][0] for key in keys], keys=keys)
    value = Fraction(sum(row.value for row in earned))
    digits = _digits(value, currency or "EUR")
    values = largest_remainder(int(value * 10**digits), [found[key][1] for key in keys], keys=keys)
    return {
        key: (Decimal(f"{part}E-6"), None if currency is None else Decimal(f"{units}E-{digits}"))
        for (key, is_kept), part, units in zip(keys, parts, values, strict=True)
        if is_kept
    }


def totals_of(world: World) -> list[tuple[str | None, int, Decimal | None]]:
    """Return what was selected by currency; conversions without a value come last."""
    found: dict[str | None, list[Fraction]] = defaultdict(list)
    for converted in world.conversions:
        found[converted.facts.amount[1] if converted.facts.amount else None].append(converted.value)
    return [
        (currency, len(found[currency]), _decimal(sum(found[currency]), currency))
        for currency in sorted(found, key=lambda code: (code is None, code))
    ]


def _decimal(value: Fraction | int, currency: str | None) -> Decimal | None:
    return None if currency is None else Decimal(f"{int(value * 10**4)}E-4")


def _digits(value: Fraction, currency: str) -> int:
    """Return the digits of a currency, or more where an amount has them."""
    return next(digits for digits in range(MINOR_DIGITS[currency], 5) if (value * 10**digits).denominator == 1)


def _in_order(cell: Cell) -> tuple[float, bool, str]:
    start, currency = cell
    return 0 if start is None else start.timestamp(), currency is None, currency or ""
