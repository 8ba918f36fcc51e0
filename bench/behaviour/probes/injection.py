"""Probes of injection: header fields, redirects, hosts and markup."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import FOREIGN_HOST, build_raw, get
from bench.behaviour.standards import asvs, rfc

probe = partial(Probe, group="injection")
SCRIPT = "%3Cscript%3Ealert(1)%3C/script%3E"
FIELD = rfc(9110, "5.5")
in_a_field = partial(probe, grade="must", clause=FIELD)
redirect_probe = partial(probe, describe=outcomes.describe_status)


def describe_echo(replies: Replies) -> str:
    """Return how a value came back in a header field."""
    last = replies[-1]
    value = last.get("X-Echo") if last.status else None
    if value is None:
        outcome = outcomes.describe_status(replies)
    else:
        outcome = f"{last.status}, X-Echo: {value!a}"
    return outcome if last.get("Injected") is None else f"{outcome}, and the field Injected"


def describe_injection(replies: Replies) -> str:
    """Return the target of a redirect, and whether a field was injected."""
    outcome = ascii(outcomes.describe_status(replies))[1:-1]
    return outcome if replies[-1].get("Injected") is None else f"{outcome}, and the field Injected"


def has_no_line_break(replies: Replies) -> bool:
    """Return whether no header field holds a line break or NUL, and no field was injected."""
    values = "".join(value for _, value in replies[-1].headers)
    return replies[-1].get("Injected") is None and not set(values) & set("\r\n\0")


def describe_markup(replies: Replies) -> str:
    """Return the status, the media type, and how the markup came back."""
    last = replies[-1]
    outcome = [outcomes.describe_status(replies), last.media_type or "no type"]
    if "<script>" in last.text:
        return ", ".join([*outcome, "as it was"])
    return ", ".join([*outcome, "escaped" if "script" in last.text else "left out"])


def describe_redirect_body(replies: Replies) -> str:
    """Return the status, and whether the body holds unescaped markup."""
    markup = "shown as it was" if "<script>" in replies[-1].text else "escaped or left out"
    return f"{replies[-1].status}, {markup}"


def has_no_script_location(replies: Replies) -> bool:
    """Return whether the Location is not a javascript: address."""
    return not (replies[-1].get("Location") or "").lower().startswith("javascript:")


def location_is_a_uri(replies: Replies) -> bool | None:
    """Return whether the Location is ASCII, as in a URI; None if there is no Location."""
    location = replies[-1].get("Location")
    return None if location is None else location.isascii()


PROBES = (
    in_a_field("field-with-crlf", "A line break, CR LF, in the value of a header field.",
               requests=get("/header?value=a%0D%0AInjected:%20yes"), describe=describe_echo,
               meets=has_no_line_break),
    in_a_field("field-with-lf", "A line feed without CR in the value of a header field.",
               requests=get("/header?value=a%0AInjected:%20yes"), describe=describe_echo,
               meets=has_no_line_break),
    in_a_field("field-with-cr", "A carriage return without LF in the value of a header field.",
               requests=get("/header?value=a%0Db"), describe=describe_echo,
               meets=has_no_line_break),
    in_a_field("field-with-nul", "A NUL in the value of a header field.",
               requests=get("/header?value=a%00b"), describe=describe_echo,
               meets=has_no_line_break),
    probe("field-beyond-latin-1", "A euro sign in the value of a header field.",
          requests=get("/header?value=%E2%82%AC"), describe=describe_echo, clause=FIELD),
    probe("field-in-latin-1", "An é in the value of a header field.",
          requests=get("/header?value=%C3%A9"), describe=describe_echo, clause=FIELD),
    in_a_field("redirect-with-crlf", "A line break in the address of a redirect.",
               requests=get("/redirect?to=/a%0D%0AInjected:%20yes"), describe=describe_injection,
               meets=has_no_line_break),
    redirect_probe(
        "redirect-plain",
        "A redirect to a path: the status, and whether the Location is absolute.",
        requests=get("/redirect?to=/hello"), clause=rfc(9110, "10.2.2"),
        describe=lambda replies: f"{replies[-1].status} to {replies[-1].get('Location')}"),
    redirect_probe("redirect-relative", "A redirect to a path without a leading slash.",
                   requests=get("/redirect?to=hello")),
    redirect_probe("redirect-elsewhere", "A redirect to another site, taken from the query.",
                   requests=get(f"/redirect?to=https://{FOREIGN_HOST}/"), clause=asvs("3.7.2")),
    redirect_probe("redirect-two-slashes", "A redirect to //evil.example, which is another site.",
                   requests=get(f"/redirect?to=//{FOREIGN_HOST}/"), clause=asvs("3.7.2")),
    redirect_probe("redirect-backslash",
                   "A redirect to /\\evil.example, which browsers read as another site.",
                   requests=get(f"/redirect?to=/%5C{FOREIGN_HOST}"), clause=asvs("3.7.2")),
    redirect_probe("redirect-to-a-script", "A redirect to javascript:.",
                   requests=get("/redirect?to=javascript:alert(1)"), grade="should",
                   clause=asvs("1.2.2"), meets=has_no_script_location),
    probe("redirect-in-utf-8", "A redirect to a path with an é, which a URI must not contain.",
          requests=get("/redirect?to=/caf%C3%A9"), describe=describe_injection, grade="must",
          clause=rfc(9110, "10.2.2"), meets=location_is_a_uri),
    probe("host-hostile", "Another host in the Host field, and the absolute address made from it.",
          requests=(build_raw("GET /url HTTP/1.1", f"Host: {FOREIGN_HOST}"),),
          describe=outcomes.describe_body, clause=rfc(9110, "7.2")),
    probe("host-no-host", "A Host field that is not a host.",
          requests=(build_raw("GET /url HTTP/1.1", "Host: <script>"),),
          describe=outcomes.describe_body, grade="must", clause=rfc(9112, "3.2"),
          meets=predicates.has_status(400)),
    probe("host-with-a-path", "A Host field with a path in it.",
          requests=(build_raw("GET /url HTTP/1.1", "Host: localhost/soup"),),
          describe=outcomes.describe_body, grade="must", clause=rfc(9112, "3.2"),
          meets=predicates.has_status(400)),
    probe("host-with-a-user", "A Host field with a user's name in it.",
          requests=(build_raw("GET /url HTTP/1.1", f"Host: localhost@{FOREIGN_HOST}"),),
          describe=outcomes.describe_body, grade="must", clause=rfc(9112, "3.2"),
          meets=predicates.has_status(400)),
    probe("forwarded-host", "X-Forwarded-Host from a client that is not a trusted proxy.",
          requests=get("/url", f"X-Forwarded-Host: {FOREIGN_HOST}"),
          describe=outcomes.describe_body, grade="should", clause=asvs("4.1.3"),
          meets=predicates.has_none_of(FOREIGN_HOST)),
    probe("forwarded-proto", "X-Forwarded-Proto from a client that is not a trusted proxy.",
          requests=get("/url", "X-Forwarded-Proto: https"), describe=outcomes.describe_body,
          grade="should", clause=asvs("4.1.3"), meets=predicates.has_none_of("https:")),
    probe("forwarded", "The standard field Forwarded from a client that is not a trusted proxy.",
          requests=get("/url", f"Forwarded: host={FOREIGN_HOST};proto=https"),
          describe=outcomes.describe_body, grade="should", clause=asvs("4.1.3"),
          meets=predicates.has_none_of(FOREIGN_HOST, "https:")),
    probe("forwarded-script-name",
          "X-Script-Name and X-Forwarded-Prefix from a client that is not a trusted proxy.",
          requests=get("/url", "X-Script-Name: /evil", "X-Forwarded-Prefix: /evil"),
          describe=outcomes.describe_body, grade="should", clause=asvs("4.1.3"),
          meets=predicates.has_none_of("evil")),
    probe("field-with-underscores",
          "X_Forwarded_Host, which CGI naming cannot distinguish from X-Forwarded-Host.",
          requests=get("/url", f"X_Forwarded_Host: {FOREIGN_HOST}"),
          describe=outcomes.describe_body, grade="should", clause=asvs("4.1.3"),
          meets=predicates.has_none_of(FOREIGN_HOST)),
    probe("markup-in-a-template", "Markup in a value that a template shows.",
          requests=get(f"/template?name={SCRIPT}"), describe=describe_markup, grade="should",
          clause=asvs("1.2.1"), meets=predicates.has_no_markup, needs="/template?name=x"),
    probe("quotes-in-a-template", "Quotes in a value that a template shows.",
          requests=get("/template?name=%22%27"), describe=outcomes.describe_body,
          needs="/template?name=x"),
    probe("markup-in-a-text", "Markup in a text that the handler returns unchanged.",
          requests=get(f"/markup?name={SCRIPT}"), describe=describe_markup),
    probe("markup-in-a-reason", "Markup in the reason that a handler gives for a 404.",
          requests=get(f"/abort?why={SCRIPT}"), describe=describe_markup, grade="should",
          clause=asvs("1.2.1"), meets=predicates.has_no_markup),
    probe("markup-in-a-path", "Markup in the path of a missing page.", requests=get(f"/{SCRIPT}"),
          describe=describe_markup, grade="should", clause=asvs("1.2.1"),
          meets=predicates.has_no_markup),
    probe("markup-in-a-redirect", "Markup in the address of a redirect, and the reply's body.",
          requests=get(f"/redirect?to=/%22{SCRIPT}"), grade="should", clause=asvs("1.2.1"),
          describe=describe_redirect_body, meets=predicates.has_no_markup),
)  # fmt: skip
