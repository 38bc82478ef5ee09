"""What a request may have answered: a price for each row and field, paid before it is read or computed.

Aliases and nesting multiply what small documents ask, so all fields of a request pay out of one budget.
"""

from __future__ import annotations

from typing import Final

from graphql_api.errors import ApiError, ErrorCode

MAX_ANSWERED = 18_000

# Prices, in selected fields: answering one takes 10 microseconds or so, and the rest was measured against that.
LIST: Final = 500  # its statements, and reading its arguments
CONVERSION: Final = 40
CREDITED_TOUCH: Final = 5  # read once, whatever it is credited with
JOURNEY_TOUCH: Final = 5
OBJECT: Final = 4  # a credit or a touch, each time that it is answered


class AnswerBudget:
    """How much may still be answered."""

    def __init__(self, allowed: int) -> None:
        self._left = allowed

    def most(self, price: int) -> int:
        """Return how many things of a price can still be paid for."""
        return self._left // price

    def spend(self, price: int) -> None:
        """Pay; raise an error for callers when too little is left, which ends all other fields too."""
        if price > self._left:
            self._left = 0
            raise ApiError(
                f"The request asks for more than {MAX_ANSWERED:,} fields in its lists, where reading a row counts for "
                "several. Ask for smaller pages, fewer fields, shorter windows or journeys, or fewer aliases.",
                code=ErrorCode.QUERY_TOO_COMPLEX,
            )
        self._left -= price
