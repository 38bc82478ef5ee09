"""``manage.py attribution_reclassify``: stored touches get the channels of today's rules."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from django_attribution.models import Identity, Touchpoint

pytestmark = pytest.mark.django_db

PODCASTS = {"CHANNEL_RULES": [{"channel": "Podcast", "medium": "podcast"}]}


def reclassify(**options: Any) -> str:
    output = StringIO()
    call_command("attribution_reclassify", stdout=output, **options)
    return output.getvalue()


@pytest.fixture
def touches() -> list[Touchpoint]:
    identity = Identity.objects.create()
    said = [("acme", "podcast"), ("google", "cpc"), ("blog.test", "referral"), ("acme", "podcast")]
    return [Touchpoint.objects.create(identity=identity, utm_source=one, utm_medium=two) for one, two in said]


def channels() -> list[str]:
    return list(Touchpoint.objects.order_by("pk").values_list("channel", flat=True))


def test_a_touch_keeps_its_channel_until_it_is_reclassified(touches: list[Touchpoint], settings: Any) -> None:
    assert channels() == ["Unassigned", "Paid Search", "Referral", "Unassigned"]
    settings.DJANGO_ATTRIBUTION = PODCASTS
    assert channels()[0] == "Unassigned"
    before = {touch.pk: touch.updated_at for touch in Touchpoint.objects.all()}
    assert "4 touchpoints read, 2 changed" in reclassify()
    assert channels() == ["Podcast", "Paid Search", "Referral", "Podcast"]
    moved = [touch.pk for touch in Touchpoint.objects.order_by("pk") if touch.updated_at > before[touch.pk]]
    assert moved == [touches[0].pk, touches[3].pk]
    assert "4 touchpoints read, 0 changed" in reclassify()


def test_a_dry_run_counts_and_changes_nothing(touches: list[Touchpoint], settings: Any) -> None:
    settings.DJANGO_ATTRIBUTION = PODCASTS
    assert "4 touchpoints read, 2 would change" in reclassify(dry_run=True)
    assert channels() == ["Unassigned", "Paid Search", "Referral", "Unassigned"]


def test_hosts_that_were_added_change_what_an_untagged_touch_came_from(settings: Any) -> None:
    touch = Touchpoint.objects.create(
        identity=Identity.objects.create(), referrer="https://www.club.test/thread/7", utm_campaign="summer"
    )
    assert (touch.source, touch.medium, touch.channel) == ("club.test", "referral", "Referral")
    settings.DJANGO_ATTRIBUTION = {"REFERRER_HOSTS": {"social": ["club.test"]}}
    reclassify()
    touch.refresh_from_db()
    assert (touch.source, touch.medium, touch.channel) == ("club.test", "social", "Organic Social")


def test_batches_cover_every_touch_once(touches: list[Touchpoint], settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("django_attribution.management.commands.attribution_reclassify.BATCH_SIZE", 1)
    settings.DJANGO_ATTRIBUTION = PODCASTS
    assert "4 touchpoints read, 2 changed" in reclassify()


def test_nothing_to_do_is_said() -> None:
    assert "0 touchpoints read, 0 changed" in reclassify()
