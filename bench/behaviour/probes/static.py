"""Probes of static files: ranges, validators, methods, and files outside the folder."""

import re
from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import build_request, get
from bench.behaviour.standards import CLIENT_ERROR, asvs, rfc

FILE = "/static/site.css"
probe = partial(Probe, group="static", needs=FILE)
PLAIN = get(FILE)
ENTITY_TAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\xff]*"')
RANGE = outcomes.describe_fields("Content-Range")
# A text of pyproject.toml that no page shows by chance.
OUTSIDE = "[build-system]"
outside = partial(probe, describe=outcomes.describe_texts(OUTSIDE), grade="should",
clause=asvs("5.3.2"),
                  meets=predicates.has_none_of(OUTSIDE))  # fmt: skip


def is_ten_bytes(replies: Replies) -> bool | None:
    """Return whether a 206 names its part and holds ten bytes; None for another status."""
    last = replies[-1]
    if last.status != 206:
        return None
    part = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", last.get("Content-Range") or "")
    return bool(part) and len(last.body) == 10


def revalidation_probe(name: str, wanted: str) -> partial[Probe]:
    """Return a probe that repeats the request with a validator from the first reply."""

    def describe(replies: Replies) -> str:
        return outcomes.describe_status(replies) if replies[0].get(name) else f"no {name}"

    def meets(replies: Replies) -> bool | None:
        return replies[-1].status == 304 if replies[0].get(name) else None

    again = get(FILE, wanted)
    return partial(probe, requests=PLAIN + again, describe=describe, meets=meets)


def describe_entity_tag(replies: Replies) -> str:
    """Return the form of the entity tag."""
    tag = replies[-1].get("ETag")
    if tag is None:
        return "no ETag"
    if not ENTITY_TAG.fullmatch(tag):
        return "not quoted"
    return "weak" if tag.startswith("W/") else "strong"


def entity_tag_is_quoted(replies: Replies) -> bool | None:
    """Return whether the entity tag has the form of RFC 9110; None without an entity tag."""
    tag = replies[-1].get("ETag")
    return None if tag is None else bool(ENTITY_TAG.fullmatch(tag))


def describe_head(replies: Replies) -> str:
    """Return the status, and whether a body was sent."""
    body = "a body" if replies[-1].body else "no body"
    return f"{outcomes.describe_status(replies)}, {body}"


PROBES = (
    probe("file-type", "The content type and caching of a stylesheet.", requests=PLAIN,
          describe=outcomes.describe_fields("Content-Type", "Cache-Control")),
    probe("file-type-of-a-drawing", "The content type of an SVG image.",
          requests=get("/static/favicon.svg"), describe=outcomes.describe_fields("Content-Type")),
    probe("file-by-head", "HEAD of a file.", requests=(build_request("HEAD", FILE),),
          describe=describe_head, grade="must", clause=rfc(9110, "9.3.2"),
          meets=predicates.has_no_content),
    probe("file-by-post", "POST to a file.", requests=(build_request("POST", FILE, body=b""),),
          describe=outcomes.describe_status, grade="should", clause=rfc(9110, "9.1"),
          meets=predicates.has_status(405)),
    probe("range", "The first ten bytes of a file.", requests=get(FILE, "Range: bytes=0-9"),
          describe=RANGE, grade="must", clause=rfc(9110, "15.3.7"), meets=is_ten_bytes),
    probe("range-suffix", "The last ten bytes of a file.", requests=get(FILE, "Range: bytes=-10"),
          describe=RANGE, grade="must", clause=rfc(9110, "15.3.7"), meets=is_ten_bytes),
    probe("range-beyond-the-end", "A range that starts after the end.",
          requests=get(FILE, "Range: bytes=9999999-"), describe=RANGE, clause=rfc(9110, "15.5.17")),
    probe("range-two-parts", "Two ranges at once.", requests=get(FILE, "Range: bytes=0-1,4-5"),
          describe=outcomes.describe_status, clause=rfc(9110, "14.2")),
    probe("range-no-range", "An invalid Range field, which servers ignore.",
          requests=get(FILE, "Range: soup"), describe=RANGE, clause=rfc(9110, "14.2")),
    revalidation_probe("Last-Modified", "If-Modified-Since: {last-modified}")(
        "not-modified-since", "The same file again, with its date.", grade="should",
        clause=rfc(9110, "13.1.3")),
    revalidation_probe("ETag", "If-None-Match: {etag}")(
        "none-match", "The same file again, with its entity tag.", grade="must",
        clause=rfc(9110, "13.1.2")),
    revalidation_probe("ETag", "If-None-Match: \"soup\", {etag}")(
        "none-match-of-several", "The same file again, with its entity tag among others.",
        grade="must", clause=rfc(9110, "13.1.2")),
    probe("entity-tag", "The form of a file's entity tag.", requests=PLAIN,
          describe=describe_entity_tag, grade="must", clause=rfc(9110, "8.8.3"),
          meets=entity_tag_is_quoted),
    probe("modified-date-nonsense", "An invalid date, which servers must ignore.",
          requests=get(FILE, "If-Modified-Since: yesterday"), describe=outcomes.describe_status,
          grade="must", clause=rfc(9110, "13.1.3"), meets=predicates.has_status(200)),
    probe("folder", "The folder that holds the files.", requests=get("/static/"),
          describe=outcomes.describe_status, grade="should", clause=asvs("13.4.3"),
          meets=predicates.has_none_of("site.css")),
    probe("file-missing", "A missing file.", requests=get("/static/soup.css"),
          describe=outcomes.describe_status, grade="should", clause=rfc(9110, "15.5.5"),
          meets=predicates.has_status(404)),
    probe("file-with-nul", "A file's name with a NUL in it.",
          requests=get("/static/site.css%00.txt"), describe=outcomes.describe_status,
          grade="should", clause=CLIENT_ERROR, meets=predicates.is_not_server_error),
    probe("file-with-a-slash", "A file's name with a trailing slash.", requests=get(f"{FILE}/"),
          describe=outcomes.describe_status),
    outside("outside-by-dots", "A file outside the folder, by dots.",
            requests=get("/static/../pyproject.toml")),
    outside("outside-by-encoded-dots", "A file outside the folder, by encoded dots.",
            requests=get("/static/%2e%2e/pyproject.toml")),
    outside("outside-by-an-encoded-slash", "A file outside the folder, by an encoded slash.",
            requests=get("/static/..%2fpyproject.toml")),
    outside("outside-by-a-double-slash", "A file of the system, by two slashes.",
            requests=get("/static//etc/hostname"), describe=outcomes.describe_status,
            meets=predicates.is_not_accepted),
)  # fmt: skip
