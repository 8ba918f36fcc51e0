"""Probes of cookies and sessions, and of unusual Cookie fields."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import HOST, build_raw, get
from bench.behaviour.standards import CLIENT_ERROR, asvs, rfc

probe = partial(Probe, group="cookies")
cookie_probe = partial(probe, describe=outcomes.describe_body)
odd = partial(
    cookie_probe, grade="should", clause=CLIENT_ERROR, meets=predicates.is_not_server_error
)
SESSION = get("/session")
in_session = partial(probe, needs="/session")
# Names in braces are replaced from the cookie that an earlier reply set.
AGAIN = get("/session", "Cookie: {cookie-pair}")
INVENTED = get("/session", "Cookie: {cookie-name}=0123456789abcdef0123456789abcdef01234567")
ALTERED = get("/session", "Cookie: {cookie-pair}x")


def describe_visits(replies: Replies) -> str:
    """Return how many visits the session counted."""
    return (
        f"visits: {predicates.get_json_member(replies, 'visits')}"
        if replies[-1].status == 200
        else str(replies[-1].status)
    )


def describe_fixation(replies: Replies) -> str:
    """Return whether the framework adopted a session token that the client made up."""
    if replies[-1].status >= 400:
        return str(replies[-1].status)
    return "adopted" if predicates.get_json_member(replies, "visits") == 2 else "not adopted"


def send_cookie(field: str) -> tuple[bytes, ...]:
    """Return a request with this Cookie field."""
    return (build_raw("GET /cookie HTTP/1.1", f"Host: {HOST}", f"Cookie: {field}"),)


PROBES = (
    probe("cookie-flags", "The attributes of a plain cookie.", requests=get("/cookie/set"),
          describe=outcomes.describe_cookies, clause=rfc(6265, "4.1.2")),
    probe("cookie-samesite", "SameSite on a plain cookie.", requests=get("/cookie/set"),
          describe=outcomes.describe_cookies, grade="should", clause=asvs("3.3.2"),
          meets=predicates.cookies_have("SameSite")),
    in_session("session-flags", "HttpOnly on the session's cookie.", requests=SESSION,
               describe=outcomes.describe_cookies, grade="should", clause=asvs("3.3.4"),
               meets=predicates.cookies_have("HttpOnly")),
    in_session("session-samesite", "SameSite on the session's cookie.", requests=SESSION,
               describe=outcomes.describe_cookies, grade="should", clause=asvs("3.3.2"),
               meets=predicates.cookies_have("SameSite")),
    in_session("session-counts", "The second visit in the same session.", requests=SESSION + AGAIN,
               describe=describe_visits, grade="should", clause=rfc(6265, "5.4"),
               meets=predicates.has_json_value("visits", 2)),
    in_session("session-fixation", "A session token that the client made up, sent twice.",
               requests=SESSION + INVENTED + INVENTED, describe=describe_fixation, grade="should",
               clause=asvs("7.2.2"), meets=lambda replies: describe_fixation(replies) != "adopted"),
    in_session("session-altered", "A session token with one character added.",
               requests=SESSION + ALTERED, describe=describe_visits, grade="should",
               clause=asvs("7.2.1"), meets=predicates.has_json_value("visits", 1)),
    probe("session-unasked", "Whether a page that uses no session sets a cookie.",
          requests=get("/hello"), describe=outcomes.describe_cookies),
    cookie_probe("cookie-plain", "One cookie.", requests=send_cookie("taste=salt"), grade="should",
                 clause=rfc(6265, "5.4"), meets=predicates.has_json_value("taste", "salt")),
    cookie_probe("cookie-duplicate", "The same cookie twice.",
                 requests=send_cookie("taste=salt; taste=sweet"), clause=rfc(6265, "4.2.2")),
    cookie_probe("cookie-without-a-blank", "Two cookies without a space between them.",
                 requests=send_cookie("a=1;taste=salt")),
    cookie_probe("cookie-with-a-comma", "Two cookies with a comma between them.",
                 requests=send_cookie("a=1,taste=salt")),
    cookie_probe("cookie-quoted", "Whether the quotes around a value are part of it.",
                 requests=send_cookie('taste="salt"'), clause=rfc(6265, "5.2")),
    cookie_probe("cookie-with-blanks", "A value with spaces in it.",
                 requests=send_cookie("taste=salt and pepper")),
    cookie_probe("cookie-with-an-equals-sign", "A value with an equals sign in it.",
                 requests=send_cookie("taste=salt=1"), clause=rfc(6265, "5.2")),
    cookie_probe("cookie-percent", "A value with %20 in it; cookies have no such escape.",
                 requests=send_cookie("taste=a%20b"), clause=rfc(6265, "5.2")),
    cookie_probe("cookie-escaped",
                 "A quoted value with \\163 in it, an escape of Python's http.cookies.",
                 requests=send_cookie('taste="\\163alt"')),
    odd("cookie-in-utf-8", "A value with bytes above 127.",
        requests=send_cookie("taste=café".encode().decode("latin-1"))),
    odd("cookie-after-a-bad-one", "A cookie after one whose name has a bracket.",
        requests=send_cookie("bad[name]=1; taste=salt")),
    odd("cookie-after-nonsense", "A cookie after equals signs and semicolons.",
        requests=send_cookie("=;;=; taste=salt")),
    odd("cookie-without-a-name", "A cookie after a single word.",
        requests=send_cookie("soup; taste=salt")),
    cookie_probe("cookie-two-fields", "Two Cookie fields, which clients must not send.",
                 requests=(build_raw("GET /cookie HTTP/1.1", f"Host: {HOST}", "Cookie: a=1",
                                     "Cookie: taste=salt"),),
                 clause=rfc(6265, "5.4")),
)  # fmt: skip
