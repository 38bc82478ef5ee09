"""May this request's visitor be tracked? Sec-GPC answers first, then the site's CONSENT.

Only the question and its answer: what follows from it is decided in visitor.py. The site's function is called
with the request as it is; nothing here reads a body, a form or a session.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import Enum
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.utils.module_loading import import_string

from django_attribution.conf import attribution_settings
from django_attribution.exceptions import InvalidArgument
from django_attribution.failures import fail_open
from django_attribution.primary import primary
from django_attribution.transactions import guarded


class Consent(Enum):
    """What a visitor said. Unknown tracks no more than denied, but leaves the cookie of an earlier yes alone."""

    GRANTED = True
    DENIED = False
    UNKNOWN = None


def consent_of(request: HttpRequest) -> Consent:
    """Ask what the visitor of a request said; never raises.

    A CONSENT that fails is a tracking failure of the kind ``consent``, and leaves it unknown.
    """
    if _opts_out(request):
        return Consent.DENIED
    if attribution_settings.CONSENT is None:
        return Consent.GRANTED
    # Guarded: what the database refused the site's function must not cost the conversion that follows.
    with fail_open("consent"), guarded(primary()):
        return _read(consent_function(attribution_settings.CONSENT)(request))
    return Consent.UNKNOWN


def may_be_denied(request: HttpRequest) -> bool:
    """Tell whether the answer can be no; asks nobody."""
    return attribution_settings.CONSENT is not None or _opts_out(request)


def consent_function(configured: Any) -> Callable[[HttpRequest], bool | None]:
    """Return the function of the setting; raise ``InvalidArgument`` saying what is wrong with it."""
    function = _imported(configured)
    if not callable(function):
        raise InvalidArgument("CONSENT", f"{_name(configured)} is no function.")
    if not all(map(_returns, (function, function.__call__))):  # an object's own call is what is async of it
        raise InvalidArgument(
            "CONSENT", f"{_name(configured)} is async or a generator; make it a plain function, ASGI or not."
        )
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        raise InvalidArgument("CONSENT", f"{_name(configured)} must take the request and nothing else.") from None
    except ValueError:  # written in C, perhaps: it does not tell
        pass
    return cast(Callable[[HttpRequest], bool | None], function)  # what it returns is looked at


def _imported(configured: Any) -> Any:
    if not isinstance(configured, str):
        return configured
    try:
        return import_string(configured)
    except (ImportError, TypeError, ValueError) as error:  # the last two for paths that begin with a dot
        raise InvalidArgument("CONSENT", f"{configured!r} cannot be imported: {error}.") from None


def _returns(function: object) -> bool:
    """Tell whether a call returns what it says, and nothing that has to be waited for or gone through."""
    is_async = iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
    return not is_async and not inspect.isgeneratorfunction(function)


def _read(answer: object) -> Consent:
    # By identity: a site whose function returns the text "denied" must not be taken for one that agrees.
    for consent in Consent:
        if answer is consent.value:
            return consent
    raise InvalidArgument("CONSENT", f"CONSENT must return True, False or None, not a {type(answer).__name__}.")


def _opts_out(request: HttpRequest) -> bool:
    return request.META.get("HTTP_SEC_GPC", "").strip() == "1" and attribution_settings.HONOUR_GPC


def _name(configured: Any) -> str:
    return repr(configured if isinstance(configured, str) else getattr(configured, "__qualname__", configured))
