"""What a browser may record: nothing, unless CLIENT_EVENTS allows it, and then within its limits."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from django_attribution.client_events import ClientEventRule, clean_client_key, rule_for
from django_attribution.exceptions import ClientConversionRefused, InvalidArgument

EVENTS = {
    "signup": {},
    "purchase": {"value": True, "max_value": 99.99, "currencies": ["EUR", "jpy"], "confirmed": False},
    "tip": {"value": True},
    "newsletter": {"confirmed": True},
}
allowing = override_settings(DJANGO_ATTRIBUTION={"CLIENT_EVENTS": EVENTS, "CURRENCY": "CHF"})


def test_nothing_may_be_recorded_by_default() -> None:
    with pytest.raises(ClientConversionRefused, match="cannot be recorded from a browser") as caught:
        rule_for("signup")
    assert caught.value.argument == "event"


@allowing
@pytest.mark.parametrize("event", ["refund", "", "Signup", "signup ", "SIGNUP", "signup\x00"])
def test_an_event_is_allowed_to_the_letter(event: str) -> None:
    with pytest.raises(ClientConversionRefused, match="cannot be recorded from a browser"):
        rule_for(event)


@allowing
def test_a_refusal_does_not_tell_which_events_there_are() -> None:
    with pytest.raises(ClientConversionRefused) as caught:
        rule_for("refund")
    assert not any(event in str(caught.value) for event in EVENTS)


@allowing
def test_an_event_without_limits_has_no_value_and_stays_pending() -> None:
    assert rule_for("signup") == ClientEventRule(value=False, max_value=None, currencies=(), confirmed=False)
    rule_for("signup").check(value=None, currency="")
    with pytest.raises(ClientConversionRefused, match="may not name a value") as caught:
        rule_for("signup").check(value=Decimal(0), currency="CHF")
    assert caught.value.argument == "value"


@allowing
def test_an_event_is_confirmed_at_once_only_where_that_is_said() -> None:
    assert {event: rule_for(event).confirmed for event in EVENTS} == {
        "signup": False,
        "purchase": False,
        "tip": False,
        "newsletter": True,
    }


@allowing
@pytest.mark.parametrize(("value", "is_allowed"), [("0", True), ("99.98", True), ("99.99", True), ("100", False)])
def test_a_value_counts_up_to_its_maximum(value: str, *, is_allowed: bool) -> None:
    rule = rule_for("purchase")
    if is_allowed:
        rule.check(value=Decimal(value), currency="EUR")
    else:
        with pytest.raises(ClientConversionRefused, match=r"at most 99\.99") as caught:
            rule.check(value=Decimal(value), currency="EUR")
        assert caught.value.argument == "value"


@allowing
def test_a_value_may_be_left_out() -> None:
    rule_for("purchase").check(value=None, currency="")


@allowing
@pytest.mark.parametrize(("event", "allowed"), [("purchase", ("EUR", "JPY")), ("tip", ("CHF",))])
def test_a_currency_is_one_of_those_named_or_else_the_usual_one(event: str, allowed: tuple[str, ...]) -> None:
    for currency in ("EUR", "JPY", "CHF", "USD"):
        if currency in allowed:
            rule_for(event).check(value=Decimal(5), currency=currency)
        else:
            with pytest.raises(ClientConversionRefused, match=f"Allowed: {', '.join(allowed)}") as caught:
                rule_for(event).check(value=Decimal(5), currency=currency)
            assert caught.value.argument == "currency"


@allowing
def test_a_value_without_a_maximum_has_none() -> None:
    rule_for("tip").check(value=Decimal("999999999999.99"), currency="CHF")


def test_a_maximum_of_zero_allows_nothing_more() -> None:
    rule = ClientEventRule.from_setting("tip", {"value": True, "max_value": 0})
    with pytest.raises(ClientConversionRefused, match="at most 0"):
        rule.check(value=Decimal("0.01"), currency="USD")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (None, "limits of 'tip' must be a dict"),
        ([], "limits of 'tip' must be a dict"),
        ({"max": 5}, "Unknown limit 'max' of 'tip'. Known: value, max_value, currencies, confirmed"),
        ({"value": 1}, "value of 'tip' must be True or False"),
        ({"confirmed": None}, "confirmed of 'tip' must be True or False"),
        ({"max_value": 5}, "'tip' limits a value that it does not allow"),
        ({"value": True, "max_value": -1}, "max_value of 'tip' must be an amount of zero or more, not -1"),
        ({"value": True, "max_value": "much"}, "max_value of 'tip' must be an amount"),
        ({"value": True, "max_value": "Infinity"}, "max_value of 'tip' must be an amount"),
        ({"value": True, "currencies": "EUR"}, "currencies of 'tip' must be a list"),
        ({"value": True, "currencies": ["QQQ"]}, "ISO 4217"),
    ],
)
def test_a_limit_that_cannot_be_used_says_which_and_why(raw: Any, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message) as caught:
        ClientEventRule.from_setting("tip", raw)
    assert caught.value.argument in ("CLIENT_EVENTS", "currency")


@allowing
def test_rules_are_read_at_the_moment_of_use() -> None:
    with override_settings(DJANGO_ATTRIBUTION={"CLIENT_EVENTS": {"refund": {}}}):
        assert rule_for("refund") == ClientEventRule()
        with pytest.raises(ClientConversionRefused):
            rule_for("signup")
    assert rule_for("signup") == ClientEventRule()


@pytest.mark.parametrize("key", ["k" * 16, "k" * 255, "0b62c9a4-58a8-4c2c-9f5e-0c7a1b2c3d4e"])
def test_a_key_of_16_to_255_characters_is_taken(key: str) -> None:
    assert clean_client_key(key) == key


@pytest.mark.parametrize(
    "key", ["", "k" * 15, "k" * 256, " " * 20, "k" * 16 + "\x00", "k" * 16 + "\ud800", " " + "k" * 16]
)
def test_a_key_that_could_be_guessed_or_not_be_stored_is_refused(key: str) -> None:
    with pytest.raises(InvalidArgument, match=r"16 to 255 random characters|1 to 255 characters") as caught:
        clean_client_key(key)
    assert caught.value.argument == "idempotency_key"
