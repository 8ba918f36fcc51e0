"""Define rules for long repetitions, on which a parser's time may grow with their square."""

from random import Random

from bench.conformance.fuzz.drafts import FORM_TYPE, Draft
from bench.conformance.fuzz.rules import choose_item, rule

# The characters at which parsers split, alone and beside others.
PIECES: tuple[bytes, ...] = (
    *(b"a", b" ", b"\t", b",", b";", b"=", b'"', b"\\", b"%", b"&", b"/", b":", b"*", b".", b"-"),
    *(b"a=", b"=a", b"a=b;", b"; a=b", b'"a",', b'", "', b'"\\', b'\\"', b", ", b" ,", b"; "),
    b'="',
    *(b"%41", b"%zz", b"&a", b"a=1&", b"/a", b"/.", b"/..", b"a:", b"a/", b"0-1,", b"a b", b"\xe9"),
)
# The longest fits three times into the 256 KiB that the server accepts as a head.
LENGTHS_BYTES = (3_000, 10_000, 50_000)
NAMES: tuple[bytes, ...] = (
    *(b"Accept", b"Accept-Language", b"Accept-Encoding", b"Authorization", b"Content-Type"),
    *(b"Cookie", b"Host", b"If-Match", b"If-Modified-Since", b"If-None-Match", b"If-Range"),
    *(b"Origin", b"Range", b"Referer", b"X-Forwarded-For", b"Forwarded", b"Idempotency-Key"),
)
STARTS: dict[bytes, tuple[bytes, ...]] = {
    b"Authorization": (b"Basic ", b"Bearer ", b"Digest ", b""),
    b"Content-Type": (b"multipart/form-data; boundary=", b"text/html", FORM_TYPE, b""),
    b"If-Match": (b'"', b"W/", b""),
    b"If-None-Match": (b'"', b"W/", b""),
    b"Range": (b"bytes=", b""),
}


def build_repetition(random: Random) -> bytes:
    """Return a marker for a piece that is repeated many times."""
    piece = choose_item(random, PIECES)
    return b"{{fill %d %s}}" % (choose_item(random, LENGTHS_BYTES) // len(piece), piece)


@rule()
def repeat_in_header(random: Random, draft: Draft) -> None:
    """Send a long repetition in a header, after a start that its parser knows."""
    name = choose_item(random, NAMES)
    value = choose_item(random, STARTS.get(name, (b"",))) + build_repetition(random)
    if name == b"Content-Type":
        draft.content_type = value
        return
    draft.headers = [pair for pair in draft.headers if pair[0] != name]
    draft.add_header(name, value)


@rule()
def repeat_in_target(random: Random, draft: Draft) -> None:
    """Send a long repetition in the path or the query."""
    between = choose_item(random, (b"", b"/", b"?", b"?q=", b"?page="))
    draft.target = draft.target.partition(b"?")[0] + between + build_repetition(random)


@rule(applies=lambda draft: draft.fields is not None)
def repeat_in_form(random: Random, draft: Draft) -> None:
    """Send a long repetition in a form, or in the header of a part."""
    if random.random() < 0.5:
        draft.raw_body = b"{{csrf}}&" + build_repetition(random)
        draft.content_type = FORM_TYPE
        return
    draft.is_multipart = True
    end = b"--%s--\r\n" % draft.boundary
    head = b'Content-Disposition: form-data; name="x"' + choose_item(
        random, (b"", b"; filename=", b"\r\nContent-Type: ", b"\r\nX: ")
    )
    part = b"--%s\r\n%s%s\r\n\r\nx\r\n" % (draft.boundary, head, build_repetition(random))
    draft.raw_body = draft.build_multipart().removesuffix(end) + part + end
