"""Files that only look like pictures, and pictures of a given size."""

from bench.conformance.pictures import PNG

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def padded_png(size_bytes: int) -> bytes:
    """Return a PNG with exactly this number of bytes."""
    return PNG + b"\0" * (size_bytes - len(PNG))
