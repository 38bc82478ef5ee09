"""Which credit to keep after it was given: by who earned it, or that nobody did. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from django_attribution.dimensions import TOUCH_DIMENSIONS
from django_attribution.exceptions import InvalidArgument
from django_attribution.tracking import effective_value

MAX_VALUES = 200  # of one dimension


class CreditKind(StrEnum):
    """Whom a row of a report speaks of."""

    ATTRIBUTED = "attributed"  # the touches of its key
    UNATTRIBUTED = "unattributed"  # nobody: no touch in the window
    OTHER = "other"  # the keys that a limited report leaves out, together


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditFilter:
    """Keeps the credit that went to touches with any of these values in every dimension that is named.

    ``kind`` keeps what somebody earned, or what nobody did. A filter that names nothing keeps everything. Sources and
    mediums are compared without regard to case. Raises ``InvalidArgument``.
    """

    channel: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    medium: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()
    landing_page: tuple[str, ...] = ()
    referrer_host: tuple[str, ...] = ()
    kind: CreditKind | None = None

    def __post_init__(self) -> None:
        if self.kind not in (None, CreditKind.ATTRIBUTED, CreditKind.UNATTRIBUTED):
            raise InvalidArgument("kind", f"kind must be attributed or unattributed, not {str(self.kind)[:40]!r}.")
        object.__setattr__(self, "kind", self.kind and CreditKind(self.kind))
        for name in _DIMENSIONS:
            given: object = getattr(self, name)
            values = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else (given,)
            if len(values) > MAX_VALUES or not all(isinstance(value, str) for value in values):
                raise InvalidArgument(name, f"{name} must be a list of at most {MAX_VALUES} texts.")
            if TOUCH_DIMENSIONS[name].is_caseless:
                values = tuple(effective_value(value) for value in values)
            object.__setattr__(self, name, values)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions that are named."""
        return tuple(name for name in _DIMENSIONS if getattr(self, name))

    @property
    def keeps_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.dimensions and self.kind is None

    @property
    def keeps_unattributed(self) -> bool:
        """Whether what nobody earned is kept."""
        return not self.dimensions and self.kind is not CreditKind.ATTRIBUTED

    def keeps(self, dimensions: Mapping[str, str]) -> bool:
        """Tell whether the credit of a touch with these dimensions is kept."""
        if self.kind is CreditKind.UNATTRIBUTED:
            return False
        return all(dimensions[name] in getattr(self, name) for name in self.dimensions)


_DIMENSIONS = tuple(field.name for field in fields(CreditFilter) if field.name in TOUCH_DIMENSIONS)
KEEP_ALL = CreditFilter()
