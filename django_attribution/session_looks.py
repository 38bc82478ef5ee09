"""The host's session after we have looked at it: as if nobody had.

To learn who is visiting, tracking asks for ``request.user``. Django notes that the session was looked at, and the page
gets ``Vary: Cookie``; a session that is over loses its cookie. Neither is ours to add: a page that varies because a
touch was stored says so by itself.
"""

from copy import copy
from typing import Any, cast

from django.http import HttpRequest


class SessionLook:
    """A look at the session that can be undone. Make it before looking; nothing is read by that."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._session = cast(Any, getattr(request, "session", None))
        self._is_first = getattr(self._session, "accessed", True) is False
        self._key = self._session.session_key if self._is_first else None
        # Django's lazy user copies as one that has not asked yet. Whoever asks it later looks at the session again, so
        # that a page which does depend on the visitor says so.
        self._user = copy(getattr(request, "user", None)) if self._is_first else None

    def undo(self) -> None:
        """Leave session and user as they were found, unless the host looked first or the session is to be saved."""
        session = self._session
        if not self._is_first or not session.accessed or session.modified:
            return
        # Names of Django's own that have no public way to be unset: what was loaded, and the key of an expired session.
        vars(session).pop("_session_cache", None)
        vars(self._request).pop("_cached_user", None)
        session._session_key = self._key
        session.accessed = False
        if self._user is not None:
            self._request.user = self._user
