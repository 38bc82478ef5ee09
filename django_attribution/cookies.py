"""The signed identity cookie: a uuid and the time of signing, nothing else. Its worth is visitor.py's subject."""

from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers

from django_attribution.conf import attribution_settings

_SALT = "django_attribution.cookies"


def read_identity_cookie(request: HttpRequest) -> UUID | None:
    """Return the uuid a browser carries; None without a cookie, or with one that is forged or too old."""
    signed = request.COOKIES.get(attribution_settings.COOKIE_NAME)
    if not signed:
        return None
    try:
        return UUID(hex=_signer().unsign(signed, max_age=attribution_settings.COOKIE_MAX_AGE))
    except (signing.BadSignature, ValueError):
        return None


def set_identity_cookie(response: HttpResponseBase, uuid: UUID, *, request: HttpRequest) -> None:
    """Give the browser a uuid to carry, and keep shared caches from giving it to another."""
    secure = attribution_settings.COOKIE_SECURE
    made = HttpResponseBase()  # a setting that cannot work raises when half of the cookie is in a response
    made.set_cookie(
        attribution_settings.COOKIE_NAME,
        _signer().sign(uuid.hex),
        max_age=attribution_settings.COOKIE_MAX_AGE,
        path=attribution_settings.COOKIE_PATH,
        domain=attribution_settings.COOKIE_DOMAIN,
        secure=request.is_secure() if secure is None else secure,
        httponly=attribution_settings.COOKIE_HTTPONLY,
        samesite=attribution_settings.COOKIE_SAMESITE,
    )
    response.cookies.update(made.cookies)
    _keep_private(response)


def delete_identity_cookie(response: HttpResponseBase) -> None:
    """Take the cookie from the browser."""
    response.delete_cookie(
        attribution_settings.COOKIE_NAME,
        path=attribution_settings.COOKIE_PATH,
        domain=attribution_settings.COOKIE_DOMAIN,
        samesite=attribution_settings.COOKIE_SAMESITE,
    )
    _keep_private(response)


def _keep_private(response: HttpResponseBase) -> None:
    patch_vary_headers(response, ("Cookie",))
    patch_cache_control(response, private=True)


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=_SALT)
