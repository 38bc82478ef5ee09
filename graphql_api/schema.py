"""The schema, put together once: types, limits that cost nothing per request, and caches."""

import strawberry
from graphql import GraphQLError
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    ValidationCache,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from graphql_api.errors import is_unexpected
from graphql_api.limits import MAX_TOKENS, VALIDATION_RULES
from graphql_api.mutations import Mutation
from graphql_api.queries import Query
from graphql_api.scalars import CURRENCY_CODE, CurrencyCode


class Schema(strawberry.Schema):
    """Logs what went wrong on the server. What callers got wrong is in their answer, and nobody else's business."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log the errors that nobody raised for the caller."""
        super().process_errors([error for error in errors if is_unexpected(error)], execution_context)


schema = Schema(
    query=Query,
    mutation=Mutation,
    extensions=[
        # Factories: Strawberry makes them anew for each operation, as they hold its state.
        lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
        ParserCache,
        lambda: AddValidationRules(VALIDATION_RULES),
        ValidationCache,
    ],
    config=StrawberryConfig(scalar_map={CurrencyCode: CURRENCY_CODE}),
)
