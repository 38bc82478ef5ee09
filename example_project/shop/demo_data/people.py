"""The two people who can log in to the demo, and the history of the one who shops."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User

from example_project.shop.demo_data.campaigns import CAMPAIGNS, Campaign
from example_project.shop.demo_data.visitors import DESKTOPS, PHONES, Purchase, Touch, Visitor


def ensure_staff() -> User:
    """Return the superuser staff, password staff, made if there is none."""
    return _ensure_user("staff", is_staff=True, is_superuser=True)


def ensure_shopper() -> User:
    """Return the customer demo, password demo, made if there is none."""
    return _ensure_user("demo")


def shopper_visits(midnight: datetime) -> Visitor:
    """Return what the customer demo did: found by a reel, kept by the newsletter, one order paid and one not."""
    at = midnight + timedelta(hours=-5, minutes=12)  # yesterday evening
    return Visitor(
        devices=[DESKTOPS[1], PHONES[0]],
        currency="USD",
        touches=[
            Touch(at - timedelta(days=16, hours=2), _named("first_pen_reels"), 1),
            Touch(at - timedelta(days=9, minutes=20), _named("brand"), 0),
            Touch(at - timedelta(minutes=17), _named("tuesday_letter"), 1),
        ],
        signed_up_at=at - timedelta(days=9, minutes=7),
        logins={1: at - timedelta(minutes=15)},
        purchases=[
            Purchase(at - timedelta(days=9), 0, False, timedelta(minutes=3), False),
            Purchase(at, 1, False, None, False),
        ],
    )


def _ensure_user(name: str, **flags: bool) -> User:
    user = User.objects.filter(username=name).first()
    return user or User.objects.create_user(name, f"{name}@example.com", password=name, **flags)


def _named(name: str) -> Campaign:
    return next(campaign for campaign in CAMPAIGNS if campaign.campaign == name)
