"""With two databases a row is written where it is, and what precedes a write is looked up where writes go."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def played(folder: Path, case: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.two_databases", str(folder), case]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_row_of_another_database_is_confirmed_credited_reported_and_recorded_there(tmp_path: Path) -> None:
    assert played(tmp_path, "two") == {
        "confirmed": "of other",
        "beside": False,
        "credited": ["right"],
        "shared": [["right"]],
        "reported": [["right"], ["right"]],
        "paths": [["right"]],
        "recorded": "other",
        "of_its_identity": True,
        "of_a_merged_one": True,
    }


def test_a_replica_that_lags_hides_nothing_from_what_writes(tmp_path: Path) -> None:
    assert played(tmp_path, "replica") == {
        "claimed": True,
        "merged": True,
        "erased": "2 identities and 0 touchpoints deleted, 1 conversions made anonymous.\n",
        "by_key": True,
        "by_token": True,
        "repeated": True,
    }
