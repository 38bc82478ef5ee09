"""The admin: who came, from where, and what it led to. Facts are read here, not written.

Conversions can be confirmed and voided by those who may; everything else is recorded by requests and code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from django_attribution.attribution_models import first_touch, last_touch
from django_attribution.erasure_admin import ErasureAdminMixin
from django_attribution.exceptions import ConfirmationRefused
from django_attribution.fact_admin import FactAdminMixin, may_view
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.money import quantize
from django_attribution.report_admin import ReportAdminMixin

JOURNEY_LENGTH = 200  # entries shown of one identity, the newest


if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(_ModelAdmin):
    """Lists and shows rows; adds and changes none. Deleting follows Django's permission."""

    list_per_page = 50
    show_full_result_count = False  # a second COUNT over a large table, for a number that nobody needs

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows come from requests and code."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What happened is not edited."""
        return False


@admin.register(Identity)
class IdentityAdmin(ErasureAdminMixin, ReadOnlyAdmin):
    """Visitors, each with its journey. Deleting one erases the person."""

    list_display = ("uuid", "linked_user", "touches", "conversions_count", "created_at", "last_seen_at")
    list_filter = (
        ("linked_user", admin.EmptyFieldListFilter),
        ("merged_into", admin.EmptyFieldListFilter),
        "last_seen_at",
    )
    list_select_related = ("linked_user",)
    search_fields = ("uuid",)
    search_help_text = "Any part of the uuid."
    ordering = ("-id",)
    fields = (
        "uuid", "linked_user", "merged_into", "claimed_at", "created_at", "last_seen_at",
        "first_visit_user_agent", "journey",
    )  # fmt: skip
    readonly_fields = ("journey",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the journey to those who may see what is in it."""
        return [name for name in self.fields if name != "journey" or may_view(request, "touchpoint", "conversion")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count each row's facts in the list's own query."""
        identities: QuerySet[Any] = super().get_queryset(request)
        return identities.annotate(  # type: ignore[no-any-return]  # Any is what the admin's own queryset holds
            touch_count=_count_of(Touchpoint.objects.all()), conversion_count=_count_of(Conversion.objects.all())
        )

    @admin.display(description="touches")
    def touches(self, identity: Any) -> int:
        """Show how many touches the visitor has."""
        count: int = identity.touch_count
        return count

    @admin.display(description="conversions")
    def conversions_count(self, identity: Any) -> int:
        """Show how many conversions the visitor has."""
        count: int = identity.conversion_count
        return count

    @admin.display(description="journey")
    def journey(self, identity: Identity) -> SafeString | str:
        """Show touches and conversions together in order of time, the newest first."""
        facts: list[Touchpoint | Conversion] = [
            *identity.touchpoints.order_by("-created_at", "-id")[:JOURNEY_LENGTH],
            *identity.conversions.order_by("-created_at", "-id")[:JOURNEY_LENGTH],
        ]
        facts.sort(key=lambda fact: fact.created_at, reverse=True)
        if not facts:
            return "Nothing yet."
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{}</li>", map(_entry, facts[:JOURNEY_LENGTH])))


@admin.register(Touchpoint)
class TouchpointAdmin(FactAdminMixin, ReadOnlyAdmin):
    """Arrivals."""

    list_display = ("created_at", "source", "medium", "utm_campaign", "identity_link")
    list_filter = ("created_at",)
    search_fields = ("source", "medium", "utm_campaign", "identity__uuid")
    ordering = ("-id",)


@admin.register(Conversion)
class ConversionAdmin(ReportAdminMixin, FactAdminMixin, ReadOnlyAdmin):
    """Conversions, and on each one's page who earned it."""

    list_display = ("created_at", "event", "status_label", "money", "origin", "identity_link")
    list_filter = ("is_confirmed", "is_active", "origin", "currency", "created_at")
    search_fields = ("event", "uuid", "idempotency_key", "source_object_id", "identity__uuid")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-uuid")  # as the index is
    exclude = ("fingerprint",)
    readonly_fields = ("credited_first", "credited_last")
    actions = ("confirm", "void")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the credited touches to those who may see touches."""
        hidden = () if may_view(request, "touchpoint") else ("credited_first", "credited_last")
        return [name for name in super().get_fields(request, obj) if name not in hidden]

    @admin.display(description="status")
    def status_label(self, conversion: Conversion) -> str:
        """Show pending, confirmed or voided."""
        return str(conversion.status.label)

    @admin.display(description="value", ordering="value")
    def money(self, conversion: Conversion) -> str:
        """Show the amount with its currency."""
        return _money(conversion)

    @admin.display(description="first touch (30 days)")
    def credited_first(self, conversion: Conversion) -> SafeString | str:
        """Show the touch that made this visitor aware."""
        return _credited(conversion, first_touch)

    @admin.display(description="last touch (30 days)")
    def credited_last(self, conversion: Conversion) -> SafeString | str:
        """Show the touch that brought this visitor back."""
        return _credited(conversion, last_touch)

    @admin.action(description="Confirm selected conversions", permissions=["confirm"])
    def confirm(self, request: HttpRequest, conversions: QuerySet[Conversion]) -> None:
        """Confirm one by one, so that each is a transition with its signal."""
        confirmed = 0
        for conversion in conversions:
            try:
                conversion.confirm()
            except ConfirmationRefused as refusal:
                self.message_user(request, f"{conversion}: {refusal}", messages.WARNING)
            else:
                confirmed += 1
        self.message_user(request, f"{confirmed} confirmed.")

    @admin.action(description="Void selected conversions (refund, fraud)", permissions=["confirm"])
    def void(self, request: HttpRequest, conversions: QuerySet[Conversion]) -> None:
        """Take conversions out of every report; the rows stay."""
        for conversion in conversions:
            conversion.void()
        self.message_user(request, f"{len(conversions)} voided.")

    def has_confirm_permission(self, request: HttpRequest) -> bool:
        """Allow the actions to those who may confirm."""
        user: Any = request.user
        return bool(user.has_perm("django_attribution.confirm_conversion"))


def _count_of(facts: QuerySet[Any]) -> Coalesce:
    # A subquery each: joins would multiply the touches of a visitor with the conversions.
    of_identity = facts.filter(identity=OuterRef("pk")).order_by().values("identity")
    return Coalesce(Subquery(of_identity.annotate(count=Count("pk")).values("count")), 0)


def _entry(fact: Touchpoint | Conversion) -> tuple[SafeString]:
    moment = timezone.localtime(fact.created_at).strftime("%Y-%m-%d %H:%M")
    if isinstance(fact, Touchpoint):
        return (format_html("{} &middot; {} {}", moment, fact, fact.utm_campaign),)
    return (format_html("{} &middot; <strong>{}</strong> {}", moment, fact, _money(fact)),)


def _money(conversion: Conversion) -> str:
    if conversion.value is None:
        return ""
    return f"{quantize(conversion.value, currency=conversion.currency)} {conversion.currency}"


def _credited(conversion: Conversion, model: Any) -> SafeString | str:
    attributed = Conversion.objects.with_attribution(model).get(pk=conversion.pk)
    touch = attributed.credited_touchpoint
    if touch is None:
        return "Nobody: no touch in the window."
    url = reverse("admin:django_attribution_touchpoint_change", args=[touch.pk])
    return format_html('<a href="{}">{} {}</a>', url, touch, touch.utm_campaign)
