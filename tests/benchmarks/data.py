"""The rows that both packages get, from a seed: the same in every process. Knows neither Django nor either package.

Visitors' touches have a Pareto tail with a median of 2, and one visitor holds 5 % of all. Among the rows are those on
which attribution goes wrong: touches at the instant of a conversion, two touches at one instant, sources in capitals,
and arrivals with nothing but a click id.
"""

import math
import random
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

SIZES: dict[str, int] = {"XXS": 1_000, "XS": 10_000, "S": 100_000, "M": 1_000_000, "L": 10_000_000}  # touchpoints
SMALLER: dict[str, str] = {"S": "XS", "M": "S", "L": "M"}  # a tenth
START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 180
HEAVY_SHARE = 0.05
TAIL = 1.4  # the exponent, with which a scale of 1.5 has the median 2 and about the mean that is needed
SCALE = 1.5
MOST_OF_OTHERS = 0.01  # of all touches
TWINS = 500  # each 500th touch comes at the same instant as the one before, to the same visitor
WINDOWS = {"google": 14, "letter": 7, "facebook": 21, "bing": 3, "partner": 45}  # days
MEDIA = (
    ("google", "cpc", 30), ("letter", "email", 20), ("facebook", "paid_social", 15), ("bing", "cpc", 10),
    ("partner", "affiliate", 8), ("instagram", "social", 8), ("youtube", "video", 4), ("Google", "cpc", 2), ("", "", 3),
)  # fmt: skip
CAMPAIGNS = 8  # of each source


class Touch(NamedTuple):
    """One arrival. One without a source has a Google click id."""

    number: int
    visitor: int
    at: datetime
    source: str
    medium: str
    campaign: str

    @property
    def term(self) -> str:
        """What makes a credited touch recognisable, in both packages."""
        return f"t{self.number}"

    @property
    def gclid(self) -> str:
        """The click id, where there is nothing else."""
        return "" if self.source else f"click-{self.number}"

    @property
    def effective_source(self) -> str:
        """What the source counts as."""
        return self.source.lower() or "google"


class Order(NamedTuple):
    """One conversion; of nobody where the visitor is None."""

    number: int
    visitor: int | None
    at: datetime
    value: Decimal
    currency: str
    is_confirmed: bool
    is_active: bool

    @property
    def is_valid(self) -> bool:
        """Tell whether it counts."""
        return self.is_confirmed and self.is_active


@dataclass(frozen=True)
class Dataset:
    """All rows of one size."""

    size: str

    @property
    def touch_count(self) -> int:
        """Return how many touches there are."""
        return SIZES[self.size]

    @property
    def visitor_count(self) -> int:
        """Return how many visitors there are."""
        return self.touch_count // 5

    @property
    def order_count(self) -> int:
        """Return how many conversions there are."""
        return self.touch_count // 10

    def touches(self) -> Iterator[Touch]:
        """Yield the touches, oldest first, as they would have been stored."""
        rng = seeded(f"touches {self.size}")
        named = [(source, medium) for source, medium, _ in MEDIA]
        drawn = rng.choices(named, [weight for *_, weight in MEDIA], k=self.touch_count)
        for number, (source, medium) in enumerate(drawn):
            campaign = f"{source.lower()}-{int(rng.random() * CAMPAIGNS)}" if source else ""
            yield Touch(number, self._owners[number], self._instant(number), source, medium, campaign)

    def orders(self) -> Iterator[Order]:
        """Yield the conversions, oldest first: each some days after a touch of its visitor, or at its instant."""
        rng = seeded(f"orders {self.size}")
        moments = []
        for _ in range(self.order_count):
            number = rng.randrange(self.touch_count)
            delay = timedelta(0) if rng.random() < 0.01 else timedelta(seconds=round(rng.expovariate(1 / 259_200), 6))
            visitor = None if rng.random() < 0.02 else self._owners[number]
            moments.append((self._instant(number) + delay, visitor))
        for number, (at, visitor) in enumerate(sorted(moments, key=lambda moment: moment[0])):
            value = Decimal(rng.randrange(500, 50_000)).scaleb(-2)
            currency = "USD" if rng.random() < 0.9 else "EUR"
            yield Order(number, visitor, at, value, currency, rng.random() >= 0.03, rng.random() >= 0.01)

    def _instant(self, number: int) -> datetime:
        step = DAYS * 86_400_000_000 // self.touch_count  # µs
        return START + timedelta(microseconds=(number - _is_twin(number)) * step)

    @cached_property
    def _owners(self) -> "array[int]":
        """The visitor of each touch; visitor 0 is the one who holds 5 %."""
        rng = seeded(f"owners {self.size}")
        owners = array("l", (visitor for visitor, count in enumerate(self._counts(rng)) for _ in range(count)))
        rng.shuffle(owners)
        for number in range(len(owners)):
            if _is_twin(number):
                owners[number] = owners[number - 1]
        return owners

    def _counts(self, rng: random.Random) -> list[int]:
        """Return how many touches each visitor has, none of them none."""
        heavy = int(self.touch_count * HEAVY_SHARE)
        others = range(1, self.visitor_count)
        most = int(self.touch_count * MOST_OF_OTHERS)
        counts = [heavy, *(min(most, math.floor(SCALE * (1 - rng.random()) ** (-1 / TAIL))) for _ in others)]
        surplus = sum(counts) - self.touch_count
        while surplus:
            visitor = rng.randrange(1, self.visitor_count)
            if surplus < 0:
                counts[visitor] += 1
                surplus += 1
            elif counts[visitor] > 1:
                counts[visitor] -= 1
                surplus -= 1
        return counts


def _is_twin(number: int) -> bool:
    return number % TWINS == 1


def journeys(dataset: Dataset) -> dict[int, list[Touch]]:
    """Return the touches of each visitor, oldest first."""
    found: dict[int, list[Touch]] = {}
    for touch in dataset.touches():
        found.setdefault(touch.visitor, []).append(touch)
    return found


def position_of(journey: list[Touch], at: datetime) -> int:
    """Return where in a journey the touches from this instant on begin."""
    return bisect_left(journey, at, key=lambda touch: touch.at)


def seeded(name: str) -> random.Random:
    """Return numbers that are the same in every run."""
    return random.Random(name)  # noqa: S311 - repeatable is what they have to be
