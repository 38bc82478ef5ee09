"""Who earned a conversion under each model, with what weight and part of the value, on rows that are stored."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import override_settings

from django_attribution.attribution_models import (
    AttributionModel,
    first_touch,
    last_non_direct,
    last_touch,
    linear,
    position_based,
    time_decay,
)
from django_attribution.credit import Journey
from django_attribution.exceptions import AttributionError, InvalidArgument, InvalidWeights
from django_attribution.models import Conversion, Identity, Touchpoint
from tests.own_models import ByAge, Fixed, last_paid
from tests.strategies import MICROSECOND

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 3, 29, 1, 30, 0, 999_999, tzinfo=UTC)  # in the hour that Berlin's clocks skip
DAY = timedelta(days=1)
SINGLE_TOUCH = (first_touch, last_touch, last_non_direct)
SEVERAL_TOUCHES = (linear, time_decay(), position_based(), position_based(0.2, 0.6), ByAge(), last_paid)
ALL_MODELS = (*SINGLE_TOUCH, *SEVERAL_TOUCHES)

each_model = pytest.mark.parametrize("model", ALL_MODELS, ids=lambda model: model.name)
each_single = pytest.mark.parametrize("model", SINGLE_TOUCH, ids=lambda model: model.name)
each_of_several = pytest.mark.parametrize("model", SEVERAL_TOUCHES, ids=lambda model: model.name)


def visited(*days_and_sources: tuple[float, str], identity: Identity | None = None) -> Identity:
    """Store a visitor who came so many days before T0 from each source; "" is a direct visit, "x/y" names a medium."""
    visitor = Identity.objects.create() if identity is None else identity
    for days, words in days_and_sources:
        source, _, medium = words.partition("/")
        Touchpoint.objects.create(
            identity=visitor, created_at=T0 - days * DAY, utm_source=source, utm_medium=medium, utm_campaign="spring"
        )
    return visitor


def converted(identity: Identity | None, amount: str = "", *, at: datetime = T0) -> Conversion:
    """Store a conversion, worth nothing or an amount such as ``140.00 EUR``."""
    value, _, currency = amount.partition(" ")
    return Conversion.objects.create(
        identity=identity,
        event="purchase",
        created_at=at,
        value=Decimal(value) if value else None,
        currency=currency,
    )


def credits_of(conversion: Conversion, model: AttributionModel | str, **options: Any) -> list[Any]:
    """Ask for the credits of one stored conversion."""
    credits: list[Any] = Conversion.objects.with_attribution(model, **options).get(pk=conversion.pk).attribution_credits
    return credits


def shares(credits: Sequence[Any]) -> list[tuple[str, Fraction]]:
    """Read who earned what."""
    return [(credit.touchpoint.source, credit.weight) for credit in credits]


def weights(*written: str | int) -> list[Fraction]:
    """Return weights from their exact notation."""
    return [Fraction(weight) for weight in written]


def percent(*parts: int) -> list[Fraction]:
    """Return weights that are written in percent."""
    return [Fraction(part, 100) for part in parts]


SEVENTHS = weights("0.142857142857", "0.285714285714", "0.571428571429")
THREE = ((3, "a"), (2, "b"), (1, "c"))
SIX = ((6, "a"), (5, "b"), (4, "c"), (3, "d"), (2, "e"), (1, "f"))
TWO = ((2, "a"), (1, "b"))
DIRECT_AT_THE_ENDS = ((3, ""), (2, "google/organic"), (1, ""))
GOOGLE_THEN_DIRECT = ((2, "google/cpc"), (1, ""))
U, J, INVERSE_J = position_based(), position_based(0.2, 0.6), position_based(0.6, 0.2)


@pytest.mark.parametrize(
    ("model", "touches", "amount", "expected", "parts"),
    [
        (time_decay(1), THREE, "7.00 EUR", SEVENTHS, "1.00 2.00 4.00"),
        (U, THREE, "7.00 EUR", percent(40, 20, 40), "2.80 1.40 2.80"),
        (U, SIX, "100.00 EUR", percent(40, 5, 5, 5, 5, 40), "40.00 5.00 5.00 5.00 5.00 40.00"),
        (J, SIX, "100.00 EUR", percent(20, 5, 5, 5, 5, 60), "20.00 5.00 5.00 5.00 5.00 60.00"),
        (INVERSE_J, SIX, "100.00 EUR", percent(60, 5, 5, 5, 5, 20), "60.00 5.00 5.00 5.00 5.00 20.00"),
        (U, TWO, "1.00 EUR", percent(50, 50), "0.50 0.50"),
        (J, TWO, "1.00 EUR", percent(25, 75), "0.25 0.75"),
        (INVERSE_J, TWO, "1.00 EUR", percent(75, 25), "0.75 0.25"),
        (linear, DIRECT_AT_THE_ENDS, "140.00 EUR", weights("1/3", "1/3", "1/3"), "46.67 46.66 46.67"),
        (U, DIRECT_AT_THE_ENDS, "140.00 EUR", percent(40, 20, 40), "56.00 28.00 56.00"),
        (linear, TWO, "66.50 EUR", percent(50, 50), "33.25 33.25"),
        (U, TWO, "66.50 EUR", percent(50, 50), "33.25 33.25"),
        (linear, GOOGLE_THEN_DIRECT, "10.00 EUR", percent(50, 50), "5.00 5.00"),
        (linear, SIX, "100.00 EUR", weights(*["1/6"] * 6), "16.67 16.67 16.67 16.67 16.66 16.66"),
        (linear, THREE, "100 JPY", weights("1/3", "1/3", "1/3"), "34 33 33"),
        (linear, THREE, "1.000 KWD", weights("1/3", "1/3", "1/3"), "0.334 0.333 0.333"),
        (linear, THREE, "0.02 EUR", weights("1/3", "1/3", "1/3"), "0.01 0.01 0.00"),
        (linear, THREE, "1 JPY", weights("1/3", "1/3", "1/3"), "1 0 0"),
        (linear, THREE, "0 JPY", weights("1/3", "1/3", "1/3"), "0 0 0"),
        (linear, THREE, "0.00 EUR", weights("1/3", "1/3", "1/3"), "0.00 0.00 0.00"),
        (linear, THREE, "0.0001 CLF", weights("1/3", "1/3", "1/3"), "0.0001 0.0000 0.0000"),
        (J, THREE, "0.01 KWD", percent(20, 20, 60), "0.002 0.002 0.006"),
        (linear, THREE, "9999999999999.99 USD", weights("1/3", "1/3", "1/3"), " ".join(["3333333333333.33"] * 3)),
    ],
)  # fmt: skip
def test_the_published_check_cases_hold_for_weights_and_for_values(
    model: AttributionModel, touches: Any, amount: str, expected: list[Fraction], parts: str
) -> None:
    credits = credits_of(converted(visited(*touches), amount), model)
    assert [credit.weight for credit in credits] == expected
    assert [str(credit.value) for credit in credits] == parts.split()
    value, currency = amount.split()
    assert sum(credit.value for credit in credits) == Decimal(value)
    assert {credit.currency for credit in credits} == {currency}


def test_odd_cents_go_by_channel_source_medium_and_campaign_and_then_to_the_earlier_touch() -> None:
    conversion = converted(visited((5, "zeta"), (4, "google/cpc"), (3, "alpha"), (2, "alpha"), (1, "")), "0.03 EUR")
    credits = credits_of(conversion, linear)
    assert [(credit.touchpoint.channel, credit.touchpoint.source) for credit in credits] == [
        ("Unassigned", "zeta"), ("Paid Search", "google"), ("Unassigned", "alpha"), ("Unassigned", "alpha"),
        ("Direct", "(direct)"),
    ]  # fmt: skip
    assert [str(credit.value) for credit in credits] == ["0.00", "0.01", "0.01", "0.00", "0.01"]


def test_rounded_weights_have_six_digits_and_odd_ones_go_as_odd_cents_do() -> None:
    credits = credits_of(converted(visited(*DIRECT_AT_THE_ENDS)), linear)
    assert [str(credit.rounded_weight) for credit in credits] == ["0.333334", "0.333333", "0.333333"]
    credits = credits_of(converted(visited((3, "a"), (2, "a"), (1, ""))), linear)
    assert [str(credit.rounded_weight) for credit in credits] == ["0.333333", "0.333333", "0.333334"]
    (credit,) = credits_of(converted(visited((1, "a"))), linear)
    assert str(credit.rounded_weight) == "1.000000"


MIXED = ((5, ""), (4, "google"), (3, ""), (2, "email"), (1, ""))
DECAYED = {days: 2.0 ** (-days / 7) for days in (1, 2, 3, 4, 5)}


@pytest.mark.parametrize(
    ("model", "everyone", "others"),
    [
        (first_touch, [("(direct)", 1)], [("google", 1)]),
        (last_touch, [("(direct)", 1)], [("email", 1)]),
        (last_non_direct, [("email", 1)], [("email", 1)]),
        (linear, [("(direct)", 0.2), ("google", 0.2), ("(direct)", 0.2), ("email", 0.2), ("(direct)", 0.2)],
         [("google", 0.5), ("email", 0.5)]),
        (time_decay(),
         [("(direct)", DECAYED[5] / sum(DECAYED.values())), ("google", DECAYED[4] / sum(DECAYED.values())),
          ("(direct)", DECAYED[3] / sum(DECAYED.values())), ("email", DECAYED[2] / sum(DECAYED.values())),
          ("(direct)", DECAYED[1] / sum(DECAYED.values()))],
         [("google", DECAYED[4] / (DECAYED[4] + DECAYED[2])), ("email", DECAYED[2] / (DECAYED[4] + DECAYED[2]))]),
        (position_based(),
         [("(direct)", 0.4), ("google", 0.2 / 3), ("(direct)", 0.2 / 3), ("email", 0.2 / 3), ("(direct)", 0.4)],
         [("google", 0.5), ("email", 0.5)]),
        (ByAge(),
         [("(direct)", 6 / 20), ("google", 5 / 20), ("(direct)", 4 / 20), ("email", 3 / 20), ("(direct)", 2 / 20)],
         [("google", 5 / 8), ("email", 3 / 8)]),
        (last_paid, [("(direct)", 1)], [("email", 1)]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)  # fmt: skip
def test_direct_touches_that_are_taken_out_leave_their_credit_to_the_others(
    model: AttributionModel, everyone: list[tuple[str, float]], others: list[tuple[str, float]]
) -> None:
    conversion = converted(visited(*MIXED), "9.99 EUR")
    for exclude_direct, expected in ((False, everyone), (True, others)):
        credits = credits_of(conversion, model, exclude_direct=exclude_direct)
        assert [source for source, _ in shares(credits)] == [source for source, _ in expected]
        assert [float(weight) for _, weight in shares(credits)] == pytest.approx(
            [weight for _, weight in expected], abs=1e-11
        )
        assert sum(weight for _, weight in shares(credits)) == 1
        assert sum(credit.value for credit in credits) == Decimal("9.99")


def test_the_question_whether_direct_touches_count_is_kept() -> None:
    conversion = converted(visited(*GOOGLE_THEN_DIRECT))
    assert shares(credits_of(conversion, linear)) == [("google", Fraction(1, 2)), ("(direct)", Fraction(1, 2))]
    assert shares(credits_of(conversion, linear, exclude_direct=True)) == [("google", 1)]
    row = Conversion.objects.with_attribution(linear, exclude_direct=True).get()
    assert row.attribution_metadata["exclude_direct"] is True


@each_model
def test_who_only_came_directly_earns_nothing_once_direct_touches_are_taken_out(model: AttributionModel) -> None:
    conversion = converted(visited((2, ""), (1, "")), "1.00 EUR")
    assert sum(weight for _, weight in shares(credits_of(conversion, model))) == 1
    assert credits_of(conversion, model, exclude_direct=True) == []


def test_a_direct_source_with_a_medium_of_somebodys_is_no_direct_touch() -> None:
    conversion = converted(visited((2, "(direct)/(none)"), (1, "(direct)/cpc")))
    assert shares(credits_of(conversion, linear, exclude_direct=True)) == [("(direct)", 1)]


@each_single
def test_a_model_of_one_touch_gives_one_credit_with_everything(model: Any) -> None:
    conversion = converted(visited(*THREE), "9.99 EUR")
    (credit,) = credits_of(conversion, model)
    assert (credit.weight, credit.rounded_weight, credit.value) == (1, Decimal(1), Decimal("9.99"))
    row = Conversion.objects.with_attribution(model).get()
    assert row.credited_touchpoint.pk == row.attribution_credits[0].touchpoint.pk == row.credited_touchpoint_id
    assert row.attribution_data["touchpoint_uuid"] == credit.touchpoint_uuid


@each_model
def test_who_came_once_earns_all_of_it(model: AttributionModel) -> None:
    conversion = converted(visited((1, "google/cpc")), "9.99 EUR")
    (credit,) = credits_of(conversion, model)
    assert (credit.weight, credit.value, credit.touchpoint.source) == (1, Decimal("9.99"), "google")


@each_model
def test_nobody_earns_what_lies_in_no_window_or_belongs_to_no_visitor(model: AttributionModel) -> None:
    old = visited((40, "google"))
    for conversion in (
        converted(old, "1.00 EUR"),
        converted(visited(), "1.00 EUR"),
        converted(None, "1.00 EUR"),
        converted(visited((-1, "google")), "1.00 EUR"),
    ):
        assert credits_of(conversion, model) == []
        assert credits_of(conversion, model, window_days=0) == []
    assert len(credits_of(converted(old), model, window_days=40)) == 1


@each_model
def test_a_touch_earns_nothing_for_another_visitor(model: AttributionModel) -> None:
    visited((1, "google"))
    mine = converted(visited((2, "email")))
    assert shares(credits_of(mine, model)) == [("email", 1)]


@each_model
def test_a_credit_says_which_touch_how_old_and_by_which_window(model: AttributionModel) -> None:
    identity = Identity.objects.create()
    touch = Touchpoint.objects.create(
        identity=identity,
        created_at=T0 - 10 * DAY - MICROSECOND,
        utm_source=" Google",
        utm_medium="CPC",
        utm_campaign="Spring",
        utm_term="shoes",
        url="https://shop.test/sale/?utm_source=Google",
        referrer="https://www.Blog.test:8080/post",
    )
    conversion = converted(identity, "12 JPY")
    (credit,) = credits_of(conversion, model, window_days=7, source_windows={"GOOGLE ": 11, "email": 90})
    assert credit.touchpoint == touch
    assert credit.touchpoint_uuid == touch.uuid
    assert credit.touched_at == T0 - 10 * DAY - MICROSECOND
    assert credit.age == 10 * DAY + MICROSECOND
    assert credit.window_days == 11
    assert (str(credit.value), credit.currency) == ("12", "JPY")
    assert credit.dimensions == {
        "channel": "Paid Search",
        "source": "google",
        "medium": "cpc",
        "campaign": "Spring",
        "term": "shoes",
        "content": "(not set)",
        "landing_page": "/sale/",
        "referrer_host": "www.blog.test",
    }


def test_each_credit_has_the_window_of_its_own_source() -> None:
    conversion = converted(visited((20, "google"), (20, "email"), (6, "email"), (3, "")))
    credits = credits_of(conversion, linear, window_days=5, source_windows={"google": 20, "email": 19})
    assert [(credit.touchpoint.source, credit.window_days, credit.age) for credit in credits] == [
        ("google", 20, 20 * DAY),
        ("email", 19, 6 * DAY),
        ("(direct)", 5, 3 * DAY),
    ]


def test_both_ends_of_a_window_count_and_a_microsecond_more_does_not() -> None:
    identity = Identity.objects.create()
    edge = T0 - 7 * DAY
    for at in (edge - MICROSECOND, edge, edge + MICROSECOND, T0 - MICROSECOND, T0, T0 + MICROSECOND):
        Touchpoint.objects.create(identity=identity, created_at=at, utm_source="google")
    conversion = converted(identity)
    for windows in ({"window_days": 7}, {"window_days": 90, "source_windows": {"google": 7}}):
        credits = credits_of(conversion, linear, **windows)
        assert [credit.touched_at for credit in credits] == [edge, edge + MICROSECOND, T0 - MICROSECOND, T0]


def test_touches_at_one_instant_are_credited_in_the_order_of_their_ids() -> None:
    conversion = converted(visited((1, "c"), (1, "a"), (1, "b")))
    assert [source for source, _ in shares(credits_of(conversion, J))] == ["c", "a", "b"]
    assert [weight for _, weight in shares(credits_of(conversion, J))] == percent(20, 20, 60)
    assert shares(credits_of(conversion, time_decay(1)))[0][1] == Fraction(333_333_333_334, 10**12)


def test_two_conversions_of_a_visitor_have_each_their_own_journey() -> None:
    visitor = visited((20, "google"), (9, "email"), (1, "bing"), (-9, "later"))
    first, second = converted(visitor), converted(visitor, at=T0 + 10 * DAY)
    for window, of_first, of_second in (
        (10, ["email", "bing"], ["later"]),
        (19, ["email", "bing"], ["email", "bing", "later"]),
        (30, ["google", "email", "bing"], ["google", "email", "bing", "later"]),
    ):
        rows = Conversion.objects.with_attribution(linear, window_days=window).in_bulk()
        assert [source for source, _ in shares(rows[first.pk].attribution_credits)] == of_first
        assert [source for source, _ in shares(rows[second.pk].attribution_credits)] == of_second


def test_a_touch_with_no_weight_gets_no_credit() -> None:
    conversion = converted(visited(*SIX), "1.00 EUR")
    assert shares(credits_of(conversion, position_based("0.5", "0.5"))) == [
        ("a", Fraction(1, 2)),
        ("f", Fraction(1, 2)),
    ]
    assert shares(credits_of(conversion, position_based(0, 1))) == [("f", 1)]
    assert shares(credits_of(conversion, position_based(0, 0))) == [(source, Fraction(1, 4)) for source in "bcde"]
    # With a half-life of a minute, 2^-1440 is left of the touch a day before: no digit among the first twelve.
    assert shares(credits_of(conversion, time_decay(Fraction(1, 1440)))) == [("f", 1)]


@each_model
def test_without_a_value_there_are_no_parts_of_one(model: AttributionModel) -> None:
    conversion = converted(visited(*THREE))
    for currency in ("", "EUR"):  # a currency may be there for a value that is to come
        Conversion.objects.update(currency=currency)
        for credit in credits_of(conversion, model):
            assert (credit.value, credit.currency) == (None, "")


@each_of_several
def test_a_model_of_several_touches_has_no_one_touch_and_says_what_to_read(model: AttributionModel) -> None:
    converted(visited(*THREE))
    row = Conversion.objects.with_attribution(model).get()
    for name in ("attribution_data", "credited_touchpoint"):
        with pytest.raises(AttributionError, match="credits several touches: read attribution_credits") as caught:
            getattr(row, name)
        assert str(caught.value).startswith(f"{model.name} ")
    assert row.attribution_metadata == {
        "model": model.name,
        "window_days": 30,
        "source_windows": {},
        "exclude_direct": False,
    }


@each_of_several
def test_a_model_of_several_touches_has_no_columns_of_one(model: AttributionModel) -> None:
    with pytest.raises(InvalidArgument, match=r"credits several touches; ask for attribution_report\(\)") as caught:
        Conversion.objects.with_attribution(model).with_credited("source")
    assert caught.value.argument == "columns"


def test_credits_that_were_not_asked_for_say_how_to_ask() -> None:
    row = converted(visited(*THREE))
    for _ in range(2):
        with pytest.raises(AttributionError, match=r"with_attribution\(last_touch\)"):
            _ = row.attribution_credits


@pytest.mark.parametrize(("first", "second"), [(linear, linear), (linear, last_touch), (last_touch, linear)])
def test_asking_twice_is_refused(first: AttributionModel, second: AttributionModel) -> None:
    with pytest.raises(InvalidArgument, match="asked for attribution before"):
        Conversion.objects.with_attribution(first).filter(value__gt=1).with_attribution(second)


def test_credits_can_be_read_again() -> None:
    converted(visited(*THREE))
    row = Conversion.objects.with_attribution(linear).get()
    assert row.attribution_credits == row.attribution_credits


@pytest.mark.parametrize(("name", "expected"), [
    ("first_touch", ["a"]), ("LAST_TOUCH", ["c"]), ("last_non_direct", ["c"]), ("linear", ["a", "b", "c"]),
    ("TIME_DECAY", ["a", "b", "c"]), ("position_based", ["a", "b", "c"]),
])  # fmt: skip
def test_a_model_may_be_asked_for_by_name(name: str, expected: list[str]) -> None:
    conversion = converted(visited(*THREE))
    assert [source for source, _ in shares(credits_of(conversion, name))] == expected
    assert Conversion.objects.with_attribution(name).get().attribution_metadata["model"] == name.lower()


@override_settings(
    DJANGO_ATTRIBUTION={"MODELS": {"LAST_PAID": "tests.own_models.last_paid", "DECAY_1D": time_decay(1)}}
)
def test_a_model_of_the_setting_is_asked_for_by_its_name_there() -> None:
    conversion = converted(visited((3, "bing/cpc"), (2, "google/cpc"), (1, "email")))
    assert shares(credits_of(conversion, "LAST_PAID")) == [("google", 1)]
    assert [weight for _, weight in shares(credits_of(conversion, "DECAY_1D"))] == SEVENTHS
    names = {
        Conversion.objects.with_attribution(name).get().attribution_metadata["model"]
        for name in ("LAST_PAID", "DECAY_1D")
    }
    assert names == {"LAST_PAID", "DECAY_1D"}


def test_a_model_of_ones_own_sees_the_journey_and_when_it_ended() -> None:
    seen: list[Journey] = []

    def remember(journey: Journey) -> list[Fraction]:
        seen.append(journey)
        return weights("1/4", "3/4")

    model = SimpleNamespace(name="witness", description="Looks on.", weights=remember)
    conversion = converted(visited((40, "old"), (5, ""), (4, "Google/CPC"), (3, "email"), (-1, "later")), "1.00 EUR")
    assert shares(credits_of(conversion, model, exclude_direct=True)) == [
        ("google", Fraction(1, 4)),
        ("email", Fraction(3, 4)),
    ]
    (journey,) = seen
    assert journey.converted_at == T0
    google, email = journey
    assert (google.touched_at, google.source, google.medium) == (T0 - 4 * DAY, "google", "cpc")
    assert (google.campaign, google.channel, google.is_direct) == ("spring", "Paid Search", False)
    assert (email.source, email.medium) == ("email", "(not set)")


def test_a_model_of_ones_own_is_not_asked_about_an_empty_journey() -> None:
    def fail(journey: Journey) -> list[Fraction]:
        raise AssertionError(journey)

    model = SimpleNamespace(name="strict", description="Wants touches.", weights=fail)
    assert credits_of(converted(visited((40, "old"))), model) == []


@pytest.mark.parametrize(
    "exact",
    [
        [0, 1],
        (Decimal("0.25"), Decimal("0.75")),
        [Fraction(1, 4), Decimal("0.75")],
        iter([Fraction(2, 3), Fraction(1, 3)]),
    ],
    ids=("integers", "a tuple of decimals", "fraction and decimal", "an iterator"),
)
def test_exact_numbers_of_any_kind_are_weights(exact: Any) -> None:
    credits = credits_of(converted(visited(*TWO), "9.99 EUR"), Fixed(exact))
    assert sum(credit.weight for credit in credits) == 1
    assert all(isinstance(credit.weight, Fraction) and credit.weight > 0 for credit in credits)
    assert sum(credit.value for credit in credits) == Decimal("9.99")


@pytest.mark.parametrize(
    ("wrong", "required"),
    [
        ([0.5, 0.5], "one exact number"),
        ([Fraction(1, 2), 0.5], "one exact number"),
        ([1.0, 0], "one exact number"),
        ([], "one exact number"),
        ([1], "one exact number"),
        ([Fraction(1, 3)] * 3, "one exact number"),
        ([Fraction(3, 2), Fraction(-1, 2)], "sum to exactly 1"),
        ([Fraction(1, 2), Fraction(2, 5)], "sum to exactly 1"),
        ([Decimal("0.333333"), Decimal("0.666666")], "sum to exactly 1"),
        ([1, 1], "sum to exactly 1"),
        ([0, 0], "sum to exactly 1"),
    ],
    ids=str,
)
def test_weights_that_are_not_shares_of_one_whole_are_refused_by_the_name_of_the_model(
    wrong: list[Any], required: str
) -> None:
    converted(visited(*TWO), "9.99 EUR")
    row = Conversion.objects.with_attribution(Fixed(wrong, name="half-baked")).get()
    for _ in range(2):  # whoever asks again is told again
        with pytest.raises(InvalidWeights, match=r"^The model 'half-baked' must return ") as caught:
            _ = row.attribution_credits
        assert required in str(caught.value)
        assert str(caught.value).endswith(f"it returned [{', '.join(map(str, wrong))}] for a journey.")
        assert isinstance(caught.value, ValueError)


def test_a_refusal_shows_a_few_of_many_weights() -> None:
    converted(visited(*[(number / 10, "a") for number in range(40)]))
    row = Conversion.objects.with_attribution(Fixed([7] * 40)).get()
    with pytest.raises(InvalidWeights, match=r"it returned \[7, 7, 7, 7, 7, 7, 7, 7\] for a journey"):
        _ = row.attribution_credits


@pytest.mark.parametrize(
    "wrong",
    [[None, 1], [Decimal("NaN"), 1], [Decimal("Infinity"), 0], ["1/2", "1/2"], [1j, 0], None, 1],
    ids=str,
)
def test_what_is_no_list_of_exact_numbers_is_refused_by_the_name_of_the_model(wrong: Any) -> None:
    converted(visited(*TWO), "9.99 EUR")
    row = Conversion.objects.with_attribution(Fixed(wrong, name="half-baked")).get()
    with pytest.raises(InvalidWeights, match="'half-baked' must return"):
        _ = row.attribution_credits


def test_credits_that_were_read_follow_the_final_value() -> None:
    conversion = converted(visited(*TWO), "10.00 EUR")
    Conversion.objects.filter(pk=conversion.pk).update(is_confirmed=False, confirmed_at=None)
    row = Conversion.objects.with_attribution(linear).get()
    assert [str(credit.value) for credit in row.attribution_credits] == ["5.00", "5.00"]
    row.confirm(value="12.00")
    assert [str(credit.value) for credit in row.attribution_credits] == ["6.00", "6.00"]


def test_a_conversion_in_the_first_years_of_the_calendar_has_its_credits() -> None:
    early = datetime(5, 1, 1, tzinfo=UTC)
    identity = Identity.objects.create()
    Touchpoint.objects.create(identity=identity, created_at=early, utm_source="google")
    conversion = converted(identity, at=early)
    assert shares(credits_of(conversion, linear, window_days=3650)) == [("google", 1)]
