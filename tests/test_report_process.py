"""``manage.py attribution_report`` as a process of its own: who stops reading it, and letters that cannot be said.

Its database is a SQLite in memory, whichever one is under test: what is shown is what becomes of its output.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def project(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a process that has a database of its own, with a campaign of every kind of letter."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    env.pop("ATTRIBUTION_TEST_DATABASE_URL", None)
    env["TMPDIR"] = str(tmp_path)
    return env


SCRIPT = """
import sys
import django
from django.conf import settings
settings.INSTALLED_APPS.remove("graphql_api.dashboard")  # the core alone, for what a command imports to check it
settings.ROOT_URLCONF = "django.contrib.auth.urls"
django.setup()
from django.core.management import call_command
from tests.report_data import day, make_conversions
from django_attribution.models import Conversion
settings.DATABASES["default"]["NAME"] = ":memory:"
call_command("migrate", verbosity=0)
make_conversions(campaign="夏")
for number in range(int(sys.argv[1])):
    Conversion.objects.create(event=f"event {number} " + "x" * 200, created_at=day(1))
sys.argv[1:2] = []
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "attribution_report", *sys.argv[1:]])
"""


def child(env: dict[str, str], *arguments: str, rows: int = 0, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", SCRIPT, str(rows), *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


@pytest.mark.parametrize("output_format", ["table", "csv", "json"])
def test_a_reader_who_has_enough_ends_it_quietly(project: dict[str, str], output_format: str) -> None:
    with child(project, "--by=event", f"--format={output_format}", rows=1500) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_letters_that_a_terminal_lacks_are_marked_and_a_file_is_refused(project: dict[str, str]) -> None:
    env = {**project, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    table, _ = child(env, "--by=campaign").communicate()
    assert table.split()[9:12] == [b"weekly", b"EUR", b"1"]
    assert b"? " in table
    process = child(env, "--by=campaign", "--format=csv")
    _, said = process.communicate()
    assert said.strip() == b"CommandError: ascii cannot say all campaigns; set PYTHONIOENCODING=utf-8."
    assert process.returncode == 1
