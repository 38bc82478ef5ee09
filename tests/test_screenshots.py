"""Pictures of the example can be taken, on a desk and on a phone, in light and in dark, and are small files."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.real_browser import DEVICES, SCHEMES, Device, Scheme, Visitor, shop_with_visitors
from tests.real_server import Site, served
from tests.screenshots import MAX_BYTES, SHOTS, Shot, folder_for, is_renewing, suffix_of, take

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve what ``run.py demo`` serves if the pictures are kept, and a smaller shop otherwise."""
    visitors = 4000 if is_renewing() else 300
    with served(shop_with_visitors(visitors, folder=tmp_path_factory.mktemp("pictured"))) as site:
        yield site


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("shot", SHOTS, ids=[shot.name for shot in SHOTS])
def test_a_picture_is_a_small_file(
    new_visitor: Callable[..., Visitor], tmp_path: Path, shot: Shot, device: Device, scheme: Scheme
) -> None:
    visitor = new_visitor(scheme=scheme, device=device)

    path = take(shot, visitor=visitor, folder=folder_for(tmp_path), suffix=suffix_of(device, scheme))

    assert path.stat().st_size < MAX_BYTES
    with Image.open(path) as picture:
        assert picture.width == DEVICES[device]["width"]
        # The page's background, which is its most frequent color.
        _, color = max(picture.convert("L").getcolors() or [])
        assert (color < 128) == (scheme == "dark")
