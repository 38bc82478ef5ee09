"""From the cart to the thank-you page. The order's conversion is recorded here, pending until it is paid for."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views.generic import FormView

from django_attribution.mixins import ConversionEventsMixin
from example_project.shop.cart import Cart
from example_project.shop.checkout import order_cart
from example_project.shop.forms import CheckoutForm
from example_project.shop.models import Order
from example_project.shop.orders import ORDER_PLACED
from example_project.shop.own_orders import own_orders
from example_project.shop.payments import payment_message, receive_payment, return_address, sign
from example_project.shop.turns import takes_turns


@method_decorator(takes_turns, name="dispatch")
class CheckoutView(ConversionEventsMixin, FormView):  # type: ignore[type-arg]  # no generics at run time
    """Turns the cart into a pending order and sends the customer to the payment provider."""

    conversion_events = (ORDER_PLACED,)
    form_class = CheckoutForm
    template_name = "shop/checkout.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Send whoever has nothing to pay for back to the cart."""
        self.lines = list(Cart(request))
        if not self.lines:
            return redirect("shop:cart")
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """Fill in what is known of a customer."""
        return {"email": getattr(self.request.user, "email", "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Show what will be paid."""
        return super().get_context_data(lines=self.lines, total=sum(line.price for line in self.lines), **kwargs)

    def form_valid(self, form: CheckoutForm) -> HttpResponse:
        """Place the order, then go and pay."""
        order = order_cart(self.request, email=form.cleaned_data["email"])
        return redirect("shop:pay", order.number)


def pay(request: HttpRequest, number: str) -> HttpResponse:
    """Stand in for the payment provider's page, which calls the webhook and sends the customer back."""
    order = get_object_or_404(own_orders(request), number=number)
    if order.status != Order.Status.PENDING:
        return redirect(order)
    if request.method != "POST":
        return render(request, "shop/pay.html", {"order": order})
    outcome = request.POST.get("outcome")
    if outcome == "paid":
        body = payment_message(order)
        # In-process, where a real provider sends HTTP: a one-threaded server cannot answer itself.
        receive_payment(body, signature=sign(body))
    return redirect(return_address(order, is_paid=outcome in ("paid", "paid_late")))


def order_detail(request: HttpRequest, number: str) -> HttpResponse:
    """Say thank you, or that the payment is still missing."""
    orders = own_orders(request).prefetch_related("lines__product")
    return render(request, "shop/order.html", {"order": get_object_or_404(orders, number=number)})
