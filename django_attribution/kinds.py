"""What many rows have in common, looked up once for all of them: the kind of a touch, the group of a conversion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from django_attribution.channels import DIRECT_CHANNEL
from django_attribution.dimensions import Dimension
from django_attribution.windows import AttributionWindow

KINDS_KEPT = 10_000  # where pages tell touches apart, each may be of its own kind

Columns = tuple[str, ...]


class Groups(dict[tuple[datetime | None, str, str], int]):
    """The numbers of groups, asked for once each."""

    def __init__(self, number: Callable[[datetime | None, str, str], int]) -> None:
        super().__init__()
        self._number = number

    def __missing__(self, group: tuple[datetime | None, str, str]) -> int:
        number = self[group] = self._number(*group)
        return number


class Kind(NamedTuple):
    """What all touches have in common whose columns say the same."""

    key: int
    days: int
    is_direct: bool
    as_rules_see: tuple[str, ...]  # source, medium, campaign and channel


class Kinds(dict[Columns, Kind | None]):
    """The kind of touches by what their columns say; None for those that no window covers, or that are excluded."""

    def __init__(
        self,
        *,
        window: AttributionWindow,
        exclude_direct: bool,
        dimensions: Sequence[Dimension],
        number_key: Callable[[tuple[str, ...]], int],
        needs_rules: bool,
        needs_directness: bool,
    ) -> None:
        super().__init__()
        self._window, self._exclude_direct = window, exclude_direct
        self._dimensions, self._number_key = dimensions, number_key
        self._of_rules = ("source", "medium", "utm_campaign", "channel")
        needed = [dimension.column for dimension in dimensions]
        if needs_rules:
            needed += self._of_rules
        if window.days_by_source:
            needed.append("source")
        if exclude_direct or needs_directness:
            needed.append("channel")
        self.columns = tuple(dict.fromkeys(needed))  # a column less is a tenth of the time

    def __missing__(self, stored: Columns) -> Kind | None:
        if len(self) >= KINDS_KEPT:
            self.clear()
        kind = self[stored] = self._kind_of(dict(zip(self.columns, stored, strict=True)))
        return kind

    def _kind_of(self, said: dict[str, str]) -> Kind | None:
        days = self._window.days_for(said.get("source", ""))
        is_direct = said.get("channel") == DIRECT_CHANNEL
        if not days or (self._exclude_direct and is_direct):
            return None
        key = tuple([dimension.of(said[dimension.column]) for dimension in self._dimensions])
        as_rules_see = tuple([said.get(column, "") for column in self._of_rules])
        return Kind(self._number_key(key), days, is_direct, as_rules_see)
