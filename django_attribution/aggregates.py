"""Sums of money in SQL, exact on every database."""

from decimal import Decimal
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DecimalField, Func, Sum
from django.db.models.sql.compiler import SQLCompiler

from django_attribution.money import SCALE


class _Total(DecimalField):  # type: ignore[type-arg]  # the stubs' generic; Django's own class is none
    """A total as the database gave it: SQLite counts ten-thousandths, and its own decimals are floats."""

    def get_internal_type(self) -> str:
        """Keep Django from reading the total as one of SQLite's floats."""
        return "MoneyTotal"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Decimal | None:
        """Return the total with the scale that it has."""
        if value is None or connection.vendor != "sqlite":
            return value  # type: ignore[no-any-return]  # a Decimal
        return Decimal(value).scaleb(-SCALE)


class _Counted(Func):
    """An amount; on SQLite as a whole number of ten-thousandths."""

    template = "%(expressions)s"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:
        """Count, so that adding is exact."""
        template = f"CAST(ROUND(%(expressions)s * {10**SCALE}) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **context)


class MoneySum(Sum):
    """The sum of a column of money, exact to the last digit; group by currency, for currencies do not add up.

    Django's ``Sum`` is exact on PostgreSQL, but adds floats on SQLite.
    """

    def __init__(self, expression: Any, **options: Any) -> None:
        super().__init__(_Counted(expression), output_field=_Total(max_digits=19, decimal_places=SCALE), **options)
