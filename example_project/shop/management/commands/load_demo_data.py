"""Fill the example shop with two believable months of visits and orders."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from example_project.shop.demo_data.loading import load
from example_project.shop.demo_data.marks import has_foreign_rows, newest_visit

_AGED = timedelta(days=2)
_MOST_VISITORS = 100_000


class Command(BaseCommand):
    """Load the demo's data once; again when it has aged."""

    help = "Fill the shop with two months of visits and orders that end today. Does nothing when they are there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Describe the options."""
        parser.add_argument("--reload", action="store_true", help="make the demo data anew")
        parser.add_argument("--visitors", type=_visitors, default=4000, help="how many (default: %(default)s)")
        parser.add_argument("--seed", type=int, default=7, help="another seed, another story (default: %(default)s)")

    def handle(self, *, reload: bool, visitors: int, seed: int, **options: Any) -> None:
        """Load, or say why not."""
        if not settings.DEBUG:
            raise CommandError("load_demo_data makes a superuser with a known password, so it needs DEBUG = True.")
        now, newest = timezone.now(), newest_visit()
        if newest is None and not reload and has_foreign_rows():
            raise CommandError(
                "This database holds visits that load_demo_data did not make, and they would be mixed up. Use another "
                "database (EXAMPLE_DATABASE), or --reload to add the demo data beside them; nothing of them is deleted."
            )
        if newest is not None and not reload and now - newest < _AGED:
            self.stdout.write("Demo data is there already (--reload makes it anew).")
            return
        if newest is not None and not reload:
            self.stdout.write(f"The demo data ends on {newest:%d %B}: making it anew.")
        load(visitors=visitors, seed=seed, now=now, report=self._report)
        self.stdout.write(self.style.SUCCESS("Demo data loaded. Log in as staff/staff or as the customer demo/demo."))

    def _report(self, name: str, done: int, total: int) -> None:
        """Write a line for each stage, and count up in it where somebody watches."""
        is_finished = done == total
        if self.stdout.isatty():
            self.stdout.write(f"\r  {done:>7,} {name}", ending="\n" if is_finished else "")
            self.stdout.flush()
        elif is_finished:
            self.stdout.write(f"  {done:>7,} {name}")


def _visitors(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_VISITORS:
        raise ArgumentTypeError(f"{text!r} is not a number of visitors: give 1 to {_MOST_VISITORS}")
    return int(text)
