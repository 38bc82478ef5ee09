"""The attribution models as enums: the built-in ones, and those that the setting MODELS names.

They are read once, when the schema is built: every dashboard means the same thing by a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from django_attribution import attribution_models, model_names

PER_CONVERSION: Mapping[str, attribution_models.AttributionModel] = {
    **{name.upper(): model for name, model in model_names.BUILT_IN.items()},
    **model_names.own_models(),
}
IN_REPORTS: Mapping[str, model_names.Model] = {
    **PER_CONVERSION,
    **{name.upper(): model for name, model in model_names.REPORT_ONLY.items()},
}

if TYPE_CHECKING:

    class AttributionModel(Enum):
        """The models that credit each conversion by itself."""

        LAST_TOUCH = "LAST_TOUCH"

    class ReportModel(Enum):
        """These, and the models of whole breakdowns."""

        LAST_TOUCH = "LAST_TOUCH"

else:

    def _enum(name: str, models: Mapping[str, model_names.Model], *, description: str) -> type[Enum]:
        members = {key: strawberry.enum_value(key, description=model.description) for key, model in models.items()}
        return strawberry.enum(Enum(name, members), description=description)

    AttributionModel = _enum(
        "AttributionModel",
        PER_CONVERSION,
        description="How the credit for a conversion is given to the touches before it.",
    )
    ReportModel = _enum(
        "ReportModel", IN_REPORTS, description="How a report gives credit; the site's own models are among them."
    )
