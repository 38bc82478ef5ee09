"""The one page, whatever the address below ``store/``: what is shown there is the script's subject."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from example_project.storefront.json_calls import FORM, refusal


@require_safe
@never_cache
def page(request: HttpRequest, **address: str) -> HttpResponse:
    """Serve the page, and tell the script whom to ask. Attribution sees who arrives, as on any page."""
    config = {
        "graphqlUrl": reverse("graphql_api:graphql"),
        "csrfUrl": reverse("graphql_api:csrf"),
        "csrfToken": get_token(request),
        "apiUrl": reverse("storefront:home") + "api/",
    }
    return render(request, "storefront/page.html", {"config": config})


def no_endpoint(request: HttpRequest, anything: str) -> JsonResponse:
    """Say so in JSON."""
    return refusal({FORM: ["There is no such endpoint."]}, status=404)
