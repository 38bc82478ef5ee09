"""Public ids and scalars. Ids are uuids under their type's name; primary keys never leave the server."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

import strawberry
from strawberry.relay import from_base64, to_base64

from django_attribution import money

CurrencyCode = NewType("CurrencyCode", str)

CURRENCY_CODE = strawberry.scalar(
    name="CurrencyCode",
    description="An ISO 4217 currency code that is in use, in upper case, such as USD.",
    specified_by_url="https://www.iso.org/iso-4217-currency-codes.html",
    serialize=str,
    parse_value=lambda value: CurrencyCode(money.clean_currency(value)),
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
