"""What is a secret in a path: e-mail addresses, random tokens, what the site names. What products are called is not."""

import random
import string
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.core import signing

from django_attribution.conf import AttributionSettings
from django_attribution.path_secrets import without_secrets

MASKED = AttributionSettings().MASKED_PATHS
TOKENS = 1000  # of each kind
LEAST = 940  # of them that are to be noticed; the others have no digit, or few

DICE = random.Random(7)  # noqa: S311 - the tests are to see the same tokens every time
BASE64 = string.ascii_letters + string.digits + "-_"
HEX = "0123456789abcdef"


def text_of(alphabet: str, length: int) -> str:
    return "".join(DICE.choices(alphabet, k=length))


KINDS: dict[str, Callable[[], str]] = {
    "secrets.token_urlsafe(16)": lambda: text_of(BASE64, 22),
    "secrets.token_urlsafe(32)": lambda: text_of(BASE64, 43),
    "secrets.token_hex(16)": lambda: text_of(HEX, 32),
    "get_random_string(32)": lambda: text_of(string.ascii_letters + string.digits, 32),
    "lower case": lambda: text_of(string.ascii_lowercase + string.digits, 32),
    "a token that resets a password": lambda: f"c{text_of(HEX, 5)}-{text_of(HEX, 32)}",
    "a signed key": lambda: signing.TimestampSigner(key=text_of(BASE64, 50)).sign("77"),
    "a signed object": lambda: signing.dumps({"user": DICE.randrange(10**6)}, key="a key"),
    "a JSON web token": lambda: f"eyJhbGciOiJIUzI1NiJ9.{text_of(BASE64, 60)}.{text_of(BASE64, 43)}",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_random_token_is_noticed(kind: str) -> None:
    tokens = [KINDS[kind]() for _ in range(TOKENS)]
    noticed = [token for token in tokens if without_secrets(f"/i/{token}/", masked=()) == "/i/-/"]
    assert len(noticed) >= LEAST
    referred = [token for token in tokens if without_secrets(f"/i/{quote(token)}", masked=()) == "/i/-"]
    assert referred == noticed


NAMES = (
    "",
    "products/blue-mountain-bike-2024-xl",
    "landing/first-fountain-pen",
    "p/123e4567-e89b-12d3-a456-426614174000",
    "p/paper-week-123E4567-E89B-12D3-A456-426614174000.html",
    "p/507f1f77bcf86cd799439011",
    "p/B07XJ8C8F5",
    "p/sku-ab12-cd34-ef56-gh78",
    "p/dell-xps13-9310-i7-1165g7-16gb-512gb-ssd",
    "p/samsung-ue55au7172uxxh-55-zoll",
    "p/iphone-15-pro-max-256gb-natural-titanium",
    "p/4006381333931",
    "watch/dQw4w9WgXcQ",
    "blog/2024/05/12/top-10-tips-for-b2b-marketing-in-2025",
    "blog/What-Is-A-B2B-CRM-And-Why-You-Need-1-In-2024",
    "wiki/The_Lord_of_the_Rings:_The_Fellowship_of_the_Ring_(2001)",
    "docs/v0.32.1/ConfigurationReferenceGuide.html",
    "@jane/a-post",
    "npm/@scope/package",
    "react@18/umd",
    "maps/@52.5170365,13.3888599,15z",
    "20240512T101500Z",
    "events/2024-05-12-to-2024-05-14-berlin",
    "jobs/senior-software-engineer-m-w-d-12345678901234567890",
    "caf%C3%A9/gr%C3%B6%C3%9Fentabelle-f%C3%BCr-herrenschuhe-2024",
    "café/größentabelle-für-herrenschuhe-2024",
    "reset",
    "reset/",
    "invites/friends",
    "blog/password-resets/how-to",
    "f%C3%BCr/100%25/re%73ets/of-passwords",
)


@pytest.mark.parametrize("name", NAMES)
def test_what_pages_are_called_is_kept(name: str) -> None:
    assert without_secrets(f"/{name}", masked=MASKED) == f"/{name}"


@pytest.mark.parametrize("name", ["SamsungGalaxyS24Ultra256GB", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "a" * 8 + "0" * 24])
def test_what_looks_random_is_taken_for_it(name: str) -> None:
    assert without_secrets(f"/p/{name}/", masked=()) == "/p/-/"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/u/jane@example.org", "/u/-"),
        ("/u/jane%40example.org/stop/", "/u/-/stop/"),
        ("/u/jane.doe+news@mail.example.co.uk/", "/u/-/"),
        ("/a@b.de/c@d.fr", "/-/-"),
        ("/u/ян@пример.рф/", "/u/-/"),
        (quote("/u/ян@пример.рф/"), "/u/-/"),
        ("/u/jane@example.भारत/", "/u/-/"),
        ("/u/jane@example.xn--p1ai/", "/u/-/"),
        ("/reset/MQ/set-password/", "/reset/-"),
        ("/re%73et/MQ/abc", "/re%73et/-"),
        ("/100%25/reset%2fMQ/abc", "/100%25/reset%2f-"),
        ("/password-reset/confirm/MQ/abc/", "/password-reset/-"),
        ("/password_reset/MQ/abc/", "/password_reset/-"),
        ("/en/accounts/reset/MQ/abc/", "/en/accounts/reset/-"),
        ("/accounts/confirm-email/MQ:1/", "/accounts/confirm-email/-"),
        ("/invite/a1/unsubscribe/b2/", "/invite/-"),
    ],
)
def test_a_secret_is_masked_and_the_rest_stays(path: str, kept: str) -> None:
    assert without_secrets(path, masked=MASKED) == kept


def test_a_site_names_its_own_in_any_spelling() -> None:
    masked = ["/zurück/", "/i(1)/"]
    for path in ("/zurück/a/b", "/zur%C3%BCck/a", "/zur%c3%bcck/a/b", "/zur%C3%bcck/a", "/i(1)/x", "/%69%281%29/x"):
        assert without_secrets(path, masked=masked).endswith("/-")
    assert without_secrets("/reset/a", masked=masked) == "/reset/a"


@pytest.mark.parametrize("unit", ["@", "a@", "@a.", "a1B-", "%40", "/a@", "0123456789abcdef-", "a"])
def test_no_path_takes_long(unit: str) -> None:
    path = unit * (65_536 // len(unit))  # more than any server takes
    began = time.process_time()
    without_secrets(path, masked=MASKED)
    assert time.process_time() - began < 0.25  # seconds of CPU
