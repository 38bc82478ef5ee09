"""A key that is repeated by who was merged meanwhile: the same person, whose conversion it is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from django_attribution.exceptions import IdempotencyKeyReused
from django_attribution.models import Conversion, Identity
from django_attribution.shortcuts import record_conversion
from tests import urls
from tests.browsers import Browser

pytestmark = pytest.mark.django_db(transaction=True)

meanwhile: list[Callable[[], object]] = []


def buy(request: HttpRequest) -> HttpResponse:
    """Look who is buying, let something happen, and record the purchase."""
    assert request.attribution.identity is not None  # type: ignore[attr-defined]  # the middleware's
    if meanwhile:
        meanwhile.pop()()
    conversion = record_conversion(request, "purchase", value=10, currency="USD", idempotency_key="order-1")
    return HttpResponse(str(conversion.uuid))


urlpatterns = [path("buy/", buy), *urls.urlpatterns]


def merged() -> tuple[Identity, Identity]:
    """Return a visitor as they were before they were merged into a user's identity, and that."""
    owned = Identity.objects.create(linked_user=User.objects.create_user("u"), claimed_at=timezone.now())
    held = Identity.objects.create()
    Identity.objects.merge(Identity.objects.get(pk=held.pk), into=owned)
    return held, owned


def test_a_double_click_around_a_login_is_one_conversion(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    User.objects.create_user("u")
    first, tab, other_tab = Browser(), Browser(), Browser()
    first.get("/login/u/")
    first.land()  # the user has an identity
    tab.land()
    other_tab.cookies.update(tab.cookies)
    answers: list[Any] = []
    meanwhile.append(lambda: (other_tab.get("/login/u/"), answers.append(other_tab.get("/buy/"))))
    answers.append(tab.get("/buy/"))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert Conversion.objects.count() == 1


def test_who_holds_a_merged_identity_may_repeat_a_key() -> None:
    held, owned = merged()
    once, again = (
        Conversion.objects.record(identity=held, event="purchase", value=10, idempotency_key="order-1")
        for _ in range(2)
    )
    assert once.uuid == again.uuid
    assert once.identity == owned


def test_a_stranger_may_not() -> None:
    held, _ = merged()
    Conversion.objects.record(identity=held, event="purchase", value=10, idempotency_key="order-1")
    with pytest.raises(IdempotencyKeyReused):
        Conversion.objects.record(
            identity=Identity.objects.create(), event="purchase", value=10, idempotency_key="order-1"
        )
