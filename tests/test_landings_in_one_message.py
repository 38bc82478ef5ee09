"""A new visitor's landing is one message to PostgreSQL only where nobody could tell the difference."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.db.models.signals import post_save, pre_save
from django.test.utils import CaptureQueriesContext

from django_attribution.models import Identity, Touchpoint
from django_attribution.transactions import can_run_alone
from tests.browsers import Browser

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes one statement at a time"),
]


@pytest.fixture
def bound_by_the_server() -> Iterator[None]:
    """Have the server put values into statements, of which a message then holds one."""
    connection.close()
    connection.settings_dict["OPTIONS"]["server_side_binding"] = True
    yield
    connection.close()
    del connection.settings_dict["OPTIONS"]["server_side_binding"]


@pytest.fixture
def committing_by_hand() -> Iterator[None]:
    """Have the connection begin a transaction with whatever is asked next."""
    connection.set_autocommit(False)
    yield
    connection.rollback()
    connection.set_autocommit(True)


def landed() -> bool:
    """Tell whether one visitor and one touch of theirs are stored."""
    return [touch.identity for touch in Touchpoint.objects.all()] == list(Identity.objects.all()) != []


@pytest.mark.parametrize("signal", [pre_save, post_save])
@pytest.mark.parametrize("model", [Identity, Touchpoint])
def test_who_listens_to_saving_hears_of_it(signal: Any, model: type[models.Model]) -> None:
    heard: list[models.Model] = []

    def hear(instance: models.Model, **_: Any) -> None:
        heard.append(instance)

    signal.connect(hear, sender=model)
    try:
        Browser().land()
    finally:
        signal.disconnect(hear, sender=model)
    assert heard == list(model._default_manager.all())
    assert landed()


def test_the_hosts_transaction_keeps_its_own_bounds_and_takes_the_landing_back() -> None:
    with transaction.atomic():
        Browser().land()
        assert landed()
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            assert cursor.fetchone() == ("0",)
        transaction.set_rollback(True)
    assert not Identity.objects.exists()


@pytest.mark.usefixtures("bound_by_the_server")
def test_values_that_the_server_binds_take_several_messages() -> None:
    with CaptureQueriesContext(connection) as captured:
        Browser().land()
    assert landed()
    assert len(captured) > 1


@pytest.mark.usefixtures("committing_by_hand")
def test_who_commits_by_hand_is_left_to() -> None:
    assert not can_run_alone("default")  # what is written would not be there yet, nor would its bounds be gone
