"""Define rules for methods, versions, framing, tokens, and single bytes of the whole request."""

from random import Random

from bench.conformance.fuzz.drafts import Draft
from bench.conformance.fuzz.rules import choose_item, rule

METHODS: tuple[bytes, ...] = (
    *(b"HEAD", b"OPTIONS", b"PUT", b"DELETE", b"PATCH", b"POST", b"GET", b"TRACE", b"CONNECT"),
    *(b"PROPFIND", b"get", b"G\xffT", b"", b"GET ", b"X" * 200, b"FOO", b"!", b"M-SEARCH", b"PRI"),
    *(b"HEAD", b"HEAD", b"_"),
)
VERSIONS: tuple[bytes, ...] = (
    *(b"HTTP/1.0", b"HTTP/1.0", b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.2", b"http/1.1"),
    *(b"HTTP/9.9", b"", b"HTTP/1", b"HTTP/11", b"HTTP/1.1 ", b"\xff", b"HTCPCP/1.0", b"HTTP/1.1.1"),
)
LENGTHS: tuple[bytes, ...] = (
    *(b"{{length+1}}", b"{{length-1}}", b"{{length-5}}", b"{{length+100}}", b"0", b"-1", b"+1"),
    *(b"x", b"", b"1_0", b"1.0", b"99999999999", b"9" * 400, b"{{length}}, {{length}}"),
    *(b"0{{length}}", b" {{length}} ", b"\xd9\xa1", b"0x10", b"3000000", b"{{length}};"),
    b"\x0b{{length}}",
)
CODINGS: tuple[bytes, ...] = (
    *(b"chunked", b"{{chunked}}", b"gzip", b"identity", b"chunked, chunked", b"x", b""),
    *(b"\x0bchunked", b"gzip, {{chunked}}", b"CHUNKED", b"chunked;q=1", b"{{chunked}}"),
    *(b"{{chunked}}", b"{{chunked}}"),
)
EXPECTATIONS: tuple[bytes, ...] = (
    *(b"100-continue", b"100-Continue", b"x", b"", b"200-ok", b"100-continue, x", b"\xff"),
)


@rule(weight=3)
def replace_method(random: Random, draft: Draft) -> None:
    """Send another method."""
    draft.method = choose_item(random, METHODS)


@rule(weight=2)
def replace_version(random: Random, draft: Draft) -> None:
    """Send another version of HTTP, at times without Host."""
    draft.version = choose_item(random, VERSIONS)
    draft.with_host = random.random() < 0.7


@rule(weight=2)
def falsify_length(random: Random, draft: Draft) -> None:
    """Send a wrong length, two lengths, or no length."""
    choice = random.randrange(4)
    if choice == 0:
        draft.length = None
    elif choice == 1:
        draft.add_header(b"Content-Length", choose_item(random, LENGTHS))
    else:
        draft.length = choose_item(random, LENGTHS)
        if draft.fields is None and not draft.body:
            draft.add_header(b"Content-Length", draft.length)


@rule(weight=2)
def add_transfer_coding(random: Random, draft: Draft) -> None:
    """Send the body in a transfer coding, mostly in chunks, at times with a length as well."""
    draft.add_header(b"Transfer-Encoding", choose_item(random, CODINGS))
    if random.random() < 0.7:
        draft.length = None


@rule()
def add_expectation(random: Random, draft: Draft) -> None:
    """Send an Expect header, mostly with a body."""
    draft.add_header(b"Expect", choose_item(random, EXPECTATIONS))


@rule(weight=2, applies=lambda draft: draft.fields is not None)
def forge_token(random: Random, draft: Draft) -> None:
    """Send a form without its token, or with a wrong token."""
    draft.with_csrf = False
    names = (b"csrf_token", b"csrfmiddlewaretoken", b"_formkey", b"_csrf_token")
    if random.random() < 0.5 and draft.fields is not None:
        value = choose_item(
            random, (b"", b"0" * 32, b"\xff", b"\xc3\xa9", b"{{fill 5000 a}}", b"\x00")
        )
        draft.fields += [(name, value) for name in names]


def flip_bytes(random: Random, template: bytes) -> bytes:
    """Return a template with a few bytes changed, removed, repeated or inserted."""
    pieces = bytearray(template)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        place = random.randrange(max(1, len(pieces)))
        choice = random.randrange(5)
        if choice == 0:
            pieces[place : place + 1] = bytes([random.randrange(256)])
        elif choice == 1:
            del pieces[place : place + random.choice((1, 1, 4, 20))]
        elif choice == 2:
            pieces[place:place] = bytes([random.randrange(256)])
        elif choice == 3:
            pieces[place:place] = pieces[place : place + random.choice((1, 4, 20))]
        elif pieces[place : place + 1]:
            pieces[place] ^= 1 << random.randrange(8)
    return bytes(pieces)
