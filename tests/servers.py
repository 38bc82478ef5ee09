"""Serve ``tests.served_site`` by gunicorn or uvicorn, on a unix socket, for as long as a test needs it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.child_process import undisturbed
from tests.postgres_server import URL_VARIABLE

ROOT = Path(__file__).parent.parent
SECONDS_TO_START: int = 60
SECONDS_TO_STOP: int = 10

GUNICORN = ("gunicorn", "--bind=unix:{socket}", "--worker-class=gthread", "--keep-alive=60", "--no-control-socket")
UVICORN = ("uvicorn", "--uds={socket}", "--timeout-keep-alive=60", "--no-access-log")


@contextmanager
def gunicorn(database_url: str, *, folder: Path, workers: int = 1, threads: int) -> Iterator[Path]:
    """Serve by threads; yield the socket."""
    # Workers are forks of a process that has imported the site, so that the next one is there at once.
    options = (f"--workers={workers}", f"--threads={threads}", "--preload", "tests.served_site:wsgi")
    with _serving((*GUNICORN, *options), folder=folder, env=_site_env(database_url)) as path:
        yield path


@contextmanager
def uvicorn(database_url: str, *, folder: Path, workers: int = 1) -> Iterator[Path]:
    """Serve from event loops; yield the socket."""
    options = (f"--workers={workers}", "--lifespan=off", "tests.served_site:asgi")
    with _serving((*UVICORN, *options), folder=folder, env=_site_env(database_url)) as path:
        yield path


def prepare_site(database_url: str, *, users: int = 0) -> None:
    """Make the tables that the served site needs, and users named user-0, user-1 and so on."""
    command = [sys.executable, "-m", "tests.served_site", str(users)]
    subprocess.run(command, cwd=ROOT, env=_site_env(database_url), check=True)


def log_of(path: Path) -> str:
    """Return what the server behind a socket has printed so far."""
    return path.with_suffix(".log").read_text()


def _site_env(database_url: str) -> dict[str, str]:
    unwanted = ("COVERAGE_", "DJANGO_", "GUNICORN_", "UVICORN_", "WEB_CONCURRENCY")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, URL_VARIABLE: database_url}


@contextmanager
def _serving(command: Sequence[str], *, folder: Path, env: dict[str, str]) -> Iterator[Path]:
    path = folder / f"{command[0]}.sock"
    with path.with_suffix(".log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *(part.format(socket=path) for part in command)],
            cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            process_group=0,
        )  # fmt: skip
        try:
            _wait_for(path, process)
            yield path
        finally:
            with undisturbed():
                _stop(process)


def _wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
            probe.connect(str(path))
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    raise AssertionError(f"The server does not start:\n{log_of(path)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # which servers take for "at once": SIGTERM would wait for idle connections
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
