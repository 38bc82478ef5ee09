"""The dashboard: a Django app of its own, one page that asks the GraphQL endpoint and nothing else.

It lives in this package since it is compiled against this package's schema: both are released together, and a breaking
change of the schema stops the build. A site adds it with ``"graphql_api.dashboard"`` in INSTALLED_APPS and
``path("dashboard/", include("graphql_api.dashboard.urls"))``. Its script is built from ``frontend/`` into ``static/``.
"""
