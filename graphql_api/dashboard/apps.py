"""The Django app of the dashboard."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """A page, its script and its checks; no tables."""

    name = "graphql_api.dashboard"
    label = "attribution_dashboard"
    verbose_name = "Attribution dashboard"

    def ready(self) -> None:
        """Register the checks."""
        from graphql_api.dashboard import checks  # noqa: F401 - registers itself
