"""Tell when an answer says more than it should: words of the database and of Python, which no caller may read.

Knows nothing of what was asked, but for the text that the caller sent: that may well be shown to them again.
"""

from collections.abc import Iterator
from typing import Any

WORDS = (
    # Python
    "Traceback", 'File "/', "site-packages", "<class", "<function", "<module", "object at 0x", "NoneType", "Exception",
    "Error:", "Error(", "KeyError", "TypeError", "ValueError", "RecursionError", "Decimal(", "datetime.", "UUID(",
    "__main__", "lambda", "to be None", ": None", ": True", ": False", "[None", "set_int_max_str_digits",
    "not JSON compliant", "JSON serializable", "Expected 4 digits", "ASCII characters", "out of range for month",
    "must be in 1..12",
    # its libraries
    "django.", "strawberry", "Strawberry", "graphql.", "orjson", "psycopg", "sqlite",
    # the database
    "SELECT ", "INSERT ", "UPDATE ", "DELETE ", " FROM ", "DETAIL:", "LINE 1", "violates", "constraint", "relation \"",
    "no such column", 'column "', "attribution_identity", "attribution_touchpoint", "attribution_conversion",
    "auth_user", "django_session", "out of range", "syntax at or near", "surrogates not allowed", "codec can't",
)  # fmt: skip


def leaks(answer: Any, *, sent: str) -> list[str]:
    """Return the words in the texts of an answer that give away what is behind it."""
    texts = list(_texts(answer))
    return [word for word in WORDS if word not in sent and any(word in text for text in texts)]


def _texts(answer: Any) -> Iterator[str]:
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, dict):
        for name, value in answer.items():
            yield str(name)
            yield from _texts(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from _texts(value)
