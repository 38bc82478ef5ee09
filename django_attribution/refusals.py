"""What callers give, as far as it is refused the same way everywhere: counts, and how a refusal shows it. Pure."""

from django_attribution.exceptions import InvalidArgument


def require_count(argument: str, given: object, *, at_most: int, of: str) -> None:
    """Raise ``InvalidArgument`` unless a whole number from 0 to a limit was given."""
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= at_most:
        raise InvalidArgument(
            argument, f"{argument} must be a whole number of {of} from 0 to {at_most}, not {shown(given)}."
        )


def shown(given: object) -> str:
    """Return what was given as a refusal shows it: as text, and not much of it."""
    try:
        return repr(str(given)[:40])
    except ValueError:  # Python writes integers of up to 4,300 digits
        return "a number of thousands of digits"
