"""Probes of cookies that other scripts set, sent before those of the framework."""

from bench.behaviour import outcomes, predicates, raw_requests
from bench.behaviour.probe import Probe
from bench.behaviour.probes.cookies import SESSION, describe_visits
from bench.behaviour.raw_requests import HOST, get
from bench.behaviour.standards import rfc

# Servers should not set most of these (RFC 6265, 4.1.1), but browsers store and send them (5.2).
FOREIGN = {
    "json": ('x={"a":"b"}', "holds JSON"),
    "a-bracket": ("bad[name]=1", "has a bracket in its name"),
    "an-at-sign": ("a@b=1", "has an at sign in its name"),
    "a-slash": ("a/b=1", "has a slash in its name"),
    "a-quote": ('x="a', "begins with a quote and does not end with one"),
    "a-backslash": ('x="a\\"', "ends with a backslash before its quote"),
    "a-comma": ("x=a,b", "has a comma in its value"),
    "a-blank": ("x=a b", "has a space in its value"),
    "a-tab": ("x=a\tb", "has a tab in its value"),
    "utf-8": ("x=café", "has bytes above 127 in its value"),
    "no-utf-8": ("x=\xff", "has a byte that is not UTF-8 in its value"),
    "no-name": ("=x", "has no name"),
    "no-equals-sign": ("x", "is a single word"),
    "nothing": (";;", "is only semicolons"),
    "a-dollar": ("$Version=1", "begins with a dollar sign, as in RFC 2965"),
    "a-reserved-name": ("path=/x; expires=never", "has the name path, like an attribute"),
    "200-others": ("; ".join(f"c{n}=1" for n in range(200)), "is one of 200"),
}
# Probes for these are also sent to frameworks without sessions.
WITHOUT_A_SESSION = ("json", "an-at-sign", "a-quote", "a-blank", "a-dollar", "a-reserved-name")


def build_cookie_field(value: str, *more: str) -> str:
    """Return a Cookie field with a foreign cookie first; bytes above 127 are sent as UTF-8."""
    raw = value if "\xff" in value else value.encode().decode("latin-1")
    return "Cookie: " + "; ".join([raw, *more])


PROBES = (
    *(
        Probe(f"session-beside-{id}", f"The session's cookie after one that {words}.", "cookies",
              SESSION + get("/session", build_cookie_field(value, "{cookie-pair}")),
              describe_visits, "should", rfc(6265, "5.4"), predicates.has_json_value("visits", 2),
              needs="/session")
        for id, (value, words) in FOREIGN.items()
    ),
    *(
        Probe(f"cookie-beside-{id}", f"A cookie after one that {words}.", "cookies",
              (raw_requests.build_raw("GET /cookie HTTP/1.1", f"Host: {HOST}",
                                      build_cookie_field(value, "taste=salt")),),
              outcomes.describe_body, "should", rfc(6265, "5.4"),
              predicates.has_json_value("taste", "salt"))
        for id, (value, words) in FOREIGN.items()
        if id in WITHOUT_A_SESSION
    ),
    Probe("session-before-json", "The session's cookie before one that holds JSON.", "cookies",
          SESSION + get("/session", 'Cookie: {cookie-pair}; x={"a":"b"}'), describe_visits,
          "should", rfc(6265, "5.4"), predicates.has_json_value("visits", 2), needs="/session"),
)  # fmt: skip
