"""What pictures there are of the example, and how one is taken: small enough to be kept in the repository."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.real_browser import Device, Scheme, Visitor
from tests.shoppers import PEN, pay, put_pen_into_cart

if TYPE_CHECKING:
    from playwright.sync_api import Page

VARIABLE = "ATTRIBUTION_SCREENSHOTS"
FOLDER = Path(__file__).parent.parent / "example_project/screenshots"
MAX_BYTES = 120_000
COLORS = 256  # of a palette, which keeps a picture at a third of what Chromium writes


@dataclass(frozen=True)
class Shot:
    """A picture: of which page, who sees it on what, and what stands there once the page is complete."""

    name: str
    address: str
    complete: str  # a selector of Playwright's
    login: str | None = None
    device: Device = "desktop"
    scheme: Scheme = "light"
    is_full_page: bool = False  # or what fits on the screen
    before: "Callable[[Page], None] | None" = None  # what to do on the page first


def order_a_pen(page: "Page") -> None:
    """Buy one and pay for it."""
    put_pen_into_cart(page)
    page.get_by_role("button", name="Order and pay").click()
    pay(page)


def ask_why(page: "Page") -> None:
    """Open what explains the newest order that several touches earned."""
    order = page.get_by_role("row").filter(has_text=re.compile(r"\+[2-9] more")).first
    order.get_by_role("button", name=re.compile("^Why")).click()
    page.get_by_role("heading", name="Why this campaign").wait_for()
    page.locator("tr.is-open").evaluate("row => row.scrollIntoView()")


COMPARED = "/dashboard/?model=position_based&model=last_touch&model=markov"
# Each is in the README.
SHOTS = (
    Shot("storefront", "/store/", complete="text=The Tuesday letter"),
    Shot("order", PEN, complete="text=Add to cart", device="phone", before=order_a_pen),
    Shot("dashboard", COMPARED, complete="table.breakdown", login="staff", is_full_page=True),
    Shot("dashboard-phone", COMPARED, complete="table.breakdown", login="staff", device="phone"),
    Shot("paths", "/dashboard/?view=paths", complete="table.paths", login="staff", scheme="dark"),
    Shot(
        "why", "/dashboard/?view=conversions&model=position_based&event=order_placed", complete="table.conversions",
        login="staff", before=ask_why,
    ),
)  # fmt: skip


def take(shot: Shot, *, visitor: Visitor, folder: Path) -> Path:
    """Visit the page, and write the picture into the folder as ``<name>.png``."""
    from PIL import Image

    if shot.login:
        visitor.log_in(shot.login)
    visitor.page.goto(shot.address)
    visitor.page.locator(shot.complete).first.wait_for()
    visitor.page.locator("[aria-busy=true]").first.wait_for(state="detached")
    if shot.before:
        shot.before(visitor.page)
    visitor.page.evaluate("document.fonts.ready")
    path = folder / f"{shot.name}.png"
    visitor.page.screenshot(path=path, full_page=shot.is_full_page)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    return path


def folder_for(temporary: Path) -> Path:
    """Return where the pictures go: the repository's folder if they are to be renewed, or a temporary one."""
    if not is_renewing():
        return temporary
    FOLDER.mkdir(exist_ok=True)
    return FOLDER


def is_renewing() -> bool:
    """Tell whether this run renews the pictures in the repository."""
    return os.environ.get(VARIABLE) == "1"
