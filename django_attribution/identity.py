"""What a request leaves behind: ``request.attribution`` stores its landing, and hands the visitor's cookie out.

Who the visitor is, visitor.py says.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import cached_property

from django_attribution import arrivals
from django_attribution.conf import attribution_settings
from django_attribution.consent import Consent, may_be_denied
from django_attribution.cookies import delete_identity_cookie, set_identity_cookie
from django_attribution.exceptions import NoConsent
from django_attribution.failures import fail_open, tried
from django_attribution.inserting import can_insert_alone, insert_alone
from django_attribution.kept_rows import KeptRow
from django_attribution.landings import Landing
from django_attribution.models import Identity, Touchpoint
from django_attribution.primary import primary
from django_attribution.session_looks import unnoticed
from django_attribution.transactions import all_or_nothing, reconnected
from django_attribution.visitor import RequestVisitor


class RequestAttribution(RequestVisitor):
    """The visitor of one request, their landing and their cookie: what is kept of both, and only that."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.declared_events: tuple[str, ...] | None = None  # None: the view declares nothing, all are allowed

    def attach(self) -> Identity | None:
        """Return the identity to attach a fact to, as a ``RequestVisitor`` does.

        Writes the landing of this request first, so that a landing which converts at once is credited.
        """
        identity = super().attach()
        if identity is not None and self._landing is not None and self._written.landing is None:
            _, proof = self._store(self._landing, identity)
            self._written.landing = KeptRow(identity.uuid, proof, using=primary())
        return identity

    def record(self, landing: Landing) -> bool:
        """Store an arrival that the request tells of; tell whether it was one to store: no bot's, and no repeat.

        Raises ``NoConsent`` where the visitor did not consent.
        """
        if self._is_bot:
            return False
        if not self.is_trackable:
            raise NoConsent
        return all_or_nothing(lambda: self._record(landing), using=primary())

    def is_due(self) -> bool:
        """Tell whether the response needs ``finish``; costs no query."""
        is_written = self._written.identity_uuid is not None
        return is_written or self._drops_cookie or self._landing is not None or self._may_withdraw

    def finish(self, response: HttpResponseBase) -> None:
        """After the view: store the landing, and have the browser carry the identity that rows were kept for."""
        with unnoticed(self._request):
            self._finish(response)

    def _finish(self, response: HttpResponseBase) -> None:
        if response.status_code >= 500 and self._user is not None:
            self._is_login_lost, self._is_resolved = True, False  # Django saves no session of a page that broke
        may_land = not 400 <= response.status_code < 500 and (self._landing is None or self.is_trackable)
        settle = partial(reconnected, partial(self._settle, may_land=may_land), using=primary())
        if not self._is_settled(may_land=may_land) and not tried("record", settle):
            self._written.forget_visitor()  # no cookie for what may not be there
        may_be_undone = self._is_withdrawn and response.status_code >= 500  # the erasure, with all that the page wrote
        if self._written.identity_uuid is not None:
            set_identity_cookie(response, self._written.identity_uuid, request=self._request)
        elif self._has_cookie and not may_be_undone and (self._drops_cookie or self.consent is Consent.DENIED):
            delete_identity_cookie(response)

    @property
    def _has_cookie(self) -> bool:
        return attribution_settings.COOKIE_NAME in self._request.COOKIES

    @property
    def _may_withdraw(self) -> bool:
        """Whether there is a cookie to take back, if the visitor says no; asks nobody."""
        if may_be_denied(self._request):
            with fail_open("read"):
                return self._has_cookie
        return False

    def _is_settled(self, *, may_land: bool) -> bool:
        """Tell whether every row that there should be is known to be there; costs no query."""
        landing = self._written.landing
        is_landed = landing.is_kept if landing is not None else self._landing is None or not may_land
        return is_landed and self._written.is_visitor_kept

    def _settle(self, *, may_land: bool) -> None:
        """See what a view's transaction took back, and store the landing unless it is there."""
        if may_land and self._landing is not None and self._is_unheard_of():
            self._land_at_once(self._landing)
            return
        with self._reading_first() as writing:
            self._forget_rolled_back()
            if may_land and self._landing is not None and self._written.landing is None:
                self._resolved()
                with writing:
                    self.attach()

    def _is_unheard_of(self) -> bool:
        """Tell whether no row needs to be read to know that the visitor has none, and one message can write them."""
        return (
            self._written.landing is None
            and self._carried_uuid is None
            and settings.SESSION_COOKIE_NAME not in self._request.COOKIES  # or a row may say who that is
            and self.user is None
            and can_insert_alone(Identity, Touchpoint, using=primary())
        )

    def _land_at_once(self, landing: Landing) -> None:
        """Store a landing with its visitor, to whom everything is new."""
        identity = self._fresh(None)
        touch = arrivals.touch_from(landing, identity=identity, at=self.arrived_at)
        visitor = KeptRow(identity.uuid, partial(self._identities().filter, uuid=identity.uuid), using=None)
        landed = KeptRow(identity.uuid, partial(_touches, touch.uuid), using=None)
        self._written.add(visitor)  # before they are: where the commit is what fails, they may be there all the same
        self._written.landing = landed
        insert_alone(touch, by="identity", using=primary())
        visitor.keep()
        landed.keep()
        self._identity, self._is_resolved, self._resolved_for = identity, True, None

    def _record(self, landing: Landing) -> bool:
        with self._reading_first() as writing:
            self.resolve()
            with writing:
                identity = self.attach()
                return identity is not None and self._store(landing, identity)[0]

    @cached_property
    def _landing(self) -> Landing | None:
        """The arrival that this request is, if it is a touch."""
        with fail_open("read"):
            landing = arrivals.touch_of(self._request)
            return None if landing is None or self._is_bot else landing
        return None

    def _store(self, landing: Landing, identity: Identity) -> tuple[bool, Callable[[], models.QuerySet[Any]]]:
        """Store an arrival unless it is a repeat; return whether it was stored, and what is there if that is kept."""
        touch = arrivals.store(landing, identity=identity, at=self.arrived_at, using=primary(), is_first=self._is_new)
        self._is_new = False
        if touch is None:
            return False, partial(self._identities().filter, pk=identity.pk, last_seen_at__gte=self.arrived_at)
        return True, partial(_touches, touch.uuid)


def _touches(uuid: UUID) -> models.QuerySet[Any]:
    return Touchpoint.objects.using(primary()).filter(uuid=uuid)


def attribution_of(request: Any) -> RequestAttribution:
    """Return ``request.attribution``; raise ``ImproperlyConfigured`` naming the middleware that is missing."""
    attribution = getattr(request, "attribution", None)
    if isinstance(attribution, RequestAttribution):
        attribution.serve(request)
        return attribution
    raise ImproperlyConfigured(
        "This request has no visitor. Add 'django_attribution.middlewares.AttributionMiddleware' to MIDDLEWARE, "
        "after the session and authentication middlewares."
    )
