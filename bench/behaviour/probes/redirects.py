"""Probes of redirect targets: unusual paths, HTTP/1.0, and a foreign Host."""

from functools import partial
from urllib.parse import urljoin

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import FOREIGN_HOST, SITE, build_raw, get
from bench.behaviour.standards import CLIENT_ERROR, asvs, rfc

LOCATION = rfc(9110, "10.2.2")
# RFC 3986: a path that begins with two slashes needs an authority before it.
TWO_SLASHES = rfc(3986, "3.3")


def describe_location(replies: Replies) -> str:
    """Return the status and the exact Location."""
    last = replies[-1]
    location = last.get("Location")
    return (
        outcomes.describe_status(replies) if location is None else f"{last.status} to {location!a}"
    )


def stays_on_site(replies: Replies) -> bool | None:
    """Return whether the Location is on this site, as browsers read it; None without a Location."""
    location = replies[-1].get("Location")
    if location is None:
        return None
    return urljoin(SITE, location.replace("\\", "/")).startswith(f"{SITE}/")


def leads_to(target: str) -> predicates.Predicate:
    """Return a predicate: the Location leads to this path, resolved from the redirecting page."""

    def meets(replies: Replies) -> bool:
        location = replies[-1].get("Location")
        base = f"{SITE}/redirect?to=soup"
        return location is not None and urljoin(base, location) == f"{SITE}{target}"

    return meets


def redirect_probe(id: str, sentence: str, target: str, *fields: str, **more: object) -> Probe:
    """Return a probe of a redirect to the target in the query."""
    facts: dict[str, object] = {"describe": describe_location, "group": "injection", **more}
    requests = get(f"/redirect?to={target}", *fields)
    return Probe(id, sentence, requests=requests, **facts)  # type: ignore[arg-type]


dots = partial(redirect_probe, grade="should", clause=TWO_SLASHES, meets=stays_on_site)
elsewhere = partial(redirect_probe, clause=asvs("3.7.2"))
plain_probe = partial(Probe, group="injection", describe=describe_location)
HOSTILE = f"Host: {FOREIGN_HOST}"

PROBES = (
    dots("redirect-dot-and-two-slashes", "A redirect to /.//evil.example, a path on this site.",
         f"/.//{FOREIGN_HOST}/"),
    dots("redirect-dots-and-two-slashes", "A redirect to /..//evil.example, a path on this site.",
         f"/..//{FOREIGN_HOST}/"),
    dots("redirect-up-and-two-slashes", "A redirect to /a/..//evil.example, a path on this site.",
         f"/a/..//{FOREIGN_HOST}/"),
    dots("redirect-encoded-dot", "A redirect to /%2e//evil.example, a path on this site.",
         f"/%252e//{FOREIGN_HOST}/"),
    dots("redirect-encoded-slash", "A redirect to /%2F/evil.example, a path on this site.",
         f"/%252F/{FOREIGN_HOST}/"),
    dots("redirect-dot-and-backslash",
         "A redirect to /./\\evil.example: browsers stay on this site.", f"/./%5C{FOREIGN_HOST}/"),
    elsewhere("redirect-three-slashes", "A redirect to ///evil.example.", f"///{FOREIGN_HOST}/"),
    elsewhere("redirect-two-backslashes", "A redirect to \\\\evil.example.",
              f"%5C%5C{FOREIGN_HOST}/"),
    elsewhere("redirect-with-a-tab",
              "A redirect to /, a tab, and /evil.example; browsers drop tabs.",
              f"/%09/{FOREIGN_HOST}/"),
    elsewhere("redirect-after-a-blank", "A redirect to //evil.example after a space.",
              f"%20//{FOREIGN_HOST}/"),
    elsewhere("redirect-scheme-alone", "A redirect to https:evil.example, without slashes.",
              f"https:{FOREIGN_HOST}/"),
    redirect_probe("redirect-dot-segments", "A redirect to a path with dot segments: /a/../hello.",
                   "/a/../hello", grade="should", clause=LOCATION, meets=leads_to("/hello")),
    redirect_probe("redirect-query-only", "A redirect to only a query: ?a=1.", "%3Fa=1",
                   grade="should", clause=LOCATION, meets=leads_to("/redirect?a=1")),
    redirect_probe("redirect-query-in-a-path",
                   "A redirect to a path with a query: /query?a=1%26b.", "/query%3Fa=1%2526b",
                   grade="should", clause=LOCATION, meets=leads_to("/query?a=1%26b")),
    redirect_probe("redirect-fragment", "A redirect to a path with a fragment: /hello#soup.",
                   "/hello%23soup", grade="should", clause=LOCATION, meets=leads_to("/hello#soup")),
    redirect_probe("redirect-empty", "A redirect to an empty reference, which is the same page.",
                   "", grade="should", clause=CLIENT_ERROR, meets=predicates.is_not_server_error),
    plain_probe("redirect-http-1-0",
                "A redirect under HTTP/1.0 without a Host, and the host in its Location.",
                requests=(build_raw("GET /redirect?to=/hello HTTP/1.0"),), clause=LOCATION),
    plain_probe("redirect-slash-http-1-0", "A redirect that adds the slash, under HTTP/1.0.",
                requests=(build_raw("GET /slash HTTP/1.0"),), clause=LOCATION),
    plain_probe("redirect-host-hostile",
                "A redirect to a path with another host in the Host field.",
                requests=(build_raw("GET /redirect?to=/hello HTTP/1.1", HOSTILE),),
                clause=rfc(9110, "7.2")),
    plain_probe("redirect-slash-host-hostile",
                "A redirect that adds the slash, with another host.",
                requests=(build_raw("GET /slash HTTP/1.1", HOSTILE),), clause=rfc(9110, "7.2")),
    plain_probe("redirect-host-with-a-port",
                "A redirect to a path with a Host whose port is a word.",
                requests=(build_raw("GET /redirect?to=/hello HTTP/1.1", "Host: localhost:soup"),),
                grade="must", clause=rfc(9112, "3.2"), meets=predicates.has_status(400)),
)  # fmt: skip
