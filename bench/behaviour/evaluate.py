"""What did one framework answer to one probe on one channel?"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.behaviour.channel import IN_PROCESS, Answer, Channel
from bench.behaviour.http_response import Reply
from bench.behaviour.probe import Probe

ELSEWHERE = "not applicable"
NOT_SEEN = f"{ELSEWHERE}: no application sees these bytes"
NOT_THERE = f"{ELSEWHERE}: the framework brings no such thing"
FILLED = re.compile(rb"\{([a-z-]+)\}")
Ask = Callable[[bytes, bool], Answer]


@dataclass(frozen=True)
class Cell:
    """One framework's outcome for one probe on one channel, with its evidence."""

    outcome: str
    meets: bool | None = None  # what the clause asks for; None where it has no say here
    requests: tuple[bytes, ...] = ()  # as sent
    answers: tuple[Answer, ...] = ()

    @property
    def applies(self) -> bool:
        """Return whether the probe could be asked at all."""
        return not self.outcome.startswith(ELSEWHERE)

    @property
    def raised(self) -> str:
        """The kind of exception that left the application, "" where none did."""
        return self.answers[-1].raised if self.answers else ""

    @property
    def hits(self) -> tuple[str, ...]:
        """The rules of PEP 3333 that were broken, each once."""
        return tuple(sorted({hit for answer in self.answers for hit in answer.hits}))


def ask(probe: Probe, channel: Channel, is_there: Callable[[str], bool]) -> Cell:
    """Ask a probe; every way it may end is an outcome, and none raises but NotStarted.

    is_there says whether the framework has the address that the probe needs.
    """
    if probe.servers_only and channel.kind == IN_PROCESS:
        return Cell(NOT_SEEN)
    if probe.needs and not is_there(probe.needs):
        return Cell(NOT_THERE)
    requests: list[bytes] = []
    answers: list[Answer] = []
    for request in probe.requests:
        requests.append(filled(request, [answer.reply for answer in answers]))
        answers.append(channel.ask(requests[-1], probe.half_close))
        if answers[-1].trouble:
            break
    words, meets = judged(probe, answers)
    if probe.servers_duty and channel.kind == IN_PROCESS:
        meets = None
    return Cell(words, meets, tuple(requests), tuple(answers))


def judged(probe: Probe, answers: Sequence[Answer]) -> tuple[str, bool | None]:
    """Return the outcome in words, and whether it meets the probe's clause."""
    last = answers[-1]
    if last.trouble:
        return last.trouble, False if probe.meets else None
    replies = [as_served(answer) for answer in answers]
    meets = probe.meets(replies) if probe.meets else None
    if last.raised:
        begun = f"{last.reply.status}, then " if last.reply.body else ""
        return f"{begun}raises {last.raised}", meets
    return probe.tell(replies), meets


def as_served(answer: Answer) -> Reply:
    """Return the reply as servers send it: an exception before the body makes a 500."""
    if answer.raised and not answer.reply.body:
        return Reply(500)
    return answer.reply


def filled(request: bytes, replies: Sequence[Reply]) -> bytes:
    """Return the request with what stands in braces taken from the latest reply that has it."""

    def value(match: re.Match[bytes]) -> bytes:
        found = (from_reply(match[1].decode(), reply) for reply in reversed(replies))
        return next((one for one in found if one), "").encode("latin-1", "replace")

    return FILLED.sub(value, request)


def from_reply(name: str, reply: Reply) -> str:
    """Return what a reply has under one of the names that requests use, "" for nothing."""
    pair = (reply.get("Set-Cookie") or "").partition(";")[0]
    if name == "cookie-pair":
        return pair
    if name == "cookie-name":
        return pair.partition("=")[0]
    if name == "opaque-tag":
        return (reply.get("ETag") or "").removeprefix("W/")
    if name == "size":
        return str(len(reply.body))
    return reply.get("Last-Modified" if name == "last-modified" else name) or ""
