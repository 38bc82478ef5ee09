"""Whose touch or conversion it is: shown in the admin to staff who may see identities, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from django_attribution.models import Conversion, Identity, Touchpoint

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = object


class FactAdminMixin(_ModelAdmin):
    """Has an admin of what visitors did show and tell whose it is to those who may see identities, and to no others."""

    list_select_related = ("identity",)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave the visitor out for those who may see none."""
        return _of_nobody(request, super().get_list_display(request))

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Let nobody else guess a uuid."""
        return _of_nobody(request, super().get_search_fields(request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave the visitor out for those who may see none."""
        return _of_nobody(request, super().get_fields(request, obj))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Let nobody else gather what one visitor did, by an address of their own making."""
        return bool(_of_nobody(request, [lookup])) and super().lookup_allowed(lookup, value, request)

    @admin.display(description="identity")
    def identity_link(self, fact: Touchpoint | Conversion) -> SafeString | str:
        """Link to the visitor."""
        return "-" if fact.identity is None else _link(fact.identity)


def may_view(request: HttpRequest, *models: str) -> bool:
    """Tell whether the user of a request may see rows of each of these models."""
    user: Any = request.user
    return all(user.has_perm(f"django_attribution.view_{model}") for model in models)


def _of_nobody(request: HttpRequest, names: Iterable[Any]) -> list[Any]:
    """Return the names of fields, columns and lookups without those that tell the visitor, for who may see none."""
    is_shown = may_view(request, "identity")
    return [name for name in names if is_shown or not str(name).startswith("identity")]


def _link(identity: Identity) -> SafeString:
    url = reverse("admin:django_attribution_identity_change", args=[identity.pk])
    return format_html('<a href="{}" title="{}">{}</a>', url, identity, str(identity)[-12:])
