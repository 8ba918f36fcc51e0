"""Headers with bytes that are not allowed, or that are not UTF-8."""

import pytest

from tests.contract.expect import carries_security_headers
from tests.contract.levels import hardening
from tests.contract.site import Site

PATHS = {
    "/": "show-the-menu",
    "/dishes": "search-the-dishes",
    "/dishes/1": "show-one-dish",
    "/about": "tell-how-a-request-travels",
    "/api/dishes/1": "show-one-dish-to-a-program",
    "/static/site.css": "serve-a-static-file",
    "/photos/": "serve-a-photo",
}
TEXTS = {
    "If-None-Match": [b"\xff", b'"\xff"', b'W/"\xe9", "\xc3\xa9"', b"\x01", b'"\x7f"', b'"a\x00b"'],
    "If-Match": [b"\xff", b'"\xff"', b'W/"\xe9", "\xc3\xa9"', b"\x01", b'"\x7f"', b'"a\x00b"'],
    "Accept": [b"\xff", b"text/html;q=\xff", b"\xc3\xa9/\xe9, */*", b"\x01", b"text/\x7f, */*"],
    "User-Agent": [b"\xff", b"Caf\xe9/1 (\xc3\xa9; \xed\xa0\x80)", b"\x01", b"a\x7fb", b"a\x00b"],
    "Referer": [b"\xff", b"http://127.0.0.1/\xe9?\xc3\xa9", b"\x01", b"/\x7f", b"http://[\xff"],
    "Accept-Language": [b"\xff", b"\xe9;q=\xff", b"\x01"],
    "X-Forwarded-For": [b"\xff", b"\x01"],
}


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=pytest.mark.feature(PATHS[path])) for path in PATHS]
)
@pytest.mark.parametrize("header", TEXTS)
@hardening("limits")
def test_odd_bytes_in_a_header_change_nothing(
    site: Site, there: dict[str, str], path: str, header: str
) -> None:
    address = path + there["photo"] if path == "/photos/" else path
    # A tag of odd bytes is a tag of no file: a site that supports If-Match answers 412.
    right = (200, 400, 412) if header == "If-Match" else (200, 400)
    usual = site.program.get(address).headers["Content-Type"]
    for text in TEXTS[header]:
        reply = site.program.get(address, headers={header: text})
        assert reply.status in right, f"{text!r}: {reply.status}"
        if reply.status == 200:
            assert reply.headers["Content-Type"] == usual
            carries_security_headers(reply.headers)
