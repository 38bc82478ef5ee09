"""The example project on a database of its own, for tests that look at it from outside. Imports no Django.

It has settings of its own, so everything runs in child processes: commands of manage.py, and functions of test files
that report what they saw inside.
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
        """Run a function of a test file inside the shop and return its answer."""
        code = f"from tests.example_shop import answer; answer({function.__module__!r}, {function.__name__!r})"
        result = self._run("-c", code, DJANGO_SETTINGS_MODULE="example_project.settings")
        assert result.returncode == 0, result.stdout + result.stderr
        return json.loads(result.stdout.splitlines()[-1])

    def _run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env={**self.env, **env}, capture_output=True, text=True, timeout=60, check=False
        )


def answer(module: str, name: str) -> None:
    """Set up the shop's Django, call a function of a test file and print what it returned."""
    importlib.import_module("django").setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    print(json.dumps(getattr(importlib.import_module(module), name)(), default=str))
