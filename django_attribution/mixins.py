"""Declare the conversion events of a class-based view."""

from typing import Any, ClassVar

from django.http import HttpRequest

from django_attribution.decorators import conversion_events


class ConversionEventsMixin:
    """Restrict the conversions that a view records to ``conversion_events``; put it before ``View``."""

    conversion_events: ClassVar[tuple[str, ...]] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Dispatch with the declared events in force."""
        dispatch = super().dispatch  # type: ignore[misc]  # the view class it is mixed into has one
        return conversion_events(*self.conversion_events)(dispatch)(request, *args, **kwargs)
