"""Probes of the header fields that a plain page has by default."""

from functools import partial

from bench.behaviour import outcomes
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import get
from bench.behaviour.standards import asvs, rfc

probe = partial(Probe, group="errors", requests=get("/hello"))
SECURITY_FIELDS = ("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Referrer-Policy",
            "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options")  # fmt: skip
SOFTWARE_FIELDS = ("Server", "X-Powered-By", "X-Generator", "X-AspNet-Version")


def describe_security(replies: Replies) -> str:
    """Return which header fields protect the browser."""
    return ", ".join(name for name in SECURITY_FIELDS if replies[-1].get(name)) or "none"


def describe_software(replies: Replies) -> str:
    """Return which header fields name the software."""
    fields = {name: replies[-1].get(name) for name in SOFTWARE_FIELDS}
    return ", ".join(f"{name}: {value}" for name, value in fields.items() if value) or "none"


def names_no_version(replies: Replies) -> bool:
    """Return whether no such header field holds a version number."""
    return not any(letter.isdigit() for letter in describe_software(replies))


def text_has_a_charset(replies: Replies) -> bool | None:
    """Return whether a text declares its charset; None for another media type."""
    last = replies[-1]
    is_text = last.media_type.startswith("text/")
    return "charset=" in (last.get("Content-Type") or "").lower() if is_text else None


def describe_framing(replies: Replies) -> str:
    """Return how a client detects the end of the body."""
    last = replies[-1]
    if last.get("Content-Length") is not None:
        return "Content-Length"
    return "chunks" if last.get("Transfer-Encoding") else "the connection closes"


PROBES = (
    probe("security-fields", "Header fields that protect the browser.", describe=describe_security,
          grade="should", clause=asvs("3.4.4"),
          meets=lambda replies: (replies[-1].get("X-Content-Type-Options") or "") == "nosniff"),
    probe("software-fields", "Header fields that name the software.", describe=describe_software,
          grade="should", clause=asvs("13.4.6"), meets=names_no_version),
    probe("type-of-a-text", "The content type of a handler's text.",
          describe=outcomes.describe_fields("Content-Type"), grade="should", clause=asvs("4.1.1"),
          meets=text_has_a_charset),
    probe("type-of-markup", "The content type of a handler's text that looks like markup.",
          requests=get("/markup?name=soup"), describe=outcomes.describe_fields("Content-Type")),
    probe("length-of-a-text", "How a reply marks the end of a text.", describe=describe_framing,
          clause=rfc(9112, "6.3")),
    probe("length-of-a-stream", "How a reply marks the end of a streamed page.",
          requests=get("/stream"), describe=describe_framing, needs="/stream",
          clause=rfc(9112, "6.3")),
    probe("caching-of-a-text", "The caching fields of a plain page.",
          describe=outcomes.describe_fields("Cache-Control", "Expires", "ETag", "Last-Modified",
                                            "Vary")),
)  # fmt: skip
