"""The breaker by itself: when it stops attempts, whom it lets through, and what it forgets."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from django_attribution.breaker import FAILURES, PAUSE, WINDOW, Breaker
from tests.fake_clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock=clock)


@pytest.fixture
def open_breaker(breaker: Breaker) -> Breaker:
    assert [breaker.failed() for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    return breaker


def test_the_figures_are_the_documented_ones() -> None:
    assert (FAILURES, WINDOW, PAUSE) == (5, 60.0, 30.0)


def test_it_opens_with_the_fifth_failure_in_a_row_and_says_so_once(breaker: Breaker) -> None:
    opened = []
    for _ in range(FAILURES + 2):
        assert breaker.allows() or any(opened)
        opened.append(breaker.failed())
    assert opened == [False, False, False, False, True, False, False]
    assert not breaker.allows()


def test_a_success_between_them_makes_failures_start_anew(breaker: Breaker) -> None:
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed()
        assert breaker.succeeded() is None
    assert breaker.allows()


def test_failures_further_apart_than_the_window_are_no_outage(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3 * FAILURES):
        assert not breaker.failed()
        clock.now += WINDOW / (FAILURES - 2)
    assert breaker.allows()


def test_failures_within_the_window_are_one(breaker: Breaker, clock: Clock) -> None:
    for _ in range(FAILURES):
        breaker.failed()
        clock.now += WINDOW / FAILURES
    assert not breaker.allows()


def test_one_attempt_is_let_through_after_each_pause(open_breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        clock.now += PAUSE - 0.001
        assert not open_breaker.allows()
        clock.now += 0.001
        assert [open_breaker.allows() for _ in range(3)] == [True, False, False]


def test_a_probe_that_fails_late_does_not_make_the_next_one_wait_longer(open_breaker: Breaker, clock: Clock) -> None:
    clock.now += PAUSE
    assert open_breaker.allows()
    clock.now += PAUSE - 1
    assert not open_breaker.failed()
    clock.now += 1
    assert open_breaker.allows()


def test_a_probe_that_succeeds_lets_everyone_through_and_tells_what_was_missed(
    open_breaker: Breaker, clock: Clock
) -> None:
    assert not any(open_breaker.allows() for _ in range(7))
    clock.now += PAUSE
    assert open_breaker.allows()
    assert open_breaker.succeeded() == 7
    assert all(open_breaker.allows() for _ in range(7))
    assert open_breaker.succeeded() is None
    assert not open_breaker.failed()  # the old failures are forgotten
    assert open_breaker.allows()


def test_what_was_missed_is_counted_anew_in_the_next_outage(open_breaker: Breaker) -> None:
    open_breaker.allows()
    assert open_breaker.succeeded() == 1
    for _ in range(FAILURES):
        open_breaker.failed()
    assert open_breaker.succeeded() == 0


def test_of_many_threads_at_once_one_is_let_through(open_breaker: Breaker, clock: Clock) -> None:
    clock.now += PAUSE
    all_here = Barrier(32)

    def ask(_: int) -> bool:
        all_here.wait(30)
        return open_breaker.allows()

    with ThreadPoolExecutor(32) as threads:
        assert sum(threads.map(ask, range(32))) == 1


def test_of_many_failures_at_once_one_opens_it(breaker: Breaker) -> None:
    all_here = Barrier(32)

    def fail(_: int) -> bool:
        all_here.wait(30)
        return breaker.failed()

    with ThreadPoolExecutor(32) as threads:
        assert sum(threads.map(fail, range(32))) == 1
