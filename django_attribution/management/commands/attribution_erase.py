"""``manage.py attribution_erase``: what is held about a person goes, and totals stay."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_attribution.management.people import add_person, identities_named
from django_attribution.privacy import Erased, erase


class Command(BaseCommand):
    """Erases one person. Safe to repeat."""

    help = (
        "Erase what is held about a person: identities and touchpoints are deleted, conversions become anonymous and "
        "stay, so that totals hold."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who, and how sure."""
        add_person(parser)
        parser.add_argument("--dry-run", action="store_true", help="count what would go, and change nothing")
        parser.add_argument(
            "--no-input", "--noinput", action="store_false", dest="interactive", help="do not ask whether you are sure"
        )

    def handle(
        self, *args: Any, user: str | None, identity: UUID | None, dry_run: bool, interactive: bool, **options: Any
    ) -> None:
        """Say what is held, ask, and erase it."""
        people = identities_named(user=user, identity=identity)
        held = sum((erase(person, dry_run=True) for person in people), Erased())
        if held == Erased():
            self.stdout.write("Nothing is held.")
            return
        if dry_run:
            self.stdout.write(f"{_told(held, would='would be ')}.")
            return
        if interactive and not self._is_sure(held):
            raise CommandError("Nothing was erased.")
        erased = sum((erase(person) for person in people), Erased())
        self.stdout.write(self.style.SUCCESS(f"{_told(erased, would='')}."))

    def _is_sure(self, held: Erased) -> bool:
        self.stdout.write(f"{_told(held, would='will be ')}. This cannot be undone.")
        try:
            return input("Type 'yes' to go on: ").strip().lower() == "yes"
        except EOFError:  # nobody is there to be asked
            return False


def _told(erased: Erased, *, would: str) -> str:
    return (
        f"{erased.identities:,} identities and {erased.touchpoints:,} touchpoints {would}deleted, "
        f"{erased.conversions:,} conversions {would}made anonymous"
    )
