"""Build requests of a given size inside the worker, so that no large request crosses a pipe.

Each recipe takes a size and returns the bytes of a request. Runs inside a framework's environment.
"""

from collections.abc import Callable

from bench.agent import multipart

HEAD = "{} {} HTTP/1.1\r\nHost: localhost:8000\r\nConnection: close\r\n"
BOUNDARY = "larder-boundary"
FORM_TYPE = "application/x-www-form-urlencoded"


def build_request(method: str, target: str, content_type: str = "", body: bytes = b"") -> bytes:
    """Return a request; with a content type, Content-Length is set."""
    head = HEAD.format(method, target)
    if content_type:
        head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def json_bytes(size: int) -> bytes:
    """Return a request with a JSON text of `size` bytes."""
    return build_request("POST", "/json", "application/json", b'"' + b"a" * max(0, size - 2) + b'"')


def json_depth(size: int) -> bytes:
    """Return a request with a JSON text of `size` nested arrays."""
    return build_request("POST", "/json", "application/json", b"[" * size + b"]" * size)


def form_field_bytes(size: int) -> bytes:
    """Return a request with a form whose only field has `size` bytes."""
    return build_request("POST", "/clash", FORM_TYPE, b"a=" + b"a" * size)


def form_fields(size: int) -> bytes:
    """Return a request with a form of `size` fields, the field a included."""
    others = "".join(f"&f{number}=" for number in range(size - 1))
    return build_request("POST", "/clash", FORM_TYPE, f"a=1{others}".encode())


def query_parameters(size: int) -> bytes:
    """Return a request whose query repeats a parameter `size` times."""
    return build_request("GET", "/query?" + "&".join(["a=1"] * size))


def header_bytes(size: int) -> bytes:
    """Return a request with a header field whose value has `size` bytes."""
    plain = build_request("GET", "/hello")
    return plain.replace(b"\r\n\r\n", b"\r\nX-Filler: " + b"a" * size + b"\r\n\r\n")


def upload_parts(size: int) -> bytes:
    """Return an upload of `size` parts, the file included."""
    fields = (build_part(f'name="f{number}"', b"") for number in range(size - 1))
    return build_upload(*fields, build_part('name="file"; filename="a.txt"', b"soup"))


def upload_bytes(size: int) -> bytes:
    """Return an upload of a file of `size` bytes."""
    return build_upload(build_part('name="file"; filename="a.txt"', b"a" * size))


def build_part(disposition: str, content: bytes) -> bytes:
    """Return one part of a multipart form."""
    return multipart.build_part(BOUNDARY.encode(), disposition.encode(), content)


def build_upload(*parts: bytes) -> bytes:
    """Return a request with the parts of a multipart form."""
    body = multipart.encode_multipart(BOUNDARY.encode(), parts)
    return build_request("POST", "/upload", f"multipart/form-data; boundary={BOUNDARY}", body)


RECIPES: dict[str, Callable[[int], bytes]] = {
    "json-bytes": json_bytes,
    "json-depth": json_depth,
    "form-field-bytes": form_field_bytes,
    "form-fields": form_fields,
    "query-parameters": query_parameters,
    "header-bytes": header_bytes,
    "upload-parts": upload_parts,
    "upload-bytes": upload_bytes,
}
