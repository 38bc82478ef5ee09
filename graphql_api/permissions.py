"""Who may ask: Django's permissions, answered with UNAUTHENTICATED or FORBIDDEN rather than with silence."""

from typing import Any

import strawberry

from graphql_api.errors import ApiError, ErrorCode

Info = strawberry.Info[Any, Any]

VIEW_CONVERSION = "django_attribution.view_conversion"
VIEW_IDENTITY = "django_attribution.view_identity"
VIEW_TOUCHPOINT = "django_attribution.view_touchpoint"
CONFIRM_CONVERSION = "django_attribution.confirm_conversion"


def has_permission(info: Info, permission: str) -> bool:
    """Tell whether the request's user has a permission; each is asked once, in the root field and its thread."""
    granted: dict[str, bool] = info.context.__dict__.setdefault("granted_permissions", {})
    if permission not in granted:
        user = getattr(info.context.request, "user", None)
        granted[permission] = user is not None and user.has_perm(permission)
    return granted[permission]


def require_permission(info: Info, permission: str) -> None:
    """Raise ``ApiError`` unless the request's user has a permission."""
    if has_permission(info, permission):
        return
    user = getattr(info.context.request, "user", None)
    if user is None or not user.is_authenticated:
        raise ApiError("Log in to ask this.", code=ErrorCode.UNAUTHENTICATED)
    raise ApiError(f"This needs the permission {permission}.", code=ErrorCode.FORBIDDEN)
