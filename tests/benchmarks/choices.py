"""What the benchmark can be asked for. Standard library only: run.py reads it before anything is installed."""

import argparse
from pathlib import Path


def options() -> argparse.ArgumentParser:
    """Return the options of the bench command."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--size", choices=["S", "M", "L"], default="S", help="touchpoints: S 100,000, M ten times that, L a hundred"
    )
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite", help="(default: %(default)s)")
    parser.add_argument("--runs", type=_at_least_one, default=5, help="of each operation (default: %(default)s)")
    parser.add_argument(
        "--only",
        action="append",
        metavar="WORDS",
        help="operations named so; may be repeated",
    )
    parser.add_argument("--check", action="store_true", help="run everything once and compare the answers, untimed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure and the machine here")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep SQLite's data here, or find it; PostgreSQL's stays where a "
        "server is named by ATTRIBUTION_TEST_DATABASE_URL",
    )  # fmt: skip
    return parser


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of runs: give 1 or more")
    return int(text)
