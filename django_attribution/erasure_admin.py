"""Deleting a visitor in the admin erases the person, as ``manage.py attribution_erase`` does.

Django's own way would leave what is personal in their conversions, and half of a person whose identities were merged.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from django_attribution.models import Identity, Touchpoint
from django_attribution.privacy import erase

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = object


class ErasureAdminMixin(_ModelAdmin):
    """Has the admin of identities say before what erasing takes, and do it."""

    def get_deleted_objects(
        self, objs: Iterable[Identity], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[Any], list[Any]]:
        """Return what the page asks about: each person, the numbers of rows, and the permissions that are missing."""
        told: list[Any] = []
        counts = {"identities": 0, "touchpoints": 0, "conversions made anonymous": 0}
        for person in _people(objs):
            held = erase(person, dry_run=True)
            told.append(f"Everything held about {person}")
            for name, count in zip(counts, (held.identities, held.touchpoints, held.conversions), strict=True):
                counts[name] += count
        user: Any = request.user
        missing = {
            model._meta.verbose_name
            for model in (Identity, Touchpoint)
            if not user.has_perm(f"django_attribution.delete_{model._meta.model_name}")
        }
        return told, counts, missing, []

    def delete_model(self, request: HttpRequest, obj: Identity) -> None:
        """Erase the person that an identity stands for."""
        erase(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Identity]) -> None:
        """Erase everybody who was chosen, each in a transaction of their own."""
        for person in _people(queryset):
            erase(person)


def _people(identities: Iterable[Identity]) -> list[Identity]:
    """Return one identity of each person."""
    return list({row.merged_into_id or row.pk: row for row in identities}.values())
