"""The Django app of the shop."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Products, a cart, orders and their payment."""

    name = "example_project.shop"
    label = "shop"
