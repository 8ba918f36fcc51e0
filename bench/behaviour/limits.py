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
from bench.behaviour.channel import CHANNELS, IN_PROCESS, Answer, Channel
from bench.behaviour.runner import Framework

# A large request takes its time; a refusal must not be claimed only because a machine is busy.
LIMIT_SECONDS = 30.0
MIB = 1024 * 1024
REASON_CHARACTERS = 60


@dataclass(frozen=True)
class Limit:
    """One thing that may be too large; accepted says whether an answer took all of it."""

    id: str  # the recipe's name
    sentence: str
    unit: str
    ceiling: int
    accepted: Callable[[Answer, int], bool]
    channels: tuple[str, ...] = (IN_PROCESS,)


@dataclass(frozen=True)
class Edge:
    """The largest accepted, whether that is the ceiling, and what refuses one more."""

    accepted: int
    ceiling: bool
    refusal: str


def gives(key: str) -> Callable[[Answer, int], bool]:
    """Return a check: the JSON reply has the size under this key."""

    def accepted(answer: Answer, size: int) -> bool:
        try:
            return bool(json.loads(answer.reply.body)[key] == size)
        except (ValueError, KeyError, TypeError):
            return False

    return accepted


def at_least(bytes_each: int) -> Callable[[Answer, int], bool]:
    """Return a check: the reply is long enough to hold all of it."""
    return lambda answer, size: answer.length >= bytes_each * size


LIMITS = (
    Limit("json-bytes", "A JSON text.", "bytes", 16 * MIB, at_least(1)),
    Limit("json-depth", "Arrays in JSON, one in the other.", "levels", 100_000, at_least(2)),
    Limit("form-field-bytes", "One field of a form.", "bytes", 16 * MIB, at_least(1)),
    Limit("form-fields", "Fields of a form.", "fields", 20_000,
          lambda answer, size: answer.reply.body == b"1"),
    Limit("query-parameters", "Parameters of a query.", "parameters", 20_000, at_least(4)),
    Limit("upload-parts", "Parts of an upload.", "parts", 10_000, gives("parts")),
    Limit("upload-bytes", "A file of an upload.", "bytes", 16 * MIB, gives("bytes")),
    Limit("header-bytes", "One header field.", "bytes", MIB,
          lambda answer, size: answer.reply.text == "hello", CHANNELS),
)  # fmt: skip


Edges = dict[str, dict[str, Edge]]  # limit: channel


def find(framework: Framework) -> Edges:
    """Return the edge of every limit by its id and channel."""
    return {
        limit.id: {kind: edge(limit, framework.channel(kind)) for kind in limit.channels}
        for limit in LIMITS
    }


def edge(limit: Limit, channel: Channel) -> Edge:
    """Find the largest accepted by doubling and halving."""
    low, high, refusal = 0, 1, ""
    while True:
        answer = ask(limit, channel, high)
        if not took(limit, answer, high):
            refusal = words(answer)
            break
        low = high
        if high == limit.ceiling:
            return Edge(low, True, "")
        high = min(2 * high, limit.ceiling)
    while high - low > 1:
        middle = (low + high) // 2
        answer = ask(limit, channel, middle)
        if took(limit, answer, middle):
            low = middle
        else:
            high, refusal = middle, words(answer)
    return Edge(low, False, refusal)


def ask(limit: Limit, channel: Channel, size: int) -> Answer:
    """Send a request of a size."""
    if channel.kind == IN_PROCESS:
        return channel.call(LIMIT_SECONDS, recipe=limit.id, size=size)
    return channel.ask(RECIPES[limit.id](size))


def took(limit: Limit, answer: Answer, size: int) -> bool:
    """Tell whether all of it was taken."""
    sound = not answer.trouble and not answer.raised and answer.reply.status == 200
    return sound and limit.accepted(answer, size)


def words(answer: Answer) -> str:
    """Return a refusal in words: how it ends, and the first words of the page."""
    if answer.trouble or answer.raised:
        return answer.trouble or f"raises {answer.raised}"
    reply = answer.reply
    if reply.status == 200:
        return f"200, but not all of it: {first_words(reply.text)}"
    return f"{reply.status} {reply.reason}".strip() if reply.status else "no reply"


def first_words(text: str) -> str:
    """Return the beginning of a page on one line."""
    return " ".join(normalize.normal(text).split())[:REASON_CHARACTERS]


def as_part(found: dict[str, Edges]) -> dict[str, Any]:
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
