"""How much one document may ask. The rules are built once, so that Strawberry's validation cache can hit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    NullValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValidationRule,
)
from graphql.validation.validate import ValidationAbortedError

from graphql_api.errors import ErrorCode

MAX_TOKENS = 1000
MAX_FIELDS = 1000  # with fragments written out, as they are by whoever walks a selection
MAX_ALIASES = 15
MAX_DEPTH = 10
MAX_REPEATS = 50  # of a name in one selection: graphql-core compares each with each, and what is below them too
MAX_REPORTS = 5  # fields that read all the touches of what is selected, however little they answer

_REPORTS = ("attributionReport", "conversionPaths", "reportOptions")
_REPORTS_ARGUMENT = "creditedTo"  # makes one of a list: rows are looked at until a page is full


class _LimitRule(ValidationRule):
    """Counts over whole operations, with fragments in place."""

    def enter_document(self, document: DocumentNode, *_: Any) -> None:
        measured = _Measured(document)
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode):
                cost = measured.selection(operation.selection_set)
                self._limit("fields", cost.fields, MAX_FIELDS)
                self._limit("aliases", cost.aliases, MAX_ALIASES)
                self._limit("levels", cost.depth, MAX_DEPTH)
                self._limit("reports", len(cost.own_reports), MAX_REPORTS)
                self._limit("repeats of a field in one selection", cost.repeats, MAX_REPEATS)
                if operation.operation is OperationType.MUTATION:
                    self._limit("mutation fields", cost.own_fields, 1)

    @staticmethod
    def _limit(what: str, count: int, allowed: int) -> None:
        if count > allowed:
            message = f"The operation has {count} {what}; at most {allowed} are allowed."
            # Ends the validation: the other rules are what documents such as these cost most in.
            raise ValidationAbortedError(message, extensions={"code": ErrorCode.QUERY_TOO_COMPLEX.value})


VALIDATION_RULES: list[type[ASTValidationRule]] = [_LimitRule]


@dataclass(slots=True)
class _Cost:
    """What a selection asks for, with fragments written out: fields and aliases of all levels, and levels."""

    fields: int = 0
    own_fields: int = 0  # of the first level
    aliases: int = 0
    depth: int = 0
    own_names: Counter[str] = field(default_factory=Counter)  # of the answers of the first level
    repeats: int = 0  # of the most frequent name in any selection
    own_reports: frozenset[str] = frozenset()  # by the names of their answers: those of one name are asked once

    def add(self, other: _Cost) -> None:
        self.fields += other.fields
        self.aliases += other.aliases
        self.depth = max(self.depth, other.depth)
        self.own_fields += other.own_fields
        self.own_reports |= other.own_reports
        self.own_names.update(other.own_names)
        self.repeats = max(self.repeats, other.repeats, *(self.own_names[name] for name in other.own_names))


class _Measured:
    """Costs of selections. Each fragment is measured once, however often it is spread."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._by_name: dict[str, _Cost] = {}

    def selection(self, selection_set: SelectionSetNode | None) -> _Cost:
        """Return what a selection asks for."""
        cost = _Cost()
        for selection in selection_set.selections if selection_set is not None else ():
            if isinstance(selection, FragmentSpreadNode):
                cost.add(self._fragment(selection.name.value))
            elif isinstance(selection, FieldNode):
                cost.add(self._field(selection))
            elif isinstance(selection, InlineFragmentNode):
                cost.add(self.selection(selection.selection_set))
        return cost

    def _field(self, node: FieldNode) -> _Cost:
        below = self.selection(node.selection_set)
        # Introspection goes deep by its nature, for which graphql-core has a rule of its own, and changes nothing.
        is_ours = not node.name.value.startswith("__")
        return _Cost(
            fields=1 + below.fields,
            own_fields=int(is_ours),
            aliases=below.aliases + (node.alias is not None),
            depth=1 + below.depth if is_ours else 1,
            own_names=Counter([(node.alias or node.name).value]),
            repeats=below.repeats,
            own_reports=frozenset([(node.alias or node.name).value]) if _is_report(node) else frozenset(),
        )

    def _fragment(self, name: str) -> _Cost:
        if name not in self._by_name:
            self._by_name[name] = _Cost()  # what a circular spread counts as; graphql-core refuses it anyway
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._by_name[name] = self.selection(fragment.selection_set)
        return self._by_name[name]


def _is_report(node: FieldNode) -> bool:
    return node.name.value in _REPORTS or any(
        argument.name.value == _REPORTS_ARGUMENT and not isinstance(argument.value, NullValueNode)
        for argument in node.arguments or ()
    )
