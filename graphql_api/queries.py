"""The root queries: check who asks, hand over to the package's querysets, fetch what is selected."""

from __future__ import annotations

from typing import Annotated, cast

import strawberry
import strawberry_django
from strawberry.types.nodes import SelectedField

from django_attribution.identity import attribution_of
from django_attribution.models import Conversion
from django_attribution.recording import is_storable
from django_attribution.windows import DEFAULT_DAYS
from graphql_api.connections import After, AttributedConversionConnection, Before, First, Last, Page
from graphql_api.inputs import (
    ConversionFilterInput,
    ConversionOrderInput,
    ExcludeDirect,
    SourceWindows,
    Where,
    WindowDays,
    attribution_window,
    conversion_order,
)
from graphql_api.model_enums import PER_CONVERSION, AttributionModel
from graphql_api.page_contents import PageContents
from graphql_api.permissions import (
    VIEW_CONVERSION,
    VIEW_IDENTITY,
    VIEW_TOUCHPOINT,
    Info,
    has_permission,
    require_permission,
)
from graphql_api.report_inputs import CreditedTo, credit_filter_of
from graphql_api.report_queries import ReportQuery
from graphql_api.request_budgets import budgets_of
from graphql_api.selections import selected
from graphql_api.types import RecordedConversion

Model = Annotated[AttributionModel, strawberry.argument(description="Who earns the credit.")]
OrderBy = Annotated[
    list[ConversionOrderInput], strawberry.argument(description="In which order; newest first when empty.")
]
IdempotencyKey = Annotated[str, strawberry.argument(description="The key that the conversion was recorded with.")]

_ROOT = ("attributedConversions",)  # the selection of a field begins with the field itself


@strawberry.type(description="What dashboards and front ends may ask.")
class Query(ReportQuery):
    """Every list requires a permission; a browser gets at its own conversion and nothing else."""

    @strawberry_django.field(
        description="Conversions with the credit that the given model gives. "
        "Requires django_attribution.view_conversion."
    )
    def attributed_conversions(
        self,
        info: Info,
        model: Model = AttributionModel.LAST_TOUCH,
        window_days: WindowDays = DEFAULT_DAYS,
        source_windows: SourceWindows = [],  # noqa: B006 - the schema's default; never changed
        exclude_direct: ExcludeDirect = False,
        where: Where = ConversionFilterInput(),  # noqa: B008 - the schema's default; never changed
        credited_to: CreditedTo = None,
        order_by: OrderBy = [],  # noqa: B006 - the schema's default; never changed
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> AttributedConversionConnection:
        """Answer from ``with_attribution``, asking it only when credits are selected."""
        require_permission(info, VIEW_CONVERSION)
        budgets = budgets_of(info.context.request)
        contents = PageContents.of(
            cast(list[SelectedField], info.selected_fields),
            budgets.answers,
            may_see_identities=has_permission(info, VIEW_IDENTITY),
            may_see_touches=has_permission(info, VIEW_TOUCHPOINT),
        )
        contents.begin()
        page = Page(first=first, after=after, last=last, before=before)
        window, kept = attribution_window(window_days, source_windows), credit_filter_of(credited_to)
        conversions = where.apply(Conversion.objects.all())
        if not kept.keeps_all or contents.credits:
            conversions = conversions.with_attribution(
                PER_CONVERSION[model.name],
                window_days=window.default_days,
                source_windows=window.days_by_source,
                exclude_direct=exclude_direct,
            )
        if not kept.keeps_all:
            conversions = conversions.maybe_credited_to(kept)
        return page.fetch(
            conversions,
            order=conversion_order(order_by),
            credited_to=kept,
            budget=budgets.looks,
            contents=contents,
            is_counted=bool(selected(info.selected_fields, *_ROOT, "totalCount")),
        )

    @strawberry_django.field(
        description="The caller's own conversion, by the key it was recorded with; null for any other."
    )
    def recorded_conversion(self, info: Info, idempotency_key: IdempotencyKey) -> RecordedConversion | None:
        """Answer only from what the current visitor did."""
        identity = attribution_of(info.context.request).resolve()
        if identity is None or not is_storable(idempotency_key):
            return None
        own = Conversion.objects.on_primary().filter(idempotency_key=idempotency_key, identity=identity)
        # The browser's row before a server's under the same key, unless it was voided for the server's sake; one that
        # the server has taken over is the server's.
        return cast(RecordedConversion | None, own.order_by("-is_active", "origin").first())
