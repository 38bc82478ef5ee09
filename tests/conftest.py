"""What every test shares: a header that names the database under test, and examples that repeat themselves."""

import sys
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate
from hypothesis import settings

from django_attribution import failures
from django_attribution.breaker import Breaker
from tests.analysts import new_analyst, staff_session
from tests.real_browser import chromium, new_visitor, site
from tests.shops import loaded, migrated

# Fixtures of tests at the example shop, most of them in a real browser.
__all__ = ["chromium", "loaded", "migrated", "new_analyst", "new_visitor", "site", "staff_session"]

# The same examples in every run: a submission is judged by its own change.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

MEASURED_CASES = 2  # of each test; by then they repeat each other
CASE = pytest.StashKey[int]()  # the how manieth of its test, from 1
REPEATING = {"hypothesis", "long"}  # markers of tests that run what others run too, but more often


@pytest.fixture(autouse=True)
def _breaker() -> Iterator[None]:
    """Let no test inherit the database failures that another one made up."""
    with pytest.MonkeyPatch.context() as patch:  # one of its own, which no test undoes
        patch.setattr(failures, "breaker", Breaker())
        yield


@pytest.fixture(autouse=True)
def _cache() -> None:
    """Let no test inherit the calls that clients of another one made: their users have the same keys."""
    cache.clear()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Have what Django adds after each flush, row by row, put back at once: a thousand tests end with a flush."""
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.management import create_contenttypes
    from django.contrib.contenttypes.models import ContentType

    with django_db_blocker.unblock():
        kept = [*ContentType.objects.all()], [*Permission.objects.all()]

    def put_back(using: str, **_: Any) -> None:
        for rows in kept:
            type(rows[0])._base_manager.using(using).bulk_create(rows, ignore_conflicts=True)

    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.connect(put_back, sender=apps.get_app_config("auth"), weak=False)


@pytest.fixture(scope="class")
def keep_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[[Callable[[], None]], None]]:
    """Return what writes rows that every test of a class finds, which undoes its own alone; after the last they go."""
    from django_attribution.models import Conversion, Identity, Touchpoint

    def keep(write: Callable[[], None]) -> None:
        with django_db_blocker.unblock(), transaction.atomic():
            write()

    yield keep
    with django_db_blocker.unblock():
        for model in (Conversion, Touchpoint, Identity):
            model._base_manager.all().delete()


@pytest.fixture
def other_connection() -> Iterator[BaseDatabaseWrapper]:
    """A second connection to the database under test."""
    other = connections.create_connection("default")
    yield other
    other.close()


def pytest_report_header() -> str:
    """Name the database, because the same tests run on two."""
    return f"database: {connection.vendor}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a second run, on another database, leave out what it would only repeat."""
    parser.addoption("--database-only", action="store_true", help="run only the tests that use Django's test database")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, None, None]:
    """Leave out, mark and number tests before the plugins look at them, and have the last word in their order.

    Long ones come first, so that at the end no worker has one left while the others have nothing.
    """
    if config.getoption("--database-only"):
        config.hook.pytest_deselected(items=[item for item in items if not uses_database(item)])
        items[:] = filter(uses_database, items)
    number_cases(items)
    keep_together(items)
    yield
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def number_cases(items: list[pytest.Item]) -> None:
    """Note the how manieth case of its test each is."""
    cases = Counter[str]()
    for item in items:
        test, _, _ = item.nodeid.partition("[")
        cases[test] += 1
        item.stash[CASE] = cases[test]


def keep_together(items: list[pytest.Item]) -> None:
    """Keep on one worker of pytest-xdist what shares an example shop, made once then; on four what needs a Chromium."""
    at_a_browser = sorted({item.path for item in items if "chromium" in getattr(item, "fixturenames", ())})
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "chromium" in fixtures:
            item.add_marker(pytest.mark.xdist_group(f"chromium {at_a_browser.index(item.path) % 4}"))
        elif "migrated" in fixtures:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure coverage, if at all, in the first few cases of each test: it takes almost as long again as the test."""
    if sys.gettrace() is None or (item.stash[CASE] <= MEASURED_CASES and REPEATING.isdisjoint(item.keywords)):
        return (yield)
    # Not by stopping and starting coverage, which takes a good deal longer than most tests.
    tracing, tracing_of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)  # type: ignore[arg-type]  # as documented; typeshed knows functions only
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # by which child processes measure too
            return (yield)
    finally:
        sys.settrace(tracing)
        threading.settrace(tracing_of_threads)  # type: ignore[arg-type]


def uses_database(item: pytest.Item) -> bool:
    """Tell whether pytest-django lets a test use the database, by its marker or a fixture."""
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or "db" in fixtures or "transactional_db" in fixtures


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Add up and show the figures that tests left with ``record_property("figure: what", number)``."""
    figures: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, number in report.user_properties:
            if name.startswith("figure: "):
                figures[name.removeprefix("figure: ")] += number
    for what, number in figures.items():
        terminalreporter.write_line(f"{number:>8,} {what}")
