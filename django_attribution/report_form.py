"""How credit is asked for in a form: models, breakdown, windows. The rules are the engine's own.

Which conversions are meant is asked by ConversionFilter; report_question.py puts both together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args
from zoneinfo import ZoneInfo

from django import forms

from django_attribution.credit_filter import CreditFilter, CreditKind
from django_attribution.dimensions import DIMENSIONS, clean_dimensions
from django_attribution.exceptions import InvalidArgument
from django_attribution.intervals import Interval, clean_interval, clean_zone
from django_attribution.model_names import BUILT_IN, REPORT_ONLY, Model, own_models, report_models
from django_attribution.report_rows import MAX_KEYS, ReportOrder
from django_attribution.windows import DEFAULT_DAYS, MAX_DAYS, AttributionWindow

ORDERS: tuple[ReportOrder, ...] = get_args(ReportOrder)
MAX_LINES = 1000  # of one text field


def model_choices() -> list[tuple[str, str]]:
    """Return every model that a report may have, with what it does."""
    every: dict[str, Model] = {**BUILT_IN, **REPORT_ONLY, **own_models()}
    return [(name, f"{name}: {model.description}") for name, model in every.items()]


class NamesField(forms.MultipleChoiceField):
    """Names out of a list that may be checked; the engine's own rule tells which are known."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: Any) -> bool:
        """Leave it to the rule."""
        return True


class LinesField(forms.CharField):
    """Lines of NAME=VALUE; the first ``=`` ends the name, or the last one where names may have some of their own."""

    widget = forms.Textarea(attrs={"rows": 2, "cols": 30})

    def __init__(self, *, form: str, has_free_names: bool = False, **kwargs: Any) -> None:
        self.form = form
        self._parts = str.rpartition if has_free_names else str.partition
        super().__init__(required=False, help_text=f"{form}; one per line.", **kwargs)

    def to_python(self, value: Any) -> Any:
        """Return pairs; what is no pair is refused as typed."""
        # Not splitlines(): a value may hold what only Unicode takes for the end of a line.
        lines = [line.strip() for line in re.split(r"[\r\n]+", super().to_python(value) or "") if line.strip()]
        if len(lines) > MAX_LINES:
            raise forms.ValidationError(f"At most {MAX_LINES} lines are allowed, not {len(lines)}.")
        pairs = []
        for line in lines:
            name, sign, text = self._parts(line, "=")
            if not (sign and name.strip() and text.strip()):
                raise forms.ValidationError(f"{line[:60]!r} must be {self.form}.")
            pairs.append((name.strip(), text.strip()))
        return pairs


class ReportForm(forms.Form):
    """How to credit conversions and how to break the credit down."""

    models = NamesField(choices=model_choices, help_text="Side by side in this order.")
    by = NamesField(
        label="Break down by",
        choices=[(name, name) for name in DIMENSIONS],
        required=False,
        help_text="None gives the totals.",
    )
    interval = forms.CharField(
        required=False, widget=forms.Select(choices=[("", "none"), *((name, name) for name in Interval)])
    )
    tz = forms.CharField(
        label="Time zone",
        required=False,
        widget=forms.TextInput(attrs={"list": "time-zones"}),
        help_text="IANA name, such as Europe/Paris: where days begin. UTC unless named.",
    )
    window_days = forms.IntegerField(required=False, min_value=0, max_value=MAX_DAYS, help_text="Look-back, in days.")
    source_windows = LinesField(form="SOURCE=DAYS, such as google=14", has_free_names=True)
    exclude_direct = forms.BooleanField(required=False, help_text="Share the credit among the other touches.")
    credited_to = LinesField(label="Credit kept", form="DIMENSION=VALUE, such as channel=Paid Search")
    first = forms.IntegerField(
        label="Keys shown",
        required=False,
        min_value=0,
        max_value=MAX_KEYS,
        help_text="How many keys; the others become one.",
    )
    order_by = forms.ChoiceField(
        required=False,
        choices=[(name, name) for name in ORDERS],
        error_messages={"invalid_choice": f"Known orders: {', '.join(ORDERS)}; not %(value)s."},
        help_text="What makes a key one of the first.",
    )

    def clean_models(self) -> list[str]:
        """Return names of models, as the engine knows them."""
        with _form_errors():
            return list(report_models(self.cleaned_data["models"]))

    def clean_by(self) -> tuple[str, ...]:
        """Return dimensions."""
        with _form_errors():
            return clean_dimensions(self.cleaned_data["by"])

    def clean_interval(self) -> Interval | None:
        """Return the interval."""
        with _form_errors():
            return clean_interval(self.cleaned_data["interval"] or None)

    def clean_tz(self) -> ZoneInfo:
        """Return the time zone."""
        with _form_errors():
            return clean_zone(self.cleaned_data["tz"] or "UTC")

    def clean_window_days(self) -> int:
        """Return days."""
        days: int | None = self.cleaned_data["window_days"]
        return DEFAULT_DAYS if days is None else days

    def clean_source_windows(self) -> dict[str, int]:
        """Return days by source."""
        windows: dict[str, int] = {}
        for source, text in self.cleaned_data["source_windows"]:
            if not (text.isascii() and text.isdigit() and len(text) < 9):
                raise forms.ValidationError(f"{f'{source}={text}'[:60]!r} must be a whole number of days.")
            if source in windows:
                raise forms.ValidationError(f"The source {source[:60]!r} is named twice.")
            windows[source] = int(text)
        with _form_errors():
            AttributionWindow(DEFAULT_DAYS, windows)
        return windows

    def clean_credited_to(self) -> CreditFilter:
        """Return the filter of credit; a dimension that is named several times may have any of the values."""
        wanted: dict[str, list[str]] = {}
        for name, text in self.cleaned_data["credited_to"]:
            if name not in CreditFilter.__dataclass_fields__:
                known = ", ".join(CreditFilter.__dataclass_fields__)
                raise forms.ValidationError(f"{name[:60]!r} cannot be asked for. Known: {known}.")
            wanted.setdefault(name, []).append(text)
        kinds = wanted.pop("kind", [])
        if len(kinds) > 1 or not set(kinds) <= set(CreditKind):
            raise forms.ValidationError("kind must be attributed or unattributed, once.")
        with _form_errors():
            return CreditFilter(kind=CreditKind(kinds[0]) if kinds else None, **wanted)  # type: ignore[arg-type]  # it makes tuples of lists


@contextmanager
def _form_errors() -> Iterator[None]:
    try:
        yield
    except InvalidArgument as error:
        raise forms.ValidationError(str(error)) from None
