"""Many callers with one idempotency key, for many keys: each key is one conversion, which all its callers get."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection, connections

from django_attribution.models import Conversion, Identity
from django_attribution.shortcuts import record_conversion
from tests.browsers import Browser, visitor_request
from tests.sizes import sized

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

CALLERS = 16
# SQLite lets one write at a time: what PostgreSQL shows with many keys, it shows with a few.
KEYS = sized(500, long=5_000) if connection.vendor == "postgresql" else 20
PATIENCE = 60  # seconds until a barrier gives up


def test_each_key_is_one_conversion_whoever_calls_at_once(record_property: Callable[[str, object], None]) -> None:
    browser = Browser()
    browser.land()
    everybody_is_ready = Barrier(CALLERS)

    def call_with_every_key(_: int) -> list[UUID]:
        answers: list[UUID] = []
        try:
            for number in range(KEYS):
                request = visitor_request(carried=browser.carried if number % 2 else None)
                everybody_is_ready.wait(PATIENCE)
                key = f"order-{number}"
                answers.append(record_conversion(request, "order", value=10, idempotency_key=key).uuid)
        finally:
            if len(answers) < KEYS:
                everybody_is_ready.abort()  # nobody waits for one who failed
            connections.close_all()
        return answers

    with ThreadPoolExecutor(CALLERS) as threads:
        answers = list(threads.map(call_with_every_key, range(CALLERS)))
    stored = dict(Conversion.objects.values_list("idempotency_key", "uuid"))
    record_property("figure: keys with which 16 callers recorded at once", KEYS)
    record_property("figure: conversions of these keys", Conversion.objects.count())
    assert Conversion.objects.count() == KEYS
    assert answers == [[stored[f"order-{number}"] for number in range(KEYS)]] * CALLERS
    assert Identity.objects.count() == 1 + KEYS // 2  # the visitor, and a stranger for every other key
