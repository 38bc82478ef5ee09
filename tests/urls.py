"""The addresses that the tests visit."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from django_attribution.decorators import conversion_events
from graphql_api.schema import schema
from graphql_api.views import AsyncGraphQLView, GraphQLView
from tests.shop import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("graphql/", include("graphql_api.urls")),
    path("dashboard/", include("graphql_api.dashboard.urls")),
    path("async/graphql/", AsyncGraphQLView.as_view(schema=schema)),
    path("declared/graphql/", conversion_events("signup")(GraphQLView.as_view(schema=schema))),
    path("api/page/", views.page),
    path("page/", views.page),
    path("arrive/", views.arrive),
    path("arrive-twice/", views.arrive_twice),
    path("async/arrive/", views.async_arrive),
    path("orders/", views.order),
    path("payments/webhook/", views.payment_webhook),
    path("redirect/", views.redirect),
    path("stream/", views.stream),
    path("fail/", views.fail),
    path("convert/", views.convert),
    path("convert/<str:event>/", views.convert),
    path("convert-and-break/", views.convert_and_break),
    path("convert-and-fail/", views.convert_and_fail),
    path("login/<str:username>/", views.log_in),
    path("login-and-fail/<str:username>/", views.log_in_and_fail),
    path("logout/", views.log_out),
    path("sign-up/<str:username>/", views.sign_up),
    path("sign-up-and-fail/<str:username>/", views.sign_up_and_fail),
    path("whoami/", views.whoami),
    path("async/page/", views.async_page),
    path("async/convert/", views.async_convert),
    path("async/login/<str:username>/", views.async_log_in),
    path("async/log-out/", views.async_log_out),
    path("async/stream/", views.async_stream),
    path("async/whoami/", views.async_whoami),
    path("convert-then-log-out/", views.convert_then_log_out),
    path("log-out-then-convert/", views.log_out_then_convert),
    path("interrupted/", views.interrupted),
    path("nested/", views.nested),
    path("echo/", views.echo),
    path("endless/", views.endless),
    path("fields/", views.fields),
    path("say/<str:answer>/", views.say),
    path("reset/<str:uidb64>/<str:token>/", views.reset),
    path("erase-me/", views.erase_me),
    path("async/erase-me/", views.async_erase_me),
    path("async/consent/", views.async_consent),
    path("public/", views.public),
    path("theme/", views.theme),
]
