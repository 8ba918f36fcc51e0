"""Build the bytes of the requests that probes send."""

from bench.agent import multipart, sized_requests

HOST = "localhost:8000"  # the same for every framework, so that outcomes are comparable
SITE = f"http://{HOST}"
FOREIGN_HOST = "evil.example"  # not the site's host
FORM_TYPE, BOUNDARY = sized_requests.FORM_TYPE, sized_requests.BOUNDARY


def get(target: str, *fields: str) -> tuple[bytes, ...]:
    """Return a GET request, with further header fields."""
    return (build_request("GET", target, *fields),)


def build_request(method: str, target: str, *fields: str, body: bytes | None = None) -> bytes:
    """Return a request; a request with a body has a Content-Length."""
    length = () if body is None else (f"Content-Length: {len(body)}",)
    return build_raw(
        f"{method} {target} HTTP/1.1", f"Host: {HOST}", *fields, *length, body=body or b""
    )


def build_raw(*lines: str, body: bytes = b"") -> bytes:
    """Return a request of exactly these lines, with Connection: close."""
    return "\r\n".join((*lines, "Connection: close", "", "")).encode("latin-1") + body


def post_json(body: bytes, content_type: str = "application/json") -> tuple[bytes, ...]:
    """Return a request with a JSON text; an empty content type sends no Content-Type."""
    fields = (f"Content-Type: {content_type}",) if content_type else ()
    return (build_request("POST", "/json", *fields, body=body),)


def post_form(
    body: bytes, target: str = "/clash", content_type: str = FORM_TYPE
) -> tuple[bytes, ...]:
    """Return a request with a form; an empty content type sends no Content-Type."""
    fields = (f"Content-Type: {content_type}",) if content_type else ()
    return (build_request("POST", target, *fields, body=body),)


def upload(*parts: bytes, end: bytes | None = None, boundary: str = BOUNDARY) -> tuple[bytes, ...]:
    """Return an upload of parts; `boundary` is only the header's, the body always uses BOUNDARY."""
    body = (
        multipart.encode_multipart(BOUNDARY.encode(), parts)
        if end is None
        else b"".join((*parts, end))
    )
    kind = f"multipart/form-data; boundary={boundary}" if boundary else "multipart/form-data"
    return (build_request("POST", "/upload", f"Content-Type: {kind}", body=body),)


def build_part(disposition: str, content: bytes = b"soup\n", *fields: str) -> bytes:
    """Return one part of a form."""
    headers = (field.encode() for field in fields)
    return multipart.build_part(BOUNDARY.encode(), disposition.encode(), content, *headers)


def build_file(filename: str = "menu.txt", content: bytes = b"soup\n", *fields: str) -> bytes:
    """Return a part with a file in the field `file`, which the upload handlers read."""
    return build_part(f'name="file"; filename="{filename}"', content, *fields)
