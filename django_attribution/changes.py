"""What was changed on an instance since its row was read or written: the rest of the row may be newer than it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Self

from django.db import models


class ChangeAwareModel(models.Model):
    """Can tell its changed fields. What may be changed in place (JSON) counts as changed."""

    _as_stored: tuple[Collection[str], Collection[Any]] = ((), ())  # attribute names, and their values

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        """Make an instance of a row that was read, and remember what was."""
        row = super().from_db(db, field_names, values, **options)
        row._as_stored = field_names, values  # no copies: rows are read by the thousand
        return row

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Read again, and remember what was."""
        super().refresh_from_db(*args, **kwargs)
        given: Iterable[str] | None = kwargs.get("fields", args[1] if len(args) > 1 else None)
        self.remember(given)

    def remember(self, names: Iterable[str] | None = None) -> None:
        """Take the values of some fields, or of all that are loaded, for those of the row."""
        known = dict(zip(*self._as_stored, strict=True))
        among = None if names is None else set(names)
        for field in self._loaded_fields():
            if among is None or field.name in among or field.attname in among:
                known[field.attname] = getattr(self, field.attname)
        self._as_stored = list(known), list(known.values())

    def changed_field_names(self) -> set[str]:
        """Return the names of the fields that differ from the row as it was last read or written here."""
        stored = dict(zip(*self._as_stored, strict=True))
        return {
            field.name
            for field in self._loaded_fields()
            if isinstance(field, models.JSONField)
            or field.attname not in stored
            or stored[field.attname] != getattr(self, field.attname)
        }

    def _loaded_fields(self) -> list[Any]:
        deferred = self.get_deferred_fields()
        return [
            field for field in self._meta.concrete_fields if not field.primary_key and field.attname not in deferred
        ]
