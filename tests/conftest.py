"""What every test shares: a header that names the database under test."""

from django.db import connection


def pytest_report_header() -> str:
    """Name the database, because the same tests run on two."""
    return f"database: {connection.vendor}"
