"""Every error this package raises on purpose. They all say what was given, what is allowed and what to do.

Most are ``ValueError`` too, so callers that know nothing of this package can still catch them.
"""

from collections.abc import Iterable, Sequence


class AttributionError(Exception):
    """Base of all errors raised by this package."""


class AttributionUnavailable(AttributionError):
    """The database is out of reach. Repeat the call later; ``retry_after`` says when.

    ``__cause__`` is the database's own error. Whether anything was stored is not certain: the connection may have been
    lost on the commit, after the database made it. With the same idempotency key a repeated call never counts twice.
    """

    retry_after: int = 5  # seconds

    def __init__(self) -> None:
        super().__init__(
            "The database is out of reach, and it is not certain that anything was stored. "
            f"Repeat the call with the same idempotency key in {self.retry_after} seconds."
        )


class TrackingPaused(AttributionError):
    """Tracking was not tried: the database was out of reach several times in a row, and is left alone for a while.

    Never raised to callers; ``tracking_failed`` carries it.
    """

    def __init__(self) -> None:
        super().__init__("Tracking is paused: the database was out of reach several times in a row.")


class InvalidArgument(AttributionError, ValueError):
    """An argument that cannot be used; ``argument`` names it. Nothing was written."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


class EventNotDeclared(AttributionError, ValueError):
    """The view declares the conversion events it records, and this one is not among them."""

    def __init__(self, event: str, *, declared: Iterable[str]) -> None:
        self.event = event
        self.declared = tuple(declared)
        names = ", ".join(self.declared) or "none"
        super().__init__(f"Conversion event {event!r} is not declared for this view. Declared: {names}.")


class IdempotencyKeyReused(AttributionError, ValueError):
    """The idempotency key already stands for another conversion: other arguments, or another visitor's."""

    def __init__(self) -> None:
        super().__init__(
            "This idempotency key was used before with other arguments or by another visitor. "
            "Repeat the call unchanged, or choose a new key for a new conversion."
        )


class ConfirmationRefused(AttributionError, ValueError):
    """The conversion exists, but cannot be confirmed as asked (voided, or confirmed with another value)."""


class InvalidConfirmationToken(AttributionError, ValueError):
    """The confirmation token was not issued by this site, or was altered."""


class ExpiredConfirmationToken(InvalidConfirmationToken):
    """The confirmation token was issued by this site too long ago; have the server issue a new one."""


class ClientConversionRefused(AttributionError, ValueError):
    """CLIENT_EVENTS does not let a browser record this. ``argument`` is ``event``, ``value`` or ``currency``."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


class NoConsent(AttributionError):
    """The visitor did not consent to being tracked, so nothing was recorded."""

    def __init__(self) -> None:
        super().__init__("The visitor did not consent, so nothing was recorded. Tell again once they have.")


class InvalidWeights(AttributionError, ValueError):
    """A custom attribution model broke the one rule that models have: its weights are shares of one whole."""

    def __init__(self, model: str, required: str, given: Sequence[object]) -> None:
        shown = ", ".join(str(weight) for weight in given[:8])
        super().__init__(f"The model {model!r} must return {required}; it returned [{shown}] for a journey.")
