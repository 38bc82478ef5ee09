"""What a signal says while a test listens."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.dispatch import Signal


@contextmanager
def heard(signal: Signal) -> Iterator[list[dict[str, Any]]]:
    """Collect what a signal says during the block."""
    said: list[dict[str, Any]] = []

    def listen(**arguments: Any) -> None:
        said.append(arguments)

    signal.connect(listen)
    try:
        yield said
    finally:
        signal.disconnect(listen)
