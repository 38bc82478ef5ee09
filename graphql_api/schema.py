"""The schema, put together once: types, limits that cost nothing per request, and caches."""

from decimal import Decimal
from traceback import format_tb

import strawberry
from django.db import Error as DatabaseError
from graphql import FieldNode, GraphQLError
from strawberry.extensions import (
    MaxTokensLimiter,
    ParserCache,
    ValidationCache,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext
from strawberry.utils.logging import StrawberryLogger

from graphql_api.errors import is_unexpected
from graphql_api.limits import MAX_TOKENS
from graphql_api.mutations import Mutation
from graphql_api.queries import Query
from graphql_api.request_rules import RequestRules
from graphql_api.scalars import CURRENCY_CODE, DECIMAL, CurrencyCode


class Schema(strawberry.Schema):
    """Logs what went wrong on the server. What callers got wrong is in their answer, and nobody else's business."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log the errors that nobody raised for the caller: where, and what, and nothing that the caller sent.

        Strawberry's own line shows the document around the field, and PostgreSQL quotes the row that it refused.
        """
        for error in filter(is_unexpected, errors):
            cause = error.original_error or error
            field = error.nodes[0].name.value if error.nodes and isinstance(error.nodes[0], FieldNode) else "?"
            words = type(cause).__name__ if isinstance(cause, DatabaseError) else repr(cause)
            StrawberryLogger.logger.error(
                "GraphQL field %s failed: %s\n%s", field, words, "".join(format_tb(cause.__traceback__))
            )


schema = Schema(
    query=Query,
    mutation=Mutation,
    extensions=[
        # Factories: Strawberry makes them anew for each operation, as they hold its state.
        lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
        ParserCache,
        RequestRules,
        ValidationCache,
    ],
    config=StrawberryConfig(scalar_map={CurrencyCode: CURRENCY_CODE, Decimal: DECIMAL}),
)
