"""Tells the demo's own rows from those that people made by using the shop, and removes the former only.

Every uuid written by the demo begins with de300000-0000-8. Those of visitors are random ones of version 4, which have
a 4 in place of that 8, so the two can never be confused. The demo's orders and users have names of their own kind.
"""

from datetime import datetime
from random import Random
from uuid import UUID, uuid4

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import User
from django.db.models import Exists, Max, OuterRef, Q

from django_attribution.models import Conversion, Identity, Touchpoint
from example_project.shop.models import Order

ORDER_PREFIX = "D-"  # the shop's own numbers have no hyphen
USER_PREFIX = "demo-"

_FIRST, _LAST = UUID("de300000-0000-8000-8000-000000000000"), UUID("de300000-0000-8fff-bfff-ffffffffffff")
IS_DEMO = Q(uuid__range=(_FIRST, _LAST))


def demo_uuid(random: Random) -> UUID:
    """Return a uuid that marks its row as the demo's: of version 8, which RFC 9562 leaves to the application."""
    return UUID(int=_FIRST.int | random.getrandbits(12) << 64 | random.getrandbits(62))


def newest_visit() -> datetime | None:
    """Return when the last visit of the demo was; None when it is not loaded."""
    newest: datetime | None = Touchpoint.objects.filter(IS_DEMO).aggregate(at=Max("created_at"))["at"]
    return newest


def has_foreign_rows() -> bool:
    """Tell whether there is attribution data that the demo did not make."""
    return any(model.objects.exclude(IS_DEMO).exists() for model in (Identity, Touchpoint, Conversion))


def remove_demo_data() -> int:
    """Delete what the demo wrote, and return how many visitors that were.

    What people did as the user "demo" stays, and so does the identity that it hangs on, which is theirs from then on.
    """
    Touchpoint.objects.filter(IS_DEMO).delete()
    Conversion.objects.filter(IS_DEMO).delete()
    Order.objects.filter(number__startswith=ORDER_PREFIX).delete()
    of_this = {"identity": OuterRef("pk")}
    abandoned = Identity.objects.filter(
        IS_DEMO,
        ~Exists(Touchpoint.objects.filter(**of_this)),
        ~Exists(Conversion.objects.filter(**of_this)),
        ~Exists(Identity.objects.exclude(IS_DEMO).filter(merged_into=OuterRef("pk"))),
    )
    _, deleted = abandoned.delete()
    for identity in Identity.objects.filter(IS_DEMO):
        identity.uuid = uuid4()
        identity.save(update_fields=["uuid"])
    User.objects.filter(username__startswith=USER_PREFIX, password__startswith=UNUSABLE_PASSWORD_PREFIX).delete()
    return deleted.get(Identity._meta.label, 0)
