"""What the shop remembers about its visitor's way here, and the way to have it forgotten."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from django_attribution.consent import Consent
from django_attribution.identity import attribution_of
from django_attribution.shortcuts import erase_visitor
from example_project.shop.consent import forget_no, remember_no

SHOWN = 20  # visits, the newest


@never_cache
def privacy(request: HttpRequest) -> HttpResponse:
    """Show what is remembered, and offer to forget it."""
    visitor = attribution_of(request)
    visits = [] if visitor.identity is None else visitor.identity.touchpoints.order_by("-created_at", "-id")[:SHOWN]
    is_tracked = visitor.consent is Consent.GRANTED
    return render(request, "shop/privacy.html", {"visits": visits, "is_tracked": is_tracked})


@require_POST
def forget_me(request: HttpRequest) -> HttpResponse:
    """Erase what is held about the visitor, and track them no more."""
    erased = erase_visitor(request)
    messages.success(request, f"Forgotten: {erased.touchpoints} visit{'' if erased.touchpoints == 1 else 's'}.")
    response = redirect("shop:privacy")
    remember_no(response)
    return response


@require_POST
def track_me(request: HttpRequest) -> HttpResponse:
    """Take the no back."""
    response = redirect("shop:privacy")
    forget_no(response)
    return response
