"""Generate request number N of a seed: a valid request of the site, corrupted by a few rules."""

from random import Random

# These modules register their rules when they are imported.
from bench.conformance.fuzz import (
    documents,
    forms,
    framing,
    headers,
    repetitions,
    rules,
    targets,
    valid,
)
from bench.conformance.fuzz.probes import Probe

MODULES = (documents, forms, framing, headers, repetitions, targets)
VALID_REQUESTS = tuple(valid.build_requests())
RULE_COUNTS = (0, 1, 1, 1, 1, 2, 2, 3)  # the number of rules of a request, one is chosen
FLIP_SHARE = 0.08  # the share of requests in which single bytes change as well


def build_probe(seed: int | str, number: int) -> Probe:
    """Return request `number` of a seed, the same each time."""
    random = Random(f"{seed}:{number}")
    draft = rules.choose_item(random, VALID_REQUESTS).copy()
    draft.client = rules.choose_item(random, valid.select_clients(draft))
    for _ in range(rules.choose_item(random, RULE_COUNTS)):
        rule = rules.choose_item(random, [rule for rule in rules.RULES if rule.applies(draft)])
        rule.change(random, draft)
        draft.labels.append(rule.name)
    template = draft.build_template(random)
    if random.random() < FLIP_SHARE:
        template = framing.flip_bytes(random, template)
        draft.labels.append("bytes changed")
    return Probe(template, draft.client, tuple(draft.labels), number)
