"""The dashboard: a Django app of its own, one page that asks the GraphQL endpoint.

``INSTALLED_APPS = [..., "graphql_api.dashboard"]`` and ``path("dashboard/", include("graphql_api.dashboard.urls"))``.
Its script is built from ``frontend/`` into ``static/``.
"""
