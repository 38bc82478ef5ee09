"""``path("graphql/", include("graphql_api.urls"))``: the endpoint, and ``csrf/`` beside it."""

from django.urls import path

from graphql_api.schema import schema
from graphql_api.views import GraphQLView, csrf

app_name = "graphql_api"

urlpatterns = [
    path("", GraphQLView.as_view(schema=schema), name="graphql"),
    path("csrf/", csrf, name="csrf"),
]
