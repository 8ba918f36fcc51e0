"""Static files: type and validators; no other file of the disk is served."""

import pytest

from tests.contract.expect import is_error_page
from tests.contract.guest import Guest
from tests.contract.house import SECRET, House
from tests.contract.levels import hardening
from tests.contract.site import Site

pytestmark = pytest.mark.feature("serve-a-static-file")
TYPES = {
    "site.css": ("text/css",),
    "site.js": ("text/javascript", "application/javascript"),
    "favicon.svg": ("image/svg+xml",),
    "dishes/leek-soup.svg": ("image/svg+xml",),
    "problems.json": ("application/json",),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_file_is_served_with_its_type(guest: Guest, name: str) -> None:
    reply = guest.get(f"/static/{name}")
    assert reply.status == 200
    assert reply.headers["Content-Type"].partition(";")[0] in TYPES[name]


@pytest.mark.parametrize("query", ["path=problems.json", "name=problems.json", "filename=x", "v=2"])
@hardening("identifiers")
def test_the_address_alone_says_which_file(guest: Guest, query: str) -> None:
    reply = guest.get(f"/static/site.css?{query}")
    assert reply.status == 200
    assert reply.content == guest.get("/static/site.css").content


@pytest.mark.parametrize("name", TYPES)
def test_a_file_arrives_whole(guest: Guest, house: House, name: str) -> None:
    content = guest.get(f"/static/{name}").content
    if house.larder is None:
        pytest.skip("needs to know the folder: not with --app")
    assert content == (house.folder / "static" / name).read_bytes()


@pytest.mark.parametrize(
    ("condition", "validator"),
    [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")],
)
def test_a_guest_who_holds_a_file_is_not_sent_it_again(
    guest: Guest, condition: str, validator: str
) -> None:
    first = guest.get("/static/site.css")
    assert "ETag" in first.headers or "Last-Modified" in first.headers
    if validator in first.headers:
        again = guest.get("/static/site.css", headers={condition: first.headers[validator]})
        assert (again.status, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/static/site.css", "/api/openapi.json"])
@pytest.mark.parametrize("date", [None, "Thu, 01 Jan 1998 00:00:00 GMT"])
@hardening("conditions")
def test_any_version_is_this_one(guest: Guest, path: str, date: str | None) -> None:
    dates = {"If-Modified-Since": date} if date else {}
    reply = guest.get(path, headers={"If-None-Match": "*", **dates})
    assert (reply.status, reply.content) == (304, b"")


@hardening("conditions")
def test_a_tag_goes_before_a_date(guest: Guest) -> None:
    date = guest.get("/static/site.css").headers.get("Last-Modified")
    dates = {"If-Modified-Since": date} if date else {}
    reply = guest.get("/static/site.css", headers={"If-None-Match": '"another"', **dates})
    assert reply.status == 200


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("If-None-Match", '"another"'),
        ("If-None-Match", '"*"'),
        ("If-Modified-Since", "Thu, 01 Jan 1998 00:00:00 GMT"),
        ("If-Modified-Since", "yesterday"),
        ("If-Modified-Since", "Thu, 99 Foo 2026 99:99:99 GMT"),
    ],
)
@hardening(
    "conditions",
    'If-None-Match-"*"',
    "If-Modified-Since-yesterday",
    "If-Modified-Since-Thu, 99 Foo 2026 99:99:99 GMT",
)
def test_a_guest_who_holds_another_file_is_sent_this_one(
    guest: Guest, condition: str, value: str
) -> None:
    reply = guest.get("/static/site.css", headers={condition: value})
    assert reply.status == 200
    assert reply.content


@hardening("thrift")
def test_a_static_file_takes_no_query(site: Site) -> None:
    cookie = {"Cookie": f"larder_session={site.cook.token}"}
    reply = site.program.get("/static/site.css", headers=cookie)
    assert reply.headers["Server-Timing"].endswith('desc="0 queries"')


@pytest.mark.parametrize(
    "name",
    [
        "none.css",
        "dishes/none.svg",
        "site.css%00",
        "site.css%0A",
        "site.css%5C",
        "%5Csite.css",
        "%C3%A9",
        pytest.param("a" * 300, id="300 letters"),
        "%20",
        "%25",
    ],
)
@hardening(
    "identifiers",
    "site.css%00",
    "site.css%0A",
    "site.css%5C",
    "%5Csite.css",
    "%C3%A9",
    "300 letters",
    "%20",
    "%25",
)
def test_a_file_that_is_not_there_is_not_found(guest: Guest, name: str) -> None:
    is_error_page(guest.get(f"/static/{name}"), 404)


@pytest.mark.parametrize("folder", ["", "dishes", "dishes/", ".", "..", "dishes/."])
def test_a_folder_is_not_listed(site: Site, folder: str) -> None:
    reply = site.ask(f"/static/{folder}")
    assert reply.status in (301, 302, 303, 307, 308, 400, 403, 404)
    assert b"leek-soup" not in reply.content


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/static/../secret.txt", id="dots"),
        pytest.param("/static/dishes/../../secret.txt", id="dots further in"),
        pytest.param("/static/%2e%2e/secret.txt", id="encoded dots"),
        pytest.param("/static/%2E%2E/secret.txt", id="dots encoded in capitals"),
        pytest.param("/static/..%2fsecret.txt", id="an encoded slash"),
        pytest.param("/static/%2e%2e%2fsecret.txt", id="dots and slash encoded"),
        pytest.param("/static/%252e%252e/secret.txt", id="dots encoded twice"),
        pytest.param("/static/..\\secret.txt", id="a backslash"),
        pytest.param("/static/..%5csecret.txt", id="an encoded backslash"),
        pytest.param("/static/.../secret.txt", id="three dots"),
        pytest.param("/static/....//secret.txt", id="four dots"),
        pytest.param("/static/../static-old/secret.txt", id="a sibling by dots"),
        pytest.param("/static/%2e%2e/static-old/secret.txt", id="a sibling by encoded dots"),
        pytest.param("/static/..%2fstatic-old%2fsecret.txt", id="a sibling by an encoded slash"),
        pytest.param(
            "/static/dishes%252f..%252f..%252fstatic-old%252fsecret.txt",
            id="a sibling by slashes encoded twice",
        ),
        pytest.param("/static-old/secret.txt", id="a sibling by its name"),
        pytest.param("/staticfiles/secret.txt", id="a sibling whose name goes on"),
        pytest.param("/static//etc/passwd", id="an absolute path"),
        pytest.param("/static/%2fetc/passwd", id="an absolute path encoded"),
        pytest.param("//static/../secret.txt", id="two slashes before it"),
        pytest.param("/static/dishes/..%00/secret.txt", id="dots and a NUL"),
        pytest.param("/static/%c0%ae%c0%ae/secret.txt", id="overlong dots"),
        pytest.param("/static/~root/.bashrc", id="a home"),
    ],
)
@hardening("charsets", "overlong dots")
def test_nothing_outside_the_folder_is_served(site: Site, target: str) -> None:
    reply = site.ask(target)
    assert reply.status in (301, 302, 303, 307, 308, 400, 403, 404)
    assert SECRET.encode() not in reply.content
    assert b"root:" not in reply.content


def test_a_file_cannot_be_written(site: Site) -> None:
    before = site.program.get("/static/site.css").content
    for method in ("PUT", "DELETE"):
        site.program.request(method, "/static/site.css", body=b"no style")
    assert site.program.get("/static/site.css").content == before


@hardening("methods")
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_method_that_would_write_a_file_is_refused(site: Site, method: str) -> None:
    assert site.program.request(method, "/static/site.css").status in (403, 404, 405)
