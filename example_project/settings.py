"""Settings of the example shop: a demo on this machine, unless ``EXAMPLE_DEBUG=0`` makes it a site behind HTTPS.

What attribution needs is marked "attribution"; everything else is an ordinary Django project.
"""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PROJECT = Path(__file__).resolve().parent

DEBUG = os.environ.get("EXAMPLE_DEBUG", "1") == "1"


def _secret(name: str, *, of_demo: str) -> str:
    """Read a secret that only the demo has a default for: what anyone can read here protects nothing."""
    if DEBUG:
        return of_demo
    if not os.environ.get(name):
        raise ImproperlyConfigured(f"With EXAMPLE_DEBUG=0, set {name} to 50 random characters of your own.")
    return os.environ[name]


SECRET_KEY = _secret("EXAMPLE_SECRET_KEY", of_demo="demo-only-anyone-can-read-this-key-so-never-use-it-for-a-real-site")
HOST = os.environ.get("EXAMPLE_HOST", "127.0.0.1")  # where `run.py demo` listens
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "*" if DEBUG and HOST in ("0.0.0.0", "::") else HOST]  # noqa: S104 - not bound here, only compared

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_attribution",  # attribution: the models, the admin, the commands
    "graphql_api.dashboard",  # attribution: the dashboard
    "example_project.shop",
    "example_project.storefront",
]

MIDDLEWARE = [
    "example_project.storefront.static_host.StaticHostMiddleware",  # stands in for a CDN
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_attribution.middlewares.TrackingParameterMiddleware",  # attribution: reads the URL
    "django_attribution.middlewares.AttributionMiddleware",  # attribution: knows the visitor
]

# attribution
DJANGO_ATTRIBUTION = {
    "CURRENCY": "USD",
    "CONSENT": "example_project.shop.consent.consent",
    "CLIENT_EVENTS": {
        "newsletter_signup": {},
        "order_placed": {"value": True, "max_value": 1000, "currencies": ["USD", "EUR"]},  # pending until it is paid
    },
}

ROOT_URLCONF = "example_project.urls"
WSGI_APPLICATION = "example_project.wsgi.application"
ASGI_APPLICATION = "example_project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "example_project.shop.context_processors.shop",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("EXAMPLE_DATABASE", PROJECT / "db.sqlite3"),
        "OPTIONS": {
            # Writers queue instead of failing with "database is locked", and readers never wait for them.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,  # seconds
            # Reports read rows from all over the file: mapped into memory (bytes), a page costs no call of the system.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=1073741824;",
        },
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "shop:log_in"
LOGIN_REDIRECT_URL = "shop:account"
LOGOUT_URL = "shop:log_out"
LOGOUT_REDIRECT_URL = "shop:home"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"

# Plain HTTP on this machine for the demo; elsewhere HTTPS alone, also of what browsers remember.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_HSTS_SECONDS = 0 if DEBUG else 60 * 60 * 24 * 365  # a year
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
# The proxy that ends HTTPS says so in this header; believe it only where a proxy sets it, and strips the visitor's own.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("EXAMPLE_BEHIND_PROXY") == "1" else None

# The shop's own: what it sells in, and what it shares with the (simulated) payment provider.
SHOP_CURRENCIES = ("USD", "EUR")
SHOP_PAYMENT_SECRET = _secret("EXAMPLE_PAYMENT_SECRET", of_demo="demo-only-shared-with-the-payment-provider")
