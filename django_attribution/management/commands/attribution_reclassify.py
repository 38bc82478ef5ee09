"""``manage.py attribution_reclassify``: give stored touches the channels of today's rules."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Max

from django_attribution.models import Touchpoint

BATCH_SIZE = 2000  # touches read and written at a time
DERIVED = ("source", "medium", "channel")


class Command(BaseCommand):
    """Recomputes what is derived. Safe to repeat, and to stop and start again."""

    help = "Recompute source, medium and channel of stored touchpoints after the channel rules or hosts have changed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --dry-run."""
        parser.add_argument("--dry-run", action="store_true", help="count what would change, and change nothing")

    def handle(self, *args: Any, dry_run: bool = False, **options: Any) -> None:
        """Walk the table by primary key, so that memory stays the same whatever its size."""
        last = Touchpoint.objects.aggregate(last=Max("pk"))["last"] or 0
        seen = changed = reached = 0
        while reached < last:
            batch = list(Touchpoint.objects.filter(pk__gt=reached, pk__lte=last).order_by("pk")[:BATCH_SIZE])
            if not batch:
                break
            stale = [touch for touch in batch if self._reclassify(touch)]
            if stale and not dry_run:
                Touchpoint.objects.bulk_update(stale, DERIVED, batch_size=500)
            seen, changed, reached = seen + len(batch), changed + len(stale), batch[-1].pk
            if options["verbosity"] > 1:
                self.stdout.write(f"{seen:,} touchpoints read, {changed:,} changed")
        verb = "would change" if dry_run else "changed"
        self.stdout.write(self.style.SUCCESS(f"{seen:,} touchpoints read, {changed:,} {verb}."))

    @staticmethod
    def _reclassify(touch: Touchpoint) -> bool:
        """Derive a touch again; tell whether that changed anything."""
        before = [getattr(touch, name) for name in DERIVED]
        touch.source, touch.medium = touch.derive_source_and_medium()
        touch.channel = touch.derive_channel()
        return before != [getattr(touch, name) for name in DERIVED]
