"""What an idempotency key stands for: an answer given again, a claim taken over, or one that no longer counts.

Browsers and the server have key spaces of their own. They meet where the same visitor's browser and the server name the
same event by the same key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from django_attribution.exceptions import IdempotencyKeyReused
from django_attribution.recording import ConversionFacts

if TYPE_CHECKING:
    from django_attribution.models import Conversion, Identity
    from django_attribution.querysets import ConversionQuerySet, Visitor

_HALF = 32  # characters of a fingerprint, enough to tell arguments: a row taken over has the server's and the browser's


def answer_to(facts: ConversionFacts, *, visitor: Visitor | None, conversions: ConversionQuerySet) -> Conversion | None:
    """Return the conversion that already answers this key, if there is one; raise ``IdempotencyKeyReused``."""
    if facts.idempotency_key is None:
        return None
    by_origin = {row.origin: row for row in conversions.filter(idempotency_key=facts.idempotency_key)}
    if not by_origin:
        return None
    known = None if visitor is None else visitor.resolve()
    if known is not None and known.pk not in {row.identity_id for row in by_origin.values()}:
        known = _as_of_now(known, using=conversions.db)  # who asks may have been merged with who recorded it
    known_pk = None if known is None else known.pk
    asked = facts.fingerprint[:_HALF]
    own = by_origin.get(facts.origin)
    if own is None:
        [other] = by_origin.values()
        if other.fingerprint[_HALF:] != asked:
            return _met(other, facts, identity_pk=known_pk, conversions=conversions)
        own = other  # the browser's claim, which server code has taken over since
    elif own.fingerprint[:_HALF] != asked:
        raise IdempotencyKeyReused
    if None not in (known_pk, own.identity_id) and own.identity_id != known_pk:
        raise IdempotencyKeyReused
    server = by_origin.get("server", own)
    is_same = own.identity_id is not None and (own.identity_id, own.event) == (server.identity_id, server.event)
    return server if is_same and not own.is_active else own  # voided for the server's sake, or beside it


def met_since(
    facts: ConversionFacts, *, identity: Identity | None, conversions: ConversionQuerySet
) -> Conversion | None:
    """Return what the same visitor's other side has recorded under this key since ``answer_to`` looked, if anything.

    Call it in the transaction that has marked the visitor as seen: of browser and server who name one event at once,
    the second waits there for the first. Whoever repeats a key on one side, the constraint stops.
    """
    if facts.idempotency_key is None or identity is None:
        return None
    other = conversions.filter(idempotency_key=facts.idempotency_key).exclude(origin=facts.origin).first()
    return None if other is None else _met(other, facts, identity_pk=identity.pk, conversions=conversions)


def void_claim(conversion: Conversion, *, conversions: ConversionQuerySet) -> None:
    """Void what the same visitor's browser claimed under the key of a server's conversion that counts now.

    It keeps its key: a browser that repeats the claim, even without its cookie, is known by it, and answered with
    the server's conversion.
    """
    if conversion.origin == "server" and None not in (conversion.idempotency_key, conversion.identity_id):
        conversions.filter(
            origin="client",
            idempotency_key=conversion.idempotency_key,
            identity=conversion.identity_id,
            event=conversion.event,
        ).update(is_active=False)


def _as_of_now(identity: Identity, *, using: str) -> Identity:
    """Return what stands for an identity by what its row says now; it was read a while ago."""
    row = type(identity).objects.using(using).filter(pk=identity.pk).first()
    return identity if row is None else row.resolve() or identity


def _met(
    other: Conversion, facts: ConversionFacts, *, identity_pk: int | None, conversions: ConversionQuerySet
) -> Conversion | None:
    if identity_pk is None or other.identity_id != identity_pk or other.event != facts.event:
        return None
    if facts.origin == "client":
        return other  # the browser repeats a claim that server code has taken over since, or comes after the server
    return _taken_over(other, facts, conversions=conversions)


def _taken_over(
    conversion: Conversion, facts: ConversionFacts, *, conversions: ConversionQuerySet
) -> Conversion | None:
    """Let the server's word replace what the same visitor's browser claimed under the same key: one row.

    The row becomes the server's, key and all; half of its fingerprint tells the browser's call from now on, so that
    who has guessed a key of the server's is not taken for the browser. None where it was voided, or another call took
    it over first; and where it is confirmed and the server's word is not: neither may the row be turned back, nor the
    server's amount count yet. The two are one again once the server's is confirmed, by ``void_claim``.
    """
    claims = conversions.filter(pk=conversion.pk, origin="client", is_active=True)
    if not facts.is_confirmed:
        claims = claims.filter(is_confirmed=False)
    changes: dict[str, Any] = {
        "value": facts.value,
        "currency": facts.currency,
        "origin": facts.origin,
        "fingerprint": facts.fingerprint[:_HALF] + conversion.fingerprint[:_HALF],
    }
    if facts.custom_data:
        changes["custom_data"] = facts.custom_data
    if facts.source_object_id is not None:
        changes |= {
            "source_content_type": facts.source_content_type,
            "source_object_id": facts.source_object_id,
        }
    with transaction.atomic(using=conversions.db):
        if not claims.update(**changes):
            return None
        if facts.is_confirmed:
            conversions.settle(conversion, is_confirmed=True)
        conversion.refresh_from_db(using=conversions.db)  # before the commit: after it nothing may fail any more
    return conversion
