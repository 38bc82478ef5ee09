"""Runs the benchmark: rows are loaded, both packages run in turn, the table is printed, the answers are compared."""

import argparse
import json
import os
import platform
import signal
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from run import ROOT, ensure_venv
from tests.benchmarks import table
from tests.benchmarks.choices import options
from tests.benchmarks.comparison import compare
from tests.benchmarks.data import SMALLER, Dataset
from tests.benchmarks.measuring import Measured, alternate, exponent
from tests.benchmarks.rows import MOST_GROWTH, MOST_MEMORY, REPORT, ROWS, Operation, Row
from tests.benchmarks.workers import Crew, Reply, store_of

PUBLISHED = ROOT / ".venv-published"  # both packages own the import name, so each has an environment of its own


class Benchmark:
    """One run of the benchmark."""

    def __init__(self, crew: Crew, chosen: argparse.Namespace) -> None:
        """Run the rows that were chosen."""
        self.crew = crew
        self.size: str = chosen.size
        self.database: str = chosen.database
        self.runs: int = chosen.runs
        self.rows = [row for row in ROWS if any(words in row.title for words in chosen.only or [""])]
        self.has_report = any(row.ours == REPORT for row in self.rows)
        self.answers: dict[Operation, Any] = {}
        self.figures: list[dict[str, Any]] = []

    def run_once(self) -> None:
        """Run every operation once, for its answer."""
        for row in self.rows:
            for operation in row.operations(self.size).values():
                if operation not in self.answers:
                    self.answers[operation] = self._run(operation, 0).answer

    def lines(self) -> Iterable[table.Line]:
        """Measure row by row."""
        for row in self.rows:
            measured = self._measure(row)
            self._note(row.title, **measured.seconds)
            yield table.line_of(measured, database=self.database)
        if self.has_report:
            yield self._growth()
            yield self._memory()

    def _measure(self, row: Row) -> Measured:
        operations = row.operations(self.size)
        seconds = alternate(operations.values(), runs=self.runs, run=self._run, answers=self.answers)
        return Measured(row, {column: seconds[operation] for column, operation in operations.items()})

    def _growth(self) -> table.Line:
        small, large = (Operation("ours", size, REPORT) for size in (SMALLER[self.size], self.size))
        seconds = alternate([small, large], runs=self.runs, run=self._run, answers=self.answers)
        grown = exponent(small=median(seconds[small]), large=median(seconds[large]))
        title = f"six models, growth exponent {small.size} to {large.size}"
        self._note(title, small=seconds[small], large=seconds[large])
        return table.special_line(title, figure=grown, form="{:.2f}", most=MOST_GROWTH)

    def _memory(self) -> table.Line:
        """Ask a worker that has done nothing else for a report."""
        worker = self.crew.fresh("ours", self.size)
        try:
            peak = worker.run(REPORT).peak_kib * 1024 / 1e6
        finally:
            worker.stop()
        title = "six models, peak memory of the process"
        self._note(title, megabytes=[peak])
        return table.special_line(title, figure=peak, form="{:.0f} MB", most=MOST_MEMORY)

    def _run(self, operation: Operation, patience: float) -> Reply:
        return self.crew.worker(operation.package, operation.size).run(operation.name, patience=patience)

    def _note(self, title: str, **figures: list[float]) -> None:
        self.figures.append({"operation": title, **figures})


def main(arguments: list[str]) -> int:
    """Run what the arguments choose; return 1 if an answer is wrong."""
    chosen = argparse.ArgumentParser(prog="run.py bench", parents=[options()]).parse_args(arguments)
    published = ensure_venv("requirements/bench.txt", venv=PUBLISHED)
    with store_of(chosen.database, keep=chosen.keep) as store, Crew(store, published=published) as crew:
        benchmark = Benchmark(crew, chosen)
        print(f"{store.description}\n", flush=True)
        if chosen.check:
            benchmark.run_once()
        else:
            print(table.text(_shown(benchmark.lines())))
            print(f"\n{_reading(chosen)}")
        if chosen.json:
            chosen.json.write_text(json.dumps({**machine(store.description), "rows": benchmark.figures}, indent=1))
        sizes = {operation.size for operation in benchmark.answers}
        findings = compare(benchmark.answers, map(Dataset, sorted(sizes)))
    for line in [*findings.notes, *(f"WRONG: {failure}" for failure in findings.failures[:20])]:
        print(f"- {line}")
    print(f"\n{len(benchmark.answers)} answers compared, {len(findings.failures)} wrong", flush=True)
    return 1 if findings.failures else 0


def _shown(lines: Iterable[table.Line]) -> Iterable[table.Line]:
    """Pass lines on, and tell a waiting person which one is done."""
    for line in lines:
        print(f"  {line[0]}: {line[3]}", file=sys.stderr, flush=True)
        yield line


def _reading(chosen: argparse.Namespace) -> str:
    return (
        f"Size {chosen.size}: {Dataset(chosen.size).touch_count:,} touchpoints. Time on the wall, the median of "
        f"{chosen.runs} runs in alternation (from the fastest to the slowest); requests are answered in the process, "
        "without a network. Published is django-attribution 0.1.6; the limit is the same without attribution, or "
        "without GraphQL."
    )


def machine(database: str) -> dict[str, Any]:
    """Return what the figures depend on."""
    models = {line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")}
    return {
        "processor": ", ".join(sorted(models)) or platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "django": version("Django"),
        "database": database,
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:  # not on this system
        return []


if __name__ == "__main__":
    # Told to stop, it stops its workers and its server first.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nStopped. Nothing is left running.", file=sys.stderr)
        sys.exit(130)  # as a shell reports Ctrl-C
