"""Pictures of the example can be taken, are small files, and are those that the README shows."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.example_shop import ROOT, Shop
from tests.real_browser import DEVICES, Visitor
from tests.real_server import Site, served
from tests.screenshots import FOLDER, MAX_BYTES, SHOTS, Shot, folder_for, is_renewing, take

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def site(migrated: Path, loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve what ``run.py demo`` serves if the pictures are kept, and a smaller shop otherwise."""
    shop = Shop(shutil.copy(migrated if is_renewing() else loaded, tmp_path_factory.mktemp("pictured")))
    if is_renewing():
        shop.manage("load_demo_data", "--visitors=4000")
    with served(shop) as site:
        yield site


@pytest.mark.parametrize("shot", SHOTS, ids=[shot.name for shot in SHOTS])
def test_a_picture_is_a_small_file(new_visitor: Callable[..., Visitor], tmp_path: Path, shot: Shot) -> None:
    visitor = new_visitor(scheme=shot.scheme, device=shot.device)

    path = take(shot, visitor=visitor, folder=folder_for(tmp_path))

    assert path.stat().st_size < MAX_BYTES
    with Image.open(path) as picture:
        assert picture.width == DEVICES[shot.device]["width"]
        # The page's background, which is its most frequent color.
        _, color = max(picture.convert("L").getcolors() or [])
        assert (color < 128) == (shot.scheme == "dark")


def test_the_readme_shows_every_picture_and_says_what_it_shows() -> None:
    shown = re.findall(r'<img src="([^"]+)" alt="([^"]{20,})"', (ROOT / "README.md").read_text())
    kept = [path.relative_to(ROOT).as_posix() for path in FOLDER.iterdir()]

    assert sorted(path for path, _ in shown) == sorted(kept)
    assert sorted(kept) == sorted(f"example_project/screenshots/{shot.name}.png" for shot in SHOTS)
