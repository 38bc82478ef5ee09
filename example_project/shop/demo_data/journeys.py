"""Invents what visitors did: their browsers, touches, sign-ups, logins and orders. Pure: a seed gives a story.

A visitor's wish to buy grows with every touch, by as much as its campaign convinces; that is why the campaigns which
introduce people and those which earn the last touch are not the same ones.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from example_project.shop.demo_data.campaigns import CAMPAIGNS, Campaign
from example_project.shop.demo_data.clock import DAYS, Clock
from example_project.shop.demo_data.visitors import DESKTOPS, PHONES, Purchase, Touch, Visitor

MOST_TOUCHES = 24  # of one visitor
_DIRECT = 0.02  # of visitors come through no campaign at all
_SECOND_DEVICE = 0.5
_EURO = 0.35


def invent_visitors(count: int, *, clock: Clock, random: Random) -> Iterator[Visitor]:
    """Yield visitors; what lies ahead of now is the caller's to leave out."""
    for _ in range(count):
        phone, desktop = random.choice(PHONES), random.choice(DESKTOPS)
        devices = [phone, desktop] if random.random() < 0.6 else [desktop, phone]
        visitor = Visitor(
            devices=devices if random.random() < _SECOND_DEVICE else devices[:1],
            currency="EUR" if random.random() < _EURO else "USD",
        )
        if random.random() < _DIRECT:
            _come_directly(visitor, clock=clock, random=random)
        else:
            _come_through_campaigns(visitor, clock=clock, random=random)
        yield visitor


def _come_directly(visitor: Visitor, *, clock: Clock, random: Random) -> None:
    """Let a visitor type the address; only those who do something leave a trace."""
    at = clock.any_moment()
    if random.random() < 0.5:
        visitor.newsletter_at = at
    visitor.purchases.append(invent_purchase(at, random=random))
    if random.random() < 0.4:
        visitor.signed_up_at = at - timedelta(minutes=4)


def _come_through_campaigns(visitor: Visitor, *, clock: Clock, random: Random) -> None:
    touches_left = min(MOST_TOUCHES, int(random.paretovariate(1.15)))  # most come once, some for ever
    at, wish = clock.any_moment(), 0.0
    campaign = _choose(random, clock.day_of(at), "introduces")
    while touches_left and clock.day_of(at) < DAYS:
        touches_left -= 1
        device = random.randrange(len(visitor.devices))
        at = _on_its_weekday(at, campaign)
        visitor.touches.append(Touch(at, campaign, device))
        wish += 0.018 * campaign.convinces
        _perhaps_act(visitor, wish * campaign.convinces, clock=clock, random=random)
        at = clock.later(at, days=random.lognormvariate(1.1, 1.1))
        if clock.day_of(at) < DAYS:
            campaign = _choose(random, clock.day_of(at), "brings_back")


def _perhaps_act(visitor: Visitor, chance: float, *, clock: Clock, random: Random) -> None:
    """Let a visitor who has just arrived subscribe, sign up (and later log in on the other device), or order."""
    touch = visitor.touches[-1]
    at = touch.at + timedelta(seconds=random.randrange(60, 1500))
    if visitor.newsletter_at is None and random.random() < 0.05:
        visitor.newsletter_at = at
    if visitor.signed_up_at is None and random.random() < 0.6 * chance + 0.02:
        visitor.signed_up_at, visitor.signed_up_on = at, touch.device
        for device in range(len(visitor.devices)):
            if device != touch.device and random.random() < 0.7:
                visitor.logins[device] = clock.later(at, days=random.lognormvariate(0.5, 1))
    if random.random() < chance:
        order_at = clock.later(at, days=random.choice((0.005, 0.01, 0.02, 0.02, 0.2, 1, 2)))
        is_large = touch.campaign.campaign == "for_offices"
        visitor.purchases.append(invent_purchase(order_at, device=touch.device, is_large=is_large, random=random))


def invent_purchase(at: datetime, *, device: int = 0, is_large: bool = False, random: Random) -> Purchase:
    """Return an order of that moment and what became of it."""
    is_paid = random.random() < 0.87
    minutes = random.choice((1, 2, 2, 3, 4, 9, 60 * 26))  # the last is a bank transfer
    return Purchase(
        at=at,
        device=device,
        is_large=is_large,
        paid_after=timedelta(minutes=minutes, seconds=random.randrange(60)) if is_paid else None,
        is_refunded=is_paid and random.random() < 0.05,
    )


def _choose(random: Random, day: int, strength: str) -> Campaign:
    running = [campaign for campaign in CAMPAIGNS if campaign.runs_on(day)]
    return random.choices(running, [getattr(campaign, strength) for campaign in running])[0]


def _on_its_weekday(at: datetime, campaign: Campaign) -> datetime:
    """Return the moment, moved on to the next day on which the campaign is sent, if it has one."""
    return at if campaign.weekday is None else at + timedelta(days=(campaign.weekday - at.weekday()) % 7)
