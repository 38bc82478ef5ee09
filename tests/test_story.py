"""The whole way, over real HTTP: from two advertisements to the campaign that a dashboard names.

One visitor, one browser, one server; Python and GraphQL are asked the same at the end and must agree.
"""

import json
from decimal import Decimal
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from django.contrib.auth.models import User

from django_attribution.attribution_models import first_touch, last_touch
from django_attribution.models import Conversion, Identity, Touchpoint
from tests.browsers import NAVIGATION

pytestmark = pytest.mark.django_db(transaction=True)

DASHBOARD = """
query Dashboard($model: AttributionModel!) {
  attributedConversions(model: $model, windowDays: 30) {
    totalCount
    edges {
      node { event status value { amount currency } }
      credits { source medium campaign weight value { amount currency } }
    }
  }
}
"""


class RealBrowser:
    """Talks HTTP to a running server, keeps cookies, follows redirects."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.cookies = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str, **params: str) -> str:
        """Navigate to a page."""
        return self._send(Request(f"{self.server}{path}?{urlencode(params)}" if params else self.server + path))

    def post(self, path: str, **form: str) -> str:
        """Send a form."""
        return self._send(Request(self.server + path, data=urlencode(form).encode()))

    def ask(self, query: str, **variables: Any) -> Any:
        """Post a GraphQL operation, as a dashboard does: with the CSRF token that the site hands out."""
        token = json.loads(self.get("/graphql/csrf/"))["csrfToken"]
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"Content-Type": "application/json", "X-CSRFToken": token}
        answer = json.loads(self._send(Request(f"{self.server}/graphql/", data=body, headers=headers)))
        assert "errors" not in answer, answer
        return answer["data"]

    def _send(self, request: Request) -> str:
        for name, value in NAVIGATION.items():
            if not request.has_header(name):
                request.add_header(name, value)
        text: str = self._opener.open(request, timeout=30).read().decode()
        return text


def test_two_ads_a_sign_up_an_order_and_its_payment_are_credited_alike_in_python_and_graphql(live_server: Any) -> None:
    User.objects.create_superuser("analyst")
    ordered_before = Identity.objects.create(
        linked_user=User.objects.create_user("mary"), claimed_at="2026-01-01T00:00:00Z"
    )
    browser = RealBrowser(live_server.url)

    browser.get("/redirect/", utm_source="Google", utm_medium="cpc", utm_campaign="spring", gclid="Cj0K")
    browser.get("/page/")
    browser.get("/page/", utm_source="newsletter", utm_medium="email", utm_campaign="week-20")
    anonymous = Identity.objects.get(linked_user=None)
    browser.get("/login/mary/")
    order = browser.post("/orders/", total="129.90")
    pending = Conversion.objects.get()
    assert pending.status == Conversion.Status.PENDING
    assert Conversion.objects.valid().count() == 0
    RealBrowser(live_server.url).post("/payments/webhook/", order=order)
    RealBrowser(live_server.url).post("/payments/webhook/", order=order)  # providers repeat themselves

    anonymous.refresh_from_db()
    assert anonymous.merged_into == ordered_before
    assert set(Touchpoint.objects.values_list("identity", flat=True)) == {ordered_before.pk}
    analyst = RealBrowser(live_server.url)
    analyst.get("/login/analyst/")
    for model, source, campaign in ((first_touch, "google", "spring"), (last_touch, "newsletter", "week-20")):
        conversion = Conversion.objects.valid().with_attribution(model).get()
        assert (conversion.attribution_data["source"], conversion.attribution_data["utm_campaign"]) == (
            source,
            campaign,
        )
        assert conversion.value == Decimal("129.90")
        assert analyst.ask(DASHBOARD, model=model.name.upper())["attributedConversions"] == {
            "totalCount": 1,
            "edges": [
                {
                    "node": {
                        "event": conversion.event,
                        "status": "CONFIRMED",
                        "value": {"amount": "129.90", "currency": "USD"},
                    },
                    "credits": [
                        {
                            "source": conversion.attribution_data["source"],
                            "medium": conversion.attribution_data["medium"],
                            "campaign": conversion.attribution_data["utm_campaign"],
                            "weight": "1.000000",
                            "value": {"amount": "129.90", "currency": "USD"},
                        }
                    ],
                }
            ],
        }
