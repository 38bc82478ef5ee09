"""Pages to look at. They know nothing of attribution: the middlewares see who arrives on them, and from where."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from example_project.shop.campaigns import LANDINGS, SHORT_LINKS
from example_project.shop.models import Product


def home(request: HttpRequest) -> HttpResponse:
    """Show the front page."""
    featured = Product.objects.filter(is_on_sale=True).order_by("-price_usd", "pk")[:4]
    return render(request, "shop/home.html", {"products": featured, "landings": LANDINGS.values()})


def landing(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a campaign's page."""
    if slug not in LANDINGS:
        raise Http404("There is no such landing page.")
    products = Product.objects.filter(is_on_sale=True, kind__in=LANDINGS[slug].kinds)
    return render(request, "shop/landing.html", {"landing": LANDINGS[slug], "products": products})


def short_link(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the visitor of a short link on to its page; the visit is recorded here, redirect or not."""
    if slug not in SHORT_LINKS:
        raise Http404("There is no such link.")
    return redirect("shop:landing", SHORT_LINKS[slug])


def product_list(request: HttpRequest) -> HttpResponse:
    """Show everything there is."""
    return render(request, "shop/product_list.html", {"products": Product.objects.filter(is_on_sale=True)})


def product_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one product."""
    product = get_object_or_404(Product, slug=slug, is_on_sale=True)
    return render(request, "shop/product_detail.html", {"product": product})
