"""``manage.py attribution_report``: who earned the conversions, as a table, CSV or JSON."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from django_attribution.dimensions import DIMENSIONS
from django_attribution.filters import InstantField
from django_attribution.management.progress import Progress
from django_attribution.model_names import BUILT_IN, REPORT_ONLY
from django_attribution.models import Conversion
from django_attribution.report_form import ORDERS
from django_attribution.report_output import csv_lines, json_text, table_of
from django_attribution.report_question import ReportQuestion
from django_attribution.report_rows import AttributionReport
from django_attribution.terminal_table import terminal_lines

FORMATS = ("table", "csv", "json")
EMPTY = (
    "No conversions match. Widen --since and --until, leave out --event, --currency and --credited-to, or name "
    "another --status."
)
# Field by option; what may be given several times is marked.
FIELDS = {
    "--model": "models",
    "--by": "by",
    "--since": "occurred",
    "--until": "occurred",
    "--interval": "interval",
    "--tz": "tz",
    "--window-days": "window_days",
    "--source-window": "source_windows",
    "--exclude-direct": "exclude_direct",
    "--credited-to": "credited_to",
    "--event": "event",
    "--currency": "currency",
    "--status": "status",
    "--first": "first",
    "--order-by": "order_by",
}


class Command(BaseCommand):
    """Prints a report. Reads, and never writes."""

    help = (
        "Print who earned the conversions: credited conversions and value by channel, campaign or other dimensions, "
        "under one or more attribution models side by side. Confirmed conversions are meant unless --status says "
        "otherwise."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options of the report and of its output."""
        several: dict[str, Any] = {"action": "append", "default": None}
        how = parser.add_argument_group("how to credit")
        how.add_argument(
            "--model", **several, metavar="NAME", help=f"{', '.join([*BUILT_IN, *REPORT_ONLY])}, or one of the setting "
            "MODELS; may be repeated (default: last_touch)",
        )  # fmt: skip
        how.add_argument("--window-days", metavar="DAYS", help="look-back, 0 to 3650 (default: 30)")
        how.add_argument(
            "--source-window", **several, metavar="SOURCE=DAYS", help="look-back of one source; repeatable"
        )
        how.add_argument("--exclude-direct", action="store_true", help="share the credit among the other touches")
        broken = parser.add_argument_group("how to break it down")
        broken.add_argument(
            "--by", **several, metavar="DIMENSION", help=f"{', '.join(DIMENSIONS)}; may be repeated (default: channel)"
        )
        broken.add_argument("--interval", metavar="INTERVAL", help="day, week (from Monday on) or month")
        broken.add_argument("--tz", metavar="ZONE", help="IANA time zone in which days begin (default: UTC)")
        broken.add_argument("--first", metavar="NUMBER", help="this many keys; the others become (other)")
        broken.add_argument("--order-by", metavar="ORDER", help=f"{', '.join(ORDERS)} (default: {ORDERS[0]})")
        which = parser.add_argument_group("which conversions, and which credit")
        which.add_argument("--since", metavar="WHEN", help="a day such as 2026-01-31, in --tz, or an ISO 8601 instant")
        which.add_argument("--until", metavar="WHEN", help="the first day or instant that no longer counts")
        which.add_argument("--event", **several, metavar="EVENT", help="to the letter; may be repeated")
        which.add_argument("--currency", **several, metavar="CODE", help="ISO 4217; may be repeated")
        which.add_argument(
            "--status", **several, metavar="STATUS",
            help=f"{', '.join(Conversion.Status.values)}; may be repeated (default: confirmed)",
        )  # fmt: skip
        which.add_argument(
            "--credited-to", **several, metavar="DIMENSION=VALUE",
            help='keep this credit, such as channel="Paid Search"; kind=unattributed keeps what nobody earned; '
            "may be repeated",
        )  # fmt: skip
        parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="alias of the database (default: default)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and print the answer; whoever stops reading it ends it quietly."""
        if options["database"] not in connections:
            raise CommandError(f"--database: {options['database']!r} is not one of {', '.join(connections)}.")
        data = _data_of(options)
        question = ReportQuestion(data, using=options["database"])
        progress = Progress(self.stderr, what="conversions read", is_asked_for=options["verbosity"] > 1)
        report = question.answer(progress=progress)
        progress.finish(0 if report is None else sum(total.conversions for total in report.totals))
        if report is None:
            raise CommandError("\n".join(_refusals(question, options)))
        try:
            for text in self._texts(report, options["format"]):
                self.stdout.write(text, ending="")
            self.stdout.flush()
        except UnicodeEncodeError as error:
            raise CommandError(f"{error.encoding} cannot say all campaigns; set PYTHONIOENCODING=utf-8.") from None
        except BrokenPipeError:
            # Python flushes once more when it ends, and would complain then.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())

    def _texts(self, report: AttributionReport, output_format: str) -> Iterator[str]:
        if output_format == "csv":
            return csv_lines(report)
        return iter((json_text(report), "\n")) if output_format == "json" else self._table(report)

    def _table(self, report: AttributionReport) -> Iterator[str]:
        if not report.totals:
            yield f"{EMPTY}\n"
            return
        is_terminal = self.stdout.isatty()
        width = shutil.get_terminal_size().columns if is_terminal or os.environ.get("COLUMNS") else None
        style = self.style if is_terminal else no_style()
        styles: dict[str, Callable[[str], str]] = {
            "heading": style.MIGRATE_HEADING,
            "total": style.MIGRATE_LABEL,
            "line": str,
        }
        encoding = getattr(self.stdout, "encoding", None) or "utf-8"
        for role, line in terminal_lines(table_of(report), width=width):
            # A terminal may know fewer letters than campaigns have.
            yield styles[role](line.encode(encoding, "replace").decode(encoding)) + "\n"


def _data_of(options: dict[str, Any]) -> MultiValueDict[str, Any]:
    """Return the options as the fields of the forms that the page has."""
    data: MultiValueDict[str, Any] = MultiValueDict()
    for option, field in FIELDS.items():
        given = options[option.strip("-").replace("-", "_")]
        if field in ("source_windows", "credited_to") and given is not None:
            given = "\n".join(given)
        if field == "occurred":
            field = "occurred_after" if option == "--since" else "occurred_before"
        if given is not None:
            data.setlist(field, given if isinstance(given, list) else [given])
    data.setlistdefault("by", ["channel"])
    return data


def _refusals(question: ReportQuestion, options: dict[str, Any]) -> Iterator[str]:
    """Yield what cannot be used, under the option that said it."""
    for field, message in question.errors():
        named = [option for option, one in FIELDS.items() if one == field]
        if field == "occurred":
            named = [option for option in named if _is_no_instant(options[option.strip("-")], question)]
        yield f"{', '.join(named)}: {message}" if named else message


def _is_no_instant(text: str | None, question: ReportQuestion) -> bool:
    try:
        with timezone.override(question.zone):
            InstantField(required=False).clean(text)
    except forms.ValidationError:
        return True
    return False
