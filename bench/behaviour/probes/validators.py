"""Probes of conditional requests for a file: dates, entity tags, and the fields of a 304."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe, Replies
from bench.behaviour.probes.ranges import OLD_DATE, file_probe, validator_probe
from bench.behaviour.raw_requests import get
from bench.behaviour.standards import CLIENT_ERROR, rfc

FUTURE = "Thu, 01 Jan 2099 00:00:00 GMT"
SINCE = "If-Modified-Since: "
MODIFIED_SINCE = rfc(9110, "13.1.3")
MATCH, NONE_MATCH = rfc(9110, "13.1.1"), rfc(9110, "13.1.2")
UNMODIFIED_SINCE = rfc(9110, "13.1.4")
HTTP_DATE = rfc(9110, "5.6.7")
NOT_MODIFIED = rfc(9110, "15.4.5")
# A 304 repeats these if the 200 has them; Expires is omitted because it changes every second.
REPEATED_FIELDS = ("Cache-Control", "Content-Location", "ETag", "Vary")
status_probe = partial(file_probe, describe=outcomes.describe_status)
no_date = partial(
    status_probe, grade="must", clause=MODIFIED_SINCE, meets=predicates.has_status(200)
)
odd = partial(
    status_probe, grade="should", clause=CLIENT_ERROR, meets=predicates.is_not_server_error
)


def counts_like_fixed_form(replies: Replies) -> bool | None:
    """Return whether an obsolete date form works like today's; None if today's does not work."""
    return replies[-1].status == 304 if replies[-2].status == 304 else None


def obsolete_date_probe(id: str, sentence: str, date: str) -> Probe:
    """Return a probe that sends a date in today's form, and then in an obsolete form."""
    later = get("/static/site.css", SINCE + date)
    first = status_probe(id, sentence, SINCE + FUTURE, grade="must", clause=HTTP_DATE)
    return Probe(id, sentence, first.group, first.requests + later, describe_both, "must",
    HTTP_DATE,
                 counts_like_fixed_form, needs=first.needs)  # fmt: skip


def describe_both(replies: Replies) -> str:
    """Return the statuses of the last two replies."""
    return f"{replies[-2].status} in today's form, {replies[-1].status} in this one"


def describe_repeated_fields(replies: Replies) -> str:
    """Return which fields of the 200 are missing or different in the 304."""
    whole, last = replies[0], replies[-1]
    if last.status != 304:
        return outcomes.describe_status(replies)
    names = [name for name in REPEATED_FIELDS if whole.get(name) is not None]
    missing = [f"no {name}" for name in names if last.get(name) is None]
    other = [f"another {name}" for name in names if last.get(name) not in (None, whole.get(name))]
    return ", ".join(["304", *missing, *other]) + (
        "" if missing or other else ", nothing is missing"
    )


def has_repeated_fields(replies: Replies) -> bool | None:
    """Return whether a 304 has each field that the 200 had; None for another status."""
    if replies[-1].status != 304:
        return None
    return describe_repeated_fields(replies).endswith("nothing is missing")


def describe_content_type(replies: Replies) -> str:
    """Return whether a 304 has the content type of the 200, another type, or none."""
    whole, last = replies[0], replies[-1]
    if last.status != 304:
        return outcomes.describe_status(replies)
    if not last.media_type:
        return "304, no type"
    same = last.media_type == whole.media_type
    return "304, the type of the file" if same else f"304, {last.media_type}"


def has_no_type(replies: Replies) -> bool | None:
    """Return whether a 304 has no Content-Type; None for another status."""
    return replies[-1].get("Content-Type") is None if replies[-1].status == 304 else None


def describe_content_length(replies: Replies) -> str:
    """Return whether a 304 has the length of the file, another length, or none."""
    length = replies[-1].get("Content-Length")
    if replies[-1].status != 304:
        return outcomes.describe_status(replies)
    if length is None:
        return "304, no length"
    same = length == str(len(replies[0].body))
    return "304, the length of the file" if same else f"304, Content-Length: {length}"


def has_no_other_length(replies: Replies) -> bool | None:
    """Return whether a 304 has no length, or the file's; None for another status."""
    if replies[-1].status != 304:
        return None
    return describe_content_length(replies) in ("304, no length", "304, the length of the file")


tag = validator_probe("ETag", predicates.has_status(304), outcomes.describe_status)

PROBES = (
    no_date("modified-date-empty", "If-Modified-Since without a date.", SINCE),
    no_date("modified-date-year-99999", "If-Modified-Since with a date in the year 99999.",
            f"{SINCE}Thu, 01 Jan 99999 00:00:00 GMT"),
    no_date("modified-date-year-of-20-digits", "If-Modified-Since with a year of 20 digits.",
            f"{SINCE}Thu, 01 Jan {'9' * 20} 00:00:00 GMT"),
    no_date("modified-date-year-of-5000-digits", "If-Modified-Since with a year of 5,000 digits.",
            f"{SINCE}Thu, 01 Jan {'9' * 5000} 00:00:00 GMT"),
    no_date("modified-date-year-0", "If-Modified-Since with a date in the year 0.",
            f"{SINCE}Sat, 01 Jan 0000 00:00:00 GMT"),
    no_date("modified-date-in-german", "If-Modified-Since with a German month: 01 Okt 2099.",
            f"{SINCE}Thu, 01 Okt 2099 00:00:00 GMT"),
    no_date("modified-date-in-french", "If-Modified-Since with a French month: 01 févr. 2099.",
            f"{SINCE}dim., 01 févr. 2099 00:00:00 GMT".encode().decode("latin-1")),
    no_date("modified-date-in-other-digits", "If-Modified-Since with Arabic-Indic digits.",
            f"{SINCE}Thu, ٠١ Jan ٢٠٩٩ 00:00:00 GMT".encode().decode("latin-1")),
    no_date("modified-date-that-is-none", "If-Modified-Since on 31 February 2099.",
            f"{SINCE}Sat, 31 Feb 2099 00:00:00 GMT", grade="should"),
    no_date("modified-date-twice", "Two dates in one If-Modified-Since.",
            f"{SINCE}{FUTURE}, {FUTURE}"),
    no_date("modified-date-of-94",
            "The year 94, which is 1994, because 2094 is over 50 years ahead.",
            f"{SINCE}Sunday, 06-Nov-94 08:49:37 GMT", clause=HTTP_DATE),
    status_probe("modified-date-with-a-zone",
                 "If-Modified-Since with a time zone other than GMT: +0200.",
                 f"{SINCE}Thu, 01 Jan 2099 00:00:00 +0200", clause=HTTP_DATE),
    odd("modified-date-year-9999", "If-Modified-Since with the last second of the year 9999.",
        f"{SINCE}Fri, 31 Dec 9999 23:59:59 GMT"),
    obsolete_date_probe("modified-date-of-two-digits",
                        "A date with two digits for 2060, in the form of RFC 850.",
                        "Thursday, 01-Jan-60 00:00:00 GMT"),
    obsolete_date_probe("modified-date-of-asctime", "A date in the form of C's asctime().",
                        "Thu Jan  1 00:00:00 2099"),
    status_probe("none-match-star", "If-None-Match: *, which matches every existing file.",
                 "If-None-Match: *", grade="must", clause=NONE_MATCH,
                 meets=predicates.has_status(304)),
    tag("none-match-weak", "If-None-Match with the file's tag, marked as weak.",
        "If-None-Match: W/{opaque-tag}", clause=NONE_MATCH),
    tag("none-match-strong", "If-None-Match with the file's tag, not marked as weak.",
        "If-None-Match: {opaque-tag}", clause=NONE_MATCH),
    odd("none-match-empty", "If-None-Match without a tag.", "If-None-Match:"),
    odd("none-match-not-quoted", "If-None-Match with an unquoted word.", "If-None-Match: soup"),
    validator_probe("Last-Modified", predicates.has_status(200), outcomes.describe_status)(
        "none-match-over-a-date", "Another tag and the file's date, of which the tag decides.",
        'If-None-Match: "soup"', f"{SINCE}{{last-modified}}", clause=MODIFIED_SINCE),
    tag("none-match-over-an-old-date", "The file's tag and an old date, of which the tag decides.",
        "If-None-Match: {etag}", f"{SINCE}{OLD_DATE}", clause=MODIFIED_SINCE),
    validator_probe("Last-Modified", has_repeated_fields, describe_repeated_fields)(
        "not-modified-fields", "Whether a 304 by the date repeats ETag, Cache-Control and Vary.",
        f"{SINCE}{{last-modified}}", clause=NOT_MODIFIED),
    validator_probe("ETag", has_repeated_fields, describe_repeated_fields)(
        "none-match-fields", "Whether a 304 by the tag repeats ETag, Cache-Control and Vary.",
        "If-None-Match: {etag}", clause=NOT_MODIFIED),
    validator_probe("Last-Modified", has_no_type, describe_content_type)(
        "not-modified-type", "The content type in a 304 by the date, which should have none.",
        f"{SINCE}{{last-modified}}", grade="should", clause=NOT_MODIFIED),
    validator_probe("ETag", has_no_type, describe_content_type)(
        "none-match-type", "The content type in a 304 by the tag, which should have none.",
        "If-None-Match: {etag}", grade="should", clause=NOT_MODIFIED),
    validator_probe("Last-Modified", has_no_other_length, describe_content_length)(
        "not-modified-length", "The length in a 304, which must be the file's or absent.",
        f"{SINCE}{{last-modified}}", clause=rfc(9110, "8.6")),
    status_probe("match-another", "If-Match with a tag that is not the file's.",
                 'If-Match: "soup"', grade="must", clause=MATCH, meets=predicates.has_status(412)),
    status_probe("match-star", "If-Match: *, which matches every existing file.", "If-Match: *",
                 grade="must", clause=MATCH, meets=predicates.has_status(200)),
    validator_probe("ETag", predicates.has_status(412), outcomes.describe_status)(
        "match-weak", "If-Match with the file's tag, marked as weak; only strong tags match.",
        "If-Match: W/{opaque-tag}", clause=MATCH),
    validator_probe("Last-Modified", predicates.has_status(412), outcomes.describe_status)(
        "unmodified-since-2000", "If-Unmodified-Since with a date before the file's.",
        f"If-Unmodified-Since: {OLD_DATE}", clause=UNMODIFIED_SINCE),
    status_probe("unmodified-date-year-99999",
                 "If-Unmodified-Since with a date in the year 99999.",
                 "If-Unmodified-Since: Thu, 01 Jan 99999 00:00:00 GMT", grade="must",
                 clause=UNMODIFIED_SINCE, meets=predicates.has_status(200)),
)  # fmt: skip
