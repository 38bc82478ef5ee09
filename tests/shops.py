"""Example shops to begin with, each made once by a process that tests: whoever adds to one takes a copy."""

import shutil
from pathlib import Path

import pytest

from tests.example_shop import Shop

VISITORS = 1000  # so many that there is something of every campaign, whatever the day


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with all tables and nothing in them."""
    database = tmp_path_factory.mktemp("shops") / "migrated.sqlite3"
    Shop(database).manage("migrate", "--verbosity=0")
    return database


@pytest.fixture(scope="session")
def loaded(migrated: Path) -> Path:
    """Return a database with demo data."""
    database = Path(shutil.copy(migrated, migrated.with_name("loaded.sqlite3")))
    Shop(database).manage("load_demo_data", f"--visitors={VISITORS}")
    return database
