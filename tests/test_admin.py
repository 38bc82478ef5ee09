"""The admin as its users see it: lists that stay cheap, pages that cannot be edited, two actions, nothing unescaped."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.signals import conversion_confirmed
from tests.shop.models import Order

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KINDS = ("identity", "touchpoint", "conversion")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def client() -> Client:
    """The browser of someone who may do everything."""
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def staff(*codenames: str) -> Client:
    """Return the browser of someone who has these permissions and no others."""
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    assert user.user_permissions.count() == len(codenames)
    client = Client()
    client.force_login(user)
    return client


def list_of(kind: str) -> str:
    return reverse(f"admin:django_attribution_{kind}_changelist")


def page_of(row: Any) -> str:
    return reverse(f"admin:django_attribution_{row._meta.model_name}_change", args=[row.pk])


def visitors(count: int) -> list[Identity]:
    """Make visitors with two touches and a pending conversion each."""
    identities = []
    for number in range(count):
        user = User.objects.create_user(f"user {Identity.objects.count()} {number}")
        identity = Identity.objects.create(linked_user=user, claimed_at=MONDAY, created_at=MONDAY)
        for day in range(2):
            moment = MONDAY + timedelta(days=day)
            Touchpoint.objects.create(identity=identity, utm_source=f"source {day}", created_at=moment)
        Conversion.objects.record(
            event="order", value="5.00", identity=identity, source_object=Order.objects.create(total=5),
            is_confirmed=False, occurred_at=MONDAY + timedelta(days=2),
        )  # fmt: skip
        identities.append(identity)
    return identities


def run_action(client: Client, name: str, *conversions: Conversion) -> Any:
    return client.post(
        list_of("conversion"), {"action": name, "_selected_action": [row.pk for row in conversions]}, follow=True
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_costs_as_much_with_twenty_rows_as_with_one(client: Client, kind: str) -> None:
    visitors(1)
    client.get(list_of(kind))  # fills the caches of permissions and content types
    with CaptureQueriesContext(connection) as one:
        assert client.get(list_of(kind)).status_code == 200
    visitors(19)
    with CaptureQueriesContext(connection) as twenty:
        response = client.get(list_of(kind))
    assert len(response.context["cl"].result_list) >= 20
    assert len(twenty) == len(one)


def test_a_journey_costs_as_much_with_many_touches_as_with_few(client: Client) -> None:
    (identity,) = visitors(1)
    client.get(page_of(identity))  # fills the caches of permissions and content types
    with CaptureQueriesContext(connection) as few:
        client.get(page_of(identity))
    Touchpoint.objects.bulk_create(Touchpoint(identity=identity, utm_source="a") for _ in range(50))
    with CaptureQueriesContext(connection) as many:
        client.get(page_of(identity))
    assert len(many) == len(few)


def test_the_list_of_identities_counts_their_facts(client: Client) -> None:
    (identity,) = visitors(1)
    Conversion.objects.record(event="lead", identity=identity)
    Conversion.objects.record(event="lead", identity=identity)
    (row,) = client.get(list_of("identity")).context["cl"].result_list
    assert (row.touch_count, row.conversion_count) == (2, 3)


def test_an_identity_without_facts_counts_none(client: Client) -> None:
    identity = Identity.objects.create()
    (row,) = client.get(list_of("identity")).context["cl"].result_list
    assert (row.touch_count, row.conversion_count) == (0, 0)
    assert b"Nothing yet." in client.get(page_of(identity)).content


def test_a_journey_is_told_from_the_newest_on(client: Client) -> None:
    (identity,) = visitors(1)
    page = client.get(page_of(identity)).content.decode()
    positions = [page.index(text) for text in ("<strong>order (Pending)</strong> 5.00 USD", "source 1 /", "source 0 /")]
    assert positions == sorted(positions)


def test_a_conversion_says_who_earned_it(client: Client) -> None:
    (identity,) = visitors(1)
    first, last = identity.touchpoints.order_by("created_at")
    page = client.get(page_of(Conversion.objects.get())).content.decode()
    for touch in (first, last):
        assert f'href="{page_of(touch)}">{touch} ' in page
    unearned = Conversion.objects.record(event="lead")
    assert "no touch in the window" in client.get(page_of(unearned)).content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_links_to_pages_that_open(client: Client, kind: str) -> None:
    visitors(1)
    for row in client.get(list_of(kind)).context["cl"].result_list:
        assert client.get(page_of(row)).status_code == 200


def test_a_conversion_without_anything_opens(client: Client) -> None:
    conversion = Conversion.objects.record(event="lead")
    assert client.get(page_of(conversion)).status_code == 200
    assert client.get(list_of("conversion")).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_every_filter_works(client: Client, kind: str) -> None:
    visitors(1)
    Conversion.objects.record(event="lead")
    changelist = client.get(list_of(kind)).context["cl"]
    links = [choice["query_string"] for spec in changelist.filter_specs for choice in spec.choices(changelist)]
    assert len(links) >= 5
    for link in links:
        assert client.get(list_of(kind) + link).status_code == 200


def found(client: Client, kind: str, query: str) -> list[Any]:
    return list(client.get(list_of(kind), {"q": query}).context["cl"].result_list)


def test_a_visitor_is_found_by_uuid(client: Client) -> None:
    identity, _other = visitors(2)
    assert found(client, "identity", str(identity.uuid)) == [identity]
    assert {row.identity for row in found(client, "touchpoint", str(identity.uuid))} == {identity}
    assert found(client, "conversion", str(identity.uuid)) == [identity.conversions.get()]


def test_a_conversion_is_found_by_event_and_object(client: Client) -> None:
    visitors(1)
    lead = Conversion.objects.record(event="lead", idempotency_key="lead-77")
    assert found(client, "conversion", "lead") == found(client, "conversion", "lead-77") == [lead]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("query", ["", "%", "'", "\x00", "x" * 5000, "\u202e", "00000000-0000"])
def test_no_search_breaks_a_list(client: Client, kind: str, query: str) -> None:
    assert client.get(list_of(kind), {"q": query}).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_added_or_edited_here(client: Client, kind: str) -> None:
    visitors(1)
    (row, *_) = client.get(list_of(kind)).context["cl"].result_list
    assert client.get(reverse(f"admin:django_attribution_{kind}_add")).status_code == 403
    assert client.post(page_of(row), {"event": "forged", "utm_source": "forged"}).status_code == 403
    assert b'name="_save"' not in client.get(page_of(row)).content


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_not_see_sees_nothing(kind: str) -> None:
    (identity,) = visitors(1)
    client = staff()
    assert client.get(list_of(kind)).status_code == 403
    rows = {"identity": identity, "touchpoint": identity.touchpoints.first(), "conversion": Conversion.objects.get()}
    assert client.get(page_of(rows[kind])).status_code == 403


def test_what_visitors_wrote_is_escaped_everywhere(client: Client) -> None:
    identity = Identity.objects.create(first_visit_user_agent=SCRIPT)
    touch = Touchpoint.objects.create(
        identity=identity, utm_source=SCRIPT, utm_medium=SCRIPT, utm_campaign=SCRIPT, referrer=SCRIPT, url=SCRIPT,
        created_at=MONDAY, click_ids={"gclid": SCRIPT},
    )  # fmt: skip
    conversion = Conversion.objects.record(
        event=SCRIPT, identity=identity, custom_data={"a": SCRIPT}, occurred_at=MONDAY, idempotency_key=SCRIPT
    )
    run_action(client, "confirm", conversion)
    pages = [*map(list_of, KINDS), *map(page_of, (identity, touch, conversion))]
    for page in pages:
        assert SCRIPT.encode() not in client.get(page).content
    Conversion.objects.update(is_active=False)
    assert SCRIPT.encode() not in run_action(client, "confirm", conversion).content  # the message names it


class TestActions:
    def test_confirming_is_one_transition_each(self, client: Client) -> None:
        visitors(2)
        first, second = Conversion.objects.order_by("pk")
        first.confirm()
        seen: list[Conversion] = []

        def listen(conversion: Conversion, **_: Any) -> None:
            seen.append(conversion)

        conversion_confirmed.connect(listen)
        try:
            response = run_action(client, "confirm", first, second)
        finally:
            conversion_confirmed.disconnect(listen)
        assert [str(message) for message in response.context["messages"]] == ["2 confirmed."]
        assert seen == [second]
        assert Conversion.objects.valid().count() == 2
        assert Conversion.objects.get(pk=first.pk).confirmed_at == first.confirmed_at

    def test_voiding_takes_out_of_reports_and_keeps_the_row(self, client: Client) -> None:
        conversion = Conversion.objects.record(event="order")
        run_action(client, "void", conversion)
        conversion.refresh_from_db()
        assert (conversion.status, conversion.is_confirmed) == (Conversion.Status.VOIDED, True)
        assert not Conversion.objects.valid().exists()

    def test_a_voided_conversion_is_not_confirmed_and_the_others_are(self, client: Client) -> None:
        visitors(2)
        voided, other = Conversion.objects.order_by("pk")
        run_action(client, "void", voided)
        response = run_action(client, "confirm", voided, other)
        texts = [str(message) for message in response.context["messages"]]
        assert texts[-1] == "1 confirmed."
        assert "voided conversion cannot be confirmed" in texts[0]
        assert list(Conversion.objects.valid()) == [other]

    @pytest.mark.parametrize(("codenames", "count"), [
        (["view_conversion"], 0),
        (["view_conversion", "change_conversion", "delete_conversion", "add_conversion"], 0),
        (["view_conversion", "confirm_conversion"], 1),
    ])  # fmt: skip
    def test_confirming_takes_its_permission(self, codenames: list[str], count: int) -> None:
        conversion = Conversion.objects.record(event="order", is_confirmed=False)
        browser = staff(*codenames)
        assert browser.get(list_of("conversion")).status_code == 200
        run_action(browser, "confirm", conversion)
        assert Conversion.objects.valid().count() == count
        run_action(browser, "void", conversion)
        assert Conversion.objects.filter(is_active=False).count() == count


def test_deleting_an_identity_keeps_its_conversions(client: Client) -> None:
    (identity,) = visitors(1)
    client.post(reverse("admin:django_attribution_identity_delete", args=[identity.pk]), {"post": "yes"})
    assert not Identity.objects.exists()
    assert Conversion.objects.get().identity is None


@pytest.mark.parametrize("kind", ["touchpoint", "conversion"])
def test_whose_a_fact_is_is_shown_to_those_who_may_see_identities(kind: str) -> None:
    identity, _other = visitors(2)
    [row, *_] = getattr(identity, f"{kind}s").all()
    uuid = str(identity.uuid)
    seeing = staff(f"view_{kind}", "view_identity")
    for page in (list_of(kind), page_of(row)):
        assert uuid in seeing.get(page).content.decode()
    User.objects.get(username="staff").delete()
    blind = staff(f"view_{kind}")
    for page in (list_of(kind), page_of(row), reverse(f"admin:django_attribution_{kind}_history", args=[row.pk])):
        response = blind.get(page)
        assert response.status_code == 200
        for told in (uuid, uuid[-12:], page_of(identity), str(identity.linked_user)):
            assert told not in response.content.decode()
    # Nor can it be guessed, or told by what belongs together.
    assert found(blind, kind, uuid) == found(blind, kind, uuid[:4]) == []
    for lookup in (f"identity={identity.pk}", f"identity__id__exact={identity.pk}", f"identity__uuid={uuid}"):
        assert blind.get(f"{list_of(kind)}?{lookup}").status_code == 400


def test_a_journey_and_its_credit_are_shown_to_those_who_may_see_what_is_in_them() -> None:
    identity = Identity.objects.create()
    Touchpoint.objects.create(identity=identity, utm_source="secret-source")
    conversion = Conversion.objects.record(event="secret-event", identity=identity, value="77.77")
    pages = {page_of(identity): "view_identity", page_of(conversion): "view_conversion"}
    for page, permission in pages.items():
        user = User.objects.create_user(permission, is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename=permission))
        browser = Client()
        browser.force_login(user)
        assert "secret-source" not in browser.get(page).content.decode()
        if permission == "view_identity":
            assert "77.77" not in browser.get(page).content.decode()
        user.user_permissions.add(*Permission.objects.filter(codename__startswith="view_"))
        assert "secret-source" in browser.get(page).content.decode()
