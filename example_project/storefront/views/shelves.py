"""What is in the shop, and the pages that campaigns lead to: the same for everybody."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from example_project.shop.campaigns import LANDINGS
from example_project.shop.models import Product
from example_project.storefront.answers import landing_answer, product_answer


@require_safe
def shelves(request: HttpRequest) -> JsonResponse:
    """Tell everything at once: there are few things, chosen well."""
    products = Product.objects.filter(is_on_sale=True)
    return JsonResponse(
        {
            "products": [product_answer(product) for product in products],
            "landings": [landing_answer(landing) for landing in LANDINGS.values()],
        }
    )
