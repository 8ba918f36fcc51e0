"""Evaluate one probe against one framework on one channel."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.behaviour.channel import IN_PROCESS, Channel, RequestResult
from bench.behaviour.http_response import Reply
from bench.behaviour.probe import Probe

NOT_APPLICABLE = "not applicable"
SERVERS_ONLY = f"{NOT_APPLICABLE}: no application sees these bytes"
NOT_PROVIDED = f"{NOT_APPLICABLE}: the framework does not provide this"
PLACEHOLDER = re.compile(rb"\{([a-z-]+)\}")


@dataclass(frozen=True)
class ProbeResult:
    """One framework's outcome for one probe on one channel, with its evidence."""

    outcome: str
    meets: bool | None = None  # whether the clause is met; None if the clause does not apply
    requests: tuple[bytes, ...] = ()  # the bytes as sent
    request_results: tuple[RequestResult, ...] = ()

    @property
    def applies(self) -> bool:
        """Whether the probe applies to this framework and channel."""
        return not self.outcome.startswith(NOT_APPLICABLE)

    @property
    def exception_name(self) -> str:
        """The type of the exception that left the application, "" if none did."""
        return self.request_results[-1].exception_name if self.request_results else ""

    @property
    def violations(self) -> tuple[str, ...]:
        """The rules of PEP 3333 that were broken, each named once."""
        return tuple(sorted({rule for item in self.request_results for rule in item.violations}))


def evaluate_probe(probe: Probe, channel: Channel, has_page: Callable[[str], bool]) -> ProbeResult:
    """Send a probe's requests and return the result.

    has_page returns whether the framework has the page that the probe needs. Every way in which a
    probe can end is an outcome. Raises ProcessStartError if the application does not start.
    """
    if probe.servers_only and channel.kind == IN_PROCESS:
        return ProbeResult(SERVERS_ONLY)
    if probe.needs and not has_page(probe.needs):
        return ProbeResult(NOT_PROVIDED)
    requests: list[bytes] = []
    results: list[RequestResult] = []
    for request in probe.requests:
        requests.append(fill_placeholders(request, [result.reply for result in results]))
        results.append(channel.send_request(requests[-1], probe.half_close))
        if results[-1].failure:
            break
    outcome, meets = judge_results(probe, results)
    if probe.servers_duty and channel.kind == IN_PROCESS:
        meets = None
    return ProbeResult(outcome, meets, tuple(requests), tuple(results))


def judge_results(probe: Probe, results: Sequence[RequestResult]) -> tuple[str, bool | None]:
    """Return the outcome in words, and whether it meets the probe's clause."""
    last = results[-1]
    if last.failure:
        return last.failure, False if probe.meets else None
    replies = [to_served_reply(result) for result in results]
    meets = probe.meets(replies) if probe.meets else None
    if last.exception_name:
        start = f"{last.reply.status}, then " if last.reply.body else ""
        return f"{start}raises {last.exception_name}", meets
    return probe.describe(replies), meets


def to_served_reply(result: RequestResult) -> Reply:
    """Return the reply as servers send it: an exception before the body becomes a 500."""
    if result.exception_name and not result.reply.body:
        return Reply(500)
    return result.reply


def fill_placeholders(request: bytes, replies: Sequence[Reply]) -> bytes:
    """Return the request with each name in braces replaced from the latest reply that has it."""

    def value(match: re.Match[bytes]) -> bytes:
        values = (read_placeholder(match[1].decode(), reply) for reply in reversed(replies))
        return next(filter(None, values), "").encode("latin-1", "replace")

    return PLACEHOLDER.sub(value, request)


def read_placeholder(name: str, reply: Reply) -> str:
    """Return a reply's value for a placeholder that requests use, "" if it has none."""
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
