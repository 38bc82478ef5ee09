"""The addresses that the tests visit, and Django's own for accounts."""

from django.urls import include, path

from tests import urls

urlpatterns = [*urls.urlpatterns, path("accounts/", include("django.contrib.auth.urls"))]
