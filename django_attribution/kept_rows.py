"""Rows that a request wrote, and whether they are still there after the view: its transaction may take them back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models, transaction


@dataclass(slots=True)
class KeptRow:
    """A row that was written, and how to tell later whether it was kept."""

    identity_uuid: UUID  # of the identity that the browser should carry if it was
    proof: Callable[[], models.QuerySet[Any]]  # made when it is asked for, which is seldom
    using: str | None = field(kw_only=True)  # None: not written yet, and to be kept by hand
    is_kept: bool = False

    def __post_init__(self) -> None:
        if self.using is not None:
            transaction.on_commit(self.keep, using=self.using)

    def holds(self) -> bool:
        """Tell whether the row is there; asks the database where no commit was heard of.

        ``on_commit`` never fires inside a TestCase, and not before the view's end under ATOMIC_REQUESTS.
        """
        return self.is_kept or self.proof().exists()

    def keep(self) -> None:
        """Note that it was committed."""
        self.is_kept = True


class KeptRows:
    """What one request wrote: the rows by which its visitor is known, and its landing."""

    def __init__(self) -> None:
        self._of_visitor: list[KeptRow] = []
        self.landing: KeptRow | None = None

    @property
    def identity_uuid(self) -> UUID | None:
        """The uuid that the browser should carry for them; None where nothing was written."""
        return self._of_visitor[-1].identity_uuid if self._of_visitor else None

    @property
    def is_visitor_kept(self) -> bool:
        """Whether all by which the visitor is known was heard to be committed; costs no query."""
        return all(row.is_kept for row in self._of_visitor)

    def add(self, row: KeptRow) -> None:
        """Remember a row by which the visitor is known."""
        self._of_visitor.append(row)

    def forget_visitor(self) -> None:
        """Have the browser carry nobody for what was written."""
        self._of_visitor.clear()

    def forget_rolled_back(self) -> bool:
        """Drop what a view's transaction took back; tell whether that concerns who the visitor is."""
        if self.landing is not None and not self.landing.holds():
            self.landing = None
        if self.is_visitor_kept:
            return False
        surviving = [row for row in self._of_visitor if row.holds()]
        is_smaller = len(surviving) < len(self._of_visitor)
        self._of_visitor = surviving
        return is_smaller
