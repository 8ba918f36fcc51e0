"""Does a framework take the JSON that it must, and refuse what is none?

A case is accepted where the reply succeeds. What must be accepted must also come back as the same
value: a reply that succeeds with another one has not understood the text.
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
    answer = channel.send_request(post_json(case.text)[0])
    if answer.failure:
        return answer.failure
    if answer.exception_name:
        return f"raises {answer.exception_name}"
    status = answer.reply.status
    if 200 <= status < 300:
        return ACCEPTED if has_same_value(case, answer) else ACCEPTED_OTHERWISE
    if not status:
        return "no reply"
    return f"{'refused' if status < 500 else 'fails'}, {status}"


def has_same_value(case: JsonCase, answer: RequestResult) -> bool:
    """Tell whether the value came back; of what need not be accepted, nothing is wanted."""
    if case.triage != "accept":
        return True
    try:
        return bool(json.loads(answer.reply.body)["value"] == json.loads(case.text))
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def meets_rfc8259(case: JsonCase, outcome: str) -> bool | None:
    """Return whether an outcome is what RFC 8259 wants; None where it leaves the choice.

    A failure of the server is no refusal: the client is not told that the text was wrong.
    """
    if case.triage == "free":
        return None
    return outcome == ACCEPTED if case.triage == "accept" else outcome.startswith("refused")


def count_outcomes(outcomes: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return how often each outcome came, by triage; the number of a status is left out."""
    found: dict[str, Counter[str]] = {"accept": Counter(), "reject": Counter(), "free": Counter()}
    for case in CASES:
        if case.id in outcomes:
            found[case.triage][outcomes[case.id].partition(",")[0].partition(" ")[0]] += 1
    return {triage: dict(sorted(count.items())) for triage, count in found.items()}
