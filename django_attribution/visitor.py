"""Who is this visitor? Answered by the cookie, the logged-in user, and what the rows say.

The cookie of an identity that nobody ever claimed counts; that of a claimed one counts only while its user is
the one logged in. So a planted, copied or stale cookie never leads anyone to another person's identity.
Who did not consent is nobody: no row of theirs is read or written. Landings and responses are unknown here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, cast
from uuid import UUID, uuid4
from weakref import ref

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property

from django_attribution import tracking
from django_attribution.conf import attribution_settings
from django_attribution.consent import Consent, consent_of
from django_attribution.cookies import read_identity_cookie
from django_attribution.database_errors import StaleSnapshot
from django_attribution.exceptions import AttributionError
from django_attribution.failures import tried
from django_attribution.identity_querysets import IdentityQuerySet
from django_attribution.inserting import insert
from django_attribution.kept_rows import KeptRow, KeptRows
from django_attribution.models import Identity
from django_attribution.primary import primary
from django_attribution.transactions import guarded, reading_first, reconnected, retried


class RequestVisitor:
    """The visitor of one request. Lazy: nothing is read before someone asks, nothing is written before it is due."""

    def __init__(self, request: HttpRequest) -> None:
        self.arrived_at = timezone.now()
        # The request holds its visitor: a cycle would keep both, and the body, until the garbage collector comes by.
        self._weak_request: Callable[[], HttpRequest | None] = ref(request)
        self._user: Any = None  # who logged in during this request
        self._is_login_lost = False
        self._consent: Consent | None = None  # not asked yet
        self._identity: Identity | None = None
        self._is_resolved = False
        self._resolved_for: Any = None  # the user's primary key
        self._written = KeptRows()
        self._is_new = False  # the identity was created just now, so that it has no touch yet
        self._drops_cookie = False
        self._is_withdrawn = False

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what stays in this process: who is pickled along with the request finds it by ``serve`` again."""
        return {**vars(self), "_weak_request": _no_request, "_written": KeptRows()}

    def serve(self, request: HttpRequest) -> None:
        """Be the visitor of a copy of the request, where that outlives the request itself."""
        if self._weak_request() is None:
            self._weak_request = ref(request)

    @property
    def identity(self) -> Identity | None:
        """The visitor's identity, or None for one who has none yet. Reads, and claims after a login; never creates."""
        return retried(self.resolve, using=primary())

    async def aidentity(self) -> Identity | None:
        """Return the visitor's identity; the async twin of ``identity``."""
        return await sync_to_async(lambda: self.identity)()

    def resolve(self) -> Identity | None:
        """Return the visitor's identity, claiming an anonymous one for a logged-in user; creates none."""
        self._forget_rolled_back()
        return self._resolved()

    def attach(self) -> Identity | None:
        """Return the identity to attach a fact to, in the fact's transaction; None without consent, or for a new bot.

        Creates the identity if need be.
        """
        if not self.is_trackable:
            return None
        identity, self._is_new = self._resolved(), False  # whether its row is still there, the update tells
        if identity is not None:
            identity = self._identities().seen(identity, at=self.arrived_at)
        if identity is None:
            if self.user is None and self._is_bot:
                return None
            identity = self._create()
        elif self._written.identity_uuid != identity.uuid:
            self._remember(identity, proof=partial(self._identities().filter, pk=identity.pk))
        self._identity = identity
        return identity

    @property
    def consent(self) -> Consent:
        """What the visitor said, asked once for the request; in an async view use ``aconsent``."""
        if self._consent is None:
            self._consent = Consent.UNKNOWN  # what a CONSENT function hears that asks for the visitor itself
            self._consent = consent_of(self._request)
        return self._consent

    async def aconsent(self) -> Consent:
        """Return what the visitor said; the async twin of ``consent``."""
        return await sync_to_async(lambda: self.consent)()

    @property
    def is_trackable(self) -> bool:
        """Whether rows and a cookie about this visitor may be read and written."""
        return self.consent is Consent.GRANTED

    @property
    def user(self) -> Any:
        """The logged-in user, or None."""
        if self._is_login_lost:
            return None
        user = self._user or getattr(self._request, "user", None)
        # A token's user, or one that was deleted, is no row that an identity could belong to.
        is_stored = isinstance(user, get_user_model()) and user.pk is not None
        return cast(Any, user) if is_stored and cast(Any, user).is_authenticated else None

    def log_in(self, user: Any) -> None:
        """Claim what this browser did so far for the user who just logged in; later, if it cannot be done now."""
        self._user = user
        self._is_resolved = False
        if self._carried_uuid is not None and self.is_trackable:
            tried("login", self._claim)

    def log_out(self) -> None:
        """Forget the visitor: whoever uses this browser next is somebody else."""
        self._user = None
        self._forget()

    def rows(self) -> list[Identity]:
        """Return the rows that stand for the visitor, whatever CONSENT says; claims none.

        Those are the identity of the logged-in user, and the never-claimed one that the browser carries.
        """
        return [row for row in retried(self._rows, using=primary()) if row is not None]

    def withdraw(self) -> None:
        """Track this visitor no more, and take their cookie, whose rows were erased.

        Unless the page breaks: the rows may be there again, and the cookie is all by which they can be erased.
        """
        self._is_withdrawn = True
        self._consent = Consent.DENIED
        self._forget()

    def _claim(self) -> None:
        with guarded(primary()):
            reconnected(self._claim_briefly, using=primary())

    def _claim_briefly(self) -> None:
        with self._reading_first():
            self.resolve()

    @contextmanager
    def _reading_first(self) -> Iterator[AbstractContextManager[None]]:
        _ = self.user  # the host's code looks: before, and in no transaction of ours
        try:
            with reading_first(primary()) as writing:
                yield writing
        except BaseException:
            self._is_resolved = False  # what was read, and claimed, is taken back
            raise

    @property
    def _request(self) -> HttpRequest:
        request = self._weak_request()
        if request is None:
            raise AttributionError("The request of this visitor is over: keep the request, or its identity.")
        return request

    @property
    def _carried_uuid(self) -> UUID | None:
        """The uuid that the browser will carry after this response, as far as known."""
        return self._written.identity_uuid or (None if self._drops_cookie else self._cookie_uuid)

    @cached_property
    def _cookie_uuid(self) -> UUID | None:
        return read_identity_cookie(self._request)

    @cached_property
    def _fresh_uuid(self) -> UUID:
        # One for the request, so that a landing written again after a rollback is the same landing.
        return uuid4()

    @cached_property
    def _is_bot(self) -> bool:
        return attribution_settings.FILTER_BOTS and tracking.is_bot(self._request.META.get("HTTP_USER_AGENT", ""))

    def _resolved(self) -> Identity | None:
        if not self.is_trackable:
            return None
        user_pk = None if self.user is None else self.user.pk
        if not self._is_resolved or self._resolved_for != user_pk:  # the host may set request.user late
            self._identity = self._find()
            self._is_resolved, self._resolved_for = True, user_pk
        return self._identity

    def _find(self) -> Identity | None:
        user, identities = self.user, self._identities()
        owned, visitor = self._rows()
        if user is None or visitor is None:
            return visitor if user is None else owned
        claimed = identities.claim(visitor, user=user, owned=owned)
        if claimed is not None:
            self._remember(claimed, proof=partial(identities.filter, pk=visitor.pk, claimed_at__isnull=False))
        return claimed

    def _rows(self) -> tuple[Identity | None, Identity | None]:
        """Return the row that the logged-in user has, and the never-claimed one that the browser carries."""
        user, uuid = self.user, self._carried_uuid
        identities = self._identities()
        if user is None:
            return None, None if uuid is None else identities.filter(uuid=uuid, claimed_at=None).first()
        is_theirs = Q(linked_user=user, merged_into=None)
        found = list(identities.filter(is_theirs if uuid is None else is_theirs | Q(uuid=uuid)))
        owned = next((row for row in found if row.linked_user_id == user.pk and row.merged_into_id is None), None)
        visitor = next((row for row in found if row.uuid == uuid and row.claimed_at is None), None)
        return owned, visitor

    def _forget(self) -> None:
        self._identity, self._is_resolved = None, False
        self._written.forget_visitor()
        self._drops_cookie = True
        self.__dict__.pop("_fresh_uuid", None)

    def _fresh(self, user: Any) -> Identity:
        """Return the row of a visitor who has none, not stored yet."""
        return Identity(
            uuid=self._fresh_uuid,
            created_at=self.arrived_at,
            last_seen_at=self.arrived_at,
            linked_user=user,
            claimed_at=None if user is None else self.arrived_at,
            first_visit_user_agent=tracking.clean(
                self._request.META.get("HTTP_USER_AGENT", ""), max_length=tracking.USER_AGENT_LENGTH
            ),
        )

    def _create(self) -> Identity:
        user, identities = self.user, self._identities()
        identity = self._fresh(user)
        self._is_new = True
        if user is None:
            insert(identity, using=identities.db)
        else:
            try:
                with transaction.atomic(using=identities.db):
                    insert(identity, using=identities.db)
            except IntegrityError as error:  # another request of this user was faster
                self._is_new = False
                owned = identities.live().filter(linked_user=user).first()
                if owned is None:
                    raise StaleSnapshot from error
                identity = owned
                identities.seen(identity, at=self.arrived_at)
        self._remember(identity, proof=partial(identities.filter, uuid=identity.uuid))
        return identity

    def _remember(self, identity: Identity, *, proof: Callable[[], models.QuerySet[Any]]) -> None:
        self._written.add(KeptRow(identity.uuid, proof, using=primary()))

    def _forget_rolled_back(self) -> None:
        """Drop what a view's transaction took back, so that no cookie points to a row that does not exist."""
        if self._written.forget_rolled_back():
            self._is_resolved = False

    @staticmethod
    def _identities() -> IdentityQuerySet:
        return Identity.objects.using(primary())


def _no_request() -> None:
    """Stand for a request that is no more."""
