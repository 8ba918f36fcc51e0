"""What is the largest that a framework takes, and what does its refusal look like?

The size is doubled until it is refused, or until a ceiling that bounds memory; then the place
between the largest accepted and the smallest refused is halved until they are neighbours. That
finds the limit where there is one; where small is refused and large taken, it finds one edge.
The application is called in its own process, so that no server's limit is in the way; the header
is sent through the servers, too, since they have a say there.

The part "limits" of results.json: {"ceilings": {id: {"sentence", "unit", "ceiling"}}, "found":
{framework: {id: {channel: {"accepted": n, "ceiling": reached?, "refusal": words}}}}}.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.agent.sized_requests import RECIPES
from bench.behaviour import normalize
from bench.behaviour.channel import CHANNELS, IN_PROCESS, Channel, RequestResult
from bench.behaviour.runner import ProbedFramework

# A large request takes its time; a refusal must not be claimed only because a machine is busy.
TIMEOUT_SECONDS = 30.0
MIB = 1024 * 1024
MAX_REASON_CHARACTERS = 60


@dataclass(frozen=True)
class Limit:
    """One thing that may be too large; accepted says whether an answer took all of it."""

    id: str  # the recipe's name
    sentence: str
    unit: str
    ceiling: int
    is_complete: Callable[[RequestResult, int], bool]
    channels: tuple[str, ...] = (IN_PROCESS,)


@dataclass(frozen=True)
class Edge:
    """The largest accepted, whether that is the ceiling, and what refuses one more."""

    accepted: int
    ceiling: bool
    refusal: str


def match_json_size(key: str) -> Callable[[RequestResult, int], bool]:
    """Return a check: the JSON reply has the size under this key."""

    def accepted(answer: RequestResult, size: int) -> bool:
        try:
            return bool(json.loads(answer.reply.body)[key] == size)
        except (ValueError, KeyError, TypeError):
            return False

    return accepted


def match_min_length(bytes_each: int) -> Callable[[RequestResult, int], bool]:
    """Return a check: the reply is long enough to hold all of it."""
    return lambda answer, size: answer.body_length >= bytes_each * size


LIMITS = (
    Limit("json-bytes", "A JSON text.", "bytes", 16 * MIB, match_min_length(1)),
    Limit("json-depth", "Arrays in JSON, one in the other.", "levels", 100_000,
          match_min_length(2)),
    Limit("form-field-bytes", "One field of a form.", "bytes", 16 * MIB, match_min_length(1)),
    Limit("form-fields", "Fields of a form.", "fields", 20_000,
          lambda answer, size: answer.reply.body == b"1"),
    Limit("query-parameters", "Parameters of a query.", "parameters", 20_000, match_min_length(4)),
    Limit("upload-parts", "Parts of an upload.", "parts", 10_000, match_json_size("parts")),
    Limit("upload-bytes", "A file of an upload.", "bytes", 16 * MIB, match_json_size("bytes")),
    Limit("header-bytes", "One header field.", "bytes", MIB,
          lambda answer, size: answer.reply.text == "hello", CHANNELS),
)  # fmt: skip


EdgesByLimit = dict[str, dict[str, Edge]]  # limit: channel


def find_edges(framework: ProbedFramework) -> EdgesByLimit:
    """Return the edge of every limit by its id and channel."""
    return {
        limit.id: {kind: find_edge(limit, framework.get_channel(kind)) for kind in limit.channels}
        for limit in LIMITS
    }


def find_edge(limit: Limit, channel: Channel) -> Edge:
    """Find the largest accepted by doubling and halving."""
    low, high, refusal = 0, 1, ""
    while True:
        answer = send_sized_request(limit, channel, high)
        if not is_accepted(limit, answer, high):
            refusal = describe_refusal(answer)
            break
        low = high
        if high == limit.ceiling:
            return Edge(low, True, "")
        high = min(2 * high, limit.ceiling)
    while high - low > 1:
        middle = (low + high) // 2
        answer = send_sized_request(limit, channel, middle)
        if is_accepted(limit, answer, middle):
            low = middle
        else:
            high, refusal = middle, describe_refusal(answer)
    return Edge(low, False, refusal)


def send_sized_request(limit: Limit, channel: Channel, size: int) -> RequestResult:
    """Send a request of a size."""
    if channel.kind == IN_PROCESS:
        return channel.call_application(TIMEOUT_SECONDS, recipe=limit.id, size=size)
    return channel.send_request(RECIPES[limit.id](size))


def is_accepted(limit: Limit, answer: RequestResult, size: int) -> bool:
    """Tell whether all of it was taken."""
    sound = not answer.failure and not answer.exception_name and answer.reply.status == 200
    return sound and limit.is_complete(answer, size)


def describe_refusal(answer: RequestResult) -> str:
    """Return a refusal in words: how it ends, and the first words of the page."""
    if answer.failure or answer.exception_name:
        return answer.failure or f"raises {answer.exception_name}"
    reply = answer.reply
    if reply.status == 200:
        return f"200, but not all of it: {shorten_page(reply.text)}"
    return f"{reply.status} {reply.reason}".strip() if reply.status else "no reply"


def shorten_page(text: str) -> str:
    """Return the beginning of a page on one line."""
    return " ".join(normalize.normalize_text(text).split())[:MAX_REASON_CHARACTERS]


def build_part(found: dict[str, EdgesByLimit]) -> dict[str, Any]:
    """Return the part of results.json for the edges of every framework."""
    return {
        "ceilings": {
            limit.id: {"sentence": limit.sentence, "unit": limit.unit, "ceiling": limit.ceiling}
            for limit in LIMITS
        },
        "found": {
            name: {
                id: {kind: vars(one) for kind, one in edges.items()} for id, edges in limits.items()
            }
            for name, limits in found.items()
        },
    }
