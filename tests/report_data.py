"""A few conversions whose credit can be counted by hand, for the tests of every way to ask for a report."""

from datetime import UTC, datetime
from typing import Any

from django_attribution.models import Conversion, Identity, Touchpoint

JANUARY = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def day(number: int, *, hour: int = 12) -> datetime:
    """Return an instant of January 2026."""
    return JANUARY.replace(day=number, hour=hour)


def touch(identity: Identity, at: datetime, **columns: Any) -> Touchpoint:
    """Make a touch."""
    return Touchpoint.objects.create(identity=identity, created_at=at, **columns)


def make_conversions(*, campaign: str = "brand") -> None:
    """Make five: two of known visitors, one of nobody, one pending, one voided.

    Anna: Paid Search (``campaign``) on the 1st, Email on the 8th, a purchase of 100.01 EUR on the 9th. Ben: Paid
    Search on the 19th, a purchase of 20.00 USD on the 20th at 23:30 UTC, which is the 21st in Paris.
    """
    anna, ben = Identity.objects.create(), Identity.objects.create()
    touch(anna, day(1), utm_source="google", utm_medium="cpc", utm_campaign=campaign, url="https://shop.test/shoes?x=1")
    touch(anna, day(8), utm_source="letter", utm_medium="email", utm_campaign="weekly", url="https://shop.test/")
    touch(ben, day(19), utm_source="google", utm_medium="cpc", utm_campaign=campaign, url="https://shop.test/shoes")
    record = Conversion.objects.record
    record(event="purchase", value="100.01", currency="EUR", identity=anna, occurred_at=day(9))
    record(
        event="purchase", value="20.00", currency="USD", identity=ben, occurred_at=day(20, hour=23).replace(minute=30)
    )
    record(event="signup", occurred_at=day(10))
    record(event="purchase", value="5.00", currency="EUR", identity=ben, occurred_at=day(21), is_confirmed=False)
    record(event="purchase", value="7.00", currency="EUR", identity=ben, occurred_at=day(22)).void()
