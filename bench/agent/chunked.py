"""Decode the chunked transfer coding (RFC 9112, section 7.1).

Runs inside a framework's environment as well: the in-process channel decodes chunked requests.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator

CHUNK_HEAD = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(?:;[^\r\n]*)?\r\n")


class ChunkError(ValueError):
    """The body breaks the rules of the chunked coding, or ends before its last chunk."""


def iterate_chunks(
    read_line: Callable[[], bytes], read_pieces: Callable[[int], Iterable[bytes]]
) -> Iterator[bytes]:
    r"""Yield the content of a chunked body; raise ChunkError at its first error.

    `read_line` returns the next line with its "\r\n", `read_pieces` a number of bytes in pieces.
    """
    while size := parse_chunk_size(read_line()):
        yield from read_pieces(size)
        if read_line() != b"\r\n":
            raise ChunkError("a chunk is longer or shorter than its size")
    while (line := read_line()) != b"\r\n":  # trailer fields
        if not line.endswith(b"\r\n"):
            raise ChunkError("the body ends before its last line")


def parse_chunk_size(line: bytes) -> int:
    """Return the size in the first line of a chunk; raise ChunkError for any other line."""
    match = CHUNK_HEAD.fullmatch(line)
    if not match:
        raise ChunkError(f"no chunk begins with {line[:40]!r}")
    return int(match[1], 16)


def decode_chunks(body: bytes) -> tuple[bytes, bool]:
    """Return the content of a chunked body up to its first error, and whether it has no error."""
    file, pieces = io.BytesIO(body), list[bytes]()
    try:
        for piece in iterate_chunks(file.readline, lambda size: [file.read(size)]):
            pieces.append(piece)
    except ChunkError:
        return b"".join(pieces), False
    return b"".join(pieces), True
