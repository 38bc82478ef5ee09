"""Who may see what: nothing without the permission, and no way around it."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission, User
from django.test import Client, override_settings

from django_attribution.models import Conversion, Identity, Touchpoint
from tests.browsers import Browser
from tests.graphql_calls import EVERYTHING, ask, codes_of, dashboard, post

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
EVERY_FIELD = """{ attributedConversions { totalCount edges { cursor
  node { id event identity { id firstSeenAt isAnonymous } }
  credits { source touchpoint { id landingUrl } } } } }"""
JOURNEYS = "{ attributedConversions { edges { node { event identity { id journey { source } } } } } }"


@pytest.fixture(autouse=True)
def conversion() -> Conversion:
    """One conversion, of one visitor, credited to one touch."""
    identity = Identity.objects.create(created_at=T0 - timedelta(days=2))
    Touchpoint.objects.create(identity=identity, created_at=T0 - timedelta(days=1), utm_source="google")
    return Conversion.objects.create(identity=identity, event="signup", created_at=T0)


def edge_of(client: Client, document: str = EVERY_FIELD) -> Any:
    (edge,) = ask(client, document)["attributedConversions"]["edges"]
    return edge


def test_an_anonymous_caller_is_told_to_log_in(client: Client) -> None:
    response = post(client, EVERY_FIELD)
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    assert response.json()["data"] is None
    assert b"signup" not in response.content


def test_a_visitor_with_an_identity_is_still_anonymous() -> None:
    browser = Browser()
    browser.land()
    assert codes_of(browser, EVERY_FIELD) == {"UNAUTHENTICATED"}


@pytest.mark.parametrize("others", [("add_conversion",), ("view_identity", "view_touchpoint", "confirm_conversion")])
def test_a_user_without_the_permission_is_told_which_one_is_missing(others: tuple[str, ...]) -> None:
    response = post(dashboard(*others), EVERY_FIELD)
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN"}
    assert "django_attribution.view_conversion" in error["message"]
    assert response.json()["data"] is None


def test_a_user_who_was_deactivated_is_a_stranger() -> None:
    client = dashboard()
    User.objects.update(is_active=False)
    assert codes_of(client, EVERY_FIELD) == {"UNAUTHENTICATED"}


def test_permission_is_asked_before_arguments_are_looked_at(client: Client) -> None:
    document = '{ attributedConversions(first: 1000000, windowDays: -1, after: "nonsense") { totalCount } }'
    assert codes_of(client, document) == {"UNAUTHENTICATED"}
    assert codes_of(dashboard("view_touchpoint"), document) == {"FORBIDDEN"}


def test_view_conversion_alone_shows_conversions_and_nobody() -> None:
    edge = edge_of(dashboard())
    assert edge["node"]["event"] == "signup"
    assert edge["node"]["identity"] is None
    assert [credit["touchpoint"] for credit in edge["credits"]] == [None]
    assert [credit["source"] for credit in edge["credits"]] == ["google"]


def test_every_permission_shows_everything(conversion: Conversion) -> None:
    edge = edge_of(dashboard(*EVERYTHING))
    assert edge["node"]["identity"]["firstSeenAt"] == "2026-05-30T12:00:00+00:00"
    assert edge["node"]["identity"]["isAnonymous"] is True
    assert [bool(credit["touchpoint"]["id"]) for credit in edge["credits"]] == [True]


def test_a_superuser_needs_no_permission() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    assert edge_of(client)["node"]["identity"] is not None


def test_the_visitor_without_the_touches_shows_no_journey() -> None:
    response = post(dashboard("view_conversion", "view_identity"), JOURNEYS)
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN"}
    assert error["path"] == ["attributedConversions", "edges", 0, "node", "identity", "journey"]
    (edge,) = response.json()["data"]["attributedConversions"]["edges"]
    assert edge["node"] == {"event": "signup", "identity": None}


def test_the_touches_without_the_visitor_show_no_journey() -> None:
    edge = edge_of(dashboard("view_conversion", "view_touchpoint"), JOURNEYS)
    assert edge["node"] == {"event": "signup", "identity": None}


def test_a_conversion_of_nobody_has_no_identity_to_show() -> None:
    Conversion.objects.update(identity=None)
    edge = edge_of(dashboard(*EVERYTHING))
    assert (edge["node"]["identity"], edge["credits"]) == (None, [])


def test_an_identity_of_a_user_is_not_anonymous_and_names_nobody(conversion: Conversion) -> None:
    user = User.objects.create_user("alice", email="alice@shop.test")
    Identity.objects.update(linked_user=user, claimed_at=T0)
    response = post(dashboard(*EVERYTHING), EVERY_FIELD)
    assert response.json()["data"]["attributedConversions"]["edges"][0]["node"]["identity"]["isAnonymous"] is False
    assert b"alice" not in response.content


@pytest.mark.parametrize(
    "document",
    [
        '{ node(id: "Q29udmVyc2lvbjox") { id } }',
        "{ attributedConversions { edges { node { pk } } } }",
        "{ attributedConversions { edges { node { idempotencyKey fingerprint } } } }",
        "{ attributedConversions { edges { node { identity { linkedUser firstVisitUserAgent } } } } }",
        '{ recordedConversion(idempotencyKey: "x") { identity { id } } }',
    ],
)
def test_what_the_schema_does_not_offer_cannot_be_asked(document: str) -> None:
    assert codes_of(dashboard(*EVERYTHING), document) == {"BAD_USER_INPUT"}


class CountingBackend(ModelBackend):
    """Asks the database for each permission, as object stores of permissions do."""

    asked: ClassVar[list[str]] = []

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        self.asked.append(perm)
        return User.objects.filter(pk=user_obj.pk, user_permissions__codename=perm.partition(".")[2]).exists()


@override_settings(AUTHENTICATION_BACKENDS=[f"{__name__}.CountingBackend"])
def test_each_permission_is_asked_once_however_many_rows() -> None:
    user = User.objects.create_user("counted")
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(user, backend=f"{__name__}.CountingBackend")
    for _ in range(5):
        identity = Identity.objects.create()
        Touchpoint.objects.create(identity=identity, utm_source="ads")
        Conversion.objects.record(event="order", identity=identity)
    CountingBackend.asked.clear()
    document = """{ attributedConversions { edges {
        credits { touchpoint { id } } node { identity { id journey { id } } }
    } } }"""
    answer = client.post("/graphql/", {"query": document}, content_type="application/json").json()
    edges = answer["data"]["attributedConversions"]["edges"]
    assert len(edges) >= 5
    assert {len(edge["node"]["identity"]["journey"]) for edge in edges} == {1}
    assert sorted(CountingBackend.asked) == [
        "django_attribution.view_conversion", "django_attribution.view_identity", "django_attribution.view_touchpoint",
    ]  # fmt: skip
