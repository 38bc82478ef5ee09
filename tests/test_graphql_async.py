"""The endpoint served from an event loop: the same answers, the same visitors, the same refusals."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User

from django_attribution.models import Conversion, Identity, Touchpoint
from tests.browsers import COOKIE, AsyncBrowser, queries_of_tracking
from tests.graphql_calls import EVERYTHING, ask, codes_of, dashboard, post

# An async view reaches the database from another thread, so nothing may be held back in a transaction.
pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/async/graphql/"
KEY = "0123456789abcdef"
T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
RECORD = """mutation ($input: RecordConversionInput!) { recordConversion(input: $input) {
  conversion { id event status value { amount } } errors { code field } } }"""
CONFIRM = """mutation ($input: ConfirmConversionInput!) { confirmConversion(input: $input) {
  conversion { id event status value { amount } } errors { code field } } }"""
RECORDED = """query ($key: String!) { recordedConversion(idempotencyKey: $key) { id event status value { amount } } }"""
PAGE = """query ($first: Int, $after: String) { attributedConversions(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  edges { node { event identity { journey { source } } } credits { source touchpoint { landingUrl } } } } }"""


class Browser(AsyncBrowser):
    """A browser that is served from an event loop, and waited for."""

    def post(self, *args: Any, **options: Any) -> Any:
        """Post and wait for the answer."""
        return async_to_sync(super().post)(*args, **options)


@pytest.fixture(autouse=True)
def rules(settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"CLIENT_EVENTS": {"signup": {}, "newsletter": {"confirmed": True}}}


@pytest.fixture
def browser() -> Browser:
    """A visitor who came by an advertisement."""
    browser = Browser()
    async_to_sync(browser.land)()
    return browser


@pytest.fixture
def staff() -> Any:
    return dashboard(*EVERYTHING, client=Browser())  # type: ignore[arg-type]  # it posts like any other


def record(client: Any, event: str = "signup") -> Any:
    return ask(client, RECORD, path=PATH, input={"event": event, "idempotencyKey": KEY})["recordConversion"]


def test_a_claim_is_recorded_once_and_found_again(browser: Browser) -> None:
    first = record(browser)
    assert first["errors"] == []
    assert first["conversion"]["status"] == "PENDING"
    assert record(browser) == first
    assert ask(browser, RECORDED, path=PATH, key=KEY)["recordedConversion"] == first["conversion"]
    assert ask(Browser(), RECORDED, path=PATH, key=KEY)["recordedConversion"] is None
    assert Conversion.objects.get().identity == Identity.objects.get()


def test_a_stranger_gets_an_identity_to_carry() -> None:
    browser = Browser()
    response = post(browser, RECORD, path=PATH, input={"event": "signup", "idempotencyKey": KEY})
    assert response.cookies[COOKIE].value
    assert record(browser)["errors"] == []
    assert (Identity.objects.count(), Conversion.objects.count()) == (1, 1)


def test_a_user_records_under_the_users_identity(browser: Browser) -> None:
    browser.force_login(User.objects.create_user("alice"))
    assert record(browser)["errors"] == []
    assert Conversion.objects.get().identity == Identity.objects.get(linked_user__username="alice")


def test_what_is_not_allowed_is_refused(browser: Browser) -> None:
    assert record(browser, "purchase")["errors"] == [{"code": "EVENT_NOT_ALLOWED", "field": ["event"]}]
    assert not Conversion.objects.exists()


def test_all_three_ways_confirm(browser: Browser) -> None:
    conversion = record(browser)["conversion"]
    staff = dashboard("confirm_conversion", client=Browser())  # type: ignore[arg-type]  # it posts like any other
    token = Conversion.objects.get().confirmation_token()
    ways: list[tuple[Any, dict[str, Any]]] = [
        (browser, {"token": token}),
        (staff, {"byId": {"id": conversion["id"]}}),
        (staff, {"byKey": {"idempotencyKey": KEY}}),
    ]
    for client, way in ways:
        Conversion.objects.update(is_confirmed=False, confirmed_at=None)
        payload = ask(client, CONFIRM, path=PATH, input=way)["confirmConversion"]
        assert payload == {"conversion": {**conversion, "status": "CONFIRMED"}, "errors": []}


def test_confirming_without_any_right_costs_nothing(browser: Browser) -> None:
    conversion = record(browser)["conversion"]
    with queries_of_tracking() as statements:
        payload = ask(browser, CONFIRM, path=PATH, input={"byId": {"id": conversion["id"]}})["confirmConversion"]
    assert payload == {"conversion": None, "errors": [{"code": "NOT_PERMITTED", "field": None}]}
    assert statements == []


def test_a_dashboard_walks_through_pages(staff: Any) -> None:
    identity = Identity.objects.create()
    Touchpoint.objects.create(
        identity=identity, utm_source="google", created_at=T0 - timedelta(days=1), url="https://a"
    )
    for number in range(5):
        Conversion.objects.create(identity=identity, event=str(number), created_at=T0 + timedelta(hours=number))
    events, after = [], None
    for _ in range(3):
        page = ask(staff, PAGE, path=PATH, first=2, after=after)["attributedConversions"]
        assert page["totalCount"] == 5
        for edge in page["edges"]:
            events.append(edge["node"]["event"])
            assert edge["node"]["identity"] == {"journey": [{"source": "google"}]}
            assert edge["credits"] == [{"source": "google", "touchpoint": {"landingUrl": "https://a"}}]
        after = page["pageInfo"]["endCursor"]
    assert (events, page["pageInfo"]["hasNextPage"]) == (["4", "3", "2", "1", "0"], False)


def test_a_landing_and_its_conversion_are_credited(browser: Browser, staff: Any) -> None:
    record(browser, "newsletter")
    (edge,) = ask(staff, PAGE, path=PATH)["attributedConversions"]["edges"]
    assert edge["node"]["event"] == "newsletter"
    assert [credit["source"] for credit in edge["credits"]] == ["google"]


def test_refusals_are_the_same(browser: Browser, staff: Any) -> None:
    assert codes_of(browser, PAGE, path=PATH) == {"UNAUTHENTICATED"}
    assert codes_of(dashboard("view_identity", client=Browser()), PAGE, path=PATH) == {"FORBIDDEN"}  # type: ignore[arg-type]  # it posts like any other
    assert codes_of(staff, PAGE, path=PATH, first=201) == {"BAD_USER_INPUT"}
    assert codes_of(staff, PAGE, path=PATH, after="nonsense") == {"BAD_USER_INPUT"}
    assert codes_of(staff, "{ nothing }", path=PATH) == {"BAD_USER_INPUT"}
    assert codes_of(staff, "{", path=PATH) == {"BAD_USER_INPUT"}
    aliases = " ".join(f"a{number}: __typename" for number in range(16))
    assert codes_of(staff, f"{{ {aliases} }}", path=PATH) == {"QUERY_TOO_COMPLEX"}


def test_visitors_that_are_served_at_once_stay_apart() -> None:
    browsers = [AsyncBrowser() for _ in range(20)]

    async def claims() -> list[Any]:
        bodies = [
            json.dumps({"query": RECORD, "variables": {"input": {"event": "signup", "idempotencyKey": f"{n:016}"}}})
            for n in range(len(browsers))
        ]
        return await asyncio.gather(
            *(
                browser.post(PATH, body, content_type="application/json")
                for browser, body in zip(browsers, bodies, strict=True)
            )
        )

    for response in async_to_sync(claims)():
        assert response.json()["data"]["recordConversion"]["errors"] == []
    assert Identity.objects.count() == 20
    assert Conversion.objects.values("identity").distinct().count() == 20
    assert len({browser.cookies[COOKIE].value for browser in browsers}) == 20


def test_one_key_at_once_is_one_conversion(browser: Browser) -> None:
    body = json.dumps({"query": RECORD, "variables": {"input": {"event": "signup", "idempotencyKey": KEY}}})

    async def claims() -> list[Any]:
        send = super(Browser, browser).post
        return await asyncio.gather(*(send(PATH, body, content_type="application/json") for _ in range(16)))

    answers = [response.json() for response in async_to_sync(claims)()]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["data"]["recordConversion"]["errors"] == []
    assert Conversion.objects.count() == 1
