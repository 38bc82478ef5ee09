"""Confirmation tokens: what they fix, and that nobody but the server can make, change or keep one for long."""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import signing
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from django_attribution.exceptions import ExpiredConfirmationToken, InvalidConfirmationToken
from django_attribution.models import Conversion
from django_attribution.tokens import Confirmation, read_confirmation, sign_confirmation
from tests.strategies import QUICK

SALT = "django_attribution.tokens"  # another one would make void what a site has handed out before an upgrade
CONVERSION = UUID("6f1c1f0e-7f43-4a51-9f0e-0d9f6a3f2b11")
DAY = 86_400  # seconds


class SignerInThePast(signing.TimestampSigner):
    """Signs as if it were some seconds ago."""

    def __init__(self, *, age: int) -> None:
        super().__init__(salt=SALT)
        self.age = age

    def timestamp(self) -> str:
        return signing.b62_encode(int(time.time()) - self.age)


def token(*, value: str | None = "99.99") -> str:
    """Return a good token."""
    return sign_confirmation(uuid=CONVERSION, value=None if value is None else Decimal(value), currency="EUR")


def aged_token(age: int) -> str:
    """Return a token that was issued some seconds ago."""
    return SignerInThePast(age=age).sign_object([CONVERSION.hex, "99.99", "EUR"])


@pytest.mark.parametrize("digits", [None, "99.99", "0.00", "1500", "999999999999999.00"])
def test_a_token_gives_back_what_was_signed(digits: str | None) -> None:
    uuid, value = uuid4(), None if digits is None else Decimal(digits)
    read = read_confirmation(sign_confirmation(uuid=uuid, value=value, currency="EUR"))
    assert read == Confirmation(uuid, value, "EUR")
    assert str(read.value) == str(digits)


def test_a_token_with_one_letter_altered_is_refused() -> None:
    good = token()
    for position, letter in enumerate(good):
        altered = good[:position] + ("B" if letter == "A" else "A") + good[position + 1 :]
        with pytest.raises(InvalidConfirmationToken, match="was not issued by this site"):
            read_confirmation(altered)


def test_the_amount_of_another_token_cannot_be_put_into_this_one() -> None:
    dear, cheap = token(value="99.99"), token(value="0.01")
    forged = ":".join([cheap.split(":")[0], *dear.split(":")[1:]])
    with pytest.raises(InvalidConfirmationToken):
        read_confirmation(forged)


FORGED: dict[str, Callable[[], str]] = {
    "the usual salt": lambda: signing.dumps([CONVERSION.hex, "99.99", "EUR"]),
    "the cookie's salt": lambda: signing.dumps([CONVERSION.hex, "99.99", "EUR"], salt="django_attribution.cookies"),
    "another site": lambda: signing.dumps([CONVERSION.hex, "99.99", "EUR"], salt=SALT, key="their secret"),
    "a cookie": lambda: signing.TimestampSigner(salt="django_attribution.cookies").sign(CONVERSION.hex),
    "a uuid": lambda: CONVERSION.hex,
    "nothing": lambda: "",
    "a separator": lambda: ":",
    "separators": lambda: "::",
    "three letters": lambda: "a:b:c",
    "other letters": lambda: "é:ü:ß",
    "a control character": lambda: "\x00",
    "lone surrogates": lambda: "\ud800:\ud800:\ud800",
    "one said to be compressed": lambda: "." + token(),
    "one with a separator": lambda: token() + ":",
    "one with a line break": lambda: token() + "\n",
    "one with a space": lambda: " " + token(),
    "a long one": lambda: "A" * 100_000,
}


@pytest.mark.parametrize("name", FORGED)
def test_what_this_site_did_not_issue_as_a_token_is_refused(name: str) -> None:
    with pytest.raises(InvalidConfirmationToken, match="was not issued by this site") as caught:
        read_confirmation(FORGED[name]())
    assert not isinstance(caught.value, ExpiredConfirmationToken)


@QUICK
@given(st.text(alphabet=st.characters() | st.sampled_from(":.-_AZaz09"), max_size=60))
def test_any_text_is_refused_as_a_token(forged: str) -> None:
    for text in (forged, f"{forged}:{forged}", f"{token()}{forged}:", f"{token()[:-1]}{forged}:{forged}"):
        with pytest.raises(InvalidConfirmationToken):
            read_confirmation(text)


@pytest.mark.parametrize(("age", "is_good"), [(0, True), (DAY - 60, True), (DAY + 1, False), (10 * DAY, False)])
def test_a_token_works_for_a_day(age: int, *, is_good: bool) -> None:
    if is_good:
        assert read_confirmation(aged_token(age)).uuid == CONVERSION
    else:
        with pytest.raises(ExpiredConfirmationToken, match="has expired; have the server issue a new one"):
            read_confirmation(aged_token(age))


@override_settings(DJANGO_ATTRIBUTION={"CONFIRMATION_TOKEN_MAX_AGE": 120})
def test_how_long_a_token_works_is_a_setting() -> None:
    assert read_confirmation(aged_token(60)).value == Decimal("99.99")
    with pytest.raises(ExpiredConfirmationToken):
        read_confirmation(aged_token(121))


def test_a_token_survives_a_change_of_the_secret_key_by_its_fallback(settings: Any) -> None:
    good = token()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert read_confirmation(good).uuid == CONVERSION
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidConfirmationToken):
        read_confirmation(good)


def test_a_token_fits_into_an_address() -> None:
    assert set(token()) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:.")
    assert len(token()) < 200


@pytest.mark.django_db
def test_a_conversions_token_fixes_the_stored_amount_or_the_given_one() -> None:
    conversion = Conversion.objects.record(event="purchase", value="10", currency="EUR", is_confirmed=False)
    conversion.refresh_from_db()  # Decimal(19, 4)
    assert read_confirmation(conversion.confirmation_token()) == Confirmation(conversion.uuid, Decimal(10), "EUR")
    assert read_confirmation(conversion.confirmation_token(value="12.50")).value == Decimal("12.50")
    conversion.value = Decimal(1)  # unsaved, or saved later: the token was issued for the amount above
    assert read_confirmation(conversion.confirmation_token(value=7)).value == Decimal(7)
