"""Work grows with the rows, whatever one visitor holds: counted in lines of Python that are run, not in seconds.

A visitor with many touches and many conversions has pairs of them in the square of the rows. Twice the rows may cost
little more than twice the lines; work by pairs would cost four times as many.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

import pytest

from django_attribution.models import Conversion, Identity, Touchpoint

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, tzinfo=UTC)
MODELS = (
    "first_touch", "last_touch", "last_non_direct", "linear", "time_decay", "position_based", "participation", "markov",
)  # fmt: skip
SMALL = 300  # touches; and a conversion for each two of them
WINDOWS = ({}, {"google": 14, "email": 7})

ASKED: dict[str, Callable[[dict[str, int]], Any]] = {
    **{
        model: lambda windows, model=model: Conversion.objects.attribution_report(
            [model], ["source"], source_windows=windows
        )
        for model in MODELS
    },
    # Groups in which a conversion stands alone.
    **{
        f"{model} by event": lambda windows, model=model: Conversion.objects.attribution_report(
            [model], ["source", "event"], source_windows=windows
        )
        for model in ("time_decay", "participation")
    },
    "participation by campaign": lambda windows: Conversion.objects.attribution_report(
        ["participation"], ["campaign"], source_windows=windows
    ),
    "paths": lambda windows: Conversion.objects.conversion_paths("medium", source_windows=windows),
    "collapsed paths": lambda windows: Conversion.objects.conversion_paths(
        "medium", source_windows=windows, collapse_repeats=True
    ),
}


def populate(touches: int) -> None:
    """Give one visitor many touches of three sources and many conversions, a minute apart."""
    identity = Identity.objects.create()
    Touchpoint.objects.bulk_create(
        Touchpoint(
            identity=identity,
            created_at=T0 + number * timedelta(minutes=1),
            utm_source=("google", "email", "bing")[number % 3],
            utm_medium="cpc",
            utm_campaign=f"campaign {number}",
        )
        for number in range(touches)
    )
    Conversion.objects.bulk_create(
        Conversion(
            identity=identity,
            event=f"event {number % 10}",
            created_at=moment,
            confirmed_at=moment,
            value=1,
            currency="EUR",
        )
        for number, moment in ((number, T0 + number * timedelta(minutes=2)) for number in range(touches // 2))
    )


def lines_of(run: Callable[[], Any]) -> int:
    """Count the lines of this package that run."""
    count = 0

    def local(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return local

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        return local if "/django_attribution/" in frame.f_code.co_filename else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("windows", WINDOWS, ids=["one window", "several windows"])
@pytest.mark.parametrize("name", ASKED)
def test_twice_the_rows_of_one_visitor_are_twice_the_work(name: str, windows: dict[str, int]) -> None:
    counts = []
    for touches in (SMALL, 2 * SMALL):
        populate(touches)
        ASKED[name](windows)  # what is computed once is not counted
        counts.append(lines_of(lambda: ASKED[name](windows)))
        Identity.objects.all().delete()
        Conversion.objects.all().delete()
    small, large = counts
    assert large < 2.8 * small
