"""The example shop, for tests: it has settings of its own, so everything happens in child processes.

These are commands of manage.py, and functions of the test files that report what they saw inside the shop. Neither
this file nor theirs therefore imports Django at the top.
"""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"


class Shop:
    """The example project on a database of its own."""

    def __init__(self, database: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "EXAMPLE_"))}
        self.env = {**kept, "EXAMPLE_DATABASE": str(database)}

    def manage(self, *arguments: str, succeeds: bool = True) -> str:
        """Run a command of manage.py and return what it wrote, errors included."""
        result = self._run(str(ROOT / "example_project/manage.py"), *arguments)
        assert (result.returncode == 0) == succeeds, result.stdout + result.stderr
        return result.stdout + result.stderr

    def ask(self, function: Callable[[], Any]) -> Any:
        """Run a function of a test file inside the shop and return its answer, which JSON must be able to hold."""
        code = f"from tests.example_shop import answer; answer({function.__module__!r}, {function.__name__!r})"
        result = self._run("-c", code, DJANGO_SETTINGS_MODULE="example_project.settings")
        assert result.returncode == 0, result.stdout + result.stderr
        return json.loads(result.stdout.splitlines()[-1])

    def _run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env={**self.env, **env}, capture_output=True, text=True, timeout=60, check=False
        )


# Inside the shop ----------------------------------------------------------------------------------------------------


def answer(module: str, name: str) -> None:
    """Set up the shop's Django, call a function of a test file and print what it returned."""
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
