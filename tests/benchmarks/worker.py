"""A process with one package and one database, which runs operations by name: ``python -P worker.py ours '{...}'``.

Reads a line of JSON for each operation and answers with one: the seconds, the answer, and the most memory that this
process ever held. Run as a file with -P: the checkout comes last on the path, since a published package that is
installed has to win over the folder of the same name.
"""

import json
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[2]))

import django
from django.conf import settings

from tests.benchmarks.clock import Clock

APPS = ("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django_attribution")
URLS = {"ours": "tests.benchmarks.site", "theirs": "tests.benchmarks.site", "graphql": "tests.benchmarks.graphql"}


def main(package: str, database: dict[str, Any]) -> None:
    """Run what is asked for until nothing more is."""
    set_up(database, urls=URLS[package])
    from tests.benchmarks.loading import load

    operations = import_module(f"tests.benchmarks.{package}").OPERATIONS
    for line in sys.stdin:
        request = json.loads(line)
        seconds: float | None = None
        if "load" in request:
            answer: Any = load(request["load"])
        else:
            clock = Clock(patience=request["patience"])
            answer = operations[request["operation"]](clock)
            seconds = clock.seconds
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB on Linux
        print(json.dumps({"seconds": seconds, "answer": answer, "peak_kib": peak}), flush=True)


def set_up(database: dict[str, Any], *, urls: str) -> None:
    """Configure Django in this process."""
    settings.configure(
        DATABASES={"default": {**database, "CONN_MAX_AGE": None}},  # connecting is no part of any figure
        INSTALLED_APPS=APPS,
        ROOT_URLCONF=urls,
        ALLOWED_HOSTS=["127.0.0.1"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        SECRET_KEY="only-for-the-benchmark",
        USE_TZ=True,
    )
    django.setup()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
