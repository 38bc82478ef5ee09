"""``manage.py attribution_prune``: visits are kept for as long as the site decides, and no longer."""

from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from django_attribution.management.progress import Progress
from django_attribution.retention import BATCH_SIZE, Pruned, prune

MAX_DAYS = 36_500  # a century; dates end not much farther back
MAX_BATCH_SIZE = 10_000  # rows; a transaction should stay short


class Command(BaseCommand):
    """Deletes old touches in batches. Safe to repeat, and to stop and start again."""

    help = (
        "Delete touchpoints that are older than a number of days, and identities of which nothing else is known: "
        "no user, no conversion, not seen since. Conversions stay."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the age, and how to go about it."""
        parser.add_argument(
            "--older-than", required=True, type=_days, metavar="DAYS", help=f"age in days, 1 to {MAX_DAYS:,}"
        )
        parser.add_argument("--dry-run", action="store_true", help="count what would go, and delete nothing")
        parser.add_argument(
            "--batch-size",
            type=_batch_size,
            default=BATCH_SIZE,
            metavar="ROWS",
            help=f"rows to a transaction, 1 to {MAX_BATCH_SIZE:,} (default {BATCH_SIZE:,})",
        )

    def handle(self, *args: Any, older_than: int, dry_run: bool, batch_size: int, **options: Any) -> None:
        """Delete batch after batch, and tell how many rows went."""
        before = timezone.now() - timedelta(days=older_than)
        progress = Progress(self.stderr, what="rows found", is_asked_for=options["verbosity"] > 1)
        total = Pruned()
        try:
            for total in prune(before, batch_size=batch_size, dry_run=dry_run):
                progress(total.touchpoints + total.identities)
        except KeyboardInterrupt:
            self.stderr.write("Stopped; what is deleted stays deleted. Run it again to go on.")
        progress.finish(total.touchpoints + total.identities)
        verb = "would be deleted" if dry_run else "deleted"
        self.stdout.write(
            self.style.SUCCESS(
                f"{total.touchpoints:,} touchpoints and {total.identities:,} identities from before "
                f"{before:%Y-%m-%d %H:%M} UTC {verb}."
            )
        )


def _days(text: str) -> int:
    return _whole(text, of="days", at_most=MAX_DAYS)


def _batch_size(text: str) -> int:
    return _whole(text, of="rows", at_most=MAX_BATCH_SIZE)


def _whole(text: str, *, of: str, at_most: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= at_most:
        raise ArgumentTypeError(f"must be a whole number of {of} from 1 to {at_most:,}, not {text[:40]!r}.")
    return int(text)
