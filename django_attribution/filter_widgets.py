"""How the filters' fields look in an HTML form. What may be asked is said in filters.py; requests are unknown here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.renderers import get_default_renderer
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django_filters.widgets import SuffixedMultiWidget

LINE_BREAKS = re.compile(r"[\r\n]+")
PICKED_DAY = re.compile(r"\d{4}-\d\d-\d\d")
LINE_BREAKS_AND_COMMAS = re.compile(r"[,\s]+")


class ValuesWidget(forms.Textarea):
    """A list of values as text, one per line, or several parameters of one name in an address.

    A dict gives a list as it is. Values that hold no comma or space may be separated by them too.
    """

    def __init__(self, *, separators: re.Pattern[str] = LINE_BREAKS) -> None:
        self.separators = separators
        hint = "one per line" if separators is LINE_BREAKS else "separated by commas"
        super().__init__({"rows": 2, "cols": 30, "placeholder": hint})

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """Return what was given: every line of every parameter."""
        if not hasattr(data, "getlist"):
            return data.get(name)
        lines = [line for text in data.getlist(name) for line in self.separators.split(text)]
        return [line for line in lines if line]

    def format_value(self, value: Any) -> Any:
        """Return one line per value."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else super().format_value(value)


class InstantWidget(forms.TextInput):
    """A day, to be picked where the browser knows how, or an instant in ISO 8601 as text."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Offer the picker unless it would hide a value that is more than a day."""
        context = super().get_context(name, value, attrs)
        context["widget"]["type"] = "date" if not value or PICKED_DAY.fullmatch(str(value)) else "text"
        return context


class EitherSelect(forms.NullBooleanSelect):
    """Yes, no, or no matter."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs)
        self.choices = [("unknown", "either"), ("true", "yes"), ("false", "no")]


class LabelledRangeWidget(SuffixedMultiWidget):
    """Two inputs that say which end they are."""

    end_labels: tuple[str, str]
    end_widget: type[forms.TextInput] = forms.TextInput

    def __init__(self, attrs: Any = None) -> None:
        super().__init__((self.end_widget, self.end_widget), attrs)

    def decompress(self, value: slice | None) -> list[Any]:
        """Return both ends."""
        return [None, None] if value is None else [value.start, value.stop]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return each input within its label; django-filter's own template needs the app installed."""
        ends = self.get_context(name, value, attrs)["widget"]["subwidgets"]
        templates = renderer or get_default_renderer()
        inputs = (mark_safe(templates.render(end["template_name"], {"widget": end})) for end in ends)  # noqa: S308 - Django's own template escapes
        labelled = zip((end["attrs"].get("id", "") for end in ends), self.end_labels, inputs, strict=True)
        return format_html_join(" ", '<span class="end"><label for="{}">{}</label> {}</span>', labelled)


class AmountRangeWidget(LabelledRangeWidget):
    """The least and the greatest amount."""

    suffixes = ["min", "max"]
    end_labels = ("at least", "at most")


class InstantRangeWidget(LabelledRangeWidget):
    """From when on, and before when."""

    suffixes = ["after", "before"]
    end_labels = ("from", "before")
    end_widget = InstantWidget
