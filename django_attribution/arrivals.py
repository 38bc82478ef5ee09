"""How an arrival gets from a request to a row: read as a landing if it is a touch, and stored unless it is a repeat."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import DisallowedHost
from django.db.models import Q
from django.http import HttpRequest

from django_attribution import channel_settings, tracking
from django_attribution.conf import attribution_settings
from django_attribution.inserting import insert
from django_attribution.landings import Landing, is_touch, own_host_of
from django_attribution.models import Identity, Touchpoint
from django_attribution.path_secrets import without_secrets

# A browser names the same referrer after a redirect, and the parameters may be gone. Nobody comes anew so soon.
REDIRECT_TIME = timedelta(seconds=10)
_LOOKED_AT = 100  # touches that differ in nothing but click ids; more are an attack
_SAME = ("utm_campaign", "utm_term", "utm_content", "utm_id")


def touch_of(request: HttpRequest) -> Landing | None:
    """Return the arrival that a request is; None where it is no touch. Reads neither GET nor POST nor the session."""
    params: dict[str, str] | None = getattr(request, "tracking_params", None)
    if params is None or (not params and attribution_settings.UNTAGGED_VISITS == "ignore"):
        return None
    headers = request.META
    if not tracking.is_landing(method=request.method or "", headers=headers):
        return None
    if not params and not tracking.asks_for_page(headers):
        return None
    host, masked = _host(request), attribution_settings.MASKED_PATHS
    return _if_touch(
        Landing(
            scheme=request.scheme or "",
            host=host,
            path=without_secrets(request.path, masked=masked),
            path_info=request.path_info,
            params=params,
            referrer=tracking.strip_referrer(headers.get("HTTP_REFERER", ""), masked=masked),
            own_hosts={own_host_of(host)} - {""},
            site=headers.get("HTTP_SEC_FETCH_SITE", ""),
        )
    )


def touch_at(url: str, *, referrer: str | None, request: HttpRequest) -> Landing | None:
    """Return the arrival that a front end tells of; None where it is no touch.

    Raises ``InvalidArgument`` for a ``url`` that is no page's. What the request says of itself counts for nothing
    but its host: it fetches from a page, it does not navigate.
    """
    return _if_touch(
        Landing.at(
            url,
            referrer=referrer or "",
            own_host=own_host_of(_host(request)),
            max_length=attribution_settings.MAX_UTM_LENGTH,
            masked=attribution_settings.MASKED_PATHS,
        )
    )


def touch_from(landing: Landing, *, identity: Identity, at: datetime) -> Touchpoint:
    """Return the row of a visitor's arrival, not stored yet."""
    return Touchpoint(
        identity=identity,
        created_at=at,
        url=landing.url,
        referrer=landing.referrer,
        click_ids=tracking.click_ids_of(landing.params),
        **{name: landing.params.get(name, "") for name in tracking.UTM_PARAMETERS},
    )


def store(landing: Landing, *, identity: Identity, at: datetime, using: str, is_first: bool) -> Touchpoint | None:
    """Store an arrival of a visitor and return the row; None for a repeat, which is not stored again.

    Call it in a transaction that updated the identity's row, which holds back whoever arrives at the same time.
    ``is_first`` saves the look at earlier touches of a visitor who was new in this transaction.
    """
    touch = touch_from(landing, identity=identity, at=at)
    if not is_first and _is_repeat(touch, is_tagged=bool(landing.params), using=using):
        return None
    insert(touch, using=using)
    return touch


def _is_repeat(touch: Touchpoint, *, is_tagged: bool, using: str) -> bool:
    """Tell whether the visitor has this touch already: the same a while ago, or the one that redirected here.

    A while ago or ahead: of two arrivals at once the later one may be stored first.
    """
    patience = timedelta(minutes=attribution_settings.REPEAT_TOUCH_MINUTES)
    if is_tagged and not patience:
        return False
    near = _within(max(patience, REDIRECT_TIME), touch.created_at)
    earlier = Touchpoint.objects.using(using).filter(near, identity=touch.identity)
    same = _same_as(touch) if patience else Q(pk__in=())
    if is_tagged:
        # Compared here: SQLite compares JSON as text, in which the order of the keys counts.
        click_ids = earlier.filter(same).order_by("-created_at", "-id").values_list("click_ids", flat=True)
        return touch.click_ids in click_ids[:_LOOKED_AT]
    redirected = Q(url__contains="?", referrer=touch.referrer) & _within(REDIRECT_TIME, touch.created_at)
    return earlier.filter(same & Q(click_ids={}) | redirected).exists()


def _same_as(touch: Touchpoint) -> Q:
    source, medium = touch.derive_source_and_medium()
    limit = tracking.UTM_LENGTH_LIMIT  # as the columns cut what they derive
    return Q(source=source[:limit], medium=medium[:limit], **{name: getattr(touch, name) for name in _SAME})


def _within(time: timedelta, moment: datetime) -> Q:
    return Q(created_at__range=(moment - time, moment + time))


def _if_touch(landing: Landing) -> Landing | None:
    is_wanted = is_touch(
        landing,
        untagged_visits=attribution_settings.UNTAGGED_VISITS,
        excluded=attribution_settings.UTM_EXCLUDED_URLS,
        sites=channel_settings.sites(),
    )
    return landing if is_wanted else None


def _host(request: HttpRequest) -> str:
    try:
        return request.get_host()
    except DisallowedHost:
        return ""
