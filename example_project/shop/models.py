"""What is sold and what was ordered. Knows nothing of visitors or campaigns: attribution points here, not back."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string

_UNMISTAKABLE = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0 and O, no 1 and I: customers read numbers aloud


def new_order_number() -> str:
    """Return a number that cannot be guessed from another one."""
    return get_random_string(10, _UNMISTAKABLE)


class Product(models.Model):
    """Something in the shop, with a price in each currency."""

    class Kind(models.TextChoices):
        """Decides the drawing that is shown; each has one in templates/shop/art/."""

        NOTEBOOK = "notebook", "Notebook"
        PEN = "pen", "Pen"
        PENCIL = "pencil", "Pencil"
        INK = "ink", "Ink"
        PAPER = "paper", "Paper"
        TAPE = "tape", "Tape"

    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    summary = models.CharField(max_length=120)
    description = models.TextField()
    price_usd = models.DecimalField("price (USD)", max_digits=8, decimal_places=2)
    price_eur = models.DecimalField("price (EUR)", max_digits=8, decimal_places=2)
    is_on_sale = models.BooleanField("on sale", default=True, help_text="Shown in the shop.")

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the product's page."""
        return reverse("shop:product", args=[self.slug])

    @property
    def art(self) -> str:
        """The template with the product's drawing."""
        return f"shop/art/{self.kind}.svg"

    def price_in(self, currency: str) -> Decimal:
        """Return the price in one of the shop's currencies."""
        return {"USD": self.price_usd, "EUR": self.price_eur}[currency]


class Order(models.Model):
    """What somebody bought, in one currency; pending until the payment provider says that it was paid."""

    class Status(models.TextChoices):
        """From pending to paid to refunded, never back."""

        PENDING = "pending", "Pending"
        PAID = "paid", "Paid"
        REFUNDED = "refunded", "Refunded"

    number = models.CharField(max_length=20, unique=True, default=new_order_number, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="orders",
        help_text="Empty for a guest.",
    )
    email = models.EmailField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    total = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(default=timezone.now)
    checkout_key = models.UUIDField(
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text="Made by the storefront for a cart, so that ordering twice is ordering once; empty elsewhere.",
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [models.CheckConstraint(condition=models.Q(total__gte=0), name="shop_order_total_not_negative")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Return the address of the thank-you page: the storefront's for what was ordered there."""
        return reverse("shop:order" if self.checkout_key is None else "storefront:order", args=[self.number])


class OrderLine(models.Model):
    """One product of an order, at the price it had then."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    unit_price = models.DecimalField(max_digits=8, decimal_places=2)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["order", "product"], name="shop_order_line_one_per_product")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product}"

    @property
    def price(self) -> Decimal:
        """What the line costs."""
        return self.unit_price * self.quantity
