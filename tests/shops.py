"""Example shops to begin with, each made once by a run of the tests: whoever adds to one takes a copy."""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.example_shop import Shop

VISITORS = 1000  # so many that there is something of every campaign, whatever the day


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Return the folder of these shops, which is one for all workers of pytest-xdist."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if hasattr(request.config, "workerinput") else own) / "shops"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def migrated(shops: Path) -> Path:
    """Return a database with all tables and nothing in them."""
    return made_once(shops / "migrated.sqlite3", lambda database: Shop(database).manage("migrate", "--verbosity=0"))


@pytest.fixture(scope="session")
def loaded(migrated: Path, shops: Path) -> Path:
    """Return a database with demo data."""

    def load(database: Path) -> None:
        shutil.copy(migrated, database)
        Shop(database).manage("load_demo_data", f"--visitors={VISITORS}")

    return made_once(shops / "loaded.sqlite3", load)


def made_once(database: Path, make: Callable[[Path], object]) -> Path:
    """Make a database, unless another worker has, or is about to: then wait for it."""
    with database.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not database.exists():
            unfinished = database.with_suffix(".unfinished")
            make(unfinished)
            unfinished.rename(database)
    return database
