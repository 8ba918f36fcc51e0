"""What did one framework answer to one probe on one channel?"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.behaviour.channel import IN_PROCESS, Channel, RequestResult
from bench.behaviour.http_response import Reply
from bench.behaviour.probe import Probe

NOT_APPLICABLE = "not applicable"
SERVERS_ONLY = f"{NOT_APPLICABLE}: no application sees these bytes"
NOT_PROVIDED = f"{NOT_APPLICABLE}: the framework brings no such thing"
PLACEHOLDER = re.compile(rb"\{([a-z-]+)\}")
Ask = Callable[[bytes, bool], RequestResult]


@dataclass(frozen=True)
class ProbeResult:
    """One framework's outcome for one probe on one channel, with its evidence."""

    outcome: str
    meets: bool | None = None  # what the clause asks for; None where it has no say here
    requests: tuple[bytes, ...] = ()  # as sent
    request_results: tuple[RequestResult, ...] = ()

    @property
    def applies(self) -> bool:
        """Return whether the probe could be asked at all."""
        return not self.outcome.startswith(NOT_APPLICABLE)

    @property
    def exception_name(self) -> str:
        """The kind of exception that left the application, "" where none did."""
        return self.request_results[-1].exception_name if self.request_results else ""

    @property
    def violations(self) -> tuple[str, ...]:
        """The rules of PEP 3333 that were broken, each once."""
        return tuple(sorted({hit for answer in self.request_results for hit in answer.violations}))


def evaluate_probe(probe: Probe, channel: Channel, has_page: Callable[[str], bool]) -> ProbeResult:
    """Ask a probe; every way it may end is an outcome, and none raises but NotStarted.

    is_there says whether the framework has the address that the probe needs.
    """
    if probe.servers_only and channel.kind == IN_PROCESS:
        return ProbeResult(SERVERS_ONLY)
    if probe.needs and not has_page(probe.needs):
        return ProbeResult(NOT_PROVIDED)
    requests: list[bytes] = []
    answers: list[RequestResult] = []
    for request in probe.requests:
        requests.append(fill_placeholders(request, [answer.reply for answer in answers]))
        answers.append(channel.send_request(requests[-1], probe.half_close))
        if answers[-1].failure:
            break
    words, meets = judge_results(probe, answers)
    if probe.servers_duty and channel.kind == IN_PROCESS:
        meets = None
    return ProbeResult(words, meets, tuple(requests), tuple(answers))


def judge_results(probe: Probe, answers: Sequence[RequestResult]) -> tuple[str, bool | None]:
    """Return the outcome in words, and whether it meets the probe's clause."""
    last = answers[-1]
    if last.failure:
        return last.failure, False if probe.meets else None
    replies = [to_served_reply(answer) for answer in answers]
    meets = probe.meets(replies) if probe.meets else None
    if last.exception_name:
        begun = f"{last.reply.status}, then " if last.reply.body else ""
        return f"{begun}raises {last.exception_name}", meets
    return probe.describe(replies), meets


def to_served_reply(answer: RequestResult) -> Reply:
    """Return the reply as servers send it: an exception before the body makes a 500."""
    if answer.exception_name and not answer.reply.body:
        return Reply(500)
    return answer.reply


def fill_placeholders(request: bytes, replies: Sequence[Reply]) -> bytes:
    """Return the request with what stands in braces taken from the latest reply that has it."""

    def value(match: re.Match[bytes]) -> bytes:
        found = (read_placeholder(match[1].decode(), reply) for reply in reversed(replies))
        return next((one for one in found if one), "").encode("latin-1", "replace")

    return PLACEHOLDER.sub(value, request)


def read_placeholder(name: str, reply: Reply) -> str:
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
