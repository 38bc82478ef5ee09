"""The cases that the dashboard's rules are held against are those of the package."""

from tests.verdict_cases import FILE, cases, written


def test_the_committed_cases_are_those_of_the_rules() -> None:
    assert FILE.read_text(encoding="utf-8") == written(), "Write them anew: python -m tests.verdict_cases"


def test_the_cases_hold_every_verdict() -> None:
    found = {verdict for case in cases() for verdict in case["verdicts"]}

    assert found == {"credited", "passed-over", "later", "left-out", "too-old", "direct"}
