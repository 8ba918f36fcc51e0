"""Find the largest size that a framework accepts, and how it refuses a larger one.

The search doubles the size until it is refused, or until it reaches a ceiling that bounds memory.
Then bisection narrows the gap between the largest accepted and the smallest refused size to 1. If
a small size is refused and a larger one accepted, the search finds one of the edges.
The application is called in its own process, so that no limit of a server interferes; the header
is also sent through the servers, because servers limit headers themselves.

The part "limits" of results.json: {"kinds": {id: {"sentence", "unit", "ceiling"}}, "frameworks":
{framework: {id: {channel: {"max_accepted": size, "reached_ceiling", "refusal": text}}}}}.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from bench.agent.sized_requests import RECIPES
from bench.behaviour import normalize
from bench.behaviour.channel import CHANNELS, IN_PROCESS, Channel, RequestResult
from bench.behaviour.runner import ProbedFramework
from bench.results.schema import LimitEdge, LimitKind, Limits

# A large request takes long, and a busy machine must not look like a refusal.
TIMEOUT_SECONDS = 30.0
MIB = 1024 * 1024
MAX_REASON_CHARACTERS = 60


@dataclass(frozen=True)
class Limit:
    """One kind of size; is_complete returns whether a reply confirms a size in full."""

    id: str  # name of the recipe in bench/agent/sized_requests.py
    sentence: str
    unit: str
    ceiling: int
    is_complete: Callable[[RequestResult, int], bool]
    channels: tuple[str, ...] = (IN_PROCESS,)


def match_json_size(key: str) -> Callable[[RequestResult, int], bool]:
    """Return a check that the JSON reply reports the size under this key."""

    def is_complete(result: RequestResult, size: int) -> bool:
        try:
            return bool(json.loads(result.reply.body)[key] == size)
        except (ValueError, KeyError, TypeError):
            return False

    return is_complete


def match_min_length(bytes_each: int) -> Callable[[RequestResult, int], bool]:
    """Return a check that the reply has at least this many bytes for each unit of size."""
    return lambda result, size: result.body_length >= bytes_each * size


LIMITS = (
    Limit("json-bytes", "A JSON text.", "bytes", 16 * MIB, match_min_length(1)),
    Limit("json-depth", "Nested arrays in JSON.", "levels", 100_000,
          match_min_length(2)),
    Limit("form-field-bytes", "One field of a form.", "bytes", 16 * MIB, match_min_length(1)),
    Limit("form-fields", "Fields of a form.", "fields", 20_000,
          lambda result, size: result.reply.body == b"1"),
    Limit("query-parameters", "Parameters of a query.", "parameters", 20_000, match_min_length(4)),
    Limit("upload-parts", "Parts of an upload.", "parts", 10_000, match_json_size("parts")),
    Limit("upload-bytes", "A file in an upload.", "bytes", 16 * MIB, match_json_size("bytes")),
    Limit("header-bytes", "One header field.", "bytes", MIB,
          lambda result, size: result.reply.text == "hello", CHANNELS),
)  # fmt: skip


EdgesByLimit = dict[str, dict[str, LimitEdge]]  # limit: channel


def find_edges(framework: ProbedFramework) -> EdgesByLimit:
    """Return the edge of every limit by limit id and channel."""
    return {
        limit.id: {kind: find_edge(limit, framework.get_channel(kind)) for kind in limit.channels}
        for limit in LIMITS
    }


def find_edge(limit: Limit, channel: Channel) -> LimitEdge:
    """Return the largest accepted size, found by doubling and bisection."""
    low, high, refusal = 0, 1, ""
    while True:
        result = send_sized_request(limit, channel, high)
        if not is_accepted(limit, result, high):
            refusal = describe_refusal(result)
            break
        low = high
        if high == limit.ceiling:
            return LimitEdge(low, True, "")
        high = min(2 * high, limit.ceiling)
    while high - low > 1:
        middle = (low + high) // 2
        result = send_sized_request(limit, channel, middle)
        if is_accepted(limit, result, middle):
            low = middle
        else:
            high, refusal = middle, describe_refusal(result)
    return LimitEdge(low, False, refusal)


def send_sized_request(limit: Limit, channel: Channel, size: int) -> RequestResult:
    """Send a request of this size and return the result."""
    if channel.kind == IN_PROCESS:
        return channel.call_application(TIMEOUT_SECONDS, recipe=limit.id, size=size)
    return channel.send_request(RECIPES[limit.id](size))


def is_accepted(limit: Limit, result: RequestResult, size: int) -> bool:
    """Return whether the application accepted the whole size."""
    succeeded = not result.failure and not result.exception_name and result.reply.status == 200
    return succeeded and limit.is_complete(result, size)


def describe_refusal(result: RequestResult) -> str:
    """Return a refusal in words: a failure, an exception, or the status and its reason."""
    if result.failure or result.exception_name:
        return result.failure or f"raises {result.exception_name}"
    reply = result.reply
    if reply.status == 200:
        return f"200, but not all of it: {shorten_page(reply.text)}"
    return f"{reply.status} {reply.reason}".strip() if reply.status else "no reply"


def shorten_page(text: str) -> str:
    """Return the start of a page on one line."""
    return " ".join(normalize.normalize_text(text).split())[:MAX_REASON_CHARACTERS]


def build_part(edges_by_framework: dict[str, EdgesByLimit]) -> Limits:
    """Return the part "limits" of results.json."""
    kinds = {limit.id: LimitKind(limit.sentence, limit.unit, limit.ceiling) for limit in LIMITS}
    return Limits(kinds, edges_by_framework)
