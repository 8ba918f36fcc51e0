"""Encode forms as multipart/form-data (RFC 7578), as browsers do.

This module uses only the standard library: it also runs inside a framework's environment, and its
text is a part of each replay script of differential testing.
"""

from collections.abc import Iterable, Mapping


def encode_multipart(boundary: bytes, parts: Iterable[bytes]) -> bytes:
    """Return the body of a form with these parts, see build_part()."""
    return b"".join(parts) + b"--%s--\r\n" % boundary


def encode_form(boundary: bytes, fields: Mapping[str, str], *files: bytes) -> bytes:
    """Return the body of a form with these fields and then these parts, see build_file_part()."""
    texts = [build_part(boundary, name_field(key), text.encode()) for key, text in fields.items()]
    return encode_multipart(boundary, [*texts, *files])


def build_part(boundary: bytes, disposition: bytes, content: bytes, *headers: bytes) -> bytes:
    """Return one part of a form; `disposition` has the parameters, see name_field()."""
    lines = (b"Content-Disposition: form-data; %s" % disposition, *headers)
    return b"--%s\r\n%s\r\n\r\n%s\r\n" % (boundary, b"\r\n".join(lines), content)


def build_file_part(
    boundary: bytes, name: str, file_name: str, content: bytes, content_type: str = "image/png"
) -> bytes:
    """Return the part of a file."""
    disposition = name_field(name) + b'; filename="%s"' % quote_name(file_name)
    return build_part(boundary, disposition, content, b"Content-Type: " + content_type.encode())


def name_field(name: str) -> bytes:
    """Return the parameter with the name of a field."""
    return b'name="%s"' % quote_name(name)


def quote_name(text: str) -> bytes:
    """Encode a name as browsers do (HTML standard, section on multipart/form-data)."""
    return text.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22").encode()
