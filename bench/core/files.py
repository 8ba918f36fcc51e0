"""Write files whole or not at all, and let one process at a time change what it has read."""

import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.core.errors import CookoffError, collapse_whitespace
from bench.core.private_files import open_private

LOCK_TIMEOUT_SECONDS = 600.0  # building an environment takes minutes on a slow disk
POLL_SECONDS = 0.05
THREAD_LOCKS = threading.local()  # the locks that a thread holds


class LockError(CookoffError):
    """A lock that another process did not release in time."""


class WriteError(CookoffError):
    """A file that could not be written; what was there before is still there."""


@contextmanager
def hold_lock(lock: Path, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
    """Hold the lock of this file; a thread that holds it already may hold it once more.

    Raises LockError when another process, or another thread of this one, holds the lock for
    longer than `wait_seconds`. The lock ends with the process that holds it.
    """
    mine: set[Path] = THREAD_LOCKS.__dict__.setdefault("locks", set())
    if lock in mine:
        yield
        return
    with hold_file_lock(lock, timeout_seconds):
        mine.add(lock)
        try:
            yield
        finally:
            mine.remove(lock)


@contextmanager
def hold_file_lock(lock: Path, timeout_seconds: float) -> Iterator[None]:
    """Hold the lock of this file; raise LockError."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w", opener=open_private) as file:
        end = time.monotonic() + timeout_seconds
        while not try_lock(file.fileno()):
            if time.monotonic() > end:
                raise LockError(
                    f"another cookoff command has held {lock} for {timeout_seconds:.0f} s; "
                    "wait until that command ends, or end it, and run this one again"
                )
            time.sleep(POLL_SECONDS)
        yield


def try_lock(descriptor: int) -> bool:
    """Return whether the lock could be taken at once."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_file(file: Path, content: str | bytes) -> None:
    """Write a file whole or not at all; raise WriteError.

    A reader sees the old content or the new one, also after a crash. A file that exists keeps its
    permissions; a symbolic link stays, and what it leads to is replaced. What cannot be replaced,
    such as /dev/stdout, is written directly.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if file.exists() and not file.is_file():
            file.write_bytes(data)
        else:
            replace_file(file.resolve(), data)
    except OSError as error:
        raise WriteError(f"{file} cannot be written: {collapse_whitespace(error)}") from error


def replace_file(file: Path, data: bytes) -> None:
    """Put a finished draft in the place of the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with draft.open("wb") as written:
            written.write(data)
            written.flush()
            os.fsync(written.fileno())
        if file.exists():
            shutil.copymode(file, draft)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def rename_damaged_file(file: Path) -> Path:
    """Rename a damaged file to a name that is free, and return that name."""
    number, aside = 1, file.with_name(f"{file.name}.damaged")
    while os.path.lexists(aside):
        number += 1
        aside = file.with_name(f"{file.name}.damaged-{number}")
    return file.rename(aside)


def dump_json(value: object) -> str:
    """Return something found as JSON for files and for --json."""
    return json.dumps(value, indent=1, ensure_ascii=False)
