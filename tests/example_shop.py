"""The example shop, for tests: it has settings of its own, so everything happens in child processes.

These are commands of manage.py, and functions of the test files that report what they saw inside the shop. Neither
this file nor theirs therefore imports Django at the top. Children are forks of one process that has imported the
libraries, as far as they need no settings: that takes longer than most of what is asked.
"""

import importlib
import json
import multiprocessing
import os
import runpy
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).parent.parent
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"
PATIENCE = 60  # seconds
UNWANTED = ("COVERAGE_", "DJANGO_", "EXAMPLE_")  # of our environment

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([
    "django.contrib.admin", "django.contrib.staticfiles.finders", "django.core.management",
    "django.db.backends.sqlite3.base", "django.forms", "django.test", "django_filters", "is_bot", "iso4217",
    "limits.aio", "orjson", "pytest", "strawberry.django.views", "strawberry_django",
])  # fmt: skip


class Shop:
    """The example project on a database of its own."""

    def __init__(self, database: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
        self.env = {**kept, "EXAMPLE_DATABASE": str(database)}

    def manage(self, *arguments: str, succeeds: bool = True) -> str:
        """Run a command of manage.py and return what it wrote, errors included."""
        code, output, errors = self._run(manage, arguments)
        assert (code == 0) == succeeds, output + errors
        return output + errors

    def ask(self, function: Callable[[], Any]) -> Any:
        """Run a function of a test file inside the shop and return its answer, which JSON must be able to hold."""
        code, output, errors = self._run(answer, (function.__module__, function.__name__))
        assert code == 0, output + errors
        return json.loads(output.splitlines()[-1])

    def _run(self, work: Callable[..., None], arguments: Sequence[str]) -> tuple[int | None, str, str]:
        """Do some work in the shop; return its exit code and what it wrote to either stream."""
        with TemporaryDirectory() as folder:
            files = [Path(folder, name) for name in ("output", "errors")]
            process = FORKS.Process(target=inside, args=(self.env, files, work, arguments))
            with patch.dict(os.environ, self.env, clear=True):  # the first one starts what the others are forks of
                process.start()
            process.join(PATIENCE)
            process.kill()  # which does nothing to one that has ended
            process.join()
            output, errors = (file.read_text() for file in files)
            return process.exitcode, output, errors


# Inside the shop ----------------------------------------------------------------------------------------------------


def inside(env: Mapping[str, str], files: Sequence[Path], work: Callable[..., None], arguments: Sequence[str]) -> None:
    """Do some work as a process of its own would, with its environment and its streams."""
    os.environ.clear()
    os.environ.update(env)
    for stream, file in zip((sys.stdout, sys.stderr), files, strict=True):
        with file.open("wb") as opened:
            os.dup2(opened.fileno(), stream.fileno())
    work(*arguments)


def manage(*arguments: str) -> None:
    """Be ``manage.py``."""
    sys.argv = ["manage.py", *arguments]
    runpy.run_path(str(ROOT / "example_project/manage.py"), run_name="__main__")


def answer(module: str, name: str) -> None:
    """Set up the shop's Django, call a function of a test file and print what it returned."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "example_project.settings"
    importlib.import_module("django").setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    print(json.dumps(getattr(importlib.import_module(module), name)(), default=str))


def browser() -> Any:
    from django.test import Client

    return Client(headers={"user-agent": FIREFOX})


def conversion_of(order: Any) -> Any:
    from django_attribution.models import Conversion

    return Conversion.objects.get(source_object_id=order.pk, event="order_placed")


def state_of(order: Any) -> dict[str, str]:
    order.refresh_from_db()
    conversion = conversion_of(order)
    return {"order": order.status, "conversion": conversion.status.value, "value": str(conversion.value)}


def send_payment(order: Any, changes: dict[str, str] | None = None, *, signature: str | None = None) -> int:
    """Deliver the provider's message over HTTP, without cookies, and return the status."""
    from django.test import Client

    from example_project.shop.payments import payment_message, sign

    body = json.dumps({**json.loads(payment_message(order)), **(changes or {})}).encode()
    headers = {"x-payment-signature": sign(body) if signature is None else signature}
    client = Client(enforce_csrf_checks=True)
    response = client.post("/webhooks/payment/", body, content_type="application/json", headers=headers)
    return int(response.status_code)


def credited_campaigns(order: Any) -> dict[str, str]:
    from django_attribution.attribution_models import first_touch, last_touch
    from django_attribution.models import Conversion

    pk = conversion_of(order).pk
    return {
        model.name: Conversion.objects.valid().with_attribution(model).get(pk=pk).attribution_data["utm_campaign"]
        for model in (first_touch, last_touch)
    }
