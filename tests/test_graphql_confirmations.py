"""``confirmConversion``: by token, by id, by key; and that nobody confirms what is not theirs to confirm."""

import base64
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from django_attribution.models import Conversion
from tests.browsers import Browser
from tests.graphql_calls import ask, dashboard, errors_of, post

pytestmark = pytest.mark.django_db

KEY = "0123456789abcdef"
CONFIRM = """mutation ($input: ConfirmConversionInput!) { confirmConversion(input: $input) {
  conversion { id event status value { amount currency } } errors { field message code retryAfterSeconds } } }"""


@pytest.fixture
def pending() -> Conversion:
    """An order of 10 euros that waits for its payment."""
    return Conversion.objects.create(
        event="order", value=Decimal("10.00"), currency="EUR", is_confirmed=False, idempotency_key=KEY
    )


@pytest.fixture
def staff() -> Client:
    """Somebody who may confirm, and nothing else."""
    return dashboard("confirm_conversion")


@pytest.fixture
def browser() -> Browser:
    return Browser()


def confirm(client: Client, **given: Any) -> Any:
    return ask(client, CONFIRM, input=given)["confirmConversion"]


def confirmed(client: Client, **given: Any) -> Any:
    """Confirm a conversion that can be, and return it."""
    payload = confirm(client, **given)
    assert payload["errors"] == []
    return payload["conversion"]


def refusal(client: Client, **given: Any) -> tuple[str, list[str] | None]:
    """Have a confirmation refused; return code and field, and check that nothing was written."""
    before = list(Conversion.objects.order_by("pk").values())
    payload = confirm(client, **given)
    (error,) = payload["errors"]
    assert payload["conversion"] is None
    assert error["message"]
    assert error["retryAfterSeconds"] is None
    assert list(Conversion.objects.order_by("pk").values()) == before
    return error["code"], error["field"]


def public_id(conversion: Conversion) -> str:
    return base64.b64encode(f"Conversion:{conversion.uuid}".encode()).decode()


def by_id(conversion: Conversion, **given: Any) -> dict[str, Any]:
    return {"byId": {"id": public_id(conversion), **given}}


def by_key(key: str = KEY, **given: Any) -> dict[str, Any]:
    return {"byKey": {"idempotencyKey": key, **given}}


def money(amount: object, currency: str = "EUR") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def as_answered(conversion: Conversion, amount: str = "10.00") -> dict[str, Any]:
    return {"id": public_id(conversion), "event": "order", "status": "CONFIRMED", "value": money(amount)}


def test_the_bearer_of_a_token_confirms(browser: Browser, pending: Conversion) -> None:
    assert confirmed(browser, token=pending.confirmation_token()) == as_answered(pending)
    pending.refresh_from_db()
    assert pending.is_confirmed
    assert browser.carried is None


def test_a_permitted_user_confirms_by_id(staff: Client, pending: Conversion) -> None:
    assert confirmed(staff, **by_id(pending)) == as_answered(pending)


def test_a_permitted_user_confirms_by_key(staff: Client, pending: Conversion) -> None:
    assert confirmed(staff, **by_key()) == as_answered(pending)


def test_a_servers_conversion_comes_before_a_browsers_claim_under_its_key(staff: Client, pending: Conversion) -> None:
    claim = Conversion.objects.create(
        event="order", value=1, currency="EUR", origin="client", is_confirmed=False, idempotency_key=KEY
    )
    assert confirmed(staff, **by_key()) == as_answered(pending)
    claim.refresh_from_db()
    assert not claim.is_confirmed


def test_a_browsers_claim_is_confirmed_by_its_key_where_the_server_has_none(staff: Client) -> None:
    claim = Conversion.objects.create(event="order", origin="client", is_confirmed=False, idempotency_key=KEY)
    assert confirmed(staff, **by_key())["id"] == public_id(claim)


def test_a_voided_conversion_of_the_servers_gives_no_way_to_a_browsers_claim(
    staff: Client, pending: Conversion
) -> None:
    Conversion.objects.create(event="order", origin="client", is_confirmed=False, idempotency_key=KEY)
    pending.void()
    assert refusal(staff, **by_key())[0] == "INVALID"


def test_the_final_value_replaces_the_recorded_one(staff: Client, pending: Conversion) -> None:
    other = Conversion.objects.create(event="order", is_confirmed=False)
    assert confirmed(staff, **by_key(value=money("12.50"))) == as_answered(pending, "12.50")
    assert confirmed(staff, **by_id(other, value=money("7", "JPY")))["value"] == money("7", "JPY")
    pending.refresh_from_db()
    assert (pending.value, pending.recorded_value) == (Decimal("12.50"), Decimal("10.00"))


def test_a_token_fixes_the_amount(browser: Browser, pending: Conversion) -> None:
    token = pending.confirmation_token(value="12.50", currency="EUR")
    assert confirmed(browser, token=token) == as_answered(pending, "12.50")


def test_a_token_fixes_the_amount_of_the_time_it_was_issued(browser: Browser, pending: Conversion) -> None:
    token = pending.confirmation_token()
    Conversion.objects.update(value=Decimal("1.00"))
    assert confirmed(browser, token=token) == as_answered(pending, "10.00")


def test_a_token_of_an_event_without_value_confirms_it_without_one(browser: Browser) -> None:
    signup = Conversion.objects.create(event="signup", is_confirmed=False)
    assert confirmed(browser, token=signup.confirmation_token())["value"] is None


def test_a_used_token_answers_its_confirmed_conversion(browser: Browser, pending: Conversion) -> None:
    token = pending.confirmation_token(value="12.50")
    first = confirmed(browser, token=token)
    before = list(Conversion.objects.values("confirmed_at", "updated_at"))
    assert confirmed(Browser(), token=token) == first
    assert confirmed(browser, token=pending.confirmation_token(value="99.00", currency="EUR")) == first
    assert list(Conversion.objects.values("confirmed_at", "updated_at")) == before


def test_confirming_again_is_harmless(staff: Client, pending: Conversion) -> None:
    first = confirmed(staff, **by_id(pending))
    at = Conversion.objects.get().confirmed_at
    for way in (by_id(pending), by_key(), by_id(pending, value=money("10")), by_key(value=money("10.00", "eur"))):
        assert confirmed(staff, **way) == first
    assert Conversion.objects.get().confirmed_at == at


def test_confirming_again_with_another_value_is_refused(staff: Client, pending: Conversion) -> None:
    confirmed(staff, **by_id(pending))
    assert refusal(staff, **by_id(pending, value=money("10.01")))[0] == "INVALID"
    assert refusal(staff, **by_key(value=money("10.01")))[0] == "INVALID"


def forged(pending: Conversion) -> dict[str, str]:
    """Return tokens that this site never issued."""
    token = pending.confirmation_token()
    payload, signed_at, signature = token.rsplit(":", 2)
    raised = signing.dumps([pending.uuid.hex, "99.00", "EUR"], salt="django_attribution.tokens").rsplit(":", 2)
    return {
        "nothing": "",
        "a word": "forged",
        "colons": ":::",
        "an id": public_id(pending),
        "cut short": token[:-1],
        "another payload": ":".join((raised[0], signed_at, signature)),
        "another time": ":".join((payload, "zzzzzz", signature)),
        "another salt": signing.dumps([pending.uuid.hex, "10.00", "EUR"], salt="django_attribution.cookies"),
        "another key": signing.dumps(
            [pending.uuid.hex, "10.00", "EUR"], salt="django_attribution.tokens", key="somebody-else's"
        ),
        "the identity cookie": signing.TimestampSigner(salt="django_attribution.cookies").sign(pending.uuid.hex),
        "NUL": f"{token}\0",
        "no ASCII": "☃" * 50,
        "long": "x" * 50_000,
    }


def test_a_forged_token_confirms_nothing(browser: Browser, staff: Client, pending: Conversion) -> None:
    for name, token in forged(pending).items():
        for client in (browser, staff):
            assert refusal(client, token=token)[0] == "NOT_PERMITTED", name


class AgedSigner(signing.TimestampSigner):
    """Signs as of a day and a second ago."""

    def timestamp(self) -> str:
        return signing.b62_encode(signing.b62_decode(super().timestamp()) - 24 * 60 * 60 - 1)


def test_an_old_token_has_expired(browser: Browser, pending: Conversion, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as yesterday:
        yesterday.setattr(signing, "TimestampSigner", AgedSigner)
        token = pending.confirmation_token()
    assert refusal(browser, token=token) == ("TOKEN_EXPIRED", ["token"])


def test_the_site_says_how_long_a_token_works(
    browser: Browser, pending: Conversion, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    with monkeypatch.context() as yesterday:
        yesterday.setattr(signing, "TimestampSigner", AgedSigner)
        token = pending.confirmation_token()
    settings.DJANGO_ATTRIBUTION = {"CONFIRMATION_TOKEN_MAX_AGE": 24 * 60 * 60 + 60}
    assert confirmed(browser, token=token) == as_answered(pending)


def test_a_token_of_a_conversion_that_is_gone_finds_nothing(browser: Browser, pending: Conversion) -> None:
    token = pending.confirmation_token()
    pending.delete()
    assert refusal(browser, token=token) == ("NOT_FOUND", None)


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_voided_conversion_stays_voided(
    browser: Browser, staff: Client, pending: Conversion, is_confirmed: bool
) -> None:
    token = pending.confirmation_token()
    Conversion.objects.update(is_active=False, is_confirmed=is_confirmed)
    assert refusal(browser, token=token)[0] == "INVALID"
    assert refusal(staff, **by_id(pending))[0] == "INVALID"
    assert refusal(staff, **by_key())[0] == "INVALID"


def test_nobody_confirms_by_id_or_key_without_the_permission(browser: Browser, pending: Conversion) -> None:
    others = dashboard("view_conversion", "change_conversion", "view_identity")
    for client in (browser, others):
        for way in (by_id(pending), by_key(), {"byId": {"id": "nonsense"}}, by_key("nothing", value=money("1", "USD"))):
            assert refusal(client, **way) == ("NOT_PERMITTED", None)


def test_a_visitor_does_not_confirm_its_own_claim(browser: Browser, settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"CLIENT_EVENTS": {"order": {}}}
    record = "mutation ($input: RecordConversionInput!) { recordConversion(input: $input) { conversion { id } } }"
    own = ask(browser, record, input={"event": "order", "idempotencyKey": KEY})["recordConversion"]["conversion"]
    assert refusal(browser, byId={"id": own["id"]}) == ("NOT_PERMITTED", None)
    assert refusal(browser, **by_key()) == ("NOT_PERMITTED", None)


def test_what_does_not_exist_is_not_found(staff: Client, pending: Conversion) -> None:
    unknown = base64.b64encode(f"Conversion:{uuid.uuid4()}".encode()).decode()
    foreign = base64.b64encode(f"Identity:{pending.uuid}".encode()).decode()
    by_pk = base64.b64encode(f"Conversion:{pending.pk}".encode()).decode()
    for named in (unknown, foreign, by_pk, str(pending.uuid), "", "nonsense", "☃", "nul\0", "x" * 50_000):
        assert refusal(staff, byId={"id": named}) == ("NOT_FOUND", None)


@pytest.mark.parametrize("key", ["", "unknown", KEY.upper(), "☃", "x" * 50_000])
def test_a_key_that_nothing_has_is_not_found(staff: Client, pending: Conversion, key: str) -> None:
    assert refusal(staff, **by_key(key)) == ("NOT_FOUND", None)


def test_a_key_that_nothing_can_have_is_not_found_either(staff: Client, pending: Conversion) -> None:
    assert refusal(staff, **by_key("nul\0")) == ("NOT_FOUND", None)


@pytest.mark.parametrize(
    ("value", "inner"),
    [
        (money("10.00", "USD"), "currency"),
        (money("-1"), "amount"),
        (money("0.001"), "amount"),
        (money("1E+999999999"), "amount"),
        (money("1234567890123456"), "amount"),
    ],
)
def test_a_final_value_that_cannot_be_is_refused_where_it_stands(
    staff: Client, pending: Conversion, value: dict[str, Any], inner: str
) -> None:
    assert refusal(staff, **by_id(pending, value=value)) == ("INVALID", ["byId", "value", inner])
    assert refusal(staff, **by_key(value=value)) == ("INVALID", ["byKey", "value", inner])


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "ten", "1_0", " 12 "])
def test_a_final_value_that_is_no_number_confirms_nothing(staff: Client, pending: Conversion, amount: str) -> None:
    for given in (by_id(pending, value=money(amount)), by_key(value=money(amount))):
        (error,) = errors_of(staff, CONFIRM, input=given)
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    pending.refresh_from_db()
    assert not pending.is_confirmed


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"token": "a", "byKey": {"idempotencyKey": "b"}},
        {"byId": {"id": "a"}, "byKey": {"idempotencyKey": "b"}},
        {"token": "a", "byId": None},
        {"token": None},
        {"byId": {}},
        {"token": 5},
        {"byUser": "alice"},
    ],
)
def test_a_conversion_is_named_in_exactly_one_way(staff: Client, pending: Conversion, given: dict[str, Any]) -> None:
    for error in errors_of(staff, CONFIRM, input=given):
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert not Conversion.objects.get().is_confirmed


@pytest.mark.parametrize("written", ["{}", '{ token: "a", byKey: { idempotencyKey: "b" } }', "{ token: null }"])
def test_the_document_names_it_in_exactly_one_way_too(staff: Client, pending: Conversion, written: str) -> None:
    document = f"mutation {{ confirmConversion(input: {written}) {{ errors {{ code }} }} }}"
    for error in errors_of(staff, document):
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert not Conversion.objects.get().is_confirmed


def test_a_refusal_gives_nothing_away(browser: Browser, pending: Conversion) -> None:
    token = pending.confirmation_token()
    Conversion.objects.update(custom_data={"note": "secret"})
    for way in ({"token": token[:-1]}, by_id(pending), by_key()):
        content = post(browser, CONFIRM, input=way).content.decode()
        for word in ("secret", "order", "10.00", str(pending.uuid), "Signature", "Traceback"):
            assert word not in content
