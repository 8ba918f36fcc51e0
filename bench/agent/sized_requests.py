"""Which request is as big as asked for? Made where it is needed, so that none travels by pipe.

Runs inside a framework's environment. Each recipe takes a size and returns the request's bytes.
"""

from collections.abc import Callable

HEAD = "{} {} HTTP/1.1\r\nHost: localhost:8000\r\nConnection: close\r\n"
BOUNDARY = "larder-boundary"
FORM_TYPE = "application/x-www-form-urlencoded"


def build_request(method: str, target: str, content_type: str = "", body: bytes = b"") -> bytes:
    """Return a request with a body of known length."""
    head = HEAD.format(method, target)
    if content_type:
        head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def json_bytes(size: int) -> bytes:
    """A JSON text of so many bytes."""
    return build_request("POST", "/json", "application/json", b'"' + b"a" * max(0, size - 2) + b'"')


def json_depth(size: int) -> bytes:
    """A JSON text of so many arrays, one in the other."""
    return build_request("POST", "/json", "application/json", b"[" * size + b"]" * size)


def form_field_bytes(size: int) -> bytes:
    """A form with one field of so many bytes."""
    return build_request("POST", "/clash", FORM_TYPE, b"a=" + b"a" * size)


def form_fields(size: int) -> bytes:
    """A form of so many fields, the field a among them."""
    others = "".join(f"&f{number}=" for number in range(size - 1))
    return build_request("POST", "/clash", FORM_TYPE, f"a=1{others}".encode())


def query_parameters(size: int) -> bytes:
    """A query that gives the same parameter so many times."""
    return build_request("GET", "/query?" + "&".join(["a=1"] * size))


def header_bytes(size: int) -> bytes:
    """A request with one header field whose value has so many bytes."""
    plain = build_request("GET", "/hello")
    return plain.replace(b"\r\n\r\n", b"\r\nX-Filler: " + b"a" * size + b"\r\n\r\n")


def upload_parts(size: int) -> bytes:
    """An upload of so many parts, the file among them."""
    fields = b"".join(build_part(f'name="f{number}"', b"") for number in range(size - 1))
    return build_upload(fields + build_part('name="file"; filename="a.txt"', b"soup"))


def upload_bytes(size: int) -> bytes:
    """An upload of one file of so many bytes."""
    return build_upload(build_part('name="file"; filename="a.txt"', b"a" * size))


def build_part(disposition: str, content: bytes) -> bytes:
    """Return one part of a form."""
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def build_upload(parts: bytes) -> bytes:
    """Return the request that sends the parts."""
    end = f"--{BOUNDARY}--\r\n".encode()
    return build_request(
        "POST", "/upload", f"multipart/form-data; boundary={BOUNDARY}", parts + end
    )


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
