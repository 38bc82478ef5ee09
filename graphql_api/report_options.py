"""What a dashboard offers for choice, as the API shows it. Only what is selected is looked up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import strawberry
from strawberry.types.nodes import Selection

from django_attribution.attribution_models import participation
from django_attribution.models import Conversion, Touchpoint
from django_attribution.report_options import MAX_OFFERED, occurring_values, time_span
from graphql_api.model_enums import IN_REPORTS, PER_CONVERSION
from graphql_api.scalars import CurrencyCode
from graphql_api.selections import selected

_AT_MOST = f"at most {MAX_OFFERED}, the most frequent ones, in alphabetical order"


@strawberry.type(description="An attribution model that a report can be asked for.")
class ReportModelOption:
    """A model as people choose it."""

    name: str = strawberry.field(description="Its name in the enum ReportModel.")
    label: str = strawberry.field(description="Its name in words, such as Last touch.")
    description: str = strawberry.field(description="A sentence for people who choose.")
    per_conversion: bool = strawberry.field(
        description="Whether it credits each conversion by itself, so that attributedConversions knows it too."
    )
    additive: bool = strawberry.field(description="Whether the rows of a report add up to its totals.")


@strawberry.type(description="What a dashboard offers for choice.")
class ReportOptions:
    """The site's models, the values that occur in its rows, and the time that has data."""

    models: list[ReportModelOption] = strawberry.field(description="The models, the site's own among them.")
    events: list[str] = strawberry.field(description=f"The events of conversions in any state; {_AT_MOST}.")
    channels: list[str] = strawberry.field(description=f"The channels of touches; {_AT_MOST}.")
    sources: list[str] = strawberry.field(description=f"The effective sources of touches; {_AT_MOST}.")
    currencies: list[CurrencyCode] = strawberry.field(
        description="The currencies of conversions in any state, in alphabetical order."
    )
    first_conversion_at: datetime | None = strawberry.field(
        description="When the first conversion in any state occurred; null when there is none."
    )
    last_conversion_at: datetime | None = strawberry.field(
        description="When the last conversion in any state occurred; null when there is none."
    )


def report_options(selections: Iterable[Selection]) -> ReportOptions:
    """Return the options that are selected, and nothing for the others."""
    asked = list(selections)

    def is_selected(*names: str) -> bool:
        return any(selected(asked, "reportOptions", name) for name in names)

    conversions, touches = Conversion.objects.all(), Touchpoint.objects.all()
    first, last = time_span(conversions) if is_selected("firstConversionAt", "lastConversionAt") else (None, None)
    return ReportOptions(
        models=_models(),
        events=occurring_values(conversions, "event") if is_selected("events") else [],
        channels=occurring_values(touches, "channel") if is_selected("channels") else [],
        sources=occurring_values(touches, "source") if is_selected("sources") else [],
        currencies=[CurrencyCode(code) for code in occurring_values(conversions, "currency")]
        if is_selected("currencies")
        else [],
        first_conversion_at=first,
        last_conversion_at=last,
    )


def _models() -> list[ReportModelOption]:
    return [
        ReportModelOption(
            name=name,
            label=name.replace("_", " ").capitalize(),
            description=model.description,
            per_conversion=name in PER_CONVERSION,
            additive=model is not participation,
        )
        for name, model in IN_REPORTS.items()
    ]
