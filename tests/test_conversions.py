"""Conversions as rows: confirmed once and for good, changed with a trace, signalled once, kept by constraints."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction

from django_attribution.exceptions import ConfirmationRefused, InvalidArgument
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.signals import conversion_confirmed, conversion_recorded
from tests.heard import heard
from tests.shop.models import Order, Ticket, Voucher

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


def told(said: list[dict[str, Any]]) -> list[Conversion]:
    """Return the conversions that a signal named."""
    return [arguments["conversion"] for arguments in said]


@pytest.fixture
def pending() -> Conversion:
    return Conversion.objects.record(event="order", value="20.00", is_confirmed=False, occurred_at=MONDAY)


def long_ago(*rows: Any) -> None:
    """Set back the time of the last change of rows."""
    for row in rows:
        type(row).objects.filter(pk=row.pk).update(updated_at=MONDAY)


class TestConfirming:
    @pytest.mark.parametrize("make", [
        lambda: Order.objects.create(total=1),
        lambda: Ticket.objects.create(),
        lambda: Voucher.objects.create(code="A-1"),
    ])  # fmt: skip
    def test_the_plain_way(self, make: Callable[[], Any]) -> None:
        thing = make()
        Conversion.objects.record(event="order", source_object=thing, is_confirmed=False, occurred_at=MONDAY)
        conversion = Conversion.objects.get(
            source_content_type=ContentType.objects.get_for_model(thing), source_object_id=thing.pk, event="order"
        )
        assert (conversion.status, conversion.confirmed_at) == (Conversion.Status.PENDING, None)
        conversion.is_confirmed = True
        with heard(conversion_confirmed) as confirmed:
            conversion.save()
        assert told(confirmed) == [conversion]
        stored = Conversion.objects.valid().get()
        assert stored.status == Conversion.Status.CONFIRMED
        assert stored.confirmed_at is not None
        assert stored.confirmed_at == conversion.confirmed_at
        assert stored.source_object == thing

    @pytest.mark.parametrize("save", [
        lambda row: row.save(),
        lambda row: row.save(update_fields=["is_confirmed"]),
        lambda row: row.save(update_fields=["is_confirmed", "custom_data"]),
        lambda row: async_to_sync(row.asave)(),
    ])  # fmt: skip
    def test_every_way_to_save_sets_the_time(self, pending: Conversion, save: Callable[[Conversion], None]) -> None:
        pending.is_confirmed = True
        save(pending)
        stored = Conversion.objects.get()
        assert stored.is_confirmed
        assert stored.confirmed_at == pending.confirmed_at is not None

    def test_a_time_that_is_given_is_kept(self, pending: Conversion) -> None:
        pending.is_confirmed, pending.confirmed_at = True, TUESDAY
        pending.save()
        assert Conversion.objects.get().confirmed_at == TUESDAY

    def test_confirm_takes_the_final_value_and_keeps_the_first(self, pending: Conversion) -> None:
        assert pending.confirm(value="18.50") is pending
        stored = Conversion.objects.get()
        for row in (pending, stored):
            assert (row.value, row.currency, row.recorded_value) == (Decimal("18.50"), "USD", Decimal("20.00"))
            assert row.is_confirmed
            assert row.confirmed_at is not None

    def test_confirm_without_a_value_keeps_the_recorded_one(self, pending: Conversion) -> None:
        pending.value = Decimal(99)  # in memory only
        pending.confirm()
        assert Conversion.objects.get().value == pending.value == Decimal("20.00")

    def test_confirm_gives_a_value_to_a_conversion_without_one(self) -> None:
        conversion = Conversion.objects.record(event="lead", is_confirmed=False).confirm(value=5, currency="EUR")
        conversion.refresh_from_db()
        assert (conversion.value, conversion.currency, conversion.recorded_value) == (5, "EUR", None)

    def test_confirming_again_changes_nothing(self, pending: Conversion) -> None:
        with heard(conversion_confirmed) as confirmed:
            first = pending.confirm(value=18).confirmed_at
            long_ago(pending)
            assert pending.confirm().confirmed_at == first
            assert pending.confirm(value="18.00", currency="usd").confirmed_at == first
            assert Conversion.objects.get().confirm().confirmed_at == first
        assert len(confirmed) == 1
        assert Conversion.objects.get().updated_at == MONDAY

    def test_confirming_with_another_value_is_refused(self, pending: Conversion) -> None:
        pending.confirm(value=18)
        with pytest.raises(ConfirmationRefused, match=r"18.* USD.*19.* USD"):
            pending.confirm(value=19)
        assert Conversion.objects.get().value == 18

    def test_confirming_with_another_currency_is_refused(self, pending: Conversion) -> None:
        with pytest.raises(InvalidArgument, match="recorded in USD, not 'EUR'") as raised:
            pending.confirm(value=18, currency="EUR")
        assert raised.value.argument == "currency"
        assert not Conversion.objects.get().is_confirmed

    @pytest.mark.parametrize("value", ["1.001", -1, float("nan"), True, "much"])
    def test_confirming_with_a_value_that_is_none_is_refused(self, pending: Conversion, value: Any) -> None:
        with pytest.raises(InvalidArgument):
            pending.confirm(value=value)
        assert (Conversion.objects.get().is_confirmed, Conversion.objects.get().value) == (False, 20)

    def test_a_voided_conversion_is_refused(self, pending: Conversion) -> None:
        Conversion.objects.update(is_active=False)
        with pytest.raises(ConfirmationRefused, match="voided"):
            pending.confirm()
        stored = Conversion.objects.get()
        assert (stored.is_confirmed, stored.status) == (False, Conversion.Status.VOIDED)

    def test_a_stale_instance_never_takes_a_confirmation_back(self, pending: Conversion) -> None:
        stale = Conversion.objects.get()
        first = pending.confirm().confirmed_at
        stale.custom_data = {"note": "late"}
        with heard(conversion_confirmed) as confirmed:
            stale.save()
        stored = Conversion.objects.get()
        assert (stored.is_confirmed, stored.confirmed_at, stored.custom_data) == (True, first, {"note": "late"})
        assert (stale.is_confirmed, stale.confirmed_at) == (True, first)
        assert confirmed == []

    def test_a_stale_instance_that_confirms_too_keeps_the_first_time(self, pending: Conversion) -> None:
        stale = Conversion.objects.get()
        first = pending.confirm().confirmed_at
        stale.is_confirmed = True
        with heard(conversion_confirmed) as confirmed:
            stale.save()
        assert Conversion.objects.get().confirmed_at == stale.confirmed_at == first
        assert confirmed == []

    def test_a_confirmation_is_not_taken_back_by_saving(self, pending: Conversion) -> None:
        pending.confirm()
        pending.is_confirmed = False
        pending.save()
        assert pending.is_confirmed
        assert Conversion.objects.get().is_confirmed

    def test_an_instance_loaded_without_some_columns_confirms_too(self, pending: Conversion) -> None:
        partial = Conversion.objects.only("event").get()
        partial.is_confirmed = True
        partial.save()
        assert Conversion.objects.get().confirmed_at is not None

    def test_update_sets_the_time_of_what_becomes_confirmed(self, pending: Conversion) -> None:
        confirmed = Conversion.objects.record(event="order", occurred_at=MONDAY)
        assert Conversion.objects.update(is_confirmed=True) == 2
        pending.refresh_from_db()
        assert pending.confirmed_at is not None
        assert pending.confirmed_at > MONDAY
        confirmed.refresh_from_db()
        assert confirmed.confirmed_at == MONDAY

    def test_a_conversion_born_confirmed_was_confirmed_when_it_occurred(self) -> None:
        assert Conversion.objects.record(event="order", occurred_at=MONDAY).confirmed_at == MONDAY
        assert Conversion.objects.create(event="order", created_at=MONDAY, is_confirmed=True).confirmed_at == MONDAY

    def test_aconfirm_is_its_twin(self, pending: Conversion) -> None:
        async_to_sync(pending.aconfirm)(value=18)
        assert (Conversion.objects.get().value, Conversion.objects.get().is_confirmed) == (18, True)


class TestTraces:
    def test_update_moves_updated_at(self, pending: Conversion) -> None:
        long_ago(pending)
        Conversion.objects.update(is_active=False)
        assert Conversion.objects.get().updated_at > MONDAY

    @pytest.mark.parametrize("confirm", [
        lambda row: row.confirm(),
        lambda row: setattr(row, "is_confirmed", True) or row.save(update_fields=["is_confirmed"]),
        lambda row: Conversion.objects.update(is_confirmed=True),
    ])  # fmt: skip
    def test_confirming_moves_updated_at(self, pending: Conversion, confirm: Callable[[Conversion], None]) -> None:
        long_ago(pending)
        pending.refresh_from_db()
        confirm(pending)
        assert Conversion.objects.get().updated_at > MONDAY

    def test_a_merge_moves_updated_at_of_all_it_moves(self, django_user_model: Any) -> None:
        user = django_user_model.objects.create_user("alice")
        owned = Identity.objects.create(linked_user=user, claimed_at=MONDAY)
        visitor = Identity.objects.create()
        touch = Touchpoint.objects.create(identity=visitor, utm_source="ads")
        conversion = Conversion.objects.record(event="order", identity=visitor)
        long_ago(owned, visitor, touch, conversion)
        assert Identity.objects.merge(visitor, into=owned)
        for row in (owned, visitor, touch, conversion):
            row.refresh_from_db()
            assert row.updated_at > MONDAY
        assert touch.identity == conversion.identity == visitor.merged_into == owned

    def test_an_identity_is_merged_once(self, django_user_model: Any) -> None:
        users = [django_user_model.objects.create_user(name) for name in ("alice", "bob")]
        first, second = [Identity.objects.create(linked_user=user, claimed_at=MONDAY) for user in users]
        visitor = Identity.objects.create()
        assert Identity.objects.merge(visitor, into=first)
        assert not Identity.objects.merge(visitor, into=second)
        assert not Identity.objects.merge(first, into=second)
        visitor.refresh_from_db()
        assert visitor.merged_into == first

    def test_a_conversion_of_a_merged_identity_goes_to_the_users(self, django_user_model: Any) -> None:
        user = django_user_model.objects.create_user("alice")
        owned, visitor = Identity.objects.create(linked_user=user, claimed_at=MONDAY), Identity.objects.create()
        Identity.objects.merge(Identity.objects.get(pk=visitor.pk), into=owned)
        assert Conversion.objects.record(event="order", identity=visitor).identity == owned


class TestBulkCreate:
    def test_touches_get_their_source_and_medium(self) -> None:
        identity = Identity.objects.create()
        Touchpoint.objects.bulk_create(
            [
                Touchpoint(identity=identity, utm_source=" News ", utm_medium="Email"),
                Touchpoint(identity=identity, click_ids={"gclid": "x"}),
                Touchpoint(identity=identity),
            ]
        )
        assert list(Touchpoint.objects.order_by("id").values_list("source", "medium")) == [
            ("news", "email"), ("google", "cpc"), ("(direct)", "(none)"),
        ]  # fmt: skip

    def test_a_source_follows_its_columns(self) -> None:
        touch = Touchpoint.objects.create(identity=Identity.objects.create(), utm_source="a")
        touch.utm_source, touch.source = "B", "c"
        touch.save()
        assert Touchpoint.objects.get().source == "b"

    def test_confirmed_conversions_get_their_time(self) -> None:
        Conversion.objects.bulk_create(
            [
                Conversion(event="order", is_confirmed=True, created_at=MONDAY),
                Conversion(event="order", is_confirmed=True, created_at=MONDAY, confirmed_at=TUESDAY),
                Conversion(event="order", is_confirmed=False, created_at=MONDAY),
            ]
        )
        assert list(Conversion.objects.order_by("id").values_list("confirmed_at", flat=True)) == [MONDAY, TUESDAY, None]


class TestSignals:
    def test_recording_is_signalled_once(self) -> None:
        with heard(conversion_recorded) as recorded, heard(conversion_confirmed) as confirmed:
            conversion = Conversion.objects.record(event="order", is_confirmed=False, idempotency_key="1")
            Conversion.objects.record(event="order", is_confirmed=False, idempotency_key="1")
            conversion.save()
        assert (told(recorded), confirmed) == ([conversion], [])

    def test_a_conversion_born_confirmed_is_signalled_as_both(self) -> None:
        with heard(conversion_recorded) as recorded, heard(conversion_confirmed) as confirmed:
            conversion = Conversion.objects.record(event="order")
            conversion.save()
            conversion.confirm()
        assert told(recorded) == told(confirmed) == [conversion]

    def test_a_listener_sees_the_row_as_stored(self, pending: Conversion) -> None:
        seen: list[tuple[Any, ...]] = []

        def listen(conversion: Conversion, **_: Any) -> None:
            stored = Conversion.objects.get(pk=conversion.pk)
            seen.append((stored.value, stored.confirmed_at == conversion.confirmed_at is not None))

        conversion_confirmed.connect(listen)
        try:
            pending.confirm(value=18)
        finally:
            conversion_confirmed.disconnect(listen)
        assert seen == [(18, True)]


class TestConstraints:
    @pytest.mark.parametrize("columns", [
        {"value": Decimal(-1), "currency": "USD"},
        {"value": Decimal(1), "currency": ""},
        {"is_confirmed": False, "confirmed_at": MONDAY},
    ])  # fmt: skip
    def test_the_database_refuses_what_is_no_conversion(self, columns: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Conversion.objects.create(event="order", **columns)

    def test_a_confirmation_is_not_taken_back_by_update(self) -> None:
        Conversion.objects.record(event="order")
        with pytest.raises(IntegrityError), transaction.atomic():
            Conversion.objects.update(is_confirmed=False)

    def test_a_key_is_taken_once_for_each_origin(self) -> None:
        for origin in Conversion.Origin:
            Conversion.objects.create(event="order", origin=origin, idempotency_key="1")
        with pytest.raises(IntegrityError), transaction.atomic():
            Conversion.objects.create(event="order", idempotency_key="1")

    def test_conversions_without_a_key_do_not_collide(self) -> None:
        for _ in range(2):
            Conversion.objects.record(event="order")
        assert Conversion.objects.count() == 2

    def test_a_conversion_outlives_its_visitor(self) -> None:
        conversion = Conversion.objects.record(event="order", identity=Identity.objects.create())
        Identity.objects.all().delete()
        conversion.refresh_from_db()
        assert conversion.identity is None


class TestVoiding:
    def test_a_stale_instance_does_not_turn_it_back(self, pending: Conversion) -> None:
        stale = Conversion.objects.get(pk=pending.pk)
        assert pending.void().status == Conversion.Status.VOIDED
        stale.custom_data = {"note": "late"}
        stale.save()
        stored = Conversion.objects.get()
        assert (stored.status, stored.custom_data) == (Conversion.Status.VOIDED, {"note": "late"})
        assert not stale.is_active

    def test_saving_does_not_confirm_what_was_voided(self, pending: Conversion) -> None:
        pending.void()
        pending.is_confirmed = True
        pending.custom_data = {"note": "half"}
        with pytest.raises(ConfirmationRefused):
            pending.save()
        stored = Conversion.objects.get()
        assert (stored.is_confirmed, stored.confirmed_at, stored.custom_data) == (False, None, {})

    def test_a_confirmed_one_leaves_the_reports_and_keeps_its_time(self, pending: Conversion) -> None:
        confirmed_at = pending.confirm().confirmed_at
        pending.void()
        assert not Conversion.objects.valid().exists()
        assert Conversion.objects.get().confirmed_at == confirmed_at


def test_what_a_touch_counts_as_follows_a_partial_save() -> None:
    touch = Touchpoint.objects.create(identity=Identity.objects.create(), utm_source="google")
    touch.utm_source = "Bing"
    touch.save(update_fields=["utm_source"])
    assert Touchpoint.objects.get().source == "bing"


def test_a_conversion_that_would_be_saved_validates() -> None:
    conversion = Conversion(event="imported", created_at=TUESDAY)
    conversion.full_clean()
    conversion.save()
    assert Conversion.objects.get().confirmed_at == TUESDAY


def test_a_form_that_confirms_later_does_not_date_it_back(pending: Conversion) -> None:
    before = datetime.now(UTC)
    pending.is_confirmed = True
    pending.full_clean()
    pending.save()
    confirmed_at = Conversion.objects.get().confirmed_at
    assert confirmed_at is not None
    assert confirmed_at >= before
