"""What becomes of text that wants to be more than text?"""

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
    """Tell what became of a value in a header field."""
    last = replies[-1]
    value = last.get("X-Echo") if last.status else None
    found = (
        outcomes.describe_status(replies) if value is None else f"{last.status}, X-Echo: {value!a}"
    )
    return found if last.get("Injected") is None else f"{found}, and the field Injected"


def describe_injection(replies: Replies) -> str:
    """Tell where a redirect leads, and whether a field came with it."""
    found = ascii(outcomes.describe_status(replies))[1:-1]
    return found if replies[-1].get("Injected") is None else f"{found}, and the field Injected"


def has_no_line_break(replies: Replies) -> bool:
    """No header field holds what would begin another, or end the line."""
    values = "".join(value for _, value in replies[-1].headers)
    return replies[-1].get("Injected") is None and not set(values) & set("\r\n\0")


def describe_markup(replies: Replies) -> str:
    """Tell the status, the type, and how the markup came back."""
    last = replies[-1]
    found = [outcomes.describe_status(replies), last.media_type or "no type"]
    if "<script>" in last.text:
        return ", ".join([*found, "as it was"])
    return ", ".join([*found, "escaped" if "script" in last.text else "left out"])


def has_no_script_location(replies: Replies) -> bool:
    """No redirect leads to a script."""
    return not (replies[-1].get("Location") or "").lower().startswith("javascript:")


def location_is_a_uri(replies: Replies) -> bool | None:
    """The Location, where there is one, is a URI: ASCII only."""
    location = replies[-1].get("Location")
    return None if location is None else location.isascii()


PROBES = (
    in_a_field("field-with-crlf", "A line break, CR LF, in the value of a header field.",
               requests=get("/header?value=a%0D%0AInjected:%20yes"), describe=describe_echo,
               meets=has_no_line_break),
    in_a_field("field-with-lf", "A line feed alone in the value of a header field.",
               requests=get("/header?value=a%0AInjected:%20yes"), describe=describe_echo,
               meets=has_no_line_break),
    in_a_field("field-with-cr", "A carriage return alone in the value of a header field.",
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
    redirect_probe("redirect-plain",
        "A redirect to a path: the status, and whether it becomes an address.",
       requests=get("/redirect?to=/hello"), clause=rfc(9110, "10.2.2"),
       describe=lambda replies: f"{replies[-1].status} to {replies[-1].get('Location')}"),
    redirect_probe("redirect-relative", "A redirect to a path without a slash at its beginning.",
       requests=get("/redirect?to=hello")),
    redirect_probe("redirect-elsewhere", "A redirect to another site, as the query asks.",
       requests=get(f"/redirect?to=https://{FOREIGN_HOST}/"), clause=asvs("3.7.2")),
    redirect_probe("redirect-two-slashes", "A redirect to //evil.example, which is another site.",
       requests=get(f"/redirect?to=//{FOREIGN_HOST}/"), clause=asvs("3.7.2")),
    redirect_probe("redirect-backslash",
        "A redirect to /\\evil.example, which browsers take for another site.",
       requests=get(f"/redirect?to=/%5C{FOREIGN_HOST}"), clause=asvs("3.7.2")),
    redirect_probe("redirect-to-a-script", "A redirect to javascript:.",
       requests=get("/redirect?to=javascript:alert(1)"), grade="should",
       clause=asvs("1.2.2"), meets=has_no_script_location),
    probe("redirect-in-utf-8", "A redirect to a path with an é, which a URI may not have.",
          requests=get("/redirect?to=/caf%C3%A9"), describe=describe_injection, grade="must",
          clause=rfc(9110, "10.2.2"), meets=location_is_a_uri),
    probe("host-hostile", "Another host in the Host field, and the address made from it.",
          requests=(build_raw("GET /url HTTP/1.1", f"Host: {FOREIGN_HOST}"),),
          describe=outcomes.describe_body,
          clause=rfc(9110, "7.2")),
    probe("host-no-host", "A Host field that is no host.",
          requests=(build_raw("GET /url HTTP/1.1", "Host: <script>"),),
          describe=outcomes.describe_body,
          grade="must", clause=rfc(9112, "3.2"), meets=predicates.has_status(400)),
    probe("host-with-a-path", "A Host field with a path in it.",
          requests=(build_raw("GET /url HTTP/1.1", "Host: localhost/soup"),),
          describe=outcomes.describe_body,
          grade="must", clause=rfc(9112, "3.2"), meets=predicates.has_status(400)),
    probe("host-with-a-user", "A Host field with a user's name in it.",
          requests=(build_raw("GET /url HTTP/1.1", f"Host: localhost@{FOREIGN_HOST}"),),
          describe=outcomes.describe_body, grade="must", clause=rfc(9112, "3.2"),
          meets=predicates.has_status(400)),
    probe("forwarded-host", "X-Forwarded-Host from somebody who is no proxy of ours.",
          requests=get("/url", f"X-Forwarded-Host: {FOREIGN_HOST}"),
          describe=outcomes.describe_body,
          grade="should", clause=asvs("4.1.3"), meets=predicates.has_none_of(FOREIGN_HOST)),
    probe("forwarded-proto", "X-Forwarded-Proto from somebody who is no proxy of ours.",
          requests=get("/url", "X-Forwarded-Proto: https"), describe=outcomes.describe_body,
          grade="should",
          clause=asvs("4.1.3"), meets=predicates.has_none_of("https:")),
    probe("forwarded", "Forwarded, the standard's own field, from no proxy of ours.",
          requests=get("/url", f"Forwarded: host={FOREIGN_HOST};proto=https"),
          describe=outcomes.describe_body,
          grade="should", clause=asvs("4.1.3"), meets=predicates.has_none_of(FOREIGN_HOST,
          "https:")),
    probe("forwarded-script-name", "X-Script-Name and X-Forwarded-Prefix from no proxy of ours.",
          requests=get("/url", "X-Script-Name: /evil", "X-Forwarded-Prefix: /evil"),
          describe=outcomes.describe_body, grade="should", clause=asvs("4.1.3"),
          meets=predicates.has_none_of("evil")),
    probe("field-with-underscores", "X_Forwarded_Host, which CGI's naming mixes up with hyphens.",
          requests=get("/url", f"X_Forwarded_Host: {FOREIGN_HOST}"),
          describe=outcomes.describe_body,
          grade="should", clause=asvs("4.1.3"), meets=predicates.has_none_of(FOREIGN_HOST)),
    probe("markup-in-a-template", "Markup in a value that a template shows.",
          requests=get(f"/template?name={SCRIPT}"), describe=describe_markup, grade="should",
          clause=asvs("1.2.1"), meets=predicates.has_no_markup, needs="/template?name=x"),
    probe("quotes-in-a-template", "Quotes in a value that a template shows.",
          requests=get("/template?name=%22%27"), describe=outcomes.describe_body,
          needs="/template?name=x"),
    probe("markup-in-a-text", "Markup in a text that the handler returns as it is.",
          requests=get(f"/markup?name={SCRIPT}"), describe=describe_markup),
    probe("markup-in-a-reason", "Markup in the reason that a handler gives for a 404.",
          requests=get(f"/abort?why={SCRIPT}"), describe=describe_markup, grade="should",
          clause=asvs("1.2.1"), meets=predicates.has_no_markup),
    probe("markup-in-a-path", "Markup in the path of a page that is not there.",
          requests=get(f"/{SCRIPT}"), describe=describe_markup, grade="should",
          clause=asvs("1.2.1"),
          meets=predicates.has_no_markup),
    probe("markup-in-a-redirect", "Markup in the address of a redirect, and its body.",
          requests=get(f"/redirect?to=/%22{SCRIPT}"), grade="should", clause=asvs("1.2.1"),
          describe=lambda replies: f"{replies[-1].status}, "
          + ("shown as it was" if "<script>" in replies[-1].text else "escaped or left out"),
          meets=predicates.has_no_markup),
)  # fmt: skip
