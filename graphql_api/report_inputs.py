"""What callers may say about a report: what to break it down by, which credit to keep, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from enum import Enum
from typing import Annotated, get_args

import strawberry
from strawberry.utils.str_converters import to_camel_case

from django_attribution import credit_filter, intervals
from django_attribution.credit_filter import MAX_VALUES, CreditFilter
from django_attribution.model_names import Model
from django_attribution.recording import is_storable
from django_attribution.report_rows import ReportOrder
from graphql_api.errors import BadUserInput, user_errors
from graphql_api.inputs import OrderDirection
from graphql_api.model_enums import IN_REPORTS, ReportModel

_Kind = credit_filter.CreditKind
_Interval = intervals.Interval


@strawberry.enum(description="What credit is broken down by. A touch without one of them counts as `(not set)`.")
class AttributionDimension(Enum):
    """The dimensions of the package, described."""

    CHANNEL = strawberry.enum_value("channel", description="The channel, such as Paid Search.")
    SOURCE = strawberry.enum_value("source", description="The effective source, lower case.")
    MEDIUM = strawberry.enum_value("medium", description="The effective medium, lower case.")
    CAMPAIGN = strawberry.enum_value("campaign", description="utm_campaign, as the URL said it.")
    TERM = strawberry.enum_value("term", description="utm_term, as the URL said it.")
    CONTENT = strawberry.enum_value("content", description="utm_content, as the URL said it.")
    LANDING_PAGE = strawberry.enum_value("landing_page", description="The path of the landing page, such as /shop/.")
    REFERRER_HOST = strawberry.enum_value("referrer_host", description="The host of the referring page.")
    EVENT = strawberry.enum_value("event", description="The conversion's event; the one that touches do not have.")


@strawberry.enum(description="Whom a row of a report speaks of.")
class CreditKind(Enum):
    """The kinds of the package, described."""

    ATTRIBUTED = strawberry.enum_value(_Kind.ATTRIBUTED.value, description="The touches of its key.")
    UNATTRIBUTED = strawberry.enum_value(
        _Kind.UNATTRIBUTED.value, description="Nobody: no touch lay in the window of these conversions."
    )
    OTHER = strawberry.enum_value(
        _Kind.OTHER.value, description="All the keys beyond the first ones that were asked for, together."
    )


@strawberry.enum(description="The calendar interval of a report's rows, in the report's time zone.")
class ReportInterval(Enum):
    """The intervals of the package, described."""

    DAY = strawberry.enum_value(_Interval.DAY.value, description="From midnight to midnight.")
    WEEK = strawberry.enum_value(_Interval.WEEK.value, description="From Monday to Sunday.")
    MONTH = strawberry.enum_value(_Interval.MONTH.value, description="The calendar month.")


@strawberry.input(
    description="Keeps the credit that went to these, after weights were given; UNATTRIBUTED keeps what went to "
    f"nobody. Every list must hold, with at most {MAX_VALUES} values; an empty one means no restriction."
)
class CreditFilterInput:
    """A ``CreditFilter`` as callers write it."""

    channel: list[str] | None = strawberry.field(default=None, description="Any of these channels.")
    source: list[str] | None = strawberry.field(default=None, description="Any of these sources; case does not count.")
    medium: list[str] | None = strawberry.field(default=None, description="Any of these mediums; case does not count.")
    campaign: list[str] | None = strawberry.field(default=None, description="Any of these campaigns, to the letter.")
    landing_page: list[str] | None = strawberry.field(
        default=None, description="Any of these paths of landing pages, to the letter."
    )
    referrer_host: list[str] | None = strawberry.field(
        default=None, description="Any of these referring hosts; case does not count."
    )
    kind: CreditKind | None = strawberry.field(
        default=None, description="ATTRIBUTED for what somebody earned, UNATTRIBUTED for what nobody did; not OTHER."
    )


def credit_filter_of(given: CreditFilterInput | None) -> CreditFilter:
    """Return the filter that is asked for; raise ``BadUserInput`` naming the list that cannot be used."""
    if given is None:
        return credit_filter.KEEP_ALL
    lists = {field.name: getattr(given, field.name) or [] for field in fields(CreditFilter) if field.name != "kind"}
    for name, values in lists.items():
        if not is_storable(values):
            argument = to_camel_case(name)
            message = f"{argument} must be text that can be stored: no NUL, no half of a character."
            raise BadUserInput(message, argument=f"creditedTo.{argument}")
    kind = None if given.kind is None else credit_filter.CreditKind(str(given.kind.value))
    with user_errors(within="creditedTo"):
        return CreditFilter(**{name: tuple(values) for name, values in lists.items()}, kind=kind)


@strawberry.input(
    one_of=True, description="What to order a report's keys by, as the first model of the report credits them."
)
class ReportOrderInput:
    """Exactly one of these."""

    conversions: strawberry.Maybe[OrderDirection] = strawberry.field(description="Credited conversions.")
    value: strawberry.Maybe[OrderDirection] = strawberry.field(
        description="Credited value, in the currency of most conversions before the others."
    )
    key: strawberry.Maybe[OrderDirection] = strawberry.field(description="The values of the dimensions, as text.")


def report_order(given: ReportOrderInput | None) -> tuple[ReportOrder, bool]:
    """Return what to order keys by and whether the greatest comes first; most conversions where nothing is said."""
    for column in get_args(ReportOrder):
        wanted: strawberry.Some[OrderDirection] | None = getattr(given, column, None)
        if wanted is not None:
            return column, wanted.value is OrderDirection.DESC
    return "conversions", True


def named_models(given: Iterable[ReportModel]) -> dict[str, Model]:
    """Return models by the names that the schema gives them; raise ``BadUserInput`` for one that comes twice."""
    models: dict[str, Model] = {}
    for model in given:
        if model.name in models:
            raise BadUserInput(f"models names {model.name} twice.", argument="models")
        models[model.name] = IN_REPORTS[model.name]
    return models


CreditedTo = Annotated[
    CreditFilterInput | None,
    strawberry.argument(description="Which credit to keep once it was given; all of it when left out."),
]
