"""The report in the admin: a page with a form, and the same report as a CSV that is streamed.

What is asked is read by report_question.py; what is shown is written by report_output.py and report_csv.py.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from django_attribution.report_csv import csv_response
from django_attribution.report_output import table_of
from django_attribution.report_question import ReportQuestion
from django_attribution.report_rows import AttributionReport

MAX_TABLE_LINES = 2000  # of the table on a page; the CSV has all
DAYS = 30  # that are asked for at first
KEYS = 50  # that are asked for at first

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = object


class ReportAdminMixin(_ModelAdmin):
    """Adds ``report/`` and ``report.csv`` to the admin of conversions, for those who may view conversions."""

    def get_urls(self) -> list[URLPattern]:
        """Return the two addresses before those that take anything for a primary key."""
        views = (("report/", "report", self.report_view), ("report.csv", "report_csv", self.report_csv_view))
        return [
            *(
                path(route, self.admin_site.admin_view(require_safe(view)), name=self._name(name))
                for route, name, view in views
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Tell the list whether to offer the report."""
        context = {"may_see_report": self.has_view_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def report_view(self, request: HttpRequest) -> HttpResponseBase:
        """Show the form, and the answer below it or what is wrong at its fields."""
        question, data = self._asked(request)
        return self._page(request, question, data, question.answer())

    def report_csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """Stream the rows; where something cannot be used, show the form, which says so."""
        question, data = self._asked(request)
        report = question.answer()
        if report is None:
            return self._page(request, question, data, None, status=400)
        return csv_response(request, report)

    def _page(
        self,
        request: HttpRequest,
        question: ReportQuestion,
        data: QueryDict,
        report: AttributionReport | None,
        *,
        status: int = 200,
    ) -> TemplateResponse:
        table = None if report is None else table_of(report)
        lines = () if table is None else table.lines
        csv_name = f"{self.admin_site.name}:{self._name('report_csv')}"
        context = {
            **self.admin_site.each_context(request),
            "title": "Attribution report",
            "opts": self.opts,
            "form": question.form,
            "filter_form": question.filter.form,
            "table": table,
            "lines": lines[:MAX_TABLE_LINES],
            "left_out": max(0, len(lines) - MAX_TABLE_LINES),
            "csv_url": f"{reverse(csv_name)}?{data.urlencode()}",
            "time_zones": _time_zones(),
        }
        return TemplateResponse(request, "admin/django_attribution/conversion/report.html", context, status=status)

    def _asked(self, request: HttpRequest) -> tuple[ReportQuestion, QueryDict]:
        if not self.has_view_permission(request):
            raise PermissionDenied
        data = request.GET or _first_question()
        return ReportQuestion(data), data

    @staticmethod
    def _name(view: str) -> str:
        return f"django_attribution_conversion_{view}"


def _first_question() -> QueryDict:
    """Return what is asked before anybody has: the last days, in few keys."""
    since = timezone.now().astimezone(UTC).date() - timedelta(days=DAYS)
    return QueryDict(
        f"occurred_after={since}&status=confirmed&models=last_touch&by=channel&tz=UTC&window_days=30&first={KEYS}"
    )


@cache
def _time_zones() -> list[str]:
    return sorted(available_timezones())
