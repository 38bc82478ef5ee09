"""Signing up, logging in, and the account. At login the browser's history becomes the user's, by itself."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from django_attribution.decorators import conversion_events
from example_project.shop.customers import make_customer
from example_project.shop.forms import SignUpForm
from example_project.shop.models import Order


@conversion_events("signup")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Make a new customer of a visitor."""
    form = SignUpForm(request.POST or None)
    if request.method != "POST" or not form.is_valid() or make_customer(request, form) is None:
        return render(request, "shop/sign_up.html", {"form": form})
    return redirect("shop:account")


class LogIn(LoginView):
    """Log a customer in; whoever is in already goes to the account."""

    template_name = "shop/log_in.html"
    redirect_authenticated_user = True


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show a customer's orders."""
    orders = Order.objects.filter(user=request.user.pk).prefetch_related("lines__product")
    return render(request, "shop/account.html", {"orders": orders})
