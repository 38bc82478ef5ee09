"""run.py says clearly what is wrong, and trusts only an environment that it has finished. No network."""

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MEASURED_CASES
from tests.every_check import Count

ROOT = Path(__file__).parent.parent
RUN = ROOT / "run.py"
NEEDED = (
    "run.py", "requirements/demo.txt", "requirements/test.txt", "tests/__init__.py", "tests/every_check.py",
    "tests/child_process.py", "tests/frontend_build.py", "tests/sizes.py", "tests/benchmarks/__init__.py",
    "tests/benchmarks/choices.py",
)  # fmt: skip
OLD_PYTHONS = ("python3.6", "python3.7", "python3.8", "python3.9", "python3.10")

# Stands in for the Python of .venv, whose pip would take a while and a network: it notes what it was asked.
PRETENDING_PYTHON = """#!/bin/sh
echo "$*" >> "{log}"
case "$*" in
    *"-m pip install"*) exit {pip_exit} ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with what run.py needs, so that no test touches the real ``.venv``."""
    for name in NEEDED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(*arguments: str, python: str = sys.executable, script: Path = RUN) -> subprocess.CompletedProcess[str]:
    """Run run.py as a person does, without what pytest has put into the environment."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "PYTHON"))}
    command = [python, str(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=env)


def run_inside(checkout: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run some lines of Python that have run.py's functions at hand."""
    return subprocess.run(
        [sys.executable, "-c", f"from run import *\n{code}"],
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def pretend_venv(checkout: Path, *, pip_exit: int = 0) -> Path:
    """Make a ``.venv`` whose Python only notes what it is asked, and return the notes."""
    log = checkout / "asked.log"
    python = checkout / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(PRETENDING_PYTHON.format(log=log, pip_exit=pip_exit))
    python.chmod(0o755)
    (checkout / ".venv/pyvenv.cfg").write_text("home = /nowhere\n")
    return log


def write_stamp(checkout: Path, **changes: str) -> Path:
    """Write the stamp of a finished install, apart from the changes."""
    stamp = checkout / ".venv/finished-by-run-py.json"
    maker = {"python": sys.version, "base": sys.base_prefix, "venv": str(checkout / ".venv")}
    stamp.write_text(json.dumps({**maker, **changes}))
    return stamp


def digest(checkout: Path, requirements: str) -> str:
    done = run_inside(checkout, f"print(hashlib.sha256((ROOT / {requirements!r}).read_bytes()).hexdigest())")
    return done.stdout.strip()


def test_the_whole_file_parses_in_python_3_6() -> None:
    ast.parse(RUN.read_text(), feature_version=(3, 6))


def test_an_old_python_is_named_together_with_the_one_that_is_needed() -> None:
    old = [path for name in OLD_PYTHONS if (path := shutil.which(name)) and works(path)]
    if old:
        done = run("demo", python=old[0])
    else:  # the same file, read by this Python under an older number
        pretend = "import runpy, sys; sys.version_info = (3, 8, 18, 'final', 0); runpy.run_path(sys.argv[1])"
        done = subprocess.run([sys.executable, "-c", pretend, str(RUN)], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert re.match(r"run\.py needs Python 3\.11 or newer, this is 3\.\d+ \(.+\)\. Try again", done.stderr)


def works(path: str) -> bool:
    """Tell whether an interpreter works at all: a version manager's shim may stand for none."""
    return subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_or_ensurepip_is_told_which_package_has_them(checkout: Path, module: str) -> None:
    done = run_inside(
        checkout,
        f"sys.modules[{module!r}] = None  # the import system's own way to say that there is none\n"
        "ensure_venv('requirements/demo.txt')",
    )

    assert done.returncode == 1
    assert "lacks venv or ensurepip" in done.stderr
    assert "apt install python3-venv" in done.stderr
    assert not (checkout / ".venv").exists()


def test_a_port_in_use_is_noticed_before_anything_is_installed(checkout: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as occupied:
        port = occupied.getsockname()[1]
        done = run("demo", "--port", str(port), script=checkout / "run.py")

    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use" in done.stderr
    assert "run.py demo --port" in done.stderr
    assert not (checkout / ".venv").exists()


def test_an_unknown_host_is_named(checkout: Path) -> None:
    done = run("demo", "--host", "no.such.host.invalid", script=checkout / "run.py")

    assert done.returncode == 1
    assert "Cannot listen on no.such.host.invalid port 8000" in done.stderr


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_an_impossible_port_is_named(checkout: Path, port: str) -> None:
    done = run("demo", "--port", port, script=checkout / "run.py")

    assert done.returncode == 2
    assert f"'{port}' is not a port: give a number from 1 to 65535" in done.stderr


def test_a_finished_install_is_not_repeated(checkout: Path) -> None:
    asked = pretend_venv(checkout)
    write_stamp(checkout, **{"requirements/demo.txt": digest(checkout, "requirements/demo.txt")})

    run_inside(checkout, "ensure_venv('requirements/demo.txt')").check_returncode()

    assert not asked.exists()


def test_test_requirements_are_added_to_a_finished_demo(checkout: Path) -> None:
    asked = pretend_venv(checkout)
    stamp = write_stamp(checkout, **{"requirements/demo.txt": digest(checkout, "requirements/demo.txt")})

    run_inside(checkout, "ensure_venv('requirements/test.txt')").check_returncode()

    assert "--require-hashes -r requirements/test.txt" in asked.read_text()
    assert json.loads(stamp.read_text()).keys() >= {"requirements/demo.txt", "requirements/test.txt"}


def test_another_environment_is_made_beside_the_first(checkout: Path) -> None:
    asked = pretend_venv(checkout)
    write_stamp(checkout, **{"requirements/demo.txt": digest(checkout, "requirements/demo.txt")})

    done = run_inside(
        checkout,
        "subprocess.call = lambda command, **_: print(*command) or 1\n"
        "ensure_venv('requirements/demo.txt', venv=ROOT / '.venv-other')",
    )

    assert f"-m venv {checkout / '.venv-other'}" in done.stdout
    assert not asked.exists()


def test_changed_requirements_are_installed(checkout: Path) -> None:
    asked = pretend_venv(checkout)
    stamp = write_stamp(checkout, **{"requirements/demo.txt": digest(checkout, "requirements/demo.txt")})
    (checkout / "requirements/demo.txt").write_text("# nothing is needed any more\n")

    run_inside(checkout, "ensure_venv('requirements/demo.txt')").check_returncode()

    assert "-r requirements/demo.txt" in asked.read_text()
    assert json.loads(stamp.read_text())["requirements/demo.txt"] == digest(checkout, "requirements/demo.txt")


def test_a_failed_install_says_what_to_do_and_leaves_no_stamp(checkout: Path) -> None:
    pretend_venv(checkout, pip_exit=1)
    stamp = write_stamp(checkout)

    done = run_inside(checkout, "ensure_venv('requirements/demo.txt')")

    assert done.returncode == 1
    assert "pip could not install requirements/demo.txt" in done.stderr
    assert "PIP_INDEX_URL" in done.stderr
    assert not stamp.exists()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(None, id="interrupted"),
        pytest.param({"python": "3.11.0 (an older one)"}, id="python upgraded"),
        pytest.param({"base": "/usr/somewhere/else"}, id="python moved"),
        pytest.param({"venv": "/somewhere/else/.venv"}, id="checkout moved"),
    ],
)
def test_an_unfinished_or_foreign_environment_is_replaced(checkout: Path, changes: dict[str, str] | None) -> None:
    asked = pretend_venv(checkout)
    if changes is not None:
        write_stamp(checkout, **changes, **{"requirements/demo.txt": digest(checkout, "requirements/demo.txt")})

    # The environment is not made in earnest, which is what the stand-in for the subprocess is for.
    done = run_inside(
        checkout,
        "subprocess.call = lambda command, **_: print(*command) or 0\nensure_venv('requirements/demo.txt')",
    )

    assert "Replacing .venv" in done.stdout
    assert f"-m venv {checkout / '.venv'}" in done.stdout
    assert not asked.exists()
    assert not (checkout / ".venv-discarded").exists()


def test_an_environment_whose_python_is_gone_is_replaced(checkout: Path) -> None:
    pretend_venv(checkout)
    write_stamp(checkout, **{"requirements/demo.txt": digest(checkout, "requirements/demo.txt")})
    (checkout / ".venv/bin/python").unlink()
    (checkout / ".venv/bin/python").symlink_to("/nowhere/python")

    done = run_inside(checkout, "subprocess.call = lambda command, **_: 1\nensure_venv('requirements/demo.txt')")

    assert "Replacing .venv" in done.stdout
    assert "-m venv failed" in done.stderr


def test_a_folder_that_is_no_environment_is_left_alone(checkout: Path) -> None:
    precious = checkout / ".venv/precious.txt"
    precious.parent.mkdir()
    precious.write_text("mine")

    done = run_inside(checkout, "ensure_venv('requirements/demo.txt')")

    assert done.returncode == 1
    assert "no virtual environment" in done.stderr
    assert precious.read_text() == "mine"


def test_children_keep_pips_settings_and_lose_what_leads_to_other_code(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")

    done = run_inside(checkout, "print(json.dumps(child_environment()))")

    env = json.loads(done.stdout)
    assert env["PIP_INDEX_URL"] == "https://packages.example/simple"
    assert not env.keys() & {"PYTHONPATH", "DJANGO_SETTINGS_MODULE", "VIRTUAL_ENV"}


@pytest.mark.parametrize("command", [("--help",), ("demo", "--help"), ("test", "--help"), ("bench", "--help")])
def test_help_needs_no_installation(checkout: Path, command: tuple[str, ...]) -> None:
    done = run(*command, script=checkout / "run.py")

    assert done.returncode == 0
    assert done.stdout.startswith("usage: run.py")
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("count", "line"),
    [
        (Count(passed=3), "3 passed, 0 failed"),
        (Count(passed=3, failed=1), "3 passed, 1 failed"),
        (Count(passed=3, failed=1, skipped=2), "3 passed, 1 failed, 2 skipped"),
        (Count(passed=3) + Count(passed=2, skipped=1), "5 passed, 0 failed, 1 skipped"),
    ],
)
def test_the_closing_line_tells_the_count_and_nothing_else(count: Count, line: str) -> None:
    assert str(count) == line


def test_errors_count_as_failures(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite tests="9" failures="1" errors="2" skipped="3"/></testsuites>')

    assert Count.from_report(report) == Count(passed=3, failed=3, skipped=3)


def test_a_run_that_died_without_a_report_counts_as_a_failure(tmp_path: Path) -> None:
    assert Count.from_report(tmp_path / "missing.xml") == Count(failed=1)


@pytest.mark.parametrize("case", range(1, MEASURED_CASES + 2))
def test_coverage_is_measured_in_the_first_cases_of_a_test_alone(case: int) -> None:
    is_measured_run = "COVERAGE_RUN" in os.environ  # as coverage tells those that it runs

    assert (sys.gettrace() is not None) == (is_measured_run and case <= MEASURED_CASES)


@pytest.mark.xdist_group("alone")
def test_what_is_marked_as_a_group_stays_on_one_worker(request: pytest.FixtureRequest) -> None:
    is_distributed = getattr(request.config.option, "loadgroup", False)
    # With some versions of pytest its plugin takes no notice of the marker, and says nothing.
    assert request.node.nodeid.endswith("@alone") or not is_distributed
