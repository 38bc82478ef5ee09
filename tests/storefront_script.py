"""The storefront's script in a visitor's browser, as far as the server can tell, for functions inside the shop.

It posts the documents of the storefront's own files. Imports no Django at the top: see ``tests.example_shop``.
"""

import json
import re
from typing import Any

from tests.example_shop import FIREFOX, ROOT

STOREFRONT = ROOT / "example_project/storefront"
AD = "utm_source=Instagram&utm_medium=paid_social&utm_campaign=first_pen"
KEY = "5f3a0c7e-1d2b-4c6a-9e8f-0123456789ab"
PEN, INK = "brass-fountain-pen", "ink-harbour-blue"
PEN_PRICE = "118.0000"
NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "cross-site"}
PASSWORD = "paper and ink"
DOCUMENTS = {
    re.search(r"mutation (\w+)", document)[1]: document  # type: ignore[index]  # each has a name
    for file in sorted((STOREFRONT / "frontend/attribution").glob("*.ts"))
    for document in re.findall(r"graphql\(`(.*?)`\)", file.read_text(), flags=re.DOTALL)
}


class SinglePage:
    """The storefront's script in a visitor's browser, as far as the server can tell."""

    def __init__(self, address: str = f"/store/?{AD}") -> None:
        from django.test import Client

        self.client = Client(enforce_csrf_checks=True, headers={"user-agent": FIREFOX})
        self.page = self.client.get(address, headers={"referer": "https://www.instagram.com/", **NAVIGATION})
        written = re.search(r'id="storefront-config"[^>]*>(.*?)</script>', self.page.content.decode())
        self.config = json.loads(written[1]) if written else None
        self.token = (self.config or self.client.get("/graphql/csrf/").json())["csrfToken"]

    def get(self, path: str) -> list[Any]:
        """Ask an endpoint; return status and answer."""
        response = self.client.get(f"/store/api/{path}")
        return [response.status_code, response.json()]

    def post(self, path: str, values: Any) -> list[Any]:
        """Post to an endpoint; return status and answer, and keep the token that comes with it."""
        body = values if isinstance(values, bytes) else json.dumps(values)
        response = self._post(f"/store/api/{path}", body)
        answer = response.json()
        self.token = answer.get("csrfToken", self.token)
        return [response.status_code, answer]

    def mutate(self, document: str, variables: dict[str, Any]) -> Any:
        """Send a mutation of the storefront's; return its payload."""
        response = self._post("/graphql/", json.dumps({"query": DOCUMENTS[document], "variables": variables}))
        [payload] = response.json()["data"].values()
        return payload

    def announce(self, key: str = KEY, amount: str = "118.00") -> Any:
        """Record the conversion, as the script does before it orders."""
        value = {"amount": amount, "currency": "USD"}
        return self.mutate("Converted", {"input": {"event": "order_placed", "value": value, "idempotencyKey": key}})

    def fill_cart(self, slug: str = PEN) -> None:
        self.post(f"cart/{slug}/", {"action": "add", "quantity": "1"})

    def order(self, key: str = KEY, **seen: str) -> list[Any]:
        """Order what the session says is there, unless the page has ``seen`` something else."""
        return self.post("orders/", {**self.checkout(key), **seen})

    def checkout(self, key: str = KEY) -> dict[str, str]:
        """Return what an order of the cart, as it is now, posts."""
        session = self.get("session/")[1]
        name = (session["user"] or {}).get("name", "")
        seen = {"total": session["cart"]["total"], "currency": session["currency"], "user": name}
        return {"key": key, "email": "reader@example.com", **seen}

    def sign_up(self, name: str) -> list[Any]:
        fields = {"username": name, "email": f"{name}@example.com", "password1": PASSWORD, "password2": PASSWORD}
        return self.post("sign-up/", fields)

    def pay(self, number: str, outcome: str) -> Any:
        """Press a button on the provider's page, and return where it leads."""
        form = {"outcome": outcome, "csrfmiddlewaretoken": self.token}
        return self.client.post(f"/pay/{number}/", form)["Location"]

    def _post(self, path: str, body: Any) -> Any:
        headers = {"x-csrftoken": self.token}
        return self.client.post(path, body, content_type="application/json", headers=headers)


def fill_the_shelves() -> None:
    from example_project.shop.demo_data.shelves import fill_shelves

    fill_shelves()


def start_anew() -> None:
    """Forget every visitor and order."""
    from django.contrib.auth.models import User

    from django_attribution.models import Conversion, Identity
    from example_project.shop.models import Order

    for model in (Conversion, Identity, Order, User):
        model._default_manager.all().delete()


def conversions() -> list[list[str]]:
    from django_attribution.models import Conversion

    orders = Conversion.objects.filter(event="order_placed").order_by("pk")
    return [[row.origin, row.status.value, str(row.value), row.currency] for row in orders]


def number_of_orders() -> int:
    from example_project.shop.models import Order

    return Order.objects.count()


def only_order() -> Any:
    from example_project.shop.models import Order

    return Order.objects.get()


def touches() -> list[str]:
    from django_attribution.models import Touchpoint

    return [f"{touch.url} {touch.referrer}" for touch in Touchpoint.objects.all()]
