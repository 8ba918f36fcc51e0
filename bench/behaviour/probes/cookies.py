"""What do cookies and sessions look like, and what is read out of odd ones?"""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import HOST, get, raw
from bench.behaviour.standards import CLIENT_ERROR, asvs, rfc

probe = partial(Probe, group="cookies")
sent = partial(probe, tell=outcomes.body)
odd = partial(sent, grade="should", clause=CLIENT_ERROR, meets=predicates.not_a_failure)
SESSION = get("/session")
in_session = partial(probe, needs="/session")
# What stands in braces is filled in from the cookie that an earlier reply set.
AGAIN = get("/session", "Cookie: {cookie-pair}")
INVENTED = get("/session", "Cookie: {cookie-name}=0123456789abcdef0123456789abcdef01234567")
ALTERED = get("/session", "Cookie: {cookie-pair}x")


def visits(replies: Replies) -> str:
    """Tell how many visits a session counted."""
    return (
        f"visits: {predicates.member(replies, 'visits')}"
        if replies[-1].status == 200
        else str(replies[-1].status)
    )


def fixed(replies: Replies) -> str:
    """Tell what became of a session whose token the client made up."""
    if replies[-1].status >= 400:
        return f"{replies[-1].status}"
    return "adopted" if predicates.member(replies, "visits") == 2 else "not adopted"


def taste(field: str) -> tuple[bytes, ...]:
    """Return a request with this Cookie field."""
    return (raw("GET /cookie HTTP/1.1", f"Host: {HOST}", f"Cookie: {field}"),)


PROBES = (
    probe("cookie-flags", "The attributes of a plain cookie.", requests=get("/cookie/set"),
          tell=outcomes.cookies, clause=rfc(6265, "4.1.2")),
    probe("cookie-samesite", "SameSite on a plain cookie.", requests=get("/cookie/set"),
          tell=outcomes.cookies, grade="should", clause=asvs("3.3.2"),
          meets=predicates.cookie("SameSite")),
    in_session("session-flags", "HttpOnly on the session's cookie.", requests=SESSION,
               tell=outcomes.cookies, grade="should", clause=asvs("3.3.4"),
               meets=predicates.cookie("HttpOnly")),
    in_session("session-samesite", "SameSite on the session's cookie.", requests=SESSION,
               tell=outcomes.cookies, grade="should", clause=asvs("3.3.2"),
               meets=predicates.cookie("SameSite")),
    in_session("session-counts", "The second visit in the same session.",
               requests=SESSION + AGAIN, tell=visits, grade="should", clause=rfc(6265, "5.4"),
               meets=predicates.json_value("visits", 2)),
    in_session("session-fixation", "A session token that the client made up, sent twice.",
               requests=SESSION + INVENTED + INVENTED, tell=fixed, grade="should",
               clause=asvs("7.2.2"), meets=lambda replies: fixed(replies) != "adopted"),
    in_session("session-altered", "A session token with one character added.",
               requests=SESSION + ALTERED, tell=visits, grade="should", clause=asvs("7.2.1"),
               meets=predicates.json_value("visits", 1)),
    probe("session-unasked", "Whether a page that uses no session sets a cookie all the same.",
          requests=get("/hello"), tell=outcomes.cookies),
    sent("cookie-plain", "One cookie.", requests=taste("taste=salt"), grade="should",
         clause=rfc(6265, "5.4"), meets=predicates.json_value("taste", "salt")),
    sent("cookie-duplicate", "The same cookie twice.", requests=taste("taste=salt; taste=sweet"),
         clause=rfc(6265, "4.2.2")),
    sent("cookie-without-a-blank", "Two cookies with no blank between them.",
         requests=taste("a=1;taste=salt")),
    sent("cookie-with-a-comma", "Two cookies with a comma between them.",
         requests=taste("a=1,taste=salt")),
    sent("cookie-quoted", "A value in quotes: are they part of it?",
         requests=taste('taste="salt"'), clause=rfc(6265, "5.2")),
    sent("cookie-with-blanks", "A value with blanks in it.",
         requests=taste("taste=salt and pepper")),
    sent("cookie-with-an-equals-sign", "A value with an equals sign in it.",
         requests=taste("taste=salt=1"), clause=rfc(6265, "5.2")),
    sent("cookie-percent", "A value with %20 in it: cookies know no such escape.",
         requests=taste("taste=a%20b"), clause=rfc(6265, "5.2")),
    sent("cookie-escaped", "A quoted value with \\163 in it, as Python's own module escapes.",
         requests=taste('taste="\\163alt"')),
    odd("cookie-in-utf-8", "A value with bytes above 127.",
        requests=taste("taste=café".encode().decode("latin-1"))),
    odd("cookie-after-a-bad-one", "A cookie after one whose name has a bracket.",
        requests=taste("bad[name]=1; taste=salt")),
    odd("cookie-after-nonsense", "A cookie after equals signs and semicolons.",
        requests=taste("=;;=; taste=salt")),
    odd("cookie-without-a-name", "A cookie after a word alone.",
        requests=taste("soup; taste=salt")),
    sent("cookie-two-fields", "Two Cookie fields, which clients may not send.",
         requests=(raw("GET /cookie HTTP/1.1", f"Host: {HOST}", "Cookie: a=1",
                            "Cookie: taste=salt"),),
         clause=rfc(6265, "5.4")),
)  # fmt: skip
