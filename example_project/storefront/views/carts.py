"""Who is there, and what they do with the cart. Each answers with the session as it is then."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from example_project.shop.cart import Cart
from example_project.shop.forms import CurrencyForm
from example_project.shop.models import Product
from example_project.shop.turns import takes_turns
from example_project.storefront.answers import session_answer
from example_project.storefront.forms import CartForm
from example_project.storefront.json_calls import FORM, json_post, refusal


@require_safe
@never_cache
def session(request: HttpRequest) -> JsonResponse:
    """Tell who is there."""
    return JsonResponse(session_answer(request))


@json_post
@takes_turns
def change_cart(request: HttpRequest, posted: dict[str, Any], slug: str) -> JsonResponse:
    """Add a product or change its quantity; 0 takes it out."""
    product = Product.objects.filter(slug=slug, is_on_sale=True).first()
    if product is None:
        return refusal({FORM: ["This product is not for sale any more."]}, status=404)
    form = CartForm(posted)
    if not form.is_valid():
        return refusal(form.errors)
    change = Cart(request).add if form.cleaned_data["action"] == "add" else Cart(request).set
    change(product, quantity=form.cleaned_data["quantity"])
    return JsonResponse(session_answer(request))


@json_post
@takes_turns
def choose_currency(request: HttpRequest, posted: dict[str, Any]) -> JsonResponse:
    """Show and charge in another currency."""
    form = CurrencyForm(posted)
    if not form.is_valid():
        return refusal(form.errors)
    Cart(request).choose_currency(form.cleaned_data["currency"])
    return JsonResponse(session_answer(request))
