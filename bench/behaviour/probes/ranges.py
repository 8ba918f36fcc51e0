"""Probes of byte ranges of a file, and of the If-Range condition."""

import re
from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.raw_requests import get
from bench.behaviour.standards import CLIENT_ERROR, rfc

FILE = "/static/site.css"
PLAIN = get(FILE)
FIRST_TEN_BYTES = "Range: bytes=0-9"
OLD_DATE = "Sat, 01 Jan 2000 00:00:00 GMT"
NEAR_BYTES = 50
PART_PATTERN = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
BYTE_RANGES = rfc(9110, "14.1.2")
IF_RANGE = rfc(9110, "13.1.5")
TOO_MUCH = rfc(9110, "17.15")


def describe_range(replies: Replies) -> str:
    """Return the status, Content-Range, and how much of the file was sent."""
    whole, last = replies[0], replies[-1]
    size = len(whole.body)
    words = [outcomes.describe_status(replies)]
    if (value := last.get("Content-Range")) is not None:
        words.append(relate_to_size(value, size))
    if last.media_type == "multipart/byteranges":
        much = len(last.body) > 2 * size
        words.append(f"{last.media_type}, {'more than two files' if much else 'some bytes'}")
    elif last.status == 206:
        same = last.body == whole.body
        words.append("the whole file" if same else relate_to_size(f"{len(last.body)} bytes", size))
    return ", ".join(words)


def relate_to_size(text: str, size: int) -> str:
    """Return a text with numbers near the size as SIZE, because the file's size may change."""

    def replace_number(match: re.Match[str]) -> str:
        difference = int(match[0]) - size
        if abs(difference) >= NEAR_BYTES:
            return match[0]
        return {0: "SIZE", -1: "LAST"}.get(difference, f"SIZE{difference:+}")

    return re.sub(r"\d+", replace_number, text)


def is_whole(replies: Replies) -> bool:
    """Return whether the reply is the whole file, as without Range."""
    return replies[-1].status == 200 and replies[-1].body == replies[0].body


def is_whole_or_refused(replies: Replies) -> bool:
    """Return whether an invalid Range was ignored or refused, without a part of the file."""
    return is_whole(replies) or 400 <= replies[-1].status < 500


def is_whole_or_long_part(replies: Replies) -> bool:
    """Return whether the whole file was sent: with 200, or as one part of a longer range."""
    return is_whole(replies) or (bool(is_part(replies)) and replies[-1].body == replies[0].body)


def is_whole_or_sized_416(replies: Replies) -> bool:
    """Return whether the range was ignored, or refused with 416 and the file's size."""
    refused = replies[-1].status == 416
    size = f"bytes */{len(replies[0].body)}"
    return is_whole(replies) or (refused and replies[-1].get("Content-Range") == size)


def is_whole_or_416(replies: Replies) -> bool:
    """Return whether a range without any byte was ignored, or refused with 416."""
    return is_whole(replies) or replies[-1].status == 416


def is_part(replies: Replies) -> bool | None:
    """Return whether a 206 names its bytes and holds them; None for another status."""
    whole, last = replies[0], replies[-1]
    if last.status != 206:
        return None
    part = PART_PATTERN.fullmatch(last.get("Content-Range") or "")
    if part is None:
        return last.media_type == "multipart/byteranges" and not last.get("Content-Range")
    begin, end = int(part[1]), int(part[2])
    return begin <= end < len(whole.body) and last.body == whole.body[begin : end + 1]


def is_whole_or_part(replies: Replies) -> bool:
    """Return whether the Range was ignored, or its satisfiable ranges were sent."""
    return is_whole(replies) or bool(is_part(replies))


def is_not_amplified(replies: Replies) -> bool:
    """Return whether there is no server error, and the body is less than twice the file."""
    return predicates.is_not_server_error(replies) and len(replies[-1].body) < 2 * len(
        replies[0].body
    )


def validator_probe(
    name: str, judge: predicates.Predicate, words: outcomes.Describer
) -> partial[Probe]:
    """Return a probe that applies if the first reply has a validator, the field `name`."""

    def describe(replies: Replies) -> str:
        return find_missing_validator(replies, name) or words(replies)

    def meets(replies: Replies) -> bool | None:
        return None if find_missing_validator(replies, name) else judge(replies)

    return partial(file_probe, describe=describe, meets=meets, grade="must")


def find_missing_validator(replies: Replies, name: str) -> str:
    """Return why the first reply has no usable validator, "" if it has one."""
    value = replies[0].get(name)
    if not value:
        return f"no {name}"
    return "the ETag is not quoted" if name == "ETag" and not value.endswith('"') else ""


def file_probe(id: str, sentence: str, *fields: str, **more: object) -> Probe:
    """Return a probe that requests the file, and then again with these header fields."""
    facts: dict[str, object] = {
        "describe": describe_range,
        "group": "static",
        "needs": FILE,
        **more,
    }
    again = get(FILE, *fields)
    return Probe(id, sentence, requests=PLAIN + again, **facts)  # type: ignore[arg-type]


invalid = partial(file_probe, grade="should", clause=rfc(9110, "14.2"), meets=is_whole_or_refused)
no_number = partial(
    file_probe, grade="should", clause=rfc(9110, "14.1.1"), meets=is_whole_or_refused
)
odd = partial(file_probe, grade="should", clause=CLIENT_ERROR, meets=predicates.is_not_server_error)
stale = partial(file_probe, grade="must", clause=IF_RANGE, meets=is_whole)
with_tag = partial(validator_probe("ETag", is_whole, describe_range), clause=IF_RANGE)
with_date = partial(validator_probe("Last-Modified", is_whole, describe_range), clause=IF_RANGE)

PROBES = (
    file_probe("range-unknown-unit", "A range in an unknown unit, which servers must ignore.",
               "Range: spoons=0-9", grade="must", clause=rfc(9110, "14.2"), meets=is_whole),
    file_probe("range-unit-in-upper-case", "A range in BYTES; unit names are case-insensitive.",
               "Range: BYTES=0-9", clause=rfc(9110, "14.1")),
    invalid("range-hyphen-alone", "A range with neither a start nor an end: bytes=-.",
            "Range: bytes=-"),
    invalid("range-two-hyphens", "A negative number of last bytes: bytes=--5.", "Range: bytes=--5"),
    invalid("range-backwards", "A range that ends before its start: bytes=5-1.",
            "Range: bytes=5-1"),
    invalid("range-without-a-number", "A range of words: bytes=soup-cake.",
            "Range: bytes=soup-cake"),
    invalid("range-empty-set", "A unit without a range: bytes=.", "Range: bytes="),
    file_probe("range-suffix-of-zero",
               "The last zero bytes, which are never satisfiable: bytes=-0.", "Range: bytes=-0",
               grade="should", clause=BYTE_RANGES, meets=is_whole_or_416),
    file_probe("range-suffix-too-long",
               "More last bytes than the file has, which means the whole file.",
               "Range: bytes=-99999999", grade="must", clause=BYTE_RANGES,
               meets=is_whole_or_long_part),
    file_probe("range-end-too-far",
               "A range that ends beyond the file, which means the rest of the file.",
               "Range: bytes=0-99999999", grade="must", clause=BYTE_RANGES,
               meets=is_whole_or_long_part),
    file_probe("range-at-the-end", "A range that starts one byte after the last: bytes=SIZE-.",
               "Range: bytes={size}-", grade="should", clause=rfc(9110, "15.5.17"),
               meets=is_whole_or_sized_416),
    no_number("range-plus", "Numbers with a plus sign in a range: bytes=+0-+9.",
              "Range: bytes=+0-+9"),
    no_number("range-underscore", "Numbers in Python's syntax in a range: bytes=0-1_0.",
              "Range: bytes=0-1_0"),
    no_number("range-other-digits", "Arabic-Indic digits in a range, in UTF-8.",
              "Range: bytes=٠-٩".encode().decode("latin-1")),
    no_number("range-superscript-digit", "A superscript two of ISO 8859-1 in a range.",
              "Range: bytes=0-²"),
    no_number("range-hexadecimal", "Hexadecimal numbers in a range: bytes=0x0-0x9.",
              "Range: bytes=0x0-0x9"),
    odd("range-with-blanks", "Spaces around the numbers of a range.", "Range: bytes= 0 - 9 "),
    odd("range-huge", "A range to a number of 5,000 digits; Python's limit is 4,300.",
        "Range: bytes=0-" + "9" * 5000),
    file_probe("range-parts-form", "Two ranges at once, and whether the reply names its bytes.",
               "Range: bytes=0-1,4-5", grade="must", clause=rfc(9110, "15.3.7.2"), meets=is_part),
    file_probe("range-one-of-two-beyond", "Two ranges, of which only the first is satisfiable.",
               "Range: bytes=0-9,9999999-", grade="should", clause=BYTE_RANGES,
               meets=is_whole_or_part),
    file_probe("range-three-overlapping",
               "Three ranges that overlap, which servers may ignore or refuse.",
               "Range: bytes=0-9,5-14,7-20", grade="should", clause=TOO_MUCH,
               meets=is_not_amplified),
    file_probe("range-whole-file-50-times", "The whole file 50 times in one Range field.",
               "Range: bytes=" + ",".join(["0-"] * 50), grade="should", clause=TOO_MUCH,
               meets=is_not_amplified),
    stale("if-range-stale-tag", "If-Range with another entity tag, which requires the whole file.",
          FIRST_TEN_BYTES, 'If-Range: "soup"'),
    stale("if-range-stale-date", "If-Range with an earlier date, which requires the whole file.",
          FIRST_TEN_BYTES, f"If-Range: {OLD_DATE}"),
    stale("if-range-later-date", "If-Range with a later date; only the file's exact date matches.",
          FIRST_TEN_BYTES, "If-Range: Thu, 01 Jan 2099 00:00:00 GMT"),
    with_tag("if-range-weak-tag", "If-Range with the file's entity tag, marked as weak.",
             FIRST_TEN_BYTES, "If-Range: W/{opaque-tag}"),
    with_tag("if-range-same-tag", "If-Range with the file's entity tag.", FIRST_TEN_BYTES,
             "If-Range: {etag}", grade="free", meets=None),
    with_date("if-range-same-date", "If-Range with the file's date.", FIRST_TEN_BYTES,
              "If-Range: {last-modified}", grade="free", meets=None),
    stale("if-range-empty", "An empty If-Range, which matches no validator.", FIRST_TEN_BYTES,
          "If-Range:", grade="should"),
    stale("if-range-nonsense", "If-Range with a word that is neither a tag nor a date.",
          FIRST_TEN_BYTES, "If-Range: soup", grade="should"),
    stale("if-range-year-99999", "If-Range with a date in the year 99999.", FIRST_TEN_BYTES,
          "If-Range: Thu, 01 Jan 99999 00:00:00 GMT", grade="should"),
    stale("if-range-year-of-20-digits", "If-Range with a year of 20 digits.", FIRST_TEN_BYTES,
          f"If-Range: Thu, 01 Jan {'9' * 20} 00:00:00 GMT", grade="should"),
)  # fmt: skip
