"""The addresses of the storefront: its endpoints, and one page for all the rest."""

from django.urls import path

from example_project.storefront.views import carts, customers, orders, page, shelves

app_name = "storefront"
urlpatterns = [
    path("api/shelves/", shelves.shelves, name="shelves"),
    path("api/session/", carts.session, name="session"),
    path("api/cart/<slug:slug>/", carts.change_cart, name="change_cart"),
    path("api/currency/", carts.choose_currency, name="currency"),
    path("api/orders/", orders.place_order, name="place_order"),
    path("api/orders/<str:number>/", orders.order_detail, name="order_detail"),
    path("api/sign-up/", customers.sign_up, name="sign_up"),
    path("api/log-in/", customers.log_in, name="log_in"),
    path("api/log-out/", customers.log_out, name="log_out"),
    path("api/account/", customers.account, name="account"),
    path("api/<path:anything>", page.no_endpoint),
    # The script finds out what to show; these two have names because Django leads to them.
    path("", page.page, name="home"),
    path("orders/<str:number>/", page.page, name="order"),
    path("<path:anything>", page.page),
]
