"""How far back a touch may lie: what a window accepts, what it refuses, and both of its ends."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_attribution.exceptions import AttributionError, InvalidArgument
from django_attribution.windows import AttributionWindow
from tests.strategies import MICROSECOND, MICROSECONDS, QUICK, days, source_windows, spelled_sources

T0 = datetime(2024, 2, 29, 0, 0, tzinfo=UTC)


def test_a_window_is_thirty_days_unless_told() -> None:
    window = AttributionWindow()
    assert (window.default_days, dict(window.days_by_source)) == (30, {})
    assert window.days_for("anything") == 30


@pytest.mark.parametrize(
    "unusable", [-1, 3651, True, False, 7.0, math.nan, math.inf, "7", None, [7], timedelta(days=7)]
)
def test_unusable_days_are_refused_by_a_message_that_says_what_is_allowed(unusable: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        AttributionWindow(unusable)
    assert caught.value.argument == "window_days"
    assert str(caught.value) == f"window_days must be a whole number of days from 0 to 3650, not {unusable!r}."
    with pytest.raises(InvalidArgument) as caught:
        AttributionWindow(7, {"google": 7, "email": unusable})
    assert caught.value.argument == "source_windows"
    assert (
        str(caught.value) == f"source_windows['email'] must be a whole number of days from 0 to 3650, not {unusable!r}."
    )


@pytest.mark.parametrize("usable", [0, 1, 30, 3650])
def test_days_from_zero_to_ten_years_are_usable(usable: int) -> None:
    window = AttributionWindow(usable, {"google": usable})
    assert window.days_for("google") == window.days_for("bing") == usable


@pytest.mark.parametrize("key", ["", "  ", "\t\n", None, 7, b"google", ("google",)])
def test_a_key_that_names_no_source_is_refused(key: Any) -> None:
    with pytest.raises(InvalidArgument, match="keyed by the name of a source") as caught:
        AttributionWindow(7, {key: 3})
    assert repr(key) in str(caught.value)


@pytest.mark.parametrize("unusable", [None, [("google", 7)], "google", 7, {"google"}])
def test_source_windows_that_are_no_mapping_are_refused(unusable: Any) -> None:
    with pytest.raises(InvalidArgument, match="must be a mapping of source to days, not ") as caught:
        AttributionWindow(7, unusable)
    assert type(unusable).__name__ in str(caught.value)


def test_fifty_sources_are_allowed_and_one_more_is_not() -> None:
    fifty = {f"partner-{number}": number for number in range(50)}
    assert AttributionWindow(7, fifty).days_for("partner-49") == 49
    with pytest.raises(InvalidArgument, match="names 51 sources; at most 50 are allowed"):
        AttributionWindow(7, {**fifty, "one-more": 1})


@pytest.mark.parametrize("again", ["Google", " google", "GOOGLE\t", "google "])
def test_a_source_named_twice_is_refused_whatever_its_case_and_space(again: str) -> None:
    with pytest.raises(InvalidArgument, match="names the source 'google' twice"):
        AttributionWindow(7, {"google": 3, again: 3})


def test_a_source_called_default_is_a_source_like_any_other() -> None:
    window = AttributionWindow(7, {"default": 3})
    assert (window.default_days, window.days_for("Default"), window.days_for("google")) == (7, 3, 7)


def test_what_a_caller_does_to_his_dict_afterwards_changes_nothing() -> None:
    asked = {"Google": 3}
    window = AttributionWindow(7, asked)
    asked["google"] = 99
    assert (window.days_for("google"), asked) == (3, {"Google": 3, "google": 99})


def test_errors_can_be_caught_as_value_errors() -> None:
    with pytest.raises(ValueError, match="3650") as caught:
        AttributionWindow(-1)
    assert isinstance(caught.value, AttributionError)


@QUICK
@given(days(), source_windows(), spelled_sources())
def test_a_source_is_found_whatever_its_case_and_space(default: int, by_source: dict[str, int], asked: str) -> None:
    expected = {source.strip().lower(): length for source, length in by_source.items()}
    window = AttributionWindow(default, by_source)
    assert window.days_for(asked) == expected.get(asked.strip().lower(), default)
    assert window.longest_days == max([default, *by_source.values()])


@QUICK
@given(days(), source_windows(), spelled_sources(), st.sampled_from(MICROSECONDS))
def test_both_ends_of_a_window_count_unless_it_has_no_days(
    default: int, by_source: dict[str, int], source: str, microsecond: int
) -> None:
    window = AttributionWindow(default, by_source)
    length = window.days_for(source)
    converted_at = T0.replace(microsecond=microsecond)
    start = converted_at - timedelta(days=length)

    def covers(touched_at: datetime) -> bool:
        return window.covers(source=source, touched_at=touched_at, converted_at=converted_at)

    assert covers(start) == covers(converted_at) == (length > 0)
    assert covers(start + MICROSECOND) == covers(converted_at - MICROSECOND) == (length > 0)
    assert not covers(start - MICROSECOND)
    assert not covers(converted_at + MICROSECOND)
