"""Put a failed clause into one sentence: what was asked, what came back, what was expected."""

import re
from pathlib import Path

from bench.analysis.handlers import ParsedSite
from bench.core.errors import collapse_whitespace
from bench.learn.clause_server import ClauseResult
from bench.learn.code_checks import ENDS, describe_mistakes, locate
from bench.learn.tracebacks import RaisedError, find_errors, find_linked_errors
from bench.learn.working_copy import WorkingCopy

NOT_ANSWERED = re.compile(r"(?P<request>\S+ \S+) was not answered within (?P<seconds>\S+) s")
START_LIMIT = "of processor time"
NOT_STARTED = re.compile(r"the site does not start: (?:\w+: )?(?P<reason>.*?)(?: \(log: \S+\))?$")
AMONG = re.compile(r"(?P<actual>.*) is not among (?P<expected>.*)")
DIFFERENCE = re.compile(r"(?P<actual>.*) instead of (?P<expected>.*)")
MEDIA_TYPE = re.compile(r"'(text|application)/[\w.+-]+(; charset=[\w-]+)?'")
COUNT = re.compile(r"(?P<count>\d+) of (?P<selector>.+) on https?://[^/]+(?P<path>\S*)")
# Errors of the clauses themselves, which read a reply that is not as they expect.
READING_ERRORS = {
    "JSONDecodeError": "the reply is not JSON",
    "KeyError": "the reply lacks {}",
    "IndexError": "the reply lacks a part that the clause reads",
    "AttributeError": "the reply lacks a part that the clause reads",
    "TypeError": "the reply has another form than the clause reads",
    "StopIteration": "the reply lacks a part that the clause reads",
    "ValueError": "the reply has a value that cannot be read",
    "ConnectionError": "the site closed the connection without a reply",
    "ReplyError": "the reply is not HTTP",
}
SERVER_ERROR = re.compile(r"-> 5\d\d ")


def describe_failure(
    copy: WorkingCopy, site: ParsedSite, exercise: str, result: ClauseResult
) -> str:
    """Return one sentence about a failed clause of the current exercise."""
    message = result.message
    if match := NOT_ANSWERED.search(message):
        reason = describe_mistakes(copy, site, exercise)
        if not reason.endswith(ENDS):
            reason = f"look for a loop that never ends in {name_handler(copy, site, exercise)}"
        return (
            f"{match['request']} was not answered within {match['seconds']} s, so the site was "
            f"stopped: {reason}."
        )
    if match := NOT_STARTED.search(message):
        return describe_start(copy, match["reason"], result.log)
    said = describe_reply(result.asked, message, result.clause)
    error = find_error(copy, result)
    reason = describe_mistakes(copy, site, exercise)
    if not reason and error:
        reason = describe_error(copy, error)
    elif reason:
        reason = f"{reason} ({locate_handler(copy, site, exercise)})"
    said = f"{said[:1].upper()}{said[1:]}"
    return f"{said}: {reason}." if reason else f"{said}."


def describe_reply(asked: str, message: str, claim: str) -> str:
    """Return the request, the reply and the expectation: "GET / returned 404 …, expected 200"."""
    message = collapse_whitespace(message).rstrip(".")
    request, _, reply = asked.partition(" -> ")
    difference = DIFFERENCE.fullmatch(message)
    if not request:
        return describe_difference(message, claim)
    reply = reply.partition(' "')[0]
    if difference and reply.startswith(f"{difference['actual']} "):
        return f"{request} returned {reply}, expected {difference['expected']}"
    return f"After {request} ({reply}), {describe_difference(message, claim)}"


def describe_difference(message: str, claim: str) -> str:
    """Return what a clause found, without the names of Python's own errors."""
    if match := DIFFERENCE.fullmatch(message):
        if MEDIA_TYPE.fullmatch(match["expected"]):
            return f"the content type is {match['actual']}, expected {match['expected']}"
        return f"the clause expected {match['expected']} and found {match['actual']}"
    if (match := AMONG.fullmatch(message)) and MEDIA_TYPE.fullmatch(match["actual"]):
        return f"the content type is {match['actual']}, expected one of {match['expected']}"
    kind, _, text = message.partition(": ")
    if kind in READING_ERRORS:
        return READING_ERRORS[kind].format(text)
    if match := COUNT.fullmatch(message):
        if match["count"] == "0":
            return f"the page {match['path']} has no element {match['selector']}"
        return f"the page {match['path']} has {match['count']} elements {match['selector']}, not 1"
    if message.startswith("assert "):  # an expression of the clause says nothing to a beginner
        return f"it does not hold that {claim}"
    return message


def describe_start(copy: WorkingCopy, reason: str, log: str) -> str:
    """Return why the site does not start."""
    error = next(find_errors(log, list_files(copy)), None)
    if error and error.file and error.text.endswith(START_LIMIT):
        return (
            "The site did not start and was stopped: look for a loop that never ends at "
            f"{error.file}, line {error.line}."
        )
    if error and error.file:
        return f"The site does not start: {error.describe()} ({error.file}, line {error.line})."
    return f"The site does not start: {reason}."


def find_error(copy: WorkingCopy, result: ClauseResult) -> RaisedError | None:
    """Return the error that the site logged for a reply with a server error, None without one.

    If several led to each other, it is the last that the learner's code raised.
    """
    if not SERVER_ERROR.search(result.asked):
        return None
    errors = [*find_linked_errors(result.log, list_files(copy))]
    return next((error for error in errors if error.file), errors[0] if errors else None)


def describe_error(copy: WorkingCopy, error: RaisedError) -> str:
    """Return who raised an error, and where: the learner's code, or the framework."""
    if error.file:
        return f"{error.name} raised {error.describe()} ({error.file}, line {error.line})"
    return f"{copy.original.title} raised {error.describe()}"


def list_files(copy: WorkingCopy) -> list[Path]:
    """Return the learner's files, relative to the working copy."""
    return [file.relative_to(copy.folder) for file in copy.list_code_files()]


def name_handler(copy: WorkingCopy, site: ParsedSite, exercise: str) -> str:
    """Return the name and the place of an exercise's handler."""
    for handler in site.handlers:
        if handler.feature.id == exercise:
            return f"{handler.name} ({locate(copy, handler)})"
    return "your code"


def locate_handler(copy: WorkingCopy, site: ParsedSite, exercise: str) -> str:
    """Return the place of an exercise's handler."""
    return next(
        (locate(copy, each) for each in site.handlers if each.feature.id == exercise), "your code"
    )
