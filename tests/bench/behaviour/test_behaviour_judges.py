"""Tests of the predicates for ranges, redirects, 304s and targets, on replies made by hand."""

import pytest

from bench.behaviour.evaluate import fill_placeholders
from bench.behaviour.http_response import Reply
from bench.behaviour.normalize import normalize_text
from bench.behaviour.probes import forwarding, ranges, redirects, targets, validators

FILE = b"0123456789" * 10
WHOLE = Reply(200, (("ETag", '"a"'), ("Cache-Control", "no-cache"), ("Vary", "Cookie")), FILE)
PARTS = Reply(206, (("Content-Type", "multipart/byteranges; boundary=x"),), b"--x")


def part(content_range, body, status=206):
    return Reply(status, (("Content-Range", content_range),), body)


@pytest.mark.parametrize(
    ("reply", "is_part"),
    [
        (part("bytes 0-9/100", FILE[:10]), True),
        (part("bytes 0-9/*", FILE[:10]), True),
        (part("bytes 90-99/100", FILE[90:]), True),
        (part("bytes 0-9/100", FILE[:9]), False),
        (part("bytes 1-10/100", FILE[:10]), False),
        (part("bytes 0-100/100", FILE), False),
        (part("bytes 105-99/100", b""), False),
        (part("bytes 100-99/100", b""), False),
        (Reply(206, (), FILE[:10]), False),
        (PARTS, True),
        (Reply(206, (*PARTS.headers, ("Content-Range", "bytes 0-1/100")), b"--x"), False),
        (WHOLE, None),
    ],
)
def test_a_partial_reply_must_hold_the_bytes_that_it_names(reply, is_part):
    assert ranges.is_part([WHOLE, reply]) is is_part


@pytest.mark.parametrize(
    ("judge", "reply", "meets"),
    [
        (ranges.is_whole_or_sized_416, part("bytes */100", b"", 416), True),
        (ranges.is_whole_or_sized_416, Reply(416), False),
        (ranges.is_whole_or_sized_416, part("bytes */99", b"", 416), False),
        (ranges.is_whole_or_sized_416, WHOLE, True),
        (ranges.is_whole_or_416, Reply(416), True),
        (ranges.is_whole_or_416, part("bytes 0-99/100", FILE), False),
        (ranges.is_whole_or_refused, Reply(400), True),
        (ranges.is_whole_or_refused, Reply(500), False),
        (ranges.is_whole_or_refused, part("bytes 0-9/100", FILE[:10]), False),
        (ranges.is_whole_or_long_part, part("bytes 0-99/100", FILE), True),
        (ranges.is_whole_or_long_part, part("bytes 0-100/100", FILE), False),
        (ranges.is_whole_or_long_part, Reply(416), False),
        (ranges.is_whole, Reply(200, (), FILE[:50]), False),
        (ranges.is_not_amplified, Reply(206, (), FILE * 3), False),
        (ranges.is_not_amplified, Reply(416), True),
        (ranges.is_whole_or_part, Reply(416), False),
    ],
)
def test_a_predicate_judges_a_reply_to_a_range(judge, reply, meets):
    assert judge([WHOLE, reply]) is meets


def test_an_outcome_does_not_depend_on_the_size_of_the_file():
    smaller = Reply(200, (), FILE[:80])
    words = ranges.describe_range([WHOLE, part("bytes 0-99/100", FILE)])
    assert words == "206, bytes 0-LAST/SIZE, the whole file"
    assert ranges.describe_range([smaller, part("bytes 0-79/80", FILE[:80])]) == words


def test_a_validator_probe_applies_only_with_a_validator():
    probe = next(probe for probe in ranges.PROBES if probe.id == "if-range-weak-tag")
    again = part("bytes 0-9/100", FILE[:10])
    assert probe.meets([WHOLE, again]) is False
    for etag, words in ((None, "no ETag"), ("a", "the ETag is not quoted")):
        first = Reply(200, (("ETag", etag),) if etag else (), FILE)
        assert probe.meets([first, again]) is None
        assert probe.describe([first, again]) == words


@pytest.mark.parametrize(
    ("location", "stays"),
    [
        ("/.//evil.example/", True),
        ("http://localhost:8000//evil.example/", True),
        ("//evil.example/", False),
        ("/\\evil.example/", False),
        ("https://evil.example/", False),
        ("http://localhost:8000.evil.example/", False),
        ("javascript:alert(1)", False),
        (None, None),
    ],
)
def test_a_location_is_resolved_as_browsers_resolve_it(location, stays):
    fields = () if location is None else (("Location", location),)
    assert redirects.stays_on_site([Reply(302, fields)]) is stays


def not_modified(*fields):
    return Reply(304, fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (WHOLE.headers, "304, nothing is missing"),
        (WHOLE.headers[:1], "304, no Cache-Control, no Vary"),
        ((*WHOLE.headers[1:], ("ETag", '"b"')), "304, another ETag"),
    ],
)
def test_missing_fields_of_a_304_are_named(fields, words):
    replies = [WHOLE, not_modified(*fields)]
    assert validators.describe_repeated_fields(replies) == words
    assert validators.has_repeated_fields(replies) is words.endswith("nothing is missing")


def test_a_304_must_have_no_type_and_no_other_length():
    typed = not_modified(("Content-Type", "text/css"))
    assert validators.has_no_type([WHOLE, typed]) is False
    assert validators.has_no_type([WHOLE, not_modified()]) is True
    assert validators.has_no_type([WHOLE, WHOLE]) is None
    for length, meets in (("0", False), ("100", True)):
        reply = not_modified(("Content-Length", length))
        assert validators.has_no_other_length([WHOLE, reply]) is meets
    assert validators.has_no_other_length([WHOLE, not_modified()]) is True


def test_an_obsolete_date_is_compared_with_todays_form():
    judge = validators.counts_like_fixed_form
    assert judge([WHOLE, Reply(304), Reply(304)]) is True
    assert judge([WHOLE, Reply(304), Reply(200)]) is False
    assert judge([WHOLE, Reply(200), Reply(200)]) is None


def test_a_field_that_changes_the_reply_is_detected():
    plain = Reply(302, (("Location", "/hello"),))
    spoofed = Reply(302, (("Location", "http://evil.example/hello"),))
    assert forwarding.is_unchanged([plain, plain])
    assert not forwarding.is_unchanged([plain, spoofed])
    assert forwarding.describe_change([plain, spoofed]) == "302 to 'http://evil.example/hello'"


@pytest.mark.parametrize(
    ("reply", "meets"),
    [
        (Reply(400, raw=b"HTTP/1.1 400 No"), True),
        (Reply(301, raw=b"HTTP/1.1 301 So"), True),
        (Reply(0), True),
        (Reply(0, raw=b"<h1>Not Found</h1>"), False),  # a reply in HTTP/0.9
        (Reply(200, raw=b"HTTP/1.1 200 OK"), False),
        (Reply(500, raw=b"HTTP/1.1 500 No"), False),
    ],
)
def test_an_invalid_request_line_must_be_refused_or_redirected(reply, meets):
    assert targets.is_refused_or_redirected([reply]) is meets


def test_a_request_has_the_size_and_the_opaque_tag_of_an_earlier_reply():
    first = Reply(200, (("ETag", 'W/"a"'),), FILE)
    request = b"Range: bytes={size}-, If-Range: W/{opaque-tag}"
    assert fill_placeholders(request, [first]) == b'Range: bytes=100-, If-Range: W/"a"'


def test_the_port_of_a_server_without_a_name_becomes_a_marker():
    assert normalize_text("http://waitress.invalid:41873/a") == "http://waitress.invalid:[port]/a"
