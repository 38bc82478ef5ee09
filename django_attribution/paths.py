"""Conversion paths: the most frequent journeys, how many touches they have, and the days they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from django_attribution.querysets import ConversionQuerySet

MAX_PATHS = 200
MAX_STEPS = 50  # shown of one path, the last ones


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionPath:
    """A journey and the conversions that ended it."""

    steps: tuple[str, ...]  # values of the dimension, in order of time
    conversions: int
    values: Mapping[str, Decimal]  # by currency, in order of its code
    average_days_to_convert: float  # from the first touch of the journey


@dataclass(frozen=True, slots=True, kw_only=True)
class HistogramBin:
    """Conversions whose number lies in a range; both ends are included, None has no end."""

    start: int
    end: int | None
    conversions: int
    values: Mapping[str, Decimal]  # by currency, in order of its code


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionPaths:
    """Journeys that ended in a conversion."""

    paths: tuple[ConversionPath, ...]  # most conversions first
    lengths: tuple[HistogramBin, ...]  # touches in the journey, from 0: conversions that nobody earned
    days_to_convert: tuple[HistogramBin, ...]  # whole days from the first touch; nothing for those without one
    truncated: bool  # whether there are more paths, or longer ones of which the last 50 steps are shown


class PathOptions(TypedDict, total=False):
    """How paths are asked for, beside the dimension."""

    window_days: int
    source_windows: Mapping[str, int] | None
    exclude_direct: bool
    collapse_repeats: bool
    first: int
    progress: Callable[[int], None] | None  # called now and then with the conversions read so far


def conversion_paths(
    conversions: ConversionQuerySet,
    *,
    by: str = "channel",
    window_days: int = 30,
    source_windows: Mapping[str, int] | None = None,
    exclude_direct: bool = False,
    collapse_repeats: bool = False,
    first: int = 20,
    progress: Callable[[int], None] | None = None,
) -> ConversionPaths:
    """Return the most frequent journeys."""
    raise NotImplementedError
