"""The rules of validation that hold for one request: by the settings, and by what it says beside its document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from graphql import (
    ASTValidationRule,
    DocumentNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    ValidationRule,
)
from strawberry.extensions import SchemaExtension

from graphql_api.errors import ApiError, ErrorCode
from graphql_api.introspection import may_introspect
from graphql_api.limits import VALIDATION_RULES

_NAMES_OPERATION = "_names_graphql_operation"


class OneOperationRule(ValidationRule):
    """For a request that names no operation: GraphQL lets the server guess none, and Strawberry would run the first."""

    def enter_document(self, document: DocumentNode, *_: Any) -> None:
        """Count the operations."""
        count = sum(isinstance(definition, OperationDefinitionNode) for definition in document.definitions)
        if count > 1:
            message = f"The document has {count} operations. Say in operationName which one to run."
            self.report_error(ApiError(message, code=ErrorCode.BAD_USER_INPUT))


class RequestRules(SchemaExtension):
    """Adds the rules, always the same objects in the same order, so that Strawberry's validation cache can hit."""

    def on_operation(self) -> Iterator[None]:
        """Choose the rules before the document is read."""
        rules: list[type[ASTValidationRule]] = [*VALIDATION_RULES]
        request = getattr(self.execution_context.context, "request", None)
        if request is not None:  # what server code asks the schema itself is nobody's request
            if not may_introspect():
                rules.append(NoSchemaIntrospectionCustomRule)
            if not getattr(request, _NAMES_OPERATION, False):
                rules.append(OneOperationRule)
        self.execution_context.validation_rules += tuple(rules)
        yield


def note_operation_name(request: HttpRequest, name: object) -> None:
    """Keep whether the request names the operation to run: what Strawberry shows may be the first one's name."""
    setattr(request, _NAMES_OPERATION, name is not None)
