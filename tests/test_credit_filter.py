"""Which credit a filter keeps: values without regard to case where case means nothing, limits, and kinds."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_attribution.credit_filter import KEEP_ALL, MAX_VALUES, CreditFilter, CreditKind
from django_attribution.exceptions import InvalidArgument
from tests.strategies import QUICK

FILTERED = ("channel", "source", "medium", "campaign", "landing_page", "referrer_host")
WITHOUT_CASE = ("source", "medium", "referrer_host")
GOOGLE = {
    "channel": "Paid Search",
    "source": "google",
    "medium": "cpc",
    "campaign": "Spring",
    "term": "(not set)",
    "content": "(not set)",
    "landing_page": "/sale/",
    "referrer_host": "www.google.com",
}


def test_a_filter_that_names_nothing_keeps_everything() -> None:
    for nothing in (KEEP_ALL, CreditFilter(), CreditFilter(channel=(), source=())):
        assert nothing == KEEP_ALL
        assert nothing.keeps(GOOGLE)
        assert nothing.keeps_all
        assert nothing.keeps_unattributed
        assert nothing.dimensions == ()


@pytest.mark.parametrize("name", FILTERED)
def test_a_dimension_keeps_any_of_its_values_and_nobodys_credit_no_more(name: str) -> None:
    kept = CreditFilter(**{name: ("other", GOOGLE[name])})
    assert kept.keeps(GOOGLE)
    assert not CreditFilter(**{name: ("other",)}).keeps(GOOGLE)
    assert not kept.keeps(GOOGLE | {name: "(not set)"})
    assert kept.dimensions == (name,)
    assert not kept.keeps_all
    assert not kept.keeps_unattributed


def test_every_dimension_that_is_named_has_to_fit() -> None:
    kept = CreditFilter(source=("google", "bing"), medium=("cpc",), campaign=("Spring",))
    assert kept.dimensions == ("source", "medium", "campaign")
    assert kept.keeps(GOOGLE)
    assert kept.keeps(GOOGLE | {"source": "bing", "channel": "Other"})
    for name in kept.dimensions:
        assert not kept.keeps(GOOGLE | {name: "another"})


@pytest.mark.parametrize("name", FILTERED)
def test_case_and_outer_space_count_only_where_they_are_stored(name: str) -> None:
    spelled = CreditFilter(**{name: (f" {GOOGLE[name].upper()}\t",)})
    assert spelled.keeps(GOOGLE) is (name in WITHOUT_CASE)
    expected = GOOGLE[name] if name in WITHOUT_CASE else f" {GOOGLE[name].upper()}\t"
    assert getattr(spelled, name) == (expected,)


@pytest.mark.parametrize("name", FILTERED)
def test_not_set_can_be_asked_for(name: str) -> None:
    kept = CreditFilter(**{name: ("(not set)",)})
    assert kept.keeps(GOOGLE | {name: "(not set)"})
    assert not kept.keeps(GOOGLE)


@pytest.mark.parametrize("name", FILTERED)
def test_values_may_come_as_one_text_a_list_or_anything_that_can_be_gone_through(name: str) -> None:
    value = GOOGLE[name]
    for given_ in (value, [value], (value,), {value}, iter([value]), (text for text in [value])):
        kept = CreditFilter(**{name: given_})
        assert getattr(kept, name) == (value,)
        assert kept == CreditFilter(**{name: (value,)})
        assert hash(kept) == hash(CreditFilter(**{name: (value,)}))


@pytest.mark.parametrize("name", FILTERED)
def test_two_hundred_values_may_be_named_and_no_more(name: str) -> None:
    most = [str(number) for number in range(MAX_VALUES)]
    assert getattr(CreditFilter(**{name: most}), name) == tuple(most)
    with pytest.raises(InvalidArgument, match=f"{name} must be a list of at most 200 texts") as caught:
        CreditFilter(**{name: [*most, "200"]})
    assert caught.value.argument == name


@pytest.mark.parametrize("name", FILTERED)
@pytest.mark.parametrize(
    "unusable", [[None], [1], ["google", 2.5], [["google"]], b"google", [b"google"], {1: "google"}]
)
def test_what_is_no_text_is_refused_by_the_name_of_the_dimension(name: str, unusable: Any) -> None:
    with pytest.raises(InvalidArgument, match=f"{name} must be a list") as caught:
        CreditFilter(**{name: unusable})
    assert caught.value.argument == name


@pytest.mark.parametrize("name", ["term", "content", "event", "utm_source", "dimensions"])
def test_only_some_dimensions_can_be_filtered_by(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        CreditFilter(**{name: ("x",)})


def test_the_kind_keeps_what_somebody_earned_or_what_nobody_did() -> None:
    earned, unearned = CreditFilter(kind=CreditKind.ATTRIBUTED), CreditFilter(kind=CreditKind.UNATTRIBUTED)
    assert (earned.keeps(GOOGLE), earned.keeps_unattributed, earned.keeps_all) == (True, False, False)
    assert (unearned.keeps(GOOGLE), unearned.keeps_unattributed, unearned.keeps_all) == (False, True, False)
    assert earned.dimensions == unearned.dimensions == ()


def test_what_nobody_earned_has_no_dimensions_to_fit() -> None:
    kept = CreditFilter(source=("google",), kind=CreditKind.UNATTRIBUTED)
    assert not kept.keeps(GOOGLE)
    assert not kept.keeps_unattributed
    of_google = CreditFilter(source=("google",), kind=CreditKind.ATTRIBUTED)
    assert of_google.keeps(GOOGLE)
    assert not of_google.keeps(GOOGLE | {"source": "bing"})
    assert not of_google.keeps_unattributed


def test_the_rest_of_a_limited_report_is_no_credit_to_ask_for() -> None:
    with pytest.raises(InvalidArgument, match="kind must be attributed or unattributed") as caught:
        CreditFilter(kind=CreditKind.OTHER)
    assert caught.value.argument == "kind"


VALUES = ("google", "Google", "bing", "(not set)", "/", "")


@QUICK
@given(
    st.fixed_dictionaries({}, optional={name: st.lists(st.sampled_from(VALUES), max_size=3) for name in FILTERED}),
    st.sampled_from((None, CreditKind.ATTRIBUTED, CreditKind.UNATTRIBUTED)),
    st.fixed_dictionaries({name: st.sampled_from(("google", "bing", "(not set)", "/")) for name in GOOGLE}),
)
def test_a_filter_keeps_what_its_definition_says(
    asked: dict[str, list[str]], kind: CreditKind | None, touch: dict[str, str]
) -> None:
    kept = CreditFilter(**asked, kind=kind)
    fits = all(
        any(value == touch[name] or (name in WITHOUT_CASE and value.lower() == touch[name]) for value in values)
        for name, values in asked.items()
        if values
    )
    assert kept.keeps(touch) is (fits and kind is not CreditKind.UNATTRIBUTED)
    names_none = not any(asked.values())
    assert kept.keeps_all is (names_none and kind is None)
    assert kept.keeps_unattributed is (names_none and kind is not CreditKind.ATTRIBUTED)


def test_a_kind_may_be_given_by_its_name() -> None:
    unearned: Any = CreditFilter(kind="unattributed")
    assert (unearned.keeps(GOOGLE), unearned.keeps_unattributed) == (False, True)
    earned: Any = CreditFilter(kind="attributed")
    assert (earned.keeps(GOOGLE), earned.keeps_unattributed) == (True, False)


@pytest.mark.parametrize("kind", ["other", "nobody", "", 3])
def test_an_unknown_kind_is_refused(kind: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        CreditFilter(kind=kind)
    assert caught.value.argument == "kind"


@pytest.mark.parametrize("name", FILTERED)
@pytest.mark.parametrize("unusable", [None, 3])
def test_what_is_no_list_is_refused_by_the_name_of_the_dimension(name: str, unusable: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        CreditFilter(**{name: unusable})
    assert caught.value.argument == name
