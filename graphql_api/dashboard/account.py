"""Who looks at the page, and the ways out of it: to the admin, and to be logged out."""

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse


def account_of(user: AbstractBaseUser | AnonymousUser) -> dict[str, str | None]:
    """Return what the page says of its user; an address is None where the site has none for them."""
    is_staff: bool = getattr(user, "is_staff", False)  # a user model of the site's own may do without
    return {
        "name": user.get_username(),
        "admin_url": _address("admin:index") if is_staff else None,
        "log_out_url": _log_out_url(is_staff=is_staff),
    }


def _log_out_url(*, is_staff: bool) -> str | None:
    """LOGOUT_URL, a name or a path as LOGIN_URL is, or Django's own view; the admin's lets only staff in."""
    chosen: str | None = getattr(settings, "LOGOUT_URL", None)
    if chosen:
        return resolve_url(chosen)
    return _address("logout") or (_address("admin:logout") if is_staff else None)


def _address(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
