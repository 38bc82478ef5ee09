"""What only the published package's worker runs: its shortest documented way to sum up revenue by source."""

from typing import Any

from django.db.models import Sum
from django.db.models.fields.json import KT

from django_attribution.attribution_models import last_touch
from django_attribution.models import Conversion
from tests.benchmarks import questions, visits
from tests.benchmarks.clock import Clock


def revenue_by_source(clock: Clock) -> Any:
    """Group by the credited utm_source in SQL, of which the package offers a JSON object."""
    conversions = Conversion.objects.valid().with_attribution(last_touch).order_by()
    by_source = conversions.annotate(by=KT("attribution_data__utm_source")).values("by", "currency")
    with clock.running():
        rows = list(by_source.annotate(revenue=Sum("conversion_value")))
    return [[row["by"], row["currency"], str(row["revenue"])] for row in rows]


OPERATIONS = {**visits.OPERATIONS, **questions.OPERATIONS, "revenue by source": revenue_by_source}
