"""``manage.py attribution_export``: everything that is held about a person, for the person."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from django_attribution.management.people import add_person, identities_named
from django_attribution.personal_data import export

# Nobody but who runs the command may read the file: it is about a person.
_open_private = partial(os.open, mode=0o600)


class Command(BaseCommand):
    """Writes JSON, a row to a line. Changes nothing."""

    help = "Write everything that is held about a person as JSON: identities, touchpoints and conversions."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who, and where to."""
        add_person(parser)
        parser.add_argument("--output", metavar="FILE", help="a new file, readable by you alone; else standard output")

    def handle(self, *args: Any, user: str | None, identity: UUID | None, output: str | None, **options: Any) -> None:
        """Write piece after piece, as they are read."""
        pieces = export(*identities_named(user=user, identity=identity))
        if output is not None:
            _write(pieces, path=Path(output))
            return
        for piece in pieces:
            self.stdout.write(piece, ending="")


def _write(pieces: Iterator[str], *, path: Path) -> None:
    try:
        file = open(path, "x", encoding="utf-8", opener=_open_private)  # noqa: SIM115 - closed below; Path.open takes no opener
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with file:
            file.writelines(pieces)
    except BaseException:
        path.unlink()  # half of an answer is none
        raise
