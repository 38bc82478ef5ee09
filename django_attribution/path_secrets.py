"""Which parts of a path are nobody's business: e-mail addresses, random tokens, and what the site says.

Pure. A link in an e-mail (reset a password, confirm an address, unsubscribe) carries its secret in the path, and may
land with tracking parameters as any other.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

MASK = "-"
TOKEN_LENGTH = 20  # characters; what is shorter, a person may have named

_SUSPECT = re.compile(f"@|%40|[^/]{{{TOKEN_LENGTH}}}")  # most paths have none, and are not looked at further
_ADDRESS = re.compile(r"[^@]@[^@]+\.(?:[a-z]{2}|[^\x00-\x7f])", re.IGNORECASE)  # letters of all scripts
_DIGIT = re.compile("[0-9]")
_DIGEST = re.compile("[0-9a-f]{32}", re.IGNORECASE)
_RUN = re.compile("[0-9A-Za-z]{8}")
# Names of things, in many shops: a UUID, and an ObjectId of MongoDB.
_ID = re.compile(r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24})\b", re.IGNORECASE)
# Where a word goes on with another kind of character: twice in Pro15Max, and all the time in random text.
_SWITCH = re.compile("[a-z](?=[A-Z0-9])|[A-Z](?=[0-9])|[0-9](?=[A-Za-z])")


def without_secrets(path: str, *, masked: Iterable[str]) -> str:
    """Return a path, percent-encoded or not, with ``-`` for each secret segment and for all that follows ``masked``.

    ``masked`` are parts of a path, such as /reset/. A segment is secret that holds an e-mail address, or that looks
    random: 32 hexadecimal digits, or 20 characters of which every fifth is of another kind than the next.
    """
    found = _any_of(tuple(masked)).search(path)
    if found is not None and found.end() < len(path):
        path = path[: found.end()] + MASK
    if _SUSPECT.search(path) is None:
        return path
    return "/".join(MASK if _is_secret(unquote(segment)) else segment for segment in path.split("/"))


def _is_secret(segment: str) -> bool:
    if "@" in segment and _ADDRESS.search(segment):
        return True
    return _is_random(segment) and _is_random(_ID.sub("", segment))


def _is_random(text: str) -> bool:
    if len(text) < TOKEN_LENGTH or not _DIGIT.search(text):
        return False
    switches = len(_SWITCH.findall(text)) if _RUN.search(text) else 0
    return 5 * switches >= len(text) or _DIGEST.search(text) is not None


@lru_cache(maxsize=8)
def _any_of(parts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join("".join(map(_spelt, part)) for part in parts) or "(?!)")


def _spelt(letter: str) -> str:
    """Return the pattern of a letter as it is, or as a referrer may have it: any can be percent-encoded."""
    return f"(?:{re.escape(letter)}|(?i:{''.join(f'%{byte:02x}' for byte in letter.encode())}))"
