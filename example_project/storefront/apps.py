"""The Django app of the storefront."""

from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    """A page, its script and its endpoints; the tables are the shop's."""

    name = "example_project.storefront"
    label = "storefront"
