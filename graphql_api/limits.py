"""How much one document may ask. The rules are built once, so that Strawberry's validation cache can hit."""

from __future__ import annotations

from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValidationRule,
)

from graphql_api.errors import ApiError, ErrorCode

MAX_TOKENS = 1000
MAX_ALIASES = 15
MAX_DEPTH = 10


class _LimitRule(ValidationRule):
    """Counts over whole operations, with fragments in place."""

    def enter_document(self, document: DocumentNode, *_: Any) -> None:
        measured = _Measured(document)
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode):
                aliases, depth = measured.selection(operation.selection_set)
                self._limit("aliases", aliases, MAX_ALIASES)
                self._limit("levels", depth, MAX_DEPTH)
                if operation.operation is OperationType.MUTATION:
                    self._limit("mutation fields", len(operation.selection_set.selections), 1)

    def _limit(self, what: str, count: int, allowed: int) -> None:
        if count > allowed:
            message = f"The operation has {count} {what}; at most {allowed} are allowed."
            self.report_error(ApiError(message, code=ErrorCode.QUERY_TOO_COMPLEX))


VALIDATION_RULES: list[type[ASTValidationRule]] = [_LimitRule]


class _Measured:
    """Aliases and depth of selections. Each fragment is measured once, however often it is spread."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._by_name: dict[str, tuple[int, int]] = {}

    def selection(self, selection_set: SelectionSetNode | None) -> tuple[int, int]:
        """Return how many aliases a selection holds, and how deep it goes."""
        aliases = depth = 0
        for selection in selection_set.selections if selection_set is not None else ():
            if isinstance(selection, FragmentSpreadNode):
                inner_aliases, inner_depth = self._fragment(selection.name.value)
            else:
                inner_aliases, inner_depth = self.selection(getattr(selection, "selection_set", None))
            if isinstance(selection, FieldNode):
                inner_aliases += selection.alias is not None
                inner_depth += 1
            aliases += inner_aliases
            depth = max(depth, inner_depth)
        return aliases, depth

    def _fragment(self, name: str) -> tuple[int, int]:
        if name not in self._by_name:
            self._by_name[name] = 0, 0  # what a circular spread counts as; graphql-core refuses it anyway
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._by_name[name] = self.selection(fragment.selection_set)
        return self._by_name[name]
