"""What is told of a visitor: touches, purchases, sign-up and logins, on which browsers. Pure data."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from example_project.shop.demo_data.campaigns import Campaign

_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
DESKTOPS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
)
PHONES = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {_WEBKIT} Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME} Mobile Safari/537.36",
)


@dataclass(frozen=True, slots=True)
class Touch:
    """An arrival through a campaign."""

    at: datetime
    campaign: Campaign
    device: int  # which of the visitor's browsers


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order, and what became of it."""

    at: datetime
    device: int
    is_large: bool
    paid_after: timedelta | None  # None: still pending
    is_refunded: bool


@dataclass(slots=True)
class Visitor:
    """What one person did."""

    devices: list[str]  # user agents
    currency: str
    touches: list[Touch] = field(default_factory=list)
    newsletter_at: datetime | None = None
    signed_up_at: datetime | None = None
    signed_up_on: int = 0  # which device
    logins: dict[int, datetime] = field(default_factory=dict)  # when they logged in on other devices
    purchases: list[Purchase] = field(default_factory=list)

    def is_logged_in(self, device: int, *, at: datetime) -> bool:
        """Tell whether this browser was logged in at a moment."""
        since = self.signed_up_at if device == self.signed_up_on else self.logins.get(device)
        return since is not None and since <= at

    def moments_by_device(self, now: datetime) -> dict[int, list[datetime]]:
        """Return when each of the browsers did something, up to now."""
        moments = [(touch.device, touch.at) for touch in self.touches]
        moments += [(purchase.device, purchase.at) for purchase in self.purchases]
        if self.newsletter_at is not None:
            moments.append((0, self.newsletter_at))
        if self.signed_up_at is not None:
            moments.append((self.signed_up_on, self.signed_up_at))
        by_device: dict[int, list[datetime]] = {}
        for device, at in moments:
            if at <= now:
                by_device.setdefault(device, []).append(at)
        return by_device
