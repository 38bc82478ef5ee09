"""A site that names attribution models of its own, asked over GraphQL by ``tests/test_graphql_credits.py``.

``python -m tests.site_with_models FOLDER`` prints what it found as JSON. A process of its own, since the schema reads
the setting once.
"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command

from django_attribution.attribution_models import time_decay

MODELS = {
    "TIME_DECAY_14D": time_decay(14),
    "LAST_PAID": "tests.own_models.last_paid",
    "BROKEN": "tests.own_models.broken",
}
ENUM = '{ __type(name: "AttributionModel") { enumValues { name description } } }'
CREDITS = "{{ attributedConversions(model: {}) {{ edges {{ credits {{ source weight }} }} }} }}"


def play() -> dict[str, Any]:
    """Read the enum, and ask for the credits of one conversion under each of the site's models."""
    from django_attribution.models import Conversion, Identity, Touchpoint
    from tests.graphql_calls import ask, dashboard, post

    now = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
    identity = Identity.objects.create()
    for days, medium in ((29, "cpc"), (15, "cpc"), (1, "email")):
        Touchpoint.objects.create(
            identity=identity, created_at=now - timedelta(days=days), utm_source=f"of {days}", utm_medium=medium
        )
    Conversion.objects.create(identity=identity, event="purchase", created_at=now)
    staff = dashboard()

    def credited(model: str) -> dict[str, str]:
        (edge,) = ask(staff, CREDITS.format(model))["attributedConversions"]["edges"]
        return {credit["source"]: credit["weight"] for credit in edge["credits"]}

    return {
        "enum": {value["name"]: value["description"] for value in ask(staff, ENUM)["__type"]["enumValues"]},
        "credits": {name: credited(name) for name in ("TIME_DECAY_14D", "LAST_PAID")},
        "broken": post(staff, CREDITS.format("BROKEN")).json()["errors"],
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    settings.DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(sys.argv[1], "site.sqlite3")}
    }
    settings.DJANGO_ATTRIBUTION = {"MODELS": MODELS, "GRAPHQL_INTROSPECTION": True}
    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)
    print(json.dumps(play()))
