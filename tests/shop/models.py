"""Objects that a conversion can point at, one for each kind of primary key. They know nothing of us."""

import uuid

from django.db import models


class Order(models.Model):
    """A purchase, under an integer."""

    total = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)

    def __str__(self) -> str:
        return f"Order {self.pk}"


class Ticket(models.Model):
    """A support request, under a UUID."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    def __str__(self) -> str:
        return f"Ticket {self.pk}"


class Voucher(models.Model):
    """A printed voucher, under the code that is printed on it."""

    code = models.CharField(primary_key=True, max_length=40)

    def __str__(self) -> str:
        return f"Voucher {self.pk}"
