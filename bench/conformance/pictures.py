"""Define the smallest valid picture of each format that the site accepts, and a GIF."""

import struct
import zlib

MAX_PHOTO_BYTES = 2 * 1024 * 1024
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def build_png_chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG."""
    checksum = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + checksum


PNG = (
    PNG_SIGNATURE
    + build_png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + build_png_chunk(b"IDAT", zlib.compress(b"\x00\x80"))
    + build_png_chunk(b"IEND", b"")
)
SHORT_PNG = PNG_SIGNATURE + b"\x00" * 24  # the site reads only the signature
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
WEBP = b"RIFF\x12\x00\x00\x00WEBPVP8L\x06\x00\x00\x00\x2f\0\0\0\0\0"
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
