"""``manage.py attribution_prune``: visits go when they are old, and nothing that a report needs goes with them."""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.models.signals import post_delete
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_attribution import retention
from django_attribution.models import Conversion, Identity, Touchpoint
from tests.browsers import Browser, visitor_request
from tests.meetings import at_once, held_after, held_before

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def prune(*, older_than: Any = 90, **options: Any) -> str:
    output = StringIO()
    call_command("attribution_prune", older_than=older_than, stdout=output, **options)
    return output.getvalue()


def visitor(days_ago: float, **options: Any) -> Identity:
    """Return a visitor who was seen so long ago and not since."""
    at = timezone.now() - days_ago * DAY
    return Identity.objects.create(created_at=at, last_seen_at=at, **options)


def touch(identity: Identity, days_ago: float, source: str = "mail") -> Touchpoint:
    return Touchpoint.objects.create(
        identity=identity, created_at=timezone.now() - days_ago * DAY, utm_source=source, utm_medium="email"
    )


def ages(identity: Identity) -> list[int]:
    now = timezone.now()
    return [(now - fact.created_at).days for fact in identity.touchpoints.all()]


class TestTouches:
    def test_those_that_are_older_go(self) -> None:
        identity = visitor(10)
        for age in (200, 91, 89, 10):
            touch(identity, age)
        assert "2 touchpoints and 0 identities from before" in prune()
        assert ages(identity) == [89, 10]
        assert "0 touchpoints and 0 identities" in prune()

    def test_the_age_is_exact(self) -> None:
        identity, edge = visitor(10), datetime(2026, 1, 1, tzinfo=UTC)
        for moment in (edge - MOMENT, edge, edge + MOMENT):
            Touchpoint.objects.create(identity=identity, created_at=moment, utm_source="mail")
        assert list(retention.prune(edge))[-1] == retention.Pruned(1, 0)
        assert [fact.created_at for fact in identity.touchpoints.all()] == [edge, edge + MOMENT]

    @pytest.mark.parametrize("batch_size", [1, 2, 3, 1000])
    def test_batches_cover_all_of_them(self, batch_size: int) -> None:
        for number in range(5):
            identity = visitor(5 if number == 2 else 100)
            for age in (100, 100, 100, 5)[: 4 if number == 2 else 3]:
                touch(identity, age)
        assert "15 touchpoints and 4 identities" in prune(batch_size=batch_size)
        assert (Touchpoint.objects.count(), Identity.objects.count()) == (1, 1)

    def test_each_batch_is_a_transaction_of_its_own(self) -> None:
        identity = visitor(100)
        for _ in range(5):
            touch(identity, 100)
        run = retention.prune(timezone.now() - 90 * DAY, batch_size=2)
        assert next(run) == retention.Pruned(2, 0)
        run.close()  # as if it were stopped here
        assert Touchpoint.objects.count() == 3
        assert list(retention.prune(timezone.now() - 90 * DAY, batch_size=2))[-1] == retention.Pruned(3, 1)

    def test_no_statement_takes_more_than_a_batch(self) -> None:
        taken: list[int] = []

        def count(sender: Any, **_: Any) -> None:
            taken[-1] += 1

        identity = visitor(100)
        for _ in range(7):
            touch(identity, 100)
        post_delete.connect(count, sender=Touchpoint)
        try:
            taken.append(0)
            for total in retention.prune(timezone.now() - 90 * DAY, batch_size=3):
                assert total.touchpoints == sum(taken)
                taken.append(0)
        finally:
            post_delete.disconnect(count, sender=Touchpoint)
        assert taken[:3] == [3, 3, 1]


class TestIdentities:
    def test_those_of_whom_nothing_else_is_known_go(self) -> None:
        touch(visitor(100), 100)
        visitor(100)
        assert "1 touchpoints and 2 identities" in prune()
        assert not Identity.objects.exists()

    def test_who_was_seen_since_stays(self) -> None:
        identity = visitor(5)
        touch(identity, 100)
        assert "1 touchpoints and 0 identities" in prune()
        assert Identity.objects.get() == identity

    def test_a_touch_since_keeps_its_visitor_whatever_the_row_says(self) -> None:
        touch(visitor(100), 5)
        assert "0 touchpoints and 0 identities" in prune()

    def test_conversions_and_their_visitors_stay(self) -> None:
        identity = visitor(100)
        touch(identity, 100)
        conversion = Conversion.objects.create(identity=identity, event="order", created_at=timezone.now() - 100 * DAY)
        before = Conversion.objects.values().get()
        assert "1 touchpoints and 0 identities" in prune()
        assert Conversion.objects.values().get() == before
        assert Identity.objects.get() == conversion.identity

    def test_those_of_users_stay(self) -> None:
        identity = visitor(100, linked_user=User.objects.create_user("alice"), claimed_at=timezone.now())
        touch(identity, 100)
        prune()
        assert Identity.objects.get() == identity

    def test_those_that_were_merged_go(self) -> None:
        owned = visitor(5, linked_user=User.objects.create_user("alice"), claimed_at=timezone.now())
        visitor(100, merged_into=owned, claimed_at=timezone.now())
        assert "0 touchpoints and 1 identities" in prune()
        assert Identity.objects.get() == owned

    def test_one_that_others_point_to_goes_after_them(self) -> None:
        orphan = visitor(100, claimed_at=timezone.now())  # its user was deleted
        visitor(5, merged_into=orphan, claimed_at=timezone.now())
        prune()
        assert Identity.objects.count() == 2

    def test_a_browser_whose_visitor_went_is_a_new_one(self) -> None:
        browser = Browser()
        browser.land()
        Touchpoint.objects.update(created_at=timezone.now() - 100 * DAY)
        Identity.objects.update(last_seen_at=timezone.now() - 100 * DAY)
        gone = browser.whoami()
        prune()
        assert browser.whoami() is None
        browser.land()
        assert browser.whoami() not in (None, gone)


class TestTheCommand:
    def test_a_dry_run_says_what_a_run_would_do(self) -> None:
        identity = visitor(100)
        for age in (100, 100, 100):
            touch(identity, age)
        touch(visitor(100), 5)
        assert "3 touchpoints and 1 identities" in prune(dry_run=True, batch_size=1)
        assert "would be deleted" in prune(dry_run=True)
        assert (Touchpoint.objects.count(), Identity.objects.count()) == (4, 2)
        assert "3 touchpoints and 1 identities" in prune()

    @pytest.mark.parametrize("value", ["0", "-1", "1.5", "ninety", "36501", "", "९०", "1" * 5000])
    @pytest.mark.parametrize("option", ["--older-than", "--batch-size"])
    def test_a_number_that_cannot_be_one_is_refused(self, option: str, value: str) -> None:
        with pytest.raises(CommandError, match=r"must be a whole number of (days|rows) from 1 to"):
            call_command("attribution_prune", "--older-than=90", f"{option}={value}")

    def test_the_age_has_no_default(self) -> None:
        with pytest.raises(CommandError, match="--older-than"):
            call_command("attribution_prune")

    def test_it_tells_how_far_it_is(self) -> None:
        identity, said = visitor(100), StringIO()
        for _ in range(3):
            touch(identity, 100)
        prune(verbosity=2, stderr=said)
        assert said.getvalue().splitlines()[-1] == "4 rows found."

    def test_stopped_it_says_what_went(self) -> None:
        identity, said = visitor(100), StringIO()
        for _ in range(3):
            touch(identity, 100)

        def stop(sender: Any, instance: Touchpoint, **_: Any) -> None:
            if Touchpoint.objects.count() < 2:
                raise KeyboardInterrupt

        post_delete.connect(stop, sender=Touchpoint)
        try:
            assert "1 touchpoints and 0 identities" in prune(batch_size=1, stderr=said)
        finally:
            post_delete.disconnect(stop, sender=Touchpoint)
        assert "Run it again" in said.getvalue()
        assert Touchpoint.objects.count() == 2


def test_reports_inside_the_window_stay_the_same() -> None:
    now = timezone.now()
    for number in range(20):
        identity = visitor(2)
        for age in (number, number + 25, number + 65, 300):
            touch(identity, age, source=f"source {age % 7}")
        Conversion.objects.create(
            identity=identity, event="order", value=number, currency="EUR", created_at=now - number * DAY
        )

    def reports() -> list[Any]:
        conversions = Conversion.objects.filter(created_at__gte=now - 60 * DAY)
        return [
            conversions.attribution_report([model], ["source"], window_days=30).rows
            for model in ("first_touch", "last_touch", "linear", "time_decay", "position_based")
        ]

    before = reports()
    assert "20 touchpoints" in prune(older_than=90, dry_run=True)
    prune(older_than=90)
    assert reports() == before
    assert Touchpoint.objects.count() < 80


class TestBesideOthers:
    def test_who_comes_back_meanwhile_keeps_visitor_and_touch(self) -> None:
        identity = visitor(100)
        touch(identity, 100)
        browser = visitor_request()  # a request of somebody else, to warm what is read once
        assert browser.attribution.resolve() is None  # type: ignore[attr-defined]  # our middleware adds it

        def come_back() -> None:
            Touchpoint.objects.create(identity=Identity.objects.get(pk=identity.pk).attach(), utm_source="back")

        with held_before(re.compile(r'(BEGIN|DELETE FROM "attribution_touchpoint")'), lambda: at_once([come_back])):
            list(retention.prune(timezone.now() - 90 * DAY))
        assert [fact.source for fact in Identity.objects.get().touchpoints.all()] == ["back"]

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
    def test_rows_that_somebody_holds_are_left_for_the_next_run(self) -> None:
        held, free = visitor(100), visitor(100)
        for identity in (held, free):
            touch(identity, 100)
        other = connections.create_connection("default")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")  # fail, rather than wait for ourselves
        try:
            other.set_autocommit(False)
            with other.cursor() as cursor:
                cursor.execute("SELECT 1 FROM attribution_touchpoint WHERE identity_id = %s FOR UPDATE", [held.pk])
                cursor.execute("SELECT 1 FROM attribution_identity WHERE id = %s FOR UPDATE", [held.pk])
            assert "1 touchpoints and 1 identities" in prune()
            other.rollback()
        finally:
            other.close()
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
        assert "1 touchpoints and 1 identities" in prune()

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time")
    def test_who_comes_back_between_the_look_and_the_lock_is_kept(self) -> None:
        identity = visitor(100)
        seen = re.compile(r'DELETE FROM "attribution_touchpoint"')

        def come_back() -> None:
            Touchpoint.objects.create(identity=Identity.objects.get(pk=identity.pk).attach(), utm_source="back")

        with held_after(seen, lambda: at_once([come_back])):
            list(retention.prune(timezone.now() - 90 * DAY))
        assert Identity.objects.get().touchpoints.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plan asserted here is PostgreSQL's")
def test_old_touches_are_found_in_the_index_of_journeys() -> None:
    identities = Identity.objects.bulk_create(Identity() for _ in range(2000))
    now = timezone.now()
    Touchpoint.objects.bulk_create(
        Touchpoint(identity=identity, created_at=now - (number % 5) * DAY, utm_source="mail")
        for number in range(20)
        for identity in identities
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE attribution_touchpoint")
    with CaptureQueriesContext(connection) as captured:
        next(retention.prune(now - 90 * DAY, batch_size=100))
    [statement] = [query["sql"] for query in captured if query["sql"].startswith("DELETE")]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert re.search("Index Cond: .*identity_id >= .*identity_id <= .*created_at < ", plan), plan
