"""Check a reply with httplint."""

from dataclasses import dataclass

from httplint import HttpResponseLinter
from httplint.note import levels

from bench.behaviour.http_response import Reply

LEVELS = {levels.BAD: "bad", levels.WARN: "warning"}
# Notes that every small page without caching gets, or that only explain a status.
IGNORED_NOTES = {"FRESHNESS_HEURISTIC", "DATE_CLOCKLESS", "STATUS_BAD_REQUEST"}


@dataclass(frozen=True, order=True)
class LintNote:
    """One note of httplint: its level, its name in httplint, and its subject."""

    level: str
    name: str
    subject: str  # the header field, or another part of the reply


def lint_reply(reply: Reply, head: bool = False) -> list[LintNote]:
    """Return the notes on a reply, worst first, each once; none if there is no reply (status 0)."""
    if not reply.status:
        return []
    linter = HttpResponseLinter()
    linter.is_head_response = head
    linter.process_response_topline(b"HTTP/1.1", str(reply.status).encode(), b"")
    fields = [(encode_latin1(name), encode_latin1(value)) for name, value in reply.headers]
    linter.process_headers(fields)
    linter.feed_content(reply.body)
    linter.finish_content(reply.complete)
    notes = {
        LintNote(LEVELS[note.level], type(note).__name__, simplify_subject(note.subject))
        for note in linter.notes
        if note.level in LEVELS and type(note).__name__ not in IGNORED_NOTES
    }
    return sorted(notes)


def encode_latin1(text: str) -> bytes:
    """Return the bytes of a header field's name or value."""
    return text.encode("latin-1", "backslashreplace")


def simplify_subject(subject: str) -> str:
    """Return the part of the reply that a note is about, without its position in a list."""
    return subject.removeprefix("field-") if not subject.startswith("offset-") else "a field"
