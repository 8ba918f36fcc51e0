"""Photos: pictures of dishes, kept as files under names of our own."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from sqlalchemy import bindparam, update

from shared_db.connections import Connections
from shared_db.dishes import Dishes
from shared_db.errors import Invalid, NotAPicture, TooLarge
from shared_db.records import Dish
from shared_db.schema import dishes

MOST_BYTES = 2 * 1024 * 1024
_PIECE_BYTES = 64 * 1024

_SET = (
    update(dishes)
    .where(dishes.c.id == bindparam("dish_id"))
    .values(photo=bindparam("new_photo"), version=bindparam("new_version"))
)


class Stream(Protocol):
    """Anything that bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return at most size bytes; none at the end."""


class Photos:
    """What can be asked about the photos."""

    def __init__(self, larder: Connections, dishes: Dishes, folder: Path) -> None:
        """Keep the larder's connections, the dishes and the folder of the photos."""
        self._larder = larder
        self._dishes = dishes
        self._folder = folder

    def keep(self, dish_id: int | str, stream: Stream) -> Dish:
        """Make a picture the photo of a dish, and return the dish; the old photo is removed.

        The stream is read in pieces, to its end or just past 2 MiB. Raises NotFound (the dish),
        Invalid (no bytes), TooLarge or NotAPicture; the dish keeps its old photo then.
        """
        self._dishes.get(dish_id)
        path = self._store(stream)
        try:
            new, old = self._hang(dish_id, path.name)
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
            with open(part, "xb", opener=_opener) as file:
                kind = _copy(stream, file)
            return part.replace(self._folder / f"{name}.{kind}")
        except BaseException:
            with suppress(FileNotFoundError):
                part.unlink()
            raise

    def _hang(self, dish_id: int | str, name: str) -> tuple[Dish, str | None]:
        with self._larder.writing():
            old = self._dishes.get_to_change(dish_id)
            new = old._replace(photo=name, version=old.version + 1)
            self._larder.run(_SET, dish_id=old.id, new_photo=name, new_version=new.version)
        return new, old.photo


def _opener(path: str, flags: int) -> int:
    """Open a file that is its user's alone, whatever the umask."""
    return os.open(path, flags, 0o600)


def _copy(stream: Stream, file: BinaryIO) -> str:
    """Copy a picture in pieces and return what its name ends with."""
    head, size = b"", 0
    while piece := stream.read(_PIECE_BYTES):
        head += piece[: max(0, 12 - len(head))]
        size += len(piece)
        if size > MOST_BYTES:
            raise TooLarge
        file.write(piece)
    if not size:
        raise Invalid({"photo": "Please choose a photo."})
    return _kind(head)


def _kind(head: bytes) -> str:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    raise NotAPicture
