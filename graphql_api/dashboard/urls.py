"""``path("dashboard/", include("graphql_api.dashboard.urls"))``: the page, and its report as a CSV."""

from django.urls import path

from graphql_api.dashboard.views import DashboardView, report_csv

app_name = "attribution_dashboard"

urlpatterns = [
    path("", DashboardView.as_view(), name="dashboard"),
    path("report.csv", report_csv, name="report_csv"),
]
