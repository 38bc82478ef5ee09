"""Starts workers on databases of their own, which it makes and fills, and stops them again."""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from tests.benchmarks.rows import Package
from tests.postgres_server import URL_VARIABLE, postgres_server
from tests.settings import postgres_database

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Reply:
    """What a worker answered."""

    seconds: float | None
    answer: Any
    peak_kib: int


class Worker:
    """A process that runs operations."""

    def __init__(self, package: Package, *, python: Path, database: dict[str, Any]) -> None:
        """Start it; it gets ready while others work."""
        command = [str(python), "-P", str(Path(__file__).with_name("worker.py")), package, json.dumps(database)]
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DJANGO"))}
        self._process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, operation: str, *, patience: float = 0) -> Reply:
        """Run one operation."""
        return self._ask({"operation": operation, "patience": patience})

    def load(self, size: str) -> Any:
        """Fill the database and return how many rows it has."""
        return self._ask({"load": size}).answer

    def finish(self) -> None:
        """Let the process end by itself, with its connections closed."""
        self._process.communicate(timeout=60)

    def stop(self) -> None:
        """End the process, also in the midst of an operation."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, request: dict[str, Any]) -> Reply:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("A worker is spoken to through pipes.")
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"The worker ended during {request}; its message stands above.")
        return Reply(**json.loads(line))


class Store(Protocol):
    """Keeps databases by name."""

    description: str

    def has(self, name: str) -> bool:
        """Tell whether a database was filled to its end."""

    def begin(self, name: str) -> dict[str, Any]:
        """Make an empty database, in place of a half-filled one, and return its Django setting."""

    def finish(self, name: str) -> None:
        """Keep a database that is filled."""

    def setting(self, name: str) -> dict[str, Any]:
        """Return the Django setting of a database that is filled."""


class SqliteStore:
    """A file for each database."""

    description = f"SQLite {sqlite3.sqlite_version}, WAL, synchronous NORMAL: no commit waits for the disk"

    def __init__(self, folder: Path) -> None:
        """Keep them in a folder."""
        self._folder = folder

    def has(self, name: str) -> bool:
        """Tell whether the file was finished."""
        return self._path(name).exists()

    def begin(self, name: str) -> dict[str, Any]:
        """Begin a file under another name."""
        for path in self._folder.glob(f"{name}.unfinished*"):
            path.unlink()
        return self._setting(self._path(name).with_suffix(".unfinished"))

    def finish(self, name: str) -> None:
        """Give the file its name, and its journal, which the last connection has emptied."""
        self._path(name).with_suffix(".unfinished").rename(self._path(name))

    def setting(self, name: str) -> dict[str, Any]:
        """Return Django's words for a file."""
        return self._setting(self._path(name))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite3"

    def _setting(self, path: Path) -> dict[str, Any]:
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}


class PostgresStore:
    """A database for each, in one server."""

    def __init__(self, url: str) -> None:
        """Keep them in the server of this URL."""
        self._url = url
        shown = ("server_version", "fsync", "synchronous_commit", "jit", "shared_buffers")
        with psycopg.connect(url) as connection:
            values = {name: connection.execute(f"SHOW {name}").fetchone() for name in shown}
        said = ", ".join(f"{name} {value[0]}" for name, value in values.items() if value)
        self.description = f"PostgreSQL: {said}"

    def has(self, name: str) -> bool:
        """Tell whether there is such a database."""
        with psycopg.connect(self._url) as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None

    def begin(self, name: str) -> dict[str, Any]:
        """Create a database under another name."""
        unfinished = Identifier(f"{name}_unfinished")
        self._execute(SQL("DROP DATABASE IF EXISTS {}").format(unfinished))
        self._execute(SQL("CREATE DATABASE {}").format(unfinished))
        return self.setting(f"{name}_unfinished")

    def finish(self, name: str) -> None:
        """Give the database its name."""
        names = Identifier(f"{name}_unfinished"), Identifier(name)
        self._execute(SQL("ALTER DATABASE {} RENAME TO {}").format(*names))

    def setting(self, name: str) -> dict[str, Any]:
        """Return Django's words for a database."""
        return {**postgres_database(self._url), "NAME": name}

    def _execute(self, statement: Composed) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def store_of(database: str, *, keep: Path | None) -> Iterator[Store]:
    """Yield where databases are kept: in a folder or server that outlasts the block if there is one."""
    if database == "postgres":
        with ExitStack() as stack:
            yield PostgresStore(os.environ.get(URL_VARIABLE) or stack.enter_context(postgres_server()))
    elif keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield SqliteStore(keep.resolve())
    else:
        with tempfile.TemporaryDirectory(prefix="attribution-bench-") as folder:
            yield SqliteStore(Path(folder))


class Crew:
    """The workers of both packages: one for each package and size, started when it is first asked."""

    def __init__(self, store: Store, *, published: Path) -> None:
        """Know the Python that has the published package; ours is the one that runs this."""
        self._store = store
        self._published = published
        self._workers: dict[tuple[Package, str], Worker] = {}

    def __enter__(self) -> Self:
        """Begin without any."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them all."""
        for worker in self._workers.values():
            worker.stop()

    def worker(self, package: Package, size: str) -> Worker:
        """Return the worker of a package with the rows of a size."""
        if (package, size) not in self._workers:
            self._workers[package, size] = self.fresh(package, size)
        return self._workers[package, size]

    def fresh(self, package: Package, size: str) -> Worker:
        """Start another worker, which whoever asks for it has to stop."""
        name = self._filled(package, size)
        return Worker(package, python=self._python(package), database=self._store.setting(name))

    def _filled(self, package: Package, size: str) -> str:
        """Return the name of the database, which is made if there is none."""
        tables = "theirs" if package == "theirs" else "ours"
        name = f"attribution_bench_{tables}_{size.lower()}_{_version()}"
        if not self._store.has(name):
            started = time.monotonic()
            loader = Worker(package, python=self._python(package), database=self._store.begin(name))
            try:
                rows = loader.load(size)
                loader.finish()
            finally:
                loader.stop()
            self._store.finish(name)
            print(f"Loaded {tables} {size}: {rows} in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
        return name

    def _python(self, package: Package) -> Path:
        return self._published if package == "theirs" else Path(sys.executable)


def _version() -> str:
    """Name what decides which rows and tables there are: others need other databases."""
    paths = [ROOT / "tests/benchmarks" / name for name in ("data.py", "loading.py")]
    paths += sorted((ROOT / "django_attribution/migrations").glob("0*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:8]
