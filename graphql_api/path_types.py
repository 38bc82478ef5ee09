"""What the API shows of the journeys that ended in a conversion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import strawberry

from django_attribution import paths as package
from django_attribution.paths import MAX_STEPS
from graphql_api.scalars import CurrencyCode
from graphql_api.types import Money


@strawberry.type(description="A journey, and the conversions that ended it.")
class ConversionPath:
    """Equal journeys, counted."""

    steps: list[str] = strawberry.field(
        description=f"The dimension's values in order of time; the last {MAX_STEPS} of a longer journey."
    )
    conversions: int = strawberry.field(description="How many conversions ended this journey.")
    values: list[Money] = strawberry.field(description="What they are worth, one amount per currency.")
    average_days_to_convert: float = strawberry.field(
        description="Days of 24 hours from the first touch to the conversion, on average."
    )


@strawberry.type(description="Conversions whose number lies in a range.")
class HistogramBin:
    """A bar; both ends are included."""

    from_: int = strawberry.field(name="from", description="The least number in this bin.")
    to: int | None = strawberry.field(description="The greatest number in this bin; null where there is no end.")
    conversions: int = strawberry.field(description="How many conversions.")
    values: list[Money] = strawberry.field(description="What they are worth, one amount per currency.")


@strawberry.type(description="Journeys that ended in a conversion.")
class ConversionPaths:
    """The most frequent ones, and how long all of them are."""

    paths: list[ConversionPath] = strawberry.field(description="Most conversions first.")
    lengths: list[HistogramBin] = strawberry.field(
        description="Conversions by the touches in their journey; 0 for those that nobody earned."
    )
    days_to_convert: list[HistogramBin] = strawberry.field(
        description="Conversions by whole days from the first touch of their journey."
    )
    truncated: bool = strawberry.field(
        description=f"Whether there are more paths than these, or longer ones than {MAX_STEPS} steps."
    )

    @classmethod
    def of(cls, found: package.ConversionPaths) -> ConversionPaths:
        """Return the API's words for what was found."""
        return cls(
            paths=[
                ConversionPath(
                    steps=list(path.steps),
                    conversions=path.conversions,
                    values=_amounts(path.values),
                    average_days_to_convert=path.average_days_to_convert,
                )
                for path in found.paths
            ],
            lengths=_bins(found.lengths),
            days_to_convert=_bins(found.days_to_convert),
            truncated=found.truncated,
        )


def _bins(found: Iterable[package.HistogramBin]) -> list[HistogramBin]:
    return [
        HistogramBin(from_=one.start, to=one.end, conversions=one.conversions, values=_amounts(one.values))
        for one in found
    ]


def _amounts(values: Mapping[str, Decimal]) -> list[Money]:
    return [Money(amount=amount, currency=CurrencyCode(currency)) for currency, amount in values.items()]
