"""Example shops to begin with, each made once for all workers of a run: whoever adds to one takes a copy."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.example_shop import Shop

VISITORS = 1000  # so many that there is something of every campaign, whatever the day


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with all tables and nothing in them."""
    return made_once("migrated.sqlite3", migrate, base=tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def loaded(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with demo data."""

    def load(database: Path) -> None:
        shutil.copy(migrated, database)
        Shop(database).manage("load_demo_data", f"--visitors={VISITORS}")

    return made_once("loaded.sqlite3", load, base=tmp_path_factory.getbasetemp())


def migrate(database: Path) -> None:
    Shop(database).manage("migrate", "--verbosity=0")


def made_once(name: str, make: Callable[[Path], None], *, base: Path) -> Path:
    """Have a file made by the worker that is first to need it, while others wait; return it when it is finished."""
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # workers have folders beside each other
    file, unfinished = folder / name, folder / f"unfinished-{name}"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            unfinished.unlink(missing_ok=True)  # of a worker that failed at it
            make(unfinished)
            unfinished.rename(file)
    return file
