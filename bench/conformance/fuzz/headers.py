"""Define rules for headers: conditions, ranges, negotiation, cookies, forwarding, odd headers."""

from random import Random

from bench.conformance.fuzz.drafts import Draft
from bench.conformance.fuzz.rules import HOSTILE_TEXTS, choose_item, rule
from bench.conformance.fuzz.valid import API_AUTHORIZATION

DATES = (
    *(b"Thu, 01 Jan 99999 00:00:00 GMT", b"Thu, 01 Jan 99999999999999999999 00:00:00 GMT", b""),
    *(b"{{date-file}}", b"Thu, 01 Jan 1970 00:00:00 GMT", b"Thu, 01 Jan 0000 00:00:00 GMT", b"0"),
    *(b"Thu, 31 Feb 2026 00:00:00 GMT", b"Thursday, 01-Jan-70 00:00:00 GMT", b"-1", b"yesterday"),
    *(b"Thu Jan  1 00:00:00 1970", b"Thu, 01 Jan 1970 25:61:61 GMT", b"Thu, 01 Jan 1970", b"\xff"),
    *(b"Thu, 01 Jan 1969 00:00:00 GMT", b"Thu, 01 Jan 2100 00:00:00 +9999"),
    *(b"1970-01-01T00:00:00Z", b"Thu, 01 Jan 1970 00:00:00 GMT; length=1"),
    *(b"Thu, 01 Jan -1 00:00:00 GMT", b"9" * 400, b"Thu, 01 Jan 1970 00:00:00 +999999999"),
    *(b"Thu, 01 Jan 2100 00:00:00 GMT", b"Mon, 1 1 1 1:1:1 1"),
)
TAGS = (
    *(b"*", b'"x"', b"x", b'W/"x"', b"", b",", b'""', b'"', b'"a", "b"', b"{{etag-api}}", b"W/"),
    *(b"W/{{etag-api}}", b"{{etag-menu}}", b"{{etag-file}}", b"W/{{etag-file}}", b"*, *"),
    *(b'"\xff"', b'"x" , {{etag-file}}', b"{{etag-photo}}", b'"a"' + b', "a"' * 400, b'"a\\"b"'),
    *(b"'x'", b"\x80", b"{{etag-dish}}", b"[]", b"{{etag-menu}}, *", b'"1" "2"', b"1", b'"01"'),
    *(b'"1', b'w/"1"'),
)
RANGES = (
    *(b"bytes=0-0", b"bytes=-", b"bytes=-1", b"bytes=-99999999", b"bytes=99999999-", b"bytes=--5"),
    *(b"bytes=5-1", b"bytes=-0", b"bytes=0-", b"bytes=0-99999999", b"bytes=0-1,3-4", b"bytes", b""),
    *(b"bytes=a-b", b"bytes=0-0,0-0,0-0", b"lines=0-1", b"bytes=1_0-2_0", b"bytes= 0-1"),
    *(b"bytes=+1-2", b"bytes=\xd9\xa1-", b"bytes=0-9" + b"9" * 30, b"bytes=0-1, ", b"bytes=,"),
    *(b"bytes==0-1", b"=0-1", b"BYTES=0-1", b"bytes=0.5-1", b"bytes=" + b"0-0," * 500),
    *(b"bytes=0x1-", b"bytes 0-1", b"bytes=1", b"bytes=0-0,-1", b"bytes=" + b"9" * 5000 + b"-"),
    *(b"bytes=5-,0-1", b"bytes=-1-2", b"none=0-1"),
)
ACCEPTS = (
    *(b"application/json", b"text/html;q=0, */*", b"*/*, application/json", b"", b"*", b"*/*;q=0"),
    *(b"application/json;q=x", b"application/json;q=2", b"text/*", b";", b",", b"a/b;c"),
    *(b"\xff/\xff", b"application/json;q=0.9,text/html;q=0.1", b"application/*"),
    *(b"application/json;q=-1", b"q=1", b"text/html;level=1", b"application/problem+json"),
    *(b"a/b," * 500, b'text/html;x="a,b"', b"/", b"application/json;q=nan"),
    *(b"application/json;q=1e400", b"*/json", b"json", b"text/html;q=0"),
    *(b"application/json; q=0.5, text/html; q=0.5", b"APPLICATION/JSON", b'a/b;q="1', b"image/*"),
)
COOKIES = (
    *(b'x={"a":"b"}; {{cookies}}', b"{{cookies}}; x", b"{{cookies}}; =x", b"a=b=c; {{cookies}}"),
    *(b"larder_session=", b"larder_session", b"larder_session=\xff", b"larder_session=\x00; a=b"),
    *(b'larder_session="x', b"larder_session=../../etc", b"larder_session={{fill 6000 a}}", b""),
    *(b"larder_session=x; {{cookies}}", b"{{cookies}}; larder_session=x", b";;;{{cookies}}"),
    *(b"=;=", b"x=\xc3\xa9; {{cookies}}", b'x="\\303\\251"; {{cookies}}'),
    *(b"$Version=1; {{cookies}}", b"\x80", b"expires=Thu; path=/; {{cookies}}"),
    *(b"[a]=b; {{cookies}}", b"a,b=c; {{cookies}}", b"a b; c", b"{{cookies}},x=y"),
    *(b"csrftoken=x; {{cookies}}", b"a=" * 900 + b"; {{cookies}}", b"a=b;" * 200),
    *(b"\xff=\xff; {{cookies}}", b"x:y=z; {{cookies}}", b"__Host-x=y;{{cookies}}"),
    b"a=%zz; {{cookies}}",
)
HOSTS = (
    *(b"evil.example", b"evil.example:80", b"", b"{{host}}, evil.example", b"evil.example/x"),
    *(b"[::1", b"evil.example:99999", b"evil.example:x", b"a b", b"\xff", b"evil.example\\x"),
    *(b"..", b"[::1]:80", b"evil.example@{{host}}", b"{{host}}@evil.example", b"evil.example?"),
    *(b"evil.example#", b":", b"*", b"_evil_.evil.example", b"{{fill 300 a}}.evil.example"),
    *(b"evil.example%00", b"xn--a", b"%", b";"),
)
FORWARDING_NAMES = (
    *(b"X-Forwarded-Host", b"X-Forwarded-For", b"X-Forwarded-Proto", b"X-Forwarded-Server"),
    *(b"X-Forwarded-Port", b"X-Forwarded-Prefix", b"X-Forwarded-Scheme", b"X-Forwarded-Path"),
    *(b"X-Forwarded-Ssl", b"Forwarded", b"X-Real-IP", b"X-Original-URL", b"X-Rewrite-URL"),
    *(b"X-Host", b"X-Original-Host", b"X-HTTP-Host-Override", b"Front-End-Https", b"X-Script-Name"),
    *(b"Via", b"X-Url-Scheme", b"X-Vhm-Root", b"X-Forwarded", b"Client-IP", b"True-Client-IP"),
    b"X-Scheme",
)
FORWARDED_VALUES = (
    *(b"evil.example", b"https", b"evil.example:443", b"/evil.example", b"for=evil.example", b""),
    *(b"host=evil.example;proto=https", b"on", b"\xff", b"http, https", b"evil.example, {{host}}"),
    *(b"javascript", b"99999", b"/kitchen", b"1.2.3.4, evil.example", b"unknown"),
    b"http://evil.example/",
)
AUTHORIZATIONS = (
    *(API_AUTHORIZATION, b"Bearer", b"Bearer ", b"bearer  x", b"Basic", b"Basic !!!"),
    *(b"Basic YWRhOg==", b"", b"Basic /w==", b"Bearer \xff", b"Digest username=x", b"Bearer a b c"),
    *(b"\xff \xff", b"Basic " + b"A" * 5000, b"Digest " + b"a=b," * 50, b"Basic YWRh"),
    *(b"Bearer {{fill 6000 a}}", b'Digest username="', b"Negotiate x"),
)
ODD_NAMES = (
    *(b"User-Agent", b"Referer", b"Origin", b"Accept-Language", b"Accept-Charset"),
    *(b"Accept-Encoding", b"Idempotency-Key", b"X-HTTP-Method-Override", b"X-Requested-With"),
    *(b"X-CSRF-Token", b"Date", b"Content-Encoding", b"Content-Disposition", b"Content-Language"),
    *(b"Content-MD5", b"Upgrade", b"Max-Forwards", b"Cache-Control", b"Pragma", b"TE", b"Trailer"),
    *(b"Connection", b"Keep-Alive", b"Proxy-Authorization", b"Proxy", b"From", b"X-Custom"),
    *(b"Sec-Fetch-Site", b"X-CSRFToken", b"Depth", b"Script-Name", b"Path-Info", b"Query-String"),
    *(b"wsgi.input", b"X_Underscore", b"Content_Length"),
)
ODD_VALUES = (
    *(*HOSTILE_TEXTS, b"null", b"http://elsewhere.example", b"gzip", b"deflate, br;q=0", b"DELETE"),
    *(b"XMLHttpRequest", b"utf-7", b"hex", b"de-\xff", b"en;q=x", b"Upgrade, HTTP2-Settings"),
    *(b"h2c", b"websocket", b"a" * 300),
)
CONDITIONALS = (b"If-None-Match", b"If-Match", b"If-Range")


@rule(weight=3)
def add_conditions(random: Random, draft: Draft) -> None:
    """Add one or two conditions."""
    for _ in range(random.choice((1, 1, 2))):
        if random.random() < 0.5:
            names = (b"If-Modified-Since", b"If-Unmodified-Since", b"If-Range")
            draft.add_header(choose_item(random, names), choose_item(random, DATES))
        else:
            draft.add_header(choose_item(random, CONDITIONALS), choose_item(random, TAGS))


@rule(weight=3)
def request_range(random: Random, draft: Draft) -> None:
    """Request a range, of a file more often than of a page, at times with a condition."""
    if random.random() < 0.7:
        files = (b"/static/site.css", b"/photos/{{photo}}", b"/api/openapi.json")
        draft.target, draft.method = (
            choose_item(random, files),
            choose_item(random, (b"GET", b"GET", b"HEAD")),
        )
    draft.add_header(b"Range", choose_item(random, RANGES))
    if random.random() < 0.3:
        draft.add_header(b"If-Range", choose_item(random, (*TAGS, *DATES)))


@rule(weight=2)
def add_odd_accept(random: Random, draft: Draft) -> None:
    """Accept odd media types."""
    if random.random() < 0.5:
        draft.target = choose_item(
            random, (b"/dishes/1", b"/dishes/none", b"/api/dishes/1", b"/none")
        )
    draft.add_header(b"Accept", choose_item(random, ACCEPTS))


@rule(weight=3)
def replace_cookies(random: Random, draft: Draft) -> None:
    """Send foreign or malformed cookies, with the session's cookie or without it."""
    draft.headers = [pair for pair in draft.headers if pair[0] != b"Cookie"]
    draft.add_header(b"Cookie", choose_item(random, COOKIES))


@rule(weight=2)
def add_foreign_host(random: Random, draft: Draft) -> None:
    """Send another host."""
    draft.add_header(b"Host", choose_item(random, HOSTS))


@rule(weight=2)
def add_forwarding(random: Random, draft: Draft) -> None:
    """Add headers that a proxy adds."""
    for _ in range(random.choice((1, 1, 2))):
        draft.add_header(
            choose_item(random, FORWARDING_NAMES), choose_item(random, FORWARDED_VALUES)
        )


@rule()
def replace_authorization(random: Random, draft: Draft) -> None:
    """Send odd credentials."""
    draft.headers = [pair for pair in draft.headers if pair[0] != b"Authorization"]
    draft.add_header(b"Authorization", choose_item(random, AUTHORIZATIONS))


@rule(weight=3)
def add_odd_header(random: Random, draft: Draft) -> None:
    """Send another header with an odd value."""
    draft.add_header(
        choose_item(random, ODD_NAMES), choose_item(random, ODD_VALUES).replace(b"\r\n", b" ")
    )
