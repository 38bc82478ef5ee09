"""Amounts of money: ISO 4217 codes, minor units, and what is refused rather than rounded.

Pure: Decimal in, Decimal out. Knows nothing of conversions.
"""

import re
from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from typing import Any

import iso4217

from django_attribution.exceptions import InvalidArgument
from django_attribution.shares import largest_remainder

MAX_SIGNIFICANT_DIGITS = 15  # what SQLite's REAL gives back exactly
MAX_INTEGER_DIGITS = 15  # of the columns, which are Decimal(19, 4)
SCALE = 4  # digits after the point of the columns
EXACT = Context(prec=60)  # the host's context may round

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def clean_currency(code: object) -> str:
    """Return an ISO 4217 code in upper case; raise ``InvalidArgument`` for what is not money in use."""
    if isinstance(code, str) and re.fullmatch("[A-Za-z]{3}", code):
        upper = code.upper()
        if _exponent(upper) is not None:
            return upper
    raise InvalidArgument(
        "currency",
        f"currency must be an ISO 4217 currency code such as USD, EUR or JPY, not {str(code)[:20]!r}.",
    )


def minor_digits(currency: str) -> int:
    """Return how many digits a currency has after the point: 2 for EUR, 0 for JPY, 3 for KWD."""
    digits = _exponent(currency)
    if digits is None:
        raise InvalidArgument("currency", f"{currency!r} is not an ISO 4217 currency code in use.")
    return digits


def clean_amount(value: object, *, currency: str) -> Decimal:
    """Return ``value`` as an exact amount of ``currency``; raise ``InvalidArgument`` rather than round it.

    Takes Decimal, int, text such as "99.90", and float by its shortest decimal form, so that 99.99 is 99.99 and
    ``0.1 + 0.2`` is refused for its hidden digits. Amounts are zero or more, finite, of at most 15 significant
    digits, and no finer than the currency's minor unit.
    """
    amount = _to_decimal(value)
    if not amount.is_finite():
        raise InvalidArgument("value", f"value must be a finite amount, not {amount}.")
    digits = minor_digits(currency)
    if not amount:
        return Decimal((0, (0,), -digits))  # no negative zero either
    if amount < 0:
        raise InvalidArgument("value", f"value must be zero or more, not {amount}; void a conversion to take it back.")
    # A context of our own: the host's may round, and knows nothing of a trillion zeros.
    context = Context(prec=max(40, len(amount.as_tuple().digits)), Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
    _, significant, exponent = amount.normalize(context).as_tuple()
    if amount.adjusted() >= MAX_INTEGER_DIGITS or len(significant) > MAX_SIGNIFICANT_DIGITS:
        raise InvalidArgument(
            "value",
            f"value may have at most {MAX_SIGNIFICANT_DIGITS} significant digits, not {str(amount)[:40]}.",
        )
    if int(exponent) < -digits:
        raise InvalidArgument(
            "value",
            f"value must fit the minor unit of {currency} ({digits} digits after the point), not {amount}; "
            "amounts are never rounded.",
        )
    return amount.quantize(Decimal((0, (1,), -digits)), context=context)


def number_in(text: str) -> Decimal | None:
    """Return the number that text such as 99.90 or 1E+2 is; None for any other.

    Decimal takes more: 1_0 for 10, the digits of every script, and white space around. Such text is a mistake.
    """
    try:
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:  # an exponent beyond all bounds
        return None


def quantize(amount: Decimal, *, currency: str) -> Decimal:
    """Return a stored amount with the digits that its currency has, or more where it has them; never raises.

    A currency that went out of use since (iso4217 follows the standard) is shown with two digits at least.
    """
    context = Context(prec=40)
    stored = amount.quantize(Decimal((0, (1,), -SCALE)), context=context)  # SQLite adds floats
    own_digits = -int(stored.normalize(context).as_tuple().exponent)
    minor = _exponent(currency)
    digits = max(2 if minor is None else minor, own_digits)
    return stored.quantize(Decimal((0, (1,), -digits)), context=context)


def units_of(amount: Decimal | None) -> int:
    """Return a stored amount in ten-thousandths; 0 for none."""
    return 0 if amount is None else int(amount.scaleb(SCALE, context=EXACT))


def of_units(units: int, currency: str) -> Decimal | None:
    """Return an amount that was counted in ten-thousandths; None without a currency, as there is no value then."""
    return quantize(Decimal(f"{units}E-{SCALE}"), currency=currency) if currency else None


def split(
    amount: Decimal,
    weights: Sequence[Fraction | int],
    *,
    keys: Sequence[Any] | None = None,
    total: Fraction | int | None = None,
) -> list[Decimal]:
    """Share an amount in proportion to weights, to the last of the digits that it has; the parts sum to it exactly."""
    if len(weights) == 1 and weights[0]:
        return [amount]
    exponent = int(amount.as_tuple().exponent)
    units = int(Fraction(amount) / Fraction(10) ** exponent)
    # Made from text: the arithmetic of Decimal rounds to the digits of the host's context.
    return [Decimal(f"{part}E{exponent}") for part in largest_remainder(units, weights, keys=keys, total=total)]


def _to_decimal(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(float.__repr__(value))  # a subclass, such as NumPy's, may name itself in its repr
    number = number_in(value) if isinstance(value, str) and len(value) <= 64 else None
    if number is not None:
        return number
    raise InvalidArgument(
        "value",
        f"value must be a number such as Decimal('99.90'), not {str(value)[:40]!r} ({type(value).__name__}).",
    )


@cache
def _exponent(code: str) -> int | None:
    """Return the digits after the point of an upper-case code; None for no currency, or none with a minor unit."""
    try:
        exponent: int | None = iso4217.Currency(code).exponent
    except ValueError:
        return None
    return exponent
