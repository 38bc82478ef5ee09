"""Who a command is about: a user by name or primary key, or an identity by its uuid."""

from argparse import ArgumentTypeError
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from django_attribution.models import Identity
from django_attribution.primary import primary
from django_attribution.privacy import identities_of


def add_person(parser: CommandParser) -> Any:
    """Add --user and --identity, one of which is required, and return their group."""
    person = parser.add_mutually_exclusive_group(required=True)
    person.add_argument("--user", metavar="USERNAME_OR_PK", help="a user of the site")
    person.add_argument("--identity", type=_uuid, metavar="UUID", help="an identity, also of a visitor without a user")
    return person


def identities_named(*, user: str | None, identity: UUID | None) -> list[Identity]:
    """Return the identities of the one who was named; none where nothing is held. Raises ``CommandError``."""
    if identity is not None:
        return list(Identity.objects.using(primary()).filter(uuid=identity))
    return identities_of(_user(user or ""))


def _user(named: str) -> Any:
    model = get_user_model()
    by_name = model._default_manager.filter(**{model.USERNAME_FIELD: named}).first()
    try:
        by_pk = model._default_manager.filter(pk=named).first()
    except (ValueError, ValidationError):  # no primary key of this model
        by_pk = None
    if by_name is not None and by_pk is not None and by_name.pk != by_pk.pk:
        # The wrong person's data must neither go nor be handed over.
        raise CommandError(f"{named} is the name of one user and the primary key of another. Use --identity.")
    found = by_name or by_pk
    if found is None:
        raise CommandError(f"There is no user {named!r}. Who was deleted is named by --identity.")
    return found


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise ArgumentTypeError(f"{text[:40]!r} is no uuid.") from None
