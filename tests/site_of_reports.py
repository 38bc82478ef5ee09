"""A site that names attribution models of its own, in a process of its own: GraphQL reads their names once, at import.

``python -m tests.site_of_reports FOLDER`` asks the endpoint about one journey and prints what it answered as JSON.
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

T0 = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
QUERY = """{
  attributionReport(models: [LAST_PAID, LAST_TOUCH], groupBy: [SOURCE], orderBy: { key: ASC }) {
    rows { key { value } results { model conversions } } }
  attributedConversions(model: LAST_PAID) { edges { credits { source } } }
  reportOptions { models { name label description perConversion additive } }
}"""
ALL = "query ($models: [ReportModel!]!) { attributionReport(models: $models) { __typename } }"


def play() -> dict[str, Any]:
    """Record a journey, ask about it, and return the answers."""
    from django_attribution.models import Conversion, Identity, Touchpoint
    from graphql_api.model_enums import IN_REPORTS
    from tests.graphql_calls import ask, dashboard, errors_of

    visitor = Identity.objects.create()
    for days, source, medium in ((3, "google", "cpc"), (1, "news", "email")):
        Touchpoint.objects.create(
            identity=visitor, created_at=T0 - timedelta(days=days), utm_source=source, utm_medium=medium
        )
    Conversion.objects.create(identity=visitor, event="purchase", created_at=T0)
    staff = dashboard()
    answer = ask(staff, QUERY)
    (edge,) = answer["attributedConversions"]["edges"]
    (error,) = errors_of(staff, ALL, models=list(IN_REPORTS))
    return {
        "report": [
            {
                "source": row["key"][0]["value"],
                "results": {result["model"]: result["conversions"] for result in row["results"]},
            }
            for row in answer["attributionReport"]["rows"]
        ],
        "credited": [credit["source"] for credit in edge["credits"]],
        "option": next(one for one in answer["reportOptions"]["models"] if one["name"] == "LAST_PAID"),
        "all_at_once": error["message"],
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    settings.DATABASES = {
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path(sys.argv[1]) / "site_of_reports.sqlite3"}
    }
    names = ("LAST_PAID", "LAST_PAID_AGAIN", "LAST_PAID_ONCE_MORE")
    settings.DJANGO_ATTRIBUTION = {"MODELS": dict.fromkeys(names, "tests.own_models.last_paid")}
    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)
    print(json.dumps(play()))
