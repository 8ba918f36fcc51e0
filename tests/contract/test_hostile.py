"""Hostile requests: bytes that no browser sends, and their forbidden effects."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bench.conformance.pictures import MAX_PHOTO_BYTES
from tests.contract.expect import carries_security_headers, is_error_page
from tests.contract.guest import Guest
from tests.contract.house import House
from tests.contract.levels import hardening
from tests.contract.site import OwnDish, Site

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WRONG = pytest.mark.feature("show-what-went-wrong")
REFUSALS = (400, 404)
SHOWN = {
    "/": "show-the-menu",
    "/dishes": "search-the-dishes",
    "/dishes/1": "show-one-dish",
    "/dishes/1'": "show-one-dish",
    "/cart": "show-the-cart",
    "/login": "show-the-sign-in-form",
    "/kitchen": "show-the-kitchen",
    "/none": "show-what-went-wrong",
    "/static/site.css": "serve-a-static-file",
    "/api/dishes/1": "show-one-dish-to-a-program",
}


def no_failure(status: int) -> None:
    assert status < 500, f"the kitchen failed: {status}"


@WRONG
@pytest.mark.parametrize(
    "target",
    ["/dishes/%ff", "/orders/%c3%28", "/api/dishes/%ff", "/photos/%ff.png", "/static/%ff",
     "/%ed%a0%80", "/%c0%80", "/login%ff", b"/dishes/\xff", b"/dishes/\xc3\xa9"],
    ids=str,
)  # fmt: skip
@hardening("charsets")
def test_an_address_that_is_no_utf_8_is_refused(site: Site, target: str | bytes) -> None:
    assert site.ask(target).status in REFUSALS


@pytest.mark.feature("search-the-dishes")
@pytest.mark.parametrize(
    "query",
    ["q=%ff", "q=%ed%a0%80", "q=%c0%80", "q=%", "q=%zz", "q=%u0041", "&&&=&=", "q", "q=a&q=b",
     "q[]=a", "q=a;course=main", "course=%ff", "sort=%ff", "page=%ff", "page=1&page=x",
     "&".join(f"f{n}={n}" for n in range(2000)), "q=" + "%C3%9F" * 100],
    ids=lambda query: query[:16],
)  # fmt: skip
@hardening("forms")
def test_a_query_that_makes_no_sense_does_no_harm(site: Site, query: str) -> None:
    reply = site.program.get(f"/dishes?{query}")
    assert reply.status in (200, 400)
    assert site.program.get(f"/api/dishes?{query}").status in (200, 400)


@pytest.mark.feature("write-a-review")
@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(b"author=%ff&rating=5&body=b", id="bad UTF-8 in a text"),
        pytest.param(b"author=%ed%a0%80&rating=5&body=b", id="half a character"),
        pytest.param(b"author=\xff&rating=5&body=b", id="a raw byte"),
        pytest.param(b"author=a&rating=%ff&body=b", id="bad UTF-8 in a number"),
        pytest.param(b"author=a&author=b&rating=5&body=b", id="a field twice"),
        pytest.param(b"%ff=1&author=a&rating=5&body=b", id="bad UTF-8 in a name"),
        pytest.param(b"author", id="a name without a value"),
        pytest.param(b"&&&;;;===", id="signs only"),
        pytest.param(b"author=a&rating=5&body=%", id="a lone percent sign"),
        pytest.param(b"&".join(b"f%d=1" % n for n in range(2000)), id="2,000 fields"),
        pytest.param(b"author=a&rating=5&body=" + b"%00" * 1000, id="1,000 NULs"),
        pytest.param(b"x" * 500_000, id="a name of 500,000 characters"),
        pytest.param(b"body=" + b"x" * 1_500_000, id="a text of 1.5 million characters"),
        pytest.param(b"%" * 1_500_000, id="1.5 million percent signs"),
    ],
)
@hardening("forms")
def test_a_form_that_makes_no_sense_does_no_harm(
    guest: Guest, dish: OwnDish, fields: bytes
) -> None:
    action = f"{dish.page}/reviews"
    token = urlencode(guest.csrf(action)).encode()
    reply = guest.request("POST", action, FORM, token + b"&" + fields)
    no_failure(reply.status)
    carries_security_headers(reply.headers)
    assert guest.get(dish.page).status == 200


@pytest.mark.feature("write-a-review")
@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/json", "multipart/form-data", "multipart/form-data; boundary=",
     "multipart/form-data; boundary=" + "x" * 300, "application/x-www-form-urlencoded; charset=x",
     "a/b/c;;;", "multipart/form-data; boundary=x" + "; a=b" * 40_000],
    ids=lambda kind: kind[:40] or "none",
)  # fmt: skip
@hardening("forms")
def test_a_form_of_an_odd_type_does_no_harm(guest: Guest, dish: OwnDish, kind: str) -> None:
    body = b"author=a&rating=5&body=b"
    reply = guest.request("POST", f"{dish.page}/reviews", {"Content-Type": kind}, body)
    no_failure(reply.status)


@WRONG
@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "latin-1", "hex"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
@hardening("forms")
def test_many_fields_in_a_query_beside_a_charset_do_no_harm(
    site: Site, method: str, charset: str
) -> None:
    for kind in ("application/x-www-form-urlencoded", "application/json"):
        for path in ("/dishes", "/cart", "/none", "/api/dishes/1"):
            headers = {"Content-Type": f"{kind}; charset={charset}"}
            reply = site.program.request(method, f"{path}?{'a=1&' * 1500}", headers, b"")
            no_failure(reply.status)
            carries_security_headers(reply.headers)


@pytest.mark.feature("change-a-dishs-photo")
@pytest.mark.parametrize("parts", [50, 1850, 2000])
@pytest.mark.parametrize("name", [None, "x.png"], ids=["texts", "files"])
@hardening("limits")
def test_a_form_of_many_parts_does_no_harm(
    cook: Guest, dish: OwnDish, name: str | None, parts: int
) -> None:
    files = [("other", (name, b"x"))] * parts
    action = f"/kitchen{dish.page}/photo"
    reply = cook.post_bare(action, cook.csrf(action), files=files)
    is_error_page(reply, reply.status)
    assert reply.status in (400, 403, 413, 422)
    assert dish.now() == dish.taken


@pytest.mark.feature("change-a-dishs-photo")
@pytest.mark.parametrize("name", [None, "x.png"], ids=["texts", "files"])
@hardening("limits")
def test_a_form_of_more_parts_than_files_may_be_open_does_no_harm(
    cook: Guest, dish: OwnDish, house: House, name: str | None
) -> None:
    files = [("other", (name, b"x"))] * 900
    action = f"/kitchen{dish.page}/photo"
    token = cook.csrf(action)
    with few_open_files(house):
        reply = cook.post_bare(action, token, files=files)
    is_error_page(reply, reply.status)
    assert reply.status in (400, 403, 413, 422)
    assert dish.now() == dish.taken


@contextmanager
def few_open_files(house: House, spare: int = 60) -> Iterator[None]:
    """Limit the host to a number of open files above its current number."""
    pid = house.host.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    highest = max(int(path.name) for path in Path(f"/proc/{pid}/fd").iterdir())
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + spare, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


@pytest.mark.feature("change-a-dishs-photo")
@pytest.mark.parametrize("size_bytes", [70_000, 600_000, 1_500_000, 2_500_000])
@hardening("limits")
def test_a_large_field_beside_a_photo_does_no_harm(
    cook: Guest, dish: OwnDish, size_bytes: int
) -> None:
    action = f"/kitchen{dish.page}/photo"
    files = [("other", (None, b"x" * size_bytes))]
    reply = cook.post_bare(action, cook.csrf(action), files=files)
    is_error_page(reply, reply.status)
    assert reply.status in ((413,) if size_bytes > MAX_PHOTO_BYTES else (400, 403, 413, 422))
    assert dish.now() == dish.taken


@pytest.mark.feature("sign-in")
@hardening("charsets")
def test_a_sign_in_of_bad_bytes_is_refused(guest: Guest) -> None:
    token = urlencode(guest.csrf("/login")).encode()
    for fields in (b"&username=%ff&password=%ff", b"&username=%ed%a0%80&password=%00"):
        reply = guest.request("POST", "/login", FORM, token + fields)
        assert reply.status in (400, 401)


@WRONG
@pytest.mark.parametrize(
    "header",
    ["Cookie: " + "a=b; " * 2000, "Accept: " + "a/b," * 2000, "If-None-Match: " + '"x",' * 2000,
     "X: \xff\xfe", "Content-Type: \xff", "Authorization: Bearer \xff", "Range: bytes=-1-1",
     "If-Modified-Since: \xff", "Accept-Language: " + "x" * 5000, "Host: \xff"],
    ids=lambda header: header[:24],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/dishes/1", "/static/site.css", "/api/dishes/1"])
@hardening("limits")
def test_an_odd_header_does_no_harm(site: Site, path: str, header: str) -> None:
    name, text = header.split(": ")
    no_failure(site.program.get(path, {name: text.encode("latin-1")}).status)


@WRONG
@pytest.mark.parametrize("name", ["Cookie", "Accept", "Authorization", "If-None-Match", "Range"])
@pytest.mark.parametrize("piece", ["*", ",", '"', "\\", "=", "a "])
@hardening("limits")
def test_a_header_of_one_repeated_piece_takes_little_time(
    site: Site, name: str, piece: str
) -> None:
    text = (piece * 200_000)[:200_000]  # waitress accepts headers of 256 KiB in all
    for path in ("/dishes/1", "/static/site.css"):
        no_failure(site.program.get(path, {name: text}).status)


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=pytest.mark.feature(SHOWN[path])) for path in SHOWN]
)
@pytest.mark.parametrize(
    "document",
    [
        b"[" * 10_000,
        b'{"a":' * 20_000,
        b"{",
        b"1",
        b"\xff",
        b'{"q": "soup"}',
        "{}".encode("utf-16"),
    ],
    ids=["deep lists", "deep objects", "half", "a number", "no UTF-8", "a field", "UTF-16"],
)
@hardening("json")
def test_a_document_in_the_body_of_a_get_does_not_count(
    site: Site, path: str, document: bytes
) -> None:
    expected = site.program.get(path)
    for kind in ("application/json", "application/json; charset=undefined"):
        reply = site.program.request("GET", path, {"Content-Type": kind}, document)
        assert reply.status == expected.status
        assert reply.headers.get("Content-Type") == expected.headers.get("Content-Type")


@WRONG
def test_nothing_of_an_address_becomes_a_header(site: Site) -> None:
    for target in ("/%0d%0aEvil:%201", "/login?next=%0d%0aEvil:%201", "/dishes?q=%0d%0aEvil:1"):
        assert "evil" not in site.ask(target).headers


@WRONG
@hardening("addresses")
def test_a_host_nobody_knows_is_not_believed(site: Site) -> None:
    reply = site.ask("/kitchen", host="evil.example")
    assert reply.status in (303, 400)
    body = reply.content.decode("utf-8", "replace")
    assert "evil.example" not in body


@WRONG
@pytest.mark.parametrize(
    "head",
    [b'Content-Disposition: form-data; name="x', b"Content-Disposition: form-data", b"X: y", b""],
)
@hardening("forms")
def test_a_part_without_a_name_and_no_token_are_refused(site: Site, head: bytes) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=B"}
    body = b"--B\r\n" + head + b"\r\n\r\nx\r\n--B--\r\n"
    assert site.program.request("POST", "/orders", form, body).status in (400, 403)


@WRONG
@pytest.mark.parametrize("host", [":", ":80", "x:y", "*", "%", "evil.example?"])
@hardening("addresses")
def test_a_host_that_is_none_changes_no_page(site: Site, host: str) -> None:
    assert site.ask("/health", host=host).status in (200, 400)


@WRONG
@pytest.mark.parametrize("host", [".", "a b", "[", "x:y"])
@pytest.mark.parametrize("target", ["2", "/dishes?\xff", "/none", "/photos/none.png"])
@hardening("addresses")
def test_a_host_that_is_none_is_no_failure_beside_another_fault(
    site: Site, host: str, target: str
) -> None:
    for method in ("GET", "POST", "NONE"):
        reply = site.ask(target.encode("latin-1"), method, host=host)
        assert reply.status in (200, 400, 403, 404, 405, 501)
