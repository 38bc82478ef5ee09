"""What pictures there are of the example, and how one is taken: small enough to be kept in the repository."""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.real_browser import Device, Scheme, Visitor

VARIABLE = "ATTRIBUTION_SCREENSHOTS"
FOLDER = Path(__file__).parent.parent / "example_project/screenshots"
MAX_BYTES = 150_000
COLORS = 256  # of a palette, which keeps a picture at a third of what Chromium writes


@dataclass(frozen=True)
class Shot:
    """A picture: of which page, who sees it, and what stands there once the page is complete."""

    name: str
    address: str
    complete: str  # a selector of Playwright's
    login: str | None = None
    is_full_page: bool = False  # or what fits on the screen


SHOTS = (Shot("shop", "/", complete="text=Where to begin"),)


def take(shot: Shot, *, visitor: Visitor, folder: Path, suffix: str = "") -> Path:
    """Visit the page, and write the picture into the folder as ``<name><suffix>.png``."""
    from PIL import Image

    if shot.login:
        visitor.log_in(shot.login)
    visitor.page.goto(shot.address)
    visitor.page.locator(shot.complete).first.wait_for()
    visitor.page.evaluate("document.fonts.ready")
    path = folder / f"{shot.name}{suffix}.png"
    visitor.page.screenshot(path=path, full_page=shot.is_full_page)
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    return path


def suffix_of(device: Device, scheme: Scheme) -> str:
    """Return what tells the four pictures of a page apart."""
    return f"-{device}-{scheme}"


def folder_for(temporary: Path) -> Path:
    """Return where the pictures go: the repository's folder if they are to be renewed, or a temporary one."""
    if not is_renewing():
        return temporary
    FOLDER.mkdir(exist_ok=True)
    return FOLDER


def is_renewing() -> bool:
    """Tell whether this run renews the pictures in the repository."""
    return os.environ.get(VARIABLE) == "1"
