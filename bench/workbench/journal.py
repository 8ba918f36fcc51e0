"""Store each request in a file, in the order in which the site on stage answered the requests.

All sites read the requests from here, each at its own position, so that a slow site needs no memory
and a new site can answer the whole journey again.
"""

import os
from pathlib import Path
from typing import IO

import msgspec

from bench.workbench.reply_values import ReplyValues

MAX_BODY_BYTES = 8 * 1024 * 1024  # of a request that is mirrored; the sites accept 2 MiB


class JournalEntry(msgspec.Struct):
    """One request as the browser sent it, and the values that the reply on stage contained."""

    method: str
    target: str  # path and query, as sent
    headers: list[tuple[str, str]]  # without cookies
    body: bytes
    stage: str  # the framework that was on stage
    live_number: int  # of the live site on stage
    values: ReplyValues
    status: int = 0  # of the reply on stage
    is_program: bool = False  # sent without the cookies of the browser
    is_cut: bool = False  # the body was too large to be kept; the request is not mirrored

    @property
    def path(self) -> str:
        """Return the path without the query."""
        return self.target.partition("?")[0]

    @property
    def is_file(self) -> bool:
        """Return whether the request is for a file that no request changes."""
        return self.path.startswith("/static/") or self.path == "/favicon.ico"

    def get_header(self, name: str) -> str:
        """Return the value of a header with a name in lower case, "" without one."""
        return next((text for known, text in self.headers if known.lower() == name), "")


class Journal:
    """The entries of a journey, in one file."""

    def __init__(self, file: Path) -> None:
        self._file: IO[bytes] = file.open("w+b", buffering=0)
        self._ends = [0]  # the end of each entry in the file

    @property
    def count(self) -> int:
        """Return the number of entries."""
        return len(self._ends) - 1

    def append(self, entry: JournalEntry) -> int:
        """Store an entry; return its index."""
        data = msgspec.msgpack.encode(entry)
        os.pwrite(self._file.fileno(), data, self._ends[-1])
        self._ends.append(self._ends[-1] + len(data))
        return self.count - 1

    def read(self, index: int) -> JournalEntry:
        """Return the entry with an index."""
        start, end = self._ends[index : index + 2]
        data = os.pread(self._file.fileno(), end - start, start)  # any thread may read
        return msgspec.msgpack.decode(data, type=JournalEntry)

    def clear(self) -> None:
        """Forget all entries."""
        self._file.truncate(0)
        self._ends = [0]

    def close(self) -> None:
        """Close the file."""
        self._file.close()
