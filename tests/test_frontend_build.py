"""What is committed of the front ends is what their sources build, fits the schema, and stays small."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import frontend_build
from tests.frontend_build import FRONT_ENDS, KEPT_VARIABLE, FrontEnd, copy_sources, differences, weigh

ROOT = Path(__file__).parent.parent
PAGE = FrontEnd("page", "app/static/page", budget=100)
UNREACHABLE = r"npm error (network|code E(NOTFOUND|CONNREFUSED|CONNRESET|AI_AGAIN|TIMEDOUT))"


def write(tree: Path, files: dict[str, bytes]) -> Path:
    """Write the built files of the page."""
    for name, data in files.items():
        path = tree / PAGE.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tree


def test_equal_files_are_no_difference(tmp_path: Path) -> None:
    files = {"page.js": b"1", "parts/chart.js": b"2"}

    assert differences(PAGE, built=write(tmp_path / "a", files), committed=write(tmp_path / "b", files)) == []


def test_changed_missing_and_left_over_files_are_named(tmp_path: Path) -> None:
    built = write(tmp_path / "built", {"page.js": b"1\n", "parts/new.js": b"2"})
    committed = write(tmp_path / "committed", {"page.js": b"1\r\n", "old.js": b"3"})

    assert differences(PAGE, built=built, committed=committed) == [
        "app/static/page/old.js is no longer built",
        "app/static/page/page.js differs",
        "app/static/page/parts/new.js is missing",
    ]


def test_scripts_and_styles_count_together_against_the_budget(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = os.urandom(30)
    within = write(tmp_path / "within", {"page.js": part, "licenses.md": os.urandom(500)})
    beyond = write(tmp_path / "beyond", {"page.js": part, "parts/style.css": os.urandom(30)})

    assert weigh(PAGE, built=within) == []
    assert len(weigh(PAGE, built=beyond)) == 1
    assert "page: 0.1 kB of JavaScript and CSS, gzipped; less than 0 kB allowed" in capsys.readouterr().out


def test_a_copy_holds_nothing_that_was_built_before(tmp_path: Path) -> None:
    copy_sources(ROOT, tmp_path)

    assert (tmp_path / "package-lock.json").exists()
    assert (tmp_path / "graphql_api/schema.graphql").exists()
    assert not [front_end.name for front_end in FRONT_ENDS if (tmp_path / front_end.folder).exists()]
    assert not list(tmp_path.rglob("node_modules"))
    assert not list(tmp_path.rglob("frontend/graphql"))


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which packages are installed once, unless the run of all checks has done so."""
    kept = tmp_path_factory.mktemp("front-ends") / "node_modules"
    return {KEPT_VARIABLE: str(kept), **os.environ}


def build_after(
    tmp_path: Path, file: str, old: str, new: str, *, env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Change a source, and build from a copy."""
    copy_sources(ROOT, tmp_path)
    (tmp_path / "tests").mkdir()
    for name in ("__init__.py", "child_process.py", "frontend_build.py"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests")
    source = tmp_path / file
    changed = re.sub(old, new, source.read_text())
    assert changed != source.read_text()
    source.write_text(changed)
    command = [sys.executable, "-m", frontend_build.__name__]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300, check=False)
    if re.search(UNREACHABLE, done.stderr):
        pytest.skip("npm reaches no registry, so nothing can be built here")
    return done


@pytest.mark.long
@pytest.mark.xdist_group("front ends")
def test_a_breaking_change_of_the_schema_stops_the_build(tmp_path: Path, env: dict[str, str]) -> None:
    done = build_after(tmp_path, "graphql_api/schema.graphql", r"\brecordConversion\(", "recordPurchase(", env=env)

    assert done.returncode == 1
    assert 'Cannot query field "recordConversion" on type "Mutation"' in done.stdout + done.stderr
    assert "cannot be built with this graphql_api/schema.graphql" in done.stdout


@pytest.mark.long
@pytest.mark.xdist_group("front ends")
def test_a_rule_that_is_told_otherwise_than_it_is_applied_stops_the_build(tmp_path: Path, env: dict[str, str]) -> None:
    rules = "graphql_api/dashboard/frontend/conversions/verdict.ts"
    done = build_after(tmp_path, rules, "age > BigInt", "age >= BigInt", env=env)

    assert done.returncode == 1
    assert "verdict.test.ts" in done.stdout + done.stderr
    assert "The front ends fail their own tests" in done.stdout
