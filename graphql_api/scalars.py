"""Public ids and scalars. Ids are uuids under their type's name; primary keys never leave the server."""

from __future__ import annotations

from decimal import Decimal
from typing import NewType
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.relay import from_base64, to_base64

from django_attribution import money

CurrencyCode = NewType("CurrencyCode", str)

CURRENCY_CODE = strawberry.scalar(
    name="CurrencyCode",
    description="An ISO 4217 currency code that is in use, in upper case, such as USD.",
    specified_by_url="https://www.iso.org/iso-4217-currency-codes.html",
    serialize=str,
    parse_value=lambda value: CurrencyCode(_clean_currency(value)),
)

DECIMAL = strawberry.scalar(
    name="Decimal",
    description='An exact decimal number as text, such as "99.90". A whole number may be given as a number too.',
    serialize=str,
    parse_value=lambda value: _exact(value),
)


def public_id(type_name: str, uuid: UUID) -> strawberry.ID:
    """Return the id under which callers know a row, as Relay spells it."""
    return strawberry.ID(to_base64(type_name, str(uuid)))


def uuid_of(public_id: str, *, type_name: str) -> UUID:
    """Return the uuid in a public id; raise ``ValueError`` saying what is allowed for any other text."""
    try:
        name, uuid = from_base64(public_id)
        if name == type_name:
            return UUID(uuid)
    except ValueError:
        pass
    raise ValueError(f"{public_id[:80]!r} is not the id of a {type_name}, as this API gives them.")


def _clean_currency(given: object) -> str:
    if not isinstance(given, str):
        raise GraphQLError('A CurrencyCode is text such as "USD".')
    return money.clean_currency(given)


def _exact(given: object) -> Decimal:
    # A number with a point has been a float, which forgets digits: what was sent can no longer be checked.
    if isinstance(given, int) and not isinstance(given, bool):
        return Decimal(given)
    number = money.number_in(given) if isinstance(given, str) else None
    if number is not None:
        return number
    raise GraphQLError('A Decimal is text such as "99.90", or a whole number; other numbers are not exact in JSON.')
