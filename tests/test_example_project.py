"""The example shop starts, fills itself with believable data, and credits the right campaign.

What the functions below "Inside the shop" saw, they saw in a child process: see ``tests.example_shop``.
"""

import io
import shutil
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest

from tests.example_shop import Shop, browser, conversion_of, credited_campaigns, send_payment, state_of

FIRST_AD = "?utm_source=Facebook&utm_medium=paid_social&utm_campaign=paper_week&fbclid=IwAR0"
SECOND_AD = "?utm_source=newsletter&utm_medium=email&utm_campaign=tuesday_letter"


@pytest.fixture(scope="module")
def shop(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Return a shop with demo data, which tests may add to."""
    return Shop(shutil.copy(loaded, tmp_path_factory.mktemp("example") / "shop.sqlite3"))


@pytest.fixture
def empty_shop(migrated: Path, tmp_path: Path) -> Shop:
    """Return a shop that was never opened."""
    return Shop(shutil.copy(migrated, tmp_path / "empty.sqlite3"))


@pytest.fixture(scope="module")
def walk(shop: Shop) -> dict[str, Any]:
    """Return what happened to a visitor who walked from an ad to a paid order."""
    seen: dict[str, Any] = shop.ask(walk_from_ad_to_paid_order)
    return seen


def test_every_system_check_passes(shop: Shop) -> None:
    assert "no issues" in shop.manage("check", "--fail-level=WARNING", "--database=default")


def test_no_migration_is_missing(shop: Shop) -> None:
    assert "No changes detected" in shop.manage("makemigrations", "--check", "--dry-run")


def test_the_built_front_ends_are_found(shop: Shop) -> None:
    names = ["attribution_dashboard/dashboard.js", "attribution_dashboard/dashboard.css"]
    found = shop.manage("findstatic", *names, "--first")
    assert [name for name in names if f"/static/{name}" not in found] == []


def test_a_short_link_sends_the_visitor_on_without_the_parameters(walk: dict[str, Any]) -> None:
    assert walk["short_link_leads_to"] == "/landing/paper-week/"


def test_every_page_on_the_way_is_shown(walk: dict[str, Any]) -> None:
    assert walk["pages"] == dict.fromkeys(walk["pages"], 200)


def test_both_ads_are_touches_of_the_customer_who_signed_up(walk: dict[str, Any]) -> None:
    assert walk["touches_of_customer"] == ["paper_week", "tuesday_letter"]


def test_who_wants_to_be_forgotten_is_and_stays_unknown_until_they_agree_again(empty_shop: Shop) -> None:
    assert empty_shop.ask(walk_of_somebody_private) == {
        "remembered": {"visits": 1, "shown": True, "has cookie": True},
        "forgotten": {"visits": 0, "shown": False, "has cookie": False},
        "after another ad": {"visits": 0, "shown": False, "has cookie": False},
        "remembered again": {"visits": 1, "shown": True, "has cookie": True},
    }


def test_the_order_waits_until_it_is_paid(walk: dict[str, Any]) -> None:
    assert walk["before_payment"] == {"order": "pending", "conversion": "pending", "value": "118.0000"}


def test_a_payment_confirms_the_order_and_its_conversion(walk: dict[str, Any]) -> None:
    assert walk["after_payment"] == {"order": "paid", "conversion": "confirmed", "value": "118.0000"}


def test_a_payment_that_is_delivered_twice_counts_once(walk: dict[str, Any]) -> None:
    assert walk["webhook_statuses"] == [200, 200]
    assert walk["confirmed_at_changed"] is False


def test_first_and_last_touch_credit_the_first_and_the_second_ad(walk: dict[str, Any]) -> None:
    assert walk["credited"] == {"first_touch": "paper_week", "last_touch": "tuesday_letter"}


def test_a_payment_nobody_signed_is_refused(walk: dict[str, Any]) -> None:
    assert walk["forged_payment"] == 400


def test_a_signed_payment_of_another_amount_is_refused(walk: dict[str, Any]) -> None:
    assert walk["payment_of_another_amount"] == 400


def test_a_signed_payment_of_an_unknown_order_is_not_found(walk: dict[str, Any]) -> None:
    assert walk["payment_of_unknown_order"] == 404


def test_a_refused_payment_changes_nothing(walk: dict[str, Any]) -> None:
    assert walk["still_pending"] == walk["before_payment"]


def test_nobody_else_sees_the_order(walk: dict[str, Any]) -> None:
    assert walk["order_seen_by_others"] == 404


def test_a_refund_voids_the_conversion(walk: dict[str, Any]) -> None:
    assert walk["after_refund"] == {"order": "refunded", "conversion": "voided", "value": "118.0000"}


def test_a_guest_pays_in_the_chosen_currency(shop: Shop) -> None:
    assert shop.ask(order_as_guest_in_euros) == {"value": "109.0000", "currency": "EUR", "status": "confirmed"}


def test_the_staff_of_the_demo_sees_orders_in_the_admin_and_refunds_them(shop: Shop) -> None:
    assert shop.ask(refund_in_the_admin) == {"pages": [200, 200, 200], "order": "refunded", "conversion": "voided"}


def test_demo_data_holds_to_the_rules_of_identities(shop: Shop) -> None:
    broken = {rule: count for rule, count in shop.ask(count_broken_rules).items() if count}
    assert broken == {}


def test_demo_data_has_every_kind_of_conversion(shop: Shop) -> None:
    missing = [kind for kind, count in shop.ask(count_kinds).items() if not count]
    assert missing == []


def test_reports_of_demo_data_are_the_sums_of_what_each_conversion_shows(shop: Shop) -> None:
    found = shop.ask(compare_reports_with_conversions)
    assert found["wrong"] == []
    assert found["rows"] > 100


def test_demo_data_is_the_same_for_the_same_seed_and_moment(empty_shop: Shop) -> None:
    first, again, other = empty_shop.ask(load_three_times)
    assert first == again
    assert first != other


def test_loading_twice_changes_nothing(shop: Shop) -> None:
    before = shop.ask(fingerprint)
    assert "there already" in shop.manage("load_demo_data", "--visitors=300")
    assert shop.ask(fingerprint) == before


def test_aged_demo_data_is_made_anew(empty_shop: Shop) -> None:
    after_two_days, after_three_days, again = empty_shop.ask(load_as_time_passes)
    assert "there already" in after_two_days
    assert "making it anew" in after_three_days
    assert "there already" in again


def test_reloading_deletes_nothing_that_people_did(empty_shop: Shop) -> None:
    before, after, after_another = empty_shop.ask(reload_around_people)
    assert before == after == after_another


def test_loading_refuses_to_mix_with_visits_of_others_unless_told_to(empty_shop: Shop) -> None:
    refusal, kept = empty_shop.ask(load_beside_a_visit)
    assert "did not make" in refusal
    assert kept == 1


@pytest.fixture
def closed(tmp_path: Path) -> Shop:
    """Return the project as somebody would run it on a server, without DEBUG and with secrets of their own."""
    closed = Shop(tmp_path / "closed.sqlite3")
    closed.env |= {"EXAMPLE_DEBUG": "0"}
    closed.env |= {name: token_urlsafe(50) for name in ("EXAMPLE_SECRET_KEY", "EXAMPLE_PAYMENT_SECRET")}
    return closed


def test_the_settings_are_fit_for_a_server_when_debug_is_off(closed: Shop) -> None:
    assert "no issues (0 silenced)" in closed.manage("check", "--deploy", "--fail-level=WARNING")


@pytest.mark.parametrize("name", ["EXAMPLE_SECRET_KEY", "EXAMPLE_PAYMENT_SECRET"])
@pytest.mark.parametrize("value", [None, ""])
def test_without_debug_no_secret_of_the_demo_is_used(closed: Shop, name: str, value: str | None) -> None:
    del closed.env[name]
    closed.env |= {} if value is None else {name: value}
    assert f"set {name} to 50 random characters" in closed.manage("check", succeeds=False)


def test_without_debug_it_speaks_https_and_shows_neither_schema_nor_graphiql(closed: Shop) -> None:
    closed.manage("migrate", "--verbosity=0")
    assert closed.ask(visit_over_http_and_https) == {
        "redirect": "https://testserver/",
        "home": 200,
        "hsts": "max-age=31536000; includeSubDomains; preload",
        "are_cookies_secure": [True, True],
        "graphiql": 405,
        "schema": None,
        "typename": {"__typename": "Query"},
    }


def test_loading_refuses_outside_debug(closed: Shop) -> None:
    assert "known password" in closed.manage("load_demo_data", succeeds=False)


# Inside the shop ----------------------------------------------------------------------------------------------------


def put_brass_pen_into_cart(client: Any) -> None:
    client.post("/cart/brass-fountain-pen/", {"quantity": "1", "action": "add"})


def place_order(client: Any) -> Any:
    from example_project.shop.models import Order

    put_brass_pen_into_cart(client)
    client.post("/checkout/", {"email": "reader@example.com"})
    return Order.objects.latest("pk")


def walk_from_ad_to_paid_order() -> dict[str, Any]:
    from django.contrib.auth.models import User

    from django_attribution.models import Touchpoint
    from example_project.shop.orders import refund

    client = browser()
    pages: dict[str, int] = {}
    seen: dict[str, Any] = {"pages": pages}

    def look(*paths: str) -> None:
        pages.update({path: client.get(path).status_code for path in paths})

    seen["short_link_leads_to"] = client.get(f"/go/paper/{FIRST_AD}")["Location"]
    look("/landing/paper-week/", "/", "/products/", "/products/brass-fountain-pen/", "/cart/", "/login/", "/sign-up/")
    look(f"/products/{SECOND_AD}")
    fields = {"username": "reader", "email": "reader@example.com", "password": "paper and ink"}
    client.post("/sign-up/", {**fields, "password1": fields["password"], "password2": fields["password"]})
    touches = Touchpoint.objects.filter(identity__linked_user=User.objects.get(username="reader"))
    seen["touches_of_customer"] = list(touches.values_list("utm_campaign", flat=True))

    put_brass_pen_into_cart(client)
    look("/cart/", "/checkout/")
    client.post("/cart/brass-fountain-pen/", {"quantity": "0"})
    order = place_order(client)
    look(f"/pay/{order.number}/", f"/orders/{order.number}/")
    seen["before_payment"] = state_of(order)
    seen["forged_payment"] = send_payment(order, signature="0" * 64)
    seen["payment_of_another_amount"] = send_payment(order, {"amount": "1.00"})
    seen["payment_of_unknown_order"] = send_payment(order, {"order": "NOSUCHORDER"})
    seen["still_pending"] = state_of(order)
    client.post(f"/pay/{order.number}/", {"outcome": "paid"})
    seen["after_payment"] = state_of(order)
    confirmed_at = conversion_of(order).confirmed_at
    seen["webhook_statuses"] = [send_payment(order), send_payment(order)]
    seen["confirmed_at_changed"] = conversion_of(order).confirmed_at != confirmed_at
    seen["credited"] = credited_campaigns(order)
    look("/account/")
    seen["order_seen_by_others"] = browser().get(f"/orders/{order.number}/").status_code
    refund(order)
    seen["after_refund"] = state_of(order)
    return seen


def order_as_guest_in_euros() -> dict[str, str]:
    client = browser()
    client.post("/currency/", {"currency": "EUR", "next": "/products/"})
    order = place_order(client)
    assert send_payment(order) == 200
    conversion = conversion_of(order)
    return {"value": conversion.value, "currency": conversion.currency, "status": conversion.status.value}


def refund_in_the_admin() -> dict[str, Any]:
    client = browser()
    order = place_order(browser())
    send_payment(order)
    assert client.login(username="staff", password="staff")
    orders = "/admin/shop/order/"
    pages = [client.get(path).status_code for path in (orders, f"{orders}{order.pk}/change/", "/admin/shop/product/")]
    client.post(orders, {"action": "refund_orders", "_selected_action": [order.pk]})
    state = state_of(order)
    return {"pages": pages, "order": state["order"], "conversion": state["conversion"]}


def compare_reports_with_conversions() -> dict[str, Any]:
    """Add up credits of single conversions exactly, and find rows that are not that sum rounded down or up."""
    from collections import defaultdict
    from fractions import Fraction

    from django_attribution.model_names import BUILT_IN
    from django_attribution.models import Conversion
    from django_attribution.money import minor_digits

    asked = Conversion.objects.valid()
    reports = {by: asked.attribution_report(BUILT_IN, [by]) for by in ("channel", "campaign")}
    wrong = []
    for name in BUILT_IN:
        found: dict[Any, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
        for conversion in asked.with_attribution(name):
            currency, value = conversion.currency if conversion.value is not None else None, conversion.value or 0
            dimensions = [(credit.dimensions, credit.weight) for credit in conversion.attribution_credits]
            for by in reports:
                for key, weight in [((said[by],), weight) for said, weight in dimensions] or [((), Fraction(1))]:
                    found[by, key, currency][0] += weight
                    found[by, key, currency][1] += weight * Fraction(value)
        for by, report in reports.items():
            for row in report.rows:
                if row.model == name:
                    conversions, value = found.pop((by, row.key, row.currency), (Fraction(0), Fraction(0)))
                    is_right = abs(conversions - Fraction(row.conversions)) < Fraction(1, 10**6)
                    if row.currency:
                        is_right &= abs(value - Fraction(row.value)) < Fraction(1, 10 ** minor_digits(row.currency))
                    wrong += [] if is_right else [(str(row), str(conversions), str(value))]
        wrong += [(name, str(left)) for left in found]
    for report in reports.values():
        for total in report.totals:
            for name in BUILT_IN:
                rows = [row for row in report.rows if (row.model, row.currency) == (name, total.currency)]
                if sum(row.conversions for row in rows) != total.conversions:
                    wrong.append((name, str(total), "conversions"))
                if sum(row.value or 0 for row in rows) != (total.value or 0):
                    wrong.append((name, str(total), "value"))
    return {"wrong": wrong, "rows": sum(len(report.rows) for report in reports.values())}


def count_broken_rules() -> dict[str, int]:
    from django.db.models import F, Q
    from django.utils import timezone

    from django_attribution.models import Conversion, Identity, Touchpoint
    from example_project.shop.models import Order

    of_merged = {"identity__merged_into__isnull": False}
    merged = Identity.objects.filter(merged_into__isnull=False)
    return {
        "touches of a merged identity": Touchpoint.objects.filter(**of_merged).count(),
        "conversions of a merged identity": Conversion.objects.filter(**of_merged).count(),
        "merged into nobody's identity": merged.filter(merged_into__linked_user=None).count(),
        "merged twice": merged.filter(merged_into__merged_into__isnull=False).count(),
        "claimed before it existed": Identity.objects.filter(claimed_at__lt=F("created_at")).count(),
        "touches outside of a visitor's life": Touchpoint.objects.filter(
            Q(created_at__lt=F("identity__created_at")) | Q(created_at__gt=F("identity__last_seen_at"))
        ).count(),
        "touches of the future": Touchpoint.objects.filter(created_at__gt=timezone.now()).count(),
        "touches without a source": Touchpoint.objects.filter(source="").count(),
        "values that never were recorded": Conversion.objects.exclude(value=F("recorded_value"))
        .filter(value__isnull=False)
        .count(),
        "orders without a conversion": sum(
            not Conversion.objects.filter(source_object_id=pk, event="order_placed").exists()
            for pk in Order.objects.values_list("pk", flat=True)
        ),
    }


def walk_of_somebody_private() -> dict[str, Any]:
    from django_attribution.models import Touchpoint

    client = browser()

    def seen() -> dict[str, Any]:
        return {
            "visits": Touchpoint.objects.count(),
            "shown": "paper_week" in client.get("/privacy/").content.decode(),
            "has cookie": bool((cookie := client.cookies.get("_dj_attr_id")) and cookie.value),
        }

    client.get(f"/{FIRST_AD}")
    steps = {"remembered": seen()}
    assert "Forgotten: 1 visit." in client.post("/privacy/forget-me/", follow=True).content.decode()
    steps["forgotten"] = seen()
    client.get(f"/{FIRST_AD}")
    steps["after another ad"] = seen()
    client.post("/privacy/track-me/", follow=True)
    client.get(f"/{FIRST_AD}")
    return {**steps, "remembered again": seen()}


def count_kinds() -> dict[str, int]:
    from django_attribution.models import Conversion, Identity, Touchpoint
    from example_project.shop.models import Order

    placed = Conversion.objects.filter(event="order_placed")
    return {
        "sign-ups": Conversion.objects.filter(event="signup").count(),
        "merged browsers": Identity.objects.filter(merged_into__isnull=False).count(),
        "click id without utm": Touchpoint.objects.filter(utm_source="", source="google").count(),
        "pending": placed.filter(is_confirmed=False).count(),
        "confirmed in USD": placed.valid().filter(currency="USD").count(),
        "confirmed in EUR": placed.valid().filter(currency="EUR").count(),
        "voided": placed.filter(is_active=False).count(),
        "without identity": placed.filter(identity=None).count(),
        "without touches": placed.filter(identity__isnull=False, identity__touchpoints=None).count(),
        "of customers": Order.objects.filter(user__isnull=False).count(),
        "of guests": Order.objects.filter(user=None).count(),
    }


def fingerprint() -> list[Any]:
    """Return every row of attribution and every order, apart from the moment of their last change."""
    from django_attribution.models import Conversion, Identity, Touchpoint
    from example_project.shop.models import Order

    facts = [
        Identity.objects.values_list("uuid", "created_at", "claimed_at", "merged_into__uuid", "linked_user__username"),
        Touchpoint.objects.values_list("uuid", "identity__uuid", "created_at", "url", "referrer"),
        Conversion.objects.values_list("uuid", "identity__uuid", "event", "value", "currency", "confirmed_at"),
        Order.objects.values_list("number", "status", "total", "created_at", "email"),
    ]
    return [sorted(map(str, rows)) for rows in facts]


def load_three_times() -> list[Any]:
    from datetime import UTC, datetime

    from example_project.shop.demo_data.loading import load

    def loaded(seed: int) -> list[Any]:
        now = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)
        load(visitors=60, seed=seed, now=now, report=lambda *_: None)
        return fingerprint()

    return [loaded(7), loaded(7), loaded(8)]


def load_demo_data(*options: str) -> str:
    from django.core.management import call_command

    output = io.StringIO()
    call_command("load_demo_data", "--visitors=60", *options, stdout=output)
    return output.getvalue()


def visit_over_http_and_https() -> dict[str, Any]:
    client = browser()
    redirect = client.get("/").headers["Location"]
    home = client.get("/" + FIRST_AD, secure=True)
    token = client.get("/graphql/csrf/", secure=True)

    def asked(query: str) -> Any:
        body = {"query": query}
        return client.post("/graphql/", body, content_type="application/json", secure=True).json()["data"]

    return {
        "redirect": redirect,
        "home": home.status_code,
        "hsts": home.headers["Strict-Transport-Security"],
        "are_cookies_secure": [bool(home.cookies["_dj_attr_id"]["secure"]), bool(token.cookies["csrftoken"]["secure"])],
        "graphiql": client.get("/graphql/", secure=True, headers={"Accept": "text/html"}).status_code,
        "schema": asked("{ __schema { types { name } } }"),
        "typename": asked("{ __typename }"),
    }


def load_as_time_passes() -> list[str]:
    from datetime import timedelta

    from django.utils import timezone

    from django_attribution.models import Touchpoint

    def let_the_last_visit_be(*, ago: timedelta) -> None:
        Touchpoint.objects.filter(created_at__gt=timezone.now() - ago).delete()
        last = Touchpoint.objects.latest("created_at")
        last.created_at = timezone.now() - ago
        last.save()

    load_demo_data()
    let_the_last_visit_be(ago=timedelta(hours=47))
    outputs = [load_demo_data()]
    let_the_last_visit_be(ago=timedelta(hours=49))
    return [*outputs, load_demo_data(), load_demo_data()]


def reload_around_people() -> list[Any]:
    load_demo_data()
    client = browser()
    client.get(f"/{FIRST_AD}")
    client.post("/login/", {"username": "demo", "password": "demo"})
    place_order(client)
    browser().get(f"/{SECOND_AD}")
    seen = [what_people_did()]
    for _ in range(2):
        load_demo_data("--reload")
        seen.append(what_people_did())
    return seen


def load_beside_a_visit() -> tuple[str, int]:
    from django.core.management.base import CommandError

    from django_attribution.models import Touchpoint

    browser().get(f"/{FIRST_AD}")
    visit = Touchpoint.objects.get()
    try:
        refusal = load_demo_data()
    except CommandError as error:
        refusal = str(error)
    load_demo_data("--reload")
    return refusal, Touchpoint.objects.filter(pk=visit.pk).count()


def what_people_did() -> list[Any]:
    from django_attribution.models import Conversion, Identity, Touchpoint
    from example_project.shop.demo_data.marks import IS_DEMO, ORDER_PREFIX
    from example_project.shop.models import Order

    browsers = Identity.objects.exclude(IS_DEMO).filter(linked_user=None)
    facts = [
        browsers.values_list("uuid", "claimed_at", "merged_into__linked_user__username"),
        Touchpoint.objects.exclude(IS_DEMO).values_list("uuid", "identity__linked_user__username"),
        Conversion.objects.exclude(IS_DEMO).values_list("uuid", "identity__linked_user__username"),
        Order.objects.exclude(number__startswith=ORDER_PREFIX).values_list("number", "user__username"),
    ]
    assert all(facts)
    return [sorted(map(str, rows)) for rows in facts]
