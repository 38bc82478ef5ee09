"""When something happened, and when its row last changed: a model and a queryset for all tables."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class TimestampedQuerySet(models.QuerySet[_Row]):
    """Moves ``updated_at`` with every ``update()``, so that exports can follow changes."""

    def update(self, **kwargs: Any) -> int:
        """Update rows and the time of their last change."""
        return super().update(**{"updated_at": timezone.now(), **kwargs})


class TimestampedModel(models.Model):
    """When it happened, and when the row last changed (also by ``update()``)."""

    created_at = models.DateTimeField(
        default=timezone.now, help_text="The moment of the event; may be given, for imports."
    )
    updated_at = models.DateTimeField(auto_now=True, help_text="When this row last changed.")

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, moving ``updated_at`` also when only some fields are written."""
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "updated_at"}
        super().save(*args, **kwargs)
