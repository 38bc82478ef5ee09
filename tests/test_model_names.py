"""Which models there are: the built-in ones with their parameters, one's own by protocol, and all of them by name."""

import math
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import override_settings

from django_attribution.attribution_models import (
    SingleTouchModel,
    first_touch,
    last_non_direct,
    last_touch,
    linear,
    position_based,
    time_decay,
)
from django_attribution.exceptions import InvalidArgument
from django_attribution.model_names import (
    BUILT_IN,
    MAX_MODELS,
    markov,
    participation,
    per_conversion_model,
    report_model,
    report_models,
)
from tests.own_models import ByAge, Fixed, LastPaid, last_paid

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
NO_NUMBERS = (
    True, False, None, "", "seven", "nan", "inf", b"7", [7], (), 7j, DAY, math.nan, math.inf, -math.inf,
    Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), "1/0",
)  # fmt: skip


@pytest.mark.parametrize(
    ("half_life_days", "half_life"),
    [
        (7, 7 * DAY),
        (7.0, 7 * DAY),
        ("7", 7 * DAY),
        (" 7.00 ", 7 * DAY),
        (Decimal("7.0"), 7 * DAY),
        (Fraction(7), 7 * DAY),
        (0.1, DAY / 10),
        (0.3, timedelta(hours=7, minutes=12)),
        (Fraction(1, 3), timedelta(hours=8)),
        ("1/3", timedelta(hours=8)),
        (3650, 3650 * DAY),
        ("3650.0", 3650 * DAY),
        (Fraction(5, 3) / 86_400_000_000, 2 * MICROSECOND),
        (1e-20, MICROSECOND),
        (Fraction(1, 10**400), MICROSECOND),
    ],
)
def test_a_half_life_is_any_number_of_days_and_exact_to_the_microsecond(
    half_life_days: Any, half_life: timedelta
) -> None:
    assert time_decay(half_life_days).half_life == half_life


@pytest.mark.parametrize("unusable", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_refused_by_the_name_of_the_argument(unusable: Any) -> None:
    for argument, ask in (
        ("half_life_days", lambda: time_decay(unusable)),
        ("first", lambda: position_based(unusable, "0.4")),
        ("last", lambda: position_based("0.4", unusable)),
    ):
        with pytest.raises(InvalidArgument, match=f"^{argument} must be a number, not ") as caught:
            ask()
        assert caught.value.argument == argument


@pytest.mark.parametrize("outside", [0, 0.0, "-0", -1, "-1e-9", 3651, 3650.000001, "1e9", Decimal("3650.01")])
def test_a_half_life_lies_above_zero_and_within_ten_years(outside: Any) -> None:
    with pytest.raises(InvalidArgument, match="half_life_days must be above 0 and at most 3650, not ") as caught:
        time_decay(outside)
    assert caught.value.argument == "half_life_days"


@pytest.mark.parametrize(
    ("first", "last", "ends"),
    [
        (0.4, 0.4, (Fraction(2, 5), Fraction(2, 5))),
        (0.8, 0.2, (Fraction(4, 5), Fraction(1, 5))),  # as binary fractions they sum to more than 1
        ("0.2", Decimal("0.6"), (Fraction(1, 5), Fraction(3, 5))),
        (Fraction(1, 3), "2/3", (Fraction(1, 3), Fraction(2, 3))),
        (1, 0, (Fraction(1), Fraction(0))),
        (0, 0, (Fraction(0), Fraction(0))),
    ],
)
def test_shares_are_exact_a_float_by_its_shortest_form(first: Any, last: Any, ends: tuple[Fraction, Fraction]) -> None:
    model = position_based(first, last)
    assert (model.first, model.last) == ends


@pytest.mark.parametrize("outside", [-0.1, "-1/1000000", 1.1, 2, Decimal("1.5")])
def test_a_share_lies_between_zero_and_one(outside: Any) -> None:
    for argument, ends in (("first", (outside, 0)), ("last", (0, outside))):
        with pytest.raises(InvalidArgument, match=f"{argument} must be a share from 0 to 1, not ") as caught:
            position_based(*ends)
        assert caught.value.argument == argument


@pytest.mark.parametrize("ends", [(0.6, 0.5), (1, 1), ("0.5", "0.501"), (Fraction(2, 3), Fraction(1, 2))])
def test_the_ends_share_no_more_than_there_is(ends: tuple[Any, Any]) -> None:
    with pytest.raises(InvalidArgument, match=r"first and last share one conversion: .* is more than 1") as caught:
        position_based(*ends)
    assert caught.value.argument == "last"


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (time_decay(), "time_decay"),
        (time_decay("7.0"), "time_decay"),
        (time_decay(14), "time_decay(14 days)"),
        (time_decay(1.5), "time_decay(1.5 days)"),
        (time_decay(3650), "time_decay(3650 days)"),
        (position_based(), "position_based"),
        (position_based(Fraction(2, 5), 0.4), "position_based"),
        (position_based(0.2, 0.6), "position_based(20 % and 60 %)"),
        (position_based(0, 1), "position_based(0 % and 100 %)"),
        (position_based(0.125, "0.4"), "position_based(12.5 % and 40 %)"),
    ],
)
def test_a_name_tells_the_parameters_that_are_not_the_usual_ones(model: Any, name: str) -> None:
    assert model.name == name


def test_a_description_tells_the_parameters_always() -> None:
    assert "every 7 days" in time_decay().description
    assert "every 14 days" in time_decay(14).description
    assert position_based().description.startswith("40 % and 40 % of the credit")
    assert position_based(0.2, 0.6).description.startswith("20 % and 60 % of the credit")


def test_models_of_the_same_parameters_are_equal() -> None:
    assert time_decay(0.5) == time_decay("1/2") != time_decay()
    assert position_based(0.2, 0.6) == position_based("0.20", Fraction(3, 5)) != position_based(0.6, 0.2)
    assert len({time_decay(), time_decay(7), position_based(), position_based(0.4, "0.4")}) == 2


def test_six_models_are_built_in_under_their_own_names() -> None:
    assert dict(BUILT_IN) == {
        "first_touch": first_touch,
        "last_touch": last_touch,
        "last_non_direct": last_non_direct,
        "linear": linear,
        "time_decay": time_decay(),
        "position_based": position_based(),
    }
    assert all(model.name == name for name, model in BUILT_IN.items())
    assert len({model.description for model in BUILT_IN.values()}) == 6


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_model_is_found_by_its_name_in_any_case(name: str) -> None:
    assert per_conversion_model(name) == (name, BUILT_IN[name])
    assert per_conversion_model(name.upper()) == (name, BUILT_IN[name])
    assert per_conversion_model(BUILT_IN[name]) == (name, BUILT_IN[name])


def test_whatever_has_name_description_and_weights_is_a_model() -> None:
    simple = SimpleNamespace(name="simple", description="By hand.", weights=lambda journey: [1] * len(journey))
    for model in (LastPaid(), ByAge(), Fixed([1]), simple, time_decay(14)):
        assert per_conversion_model(model) == (model.name, model)


@pytest.mark.parametrize(
    "impostor",
    [
        LastPaid,
        SingleTouchModel,
        SimpleNamespace(name="no weights", description=""),
        SimpleNamespace(name="no description", weights=list),
        SimpleNamespace(description="No name.", weights=list),
        SimpleNamespace(name="not callable", description="", weights=[1]),
        SimpleNamespace(name=3, description="", weights=list),
        lambda journey: [1],
        None,
        0,
        b"linear",
        "",
        "LAST_PAID",
        " linear",
        "time_decay(14 days)",
    ],
    ids=lambda impostor: getattr(impostor, "__name__", str(impostor)),
)
def test_what_is_no_model_is_refused_by_a_message_that_lists_the_names(impostor: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"first_touch, last_touch, .*, participation, markov") as caught:
        per_conversion_model(impostor)
    assert caught.value.argument == "model"


@pytest.mark.parametrize("factory", [time_decay, position_based])
def test_a_factory_is_refused_with_the_advice_to_call_it(factory: Any) -> None:
    with pytest.raises(InvalidArgument, match=rf"Call it: {factory.__name__}\(\)\.$"):
        per_conversion_model(factory)


@pytest.mark.parametrize("model", [participation, markov, "participation", "MARKOV"])
def test_a_model_of_whole_reports_says_nothing_of_one_conversion(model: Any) -> None:
    with pytest.raises(InvalidArgument, match="says nothing of a single conversion; ask for it in a report"):
        per_conversion_model(model)
    assert report_model(model)[1] in (participation, markov)


OWN = {"LAST_PAID": "tests.own_models.last_paid", "TIME_DECAY_14D": time_decay(14), "BY_AGE_2": ByAge()}


@override_settings(DJANGO_ATTRIBUTION={"MODELS": OWN})
def test_the_setting_adds_models_by_name_as_objects_and_by_dotted_path() -> None:
    assert per_conversion_model("LAST_PAID") == ("LAST_PAID", last_paid)
    assert per_conversion_model("TIME_DECAY_14D") == ("TIME_DECAY_14D", time_decay(14))
    assert per_conversion_model("BY_AGE_2") == ("BY_AGE_2", ByAge())
    assert per_conversion_model("linear") == ("linear", linear)
    assert per_conversion_model("last_paid") == ("LAST_PAID", last_paid)
    with pytest.raises(InvalidArgument, match="markov, LAST_PAID, TIME_DECAY_14D, BY_AGE_2"):
        per_conversion_model("last paid")


@pytest.mark.parametrize(
    ("name", "model", "complaint"),
    [
        ("last_paid", last_paid, "must be in capitals"),
        ("2ND", last_paid, "must be in capitals"),
        ("LAST PAID", last_paid, "must be in capitals"),
        ("LAST_PAID\n", last_paid, "must be in capitals"),
        ("L" * 65, last_paid, "must be in capitals"),
        (3, last_paid, "must be in capitals"),
        ("LINEAR", last_paid, "built-in"),
        ("MARKOV", last_paid, "built-in"),
        ("LAST_PAID", "tests.own_models.nothing", "cannot be imported"),
        ("LAST_PAID", "tests.nowhere.last_paid", "cannot be imported"),
        ("LAST_PAID", "last_paid", "cannot be imported"),
        ("LAST_PAID", "tests.own_models.LastPaid", "must be an attribution model"),
        ("LAST_PAID", LastPaid, "must be an attribution model"),
        ("LAST_PAID", participation, "must be an attribution model"),
        ("LAST_PAID", None, "must be an attribution model"),
    ],
)
def test_an_entry_of_the_setting_that_is_no_model_is_refused_by_the_name_of_the_setting(
    name: Any, model: Any, complaint: str
) -> None:
    with (
        override_settings(DJANGO_ATTRIBUTION={"MODELS": {name: model}}),
        pytest.raises(InvalidArgument, match=complaint) as caught,
    ):
        per_conversion_model("LAST_PAID")
    assert caught.value.argument == "MODELS"


def test_the_models_of_a_report_are_listed_by_name() -> None:
    asked = ["linear", last_touch, time_decay(14), "MARKOV", participation]
    assert report_models(asked) == {
        "linear": linear,
        "last_touch": last_touch,
        "time_decay(14 days)": time_decay(14),
        "markov": markov,
        "participation": participation,
    }
    assert list(report_models(asked)) == ["linear", "last_touch", "time_decay(14 days)", "markov", "participation"]


@pytest.mark.parametrize(
    ("models", "complaint"),
    [
        ([], "1 to 10 models, not 0"),
        ("linear", "must be a list"),
        (linear, "must be a list"),
        (markov, "must be a list"),
        (["linear", linear], "'linear' twice"),
        (["LINEAR", "linear"], "'linear' twice"),
        ([time_decay(), time_decay(7)], "'time_decay' twice"),
        ([time_decay(days) for days in range(8, 9 + MAX_MODELS)], "1 to 10 models, not 11"),
    ],
)
def test_a_report_takes_one_to_ten_models_each_once(models: Any, complaint: str) -> None:
    with pytest.raises(InvalidArgument, match=complaint) as caught:
        report_models(models)
    assert caught.value.argument == "models"


class NamesItself(float):
    """A float that names itself in its repr, as NumPy's do."""

    def __repr__(self) -> str:
        return f"np.float64({float(self)})"


def test_a_float_that_names_itself_is_a_number() -> None:
    assert time_decay(NamesItself(0.1)) == time_decay(0.1)
    assert position_based(NamesItself(0.8), NamesItself(0.2)) == position_based(0.8, 0.2)


@pytest.mark.parametrize("huge", ["1e400", 10**400, 10**5000, Decimal("-1e999")], ids=lambda huge: str(type(huge)))
def test_a_number_beyond_all_floats_is_refused_like_any_other(huge: Any) -> None:
    for ask in (lambda: time_decay(huge), lambda: position_based(huge, 0), lambda: position_based(0, huge)):
        with pytest.raises(InvalidArgument):
            ask()


def test_a_refusal_shows_what_is_a_little_too_much() -> None:
    with pytest.raises(InvalidArgument) as caught:
        position_based("0.5", "0.50000000001")
    assert "1 is more than 1" not in str(caught.value)
    with pytest.raises(InvalidArgument) as caught:
        position_based("1.00000001", 0)
    assert not str(caught.value).endswith("from 0 to 1, not 1.")
