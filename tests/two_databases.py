"""A site with two databases, played through in a process of its own by ``tests/test_databases.py``.

``python -m tests.two_databases FOLDER CASE`` prints what it found as JSON. With the case ``replica`` reads go to a
database that has not heard of anything yet, as behind a replica that lags.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command


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
    from django.utils import timezone

    from django_attribution.attribution_models import last_touch
    from django_attribution.models import Conversion, Identity, Touchpoint
    from django_attribution.shortcuts import confirm_by_token, confirm_conversion

    if case == "replica":
        first = Conversion.objects.record(event="order", idempotency_key="1", is_confirmed=False)
        confirmed = confirm_conversion(idempotency_key="1")
        second = Conversion.objects.record(event="order", is_confirmed=False)
        return {
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
    conversion = there.get().confirm()
    attributed = Conversion.objects.with_attribution(last_touch).using("other")
    return {
        "confirmed": conversion.event,
        "beside": Conversion.objects.using("default").get().is_confirmed,
        "credited": [row.attribution_data["source"] for row in attributed],
        "reported": [row.key for row in there.attribution_report(["last_touch", "markov"], ["source"]).rows],
        "paths": [path.steps for path in there.conversion_paths("source").paths],
        "recorded": there.record(event="new")._state.db,
    }


if __name__ == "__main__":
    folder, case = Path(sys.argv[1]), sys.argv[2]
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    settings.DATABASES = {
        alias: {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / f"{alias}.sqlite3"}
        for alias in ("default", "other")
    }
    django.setup()
    for alias in settings.DATABASES:
        call_command("migrate", database=alias, verbosity=0, run_syncdb=True)
    if case == "replica":
        settings.DATABASE_ROUTERS = ["tests.two_databases.LaggingReplica"]
    print(json.dumps(play(case)))
