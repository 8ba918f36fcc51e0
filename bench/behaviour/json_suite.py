"""Check which JSON texts a framework accepts and which it refuses.

A text counts as accepted if the reply succeeds. If RFC 8259 requires that the text is accepted,
the reply must also hold the same value: a success with another value is a misreading.
"""

import json
from collections import Counter
from collections.abc import Mapping

from bench.behaviour.channel import Channel, RequestResult
from bench.behaviour.json_cases import CASES, JsonCase
from bench.behaviour.raw_requests import post_json

ACCEPTED, ACCEPTED_OTHERWISE = "accepted", "accepted as another value"


def run_cases(channel: Channel) -> dict[str, str]:
    """Return the outcome of every case by its id."""
    return {case.id: run_case(case, channel) for case in CASES}


def run_case(case: JsonCase, channel: Channel) -> str:
    """Return the outcome of one case, in a few words."""
    result = channel.send_request(post_json(case.text)[0])
    if result.failure:
        return result.failure
    if result.exception_name:
        return f"raises {result.exception_name}"
    status = result.reply.status
    if 200 <= status < 300:
        return ACCEPTED if has_same_value(case, result) else ACCEPTED_OTHERWISE
    if not status:
        return "no reply"
    return f"{'refused' if status < 500 else 'fails'}, {status}"


def has_same_value(case: JsonCase, result: RequestResult) -> bool:
    """Return whether the reply holds the value; always true if the text need not be accepted."""
    if case.expected != "accept":
        return True
    try:
        return bool(json.loads(result.reply.body)["value"] == json.loads(case.text))
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def meets_rfc8259(case: JsonCase, outcome: str) -> bool | None:
    """Return whether an outcome conforms to RFC 8259; None if the RFC leaves the choice.

    A server error is not a refusal: it does not report to the client that the text is wrong.
    """
    if case.expected == "free":
        return None
    return outcome == ACCEPTED if case.expected == "accept" else outcome.startswith("refused")


def count_outcomes(outcomes: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return the counts of outcomes by expectation; the status code of an outcome is ignored."""
    counts: dict[str, Counter[str]] = {"accept": Counter(), "reject": Counter(), "free": Counter()}
    for case in CASES:
        if case.id in outcomes:
            counts[case.expected][outcomes[case.id].partition(",")[0].partition(" ")[0]] += 1
    return {expected: dict(sorted(count.items())) for expected, count in counts.items()}
