"""Amounts of money are exact or refused: against a definition of its own, and for what callers really pass."""

import decimal
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import iso4217
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from django_attribution import money
from django_attribution.exceptions import InvalidArgument
from tests.strategies import QUICK

# ISO 4217, table A.1: digits after the point.
MINOR_DIGITS = {"USD": 2, "EUR": 2, "JPY": 0, "KRW": 0, "CLP": 0, "KWD": 3, "BHD": 3, "TND": 3, "CLF": 4, "UYW": 4}


def is_exact_amount(amount: Decimal, currency: str) -> bool:
    """Say anew what an amount is: finite, not negative, whole minor units, at most 15 significant digits."""
    if not amount.is_finite():
        return False
    exact = Fraction(amount)
    if exact < 0 or exact >= 10**15:
        return False
    minor_units = exact * 10 ** MINOR_DIGITS[currency]
    return minor_units.denominator == 1 and len(str(minor_units.numerator).rstrip("0")) <= 15


AMOUNTS = (
    st.builds(
        lambda digits, exponent, sign: Decimal((sign, tuple(map(int, str(digits))), exponent)),
        st.integers(0, 10**18) | st.sampled_from((0, 1, 10**14, 10**15 - 1, 10**15, 10**16 - 1, 123_456_789_012_345)),
        st.integers(-8, 6) | st.sampled_from((-40, 40)),
        st.sampled_from((0, 0, 0, 0, 1)),
    )
    | st.decimals()
)


@QUICK
@given(AMOUNTS, st.sampled_from(sorted(MINOR_DIGITS)))
@example(Decimal("99.99"), "USD")
@example(Decimal("0.005"), "USD")
@example(Decimal("9999999999999.99"), "USD")
@example(Decimal("99999999999999.99"), "USD")
@example(Decimal("999999999999999"), "JPY")
@example(Decimal("1E+14"), "USD")
@example(Decimal("1E+15"), "USD")
@example(Decimal("-0.00"), "USD")
@example(Decimal("-0.01"), "USD")
@example(Decimal("sNaN"), "USD")
@example(Decimal("1E+999999"), "USD")
@example(Decimal("1E-999999"), "USD")
def test_an_amount_is_taken_exactly_or_refused(amount: Decimal, currency: str) -> None:
    if is_exact_amount(amount, currency):
        taken = money.clean_amount(amount, currency=currency)
        assert taken == amount
        assert taken.as_tuple().exponent == -MINOR_DIGITS[currency]
        assert not taken.is_signed()
    else:
        with pytest.raises(InvalidArgument):
            money.clean_amount(amount, currency=currency)


@QUICK
@given(st.floats())
@example(99.99)
@example(0.1 + 0.2)
@example(1e16)
@example(5e-324)
@example(-0.0)
def test_a_float_is_its_shortest_decimal_form(amount: float) -> None:
    shortest = Decimal(repr(amount))
    if is_exact_amount(shortest, "USD"):
        assert money.clean_amount(amount, currency="USD") == shortest
    else:
        with pytest.raises(InvalidArgument):
            money.clean_amount(amount, currency="USD")


@pytest.mark.parametrize(
    ("value", "currency", "taken"),
    [
        (99.99, "USD", "99.99"),
        (5, "USD", "5.00"),
        (0, "USD", "0.00"),
        ("12.5", "EUR", "12.50"),
        ("12.5000", "EUR", "12.50"),
        ("1e2", "EUR", "100.00"),
        (1500, "JPY", "1500"),
        ("1500.00", "JPY", "1500"),
        ("1.234", "KWD", "1.234"),
        (Decimal("-0"), "USD", "0.00"),
        ("999999999999999", "USD", "999999999999999.00"),
    ],
)
def test_what_callers_pass_is_taken_with_the_digits_of_the_currency(value: Any, currency: str, taken: str) -> None:
    assert str(money.clean_amount(value, currency=currency)) == taken


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.1 + 0.2, "significant digits|minor unit of USD"),
        ("0.001", r"must fit the minor unit of USD \(2 digits after the point\), not 0.001; amounts are never rounded"),
        (-1, "must be zero or more, not -1"),
        ("1234567890123456", "at most 15 significant digits"),
        pytest.param(10**5000, "at most 15 significant digits", id="huge"),
        (math.nan, "must be a finite amount, not NaN"),
        (math.inf, "must be a finite amount, not Infinity"),
        (Decimal("NaN"), "must be a finite amount, not NaN"),
        (Decimal("sNaN123"), "must be a finite amount"),
        (Decimal("-inf"), "must be a finite amount, not -Infinity"),
        ("NaN", "must be a number"),
        ("-inf", "must be a number"),
        ("1_0", "must be a number"),
        (" 12.50", "must be a number"),
        ("12.50\n", "must be a number"),
        ("+7", "must be a number"),
        ("\u0661\u0662", "must be a number"),
        ("\uff17", "must be a number"),
        ("1e9" + "9" * 30, "must be a number"),
        ("ten", r"must be a number such as Decimal\('99.90'\), not 'ten' \(str\)"),
        ("", "must be a number"),
        ("1,50", "must be a number"),
        ("$5", "must be a number"),
        ("1" * 65, "must be a number"),
        (True, r"must be a number .*'True' \(bool\)"),
        ([1], "must be a number"),
        (b"1", "must be a number"),
        (1 + 0j, "must be a number"),
        ("1e1000000", "at most 15 significant digits"),
        ("1e-1000000", "must fit the minor unit"),
        (Decimal("1e999999999999"), "at most 15 significant digits"),
    ],
)
def test_what_is_no_exact_amount_is_refused_by_a_message_that_says_what_is_allowed(value: Any, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message) as caught:
        money.clean_amount(value, currency="USD")
    assert caught.value.argument == "value"
    assert str(caught.value).startswith("value ")
    assert len(str(caught.value)) < 300


class Price(float):
    """A number of the kind that numeric libraries hand out, which prints its type."""

    def __repr__(self) -> str:
        return f"Price({float(self)})"


def test_a_kind_of_float_is_a_float() -> None:
    assert money.clean_amount(Price(99.99), currency="USD") == Decimal("99.99")


@pytest.mark.parametrize("context", [decimal.Context(prec=4), decimal.Context(prec=4, traps=[decimal.Inexact])])
def test_the_hosts_decimal_context_changes_nothing(context: decimal.Context) -> None:
    with decimal.localcontext(context):
        assert str(money.clean_amount("1234567.89", currency="USD")) == "1234567.89"
        assert money.quantize(Decimal("1234567.8900"), currency="USD") == Decimal("1234567.89")
        with pytest.raises(InvalidArgument, match="minor unit"):
            money.clean_amount("1234567.891", currency="USD")


@pytest.mark.parametrize(("given_code", "code"), [("USD", "USD"), ("usd", "USD"), ("Eur", "EUR"), ("CLF", "CLF")])
def test_a_currency_code_is_taken_in_upper_case(given_code: str, code: str) -> None:
    assert money.clean_currency(given_code) == code


# Unknown, out of use, without a minor unit (gold, testing, none), and what only looks like a code.
@pytest.mark.parametrize(
    "code",
    [
        "ABC",
        "DEM",
        "XAU",
        "XTS",
        "XXX",
        "US",
        "USDT",
        "",
        " USD",
        "USD\n",
        "ÜSD",
        "840",
        None,
        840,
        ["USD"],
        "U" * 500,
    ],
)
def test_what_is_no_currency_in_use_is_refused_by_a_message_with_examples(code: Any) -> None:
    with pytest.raises(InvalidArgument, match="ISO 4217 currency code such as USD, EUR or JPY") as caught:
        money.clean_currency(code)
    assert caught.value.argument == "currency"
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize(("currency", "digits"), MINOR_DIGITS.items())
def test_minor_digits_are_those_of_iso_4217(currency: str, digits: int) -> None:
    assert money.minor_digits(currency) == digits


def test_minor_digits_of_no_currency_are_an_error() -> None:
    with pytest.raises(InvalidArgument, match="'QQQ' is not an ISO 4217 currency code"):
        money.minor_digits("QQQ")


def test_a_sum_from_a_database_gets_the_digits_of_its_currency() -> None:
    assert str(money.quantize(Decimal("12.5000"), currency="EUR")) == "12.50"
    assert str(money.quantize(Decimal("1500.0000"), currency="JPY")) == "1500"
    assert str(money.quantize(Decimal("0.30000000000000004"), currency="EUR")) == "0.30"  # SQLite adds floats


def test_an_amount_in_a_currency_that_went_out_of_use_is_still_shown() -> None:
    assert str(money.quantize(Decimal("5.0000"), currency="BGN" if "BGN" not in money_in_use() else "QQQ")) == "5.00"
    assert str(money.quantize(Decimal("1.9990"), currency="EUR")) == "1.999"  # the digits that are there


def money_in_use() -> set[str]:
    return {currency.code for currency in iso4217.Currency}
