"""Photos of dishes."""

import re
from io import BytesIO
from pathlib import Path

import pytest

from shared_db import Larder
from shared_db import photos as module
from shared_db.errors import Invalid, LarderError, NotAPicture, NotFound, TooLarge
from tests.shared_db.kitchen import LEEK_SOUP, contents

PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"j" * 100
WEBP = b"RIFF\x00\x00\x00\x00WEBP" + b"w" * 100
MOST = 2 * 1024 * 1024


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*")) if folder.exists() else []


class Trickle:
    """A stream that gives less than it is asked for, and tells what it was asked."""

    def __init__(self, data: bytes, piece: int) -> None:
        self._data = BytesIO(data)
        self._piece = piece
        self.asked: list[int] = []

    def read(self, size: int, /) -> bytes:
        self.asked.append(size)
        return self._data.read(min(size, self._piece))


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        pytest.param(PNG, "png", id="PNG"),
        pytest.param(JPEG, "jpg", id="JPEG"),
        pytest.param(WEBP, "webp", id="WebP"),
        pytest.param(PNG.ljust(MOST, b"p"), "png", id="the largest"),
    ],
)
def test_a_picture_is_kept_under_a_name_of_ours(
    larder: Larder, photos_dir: Path, data: bytes, ending: str
) -> None:
    dish = larder.photos.keep("1", BytesIO(data))
    assert dish.photo
    assert re.fullmatch(rf"[0-9a-f]{{32}}\.{ending}", dish.photo)
    assert (photos_dir / dish.photo).read_bytes() == data
    assert (dish, dish.version) == (larder.dishes.get(LEEK_SOUP), 2)


@pytest.mark.parametrize("piece", [1, 5, 7, 65_536])
def test_a_picture_that_trickles_in_is_known_by_its_first_bytes(
    larder: Larder, photos_dir: Path, piece: int
) -> None:
    dish = larder.photos.keep(LEEK_SOUP, Trickle(WEBP, piece))
    assert dish.photo
    assert (photos_dir / dish.photo).read_bytes() == WEBP


def test_the_old_photo_is_removed(larder: Larder, photos_dir: Path) -> None:
    old = larder.photos.keep(LEEK_SOUP, BytesIO(PNG)).photo
    other = larder.photos.keep(2, BytesIO(PNG)).photo
    new = larder.photos.keep(LEEK_SOUP, BytesIO(JPEG)).photo
    assert old != new
    assert files(photos_dir) == sorted([str(new), str(other)])


def test_an_old_photo_that_is_gone_is_no_trouble(larder: Larder, photos_dir: Path) -> None:
    old = larder.photos.keep(LEEK_SOUP, BytesIO(PNG)).photo
    (photos_dir / str(old)).unlink()
    assert larder.photos.keep(LEEK_SOUP, BytesIO(PNG)).photo != old


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(b"", Invalid, id="no bytes"),
        pytest.param(PNG.ljust(MOST + 1, b"p"), TooLarge, id="one byte too large"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAPicture, id="SVG"),
        pytest.param(b"GIF89a" + b"g" * 100, NotAPicture, id="GIF"),
        pytest.param(b"\x89PNG", NotAPicture, id="half a PNG's beginning"),
        pytest.param(b"RIFF\x00\x00\x00\x00WAVE" + b"w" * 100, NotAPicture, id="sound"),
        pytest.param(b" " + PNG, NotAPicture, id="a PNG after a blank"),
    ],
)
def test_a_refused_photo_leaves_dish_and_folder_alone(
    larder: Larder, photos_dir: Path, data: bytes, error: type[LarderError]
) -> None:
    larder.photos.keep(LEEK_SOUP, BytesIO(PNG))
    before, kept = contents(larder), files(photos_dir)
    with pytest.raises(error):
        larder.photos.keep(LEEK_SOUP, BytesIO(data))
    assert (contents(larder), files(photos_dir)) == (before, kept)


def test_an_unknown_dish_gets_no_photo(larder: Larder, photos_dir: Path) -> None:
    stream = Trickle(PNG, 100)
    with pytest.raises(NotFound):
        larder.photos.keep("25", stream)
    assert (stream.asked, files(photos_dir)) == ([], [])


def test_a_photo_is_read_in_pieces_and_no_further_than_needed(larder: Larder) -> None:
    stream = Trickle(PNG.ljust(10 * MOST, b"p"), MOST)
    with pytest.raises(TooLarge):
        larder.photos.keep(LEEK_SOUP, stream)
    assert set(stream.asked) == {64 * 1024}
    assert len(stream.asked) == MOST // (64 * 1024) + 1


def test_a_stream_that_breaks_off_leaves_nothing_behind(larder: Larder, photos_dir: Path) -> None:
    class Broken(Trickle):
        def read(self, size: int, /) -> bytes:
            if self.asked:
                raise ConnectionResetError
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        larder.photos.keep(LEEK_SOUP, Broken(PNG, 50))
    assert (larder.dishes.get(LEEK_SOUP).version, files(photos_dir)) == (1, [])


def test_a_photo_the_database_refuses_leaves_nothing_behind(
    larder: Larder, photos_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SET", "no statement")
    with pytest.raises(AttributeError):
        larder.photos.keep(LEEK_SOUP, BytesIO(PNG))
    assert (larder.dishes.get(LEEK_SOUP).version, files(photos_dir)) == (1, [])
