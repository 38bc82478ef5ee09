"""What a page of conversions shows beside its rows: credits, identities and journeys, paid for and then fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, prefetch_related_objects
from strawberry.types.nodes import SelectedField

from django_attribution.models import Conversion, Touchpoint
from django_attribution.querysets import ConversionQuerySet
from graphql_api.answer_budget import CONVERSION, CREDITED_TOUCH, JOURNEY_TOUCH, LIST, OBJECT, AnswerBudget
from graphql_api.selections import fields_below, selected
from graphql_api.types import JOURNEY_LENGTH, MAX_JOURNEY

_EDGES = ("attributedConversions", "edges")  # the selection of a field begins with the field itself


@dataclass(frozen=True, slots=True)
class PageContents:
    """What is selected of each conversion of a page, and what pays for it."""

    edges: Sequence[SelectedField]
    credits: Sequence[SelectedField]
    identities: Sequence[SelectedField]  # none where the caller may not see them
    journeys: Sequence[SelectedField]
    budget: AnswerBudget

    @classmethod
    def of(
        cls,
        asked: Sequence[SelectedField],
        budget: AnswerBudget,
        *,
        may_see_identities: bool,
        may_see_touches: bool,
    ) -> PageContents:
        """Read the selection of a page; what the caller may not see is not fetched."""
        identities = selected(asked, *_EDGES, "node", "identity") if may_see_identities else []
        return cls(
            edges=selected(asked, *_EDGES),
            credits=selected(asked, *_EDGES, "credits"),
            identities=identities,
            journeys=selected(identities, "identity", "journey") if may_see_touches else [],
            budget=budget,
        )

    def begin(self) -> None:
        """Pay for a list, before anything of it is read."""
        self.budget.spend(LIST)

    def fetch(self, rows: Sequence[Conversion], conversions: ConversionQuerySet) -> None:
        """Fetch what belongs to the rows of the page, and to none that was only looked at."""
        own = fields_below(self.edges) - fields_below(self.credits) - fields_below(self.journeys)
        self.budget.spend(len(rows) * (CONVERSION + own))
        if self.credits:
            self._fetch_credits(rows, conversions)
        if self.identities:
            prefetch_related_objects(rows, "identity")
        if self.journeys:
            self._fetch_journeys(rows)

    def _fetch_credits(self, rows: Sequence[Conversion], conversions: ConversionQuerySet) -> None:
        touches = conversions.count_credited_touches(rows, at_most=self.budget.most(CREDITED_TOUCH) + 1)
        self.budget.spend(touches * CREDITED_TOUCH)
        prefetch_related_objects(rows, conversions.credit_prefetch)
        # A touch is credited by each of a visitor's conversions, and computed again under each alias.
        most = sum(row.most_credits() for row in rows)
        self.budget.spend(most * (OBJECT * len(self.credits) + fields_below(self.credits)))

    def _fetch_journeys(self, rows: Sequence[Conversion]) -> None:
        length = max(map(_length_of, self.journeys))
        visitors = {row.identity_id for row in rows if row.identity_id is not None}
        touches = Touchpoint.objects.filter(identity__in=visitors).order_by().values_list("identity_id")
        counts = {visitor: min(count, length) for visitor, count in touches.annotate(Count("pk"))}
        self.budget.spend(sum(counts.values()) * JOURNEY_TOUCH)
        # An identity is answered again for each of its conversions.
        shown = sum(counts.get(row.identity_id, 0) for row in rows)
        self.budget.spend(shown * (OBJECT * len(self.journeys) + fields_below(self.journeys)))
        prefetch_related_objects(rows, _journeys(length))


def _journeys(length: int) -> Prefetch[Any]:
    touches = Touchpoint.objects.order_by("created_at", "id")[: max(1, length)]
    return Prefetch("identity__touchpoints", queryset=touches, to_attr="journey_touchpoints")


def _length_of(journey: SelectedField) -> int:
    first: Any = journey.arguments.get("first")  # a literal comes as text, a variable as a number
    return max(0, min(JOURNEY_LENGTH if first is None else int(first), MAX_JOURNEY))
