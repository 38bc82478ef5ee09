"""What reports break credit down by: each dimension, the column it is read from, and what it says.

Pure but for the names of the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django_attribution.exceptions import InvalidArgument
from django_attribution.tracking import NOT_SET, host_of

EVENT = "event"  # the one dimension that the conversion has, and not the touch


@dataclass(frozen=True, slots=True)
class Dimension:
    """A property of touches by which credit is grouped and filtered."""

    name: str
    column: str
    read: Callable[[str], str] = str
    is_caseless: bool = False

    @property
    def is_derived(self) -> bool:
        """Whether it is a part of what the column holds."""
        return self.read is not str

    def of(self, stored: str) -> str:
        """Return what a stored value counts as; ``(not set)`` where it says nothing."""
        return self.read(stored) or NOT_SET


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path or ("/" if url else "")
    except ValueError:  # a malformed IPv6 address
        return ""


TOUCH_DIMENSIONS = {
    dimension.name: dimension
    for dimension in (
        Dimension("channel", "channel"),
        Dimension("source", "source", is_caseless=True),
        Dimension("medium", "medium", is_caseless=True),
        Dimension("campaign", "utm_campaign"),
        Dimension("term", "utm_term"),
        Dimension("content", "utm_content"),
        Dimension("landing_page", "url", _path_of),
        Dimension("referrer_host", "referrer", host_of, is_caseless=True),
    )
}
DIMENSIONS = (*TOUCH_DIMENSIONS, EVENT)


def clean_dimensions(by: Iterable[str]) -> tuple[str, ...]:
    """Return the dimensions of a breakdown; raise ``InvalidArgument`` for one that is unknown or named twice."""
    given: Any = by
    names: tuple[Any, ...] = (given,) if isinstance(given, str) or not isinstance(given, Iterable) else tuple(given)
    if unknown := [name for name in names if name not in DIMENSIONS]:
        raise InvalidArgument("by", f"Unknown dimension {str(unknown[0])[:40]!r}. Known: {', '.join(DIMENSIONS)}.")
    if len(set(names)) < len(names):
        raise InvalidArgument("by", "by names a dimension twice.")
    return names
