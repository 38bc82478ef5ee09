"""The schema is a contract: what the code builds is what is checked in, and every part of it is explained."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
    is_introspection_type,
    is_specified_scalar_type,
    print_ast,
)

import graphql_api
from graphql_api.schema import schema

CHECKED_IN = Path(graphql_api.__file__).with_name("schema.graphql")
REGENERATE = (
    "graphql_api/schema.graphql is not what the code builds. If the change is meant, write it anew:\n"
    "DJANGO_SETTINGS_MODULE=tests.settings python -c 'import django; django.setup(); "
    "from graphql_api.schema import schema; print(schema.as_str())' > graphql_api/schema.graphql"
)


@pytest.fixture(scope="module")
def built() -> GraphQLSchema:
    return build_schema(schema.as_str())


@pytest.fixture(scope="module")
def checked_in() -> GraphQLSchema:
    return build_schema(CHECKED_IN.read_text(encoding="utf-8"))


def elements(described: GraphQLSchema) -> Iterator[tuple[str, Any, str]]:
    """Yield everything that can be described: its name, itself, and how it is declared."""
    for name, named in described.type_map.items():
        if is_introspection_type(named) or is_specified_scalar_type(named):
            continue
        yield name, named, f"{type(named).__name__}{' @oneOf' if getattr(named, 'is_one_of', False) else ''}"
        if isinstance(named, GraphQLEnumType):
            for value_name, value in named.values.items():
                yield f"{name}.{value_name}", value, value.deprecation_reason or ""
        if isinstance(named, GraphQLInputObjectType):
            for field_name, field in named.fields.items():
                yield f"{name}.{field_name}", field, _declared(field)
        if isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in named.fields.items():
                yield f"{name}.{field_name}", field, str(field.type)
                for argument_name, argument in field.args.items():
                    yield f"{name}.{field_name}({argument_name})", argument, _declared(argument)


def _declared(argument: Any) -> str:
    default = argument.default
    return str(argument.type) if default is None else f"{argument.type} = {print_ast(default.literal)}"


def explained(described: GraphQLSchema) -> dict[str, tuple[str, str]]:
    """Return each element's declaration and description, by its name."""
    return {
        name: (declaration, " ".join((element.description or "").split()))
        for name, element, declaration in elements(described)
    }


def test_the_checked_in_schema_is_what_the_code_builds(built: GraphQLSchema, checked_in: GraphQLSchema) -> None:
    for old, new in ((checked_in, built), (built, checked_in)):
        assert find_breaking_changes(old, new) == [], REGENERATE
        assert find_dangerous_changes(old, new) == [], REGENERATE


def test_the_checked_in_schema_declares_and_explains_what_the_code_does(
    built: GraphQLSchema, checked_in: GraphQLSchema
) -> None:
    assert explained(built) == explained(checked_in), REGENERATE


def test_every_element_has_a_description(built: GraphQLSchema) -> None:
    assert [name for name, (_, description) in explained(built).items() if not description] == []


def test_no_two_arguments_of_a_field_have_the_same_description(built: GraphQLSchema) -> None:
    described = [
        (name.partition("(")[0], text)
        for name, (_, text) in explained(built).items()
        if name.startswith("Query.") and "(" in name
    ]
    assert len(set(described)) == len(described)


@pytest.mark.parametrize("name", ["ConversionOrderInput", "ReportOrderInput", "ConfirmConversionInput"])
def test_an_input_with_one_of_several_fields_says_so_to_generators_of_code(name: str) -> None:
    answer = schema.execute_sync(f'{{ __type(name: "{name}") {{ isOneOf }} }}')
    assert answer.data == {"__type": {"isOneOf": True}}


def test_there_is_no_way_to_any_row_by_its_id(built: GraphQLSchema) -> None:
    assert sorted(built.query_type.fields) == [
        "attributedConversions", "attributionReport", "conversionPaths", "recordedConversion", "reportOptions",
    ]  # fmt: skip


def test_a_browser_gets_no_way_on_from_its_own_conversion(built: GraphQLSchema) -> None:
    leaves = {str(field.type) for field in built.type_map["RecordedConversion"].fields.values()}
    assert leaves == {"ID!", "String!", "ConversionStatus!", "Money"}


def test_the_sites_statuses_are_the_apis_statuses(built: GraphQLSchema) -> None:
    assert sorted(built.type_map["ConversionStatus"].values) == ["CONFIRMED", "PENDING", "VOIDED"]
