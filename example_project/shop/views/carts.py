"""What people do with the cart."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from example_project.shop.cart import Cart
from example_project.shop.forms import CurrencyForm, QuantityForm
from example_project.shop.models import Product
from example_project.shop.turns import takes_turns


def cart(request: HttpRequest) -> HttpResponse:
    """Show the cart."""
    lines = list(Cart(request))
    return render(request, "shop/cart.html", {"lines": lines, "total": sum(line.price for line in lines)})


@require_POST
@takes_turns
def change_cart(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a product (``action=add``) or change its quantity."""
    product = get_object_or_404(Product, slug=slug, is_on_sale=True)
    form = QuantityForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Please give a quantity from 0 to 20.")
        return redirect("shop:cart")
    quantity = form.cleaned_data["quantity"]
    if request.POST.get("action") == "add":
        Cart(request).add(product, quantity=quantity)
        messages.success(request, f"{product} is in your cart.")
    else:
        Cart(request).set(product, quantity=quantity)
    return redirect("shop:cart")


@require_POST
@takes_turns
def choose_currency(request: HttpRequest) -> HttpResponse:
    """Change the currency and go back to the page."""
    form = CurrencyForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("The shop does not sell in this currency.")
    Cart(request).choose_currency(form.cleaned_data["currency"])
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if is_ours else "shop:products")
