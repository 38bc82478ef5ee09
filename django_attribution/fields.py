"""Columns that fill themselves before they are written, by ``save()`` and ``bulk_create()`` alike."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
    _DateTimeField = models.DateTimeField[Any, Any]
else:
    _CharField, _DateTimeField = models.CharField, models.DateTimeField


class DerivedCharField(_CharField):
    """Text computed from the row's other columns each time it is written; never assigned."""

    def __init__(self, *args: Any, derive: Callable[[Any], str] | None = None, **kwargs: Any) -> None:
        self.derive = derive  # migrations rebuild the column without it
        super().__init__(*args, **{**kwargs, "editable": False})

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        """Leave out what the class itself always says."""
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Compute the value and leave it on the instance."""
        if self.derive is not None:
            setattr(model_instance, self.attname, self.derive(model_instance)[: self.max_length])
        value: str = getattr(model_instance, self.attname)
        return value


class ConfirmedAtField(_DateTimeField):
    """The instant of confirmation: a row that is born confirmed was confirmed when it occurred."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Fill the instant of a confirmed row that has none."""
        if getattr(model_instance, self.attname) is None and model_instance.is_confirmed:  # type: ignore[attr-defined]  # this field belongs beside is_confirmed
            setattr(model_instance, self.attname, model_instance.created_at if add else timezone.now())  # type: ignore[attr-defined]  # and created_at
        return getattr(model_instance, self.attname)
