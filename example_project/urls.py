"""Every address of the example: the shop, the storefront, GraphQL, the dashboard, the admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("example_project.shop.urls")),
    path("store/", include("example_project.storefront.urls")),
    path("graphql/", include("graphql_api.urls")),
    path("dashboard/", include("graphql_api.dashboard.urls")),
    path("admin/", admin.site.urls),
]
