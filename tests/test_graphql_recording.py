"""``recordConversion``: what a browser may claim, and that it is stored once, whatever it repeats."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.test.utils import override_settings

from django_attribution.exceptions import IdempotencyKeyReused
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import confirm_conversion, record_conversion
from django_attribution.signals import conversion_confirmed
from graphql_api.scalars import public_id
from tests.browsers import COOKIE, NAVIGATION, Browser, visitor_request
from tests.graphql_calls import ask, dashboard, errors_of, post, post_body
from tests.heard import heard

pytestmark = pytest.mark.django_db

KEY = "0123456789abcdef"
RECORD = """mutation ($input: RecordConversionInput!) { recordConversion(input: $input) {
  conversion { id event status value { amount currency } } errors { field message code retryAfterSeconds } } }"""
RECORDED = """query ($key: String!) { recordedConversion(idempotencyKey: $key) {
  id event status value { amount currency } } }"""
RULES: dict[str, dict[str, Any]] = {
    "signup": {},
    "newsletter": {"confirmed": True},
    "purchase": {"value": True},
    "donation": {"value": True, "max_value": Decimal("100.00"), "currencies": ["EUR", "JPY", "KWD"]},
}


@pytest.fixture(autouse=True)
def rules(settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"CLIENT_EVENTS": RULES}


@pytest.fixture
def browser() -> Browser:
    """A visitor who came by an advertisement."""
    browser = Browser()
    browser.land()
    return browser


def claim(client: Client, event: str = "signup", *, path: str = "/graphql/", **given: Any) -> Any:
    """Record a conversion and return the whole payload."""
    given = {"event": event, "idempotencyKey": KEY, **given}
    return ask(client, RECORD, path=path, input=given)["recordConversion"]


def claimed(client: Client, event: str = "signup", **given: Any) -> Any:
    """Record a conversion that must be taken, and return it."""
    payload = claim(client, event, **given)
    assert payload["errors"] == []
    return payload["conversion"]


def refusal(client: Client, event: str = "signup", **given: Any) -> tuple[str, list[str] | None]:
    """Record a conversion that must be refused; return code and field, and check that nothing was written."""
    before = everything()
    payload = claim(client, event, **given)
    (error,) = payload["errors"]
    assert payload["conversion"] is None
    assert error["message"]
    assert error["retryAfterSeconds"] is None
    assert everything() == before
    return error["code"], error["field"]


def everything() -> list[list[Any]]:
    return [list(model.objects.order_by("pk").values()) for model in (Identity, Touchpoint, Conversion)]


def money(amount: object, currency: str = "EUR") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


@pytest.mark.parametrize("configured", [{}, {"CLIENT_EVENTS": {}}, {"CURRENCY": "EUR"}])
def test_a_browser_may_record_nothing_unless_it_is_allowed_to(browser: Browser, configured: dict[str, Any]) -> None:
    with override_settings(DJANGO_ATTRIBUTION=configured):
        assert refusal(browser) == ("EVENT_NOT_ALLOWED", ["event"])


@pytest.mark.parametrize("event", ["refund", "SIGNUP", "signup ", "", "nul\0", "x" * 5_000])
def test_an_event_that_is_not_listed_is_refused(browser: Browser, event: str) -> None:
    assert refusal(browser, event) == ("EVENT_NOT_ALLOWED", ["event"])


def test_a_refusal_does_not_tell_what_is_allowed(browser: Browser) -> None:
    (error,) = claim(browser, "refund")["errors"]
    assert "purchase" not in error["message"]


def test_a_claim_is_pending_and_the_browsers_own(browser: Browser) -> None:
    answer = claimed(browser)
    assert {**answer, "id": ""} == {"id": "", "event": "signup", "status": "PENDING", "value": None}
    stored = Conversion.objects.get()
    assert (stored.origin, stored.is_confirmed, stored.confirmed_at) == ("client", False, None)
    assert stored.identity is not None
    assert stored.identity.uuid == browser.whoami()


def test_a_rule_may_confirm_at_once(browser: Browser) -> None:
    assert claimed(browser, "newsletter")["status"] == "CONFIRMED"
    assert Conversion.objects.get().confirmed_at is not None


def test_a_claim_of_a_stranger_makes_an_identity_and_gives_it_to_the_browser() -> None:
    browser = Browser()
    response = post(browser, RECORD, input={"event": "signup", "idempotencyKey": KEY})
    assert response.cookies[COOKIE].value
    assert "Cookie" in response.headers["Vary"]
    assert "private" in response.headers["Cache-Control"]
    assert Conversion.objects.get().identity == Identity.objects.get(uuid=browser.whoami())


def test_a_landing_and_its_conversion_are_credited(browser: Browser) -> None:
    claimed(browser, "newsletter")
    document = "{ attributedConversions { edges { node { event } credits { source medium } } } }"
    (edge,) = ask(dashboard(), document)["attributedConversions"]["edges"]
    assert edge == {"node": {"event": "newsletter"}, "credits": [{"source": "google", "medium": "cpc"}]}


def test_tracking_parameters_of_the_endpoint_are_no_landing(browser: Browser) -> None:
    body = json.dumps({"query": RECORD, "variables": {"input": {"event": "signup", "idempotencyKey": KEY}}})
    assert post_body(browser, body, path="/graphql/?utm_source=email").status_code == 200
    assert [touch.source for touch in Touchpoint.objects.all()] == ["google"]


def test_a_bots_claim_belongs_to_nobody() -> None:
    bot = Client(headers={**NAVIGATION, "User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"})
    response = post(bot, RECORD, input={"event": "signup", "idempotencyKey": KEY})
    assert response.json()["data"]["recordConversion"]["errors"] == []
    assert COOKIE not in response.cookies
    assert Conversion.objects.get().identity is None
    assert not Identity.objects.exists()


@pytest.mark.parametrize(
    ("event", "value", "code", "field"),
    [
        ("signup", money("1.00", "USD"), "VALUE_NOT_ALLOWED", ["value", "amount"]),
        ("signup", money("0", "USD"), "VALUE_NOT_ALLOWED", ["value", "amount"]),
        ("purchase", money("1.00", "EUR"), "CURRENCY_NOT_ALLOWED", ["value", "currency"]),
        ("donation", money("1.00", "USD"), "CURRENCY_NOT_ALLOWED", ["value", "currency"]),
        ("donation", money("100.01"), "VALUE_NOT_ALLOWED", ["value", "amount"]),
        ("donation", money("999999999999.99"), "VALUE_NOT_ALLOWED", ["value", "amount"]),
    ],
)
def test_a_value_outside_the_rules_is_refused(
    browser: Browser, event: str, value: dict[str, str], code: str, field: list[str]
) -> None:
    assert refusal(browser, event, value=value) == (code, field)


@pytest.mark.parametrize(
    ("event", "value", "stored"),
    [
        ("donation", money("100.00"), "100.00"),
        ("donation", money("100"), "100.00"),
        ("donation", money("-0"), "0.00"),
        ("donation", money("1E+2", "JPY"), "100"),
        ("donation", money("0.001", "KWD"), "0.001"),
        ("donation", money(7, "eur"), "7.00"),
        ("purchase", money(9_999_999_999_999, "USD"), "9999999999999.00"),
        ("purchase", money("9999999999999.99", "USD"), "9999999999999.99"),
        ("purchase", None, None),
    ],
)
def test_a_value_within_the_rules_is_stored_exactly(
    browser: Browser, event: str, value: dict[str, Any] | None, stored: str | None
) -> None:
    expected = None if value is None or stored is None else {"amount": stored, "currency": value["currency"].upper()}
    assert claimed(browser, event, value=value)["value"] == expected
    assert Conversion.objects.get().value == (None if stored is None else Decimal(stored))


@pytest.mark.parametrize(
    "amount",
    [
        "1E400", "1E+9999999", "1E+999999999", "1E-999999999",
        "-1", "-0.01", "0.001", "0.10000000000000001", "1234567890123456", "12345678901234.56", "1" * 5_000,
        "0.30000000000000004", -1,
    ],
)  # fmt: skip
def test_an_amount_that_is_no_money_is_refused(browser: Browser, amount: object) -> None:
    for event in ("donation", "purchase"):
        value = money(amount, "USD" if event == "purchase" else "EUR")
        assert refusal(browser, event, value=value) == ("INVALID", ["value", "amount"])


def test_an_amount_finer_than_its_currency_is_refused(browser: Browser) -> None:
    for currency, amount in (("JPY", "1.5"), ("KWD", "0.0001"), ("EUR", "0.001")):
        assert refusal(browser, "donation", value=money(amount, currency)) == ("INVALID", ["value", "amount"])


@pytest.mark.parametrize(
    "amount",
    [
        "", "ten", "1,50", "0x10", True, None, [], {}, "1e", "NaN", "-NaN", "sNaN", "Infinity", "-Infinity",
        "1_0", " 12 ", "12.50\n", "+7", ".5", "5.", "\u0661\u0662", "\uff17", "1E-\u0662",
    ],
)  # fmt: skip
def test_an_amount_that_is_no_number_is_refused(browser: Browser, amount: object) -> None:
    before = everything()
    (error,) = errors_of(browser, RECORD, input={"event": "purchase", "idempotencyKey": KEY, "value": money(amount)})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert everything() == before


INEXACT = ["99.90", "0.30000000000000001", "12345678901234567.89", "1e22", "-0.0"]
RECORD_LITERALLY = """mutation { recordConversion(input: {
  event: "purchase", idempotencyKey: "0123456789abcdef", value: { amount: %s, currency: "USD" } }) {
  conversion { value { amount } } errors { code field } } }"""


def require_text_for_amounts(error: dict[str, Any]) -> None:
    assert 'A Decimal is text such as "99.90"' in error["message"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert not Conversion.objects.exists()


@pytest.mark.parametrize("number", [*INEXACT, "1" * 25])  # the last is too long to be read as an integer
def test_a_number_that_json_may_have_rounded_is_no_amount(browser: Browser, number: str) -> None:
    # Written by hand, as Python's encoder would have rounded it before it was sent.
    given = json.dumps({"event": "purchase", "idempotencyKey": KEY, "value": money(0, "USD")})
    body = f'{{"query": {json.dumps(RECORD)}, "variables": {{"input": {given}}}}}'
    (error,) = post_body(browser, body.replace('"amount": 0', f'"amount": {number}')).json()["errors"]
    require_text_for_amounts(error)


@pytest.mark.parametrize("number", [*INEXACT, "1e400", "9" * 5_000], ids=lambda number: number[:20])
def test_a_number_in_the_document_that_was_rounded_is_no_amount(browser: Browser, number: str) -> None:
    (error,) = errors_of(browser, RECORD_LITERALLY % number)
    require_text_for_amounts(error)


def test_a_whole_number_is_an_amount_in_the_document_too(browser: Browser) -> None:
    assert ask(browser, RECORD_LITERALLY % "7")["recordConversion"]["conversion"] == {"value": {"amount": "7.00"}}


@pytest.mark.parametrize("currency", ["XXX", "EURO", "", "EU", "€", "XAU", "BTC", "EUR ", 978, None, ["EUR"]])
def test_a_currency_that_is_not_in_use_is_refused(browser: Browser, currency: object) -> None:
    before = everything()
    value = {"amount": "1.00", "currency": currency}
    (error,) = errors_of(browser, RECORD, input={"event": "donation", "idempotencyKey": KEY, "value": value})
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "currency" in error["message"]
    assert everything() == before


def test_a_value_is_not_written_without_its_currency(browser: Browser) -> None:
    given = {"event": "donation", "idempotencyKey": KEY, "value": {"amount": "1.00"}}
    (error,) = errors_of(browser, RECORD, input=given)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 15, "x" * 256, f"{KEY}\0", f" {KEY}", f"{KEY}\n", f"{KEY}\u202e", "x" * 50_000]
)
def test_a_key_that_could_be_guessed_or_stored_otherwise_is_refused(browser: Browser, key: str) -> None:
    assert refusal(browser, idempotencyKey=key) == ("INVALID", ["idempotencyKey"])


@pytest.mark.parametrize("key", ["x" * 16, "x" * 255, "☃" * 255, "8a2b6c1e-0000-4000-8000-000000000000"])
def test_a_key_of_sixteen_to_255_characters_is_taken(browser: Browser, key: str) -> None:
    assert claimed(browser, idempotencyKey=key)["event"] == "signup"
    assert Conversion.objects.get().idempotency_key == key


def nested(depth: int) -> str:
    """Return an object in objects, as JSON: Python's own encoder would not go so deep."""
    return '{"a":' * depth + "{}" + "}" * depth


def claim_with(client: Client, custom_data: str) -> Any:
    """Post a claim whose custom data is written by hand, and return the response."""
    body = json.dumps({"query": RECORD, "variables": {"input": {"event": "newsletter", "idempotencyKey": KEY}}})
    return post_body(client, body.replace('"event"', f'"customData": {custom_data}, "event"'))


def assert_dashboards_still_answer() -> None:
    page = ask(dashboard(), "{ attributedConversions { edges { node { customData } } } }")["attributedConversions"]
    assert len(page["edges"]) == Conversion.objects.count()


@pytest.mark.parametrize(
    "custom_data",
    [
        [], [1], "text", 1, True, 1.5,
        {"a": "x" * 33_000},
        {"a": "nul\0"}, {"nul\0": 1}, {"a": [{"b": "\0"}]},
        {str(number): number for number in range(4_000)},
    ],
    ids=lambda data: str(data)[:20],
)  # fmt: skip
def test_custom_data_that_is_no_small_object_is_refused(browser: Browser, custom_data: Any) -> None:
    assert refusal(browser, customData=custom_data) == ("INVALID", ["customData"])


@pytest.mark.parametrize("depth", [50, 100, 200, 300, 450, 600, 900, 960, 1_000, 1_020, 5_000])
def test_deep_custom_data_is_stored_or_refused(browser: Browser, depth: int) -> None:
    response = claim_with(browser, nested(depth))
    if response.status_code != 400:
        payload = response.json()["data"]["recordConversion"]
        assert [error["code"] for error in payload["errors"]] in ([], ["INVALID"])
        assert Conversion.objects.count() == (0 if payload["errors"] else 1)
    assert_dashboards_still_answer()


@pytest.mark.parametrize(
    "custom_data",
    [None, {}, {"plan": "pro", "seats": [1, 2.5, None, True]}, {"text": "ß☃😀\u2028\u202e"}, {"": ""}],
)
def test_custom_data_is_stored_as_it_came(browser: Browser, custom_data: dict[str, Any] | None) -> None:
    claimed(browser, customData=custom_data)
    assert Conversion.objects.get().custom_data == (custom_data or {})


NUMBERS = ["1e400", "-1e400", "18446744073709551616", "123456789012345678901234567890", "1e300", "0.1"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_in_custom_data_never_keeps_a_dashboard_from_answering(browser: Browser, number: str) -> None:
    document = f"""mutation {{ recordConversion(input: {{ event: "newsletter", idempotencyKey: "{KEY}",
        customData: {{ n: {number} }} }}) {{ errors {{ code field }} }} }}"""
    payload = ask(browser, document)["recordConversion"]
    assert payload["errors"] in ([], [{"code": "INVALID", "field": ["customData"]}])
    assert_dashboards_still_answer()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_in_a_variable_never_keeps_a_dashboard_from_answering(browser: Browser, number: str) -> None:
    assert claim_with(browser, f'{{"n": {number}}}').status_code in (200, 400)
    assert_dashboards_still_answer()


def test_a_refusal_says_nothing_of_python(browser: Browser) -> None:
    for custom_data in (nested(900), "[]", '{"a": "\\u0000"}', f'{{"a": "{"x" * 33_000}"}}'):
        for error in claim_with(browser, custom_data).json()["data"]["recordConversion"]["errors"]:
            for word in ("dict", "recursion", "Traceback", "Decimal(", "custom_data", "NoneType"):
                assert word not in error["message"]


def test_the_same_call_gets_the_same_answer(browser: Browser) -> None:
    given = {"value": money("12.50"), "customData": {"plan": "pro"}}
    first = claimed(browser, "donation", **given)
    before = everything()
    assert claimed(browser, "donation", **given) == first
    assert claimed(browser, "donation", **{**given, "value": money("12.5000")}) == first
    assert [row["id"] for row in everything()[2]] == [row["id"] for row in before[2]]
    assert Conversion.objects.count() == 1


def test_a_repetition_gets_the_state_as_it_is_now(browser: Browser) -> None:
    first = claimed(browser)
    Conversion.objects.get().confirm()
    assert claimed(browser) == {**first, "status": "CONFIRMED"}
    Conversion.objects.update(is_active=False)
    assert claimed(browser) == {**first, "status": "VOIDED"}


def test_a_lost_answer_is_given_again_to_a_browser_whose_cookie_was_lost_with_it() -> None:
    first = claimed(Browser())
    again = Browser()
    response = post(again, RECORD, input={"event": "signup", "idempotencyKey": KEY})
    assert response.json()["data"]["recordConversion"] == {"conversion": first, "errors": []}
    assert again.carried is None
    assert (Identity.objects.count(), Conversion.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("event", "changed"),
    [
        ("newsletter", {}),
        ("donation", {"value": money("12.51")}),
        ("donation", {"value": None}),
        ("donation", {"value": money("12", "JPY")}),
        ("donation", {"customData": {"plan": "free"}}),
        ("donation", {"customData": {}}),
    ],
)
def test_a_key_stands_for_one_set_of_arguments(browser: Browser, event: str, changed: dict[str, Any]) -> None:
    given = {"value": money("12.50"), "customData": {"plan": "pro"}}
    claimed(browser, "donation", **given)
    arguments = {**given, **changed} if event == "donation" else {}
    assert refusal(browser, event, **arguments) == ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])


def test_a_key_stands_for_one_visitor(browser: Browser) -> None:
    claimed(browser)
    other = Browser()
    other.land()
    assert refusal(other) == ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])


def test_a_repetition_after_login_is_still_the_same_visitors(browser: Browser) -> None:
    first = claimed(browser)
    User.objects.create_user("alice")
    browser.get("/login/alice/")
    assert claimed(browser) == first
    assert Conversion.objects.get().identity == Identity.objects.get(linked_user__username="alice")


def test_a_repetition_after_a_change_of_the_rule_gets_the_stored_answer(browser: Browser) -> None:
    first = claimed(browser)
    with override_settings(DJANGO_ATTRIBUTION={"CLIENT_EVENTS": {"signup": {"confirmed": True}}}):
        assert claimed(browser) == first


def test_a_servers_key_is_nothing_to_a_browser(browser: Browser) -> None:
    record_conversion(visitor_request(carried=browser.carried), "purchase", idempotency_key=KEY, value="5.00")
    assert claimed(browser)["event"] == "signup"
    assert sorted(Conversion.objects.values_list("origin", "event")) == [("client", "signup"), ("server", "purchase")]


def test_server_code_takes_over_what_the_browser_claimed_under_its_key(browser: Browser) -> None:
    first = claimed(browser, "donation", value=money("12.50"))
    taken = record_conversion(
        visitor_request(carried=browser.carried), "donation", value="99.00", currency="EUR", idempotency_key=KEY
    )
    assert Conversion.objects.get() == taken
    assert (taken.status, taken.recorded_value) == (Conversion.Status.CONFIRMED, Decimal("12.50"))
    again = claimed(browser, "donation", value=money("12.50"))
    assert again == {**first, "status": "CONFIRMED", "value": money("99.00")}


def test_server_code_takes_nothing_over_from_another_visitor(browser: Browser) -> None:
    claimed(browser, "donation", value=money("12.50"))
    record_conversion(visitor_request(), "donation", value="12.50", currency="EUR", idempotency_key=KEY)
    assert sorted(Conversion.objects.values_list("origin", "is_confirmed")) == [("client", False), ("server", True)]


def test_server_code_that_repeats_a_take_over_with_another_amount_is_refused(browser: Browser) -> None:
    claimed(browser, "donation", value=money("12.50"))
    request = visitor_request(carried=browser.carried)
    record_conversion(request, "donation", value="99.00", currency="EUR", idempotency_key=KEY)
    with pytest.raises(IdempotencyKeyReused):
        record_conversion(request, "donation", value="98.00", currency="EUR", idempotency_key=KEY)
    assert Conversion.objects.get().value == Decimal("99.00")


COUNTED = """{ all: attributedConversions(where: { status: [CONFIRMED] }) {
  edges { node { event value { amount currency } } } } }"""
AT_ONCE: dict[str, Any] = {"CLIENT_EVENTS": {"donation": {"value": True, "currencies": ["EUR"], "confirmed": True}}}


def counted(staff: Client) -> list[str | None]:
    """Return the amounts that reports count, None for a conversion without one."""
    values = [edge["node"]["value"] for edge in ask(staff, COUNTED)["all"]["edges"]]
    return [value and value["amount"] for value in values]


@pytest.mark.parametrize("given", [{}, {"value": money("12.50")}], ids=["no value", "a value"])
def test_a_pending_word_of_the_server_leaves_a_claim_that_counts_alone_until_it_is_confirmed(
    browser: Browser, settings: Any, given: dict[str, Any]
) -> None:
    settings.DJANGO_ATTRIBUTION = AT_ONCE
    staff = dashboard()
    first = claimed(browser, "donation", **given)
    request = visitor_request(carried=browser.carried)
    options: Any = {"value": "99.00", "currency": "EUR", "idempotency_key": KEY, "is_confirmed": False}
    pending = record_conversion(request, "donation", **options)
    assert record_conversion(request, "donation", **options) == pending
    assert pending.status == Conversion.Status.PENDING
    assert counted(staff) == [first["value"] and "12.50"]
    assert claimed(browser, "donation", **given) == recorded(browser) == first

    with heard(conversion_confirmed) as confirmed:
        for _ in range(2):
            confirm_conversion(idempotency_key=KEY)
    assert [said["conversion"] for said in confirmed] == [pending]
    assert counted(staff) == ["99.00"]
    again = claimed(browser, "donation", **given)
    assert again == recorded(browser)
    assert (again["status"], again["value"]) == ("CONFIRMED", money("99.00"))
    assert [row.status for row in Conversion.objects.filter(origin="client")] == [Conversion.Status.VOIDED]


@pytest.mark.parametrize("is_confirmed", [True, False], ids=["taken over", "voided"])
def test_whoever_lost_answer_and_cookie_is_answered_with_the_servers_word(settings: Any, is_confirmed: bool) -> None:
    settings.DJANGO_ATTRIBUTION = AT_ONCE
    lost = Browser()
    claimed(lost, "donation", value=money("12.50"))
    options: Any = {"value": "99.00", "currency": "EUR", "idempotency_key": KEY, "is_confirmed": is_confirmed}
    for _ in range(2):
        record_conversion(visitor_request(carried=lost.carried), "donation", **options)
    confirm_conversion(idempotency_key=KEY)
    again = claimed(Browser(), "donation", value=money("12.50"))
    assert (again["status"], again["value"]) == ("CONFIRMED", money("99.00"))
    assert Conversion.objects.valid().get().origin == "server"
    assert Identity.objects.count() == 1


@pytest.mark.parametrize("given", [{"value": money("12.50")}, {}], ids=["the same value", "no value"])
def test_a_servers_key_that_was_guessed_tells_nothing(settings: Any, given: dict[str, Any]) -> None:
    settings.DJANGO_ATTRIBUTION = AT_ONCE
    for options in ({}, {"value": "12.50", "currency": "EUR"}):
        key = f"order-2026-01-31-{len(options)}"  # long enough for a browser's
        stored = record_conversion(visitor_request(), "donation", idempotency_key=key, **options)
        told = claimed(Browser(), "donation", idempotencyKey=key, **given)
        assert told["id"] != public_id("Conversion", stored.uuid)


def test_other_arguments_under_the_key_of_a_taken_over_claim_are_not_answered_with_it(browser: Browser) -> None:
    claimed(browser, "donation", value=money("12.50"))
    request = visitor_request(carried=browser.carried)
    taken = record_conversion(request, "donation", value="99.00", currency="EUR", idempotency_key=KEY)
    told = claimed(Browser(), "donation", value=money("99.00"))
    assert told["id"] != public_id("Conversion", taken.uuid)
    assert told["status"] == "PENDING"


def test_another_visitor_is_refused_the_key_of_a_taken_over_claim(browser: Browser) -> None:
    claimed(browser, "donation", value=money("12.50"))
    request = visitor_request(carried=browser.carried)
    record_conversion(request, "donation", value="99.00", currency="EUR", idempotency_key=KEY)
    other = Browser()
    other.land()
    assert refusal(other, "donation", value=money("12.50")) == ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])


def test_the_claim_is_voided_whatever_queryset_confirms_the_servers(browser: Browser, settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = AT_ONCE
    claimed(browser, "donation")
    request = visitor_request(carried=browser.carried)
    pending = record_conversion(request, "donation", idempotency_key=KEY, is_confirmed=False)
    Conversion.objects.filter(is_confirmed=False).confirm(pending)
    assert list(Conversion.objects.valid()) == [pending]


def test_a_confirmed_word_of_the_server_replaces_a_claim_that_counts(browser: Browser, settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = AT_ONCE
    staff = dashboard()
    with heard(conversion_confirmed) as confirmed:
        claimed(browser, "donation", value=money("12.50"))
        request = visitor_request(carried=browser.carried)
        record_conversion(request, "donation", value="99.00", currency="EUR", idempotency_key=KEY)
    assert len(confirmed) == 1
    assert counted(staff) == ["99.00"]


def test_a_pending_word_of_the_server_takes_a_pending_claim_over(browser: Browser) -> None:
    first = claimed(browser, "donation", value=money("12.50"))
    request = visitor_request(carried=browser.carried)
    record_conversion(request, "donation", value="99.00", currency="EUR", idempotency_key=KEY, is_confirmed=False)
    assert Conversion.objects.get().status == Conversion.Status.PENDING
    assert recorded(browser) == {**first, "value": money("99.00")}


@pytest.mark.parametrize("whose", ["another visitor's", "nobody's"])
def test_a_confirmed_conversion_of_the_servers_voids_no_claim_but_its_visitors(
    browser: Browser, settings: Any, whose: str
) -> None:
    settings.DJANGO_ATTRIBUTION = AT_ONCE
    claimed(browser, "donation")
    if whose == "nobody's":  # as of visitors who did not consent
        Conversion.objects.update(identity=None)
        Conversion.objects.record(event="donation", idempotency_key=KEY, is_confirmed=False)
    else:
        record_conversion(visitor_request(), "donation", idempotency_key=KEY, is_confirmed=False)
    confirm_conversion(idempotency_key=KEY)
    assert set(Conversion.objects.values_list("is_active", "is_confirmed")) == {(True, True)}


def test_a_view_that_declares_its_events_restricts_the_mutation(browser: Browser) -> None:
    payload = claim(browser, "newsletter", path="/declared/graphql/")
    (error,) = payload["errors"]
    assert (error["code"], error["field"]) == ("EVENT_NOT_ALLOWED", ["event"])
    assert "signup" in error["message"]
    assert not Conversion.objects.exists()
    assert claim(browser, path="/declared/graphql/")["conversion"]["event"] == "signup"


def test_a_declared_event_still_has_to_be_allowed(browser: Browser) -> None:
    with override_settings(DJANGO_ATTRIBUTION={}):
        (error,) = claim(browser, path="/declared/graphql/")["errors"]
    assert error["code"] == "EVENT_NOT_ALLOWED"


def recorded(client: Client, key: str = KEY) -> Any:
    return ask(client, RECORDED, key=key)["recordedConversion"]


def test_a_browser_finds_its_own_conversion_by_its_key(browser: Browser) -> None:
    answer = claimed(browser, "donation", value=money("12.50"))
    assert recorded(browser) == answer
    assert recorded(browser, KEY.upper()) is None


def test_nobody_else_finds_it(browser: Browser) -> None:
    claimed(browser)
    other = Browser()
    other.land()
    assert [recorded(client) for client in (other, Client(), dashboard("view_conversion"))] == [None] * 3


def test_a_user_finds_it_from_another_browser_after_logging_in(browser: Browser) -> None:
    answer = claimed(browser)
    User.objects.create_user("alice")
    browser.get("/login/alice/")
    phone = Browser()
    phone.get("/login/alice/")
    assert recorded(phone) == answer
    browser.get("/logout/")
    assert recorded(browser) is None


def test_a_copied_cookie_finds_nothing_of_a_user(browser: Browser) -> None:
    claimed(browser)
    copied = browser.carried
    User.objects.create_user("alice")
    browser.get("/login/alice/")
    thief = Browser()
    thief.carry(copied)
    assert recorded(thief) is None


def test_what_server_code_recorded_of_this_visitor_is_its_own_too(browser: Browser) -> None:
    record_conversion(visitor_request(carried=browser.carried), "signup", idempotency_key=KEY)
    found = recorded(browser)
    assert found is not None
    assert found["status"] == "CONFIRMED"
    assert recorded(Browser()) is None


def test_a_conversion_of_nobody_is_found_by_nobody(browser: Browser) -> None:
    claimed(browser)
    Conversion.objects.update(identity=None)
    assert recorded(browser) is None
    assert recorded(Client()) is None


@pytest.mark.parametrize("key", ["", "nul\0", "\u202e", "x" * 50_000, "'; --"])
def test_a_key_that_nothing_can_have_finds_nothing(browser: Browser, key: str) -> None:
    answer = post(browser, RECORDED, key=key).json()
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    assert codes in ([], ["BAD_USER_INPUT"])
    assert answer["data"] == {"recordedConversion": None}


def test_time_is_the_requests_and_never_the_browsers(browser: Browser) -> None:
    claimed(browser)
    stored, touch = Conversion.objects.get(), Touchpoint.objects.get()
    assert timedelta() <= stored.created_at - touch.created_at < timedelta(minutes=1)
