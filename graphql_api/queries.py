"""The root queries: check who asks, hand over to the package's querysets, fetch what is selected."""

from __future__ import annotations

from typing import Annotated, Any, cast

import strawberry
import strawberry_django
from django.db.models import Prefetch
from strawberry.types.nodes import SelectedField

from django_attribution.identity import attribution_of
from django_attribution.models import Conversion, Touchpoint
from django_attribution.recording import is_storable
from django_attribution.windows import DEFAULT_DAYS
from graphql_api.connections import After, AttributedConversionConnection, Before, First, Last, Page
from graphql_api.credited_rows import budget_of
from graphql_api.errors import ApiError, ErrorCode
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
from graphql_api.selections import selected
from graphql_api.types import JOURNEY_LENGTH, MAX_JOURNEY, RecordedConversion

Model = Annotated[AttributionModel, strawberry.argument(description="Who earns the credit.")]
OrderBy = Annotated[
    list[ConversionOrderInput], strawberry.argument(description="In which order; newest first when empty.")
]
IdempotencyKey = Annotated[str, strawberry.argument(description="The key that the conversion was recorded with.")]

MAX_CREDITS = 10_000  # of the conversions of one page: a visitor may have thousands of touches
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
        may_see_identities, may_see_touches = has_permission(info, VIEW_IDENTITY), has_permission(info, VIEW_TOUCHPOINT)
        page = Page(first=first, after=after, last=last, before=before)
        window, kept = attribution_window(window_days, source_windows), credit_filter_of(credited_to)
        conversions = where.apply(Conversion.objects.all())
        are_credits_shown = bool(selected(info.selected_fields, *_ROOT, "edges", "credits"))
        if not kept.keeps_all or are_credits_shown:
            conversions = conversions.with_attribution(
                PER_CONVERSION[model.name],
                window_days=window.default_days,
                source_windows=window.days_by_source,
                exclude_direct=exclude_direct,
            )
        if not kept.keeps_all:
            conversions = conversions.maybe_credited_to(kept)
        if not are_credits_shown:
            conversions = conversions.prefetch_related(None)  # journeys are long
        prefetched: list[str | Prefetch[Any]] = []
        identities = selected(info.selected_fields, *_ROOT, "edges", "node", "identity")
        if identities and may_see_identities:
            prefetched.append("identity")
            journeys = selected(identities, "identity", "journey")
            if journeys and may_see_touches:
                prefetched.append(_journeys(journeys))
        is_counted = bool(selected(info.selected_fields, *_ROOT, "totalCount"))
        connection = page.fetch(
            conversions,
            order=conversion_order(order_by),
            credited_to=kept,
            budget=budget_of(info.context.request),
            prefetched=prefetched,
            is_counted=is_counted,
        )
        if are_credits_shown:
            _require_few_credits(connection)
        return connection

    @strawberry_django.field(
        description="The caller's own conversion, by the key it was recorded with; null for any other."
    )
    def recorded_conversion(self, info: Info, idempotency_key: IdempotencyKey) -> RecordedConversion | None:
        """Answer only from what the current visitor did."""
        identity = attribution_of(info.context.request).resolve()
        if identity is None or not is_storable(idempotency_key):
            return None
        own = Conversion.objects.on_primary().filter(idempotency_key=idempotency_key, identity=identity)
        # The browser's row before a server's under the same key; one that the server has taken over is the server's.
        return cast(RecordedConversion | None, own.order_by("origin").first())


def _require_few_credits(connection: AttributedConversionConnection) -> None:
    credits = sum(edge.row.conversion.most_credits() for edge in connection.edges)
    if credits > MAX_CREDITS:
        raise ApiError(
            f"The page has up to {credits:,} credits; at most {MAX_CREDITS:,} are allowed. "
            "Ask for a smaller page, a shorter window, or a model that credits one touch.",
            code=ErrorCode.QUERY_TOO_COMPLEX,
        )


def _journeys(asked: list[SelectedField]) -> Prefetch[Any]:
    """Return the prefetch of the longest journey that is asked for, whatever aliases ask for it."""
    lengths = [_length_of(field.arguments.get("first")) for field in asked]
    touches = Touchpoint.objects.order_by("created_at", "id")[: max(1, min(max(lengths), MAX_JOURNEY))]
    return Prefetch("identity__touchpoints", queryset=touches, to_attr="journey_touchpoints")


def _length_of(first: Any) -> int:
    return JOURNEY_LENGTH if first is None else int(first)  # a literal comes as text, a variable as a number
