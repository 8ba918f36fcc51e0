"""Ranges and dates of static files and photos (RFC 9110, sections 13 and 14)."""

import pytest

from tests.contract.expect import carries_security_headers, is_error_page
from tests.contract.guest import Guest
from tests.contract.levels import hardening
from tests.contract.reply import Reply
from tests.contract.site import Site

STATIC = pytest.mark.feature("serve-a-static-file")
PHOTO = pytest.mark.feature("serve-a-photo")
FILES = [pytest.param("a static file", marks=STATIC), pytest.param("a photo", marks=PHOTO)]
NO_DATES = [
    pytest.param("Thu, 01 Jan 99999 00:00:00 GMT", id="a year of five digits"),
    pytest.param("Thu, 01 Jan 99999999999999999999 00:00:00 GMT", id="a year of twenty digits"),
    pytest.param("Thu, 01 Jan 0000 00:00:00 GMT", id="the year 0"),
    pytest.param("Thu, 01 Jan -001 00:00:00 GMT", id="a negative year"),
    pytest.param("Thu, 32 Jan 2020 00:00:00 GMT", id="the 32nd of January"),
    pytest.param("Thu, 01 Jän 2020 00:00:00 GMT", id="a month of another language"),
    pytest.param("Thu, 01 Jan 2020 99:99:99 GMT", id="the hour 99"),
    pytest.param("Thu, 01 Jan 2020 00:00:00 +9999999999999999999999", id="a huge time zone"),
    pytest.param("Thu, 01 Jan 2020 00:00:00 +9900", id="a time zone of 99 hours"),
    pytest.param("0", id="zero"),
    pytest.param("9" * 400, id="400 digits"),
    pytest.param(" ", id="a blank"),
    pytest.param(",;,;", id="signs only"),
]


@pytest.fixture
def address(request: pytest.FixtureRequest, there: dict[str, str]) -> str:
    """The address of a file of the kind in the clause's id."""
    photo = f"/photos/{there['photo']}"
    return {"a static file": "/static/site.css", "a photo": photo}[request.param]


def is_whole(reply: Reply, whole: Reply) -> None:
    assert reply.status == 200, f"{reply.status} instead of 200"
    assert reply.content == whole.content
    carries_security_headers(reply.headers)


@pytest.mark.parametrize("address", FILES, indirect=True)
@pytest.mark.parametrize("date", NO_DATES)
@hardening("conditions")
def test_a_date_that_no_calendar_holds_is_ignored(guest: Guest, address: str, date: str) -> None:
    whole = guest.get(address)
    is_whole(guest.get(address, headers={"If-Modified-Since": date}), whole)


@pytest.mark.parametrize("address", FILES, indirect=True)
@pytest.mark.parametrize("date", NO_DATES)
@hardening("conditions")
def test_a_range_that_depends_on_no_date_is_ignored(guest: Guest, address: str, date: str) -> None:
    whole = guest.get(address)
    is_whole(guest.get(address, headers={"Range": "bytes=0-3", "If-Range": date}), whole)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/", marks=pytest.mark.feature("show-the-menu")),
        pytest.param("/dishes", marks=pytest.mark.feature("search-the-dishes")),
        pytest.param("/dishes/1", marks=pytest.mark.feature("show-one-dish")),
        pytest.param("/api/dishes/1", marks=pytest.mark.feature("show-one-dish-to-a-program")),
        pytest.param("/api/openapi.json", marks=pytest.mark.feature("describe-the-programs-side")),
    ],
)
@pytest.mark.parametrize("date", NO_DATES)
@hardening("conditions")
def test_a_page_is_shown_whatever_date_is_asked_for(site: Site, path: str, date: str) -> None:
    for header in ("If-Modified-Since", "If-Range", "Date"):
        assert site.program.get(path, headers={header: date}).status == 200


@pytest.mark.parametrize("address", FILES, indirect=True)
@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=-", "bytes=--5", "bytes=5-1", "bytes=", "bytes", "=", "bytes=a-b", "bytes=1",
        "bytes=+0-+5", "bytes=0x0-0x5", "bytes=1_0-2_0", "bytes=٠-٥", "bytes=0-5-9", "bytes=0--5",
        "lines=0-5", "bytes 0-5", "bytes=0-,x", "bytes= - ", "bytes=-1-1", "bytes=1.0-2.0",
    ],
)  # fmt: skip
@hardening("conditions")
def test_a_range_that_is_none_is_ignored(guest: Guest, address: str, wanted: str) -> None:
    whole = guest.get(address)
    is_whole(guest.get(address, headers={"Range": wanted}), whole)


@pytest.mark.parametrize("address", FILES, indirect=True)
@pytest.mark.parametrize("digits", [8, 20, 5000])
@hardening("conditions")
def test_a_suffix_longer_than_the_file_is_the_whole_file(
    guest: Guest, address: str, digits: int
) -> None:
    whole = guest.get(address)
    reply = guest.get(address, headers={"Range": f"bytes=-{'9' * digits}"})
    assert reply.status in (200, 206)
    assert reply.content == whole.content
    carries_security_headers(reply.headers)


@pytest.mark.parametrize("address", FILES, indirect=True)
@pytest.mark.parametrize("wanted", ["bytes={}-", "bytes=0-{}", "bytes=-{}"])
@hardening("conditions")
def test_a_range_of_5000_digits_beside_a_date_does_no_harm(
    guest: Guest, address: str, wanted: str
) -> None:
    date = "Fri, 01 Jan 2100 00:00:00 GMT"
    headers = {"Range": wanted.format("9" * 5000), "If-Modified-Since": date}
    assert guest.get(address, headers=headers).status in (200, 206, 304, 416)


@pytest.mark.parametrize("address", FILES, indirect=True)
@pytest.mark.parametrize("wanted", ["bytes=0-3", "bytes=2-", "bytes=-4", "bytes=1-99999999"])
@hardening("conditions")
def test_a_range_is_the_bytes_it_says(guest: Guest, address: str, wanted: str) -> None:
    whole = guest.get(address).content
    reply = guest.get(address, headers={"Range": wanted})
    carries_security_headers(reply.headers)
    if reply.status == 200:  # a server may ignore ranges
        assert reply.content == whole
        return
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    start = int(first) if first else len(whole) - int(last)
    end = min(int(last), len(whole) - 1) if first and last else len(whole) - 1
    assert reply.status == 206
    assert reply.content == whole[start : end + 1]
    assert reply.headers["Content-Range"] == f"bytes {start}-{end}/{len(whole)}"


@pytest.mark.parametrize("address", FILES, indirect=True)
@pytest.mark.parametrize("wanted", ["bytes=0-3", "bytes=2-", "bytes=-4", "bytes=1-99999999"])
@hardening("conditions")
def test_a_site_that_serves_ranges_serves_each_kind(
    guest: Guest, address: str, wanted: str
) -> None:
    one_byte = guest.get(address, headers={"Range": "bytes=0-0"})  # 200 where ranges are ignored
    reply = guest.get(address, headers={"Range": wanted})
    assert reply.status == one_byte.status


@pytest.mark.parametrize("address", FILES, indirect=True)
@pytest.mark.parametrize("past", [0, 1, 10**6, 10**30])
@hardening("conditions")
def test_a_range_past_the_end_is_refused_with_the_length(
    guest: Guest, address: str, past: int
) -> None:
    size = len(guest.get(address).content)
    reply = guest.get(address, headers={"Range": f"bytes={size + past}-"})
    if reply.status == 200:  # a server may ignore ranges
        assert len(reply.content) == size
        return
    is_error_page(reply, 416)
    assert reply.headers["Content-Range"] == f"bytes */{size}"
    # An error reply must not be cached as long as the file.
    missing = guest.get("/none").headers.get_list("Cache-Control")
    assert reply.headers.get_list("Cache-Control") == missing
    carries_security_headers(reply.headers)


@pytest.mark.parametrize("address", FILES, indirect=True)
@pytest.mark.parametrize(
    "wanted", ["bytes=0-1,3-4", "bytes=0-0,-1", "bytes=" + "0-1," * 500 + "0-1"]
)
@hardening("conditions")
def test_several_ranges_do_no_harm(guest: Guest, address: str, wanted: str) -> None:
    size = len(guest.get(address).content)
    reply = guest.get(address, headers={"Range": wanted})
    assert reply.status in (200, 206, 400, 416)
    assert len(reply.content) < size + 100_000
    carries_security_headers(reply.headers)


@pytest.mark.parametrize("address", FILES, indirect=True)
@pytest.mark.parametrize(
    "validator",
    [
        *('"another"', 'W/"another"', "Thu, 01 Jan 1998 00:00:00 GMT"),
        pytest.param("Thu, 01 Jan 2099 00:00:00 GMT", id="a later date"),
        pytest.param("W/{etag}", id="the file's own tag as a weak one"),
        pytest.param("{etag}, {etag}", id="the file's own tag twice"),
    ],
)
@hardening("conditions")
def test_a_range_of_another_version_is_the_whole_file(
    guest: Guest, address: str, validator: str
) -> None:
    whole = guest.get(address)
    condition = validator.replace("{etag}", whole.headers.get("ETag", '"none"'))
    is_whole(guest.get(address, headers={"Range": "bytes=0-3", "If-Range": condition}), whole)


@pytest.mark.parametrize("address", FILES, indirect=True)
@hardening("conditions")
def test_a_reply_not_modified_has_no_other_type(guest: Guest, address: str) -> None:
    first = guest.get(address)
    conditions = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
    for condition, validator in conditions.items():
        if validator in first.headers:
            again = guest.get(address, headers={condition: first.headers[validator]})
            assert again.status == 304
            types = again.headers.get_list("Content-Type")
            assert types in ([], first.headers.get_list("Content-Type"))
            assert again.headers.get_list("Cache-Control") == first.headers.get_list(
                "Cache-Control"
            )
