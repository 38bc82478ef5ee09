"""Rows that a request wrote, and whether they are still there after the view: its transaction may take them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models, transaction


@dataclass(slots=True)
class KeptRow:
    """A row that was written, and how to tell later whether it was kept."""

    identity_uuid: UUID  # of the identity that the browser should carry if it was
    proof: models.QuerySet[Any]
    is_kept: bool = False

    def __post_init__(self) -> None:
        transaction.on_commit(self._keep, using=self.proof.db)

    def holds(self) -> bool:
        """Tell whether the row is there; asks the database where no commit was heard of.

        ``on_commit`` never fires inside a TestCase, and not before the view's end under ATOMIC_REQUESTS.
        """
        return self.is_kept or self.proof.exists()

    def _keep(self) -> None:
        self.is_kept = True
