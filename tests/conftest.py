"""What every test shares: a header that names the database under test, and examples that repeat themselves."""

from django.db import connection
from hypothesis import settings

# The same examples in every run: a submission is judged by its own change. Tests marked long look for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


def pytest_report_header() -> str:
    """Name the database, because the same tests run on two."""
    return f"database: {connection.vendor}"
