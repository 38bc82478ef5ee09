"""What it takes to record a conversion: arguments are made exact or refused, and known again by their fingerprint."""

import hashlib
import json
import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from django_attribution.exceptions import InvalidArgument
from django_attribution.models import Conversion
from django_attribution.recording import CUSTOM_DATA_DEPTH, CUSTOM_DATA_LENGTH, ConversionFacts, clean_text, clean_value
from tests.shop.models import Order, Ticket, Voucher
from tests.strategies import QUICK, json_values

T0 = datetime(2026, 6, 1, 12, 0, 0, 999_999, tzinfo=UTC)


def facts(**given_arguments: Any) -> ConversionFacts:
    """Clean the arguments of a call that names only some."""
    arguments: dict[str, Any] = {
        "event": "purchase",
        "value": None,
        "currency": None,
        "custom_data": None,
        "source_object": None,
        "is_confirmed": True,
        "idempotency_key": None,
        "origin": "server",
        "occurred_at": T0,
    }
    assert set(given_arguments) <= set(arguments)
    return ConversionFacts.clean(**{**arguments, **given_arguments})


CALLS = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["purchase", "signup"]),
        "value": st.sampled_from([None, "5", 5, 5.0, Decimal("5.00"), "5.01", 500]),
        "currency": st.sampled_from([None, "USD", "usd", "EUR"]),
        "custom_data": st.none()
        | st.just({})
        | st.sampled_from([{"a": 1}, {"a": True}, {"a": 1.0}, {"a": "1"}, {"a": 1, "b": 2}, {"b": 2, "a": 1}])
        | st.dictionaries(st.sampled_from("ab"), json_values(), max_size=2),
        "is_confirmed": st.booleans(),
        "origin": st.sampled_from(["server", "client"]),
        "idempotency_key": st.sampled_from([None, "a" * 16]),
        "occurred_at": st.sampled_from([T0, T0 + timedelta(days=1)]),
    }
)


def meaning(call: dict[str, Any]) -> tuple[object, ...]:
    """Say anew which arguments make two calls the same: never who asked nor when, and a browser confirms nothing."""
    has_value = call["value"] is not None
    return (
        call["event"],
        Decimal(str(call["value"])) if has_value else None,
        (call["currency"] or ("USD" if has_value else "")).upper(),
        json.dumps(call["custom_data"] or {}, sort_keys=True),
        call["is_confirmed"] if call["origin"] == "server" else "as CLIENT_EVENTS says",
    )


@QUICK
@given(CALLS, CALLS)
def test_fingerprints_are_equal_exactly_when_the_arguments_are(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (facts(**one).fingerprint == facts(**other).fingerprint) == (meaning(one) == meaning(other))


@pytest.mark.django_db
def test_fingerprints_tell_source_objects_apart() -> None:
    order, other = Order.objects.create(), Order.objects.create()
    voucher = Voucher.objects.create(code=str(order.pk))  # the same key of another kind
    prints = [facts(source_object=thing).fingerprint for thing in (None, order, other, voucher)]
    assert len(set(prints)) == 4
    assert facts(source_object=Order.objects.get(pk=order.pk)).fingerprint == prints[1]


def test_a_fingerprint_is_kept_only_beside_a_key() -> None:
    assert facts().columns()["fingerprint"] == ""
    assert facts(idempotency_key="k").columns()["fingerprint"] == facts().fingerprint


def test_a_fingerprint_is_the_same_in_every_process_and_version() -> None:
    # Stored ones are compared with new ones for as long as a site lives.
    call = facts(value="99.99", currency="EUR", custom_data={"plan": "größe"})
    asked = b'["purchase", "99.99", "EUR", {"plan": "gr\\u00f6\\u00dfe"}, null, null, true]'
    assert call.fingerprint == hashlib.sha256(asked).hexdigest()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("thing", "key"),
    [
        (Order(pk=2**40), str(2**40)),
        (Ticket(pk=UUID(int=7)), "00000000-0000-0000-0000-000000000007"),
        (Voucher(code="SPRING 26/ü"), "SPRING 26/ü"),
    ],
)
def test_a_source_object_may_have_any_kind_of_key(thing: Any, key: str) -> None:
    thing.save()
    conversion = Conversion.objects.record(event="purchase", source_object=thing)
    assert conversion.source_object_id == key
    assert Conversion.objects.get().source_object == thing


@pytest.mark.parametrize("thing", [Order(), Ticket(), Voucher(code="new"), Order, "order 7", 7, {"pk": 7}])
def test_a_source_object_that_is_not_stored_is_refused(thing: Any) -> None:
    with pytest.raises(InvalidArgument, match="must be a saved model instance") as caught:
        facts(source_object=thing)
    assert caught.value.argument == "source_object"


@pytest.mark.parametrize("text", ["a", "x" * 255, "Größe 42", "sign-up/2026 (beta)", "😀"])
def test_a_name_is_kept_as_given(text: str) -> None:
    assert facts(event=text).event == text
    assert facts(idempotency_key=text).idempotency_key == text


@pytest.mark.parametrize(
    "text",
    ["", "x" * 256, " a", "a ", "a\n", "a\x00b", "a\tb", "a  b", "a\u202eb", "\ud800", "\ufeffa", None, 7, b"a", ["a"]],
)
@pytest.mark.parametrize("argument", ["event", "idempotency_key"])
def test_what_is_no_plain_name_is_refused(argument: str, text: Any) -> None:
    if text is None and argument == "idempotency_key":
        assert facts(idempotency_key=None).idempotency_key is None
        return
    with pytest.raises(InvalidArgument, match=f"^{argument} must be text of 1 to 255 characters") as caught:
        facts(**{argument: text})
    assert caught.value.argument == argument
    str(caught.value).encode("utf-8")  # it can be logged, printed, and sent


def test_the_length_of_a_name_is_counted_in_characters() -> None:
    assert clean_text("😀" * 3, argument="event", max_length=3) == "😀😀😀"
    with pytest.raises(InvalidArgument, match="1 to 2 characters"):
        clean_text("😀" * 3, argument="event", max_length=2)


@pytest.mark.parametrize("truth", [1, 0, "yes", None, "False"])
def test_whether_it_is_confirmed_is_true_or_false(truth: Any) -> None:
    with pytest.raises(InvalidArgument, match="is_confirmed must be True or False") as caught:
        facts(is_confirmed=truth)
    assert caught.value.argument == "is_confirmed"


@pytest.mark.parametrize("moment", [datetime(2026, 6, 1), date(2026, 6, 1), "2026-06-01", 1_780_000_000])  # noqa: DTZ001 - a naive one is the test
def test_when_it_occurred_is_an_aware_datetime(moment: Any) -> None:
    with pytest.raises(InvalidArgument, match="occurred_at must be an aware datetime") as caught:
        facts(occurred_at=moment)
    assert caught.value.argument == "occurred_at"


def test_it_occurred_now_unless_told() -> None:
    before = datetime.now(UTC)
    assert before <= facts(occurred_at=None).created_at <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("value", "currency", "cleaned"),
    [
        (None, None, (None, "")),
        (None, "eur", (None, "EUR")),
        (5, None, (Decimal("5.00"), "CHF")),
        (99.99, "eur", (Decimal("99.99"), "EUR")),
        (0, "JPY", (Decimal(0), "JPY")),
    ],
)
def test_a_value_gets_the_currency_of_the_setting_unless_told(value: Any, currency: Any, cleaned: Any) -> None:
    with override_settings(DJANGO_ATTRIBUTION={"CURRENCY": "CHF"}):
        assert clean_value(value, currency=currency) == cleaned


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"value": 0.1 + 0.2}, "value"),
        ({"value": "0.001", "currency": "USD"}, "value"),
        ({"value": -1}, "value"),
        ({"value": math.nan}, "value"),
        ({"value": 5, "currency": "QQQ"}, "currency"),
        ({"currency": "QQQ"}, "currency"),
        ({"value": 5, "currency": ""}, "currency"),
        ({"value": 5, "currency": 840}, "currency"),
    ],
)
def test_an_unusable_amount_is_refused(arguments: dict[str, Any], argument: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        facts(**arguments)
    assert caught.value.argument == argument


def nested(depth: int) -> dict[str, Any]:
    """Return data of that many levels, one inside the other."""
    data: Any = 1
    for level in range(depth - 1):
        data = [data] if level % 2 else {"": data}
    return {"deep": data}


CIRCLE: dict[str, Any] = {}
CIRCLE["self"] = CIRCLE


@pytest.mark.parametrize(
    ("custom_data", "message"),
    [
        ([1], "must be a dict, not list"),
        ("text", "must be a dict, not str"),
        ({"a": "x\x00y"}, "NUL characters or lone surrogates"),
        ({"a\x00": 1}, "NUL characters or lone surrogates"),
        ({"a": [{"b": "\ud800"}]}, "NUL characters or lone surrogates"),
        ({"\udfff": 1}, "NUL characters or lone surrogates"),
        ({"a": math.nan}, "data that JSON can hold"),
        ({"a": [-math.inf]}, "data that JSON can hold"),
        ({"a": object()}, "data that JSON can hold"),
        ({"a": {1, 2}}, "data that JSON can hold"),
        ({"a": b"bytes"}, "data that JSON can hold"),
        ({(1, 2): "a"}, "data that JSON can hold"),
        pytest.param({"a": 10**5000}, "data that JSON can hold", id="huge number"),
        pytest.param(CIRCLE, "data that JSON can hold", id="circle"),
        pytest.param({"a": "x" * CUSTOM_DATA_LENGTH}, "at most 32768 characters of JSON, not 32777", id="huge text"),
        pytest.param({str(number): number for number in range(10_000)}, "at most 32768 characters", id="huge dict"),
    ],
)
def test_custom_data_that_cannot_be_stored_is_refused(custom_data: Any, message: str) -> None:
    with pytest.raises(InvalidArgument, match=f"^custom_data .*{message}") as caught:
        facts(custom_data=custom_data)
    assert caught.value.argument == "custom_data"
    assert len(str(caught.value)) < 300


@pytest.mark.django_db
@pytest.mark.parametrize("depth", [1, 2, CUSTOM_DATA_DEPTH])
def test_custom_data_is_stored_down_to_its_last_level(depth: int) -> None:
    conversion = Conversion.objects.record(event="purchase", custom_data=nested(depth))
    assert Conversion.objects.get(pk=conversion.pk).custom_data == nested(depth)


# Where recursion ends differs between Python's encoder, its decoder, our own code, and SQLite.
@pytest.mark.django_db
@pytest.mark.parametrize("depth", [CUSTOM_DATA_DEPTH + 1, 100, 400, 490, 500, 600, 900, 990, 1000, 2000, 10_000])
def test_custom_data_that_is_nested_more_deeply_is_refused(depth: int) -> None:
    with pytest.raises(InvalidArgument, match=r"at most 32 levels|data that JSON can hold") as caught:
        Conversion.objects.record(event="purchase", custom_data=nested(depth))
    assert caught.value.argument == "custom_data"
    assert not Conversion.objects.exists()


@pytest.mark.django_db
@QUICK
@given(st.dictionaries(st.text(alphabet="aß€😀\"'\\ ", max_size=3), json_values(), max_size=4))
def test_custom_data_comes_back_as_it_was_given(custom_data: dict[str, Any]) -> None:
    with transaction.atomic():
        conversion = Conversion.objects.record(event="purchase", custom_data=custom_data)
        assert Conversion.objects.get(pk=conversion.pk).custom_data == custom_data
        transaction.set_rollback(True)


def test_custom_data_is_a_copy_in_the_form_that_is_stored() -> None:
    given_data = {
        "at": T0,
        "amount": Decimal("9.90"),
        "id": UUID(int=7),
        "items": ("a", "b"),
        "label": gettext_lazy("Yes"),
    }
    cleaned = facts(custom_data=given_data).custom_data
    assert cleaned == {
        "at": "2026-06-01T12:00:00.999Z",
        "amount": "9.90",
        "id": "00000000-0000-0000-0000-000000000007",
        "items": ["a", "b"],
        "label": "Yes",
    }
    assert facts(custom_data=cleaned).custom_data is not cleaned


def test_custom_data_may_be_any_mapping() -> None:
    assert facts(custom_data=MappingProxyType({"plan": "pro"})).custom_data == {"plan": "pro"}


def test_custom_data_fills_its_limit_exactly() -> None:
    filling = {"a": "x" * (CUSTOM_DATA_LENGTH - len('{"a": ""}'))}
    assert facts(custom_data=filling).custom_data == filling


@pytest.mark.django_db
@pytest.mark.parametrize(
    "arguments",
    [
        {"event": ""},
        {"value": 0.1 + 0.2},
        {"value": 1, "currency": "QQQ"},
        {"custom_data": {"a": math.nan}},
        {"source_object": Order()},
        {"is_confirmed": "yes"},
        {"idempotency_key": ""},
        {"occurred_at": datetime(2026, 6, 1)},  # noqa: DTZ001 - a naive one is the test
    ],
)
def test_a_refused_conversion_leaves_nothing_behind(arguments: dict[str, Any], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), pytest.raises(InvalidArgument):
        Conversion.objects.record(**{"event": "purchase", **arguments})
    assert not Conversion.objects.exists()
