"""Tests of the photos of dishes."""

import re
from io import BytesIO
from pathlib import Path

import pytest

from shared_db import Larder
from shared_db import photos as module
from shared_db.errors import (
    InvalidInputError,
    LarderError,
    NotAPictureError,
    NotFoundError,
    PhotoTooLargeError,
)
from tests.shared_db.helpers import LEEK_SOUP, contents

PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"j" * 100
WEBP = b"RIFF\x00\x00\x00\x00WEBP" + b"w" * 100
MAX_BYTES = 2 * 1024 * 1024


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*")) if folder.exists() else []


class Trickle:
    """A stream that returns short pieces, and records the sizes that were requested."""

    def __init__(self, data: bytes, piece: int) -> None:
        self._data = BytesIO(data)
        self._piece = piece
        self.sizes: list[int] = []

    def read(self, size: int, /) -> bytes:
        self.sizes.append(size)
        return self._data.read(min(size, self._piece))


def test_the_folder_of_the_photos_is_private(larder: Larder, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "photos"
    larder.photos._folder = folder
    larder.photos.keep(LEEK_SOUP, BytesIO(PNG))
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        pytest.param(PNG, "png", id="PNG"),
        pytest.param(JPEG, "jpg", id="JPEG"),
        pytest.param(WEBP, "webp", id="WebP"),
        pytest.param(PNG.ljust(MAX_BYTES, b"p"), "png", id="the largest"),
    ],
)
def test_a_picture_is_stored_under_a_random_name(
    larder: Larder, photos_dir: Path, data: bytes, extension: str
) -> None:
    dish = larder.photos.keep("1", BytesIO(data))
    assert dish.photo
    assert re.fullmatch(rf"[0-9a-f]{{32}}\.{extension}", dish.photo)
    assert (photos_dir / dish.photo).read_bytes() == data
    assert (dish, dish.version) == (larder.dishes.get(LEEK_SOUP), 2)


@pytest.mark.parametrize("piece", [1, 5, 7, 65_536])
def test_the_format_is_detected_when_the_first_bytes_arrive_in_pieces(
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


def test_a_missing_old_photo_is_ignored(larder: Larder, photos_dir: Path) -> None:
    old = larder.photos.keep(LEEK_SOUP, BytesIO(PNG)).photo
    (photos_dir / str(old)).unlink()
    assert larder.photos.keep(LEEK_SOUP, BytesIO(PNG)).photo != old


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(b"", InvalidInputError, id="no bytes"),
        pytest.param(PNG.ljust(MAX_BYTES + 1, b"p"), PhotoTooLargeError, id="one byte too large"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAPictureError, id="SVG"),
        pytest.param(b"GIF89a" + b"g" * 100, NotAPictureError, id="GIF"),
        pytest.param(b"\x89PNG", NotAPictureError, id="half of a PNG header"),
        pytest.param(b"RIFF\x00\x00\x00\x00WAVE" + b"w" * 100, NotAPictureError, id="sound"),
        pytest.param(b" " + PNG, NotAPictureError, id="a PNG after a blank"),
    ],
)
def test_a_rejected_photo_changes_neither_the_dish_nor_the_folder(
    larder: Larder, photos_dir: Path, data: bytes, error: type[LarderError]
) -> None:
    larder.photos.keep(LEEK_SOUP, BytesIO(PNG))
    before = contents(larder), files(photos_dir)
    with pytest.raises(error):
        larder.photos.keep(LEEK_SOUP, BytesIO(data))
    assert (contents(larder), files(photos_dir)) == before


def test_an_unknown_dish_gets_no_photo(larder: Larder, photos_dir: Path) -> None:
    stream = Trickle(PNG, 100)
    with pytest.raises(NotFoundError):
        larder.photos.keep("25", stream)
    assert (stream.sizes, files(photos_dir)) == ([], [])


def test_a_photo_is_read_in_chunks_and_not_further_than_needed(larder: Larder) -> None:
    stream = Trickle(PNG.ljust(10 * MAX_BYTES, b"p"), MAX_BYTES)
    with pytest.raises(PhotoTooLargeError):
        larder.photos.keep(LEEK_SOUP, stream)
    assert set(stream.sizes) == {64 * 1024}
    assert len(stream.sizes) == MAX_BYTES // (64 * 1024) + 1


def test_an_interrupted_stream_leaves_no_file(larder: Larder, photos_dir: Path) -> None:
    class Broken(Trickle):
        def read(self, size: int, /) -> bytes:
            if self.sizes:
                raise ConnectionResetError
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        larder.photos.keep(LEEK_SOUP, Broken(PNG, 50))
    assert (larder.dishes.get(LEEK_SOUP).version, files(photos_dir)) == (1, [])


def test_a_photo_that_the_database_rejects_leaves_no_file(
    larder: Larder, photos_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SET", "no statement")
    with pytest.raises(AttributeError):
        larder.photos.keep(LEEK_SOUP, BytesIO(PNG))
    assert (larder.dishes.get(LEEK_SOUP).version, files(photos_dir)) == (1, [])
