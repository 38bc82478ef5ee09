"""Saving a conversion that was read a while ago: what others wrote since stays, what was changed here is written."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from django_attribution.attribution_models import last_touch
from django_attribution.models import Conversion
from django_attribution.shortcuts import record_conversion
from tests.browsers import Browser, visitor_request
from tests.graphql_calls import ask

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "0123456789abcdef"
CLAIM = f"""
    mutation {{
      recordConversion(input: {{
        event: "purchase", idempotencyKey: "{KEY}", value: {{ amount: "1000", currency: "USD" }}
      }}) {{ conversion {{ status }} }}
    }}"""


def pending() -> Conversion:
    """Store an order of 10 dollars that is not paid yet."""
    return Conversion.objects.record(event="order", value=10, currency="USD", is_confirmed=False)


def test_confirming_by_save_does_not_bring_the_browsers_amount_back(settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = {"CLIENT_EVENTS": {"purchase": {"value": True}}}
    browser = Browser()
    browser.land()
    ask(browser, CLAIM)
    loaded = Conversion.objects.get()
    request = visitor_request(carried=browser.carried)
    record_conversion(request, "purchase", value=10, currency="USD", idempotency_key=KEY)
    taken_over = Conversion.objects.values("origin", "value", "fingerprint", "idempotency_key").get()
    loaded.is_confirmed = True
    loaded.save()
    assert Conversion.objects.values(*taken_over).get() == taken_over
    assert taken_over["value"] == 10


def test_confirming_by_save_does_not_move_a_conversion_back_to_a_merged_visitor() -> None:
    User.objects.create_user("jane")
    laptop, phone = Browser(), Browser()
    laptop.get("/login/jane/")
    laptop.land(utm_source="first")
    phone.land(utm_source="newsletter", utm_medium="email")
    phone.post("/orders/", {"total": "10"})
    loaded = Conversion.objects.get()
    phone.get("/login/jane/")  # her history moves
    loaded.is_confirmed = True
    loaded.save()
    stored = Conversion.objects.valid().with_attribution(last_touch).get()
    assert stored.attribution_data["source"] == "newsletter"
    assert stored.identity is not None
    assert stored.identity.merged_into is None


def test_what_was_changed_is_written_and_only_that() -> None:
    loaded = Conversion.objects.get(pk=pending().pk)
    Conversion.objects.update(value=Decimal(20), event="big order")
    loaded.event = "small order"
    loaded.save()
    assert Conversion.objects.values_list("event", "value").get() == ("small order", 20)
    loaded.value = Decimal(30)
    loaded.save()
    assert Conversion.objects.values_list("event", "value").get() == ("small order", 30)


def test_an_instance_that_was_recorded_here_is_no_different() -> None:
    recorded = pending()
    Conversion.objects.update(value=Decimal(20))
    recorded.is_confirmed = True
    recorded.save()
    assert Conversion.objects.values_list("is_confirmed", "value").get() == (True, 20)


def test_saving_twice_writes_a_value_that_was_changed_back() -> None:
    recorded = pending()
    recorded.value = Decimal(20)
    recorded.save()
    recorded.value = Decimal(10)
    recorded.save()
    assert Conversion.objects.get().value == 10


def test_data_that_was_changed_in_place_is_written() -> None:
    pending()
    loaded = Conversion.objects.get()
    loaded.custom_data["note"] = "gift"
    loaded.save()
    assert Conversion.objects.get().custom_data == {"note": "gift"}


def test_what_was_not_loaded_is_not_written() -> None:
    pending()
    loaded = Conversion.objects.only("event").get()
    Conversion.objects.update(value=Decimal(20))
    loaded.event = "other"
    loaded.save()
    assert Conversion.objects.values_list("event", "value").get() == ("other", 20)


def test_what_was_refreshed_counts_as_the_row() -> None:
    loaded = pending()
    Conversion.objects.update(value=Decimal(20), event="big order")
    loaded.refresh_from_db(fields=["value"])
    Conversion.objects.update(value=Decimal(30))
    loaded.save()
    assert Conversion.objects.values_list("event", "value").get() == ("big order", 30)


def test_saving_without_a_change_moves_the_time_of_the_last_one() -> None:
    loaded = pending()
    before = loaded.updated_at
    loaded.save()
    assert Conversion.objects.get().updated_at > before
