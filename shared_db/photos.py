"""The photos of dishes, stored as files with random names."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from sqlalchemy import bindparam, update

from shared_db.connections import Connections
from shared_db.dishes import Dishes
from shared_db.errors import InvalidInputError, NotAPictureError, PhotoTooLargeError
from shared_db.records import Dish
from shared_db.schema import dishes

MAX_BYTES = 2 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024

_SET = (
    update(dishes)
    .where(dishes.c.id == bindparam("dish_id"))
    .values(photo=bindparam("new_photo"), version=bindparam("new_version"))
)


class Stream(Protocol):
    """A source of bytes, such as an uploaded file."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, and no bytes at the end."""


class Photos:
    """Store the photos of dishes."""

    def __init__(self, connections: Connections, dishes: Dishes, folder: Path) -> None:
        """Store the connections, the dishes and the folder of the photos."""
        self._connections = connections
        self._dishes = dishes
        self._folder = folder

    def keep(self, dish_id: int | str, stream: Stream) -> Dish:
        """Store a picture as the photo of a dish, remove the old photo, and return the dish.

        The stream is read in chunks, to its end or just past 2 MiB. Raise NotFoundError (the dish),
        InvalidInputError (no bytes), PhotoTooLargeError or NotAPictureError; then the dish keeps
        its old photo.
        """
        self._dishes.get(dish_id)
        path = self._store(stream)
        try:
            new, old = self._set_photo(dish_id, path.name)
        except BaseException:
            path.unlink()
            raise
        if old:
            (self._folder / old).unlink(missing_ok=True)
        return new

    def _store(self, stream: Stream) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = secrets.token_hex(16)
        part = self._folder / f".{name}.part"
        try:
            with open(part, "xb", opener=_open_private) as file:
                kind = _copy(stream, file)
            return part.replace(self._folder / f"{name}.{kind}")
        except BaseException:
            with suppress(FileNotFoundError):
                part.unlink()
            raise

    def _set_photo(self, dish_id: int | str, name: str) -> tuple[Dish, str | None]:
        with self._connections.transaction():
            old = self._dishes.get_to_change(dish_id)
            new = old._replace(photo=name, version=old.version + 1)
            self._connections.execute(_SET, dish_id=old.id, new_photo=name, new_version=new.version)
        return new, old.photo


def _open_private(path: str, flags: int) -> int:
    """Open a file that only its user can read, whatever the umask."""
    return os.open(path, flags, 0o600)


def _copy(stream: Stream, file: BinaryIO) -> str:
    """Copy a picture in chunks, and return its file extension."""
    head, size = b"", 0
    while piece := stream.read(_CHUNK_BYTES):
        head += piece[: max(0, 12 - len(head))]
        size += len(piece)
        if size > MAX_BYTES:
            raise PhotoTooLargeError
        file.write(piece)
    if not size:
        raise InvalidInputError({"photo": "Please choose a photo."})
    return _detect_format(head)


def _detect_format(head: bytes) -> str:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    raise NotAPictureError
