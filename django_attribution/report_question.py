"""A report as it is asked for in an address or on a command line, by two forms: which conversions, and which credit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any, cast

from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from django_attribution.attribution_models import last_touch
from django_attribution.credit_filter import CreditFilter
from django_attribution.exceptions import AttributionError
from django_attribution.filters import ConversionFilter
from django_attribution.models import Conversion
from django_attribution.querysets import ConversionQuerySet
from django_attribution.report_form import ORDERS, ReportForm
from django_attribution.report_rows import AttributionReport, ReportOrder

DEFAULTS = {"models": last_touch.name, "status": Conversion.Status.CONFIRMED.value}
HELP_TEXTS = {
    "occurred": "From a day on, in the time zone below, and before another; instants in ISO 8601 are taken too.",
    "status": "Any of these states; confirmed where none is ticked.",
}
FIELD_OF_ARGUMENT = {"model": "models"} | dict.fromkeys(CreditFilter.__dataclass_fields__, "credited_to")


class ReportQuestion:
    """A report as it was asked for: answers it, or says what cannot be used.

    Fields that are left out have their defaults. A day begins in the time zone that is asked for.
    """

    def __init__(self, data: MultiValueDict[str, Any], *, using: str | None = None) -> None:
        data = data.copy()
        for field, default in DEFAULTS.items():
            data.setlistdefault(field, [default])
        self.form = ReportForm(data)
        self.form.full_clean()
        self.zone: tzinfo = self.form.cleaned_data.get("tz", UTC)
        with timezone.override(self.zone):
            self.filter = ConversionFilter(data, queryset=Conversion.objects.using(using))
            for field, text in HELP_TEXTS.items():
                self.filter.form.fields[field].help_text = text
            self.filter.form.full_clean()

    def answer(self, *, progress: Callable[[int], None] | None = None) -> AttributionReport | None:
        """Return the report; None where something cannot be used, and ``errors()`` then tells what."""
        if self.errors():
            return None
        asked = dict(self.form.cleaned_data)
        first: int | None = asked.pop("first")
        order_by: ReportOrder = asked.pop("order_by") or ORDERS[0]
        try:
            conversions = cast(ConversionQuerySet, self.filter.qs)
            report = conversions.attribution_report(**asked, progress=progress)
            return report.ordered(order_by) if first is None else report.top(first, order_by=order_by)
        except AttributionError as error:
            field = getattr(error, "argument", "models")  # the others are of a model that breaks the rules
            field = FIELD_OF_ARGUMENT.get(field, field)
            self.form.add_error(field if field in self.form.fields else None, str(error))
            return None

    def errors(self) -> list[tuple[str, str]]:
        """Return each field that cannot be used, with the reason."""
        return [
            (field, str(message))
            for form in (self.form, self.filter.form)
            for field, messages in form.errors.items()
            for message in messages
        ]
