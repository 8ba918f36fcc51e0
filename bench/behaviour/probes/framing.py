"""Probes of where a request ends; servers decide many of them."""

from functools import partial

from bench.behaviour import outcomes, predicates, raw_requests
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import build_raw, build_request
from bench.behaviour.standards import pep3333, rfc

probe = partial(Probe, group="framing", describe=outcomes.describe_body)
for_servers = partial(probe, servers_only=True)
bad_length = partial(
    probe,
    grade="must",
    clause=rfc(9112, "6.3"),
    meets=predicates.has_status(400),
    servers_duty=True,
    half_close=True,
)
HOST = f"Host: {raw_requests.HOST}"
JSON = "Content-Type: application/json"
BAD_LENGTH = rfc(9112, "6.3")
EXPECT = rfc(9110, "10.1.1")
SOUP = b'{"a":1}'
CONTINUE = "Expect: 100-continue"
CHUNKS = b"3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"


def post_raw(*fields: str, body: bytes = SOUP) -> tuple[bytes, ...]:
    """Return a request with a JSON text and header fields that may contradict it."""
    return (build_raw("POST /json HTTP/1.1", HOST, JSON, *fields, body=body),)


def get_hello(*fields: str, line: str = "GET /hello HTTP/1.1") -> tuple[bytes, ...]:
    """Return a request for /hello with this request line and these header fields."""
    return (build_raw(line, *fields),)


def describe_interim(replies: Replies) -> str:
    """Return the statuses of the interim replies and of the last one."""
    return " then ".join([*map(str, replies[-1].interim), outcomes.describe_status(replies)])


def is_refused_or_chunked(replies: Replies) -> bool:
    """Return whether the request was refused or read by its chunks; RFC 9112 allows only these."""
    return predicates.is_refused(replies) or bool(
        predicates.has_json_value("value", [1, 2])(replies)
    )


PROBES = (
    probe("length-empty", "A Content-Length without a value, which PEP 3333 allows.",
          requests=get_hello(HOST, "Content-Length:"), grade="must",
          clause=pep3333("environ Variables"), meets=predicates.has_text("hello")),
    probe("length-missing", "A POST without a length and without a body.",
          requests=post_raw(body=b"")),
    bad_length("length-no-number", "A Content-Length that is a word.",
               requests=post_raw("Content-Length: seven")),
    bad_length("length-negative", "A negative Content-Length.",
               requests=post_raw("Content-Length: -7")),
    bad_length("length-plus", "A Content-Length with a plus sign.",
               requests=post_raw("Content-Length: +7")),
    bad_length("length-underscore", "A Content-Length in Python's syntax: 0_7.",
               requests=post_raw("Content-Length: 0_7")),
    for_servers("length-twice", "Two lengths that contradict each other.",
                requests=post_raw("Content-Length: 7", "Content-Length: 6"), grade="must",
                clause=BAD_LENGTH, meets=predicates.has_status(400)),
    for_servers("length-twice-the-same", "The same length twice.",
                requests=post_raw("Content-Length: 7", "Content-Length: 7"), clause=BAD_LENGTH),
    probe("length-too-long", "A body that ends before its length is reached.",
          requests=post_raw("Content-Length: 70"), grade="must", clause=rfc(9112, "8"),
          meets=predicates.is_not_accepted, half_close=True, servers_duty=True),
    probe("length-too-short", "A body that is longer than its length.",
          requests=post_raw("Content-Length: 3"), clause=BAD_LENGTH),
    for_servers("chunked", "A body in chunks.",
                requests=post_raw("Transfer-Encoding: chunked", body=CHUNKS), grade="must",
                clause=rfc(9112, "7.1"), meets=predicates.has_json_value("value", [1, 2])),
    probe("length-unknown", "A body in chunks; in-process, an input without a declared length.",
          requests=post_raw("Transfer-Encoding: chunked", body=CHUNKS)),
    for_servers("chunked-and-a-length", "Chunks and a length, of which the chunks decide.",
                requests=post_raw("Content-Length: 3", "Transfer-Encoding: chunked", body=CHUNKS),
                grade="must", clause=BAD_LENGTH, meets=is_refused_or_chunked),
    for_servers("chunk-without-a-size", "A chunk whose size is not a number.",
                requests=post_raw("Transfer-Encoding: chunked", body=b"soup\r\n[1]\r\n0\r\n\r\n"),
                grade="must", clause=rfc(9112, "7.1"), meets=predicates.is_not_accepted,
                half_close=True),
    for_servers("unknown-coding", "An unknown transfer coding.",
                requests=post_raw("Transfer-Encoding: soup"), grade="should",
                clause=rfc(9112, "6.1"), meets=predicates.has_status(501), half_close=True),
    for_servers("host-missing", "HTTP/1.1 without a Host field.", requests=get_hello(),
                grade="must", clause=rfc(9112, "3.2"), meets=predicates.has_status(400)),
    for_servers("host-twice", "Two Host fields.", requests=get_hello(HOST, "Host: localhost"),
                grade="must", clause=rfc(9112, "3.2"), meets=predicates.has_status(400)),
    for_servers("blank-before-the-colon", "A space between a field's name and its colon.",
                requests=get_hello(HOST, "X-Taste : salt"), grade="must", clause=rfc(9112, "5.1"),
                meets=predicates.has_status(400)),
    for_servers("nul-in-a-field", "A NUL in the value of a header field.",
                requests=get_hello(HOST, "X-Taste: sa\0lt"), grade="should",
                clause=rfc(9110, "5.5"), meets=predicates.has_status(400)),
    for_servers("line-feeds-alone", "Lines that end in LF without CR.",
                requests=(get_hello(HOST)[0].replace(b"\r\n", b"\n"),), clause=rfc(9112, "2.2"),
                half_close=True),
    for_servers("request-line-of-one-word", "A request line of one word.",
                requests=get_hello(HOST, line="soup"), grade="should", clause=rfc(9112, "3"),
                meets=predicates.has_status(400)),
    for_servers("version-9", "A version of HTTP that does not exist.",
                requests=get_hello(HOST, line="GET /hello HTTP/9.0"), clause=rfc(9110, "15.6.6")),
    for_servers("http-1-0", "HTTP/1.0 without a Host field.",
                requests=get_hello(line="GET /hello HTTP/1.0"), grade="must",
                clause=rfc(9112, "3.2"), meets=predicates.has_status(200)),
    for_servers("expect-continue", "Expect: 100-continue, and whether a 100 comes first.",
                requests=post_raw(CONTINUE, "Content-Length: 7"), describe=describe_interim,
                clause=EXPECT),
    for_servers("expect-without-a-body", "Expect: 100-continue in a GET, which has no body.",
                requests=get_hello(HOST, CONTINUE), describe=describe_interim, grade="should",
                clause=EXPECT, meets=predicates.has_status(200)),
    for_servers("expect-in-http-1-0",
                "Expect: 100-continue in HTTP/1.0, which servers must ignore.",
                requests=get_hello(HOST, CONTINUE, line="GET /hello HTTP/1.0"),
                describe=describe_interim, grade="must", clause=EXPECT,
                meets=lambda replies: replies[-1].status == 200 and not replies[-1].interim),
    for_servers("expect-before-a-refusal", "Expect: 100-continue for a missing page.",
                requests=(build_request("POST", "/nothing-here", CONTINUE, body=SOUP),),
                describe=describe_interim, clause=pep3333("HTTP 1.1 Expect/Continue")),
    for_servers("expect-before-405", "Expect: 100-continue with a method that is not allowed.",
                requests=(build_request("PUT", "/json", CONTINUE, JSON, body=SOUP),),
                describe=describe_interim, clause=pep3333("HTTP 1.1 Expect/Continue")),
    for_servers("expect-of-2-gib", "Expect: 100-continue before a body of 2 GiB.",
                requests=post_raw(CONTINUE, f"Content-Length: {2 * 1024**3}", body=b""),
                describe=describe_interim, grade="should", clause=rfc(9110, "15.5.14"),
                half_close=True,
                meets=lambda replies: predicates.is_refused(replies) and not replies[-1].interim),
    for_servers("expect-unknown", "An unknown expectation: soup.",
                requests=get_hello(HOST, "Expect: soup"), describe=describe_interim, clause=EXPECT),
)  # fmt: skip
