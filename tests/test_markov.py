"""Removal effects in a Markov chain, by the published check cases and against the definition."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_attribution.exceptions import InvalidArgument
from django_attribution.markov import FINEST_UNIT, MAX_CHAIN_KEYS, Chain
from tests.strategies import QUICK


class Channel(Enum):
    """Keys of a kind that cannot be sorted."""

    DIRECT = "direct"
    START = None


KEYS = ("a", "b", None, "", 0, Channel.DIRECT, Channel.START, ("a", None))


class Journey(NamedTuple):
    """Steps, how they ended, and how often that was seen."""

    steps: Sequence[Hashable]
    converts: bool
    times: int = 1


class Counts(NamedTuple):
    """The transitions of a chain as they are told to it."""

    starts: Mapping[Hashable, int]
    moves: Mapping[tuple[Hashable, Hashable], int]
    conversions: Mapping[Hashable, int]
    losses: Mapping[Hashable, int]

    def times(self, factor: int) -> "Counts":
        """Return every count multiplied."""
        return Counts(*({key: count * factor for key, count in counts.items()} for counts in self))

    def shuffled(self, random: Random) -> "Counts":
        """Return the same counts in another order."""
        return Counts(*(dict(random.sample(list(counts.items()), len(counts))) for counts in self))

    def renamed(self, names: Mapping[Hashable, Hashable]) -> "Counts":
        """Return the same counts of keys by other names."""
        starts, conversions, losses = (
            {names[key]: count for key, count in counts.items()}
            for counts in (self.starts, self.conversions, self.losses)
        )
        moves = {(names[before], names[after]): count for (before, after), count in self.moves.items()}
        return Counts(starts, moves, conversions, losses)


def of(*journeys: Journey) -> Chain[Hashable]:
    """Return the chain of some journeys."""
    chain = Chain[Hashable]()
    for steps, converts, times in journeys:
        chain.add(steps, converts=converts, times=times)
    return chain


def counted(counts: Counts) -> Chain[Hashable]:
    """Return the chain of some transitions."""
    chain = Chain[Hashable]()
    for key, times in counts.starts.items():
        chain.count_start(key, times)
    for (before, after), times in counts.moves.items():
        chain.count(before, after, times)
    for key, times in counts.conversions.items():
        chain.count_end(key, converts=True, times=times)
    for key, times in counts.losses.items():
        chain.count_end(key, converts=False, times=times)
    return chain


def counts_of(journeys: Sequence[Journey]) -> Counts:
    """Count the transitions of journeys."""
    starts, moves, conversions, losses = Counter(), Counter(), Counter(), Counter()
    for steps, converts, times in journeys:
        if steps:
            starts[steps[0]] += times
            for move in pairwise(steps):
                moves[move] += times
            (conversions if converts else losses)[steps[-1]] += times
    return Counts(starts, moves, conversions, losses)


def keys_of(counts: Counts) -> set[Hashable]:
    """Return every key that a transition names."""
    return {*counts.starts, *counts.conversions, *counts.losses, *(key for move in counts.moves for key in move)}


def conversion_probability(counts: Counts, *, without: Sequence[Hashable] = ()) -> Fraction:
    """Say the definition: the probability that a walk from the start converts, where some keys lose whoever arrives.

    Solves one linear equation for each key by plain elimination of fractions.
    """
    outflow = Counter(counts.conversions) + Counter(counts.losses)
    for (before, _), times in counts.moves.items():
        outflow[before] += times
    open_keys = {key for key in keys_of(counts) if outflow[key] and key not in without}
    moves = {move: times for move, times in counts.moves.items() if times and open_keys.issuperset(move)}
    # Walks that can go on forever never convert, but would leave their equations without an answer.
    converting = {key for key in open_keys if counts.conversions.get(key)}
    for _ in open_keys:
        converting |= {before for before, after in moves if after in converting}
    keys = list(converting)
    rows = [
        [
            *(Fraction(before == after) - Fraction(moves.get((before, after), 0), outflow[before]) for after in keys),
            Fraction(counts.conversions.get(before, 0), outflow[before]),
        ]
        for before in keys
    ]
    for column in range(len(keys)):
        chosen = next(row for row in range(column, len(keys)) if rows[row][column])
        rows[column], rows[chosen] = rows[chosen], rows[column]
        rows[column] = [number / rows[column][column] for number in rows[column]]
        for row in range(len(keys)):
            if row != column:
                factor = rows[row][column]
                rows[row] = [number - factor * x for number, x in zip(rows[row], rows[column], strict=True)]
    converting_starts = sum(counts.starts.get(key, 0) * row[-1] for key, row in zip(keys, rows, strict=True))
    return converting_starts / Fraction(sum(counts.starts.values()) or 1)


def effects_by_definition(counts: Counts) -> dict[Hashable, Fraction]:
    """Remove one key after the other, and see what is left."""
    probability = conversion_probability(counts)
    return {
        key: 1 - conversion_probability(counts, without=[key]) / probability if probability else Fraction(0)
        for key in keys_of(counts)
    }


def journeys() -> st.SearchStrategy[list[Journey]]:
    """Draw journeys with repeats and cycles; some have no steps, or were never seen."""
    steps = st.lists(st.sampled_from(KEYS), max_size=7)
    return st.lists(st.builds(Journey, steps, st.booleans(), st.integers(0, 3) | st.integers(0, 10**7)), max_size=8)


@st.composite
def transitions(draw: st.DrawFn) -> Counts:
    """Draw any transitions, also those that no journeys make: dead ends, and circles without a way out."""
    key = st.sampled_from(KEYS[: draw(st.integers(1, len(KEYS)))])
    number = st.integers(0, 4) | st.integers(0, 10**7)
    starts, conversions, losses = (draw(st.dictionaries(key, number, max_size=5)) for _ in range(3))
    moves = draw(st.dictionaries(st.tuples(key, key), number, max_size=25))
    return Counts(starts, moves, conversions, losses)


@pytest.mark.parametrize(
    ("seen", "effects", "credits"),
    [
        (
            [Journey("ab", True, 3), Journey("ab", False), Journey("ac", True), Journey("ac", False)],
            {"a": "1", "b": "3/4", "c": "1/4"},
            {"a": "2", "b": "1.5", "c": "0.5"},
        ),
        (
            [Journey("123", True), Journey("1", False), Journey("23", False)],
            {"1": "1/2", "2": "1", "3": "1"},
            {"1": "0.2", "2": "0.4", "3": "0.4"},
        ),
    ],
)
def test_the_published_check_cases_hold(seen: list[Journey], effects: dict[str, str], credits: dict[str, str]) -> None:
    conversions = sum(journey.times for journey in seen if journey.converts)
    assert of(*seen).removal_effects() == {key: Fraction(effect) for key, effect in effects.items()}
    credited = {key: share * conversions for key, share in of(*seen).shares().items()}
    assert credited == {key: Fraction(credit) for key, credit in credits.items()}


@pytest.mark.parametrize(
    ("seen", "effects"),
    [
        # One key, alone or repeated: without it nothing converts.
        ([Journey("a", True), Journey("a", False)], {"a": "1"}),
        ([Journey("aaa", True), Journey("aa", False)], {"a": "1"}),
        # a goes to itself, to b and to conversion, one third each: b is passed by half of what leaves a.
        ([Journey("aab", True), Journey("a", True)], {"a": "1", "b": "1/2"}),
        # Conversion follows from a with 4/5, from b with 3/5: P = 2/3, but 2/9 without a and 1/6 without b.
        ([Journey("aba", True), Journey("b", True), Journey("b", False)], {"a": "2/3", "b": "3/4"}),
        # Everything converts: a key loses what passes through it.
        ([Journey("a", True, 3), Journey("b", True)], {"a": "3/4", "b": "1/4"}),
        ([Journey("ab", True), Journey("cb", True)], {"a": "1/2", "b": "1", "c": "1/2"}),
        # c and d are on no way to conversion, and e is a way that nobody went.
        ([Journey("a", True), Journey("acd", False)], {"a": "1", "c": "0", "d": "0"}),
        ([Journey("a", True), Journey("ea", True, 0)], {"a": "1", "e": "0"}),
    ],
)
def test_effects_worked_out_by_hand_hold(seen: list[Journey], effects: dict[str, str]) -> None:
    assert of(*seen).removal_effects() == {key: Fraction(effect) for key, effect in effects.items()}


@pytest.mark.parametrize("seen", [[], [Journey("ab", False, 7), Journey("b", False)], [Journey("a", True, 0)]])
def test_nobody_has_a_share_when_nothing_converts(seen: list[Journey]) -> None:
    chain = of(*seen)
    assert set(chain.removal_effects().values()) <= {Fraction(0)}
    assert chain.shares() == {}


def test_a_journey_without_steps_is_ignored() -> None:
    seen = [Journey("ab", True), Journey("b", False)]
    assert of(*seen, Journey("", True, 9)).removal_effects() == of(*seen).removal_effects()


def test_a_step_that_is_never_left_is_as_good_as_lost() -> None:
    counts = Counts({"a": 2}, {("a", "b"): 1, ("a", "c"): 1, ("c", "d"): 1, ("d", "c"): 1}, {"a": 1}, {})
    lost = Counts({"a": 2}, {}, {"a": 1}, {"a": 2})
    assert conversion_probability(counts) == conversion_probability(lost) == Fraction(1, 3)
    assert counted(counts).removal_effects() == {"a": 1, "b": 0, "c": 0, "d": 0}


def test_a_key_that_nobody_arrives_at_has_no_effect() -> None:
    counts = Counts({"a": 1}, {("x", "a"): 5}, {"a": 1, "x": 5}, {})
    assert counted(counts).removal_effects() == {"a": 1, "x": 0}


def test_any_hashable_object_is_a_key_like_any_other() -> None:
    named = of(*(Journey(["n", "e", "s", "d"][:length], length > 1) for length in range(1, 5)))
    odd = of(*(Journey([None, "", Channel.START, Channel.DIRECT][:length], length > 1) for length in range(1, 5)))
    assert list(odd.shares().values()) == list(named.shares().values())
    assert set(odd.shares()) == {None, "", Channel.START, Channel.DIRECT}


@QUICK
@given(transitions())
def test_effects_are_what_is_lost_by_removing_one_key_after_the_other(counts: Counts) -> None:
    effects = counted(counts).removal_effects()
    assert effects == effects_by_definition(counts)
    assert all(isinstance(effect, Fraction) and 0 <= effect <= 1 for effect in effects.values())


@QUICK
@given(journeys())
def test_journeys_are_counted_by_their_transitions(seen: list[Journey]) -> None:
    counts = counts_of(seen)
    assert of(*seen).removal_effects() == counted(counts).removal_effects() == effects_by_definition(counts)


@QUICK
@given(journeys())
def test_repeats_alter_nothing(seen: list[Journey]) -> None:
    repeated = [journey._replace(steps=[step for step in journey.steps for _ in range(3)]) for journey in seen]
    assert of(*repeated).removal_effects() == of(*seen).removal_effects()


@QUICK
@given(transitions())
def test_shares_are_the_effects_normalised_to_sum_to_one(counts: Counts) -> None:
    effects, shares = counted(counts).removal_effects(), counted(counts).shares()
    total = sum(effects.values())
    assert shares == ({key: effect / total for key, effect in effects.items()} if total else {})
    assert sum(shares.values()) == bool(total)


@QUICK
@given(transitions(), st.integers(2, 10**6), st.randoms(use_true_random=False))
def test_neither_scale_nor_order_nor_names_matter(counts: Counts, factor: int, random: Random) -> None:
    effects = counted(counts).removal_effects()
    names = dict(zip(KEYS, random.sample(KEYS, len(KEYS)), strict=True))
    assert counted(counts.times(factor)).removal_effects() == effects
    assert counted(counts.shuffled(random)).removal_effects() == effects
    renamed = counted(counts.renamed(names)).removal_effects()
    assert renamed == {names[key]: effect for key, effect in effects.items()}


def dense(size: int) -> Counts:
    """Return a chain in which everything follows everything, in numbers without a pattern; 0 and 1 are alike."""

    def number(before: int, after: int) -> int:
        return pow(5, 1 + 997 * max(before, 1) + max(after, 1), 1_000_003)

    starts, conversions, losses = ({key: number(other, key) for key in range(size)} for other in (1001, 1002, 1003))
    return Counts(starts, {(a, b): number(a, b) for a in range(size) for b in range(size)}, conversions, losses)


@pytest.mark.parametrize("size", [9, 16])
def test_a_dense_chain_is_solved_exactly(size: int) -> None:
    assert counted(dense(size)).removal_effects() == effects_by_definition(dense(size))


def test_shares_of_many_keys_are_cut_but_sum_to_one_and_keep_ties() -> None:
    effects, shares = counted(dense(30)).removal_effects(), counted(dense(30)).shares()
    total = sum(effects.values())
    assert sum(shares.values()) == 1
    assert shares[0] == shares[1]
    assert max(share.denominator for share in shares.values()) <= 30 * FINEST_UNIT < total.denominator
    assert all(abs(share - effects[key] / total) < Fraction(100, FINEST_UNIT) for key, share in shares.items())


def test_as_many_keys_as_allowed_are_solved() -> None:
    shares = of(Journey(range(MAX_CHAIN_KEYS), True)).shares()
    assert shares == dict.fromkeys(range(MAX_CHAIN_KEYS), Fraction(1, MAX_CHAIN_KEYS))


def test_more_keys_than_allowed_are_refused_and_told_what_to_do() -> None:
    with pytest.raises(InvalidArgument, match=r"101 keys .* at most 100\. Choose a coarser breakdown") as refused:
        of(Journey(range(MAX_CHAIN_KEYS + 1), True)).shares()
    assert refused.value.argument == "by"
