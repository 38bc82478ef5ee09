"""What is committed of the front ends is what their sources build, fits the schema, and stays small."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.frontend_build import FRONT_ENDS, FrontEnd, copy_sources, differences, judge, npm, weigh

ROOT = Path(__file__).parent.parent
PAGE = FrontEnd("page", "app/static/page", budget=100)


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
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what npm installs, which takes it longer than all the rest."""
    copy = tmp_path_factory.mktemp("installed")
    copy_sources(ROOT, copy)
    if npm("ci", cwd=copy):
        pytest.skip("npm reaches no registry, so nothing can be built here")
    return copy / "node_modules"


Judge = Callable[[str, str, str], tuple[int, str]]


@pytest.fixture
def judge_after(installed: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Judge:
    """Return ``judge_after(file, old, new)``: change a source of a copy; return the verdict and what was printed."""

    def judge_changed(file: str, old: str, new: str) -> tuple[int, str]:
        copy_sources(ROOT, tmp_path)
        (tmp_path / "node_modules").symlink_to(installed)
        source = tmp_path / file
        changed = re.sub(old, new, source.read_text())
        assert changed != source.read_text()
        source.write_text(changed)
        code = judge(tmp_path)
        return code, "".join(capfd.readouterr())

    return judge_changed


@pytest.mark.long
def test_a_breaking_change_of_the_schema_stops_the_build(judge_after: Judge) -> None:
    code, printed = judge_after("graphql_api/schema.graphql", r"\brecordConversion\(", "recordPurchase(")

    assert code == 1
    assert 'Cannot query field "recordConversion" on type "Mutation"' in printed
    assert "cannot be built with this graphql_api/schema.graphql" in printed


@pytest.mark.long
def test_a_rule_that_is_told_otherwise_than_it_is_applied_stops_the_build(judge_after: Judge) -> None:
    code, printed = judge_after(
        "graphql_api/dashboard/frontend/conversions/verdict.ts", "age > BigInt", "age >= BigInt"
    )

    assert code == 1
    assert "verdict.test.ts" in printed
    assert "The front ends fail their own tests" in printed
