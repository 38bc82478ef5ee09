"""A word now and then from a command that takes long."""

import time

from django.core.management.base import OutputWrapper

PATIENCE = 1.0  # seconds without a word
CLEAR = "\r\x1b[K"  # go to the first column and erase the line
STEADY = 0.1  # seconds between two words of progress on a terminal


class Progress:
    """Tells how many rows were dealt with: one line that changes on a terminal, lines elsewhere if asked for."""

    def __init__(self, stderr: OutputWrapper, *, what: str, is_asked_for: bool) -> None:
        self._stderr = stderr
        self._what = what  # as in "1,000 conversions read"
        self._is_terminal = stderr.isatty()
        self._is_asked_for = is_asked_for
        self._next = time.monotonic() + (0 if is_asked_for else PATIENCE)
        self._is_shown = False

    def __call__(self, count: int) -> None:
        """Say it, but not too often, and not at once."""
        now = time.monotonic()
        if now < self._next or not (self._is_terminal or self._is_asked_for):
            return
        self._next = now + (STEADY if self._is_terminal else PATIENCE)
        self._is_shown = True
        said = f"{count:,} {self._what}"
        self._say(f"{CLEAR}{said}" if self._is_terminal else f"{said}\n")

    def finish(self, count: int) -> None:
        """Clear the line; where progress was asked for, tell how many they were in all."""
        if self._is_shown and self._is_terminal:
            self._say(CLEAR)
        if self._is_asked_for:
            self._say(f"{count:,} {self._what}.\n")

    def _say(self, text: str) -> None:
        # Its style would make everything red.
        self._stderr.write(text, str, ending="")
        self._stderr.flush()
