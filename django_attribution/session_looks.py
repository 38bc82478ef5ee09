"""The host's session and user after we have looked at them: as if nobody had.

To learn who is visiting and whether they consent, tracking asks for ``request.user`` and calls the site's CONSENT.
Django notes that the session was looked at, and the page gets ``Vary: Cookie``; a session that is over loses its
cookie, and one from before a change of password is deleted. None of it is ours to do: a page that varies because a
touch was stored says so by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy, deepcopy
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

# Where Django keeps the user it was asked for; there is no public way to unset them.
_KNOWN = ("_cached_user", "_acached_user")
_DATA = "_session_cache"  # where Django keeps a session's data; what is public loads them

# What reaches a session's store, besides flush. Django calls both for sessions made with an old SECRET_KEY or before
# a change of password, and a CONSENT may call any.
_WRITES = ("create", "save", "delete", "cycle_key")


@contextmanager
def unnoticed(request: HttpRequest) -> Iterator[None]:
    """Lend the block copies of session and user; after it both are as they were found, whatever it did to them.

    What the block writes into the session is dropped. A view that asks who is visiting looks for itself, outside.
    Where the host wraps or replaces Django's lazy user, a look at the session shows: the answer may stay with it.
    """
    session, user = getattr(request, "session", None), cast(Any, getattr(request, "user", None))
    if not isinstance(session, SessionBase):
        # What its copy would share with it, nobody can tell. If it notes our looks, a page varies: that is safe.
        yield
        return
    unknown = [name for name in _KNOWN if not hasattr(request, name)]
    is_user_known = user is None or _KNOWN[0] not in unknown
    # Both before either is lent: a user of the host's own may refuse.
    lent, lent_user = _lent(session), user if is_user_known else copy(user)
    try:
        request.session = lent
        if not is_user_known:
            request.user = lent_user  # Django's lazy user copies as one that has not asked yet
        yield
    finally:
        request.session = session
        if not is_user_known:
            request.user = user
        for name in unknown:
            vars(request).pop(name, None)
        if lent.accessed and user is not None and not _asks_anew(user):
            session.accessed = True  # nobody else will notice, and a shared cache could keep the page for all


def _asks_anew(user: Any) -> bool:
    """Tell whether a user is as Django lends it, and not one that may hold the answer, as that of django-otp does."""
    return type(user) is SimpleLazyObject and vars(user)["_setupfunc"].__module__ == "django.contrib.auth.middleware"


def _lent(session: SessionBase) -> SessionBase:
    lent = copy(session)
    if _DATA in vars(lent):  # the host read them, or wrote, before
        vars(lent)[_DATA] = deepcopy(vars(lent)[_DATA])
    for name in _WRITES:
        vars(lent).update({name: _do_nothing, f"a{name}": _ado_nothing})
    vars(lent).update(flush=lent.clear, aflush=sync_to_async(lent.clear))
    return lent


def _do_nothing(*_args: object, **_options: object) -> None: ...


async def _ado_nothing(*_args: object, **_options: object) -> None: ...
