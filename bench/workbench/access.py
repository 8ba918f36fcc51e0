"""Refuse requests that did not come from the reader's own pages.

Browsers send requests of any page to this machine's addresses. A foreign name in Host shows a page
that rebinds its name to 127.0.0.1; a foreign Origin, or "cross-site", shows another site's page.
"""

import secrets
from collections.abc import Mapping

from starlette.types import Scope

TOKEN_BYTES = 24
SAFE_METHODS = ("GET", "HEAD")


def create_token() -> str:
    """Return a new token for the workbench's own pages."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_token(candidate: str, token: str) -> bool:
    """Return whether a text is the token."""
    return secrets.compare_digest(candidate.encode(), token.encode())


def read_headers(scope: Scope) -> dict[str, str]:
    """Return the headers of a request by name in lower case; the values of a name are joined."""
    headers: dict[str, str] = {}
    for name, text in scope["headers"]:
        key, value = name.decode("latin-1"), text.decode("latin-1")
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def find_refusal(scope: Scope, authority: str) -> str:
    """Return why a request is refused, "" for a request that is not.

    `authority` is the only Host that is accepted, such as "127.0.0.1:8000".
    """
    headers = read_headers(scope)
    if not scope["raw_path"].startswith(b"/") or scope["raw_path"].startswith(b"//"):
        return "The target of a request is a path of this site."
    if headers.get("host") != authority:
        return f"This address is http://{authority}/ and has no other name."
    if is_foreign(headers, authority):
        return "Pages of other sites cannot send requests to this address."
    return ""


def is_foreign(headers: Mapping[str, str], authority: str) -> bool:
    """Return whether a page of another site sent a request."""
    if headers.get("sec-fetch-site") == "cross-site":
        return True
    return headers.get("origin", f"http://{authority}") != f"http://{authority}"
