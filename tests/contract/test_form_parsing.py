"""Parsing of forms and queries: repeated fields, raw bytes, percent signs, charsets, parts."""

from urllib.parse import quote, urlencode

import pytest

from bench.conformance.pictures import PNG
from tests.contract.expect import carries_security_headers, is_error_page, is_page, leads_to
from tests.contract.forms import BOUNDARY, URLENCODED, written
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.page import Page
from tests.contract.reply import Reply
from tests.contract.site import OwnDish, Site

REVIEW = pytest.mark.feature("write-a-review")
PHOTO = pytest.mark.feature("change-a-dishs-photo")
SEARCH = pytest.mark.feature("search-the-dishes")
CART = pytest.mark.feature("put-a-dish-in-the-cart")
SIGN_OUT = pytest.mark.feature("sign-out")
# The addresses of forms, with their features.
FORMS = {
    "/cart": "put-a-dish-in-the-cart",
    "/orders": "place-the-order",
    "/login": "sign-in",
    "/logout": "sign-out",
    "/dishes/1/reviews": "write-a-review",
}
# Names of Python codecs that are not character sets, and unknown names.
NO_CHARSETS = [
    "hex", "base64", "bz2", "zip", "zlib", "uu", "quopri", "rot13", "idna", "punycode", "undefined",
    "raw_unicode_escape", "unicode_escape", "charmap", "mbcs", "oem", "none", "x" * 500, "é", "%00",
    '""', "'", "utf-8;charset=hex", "../utf_8", "utf_8.py", "os",
]  # fmt: skip

AUTHOR = b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="author"\r\n'


def send_raw(guest: Guest, action: str, body: bytes, kind: str = URLENCODED) -> Reply:
    """Send a form of its CSRF fields and the given bytes."""
    csrf = urlencode(guest.csrf(action)).encode()
    headers = {"Content-Type": kind.encode(), "Referer": guest.origin + action}
    return guest.request("POST", action, {**headers, "Origin": guest.origin}, csrf + b"&" + body)


def review_text(guest: Guest, dish: OwnDish) -> str:
    """Return the newest review as one text."""
    return " ".join(is_page(guest.get(dish.page)).texts(".review")[0].split())


def refused_or(reply: Reply, *others: int) -> bool:
    """Check that a doubtful form was rejected or got an allowed status. Return whether rejected."""
    carries_security_headers(reply.headers)
    assert reply.status in (400, 403, 415, *others), reply.status
    if reply.status in (400, 403, 415):
        is_error_page(reply, reply.status)
    return reply.status not in others


@REVIEW
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param("Zoë Ψ 🍲".encode(), "Zoë Ψ 🍲", id="raw UTF-8"),
        pytest.param(b"100%", "100%", id="a percent sign at the end"),
        pytest.param(b"100%+rye", "100% rye", id="a percent sign inside"),
        pytest.param(b"%zz%4", "%zz%4", id="percent signs without digits"),
        pytest.param(b"%u00e9", "%u00e9", id="an escape of no standard"),
        pytest.param(b"x;y", "x;y", id="a semicolon"),
        pytest.param(b"x%3By", "x;y", id="an encoded semicolon"),
        pytest.param(b"x%26y%3Dz", "x&y=z", id="encoded separators"),
        pytest.param(b"x=y==", "x=y==", id="equals signs"),
        pytest.param(b"a%2Bb+c", "a+b c", id="a plus sign and a blank"),
        pytest.param(b"%c3%a9", "é", id="an encoded letter"),
        pytest.param(b"e%CC%81", "e\u0301", id="a letter and its accent apart"),
        pytest.param(b"\xef\xbb\xbfx", "\ufeffx", id="a byte order mark"),
    ],
)
@hardening(
    "forms",
    "a percent sign at the end",
    "a percent sign inside",
    "percent signs without digits",
    "an escape of no standard",
    "a semicolon",
    "equals signs",
)
@hardening("charsets", "raw UTF-8", "a byte order mark")
def test_a_field_is_read_as_the_standard_says(
    guest: Guest, dish: OwnDish, raw: bytes, text: str
) -> None:
    body = b"rating=5&author=" + raw + b"&body=Said: " + raw
    leads_to(send_raw(guest, f"{dish.page}/reviews", body), dish.page)
    shown = review_text(guest, dish)
    assert shown.startswith(f"{text} 5 of 5 Said: {text} ")


@REVIEW
def test_letters_past_ascii_are_kept_in_a_form_in_parts(guest: Guest, dish: OwnDish) -> None:
    action = f"{dish.page}/reviews"
    fields = {**guest.csrf(action), "author": "Zoë Ψ 🍲", "rating": "5", "body": "Süß"}
    leads_to(guest.post_bare(action, fields, files={}), dish.page)
    assert review_text(guest, dish).startswith("Zoë Ψ 🍲 5 of 5 Süß ")


@REVIEW
@hardening("forms")
def test_of_a_repeated_field_the_last_counts(guest: Guest, dish: OwnDish) -> None:
    body = b"author=First&rating=1&body=Said&author=Last&rating=5"
    leads_to(send_raw(guest, f"{dish.page}/reviews", body), dish.page)
    assert review_text(guest, dish).startswith("Last 5 of 5 ")


@REVIEW
@pytest.mark.parametrize("extra", ["author:list", "author[]", "author:method", ":method", "_method",
                                   ":action", "author:record", "__class__", "author.x", "self",
                                   "request", "dish_id", "id"])  # fmt: skip
@hardening("forms")
def test_a_field_of_another_name_changes_nothing(guest: Guest, dish: OwnDish, extra: str) -> None:
    body = urlencode({extra: "DELETE", "author": "Ida", "rating": "5", "body": "B"}).encode()
    leads_to(send_raw(guest, f"{dish.page}/reviews", body), dish.page)
    assert review_text(guest, dish).startswith("Ida 5 of 5 ")


@REVIEW
@pytest.mark.parametrize("charset", NO_CHARSETS, ids=lambda charset: charset[:30])
@hardening("charsets")
def test_a_form_of_a_charset_that_is_none_does_no_harm(
    guest: Guest, dish: OwnDish, charset: str
) -> None:
    kind = f"{URLENCODED}; charset={charset}"
    reply = send_raw(guest, f"{dish.page}/reviews", b"author=%C3%A9&rating=5&body=B", kind)
    if not refused_or(reply, 303):  # the parameter has no meaning: it may be ignored
        assert review_text(guest, dish).startswith("é 5 of 5 ")


@CART
@pytest.mark.parametrize("charset", NO_CHARSETS, ids=lambda charset: charset[:30])
@hardening("charsets")
def test_bytes_of_a_charset_that_is_none_are_refused(site: Site, charset: str) -> None:
    for body in (b"0", b"", b"\xff", b"=", b"a=%ff"):
        kind = f"{URLENCODED}; charset={charset}".encode()
        reply = site.program.request("POST", "/cart", {"Content-Type": kind}, body)
        assert refused_or(reply)


@REVIEW
@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp037"])
@hardening("charsets")
def test_a_form_of_another_charset_is_read_as_utf_8_or_refused(
    guest: Guest, dish: OwnDish, charset: str
) -> None:
    kind = f"{URLENCODED}; charset={charset}"
    reply = send_raw(guest, f"{dish.page}/reviews", b"author=%C3%A9&rating=5&body=B", kind)
    if not refused_or(reply, 303, 422) and reply.status == 303:
        assert review_text(guest, dish).startswith(("é 5 of 5 ", "Ã© 5 of 5 "))


@REVIEW
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "us-ascii"])
@hardening("charsets")
def test_a_form_that_says_utf_8_is_read(guest: Guest, dish: OwnDish, charset: str) -> None:
    kind = f"{URLENCODED}; charset={charset}"
    body = b"author=Ida&rating=5&body=B"
    leads_to(send_raw(guest, f"{dish.page}/reviews", body, kind), dish.page)


@SEARCH
@pytest.mark.parametrize(
    ("query", "words"),
    [
        pytest.param("q=soup&q=cake", "cake", id="twice"),
        pytest.param("q=soup&q=", "", id="twice, then blank"),
        pytest.param("q=a;course=main", "a;course=main", id="a semicolon"),
        pytest.param("q=100%", "100%", id="a percent sign at the end"),
        pytest.param("q=%zz", "%zz", id="a percent sign without digits"),
        pytest.param("q=a=b", "a=b", id="an equals sign"),
        pytest.param("q=a%26b", "a&b", id="an encoded ampersand"),
        pytest.param("q:int=abc&q=a", "a", id="a converter that fails"),
        pytest.param("q:list=b&q=a", "a", id="a converter to a list"),
        pytest.param("q:method=b&q=a", "a", id="a method"),
        pytest.param("q[]=b&q=a", "a", id="brackets"),
        pytest.param("Q=b&q=a", "a", id="capitals"),
        pytest.param("a&q=x", "x", id="a name without a value"),
        pytest.param("&&q=x&&", "x", id="separators without fields"),
        pytest.param("=y&q=x", "x", id="a value without a name"),
        pytest.param("self=1&request=2&dish_id=3&name=4&q=x", "x", id="names of arguments"),
    ],
)
@hardening(
    "forms",
    "twice",
    "twice, then blank",
    "a semicolon",
    "a percent sign at the end",
    "a percent sign without digits",
    "an equals sign",
    "a converter that fails",
    "a converter to a list",
    "a method",
    "brackets",
    "capitals",
    "a name without a value",
    "separators without fields",
    "a value without a name",
    "names of arguments",
)
def test_a_query_is_read_as_the_standard_says(site: Site, query: str, words: str) -> None:
    page = is_page(site.program.get(f"/dishes?{query}"))
    assert page.value("input[name=q]") == words
    listed = site.program.get(f"/api/dishes?{query}")
    assert listed.status == 200
    expected = site.program.get("/api/dishes", params={"q": words}).json()
    assert listed.json() == expected


@SEARCH
@pytest.mark.parametrize(
    "query",
    [
        "x:int=abc",
        "page:list=2",
        "page:int=2",
        "page[]=2",
        "Page=2",
        "page.x=2",
        ":page=2",
        "page:record=2",
        "page:ignore_empty=2",
    ],
)
@hardening("forms")
def test_a_converter_in_a_query_is_a_field_of_another_name(site: Site, query: str) -> None:
    asked = is_page(site.program.get(f"/dishes?{query}"))
    assert asked.texts(".dish h3") == is_page(site.program.get("/dishes")).texts(".dish h3")
    for path in ("/", "/dishes/1", "/cart", "/login", "/about"):
        is_page(site.program.get(f"{path}?{query}"))


@SIGN_OUT
@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data; boundary=other", "multipart/form-data", "multipart/form-data; boundary=",
     "multipart/form-data; boundary=\"", "multipart/mixed; boundary=x", "multipart/", "multipart",
     "multipart/form-data; boundary=é", "multipart/form-data; boundary=" + "x" * 5000, URLENCODED,
     "multipart/form-data;; boundary=x", "text/plain", "application/json"],
    ids=lambda kind: kind[:40],
)  # fmt: skip
@hardening("forms")
def test_a_form_without_a_body_is_refused(site: Site, kind: str) -> None:
    for length in ("", "0"):
        headers = {"Content-Type": kind.encode(), "Content-Length": length}
        reply = site.program.request("POST", "/logout", headers)
        assert refused_or(reply)


@CART
@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary="])
@hardening("forms")
def test_a_form_in_parts_without_a_boundary_is_refused(guest: Guest, kind: str) -> None:
    _, body = written(guest.csrf("/cart"), {})
    reply = guest.request("POST", "/cart", {"Content-Type": kind}, body)
    assert refused_or(reply)


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=pytest.mark.feature(FORMS[path])) for path in FORMS]
)
@pytest.mark.parametrize(
    "body",
    [b'[""]', b"1", b'"x"', b"null", b"{}", b"{", b"\xff", b"[" * 2000, b'{"csrf_token": [1]}'],
    ids=lambda body: body[:20].decode("latin-1"),
)
@hardening("json")
def test_a_document_is_no_form(guest: Guest, path: str, body: bytes) -> None:
    for kind in ("application/json", "Application/JSON; charset=utf-8"):
        assert refused_or(guest.request("POST", path, {"Content-Type": kind}, body))


def send_parts(guest: Guest, dish: OwnDish, *parts: bytes, kind: str = "") -> Reply:
    """Send a photo form that ends with the given bytes."""
    action = f"/kitchen{dish.page}/photo"
    whole, body = written(guest.csrf(action), {})
    end = b"--" + BOUNDARY + b"--\r\n"
    body = body.removesuffix(end)
    body += b"".join(b"--" + BOUNDARY + b"\r\n" + part + b"\r\n" for part in parts) + end
    seen_on = {"Referer": guest.origin + action, "Origin": guest.origin}
    return guest.request("POST", action, {"Content-Type": kind or whole, **seen_on}, body)


FILE = b'Content-Disposition: form-data; name="photo"; filename="p.png"\r\n'
PHOTO_PART = FILE + b"Content-Type: image/png\r\n\r\n" + PNG


@PHOTO
@pytest.mark.parametrize(
    "part",
    [
        pytest.param(b"Content-Disposition\r\n\r\nx", id="a header without a value"),
        pytest.param(b"Content-Disposition:\r\n\r\nx", id="a header with a blank value"),
        pytest.param(b"Content-Disposition", id="a header without a colon or an end"),
        pytest.param(b": form-data\r\n\r\nx", id="a header without a name"),
        pytest.param(b"\r\nx", id="no headers"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"X-Y: z\r\n\r\nx", id="no disposition"),
        pytest.param(b"Content-Disposition: form-data\r\n\r\nx", id="no name"),
        pytest.param(b"Content-Disposition: attachment; name=a\r\n\r\nx", id="another disposition"),
        pytest.param(b"Content-Disposition: ;;;=\r\n\r\nx", id="a disposition of signs"),
        pytest.param(b'Content-Disposition: form-data; name="a\r\n\r\nx', id="an open quote"),
        pytest.param(b"Content-Disposition: form-data; name=\xff\r\n\r\nx", id="a name of bytes"),
        pytest.param(b"Content-Disposition: form-data; name*=x''%z\r\n\r\nx", id="an odd charset"),
        pytest.param(b"A: " + b"x" * 100_000 + b"\r\n\r\nx", id="a header of 100,000 bytes"),
        pytest.param(FILE.strip() + b"; a=b" * 300_000 + b"\r\n\r\nx", id="300,000 parameters"),
        pytest.param(b"A: b\r\n" * 2000 + b"\r\nx", id="2,000 headers"),
        pytest.param(FILE + b"Content-Length: -1\r\n\r\nx", id="a negative length"),
        pytest.param(FILE + b"Content-Length: x\r\n\r\nx", id="a length that is no number"),
        pytest.param(FILE + b"Content-Transfer-Encoding: base64\r\n\r\n!", id="broken base64"),
        pytest.param(FILE + b"Content-Transfer-Encoding: x\r\n\r\nx", id="an unknown encoding"),
        pytest.param(FILE + b"Content-Type: ;\r\n\r\nx", id="a type of one sign"),
        pytest.param(FILE + b"Content-Type: \xff\r\n\r\nx", id="a type of no UTF-8"),
        pytest.param(b"Content-Disposition: form-data; name=a\r\nContent-Type: text/plain;"
                     b" charset=hex\r\n\r\nx", id="a charset that is none"),
        pytest.param(b"Content-Disposition: form-data; name=a\r\nContent-Type: text/plain;"
                     b" charset=idna\r\n\r\n\xff", id="a charset that refuses"),
        pytest.param(b"Content-Disposition: form-data; name=_charset_\r\n\r\nhex", id="_charset_"),
    ],
)  # fmt: skip
@hardening("forms")
def test_a_part_that_is_broken_does_no_harm(cook: Guest, dish: OwnDish, part: bytes) -> None:
    reply = send_parts(cook, dish, part)
    assert reply.status in (400, 403, 413, 415, 422)
    is_error_page(reply, reply.status)
    assert dish.now() == dish.taken


@PHOTO
@pytest.mark.parametrize("order", ["{0}; boundary={1}", "{1}; boundary={0}", "{1}; BOUNDARY={0}"])
@hardening("forms")
def test_a_long_header_of_a_part_takes_little_time_with_two_boundaries(
    cook: Guest, dish: OwnDish, order: str
) -> None:
    kind = "multipart/form-data; boundary=" + order.format("other", BOUNDARY.decode())
    part = FILE.strip() + b"; a=b" * 300_000 + b"\r\n\r\nx"
    reply = send_parts(cook, dish, part, kind=kind)
    assert reply.status in (400, 403, 413, 415, 422)
    is_error_page(reply, reply.status)
    assert dish.now() == dish.taken


@PHOTO
@pytest.mark.parametrize(
    "part",
    [
        pytest.param(
            b'Content-Disposition: form-data; name="photo"\r\n\r\ntext', id="a text after"
        ),
        pytest.param(PHOTO_PART, id="the file twice"),
        pytest.param(b'Content-Disposition: form-data; name="other"\r\n\r\nt', id="another field"),
    ],
)
@hardening("forms")
def test_a_field_after_the_photo_does_no_harm(cook: Guest, dish: OwnDish, part: bytes) -> None:
    reply = send_parts(cook, dish, PHOTO_PART, part)
    # The last field with a name counts; a framework may separate files and texts.
    if not refused_or(reply, 303, 422):
        assert (dish.now() != dish.taken) == (reply.status == 303)


@PHOTO
@pytest.mark.parametrize(
    "kind",
    [URLENCODED, "multipart/form-data; boundary=x", "multipart/mixed; boundary=x",
     "multipart/mixed", "text/plain; charset=hex", "message/rfc822", "application/json",
     "image/png; charset=idna",
     "multipart/form-data", "a/b/c", "x"],
)  # fmt: skip
@hardening("forms")
def test_the_type_of_a_photos_part_is_not_believed(cook: Guest, dish: OwnDish, kind: str) -> None:
    reply = send_parts(cook, dish, FILE + f"Content-Type: {kind}\r\n\r\n".encode() + PNG)
    if not refused_or(reply, 303, 422):
        assert (dish.now() != dish.taken) == (reply.status == 303)


@PHOTO
@pytest.mark.parametrize(
    "written_as",
    [
        pytest.param('multipart/form-data; boundary="{}"', id="in quotes, as .NET sends it"),
        pytest.param("multipart/form-data; Boundary={}", id="by a name in capitals"),
        pytest.param("multipart/form-data;boundary={}", id="without a blank"),
        pytest.param("multipart/form-data; charset=utf-8; boundary={}", id="after a charset"),
        pytest.param("multipart/form-data; boundary={}; charset=utf-8", id="before a charset"),
    ],
)
@hardening("forms")
def test_a_boundary_is_read_however_it_is_written(
    cook: Guest, dish: OwnDish, written_as: str
) -> None:
    kind = written_as.format(BOUNDARY.decode())
    leads_to(send_parts(cook, dish, PHOTO_PART, kind=kind), dish.page)
    assert dish.now()["photo"] != dish.taken["photo"]


@REVIEW
@pytest.mark.parametrize(
    "kind",
    [
        f"Multipart/Form-Data; Boundary={BOUNDARY.decode()}",
        f"MULTIPART/FORM-DATA; BOUNDARY={BOUNDARY.decode()}",
        f"multipart/Form-data;boundary={BOUNDARY.decode()}",
    ],
    ids=lambda kind: kind.partition("=")[0],
)
@hardening("forms")
def test_a_form_in_parts_may_be_written_in_capitals(guest: Guest, dish: OwnDish, kind: str) -> None:
    action = f"{dish.page}/reviews"
    fields = {**guest.csrf(action), "author": "Ida", "rating": "5", "body": "B"}
    _, body = written(fields, {})
    headers = {"Content-Type": kind, "Referer": guest.origin + action, "Origin": guest.origin}
    leads_to(guest.request("POST", action, headers, body), dish.page)
    assert review_text(guest, dish).startswith("Ida 5 of 5 B")


@REVIEW
@hardening("forms")
def test_a_form_of_100_other_parts_is_read(guest: Guest, dish: OwnDish) -> None:
    fields = {"author": "Ida", "rating": "5", "body": "B"}
    others = [(f"other{number}", (None, b"x")) for number in range(100)]
    leads_to(guest.post(f"{dish.page}/reviews", fields, others), dish.page)
    assert review_text(guest, dish).startswith("Ida 5 of 5 B")


@REVIEW
@pytest.mark.parametrize("kind", ["Application/X-WWW-Form-URLencoded", URLENCODED.upper()])
@hardening("forms")
def test_a_form_in_one_line_may_be_written_in_capitals(
    guest: Guest, dish: OwnDish, kind: str
) -> None:
    body = b"author=Ida&rating=5&body=B"
    leads_to(send_raw(guest, f"{dish.page}/reviews", body, kind), dish.page)
    assert review_text(guest, dish).startswith("Ida 5 of 5 B")


@REVIEW
@pytest.mark.parametrize(
    "left",
    [
        pytest.param(b"", id="after the token part"),
        pytest.param(b"--" + BOUNDARY, id="after a boundary"),
        pytest.param(b"--" + BOUNDARY + b"\r\n", id="after a boundary's line"),
        pytest.param(b"--" + BOUNDARY + b"\r\nContent-Disp", id="in the headers of a part"),
        pytest.param(AUTHOR, id="before a part's content"),
        pytest.param(AUTHOR + b"\r\nId", id="in a part's content"),
        pytest.param(AUTHOR + b"\r\nIda\r\n", id="after a part"),
        pytest.param(AUTHOR + b"\r\nIda\r\n--" + BOUNDARY + b"-", id="in the closing boundary"),
    ],
)
@hardening("forms")
def test_a_form_in_parts_that_is_cut_short_is_malformed(
    guest: Guest, dish: OwnDish, left: bytes
) -> None:
    action = f"{dish.page}/reviews"
    kind, body = written(guest.csrf(action), {})
    body = body.removesuffix(b"--" + BOUNDARY + b"--\r\n") + left
    headers = {"Content-Type": kind, "Referer": guest.origin + action, "Origin": guest.origin}
    is_error_page(guest.request("POST", action, headers, body), 400)


@PHOTO
@pytest.mark.parametrize("boundary", ["x", "'()+_,-./:=?", "a b", "0" * 70])
@hardening("forms")
def test_a_boundary_may_hold_every_sign_of_the_standard(
    cook: Guest, dish: OwnDish, boundary: str
) -> None:
    action = f"/kitchen{dish.page}/photo"
    _, body = written(cook.csrf(action), {"photo": ("p.png", PNG)})
    headers = {"Referer": cook.origin + action, "Origin": cook.origin}
    headers["Content-Type"] = f'multipart/form-data; boundary="{boundary}"'
    body = body.replace(BOUNDARY, boundary.encode())
    leads_to(cook.request("POST", action, headers, body), dish.page)


@SEARCH
@hardening("forms")
def test_a_field_in_the_body_of_a_search_does_not_count(site: Site) -> None:
    kind = {"Content-Type": URLENCODED}
    asked = site.program.request("GET", "/dishes?q=soup", kind, b"q=cake&page=2")
    assert Page(asked).value("input[name=q]") == "soup"


@SEARCH
def test_words_are_quoted_once_in_every_link(site: Site) -> None:
    for words in ("a%20b", "%2525", "+", "%", "a&b=c"):
        page = is_page(site.program.get(f"/dishes?q={quote(words, safe='')}&page=2"))
        back = str(page.one("nav.pages a[rel=prev]").attributes["href"])
        assert is_page(site.program.get(back)).value("input[name=q]") == words
