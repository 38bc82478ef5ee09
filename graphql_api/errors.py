"""Errors as callers see them: a closed list of codes, and nothing of the database or of Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from types import MappingProxyType

from django.core.exceptions import SuspiciousOperation
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.types import ExecutionResult
from strawberry.utils.str_converters import to_camel_case

from django_attribution.database_errors import is_out_of_reach
from django_attribution.exceptions import AttributionUnavailable, InvalidArgument
from graphql_api.introspection import may_introspect

RETRY_AFTER = AttributionUnavailable.retry_after  # seconds
UNAVAILABLE = "The database cannot be reached right now. Try again later."
NO_OTHER_NAMES: Mapping[str, str] = MappingProxyType({})

_SUGGESTION = re.compile(r" Did you mean .*", re.DOTALL)  # graphql-core's, which names fields that were not asked for

# What graphql-core found is shown as Python spells it, and as long as it is; where it stands is said beside it.
_FOUND = re.compile(r"^(Variable '\$.*?)(?:[,;] found|( cannot represent [\w -]{0,40}value)): .*", re.DOTALL)
_NO_INSTANT = re.compile(r"(Value cannot represent a DateTime): .*", re.DOTALL)  # dateutil's reason comes last


class ErrorCode(StrEnum):
    """``extensions.code`` of a top-level error."""

    BAD_USER_INPUT = "BAD_USER_INPUT"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    QUERY_TOO_COMPLEX = "QUERY_TOO_COMPLEX"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class ApiError(GraphQLError):
    """An error meant for the caller, shown as it is."""

    def __init__(self, message: str, *, code: ErrorCode, argument: str | None = None) -> None:
        named = {} if argument is None else {"argument": argument}
        super().__init__(message, extensions={"code": code.value, **named})


class BadUserInput(ApiError):
    """An argument that cannot be used; ``extensions.argument`` names it in the schema's spelling."""

    def __init__(self, message: str, *, argument: str) -> None:
        super().__init__(message, code=ErrorCode.BAD_USER_INPUT, argument=argument)


@contextmanager
def user_errors(names: Mapping[str, str] = NO_OTHER_NAMES, *, within: str | None = None) -> Iterator[None]:
    """Turn the package's ``InvalidArgument`` into the API's words: the argument as the schema spells it.

    ``names`` are those that the schema does not just spell another way; ``within`` is the input they are fields of.
    """
    try:
        yield
    except InvalidArgument as error:
        name = names.get(error.argument) or to_camel_case(error.argument)
        argument = name if within is None else f"{within}.{name}"
        raise BadUserInput(respelled(error, name), argument=argument) from None


def respelled(error: InvalidArgument, name: str) -> str:
    """Say what an error says, with ``name`` for the argument it is about."""
    return re.sub(rf"\b{re.escape(error.argument)}\b", name, str(error), count=1)


def with_typed_errors(result: ExecutionResult) -> ExecutionResult:
    """Give every error of an answer its code, and hide the text of those that were not meant to be seen.

    The views call it last: an extension of the schema never sees the errors that Strawberry's parser cache raises.
    """
    if result.errors:
        result.errors = [_typed(error) for error in result.errors]
    return result


def is_unexpected(error: GraphQLError) -> bool:
    """Tell whether an error was raised by accident rather than for the caller."""
    # graphql-core's own words about a document, its variables and arguments: nothing ran, or no resolver raised.
    cause = error.original_error
    is_about_document = error.path is None or cause is None or isinstance(cause, GraphQLError)
    return not is_about_document and "code" not in (error.extensions or {})


def is_unavailable(error: Exception) -> bool:
    """Tell whether an error means that the database is out of reach, whoever wanted something of it."""
    return isinstance(error, AttributionUnavailable) or is_out_of_reach(error)


def _typed(error: GraphQLError) -> GraphQLError:
    if "code" in (error.extensions or {}):
        return error
    cause = error.original_error
    if isinstance(error, GraphQLSyntaxError) and "tokens. Parsing aborted" in error.message:
        return _with_code(error, message=error.message, code=ErrorCode.QUERY_TOO_COMPLEX)
    if isinstance(cause, InvalidArgument):
        return _with_code(error, message=str(cause), code=ErrorCode.BAD_USER_INPUT)
    if not is_unexpected(error):
        message = _about_document(error.message)
        if not may_introspect():
            message = _SUGGESTION.sub("", message)
        return _with_code(error, message=message, code=ErrorCode.BAD_USER_INPUT)
    if cause is not None and is_unavailable(cause):
        return _with_code(error, message=UNAVAILABLE, code=ErrorCode.UNAVAILABLE)
    if isinstance(cause, SuspiciousOperation):
        return _with_code(error, message="The request was refused.", code=ErrorCode.BAD_USER_INPUT)
    return _with_code(error, message="Unexpected error.", code=ErrorCode.INTERNAL_SERVER_ERROR)


def _about_document(message: str) -> str:
    """Say in the API's words what graphql-core and Strawberry say of a document and its variables."""
    if "StrawberryEnumDefinition(" in message:  # shown where exactly one value is to be given, and it is null
        return "A field was set to null that must be left out."
    if "integer string conversion" in message:  # Python reads no integer of more digits
        return "An integer has more digits than can be read."
    message = message.replace(" not to be None.", " not to be null.")
    message = _NO_INSTANT.sub(r'\1: give ISO 8601 text such as "2026-01-31T14:00:00Z".', message)
    return _FOUND.sub(r"\1\2.", message)


def _with_code(error: GraphQLError, *, message: str, code: ErrorCode) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={"code": code.value},
    )
