"""Serve the example project as ``run.py demo`` does, on a port of its own, for as long as a test needs it.

``served`` is the test's side. ``python -m tests.real_server`` is the child: ``manage.py runserver``, and a thread that
ends it with its parent, however that one ends. Imports no Django.
"""

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import IO

from tests.example_shop import ROOT, Shop

SECONDS_TO_START: int = 60
SECONDS_TO_STOP: int = 10


@dataclass(frozen=True)
class Site:
    """The served example: its address without a slash at the end, what is behind it, and what it printed."""

    url: str
    shop: Shop
    log: list[str]


@contextmanager
def served(shop: Shop) -> Iterator[Site]:
    """Serve a shop on a free port of the loopback interface until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.real_server"],
        cwd=ROOT, env={**shop.env, "PYTHONUNBUFFERED": "1"}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        try:
            output = _Output(process.stdout)
            yield Site(output.address(), shop, output.lines)
        finally:
            process.stdin.close()  # which the child takes for the end of its parent
            try:
                process.wait(timeout=SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            output.join()


class _Output(Thread):
    """What the server prints, read as it comes: a pipe that nobody empties would stop it."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(daemon=True)
        self.lines: list[str] = []
        self._stream = stream
        self._address: str | None = None
        self._told = Event()
        self.start()

    def run(self) -> None:
        """Keep every line, and note the address when it comes."""
        for line in self._stream:
            self.lines.append(line)
            if found := re.search(r"development server at (http://\S+?)/?$", line):
                self._address = found[1]
                self._told.set()
        self._told.set()

    def address(self) -> str:
        """Wait until the server listens, and return where."""
        self._told.wait(SECONDS_TO_START)
        assert self._address, "The example does not start:\n" + "".join(self.lines)
        return self._address


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Be manage.py runserver, on whatever port is free."""
    Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = ["manage.py", "runserver", "--noreload", "127.0.0.1:0"]
    runpy.run_path(str(ROOT / "example_project/manage.py"), run_name="__main__")


if __name__ == "__main__":
    main()
