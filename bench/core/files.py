"""Write files atomically, lock them while a process changes them, and digest their contents."""

import fcntl
import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.core.errors import CookoffError, collapse_whitespace
from bench.core.private_files import open_private

LOCK_TIMEOUT_SECONDS = 600.0  # building an environment takes minutes on a slow disk
POLL_SECONDS = 0.05
THREAD_LOCKS = threading.local()  # the lock files that a thread has locked


class LockError(CookoffError):
    """Another process did not release a lock in time."""


class WriteError(CookoffError):
    """A file could not be written; its earlier content is unchanged."""


@contextmanager
def hold_lock(lock: Path, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
    """Hold a lock while the block runs; a thread may acquire the same lock again.

    Raises LockError when another process, or another thread of this process, holds the lock for
    longer than `timeout_seconds`. The lock ends with the process that holds it.
    """
    thread_locks: set[Path] = THREAD_LOCKS.__dict__.setdefault("locks", set())
    if lock in thread_locks:
        yield
        return
    with hold_file_lock(lock, timeout_seconds):
        thread_locks.add(lock)
        try:
            yield
        finally:
            thread_locks.remove(lock)


@contextmanager
def hold_file_lock(lock: Path, timeout_seconds: float) -> Iterator[None]:
    """Hold the lock of a file while the block runs; raise LockError after `timeout_seconds`."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with open(lock, "w", opener=open_private) as file:
        deadline = time.monotonic() + timeout_seconds
        while not try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise LockError(
                    f"another cookoff command has held {lock} for {timeout_seconds:.0f} s; "
                    "wait until that command ends, or end it, and run this command again"
                )
            time.sleep(POLL_SECONDS)
        yield


def try_lock(descriptor: int) -> bool:
    """Acquire the lock of an open file if it is free; return whether that succeeded."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_file(file: Path, content: str | bytes) -> None:
    """Write a file atomically; raise WriteError.

    A reader sees the old content or the new content, also after a crash. An existing file keeps its
    permissions. A symbolic link stays, and its target is replaced. A path that is no regular file,
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
    """Write the data to a temporary file, then rename that to `file`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with draft.open("wb") as draft_file:
            draft_file.write(data)
            draft_file.flush()
            os.fsync(draft_file.fileno())
        if file.exists():
            shutil.copymode(file, draft)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def rename_damaged_file(file: Path) -> Path:
    """Rename a damaged file to an unused name, and return the new path."""
    number, new_path = 1, file.with_name(f"{file.name}.damaged")
    while os.path.lexists(new_path):
        number += 1
        new_path = file.with_name(f"{file.name}.damaged-{number}")
    return file.rename(new_path)


def digest_files(folder: Path, files: Iterable[Path]) -> str:
    """Return the SHA-256 of the contents of some files, and of their names relative to a folder."""
    digest = hashlib.sha256()
    for file in files:
        try:
            content = file.read_bytes()
        except OSError:  # an unreadable file does not run
            content = b"unreadable"
        digest.update(f"{os.path.relpath(file, folder)}\0".encode("utf-8", "surrogateescape"))
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def dump_json(value: object) -> str:
    """Return a value as JSON text, for files and for --json."""
    return json.dumps(value, indent=1, ensure_ascii=False)
