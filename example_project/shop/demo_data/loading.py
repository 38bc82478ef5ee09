"""Loads the demo's data as a whole, or not at all."""

from datetime import datetime
from random import Random

from django.db import transaction

from django_attribution.models import Identity
from example_project.shop.demo_data.clock import Clock
from example_project.shop.demo_data.journeys import invent_purchase, invent_visitors
from example_project.shop.demo_data.marks import remove_demo_data
from example_project.shop.demo_data.people import ensure_shopper, ensure_staff, shopper_visits
from example_project.shop.demo_data.rows import DemoRows, Report
from example_project.shop.demo_data.shelves import fill_shelves

_VISITORS_PER_TELEPHONE_ORDER = 80


@transaction.atomic
def load(*, visitors: int, seed: int, now: datetime, report: Report) -> None:
    """Replace the demo's data by sixty days that end now; one seed and one day always give the same."""
    if removed := remove_demo_data():
        report("visitors of the last load removed", removed, removed)
    random = Random(seed)
    clock = Clock(now.replace(hour=0, minute=0, second=0, microsecond=0), random=random)
    rows = DemoRows(fill_shelves(), now=now, random=random)

    ensure_staff()
    shopper = ensure_shopper()
    owned = Identity.objects.live().filter(linked_user=shopper).first()  # if somebody used the login before
    rows.add(shopper_visits(clock.midnight), user=shopper, owned=owned)
    for visitor in invent_visitors(visitors, clock=clock, random=random):
        rows.add(visitor)
    for _ in range(visitors // _VISITORS_PER_TELEPHONE_ORDER):
        rows.add_telephone_order(invent_purchase(clock.any_moment(), random=random), currency="USD")
    rows.write(report)
    if owned is not None:
        owned.save()  # it may have been seen earlier now
