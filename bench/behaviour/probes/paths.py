"""Probes of unusual paths: how they are decoded, and which find no page."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe
from bench.behaviour.raw_requests import HOST, build_raw, build_request, get
from bench.behaviour.standards import CLIENT_ERROR, asvs, rfc, url_standard

probe = partial(Probe, group="paths", describe=outcomes.describe_body)
PATH = url_standard("4.4 URL parsing", "path-state")
# Unusual requests are the client's responsibility; the reply should not be a server error.
odd = partial(probe, grade="should", clause=CLIENT_ERROR, meets=predicates.is_not_server_error)

PROBES = (
    probe("missing-page", "A missing page.", requests=get("/nothing-here"), grade="should",
          clause=rfc(9110, "15.5.5"), meets=predicates.has_status(404)),
    probe("below-a-page", "A path below one that has a handler: /hello/extra.",
          requests=get("/hello/extra")),
    probe("slash-missing", "The page /slash/, requested without its last slash.",
          requests=get("/slash")),
    probe("slash-missing-in-a-post",
          "POST to /slash/ without its last slash; a redirect may lose the body.",
          requests=(build_request("POST", "/slash", body=b""),)),
    probe("slash-missing-with-a-query",
          "A redirect that adds the slash, and whether it preserves the query.",
          requests=get("/slash?a=1")),
    probe("slash-extra", "The page /noslash, requested with a trailing slash.",
          requests=get("/noslash/")),
    probe("slash-double", "Two leading slashes: //hello.", requests=get("//hello")),
    probe("slash-double-inside", "Two slashes inside a path: /segment//soup.",
          requests=get("/segment//soup")),
    probe("slash-encoded", "A slash encoded as %2F inside one segment of a path.",
          requests=get("/segment/a%2Fb"), clause=rfc(3986, "2.2")),
    odd("backslash", "A backslash inside a segment.", requests=get("/segment/a%5Cb")),
    probe("path-in-utf-8", "A segment in UTF-8: caf%C3%A9.", requests=get("/segment/caf%C3%A9"),
          grade="should", clause=PATH, meets=predicates.has_text("café")),
    odd("path-not-in-utf-8", "A segment that is not UTF-8: %FF.", requests=get("/segment/%FF")),
    odd("path-with-nul", "A segment with a NUL: a%00b.", requests=get("/segment/a%00b")),
    odd("path-with-a-line-break", "A segment with a line break: a%0Ab.",
        requests=get("/segment/a%0Ab")),
    probe("plus-in-a-path", "A plus sign in a path, which is not a space there.",
          requests=get("/segment/a+b"), grade="should", clause=rfc(3986, "3.3"),
          meets=predicates.has_text("a+b")),
    odd("percent-alone", "A percent sign that begins no escape: 100%.",
        requests=get("/segment/100%")),
    probe("encoded-twice", "A segment that was encoded twice: %2541 is %41, not A.",
          requests=get("/segment/%2541"), grade="should", clause=asvs("1.1.1"),
          meets=predicates.has_text("%41")),
    probe("semicolon-in-a-path", "A parameter in a segment: a;b=c.",
          requests=get("/segment/a;b=c"), clause=rfc(3986, "3.3")),
    probe("path-in-upper-case", "A page's path in upper case.", requests=get("/HELLO")),
    probe("dot-segments",
          "A path with dot segments, which clients resolve before sending: /segment/../hello.",
          requests=get("/segment/../hello"), clause=rfc(3986, "5.2.4")),
    probe("dot-segments-encoded", "The same with the dots encoded: /segment/%2e%2e/hello.",
          requests=get("/segment/%2e%2e/hello"),
          clause=url_standard("4.3 URL writing", "double-dot-path-segment")),
    probe("single-dot", "A path with a single-dot segment: /./hello.", requests=get("/./hello")),
    probe("extension", "A page's path with an extension: /hello.html.",
          requests=get("/hello.html")),
    probe("long-segment", "A segment of 2,000 characters.", requests=get("/segment/" + "a" * 2000),
          describe=outcomes.describe_status),
    probe("empty-segment", "An empty segment instead of a name: /segment/.",
          requests=get("/segment/")),
    probe("raw-utf-8-in-a-path",
          "A path with unencoded bytes above 127, which a URI must not contain.",
          requests=(build_raw("GET /segment/café HTTP/1.1".encode().decode("latin-1"),
                              f"Host: {HOST}"),), grade="should", clause=CLIENT_ERROR,
          meets=predicates.is_not_server_error),
    probe("absolute-form",
          "The absolute address in the request line, as clients send it to proxies.",
          requests=(build_raw("GET http://localhost:8000/hello HTTP/1.1", f"Host: {HOST}"),),
          grade="must", clause=rfc(9112, "3.2.2"), meets=predicates.has_text("hello"),
          servers_only=True),
)  # fmt: skip
