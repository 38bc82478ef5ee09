"""Attribution models by name: the built-in ones, those of the setting MODELS, and two that only reports know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.utils.module_loading import import_string

from django_attribution.attribution_models import (
    AttributionModel,
    ReportOnlyModel,
    first_touch,
    last_non_direct,
    last_touch,
    linear,
    markov,
    participation,
    position_based,
    time_decay,
)
from django_attribution.conf import attribution_settings
from django_attribution.exceptions import InvalidArgument

MAX_MODELS = 10  # in one report


BUILT_IN: Mapping[str, AttributionModel] = {
    model.name: model for model in (first_touch, last_touch, last_non_direct, linear, time_decay(), position_based())
}
REPORT_ONLY: Mapping[str, ReportOnlyModel] = {model.name: model for model in (participation, markov)}

Model = AttributionModel | ReportOnlyModel


def own_models() -> dict[str, AttributionModel]:
    """Return the models that the setting MODELS names; raise ``InvalidArgument`` for an entry that is none."""
    return {name: own_model(name, given) for name, given in attribution_settings.MODELS.items()}


def own_model(name: object, given: object) -> AttributionModel:
    """Return one model of the setting: an object, or the dotted path of one."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", name):
        raise InvalidArgument("MODELS", f"{str(name)[:70]!r} must be in capitals, as LAST_PAID is.")
    if name.lower() in {**BUILT_IN, **REPORT_ONLY}:
        raise InvalidArgument("MODELS", f"{name} is the name of a built-in model; choose another.")
    try:
        model: Any = import_string(given) if isinstance(given, str) else given
    except (ImportError, TypeError, ValueError) as error:  # the last two for paths that begin with a dot
        raise InvalidArgument("MODELS", f"{name} cannot be imported: {error}.") from None
    if not _is_model(model):
        raise InvalidArgument(
            "MODELS", f"{name} must be an attribution model, with name, description and weights(), not {model!r}."
        )
    return cast(AttributionModel, model)


def per_conversion_model(model: AttributionModel | str) -> tuple[str, AttributionModel]:
    """Return a model that credits single conversions, with the name it was asked by; raise ``InvalidArgument``."""
    name, found = report_model(model)
    if isinstance(found, ReportOnlyModel):
        raise InvalidArgument("model", f"{found.name} says nothing of a single conversion; ask for it in a report.")
    return name, found


def report_model(model: Model | str, *, argument: str = "model") -> tuple[str, Model]:
    """Return a model, given itself or by name, with the name it was asked by; raise ``InvalidArgument``."""
    if isinstance(model, str):
        for name, known in _known():
            if name.casefold() == model.casefold():
                return name, known
    elif isinstance(model, ReportOnlyModel) or _is_model(model):
        return model.name, model
    names = ", ".join(name for name, _ in _known())
    factory = next((make for make in (time_decay, position_based) if make is cast(object, model)), None)
    hint = "" if factory is None else f" Call it: {factory.__name__}()."
    raise InvalidArgument(
        argument,
        f"{str(model)[:40]!r} is neither an attribution model nor the name of one: {names}.{hint}",
    )


def report_models(models: Iterable[Model | str] | Mapping[str, Model | str]) -> dict[str, Model]:
    """Return the models of a report by name; raise ``InvalidArgument`` for none, too many, or a name twice."""
    if isinstance(models, str | ReportOnlyModel) or _is_model(models) or not isinstance(cast(object, models), Iterable):
        raise InvalidArgument("models", "models must be a list, such as [last_touch, linear].")
    given = (
        ((name, report_model(model, argument="models")[1]) for name, model in models.items())
        if isinstance(models, Mapping)
        else (report_model(model, argument="models") for model in models)
    )
    found: dict[str, Model] = {}
    for name, known in given:
        if name in found:
            raise InvalidArgument("models", f"models names {name!r} twice.")
        found[name] = known
    if not 0 < len(found) <= MAX_MODELS:
        raise InvalidArgument("models", f"models must name 1 to {MAX_MODELS} models, not {len(found)}.")
    return found


def _known() -> list[tuple[str, Model]]:
    return [*BUILT_IN.items(), *REPORT_ONLY.items(), *own_models().items()]


def _is_model(candidate: Any) -> bool:
    is_one = isinstance(candidate, AttributionModel) and not isinstance(candidate, type)
    return is_one and callable(candidate.weights) and isinstance(candidate.name, str)
