"""Products to edit; orders to look at and refund."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from example_project.shop.models import Order, OrderLine, Product
from example_project.shop.orders import refund


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no generics at run time
    """What is in the shop."""

    list_display = ("name", "kind", "price_usd", "price_eur", "is_on_sale")
    list_filter = ("kind", "is_on_sale")
    search_fields = ("name", "summary")
    prepopulated_fields = {"slug": ("name",)}


class OrderLineInline(admin.TabularInline):  # type: ignore[type-arg]  # no generics at run time
    """What was ordered, as it was."""

    model = OrderLine
    fields = readonly_fields = ("product", "quantity", "unit_price")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        """Orders come from the shop."""
        return False


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no generics at run time
    """Orders, newest first."""

    list_display = ("number", "created_at", "email", "total", "currency", "status")
    list_filter = ("status", "currency", "created_at")
    search_fields = ("number", "email")
    date_hierarchy = "created_at"
    fields = readonly_fields = ("number", "created_at", "user", "email", "total", "currency", "status")
    inlines = (OrderLineInline,)
    actions = ("refund_orders",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Orders come from the shop."""
        return False

    @admin.action(description="Refund selected orders", permissions=["change"])
    def refund_orders(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        """Refund what was paid, and say how many that were."""
        refunded = sum(refund(order) for order in queryset)
        self.message_user(request, f"Refunded {refunded} of {len(queryset)} orders.", messages.SUCCESS)
