"""The root queries about many conversions at once: the report, the paths, and what to choose from."""

from __future__ import annotations

from typing import Annotated

import strawberry
import strawberry_django

from django_attribution.dimensions import DIMENSIONS
from django_attribution.model_names import MAX_MODELS
from django_attribution.models import Conversion
from django_attribution.paths import MAX_PATHS
from django_attribution.refusals import require_count
from django_attribution.report_rows import MAX_KEYS
from django_attribution.windows import DEFAULT_DAYS
from graphql_api.errors import ApiError, BadUserInput, ErrorCode, user_errors
from graphql_api.inputs import (
    ConversionFilterInput,
    ExcludeDirect,
    SourceWindows,
    Where,
    WindowDays,
    attribution_window,
)
from graphql_api.model_enums import ReportModel
from graphql_api.path_types import ConversionPaths
from graphql_api.permissions import VIEW_CONVERSION, Info, require_permission
from graphql_api.report_inputs import (
    AttributionDimension,
    CreditedTo,
    ReportInterval,
    ReportOrderInput,
    credit_filter_of,
    named_models,
    report_order,
)
from graphql_api.report_options import ReportOptions, report_options
from graphql_api.reports import AttributionReport

MAX_RESULTS = 50_000  # in one answer: rows times models, ten megabytes or so

Models = Annotated[
    list[ReportModel],
    strawberry.argument(description=f"The models to put side by side, 1 to {MAX_MODELS}, each once."),
]
GroupBy = Annotated[
    list[AttributionDimension],
    strawberry.argument(description=f"What makes a key, each of the {len(DIMENSIONS)} once; overall when empty."),
]
Interval = Annotated[
    ReportInterval | None, strawberry.argument(description="Break each key down over time, by when it converted.")
]
TimeZone = Annotated[
    str, strawberry.argument(description="The IANA name of the time zone in which days, weeks and months begin.")
]
KeyOrder = Annotated[
    ReportOrderInput | None, strawberry.argument(description="In which order; most conversions first by default.")
]
FirstKeys = Annotated[
    int,
    strawberry.argument(
        name="first",
        description=f"How many keys, from 0 to {MAX_KEYS}; keys, not rows. What is left over becomes one OTHER key, "
        "so that rows always add up.",
    ),
]
CollapseRepeats = Annotated[bool, strawberry.argument(description="Count the same step several times in a row as one.")]
By = Annotated[AttributionDimension, strawberry.argument(description="What the steps of a path are; any but EVENT.")]
FirstPaths = Annotated[int, strawberry.argument(name="first", description=f"How many paths, from 0 to {MAX_PATHS}.")]


@strawberry.type
class ReportQuery:
    """What dashboards ask about many conversions at once."""

    @strawberry_django.field(
        description="Credited conversions and value by dimension, for one or several models side by side. "
        "Requires django_attribution.view_conversion."
    )
    def attribution_report(
        self,
        info: Info,
        models: Models = [ReportModel.LAST_TOUCH],  # noqa: B006 - the schema's default; never changed
        window_days: WindowDays = DEFAULT_DAYS,
        source_windows: SourceWindows = [],  # noqa: B006 - the schema's default; never changed
        exclude_direct: ExcludeDirect = False,
        group_by: GroupBy = [],  # noqa: B006 - the schema's default; never changed
        interval: Interval = None,
        time_zone: TimeZone = "UTC",
        where: Where = ConversionFilterInput(),  # noqa: B008 - the schema's default; never changed
        credited_to: CreditedTo = None,
        order_by: KeyOrder = None,
        first: FirstKeys = 100,
    ) -> AttributionReport:
        """Answer from ``attribution_report``, the rows of which are the same in Python."""
        require_permission(info, VIEW_CONVERSION)
        _require_keys(first)
        named, window = named_models(models), attribution_window(window_days, source_windows)
        kept = credit_filter_of(credited_to)
        column, is_descending = report_order(order_by)
        conversions = where.apply(Conversion.objects.all())
        with user_errors({"by": "groupBy", "tz": "timeZone"}):
            report = conversions.attribution_report(
                named,
                [str(dimension.value) for dimension in group_by],
                interval=None if interval is None else str(interval.value),
                tz=time_zone,
                window_days=window.default_days,
                source_windows=window.days_by_source,
                exclude_direct=exclude_direct,
                credited_to=kept,
            )
        limited = report.top(first, order_by=column, is_descending=is_descending)
        _require_size(len(limited.rows))
        return AttributionReport.of(limited)

    @strawberry_django.field(
        description="Journeys that ended in a conversion: the most frequent ones, their lengths, and the days they "
        "took. Requires django_attribution.view_conversion."
    )
    def conversion_paths(
        self,
        info: Info,
        window_days: WindowDays = DEFAULT_DAYS,
        source_windows: SourceWindows = [],  # noqa: B006 - the schema's default; never changed
        exclude_direct: ExcludeDirect = False,
        collapse_repeats: CollapseRepeats = False,
        by: By = AttributionDimension.CHANNEL,
        where: Where = ConversionFilterInput(),  # noqa: B008 - the schema's default; never changed
        first: FirstPaths = 20,
    ) -> ConversionPaths:
        """Answer from ``conversion_paths``."""
        require_permission(info, VIEW_CONVERSION)
        if by is AttributionDimension.EVENT:
            message = "by must be a dimension of touches, and EVENT is one of conversions."
            raise BadUserInput(message, argument="by")
        window = attribution_window(window_days, source_windows)
        conversions = where.apply(Conversion.objects.all())
        with user_errors():
            found = conversions.conversion_paths(
                str(by.value),
                window_days=window.default_days,
                source_windows=window.days_by_source,
                exclude_direct=exclude_direct,
                collapse_repeats=collapse_repeats,
                first=first,
            )
        return ConversionPaths.of(found)

    @strawberry_django.field(
        description="What a dashboard offers for choice: models, events, channels, sources, currencies, and the time "
        "span that has data. Requires django_attribution.view_conversion."
    )
    def report_options(self, info: Info) -> ReportOptions:
        """Answer with what is selected."""
        require_permission(info, VIEW_CONVERSION)
        return report_options(info.selected_fields)


def _require_keys(first: int) -> None:
    """Refuse here what would be refused once all was read."""
    with user_errors():
        require_count("first", first, at_most=MAX_KEYS, of="keys")


def _require_size(results: int) -> None:
    if results > MAX_RESULTS:
        raise ApiError(
            f"The report has {results} results; at most {MAX_RESULTS} are allowed. "
            "Ask for fewer keys or models, for longer intervals, or for a shorter time.",
            code=ErrorCode.QUERY_TOO_COMPLEX,
        )
