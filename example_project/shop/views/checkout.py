"""From the cart to the thank-you page. The order's conversion is recorded here, pending until it is paid for."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import FormView

from django_attribution.mixins import ConversionEventsMixin
from django_attribution.shortcuts import record_conversion
from example_project.shop.cart import Cart
from example_project.shop.forms import CheckoutForm
from example_project.shop.models import Order
from example_project.shop.orders import ORDER_PLACED, place_order
from example_project.shop.payments import payment_message, receive_payment, sign

_OWN_ORDERS = "orders"  # session key: numbers of the orders placed in this browser


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
        """Store order and conversion together, then go and pay."""
        user = self.request.user if self.request.user.is_authenticated else None
        currency = Cart(self.request).currency
        with transaction.atomic():
            order = place_order(self.lines, currency=currency, email=form.cleaned_data["email"], user=user)
            record_conversion(
                self.request,
                ORDER_PLACED,
                value=order.total,
                currency=order.currency,
                source_object=order,
                is_confirmed=False,
                idempotency_key=f"order-{order.number}",
            )
        Cart(self.request).clear()
        self.request.session[_OWN_ORDERS] = [*self.request.session.get(_OWN_ORDERS, []), order.number]
        return redirect("shop:pay", order.number)


def pay(request: HttpRequest, number: str) -> HttpResponse:
    """Stand in for the payment provider's page, which calls the webhook and sends the customer back."""
    order = _own_order(request, number)
    if order.status != Order.Status.PENDING:
        return redirect(order)
    if request.method != "POST":
        return render(request, "shop/pay.html", {"order": order})
    if request.POST.get("outcome") == "paid":
        body = payment_message(order)
        # In-process, where a real provider sends HTTP: a one-threaded server cannot answer itself.
        receive_payment(body, signature=sign(body))
    return redirect(order)


def order_detail(request: HttpRequest, number: str) -> HttpResponse:
    """Say thank you, or that the payment is still missing."""
    return render(request, "shop/order.html", {"order": _own_order(request, number)})


def _own_order(request: HttpRequest, number: str) -> Order:
    """Return an order of this customer, or of this browser; nobody else may see it."""
    order = get_object_or_404(Order.objects.prefetch_related("lines__product"), number=number)
    is_customers = request.user.is_authenticated and order.user_id == request.user.pk
    if not is_customers and number not in request.session.get(_OWN_ORDERS, []):
        raise Http404("There is no such order.")
    return order
