"""Whom the dashboard asks: the names of the two addresses that ``graphql_api.urls`` gives a site."""

ENDPOINT = "graphql_api:graphql"
CSRF = "graphql_api:csrf"
