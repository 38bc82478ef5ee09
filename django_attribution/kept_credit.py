"""``CreditFilter`` said in SQL, as far as it can be: which conversions may have credit that is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models import Exists, F, Q, QuerySet, Value
from django.db.models.functions import Concat, Left, Length, Replace, StrIndex
from django.db.models.lookups import Contains, In

from django_attribution.attribution_models import AttributionModel, Linear, PositionBased, SingleTouchModel, TimeDecay
from django_attribution.credit_filter import CreditFilter, CreditKind
from django_attribution.credited import CreditedTouchpoint, Question
from django_attribution.dimensions import TOUCH_DIMENSIONS
from django_attribution.lookback import earns_credit
from django_attribution.tracking import NOT_SET

MAX_STORED = 5_000  # addresses read to find those that a part of is kept
# Of n touches each gets at least 1/n of the whole, halved so often; only in a journey of more than a million is that
# less than the last of the 12 digits that decayed weights are rounded to (credit.DECAY_UNITS).
MAX_HALF_LIVES = 18
MANY_COUNTS = 10  # of slashes in one list of paths


@dataclass(frozen=True, slots=True)
class MaybeKept:
    """A condition on conversions that holds for every one that is kept."""

    condition: Q
    is_exact: bool  # whether it holds for no other


def maybe_kept(credit_filter: CreditFilter, question: Question, *, using: str) -> MaybeKept:
    """Return the condition on conversions that were asked a question.

    It is exact unless a touch of the journey may have a weight of zero, or too many addresses are stored to tell which
    have a part that is kept.
    """
    touches = apps.get_model("django_attribution", "Touchpoint").objects.using(using).order_by()
    matching, is_exact = _matching(credit_filter, touches)
    if isinstance(question.model, SingleTouchModel):
        is_unattributed = Q(**{f"{CreditedTouchpoint.annotation}__isnull": True})
        is_matched = Q(**{f"{CreditedTouchpoint.annotation}__in": touches.filter(matching).values("pk")})
    else:
        journey = touches.filter(earns_credit(question.window, exclude_direct=question.exclude_direct))
        is_unattributed = ~Q(Exists(journey))
        is_matched = Q(Exists(journey.filter(matching)))
    if credit_filter.kind is CreditKind.UNATTRIBUTED:
        return MaybeKept(is_unattributed if credit_filter.keeps_unattributed else Q(pk__in=()), is_exact=True)
    if not credit_filter.dimensions:  # only the whole counts: weights sum to 1, or there are none
        return MaybeKept(~is_unattributed, is_exact=True)
    return MaybeKept(is_matched, is_exact and _leaves_out_nobody(question.model, days=question.window.longest_days))


def _leaves_out_nobody(model: AttributionModel, *, days: int) -> bool:
    """Tell whether every touch that the condition sees has a weight above zero. What is built on a model may differ."""
    if type(model) is PositionBased:
        return model.first > 0 and model.last > 0 and model.first + model.last < 1
    if type(model) is TimeDecay:
        half_lives: float = timedelta(days=days) / model.half_life
        return half_lives <= MAX_HALF_LIVES
    return type(model) in (SingleTouchModel, Linear)


def _matching(credit_filter: CreditFilter, touches: QuerySet[Any]) -> tuple[Q, bool]:
    condition, is_exact = Q(), True
    for name in credit_filter.dimensions:
        values = getattr(credit_filter, name)
        if TOUCH_DIMENSIONS[name].is_derived:
            stored = _stored(name, values, touches)
            is_exact = is_exact and stored is not None
            condition &= _may_have(name, values) if stored is None else Q(In(_address(name), stored))
        else:
            # What is empty is called (not set), and nothing is called by the empty text.
            said = [*filter(None, values), *([""] if NOT_SET in values else [])]
            condition &= Q(**{f"{TOUCH_DIMENSIONS[name].column}__in": said})
    return condition, is_exact


def _stored(name: str, values: Iterable[str], touches: QuerySet[Any]) -> list[str] | None:
    """Return the addresses that have one of the values for a part, as they are stored; None if there are too many."""
    addresses = touches.filter(_may_have(name, values)).values_list(_address(name), flat=True)
    found = list(addresses.distinct()[: MAX_STORED + 1])
    if len(found) > MAX_STORED:
        return None
    return [address for address in found if TOUCH_DIMENSIONS[name].of(address) in values]


def _address(name: str) -> Left:
    """Return a URL up to its query: the click ids in there make each another one, and no part is read from it."""
    column = TOUCH_DIMENSIONS[name].column
    return Left(F(column), StrIndex(Concat(F(column), Value("?")), Value("?")))


def _may_have(name: str, values: Iterable[str]) -> Q:
    """Return what holds for every URL that has one of the values for a part, and for few others."""
    if NOT_SET in values:
        return Q()
    if name != "landing_page":
        return _contain_any(name, values)
    parts = Q(pk__in=())
    for alike in _by_slashes(values):
        parts |= _contain_any(name, alike) & _may_end_in(name, alike)
    return parts


def _contain_any(name: str, values: Iterable[str]) -> Q:
    return Q(*(Q(**{f"{TOUCH_DIMENSIONS[name].column}__icontains": value}) for value in values), _connector=Q.OR)


def _by_slashes(paths: Iterable[str]) -> Collection[list[str]]:
    """Return paths that have as many slashes together; those of many counts all together, for each costs a moment."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in paths:
        found[path.count("/")].append(path)
    return found.values() if len(found) <= MANY_COUNTS else [list(paths)]


def _may_end_in(name: str, paths: Iterable[str]) -> Q:
    """Tell by its slashes whether an address is long enough for a path: every one contains that of the home page."""
    address = _address(name)
    slashes = Length(address) - Length(Replace(address, Value("/"), Value("")))
    # Before the path: nothing, or a scheme and a host; of these alone the path is that of the home page.
    counts = {path.count("/") + origin for path in paths for origin in ((0, 2, 1) if path == "/" else (0, 2))}
    return Q(In(slashes, sorted(counts))) | Q(Contains(address, "#"))  # in a fragment, which none has, may be more
