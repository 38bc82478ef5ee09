"""Run one command to its end, also when this process is told to stop. Knows nothing of the command itself."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

SECONDS_TO_STOP_BY_ITSELF: int = 3
SECONDS_TO_CLEAN_UP: int = 30


def run_to_end(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> int:
    """Run a command and return its exit code. On Ctrl-C and SIGTERM it may clean up first.

    ``subprocess.run`` kills it a quarter of a second after Ctrl-C, which would leave a PostgreSQL behind.
    """
    signal.signal(signal.SIGTERM, _exit)
    with subprocess.Popen(command, env=env) as process:
        try:
            return process.wait()
        finally:
            if process.returncode is None:
                _stop(process)


def run_as_group(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
    """Run a command that starts others, and return its exit code. On Ctrl-C and SIGTERM all of them are killed.

    For commands that need not clean up: each link of a chain like npm's ends alone, and leaves the next one running.
    """
    signal.signal(signal.SIGTERM, _exit)
    with subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, process_group=0) as process:
        try:
            return process.wait()
        finally:
            if process.returncode is None:
                with undisturbed():
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Have SIGTERM interrupt the block as Ctrl-C does, so that it cleans up first."""
    handler = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let nobody interrupt what must be done before this process ends."""
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """A terminal sends Ctrl-C to the child as well, ``kill`` does not: wait a little, ask, then force."""
    with undisturbed():
        try:
            process.wait(timeout=SECONDS_TO_STOP_BY_ITSELF)
        except subprocess.TimeoutExpired:
            process.terminate()
        try:
            process.wait(timeout=SECONDS_TO_CLEAN_UP)
        except subprocess.TimeoutExpired:
            process.kill()


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)  # as a shell reports it
