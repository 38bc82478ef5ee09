"""The dashboard's page, which holds no data, and the report as a CSV. Whoever may view conversions may see both.

Everything that the page shows, its script asks of the GraphQL endpoint, where permissions are checked again.
"""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from django_attribution.report_csv import csv_response
from django_attribution.report_question import ReportQuestion
from graphql_api.dashboard.account import account_of
from graphql_api.dashboard.endpoint import CSRF, ENDPOINT
from graphql_api.permissions import VIEW_CONVERSION


@method_decorator(never_cache, name="dispatch")
class DashboardView(PermissionRequiredMixin, TemplateView):
    """The page. Strangers are sent to the login page, and users without the permission get a 403."""

    permission_required = VIEW_CONVERSION
    template_name = "attribution_dashboard/dashboard.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Tell the script whom to ask, and people who they are."""
        config = {
            "graphqlUrl": reverse(ENDPOINT),
            "csrfUrl": reverse(CSRF),
            "csrfToken": get_token(self.request),
            "csvUrl": reverse("attribution_dashboard:report_csv"),
        }
        account = account_of(self.request.user)
        return super().get_context_data(config=config, account=account, **kwargs)


@require_safe
@never_cache
@login_required
@permission_required(VIEW_CONVERSION, raise_exception=True)
def report_csv(request: HttpRequest) -> HttpResponseBase:
    """Stream the report that the address asks for, as the admin does; 400 says what cannot be used."""
    question = ReportQuestion(request.GET)
    report = question.answer()
    if report is None:
        wrong = "\n".join(f"{field}: {message}" for field, message in question.errors())
        return HttpResponse(f"{wrong}\n", "text/plain; charset=utf-8", status=400)
    return csv_response(request, report)
