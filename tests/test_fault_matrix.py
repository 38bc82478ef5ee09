"""A fault at each statement of ours in turn, of every type: pages stay as they are, conversions are whole or not there.

Pages are compared byte for byte with those of the same site without the package; only what Django itself makes up for
each session is left out. The summary of the tests adds the figures up.
"""

import itertools
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.core.signing import TimestampSigner
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path

from django_attribution import failures
from django_attribution.exceptions import AttributionUnavailable
from django_attribution.middlewares import AttributionMiddleware, TrackingParameterMiddleware
from django_attribution.models import Conversion, Identity, Touchpoint
from django_attribution.shortcuts import confirm_conversion, record_conversion, record_touchpoint
from tests.browsers import COOKIE, NAVIGATION, Browser, without_tracking
from tests.faults import faults_at
from tests.shop import views
from tests.shop.models import Order

pytestmark = pytest.mark.django_db(transaction=True)

ERRORS = [OperationalError, IntegrityError, DataError, InterfaceError, RuntimeError]
MOST = 40  # statements; whoever needs more than that has got into a circle
PEOPLE = ["stranger", "visitor", "user"]
# Whose conversions fail, and by what: every pair on PostgreSQL; on SQLite every error, and each of the people.
MISFORTUNES = (
    list(itertools.product(PEOPLE, ERRORS))
    if connection.vendor == "postgresql"
    else list(zip(itertools.cycle(PEOPLE), ERRORS, strict=False))
)

calls: list[str] = []


def page(request: HttpRequest) -> HttpResponse:
    """Show a page, and count it."""
    calls.append(request.path)
    return views.page(request)


def log_in(request: HttpRequest, username: str) -> HttpResponse:
    """Log somebody in, and count it."""
    calls.append(request.path)
    return views.log_in(request, username)


urlpatterns = [path("page/", page), path("login/<str:username>/", log_in)]


@pytest.fixture(autouse=True)
def _addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


def landing(browser: Browser, number: int) -> Callable[[], Any]:
    """A stranger follows an advertisement's link."""
    return browser.land


def landing_with_a_session(browser: Browser, number: int) -> Callable[[], Any]:
    """A stranger follows a link who could be a user for all that is known before the session is read."""
    browser.cookies[settings.SESSION_COOKIE_NAME] = "of-nobody"
    return browser.land


def returning(browser: Browser, number: int) -> Callable[[], Any]:
    """A visitor comes back, by another link."""
    browser.land()
    return lambda: browser.land(utm_source="mail")


def returning_user(browser: Browser, number: int) -> Callable[[], Any]:
    """A user comes back."""
    browser.force_login(User.objects.create_user(f"user {number}"))
    return returning(browser, number)


def login(browser: Browser, number: int) -> Callable[[], Any]:
    """A visitor with a history logs in for the first time."""
    User.objects.create_user(f"user {number}")
    browser.land()
    return lambda: browser.get(f"/login/user {number}/")


def login_that_merges(browser: Browser, number: int) -> Callable[[], Any]:
    """A visitor with a history logs in as a user who has one."""
    login(Browser(), number)()
    browser.land()
    return lambda: browser.get(f"/login/user {number}/")


# Statements, where there are fewer than three: PostgreSQL takes a new visitor and their landing by one.
LEAST = {landing: 1} if connection.vendor == "postgresql" else {}
SCENES = [landing, landing_with_a_session, returning, returning_user, login, login_that_merges]


def as_sent_but_for_sessions(response: Any) -> tuple[Any, ...]:
    """Return all that reaches the browser; of Django's own cookies all but what it makes up."""
    cookies = {
        name: {attribute: value for attribute, value in morsel.items() if attribute != "expires"}
        for name, morsel in response.cookies.items()
    }
    return response.status_code, dict(response.headers), cookies, response.content


@pytest.mark.parametrize("atomic_requests", [True, False], ids=["atomic_requests", "autocommit"])
@pytest.mark.parametrize("scene", SCENES)
def test_no_fault_changes_a_page(
    scene: Callable[[Browser, int], Callable[[], Any]], atomic_requests: bool,
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None],
) -> None:  # fmt: skip
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic_requests)
    with without_tracking():
        wanted = as_sent_but_for_sessions(scene(Browser(), 0)())
    changed, faults, browsers = [], 0, itertools.count(1)
    for error in ERRORS:
        for number in range(1, MOST):
            browser = Browser()
            visit = scene(browser, next(browsers))
            calls.clear()
            with faults_at({number}, partial(error, "the database said no")) as statements:
                response = visit()
            if len(statements) < number:
                break  # there is no such statement, so nothing failed
            assert len(calls) == 1
            if as_sent_but_for_sessions(response) != wanted:
                changed.append((error, statements[number - 1], as_sent_but_for_sessions(response)))
            failures.breaker.succeeded()
            require_whole_rows()
            assert browser.land(utm_source="afterwards").cookies[COOKIE].value
        else:
            pytest.fail(f"{MOST - 1} statements and more: it goes round in a circle")
        assert number > LEAST.get(scene, 3)  # or else there was next to nothing to fail
        faults += number - 1
    assert changed == []
    record_property("figure: pages with a fault at one of our statements", faults)
    record_property("figure: pages with a fault that were changed by it", len(changed))


def require_whole_rows() -> None:
    """Require that whoever was stored has a touch, and every touch its visitor."""
    assert not Identity.objects.filter(touchpoints=None, merged_identities=None, merged_into=None).exists()
    assert not Touchpoint.objects.exclude(identity__merged_into=None).exists()


def convert(request: HttpRequest, order: Order) -> object:
    """Record a conversion about nothing."""
    return record_conversion(request, "order", value=10)


def convert_about_an_order(request: HttpRequest, order: Order) -> object:
    """Record one about a row, in a process that was started just now."""
    ContentType.objects.clear_cache()
    return record_conversion(request, "order", value=10, source_object=order)


def convert_with_a_key(request: HttpRequest, order: Order) -> object:
    """Record one that may be repeated."""
    return record_conversion(request, "order", value=10, idempotency_key=f"new {order.pk}")


def take_over(request: HttpRequest, order: Order) -> object:
    """Record what the visitor's browser has recorded before under the same key."""
    return record_conversion(request, "order", value=10, idempotency_key=f"client's {order.pk}")


def confirm(request: HttpRequest, order: Order) -> object:
    """Confirm what was recorded about a row, in a process that was started just now."""
    ContentType.objects.clear_cache()
    return confirm_conversion(source_object=order, event="pending", value=9)


def confirm_by_key(request: HttpRequest, order: Order) -> object:
    """Confirm what was recorded under a key."""
    return confirm_conversion(idempotency_key=f"pending {order.pk}")


def arrive(request: HttpRequest, order: Order) -> object:
    """Record a landing that another server served."""
    return record_touchpoint(request, "https://app.shop.test/?utm_source=app")


WORKS = [convert, convert_about_an_order, convert_with_a_key, take_over, confirm, confirm_by_key, arrive]


@pytest.mark.parametrize("in_transaction", [True, False], ids=["the host's transaction", "our own"])
@pytest.mark.parametrize("work", WORKS)
def test_no_fault_leaves_half_a_conversion(
    work: Callable[[HttpRequest, Order], object], in_transaction: bool, record_property: Callable[[str, object], None]
) -> None:
    faults = sum(faults_within(work, who=who, error=error, in_transaction=in_transaction) for who, error in MISFORTUNES)
    record_property("figure: conversions with a fault at one of our statements", faults)


def faults_within(
    work: Callable[[HttpRequest, Order], object], *, who: str, error: type[Exception], in_transaction: bool
) -> int:
    """Have each statement of a work fail in turn, and return how many there are."""
    for number in range(1, MOST):
        request, order = landing_of(who, f"{error.__name__} {number}"), order_with_conversions(who)
        before = stored()

        def view(request: HttpRequest, order: Order = order, number: int = number) -> list[Any]:
            with transaction.atomic() if in_transaction else nullcontext():
                Order.objects.create(total=1)
                raised, is_faulted = attempted(lambda: work(request, order), number, error)
                Order.objects.filter(pk=order.pk).update(total=2)
            return [raised, is_faulted, stored()]

        raised, is_faulted, after = during(request, view)
        assert Order.objects.get(pk=order.pk).total == 2  # the host's transaction went on and was kept
        # The landing that the request is was kept too, within the view or after it.
        assert Touchpoint.objects.count() == before[1] + 1 + (work is arrive and raised is None)
        if not is_faulted:
            break
        if raised is None:
            assert error is IntegrityError  # what a faster call with the same key would cause: it is looked for
            assert after[2] - before[2] in (0, 1)
        else:
            require_typed(raised, error)
            assert after == before
    else:
        pytest.fail(f"{MOST - 1} statements and more: it goes round in a circle")
    assert raised is None
    assert number > 2
    return number - 1


def require_typed(raised: Exception, error: type[Exception]) -> None:
    """Require the one error that stands for a fault: ours where time may mend it, else itself."""
    allowed = {AttributionUnavailable} if error in (OperationalError, InterfaceError) else {error}
    if error is IntegrityError:
        allowed.add(AttributionUnavailable)  # somebody else's row that is not to be seen
    assert type(raised) in allowed


def attempted(work: Callable[[], object], number: int, error: type[Exception]) -> tuple[Exception | None, bool]:
    """Do something with a fault at a statement; return what it raised, and whether there was such a statement."""
    with faults_at({number}, lambda: error("the database said no")) as statements:
        try:
            work()
        except Exception as raised:  # noqa: BLE001 - which one it is, is what is tested
            return raised, True
    return None, len(statements) >= number


def landing_of(who: str, name: str) -> HttpRequest:
    """Return a request that is a landing: of nobody known, a known visitor, or one who has logged in since."""
    request = RequestFactory(headers=NAVIGATION).get("/page/?utm_source=mail")
    request.user = AnonymousUser()
    if who != "stranger":
        visitor = Identity.objects.create()
        Touchpoint.objects.create(identity=visitor, utm_source="google")
        request.COOKIES[COOKIE] = TimestampSigner(salt="django_attribution.cookies").sign(visitor.uuid.hex)
    if who == "user":
        request.user = User.objects.create_user(name)
    return request


def order_with_conversions(who: str) -> Order:
    """Return an order with a pending conversion, and one that its visitor's browser recorded."""
    order = Order.objects.create(total=10)
    pending = {"value": 10, "is_confirmed": False}
    Conversion.objects.record(event="pending", source_object=order, idempotency_key=f"pending {order.pk}", **pending)
    Conversion.objects.record(
        event="order", identity=None if who == "stranger" else Identity.objects.latest("pk"), origin="client",
        idempotency_key=f"client's {order.pk}", **pending,
    )  # fmt: skip
    return order


def during(request: HttpRequest, view: Callable[[HttpRequest], list[Any]]) -> list[Any]:
    """Run a view between our middlewares and return what it found."""
    found: list[Any] = []

    def page(request: HttpRequest) -> HttpResponse:
        found.extend(view(request))
        return HttpResponse("page")

    TrackingParameterMiddleware(AttributionMiddleware(page))(request)
    return found


def stored() -> list[Any]:
    """Return how much there is, and the latest conversions; not whose, since a claim is a fact of its own."""
    columns = [field.attname for field in Conversion._meta.fields if field.attname not in ("identity_id", "updated_at")]
    latest = Conversion.objects.order_by("-pk").values_list(*columns)[:3]  # those of this order, and a new one
    return [Identity.objects.count(), Touchpoint.objects.count(), Conversion.objects.count(), list(latest)]
