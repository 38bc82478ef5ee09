"""The addresses of the shop."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from example_project.shop.views import accounts, carts, checkout, pages, privacy, webhooks

app_name = "shop"
urlpatterns = [
    path("", pages.home, name="home"),
    path("landing/<slug:slug>/", pages.landing, name="landing"),
    path("go/<slug:slug>/", pages.short_link, name="short_link"),
    path("products/", pages.product_list, name="products"),
    path("products/<slug:slug>/", pages.product_detail, name="product"),
    path("cart/", carts.cart, name="cart"),
    path("cart/<slug:slug>/", carts.change_cart, name="change_cart"),
    path("currency/", carts.choose_currency, name="currency"),
    path("checkout/", checkout.CheckoutView.as_view(), name="checkout"),
    path("pay/<str:number>/", checkout.pay, name="pay"),
    path("orders/<str:number>/", checkout.order_detail, name="order"),
    path("webhooks/payment/", webhooks.payment, name="payment_webhook"),
    path("sign-up/", accounts.sign_up, name="sign_up"),
    path("login/", accounts.LogIn.as_view(), name="log_in"),
    path("logout/", LogoutView.as_view(), name="log_out"),
    path("account/", accounts.account, name="account"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/forget-me/", privacy.forget_me, name="forget_me"),
    path("privacy/track-me/", privacy.track_me, name="track_me"),
]
