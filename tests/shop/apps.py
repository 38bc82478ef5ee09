"""The app whose objects the tests convert on."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """A shop without migrations, so that Django makes its tables straight from the models."""

    name = "tests.shop"
    label = "shop"
    default_auto_field = "django.db.models.BigAutoField"
