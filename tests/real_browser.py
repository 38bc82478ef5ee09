"""People at the example project with a real browser: fixtures for a file of tests, and what its pages complain of.

``new_visitor()`` is somebody who was never there: a fresh Chromium profile at the served example, which has
demo data, the customer ``demo`` and the staff login ``staff``. Everything is of one test file, and so is
Playwright: while it runs, its event loop keeps Django from the database in the test's thread (ask ``site.shop``).
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from tests.chromium import ADVICE, find_chromium
from tests.example_shop import Shop
from tests.real_server import Site, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

Scheme = Literal["light", "dark"]
Device = Literal["desktop", "phone"]

SCHEMES: tuple[Scheme, ...] = ("light", "dark")
DEVICES: "dict[Device, ViewportSize]" = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
}
TIME_ZONE = "Europe/Paris"  # not UTC, so that days which begin elsewhere are noticed
# Headless Chromium names itself as such, and would count as a bot.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
ARGUMENTS = (
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # what asks another host, fails
    "--font-render-hinting=none",  # the same letters on every machine
)


@dataclass
class Visitor:
    """Somebody with a browser of their own, and what it complained of: errors in console and scripts."""

    page: "Page"
    complaints: list[str] = field(default_factory=list)

    def expect_complaint(self, pattern: str) -> None:
        """Take the complaints that match out of those that fail the test; there has to be one."""
        self.page.evaluate("0")  # by the time of this answer, what was said before has arrived
        expected = [complaint for complaint in self.complaints if re.search(pattern, complaint)]
        assert expected, f"Nothing matches {pattern!r} in {self.complaints}."
        self.complaints = [complaint for complaint in self.complaints if complaint not in expected]

    def log_in(self, name: str) -> None:
        """Log in as one of the demo's people, whose passwords are their names."""
        self.page.goto("/login/")
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(name)
        with self.page.expect_navigation(url="**/account/"):
            self.page.get_by_role("main").get_by_role("button", name="Log in").click()


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """Start this machine's Chromium."""
    program = find_chromium()
    if program is None:
        pytest.skip(ADVICE)
    from playwright.sync_api import sync_playwright

    arguments = [*ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]  # root cannot be sandboxed
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve an example project with demo data, which tests may add to."""
    with served(Shop(Path(shutil.copy(loaded, tmp_path_factory.mktemp("served"))))) as site:
        yield site


@pytest.fixture
def new_visitor(chromium: "Browser", site: Site) -> Iterator[Callable[..., Visitor]]:
    """Return ``new_visitor(scheme="light", device="desktop")``; complaints that nobody expected fail the test."""
    visitors: list[Visitor] = []
    printed = len(site.log)

    def arrive(scheme: Scheme = "light", device: Device = "desktop") -> Visitor:
        context = chromium.new_context(
            base_url=site.url,
            color_scheme=scheme,
            has_touch=device == "phone",
            locale="en-US",
            reduced_motion="reduce",
            timezone_id=TIME_ZONE,
            user_agent=USER_AGENT,
            viewport=DEVICES[device],
        )
        context.set_default_timeout(30_000)  # milliseconds; machines that test are busy
        visitor = Visitor(context.new_page())
        visitors.append(visitor)

        def listen(message: "ConsoleMessage") -> None:
            if message.type in {"error", "warning"}:
                visitor.complaints.append(f"{message.type}: {message.text} ({message.location.get('url')})")

        context.on("console", listen)
        context.on("weberror", lambda found: visitor.complaints.append(f"uncaught: {found.error}"))
        return visitor

    yield arrive

    for visitor in visitors:
        if not visitor.page.is_closed():
            visitor.page.evaluate("0")  # as above
        visitor.page.context.close()
    print("".join(site.log[printed:]))  # pytest shows it of a test that fails
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    assert not complaints, "The browser complained:\n" + "\n".join(complaints)
