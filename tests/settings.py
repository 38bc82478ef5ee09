"""Settings for the tests: SQLite in a file, or the PostgreSQL that ATTRIBUTION_TEST_DATABASE_URL names.

Knows nothing of how a PostgreSQL gets started (``tests/postgres_server.py``) nor of the example project.
"""

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def postgres_database(url: str) -> dict[str, Any]:
    """Read ``postgres://user:password@host:port/name?host=/socket/folder`` into a Django database setting."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(
            f"ATTRIBUTION_TEST_DATABASE_URL starts with {parts.scheme!r}. "
            "Allowed: postgres://user:password@host:port/name."
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": parts.port or "",
        "OPTIONS": options,
    }


def sqlite_database() -> dict[str, Any]:
    """Name a file of this process alone: threads share a file, but not a ``:memory:`` database."""
    name = str(Path(tempfile.gettempdir()) / f"attribution-tests-{os.getpid()}.sqlite3")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "TEST": {"NAME": name},
        # Writers queue for `timeout` seconds instead of failing with "database is locked".
        # No power fails here, so nothing waits for the disk.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA synchronous=OFF"},
    }


POSTGRES_URL = os.environ.get("ATTRIBUTION_TEST_DATABASE_URL", "")
DATABASES = {"default": postgres_database(POSTGRES_URL) if POSTGRES_URL else sqlite_database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django_attribution",
    "graphql_api.dashboard",
    "tests.shop",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_attribution.middlewares.TrackingParameterMiddleware",
    "django_attribution.middlewares.AttributionMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the fastest; nothing here is secret
LOGIN_URL = "admin:login"
ROOT_URLCONF = "tests.urls"
SECRET_KEY = "only-for-the-tests"
STATIC_URL = "static/"
USE_TZ = True
