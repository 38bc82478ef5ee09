"""A site with two databases, played through in a process of its own by ``tests/test_databases.py``.

``python -m tests.two_databases FOLDER CASE`` prints what it found as JSON. With the case ``replica`` reads go to a
database that has not heard of anything yet, as behind a replica that lags.
"""

import json
import os
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.signing import TimestampSigner


class LaggingReplica:
    """Reads from the replica, writes to the primary."""

    def db_for_read(self, model: Any, **_: Any) -> str:
        """Name the replica."""
        return "other"

    def db_for_write(self, model: Any, **_: Any) -> str:
        """Name the primary."""
        return "default"

    def allow_relation(self, *_: Any, **__: Any) -> bool:
        """Let rows of the primary and of its replica meet."""
        return True


def play(case: str) -> dict[str, Any]:
    """Play a case and return what came of it."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from django_attribution.attribution_models import last_touch, linear
    from django_attribution.models import Conversion, Identity, Touchpoint
    from django_attribution.shortcuts import confirm_by_token, confirm_conversion
    from tests.browsers import visitor_request

    if case == "replica":
        first = Conversion.objects.record(event="order", idempotency_key="1", is_confirmed=False)
        confirmed = confirm_conversion(idempotency_key="1")
        second = Conversion.objects.record(event="order", is_confirmed=False)
        alice, merged = User.objects.create(username="alice"), []
        for _ in ("phone", "laptop"):
            visitor = Identity.objects.create()
            request = visitor_request(carried=TimestampSigner(salt="django_attribution.cookies").sign(visitor.uuid.hex))
            request.attribution.log_in(alice)  # type: ignore[attr-defined]  # our middleware adds it
            merged.append(Identity.objects.using("default").get(pk=visitor.pk))
        phone, laptop = merged
        of_laptop = Conversion.objects.record(event="order", identity=laptop)
        erased = StringIO()
        call_command("attribution_erase", identity=laptop.uuid, interactive=False, stdout=erased)
        return {
            "claimed": phone.linked_user_id == alice.pk,
            "merged": laptop.merged_into_id == of_laptop.identity_id == phone.pk,
            "erased": erased.getvalue(),
            "by_key": confirmed.pk == first.pk and confirmed.is_confirmed,
            "by_token": confirm_by_token(second.confirmation_token()).is_confirmed,
            "repeated": Conversion.objects.record(event="order", idempotency_key="1", is_confirmed=False).pk
            == first.pk,
        }
    for alias, source in (("default", "wrong"), ("other", "right")):
        identity = Identity()
        identity.save(using=alias)
        Touchpoint(identity=identity, utm_source=source, created_at=timezone.now()).save(using=alias)
        Conversion(identity=identity, event=f"of {alias}", is_confirmed=False).save(using=alias)
    there = Conversion.objects.using("other")
    merged = Identity.objects.using("other").create(merged_into=identity, claimed_at=timezone.now())
    conversion = there.get().confirm()
    attributed = Conversion.objects.with_attribution(last_touch).using("other")
    shared = there.with_attribution(linear)
    return {
        "confirmed": conversion.event,
        "beside": Conversion.objects.using("default").get().is_confirmed,
        "credited": [row.attribution_data["source"] for row in attributed],
        "shared": [[credit.touchpoint.source for credit in row.attribution_credits] for row in shared],
        "reported": [row.key for row in there.attribution_report(["last_touch", "markov"], ["source"]).rows],
        "paths": [path.steps for path in there.conversion_paths("source").paths],
        "recorded": there.record(event="new")._state.db,
        "of_its_identity": there.record(event="new", identity=identity).identity_id == identity.pk,
        "of_a_merged_one": there.record(event="new", identity=merged).identity_id == identity.pk,
    }


if __name__ == "__main__":
    folder, case = Path(sys.argv[1]), sys.argv[2]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    settings.DATABASES = {
        alias: {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / f"{alias}.sqlite3"}
        for alias in ("default", "other")
    }
    if case == "replica":
        settings.DATABASE_ROUTERS = ["tests.two_databases.LaggingReplica"]  # from the start: Django reads it once
    django.setup()
    for alias in settings.DATABASES:
        call_command("migrate", database=alias, verbosity=0, run_syncdb=True)
    print(json.dumps(play(case)))
