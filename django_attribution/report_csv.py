"""A report as a file to download: CSV over HTTP, streamed. What stands in it is written by report_output.py."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import islice

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from django_attribution.report_output import csv_lines
from django_attribution.report_rows import AttributionReport

LINES_PER_CHUNK = 500


def csv_response(request: HttpRequest, report: AttributionReport) -> StreamingHttpResponse:
    """Return an answer that streams a report's rows."""
    chunks = _chunks(csv_lines(report))
    # A server that is asynchronous would warn of an iterator that is not.
    content = _asynchronous(chunks) if isinstance(request, ASGIRequest) else chunks
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="attribution-report.csv"'
    return response


def _chunks(lines: Iterator[str]) -> Iterator[str]:
    """Yield some lines at a time, after the mark by which spreadsheets know UTF-8."""
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"
    while chunk := "".join(islice(lines, LINES_PER_CHUNK)):
        yield chunk


async def _asynchronous(chunks: Iterator[str]) -> AsyncIterator[str]:
    for chunk in chunks:
        yield chunk
