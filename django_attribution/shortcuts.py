"""The one way in for writes from server code: conversions and touchpoints, in sync and async views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from asgiref.sync import sync_to_async
from django.db.models import Model
from django.http import HttpRequest

from django_attribution.arrivals import touch_at
from django_attribution.client_events import clean_client_key, rule_for
from django_attribution.exceptions import EventNotDeclared, InvalidArgument, NoConsent
from django_attribution.identity import RequestAttribution, attribution_of
from django_attribution.models import Conversion
from django_attribution.privacy import Erased, erase
from django_attribution.recording import KEY_LENGTH, ConversionOptions, clean_text, clean_value
from django_attribution.tokens import read_confirmation
from django_attribution.transactions import all_or_nothing


def record_conversion(
    request: HttpRequest,
    event: str,
    *,
    value: object = None,
    currency: str | None = None,
    custom_data: Mapping[str, Any] | None = None,
    source_object: Model | None = None,
    is_confirmed: bool = True,
    idempotency_key: str | None = None,
) -> Conversion:
    """Record a conversion of the request's visitor and return it, stored.

    ``value`` is a Decimal, int, decimal string or float (by its shortest decimal form) in ``currency`` (ISO 4217,
    default ``CURRENCY``). ``source_object`` is the saved model instance it is about, e.g. the order. With
    ``is_confirmed=False`` it stays pending until confirmed. A repeated ``idempotency_key`` returns the stored
    conversion, and takes over what the visitor's browser recorded under it. Raises ``EventNotDeclared`` when the
    view declares its events and this is none of them, ``InvalidArgument`` for what cannot be stored,
    ``IdempotencyKeyReused``, and ``AttributionUnavailable`` where the database is out of reach and the call may be
    repeated later; nothing is half-written then, and a transaction around it can go on.
    """
    attribution = attribution_of(request)
    require_declared(event, attribution)
    return Conversion.objects.record(
        identity=attribution,
        event=event,
        value=value,
        currency=currency,
        custom_data=custom_data,
        source_object=source_object,
        is_confirmed=is_confirmed,
        idempotency_key=idempotency_key,
        occurred_at=attribution.arrived_at,
    )


def record_client_conversion(
    request: HttpRequest,
    event: str,
    *,
    idempotency_key: str,
    value: object = None,
    currency: str | None = None,
    custom_data: Mapping[str, Any] | None = None,
) -> Conversion:
    """Record what the request's browser claims, within the limits of ``CLIENT_EVENTS``; pending by default.

    ``idempotency_key`` is 16 to 255 random characters that the browser keeps across retries. Raises
    ``ClientConversionRefused`` for what the limits forbid, beside the errors of ``record_conversion``.
    """
    attribution = attribution_of(request)
    require_declared(event, attribution)
    rule = rule_for(event)
    amount, code = clean_value(value, currency=currency)
    rule.check(value=amount, currency=code)
    return Conversion.objects.record(
        identity=attribution,
        event=event,
        value=amount,
        currency=code or None,
        custom_data=custom_data,
        is_confirmed=rule.confirmed,
        idempotency_key=clean_client_key(idempotency_key),
        origin=Conversion.Origin.CLIENT,
        occurred_at=attribution.arrived_at,
    )


async def arecord_conversion(request: HttpRequest, event: str, **options: Unpack[ConversionOptions]) -> Conversion:
    """Record a conversion; the async twin of ``record_conversion``."""
    return await sync_to_async(record_conversion)(request, event, **options)


def confirm_conversion(
    *,
    source_object: Model | None = None,
    event: str | None = None,
    idempotency_key: str | None = None,
    value: object = None,
    currency: str | None = None,
) -> Conversion:
    """Confirm the conversion that was recorded about ``source_object`` as ``event``, or under a server's key.

    ``value`` replaces the recorded amount. Confirming again is harmless. Needs no request, so webhooks and tasks
    can call it. Raises ``Conversion.DoesNotExist``, ``Conversion.MultipleObjectsReturned``, ``InvalidArgument``,
    ``ConfirmationRefused`` (voided, or confirmed before with another value), and ``AttributionUnavailable`` where
    the database is out of reach.
    """
    if (source_object is None) == (idempotency_key is None):
        raise InvalidArgument(
            "source_object", "Name the conversion by source_object (and event), or by idempotency_key."
        )
    conversions = Conversion.objects.on_primary()

    def find() -> Conversion:
        if source_object is not None:
            named = conversions.about(source_object)
        else:
            key = clean_text(idempotency_key, argument="idempotency_key", max_length=KEY_LENGTH)
            named = conversions.filter(origin=Conversion.Origin.SERVER, idempotency_key=key)
        return named.get() if event is None else named.get(event=event)

    return all_or_nothing(find, using=conversions.db).confirm(value=value, currency=currency)


def confirm_by_token(token: str) -> Conversion:
    """Confirm the conversion that a token of ``Conversion.confirmation_token()`` names, with the amount it fixes.

    Used again, it answers the same confirmed conversion. Raises ``InvalidConfirmationToken``,
    ``Conversion.DoesNotExist`` and ``ConfirmationRefused`` (voided).
    """
    confirmation = read_confirmation(token)
    conversions = Conversion.objects.on_primary()
    conversion = all_or_nothing(lambda: conversions.get(uuid=confirmation.uuid), using=conversions.db)
    if conversion.status == Conversion.Status.CONFIRMED:
        return conversion  # whatever amount the server has confirmed since, it knows better than an old token
    if confirmation.value is None:
        return conversion.confirm()
    return conversion.confirm(value=confirmation.value, currency=confirmation.currency)


async def aconfirm_conversion(
    *,
    source_object: Model | None = None,
    event: str | None = None,
    idempotency_key: str | None = None,
    value: object = None,
    currency: str | None = None,
) -> Conversion:
    """Confirm a conversion; the async twin of ``confirm_conversion``."""
    return await sync_to_async(confirm_conversion)(
        source_object=source_object, event=event, idempotency_key=idempotency_key, value=value, currency=currency
    )


def record_touchpoint(request: HttpRequest, url: str, *, referrer: str | None = None) -> bool:
    """Record where the request's visitor came from, for a landing page that Django did not serve.

    ``url`` is the page's address with its query, ``referrer`` the page before (``document.referrer``). Both are
    kept and filtered like those of a landing that Django serves. Returns whether there was something to record:
    a bot, an excluded path, an untagged visit that UNTAGGED_VISITS leaves out, and a repeat are not. Raises
    ``InvalidArgument`` for a ``url`` that is no page's; an unusable ``referrer`` counts as none. Raises
    ``AttributionUnavailable`` where the database is out of reach; nothing is half-written then. A visitor who did not
    consent left nothing to record.
    """
    try:
        return record_client_touchpoint(request, url, referrer=referrer)
    except NoConsent:
        return False


def record_client_touchpoint(request: HttpRequest, url: str, *, referrer: str | None = None) -> bool:
    """Record what a front end tells, as ``record_touchpoint`` does; raise ``NoConsent`` so that it can tell again."""
    attribution = attribution_of(request)
    landing = touch_at(url, referrer=referrer, request=request)
    return landing is not None and attribution.record(landing)


async def arecord_touchpoint(request: HttpRequest, url: str, *, referrer: str | None = None) -> bool:
    """Record where the visitor came from; the async twin of ``record_touchpoint``."""
    return await sync_to_async(record_touchpoint)(request, url, referrer=referrer)


def erase_visitor(request: HttpRequest) -> Erased:
    """Erase what is held about the request's visitor, and take their cookie: for a "delete my data" button.

    Works whatever CONSENT says, for the user who is logged in and for the browser; see ``privacy.erase`` for what goes
    and what stays. Nothing more is recorded about them in this request. Returns how much was erased. Where that fails,
    or the page breaks, the cookie stays, so that they can ask again.
    """
    attribution = attribution_of(request)
    erased = sum(map(erase, attribution.rows()), Erased())
    attribution.withdraw()
    return erased


async def aerase_visitor(request: HttpRequest) -> Erased:
    """Erase what is held about the visitor; the async twin of ``erase_visitor``."""
    return await sync_to_async(erase_visitor)(request)


def require_declared(event: str, attribution: RequestAttribution) -> None:
    """Raise ``EventNotDeclared`` unless the view being served lets this event be recorded."""
    declared = attribution.declared_events
    if declared is not None and event not in declared:
        raise EventNotDeclared(event, declared=declared)
