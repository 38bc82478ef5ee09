"""Run lint, types and the tests on both databases, and close with one line that tells the count.

Runs as ``python -m tests.every_check`` where requirements/test.txt is installed; ``python3 run.py test`` does
that first. Standard library only, since run.py asks for its options before anything is installed.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.child_process import run_to_end
from tests.frontend_build import KEPT_VARIABLE
from tests.sizes import LONG_VARIABLE

PYTHON = (sys.executable, "-m")
LINT = {
    "ruff check": (*PYTHON, "ruff", "check", "."),
    "ruff format": (*PYTHON, "ruff", "format", "--check", "."),
    "mypy": (*PYTHON, "mypy"),
    "front ends": (*PYTHON, "tests.frontend_build"),
}
# Four, since some tests wait for a browser or a server while others need the two cores. A worker that dies fails its
# test and ends the run: pytest-xdist 3.8 waits for ever for one that it has replaced in a loadgroup. The order is ours.
AT_ONCE = ("-n", "4", "--dist", "loadgroup", "--no-loadscope-reorder", "--max-worker-restart", "0")
DIES_OF_A_HANGING_TEST = ("-o", "faulthandler_timeout=900", "-o", "faulthandler_exit_on_timeout=true")


@dataclass(frozen=True)
class Count:
    """How many tests ended which way."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Count") -> "Count":
        """Sum up the runs on two databases."""
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        """Give the closing line, which programs read: nothing else may stand on it."""
        line = f"{self.passed} passed, {self.failed} failed"
        return f"{line}, {self.skipped} skipped" if self.skipped else line

    @classmethod
    def from_report(cls, report: Path) -> "Count":
        """Read a junit report of pytest; a run that died before it could write one counts as one failure."""
        if not report.exists():
            return cls(failed=1)
        suites = ElementTree.parse(report).getroot().iter("testsuite")
        count = Counter[str]()
        for suite in suites:
            count.update({name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")})
        failed = count["failures"] + count["errors"]
        passed = count["tests"] - failed - count["skipped"]
        return cls(passed=passed, failed=failed, skipped=count["skipped"])


def options() -> argparse.ArgumentParser:
    """Return the options of the test command, to be read here and shown by ``run.py test --help``."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--database", choices=["sqlite", "postgres"], help="run on this one only")
    parser.add_argument("--long", action="store_true", help="make the long tests as long as before a release")
    parser.add_argument("--no-lint", action="store_true", help="leave out ruff, mypy and the build of the front ends")
    return parser


def main(arguments: list[str]) -> int:
    """Run every step, also after one has failed, and return 0 if all of them went well."""
    chosen, pytest_arguments = options().parse_known_args(arguments)
    databases = [chosen.database] if chosen.database else ["sqlite", "postgres"]
    failed_steps: list[str] = []

    def step(name: str, command: tuple[str, ...], env: dict[str, str] | None = None) -> None:
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        if run_to_end(command, env=env):
            failed_steps.append(name)
        print(f"== {name}: {time.monotonic() - started:.1f} s", flush=True)

    with tempfile.TemporaryDirectory(prefix="attribution-results-") as results:
        env = _environment(coverage_file=Path(results, "coverage"))
        env[KEPT_VARIABLE] = str(Path(results, "node_modules"))
        if chosen.long:
            env[LONG_VARIABLE] = "1"
        if not chosen.no_lint:
            for name, command in LINT.items():
                step(name, command, env)
        count = Count()
        for database, command in _runs(databases, pytest_arguments, long=chosen.long).items():
            report = Path(results, f"{database}.xml")
            beside_server = (*PYTHON, "tests.postgres_server") if database == "postgres" else ()
            run_env = env if database == "postgres" else _without_postgres(env)
            step(f"tests on {database}", (*beside_server, *PYTHON, *command, f"--junitxml={report}"), run_env)
            count += Count.from_report(report)
        if not pytest_arguments:  # a chosen part of the tests says nothing about coverage
            step("coverage: data", (*PYTHON, "coverage", "combine", "--quiet"), env)
            step("coverage", (*PYTHON, "coverage", "report"), env)  # of the first database

    if failed_steps:
        print(f"\nFailed: {', '.join(failed_steps)}")
    print(f"\n{count}", flush=True)
    return 1 if failed_steps or count.failed else 0


def _runs(databases: list[str], arguments: list[str], *, long: bool) -> dict[str, tuple[str, ...]]:
    """Return for each database the module to run, with its arguments; a second one is asked only what may differ."""
    if arguments:  # without xdist, which would take --pdb and -s away
        return dict.fromkeys(databases, ("pytest", *arguments))
    workers = AT_ONCE if long else (*AT_ONCE, *DIES_OF_A_HANGING_TEST)  # before a release, one may take hours
    first, *others = databases
    return {
        first: ("coverage", "run", "-m", "pytest", *workers),
        **dict.fromkeys(others, ("pytest", *workers, "--database-only")),
    }


def _environment(*, coverage_file: Path) -> dict[str, str]:
    """Return this process's environment without what would make the tests run on other code or settings, or slowly.

    Every worker and many a test start a Python: without bytecode each of them would compile all our code anew.
    """
    harmful = {"DJANGO_SETTINGS_MODULE", "PYTEST_ADDOPTS", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name not in harmful}
    return {**kept, "COVERAGE_FILE": str(coverage_file)}


def _without_postgres(env: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name != "ATTRIBUTION_TEST_DATABASE_URL"}


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nStopped. Nothing is left running.", file=sys.stderr)
        sys.exit(130)  # as a shell reports Ctrl-C
