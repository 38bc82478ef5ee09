"""Whoever is told to stop leaves nobody running."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RUN = """
import os
from pathlib import Path
from tests.child_process import run_as_group
run_as_group(["sh", "-c", {script!r}], cwd=Path.cwd(), env=os.environ)
"""


def test_a_group_that_is_stopped_takes_what_it_started_along() -> None:
    code = RUN.format(script="sh -c 'echo started; sleep 600' & wait")
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"

        process.terminate()

        assert process.wait(timeout=60) == 128 + 15
        assert process.stdout.read() == ""  # ends only when nobody is left who could write
