"""Whose order is it? A customer's, or that of the browser it was placed in; nobody else may see it."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from example_project.shop.models import Order

_OWN_ORDERS = "orders"  # session key: numbers of the orders placed in this browser


def remember_order(request: HttpRequest, order: Order) -> None:
    """Let this browser see an order that was placed in it."""
    request.session[_OWN_ORDERS] = [*request.session.get(_OWN_ORDERS, []), order.number]


def is_remembered(request: HttpRequest, order: Order) -> bool:
    """Tell whether the order was placed in this browser, as far as its session knows."""
    return order.number in request.session.get(_OWN_ORDERS, [])


def own_orders(request: HttpRequest) -> QuerySet[Order]:
    """Return the orders that the request may see, newest first."""
    is_own = Q(number__in=request.session.get(_OWN_ORDERS, []))
    if request.user.is_authenticated:
        is_own |= Q(user=request.user.pk)
    return Order.objects.filter(is_own)
