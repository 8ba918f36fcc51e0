"""The grammar: request number N of a seed, a valid request of the site spoiled in a few ways."""

from random import Random

# The modules of rules enter their rules when they are imported.
from bench.conformance.fuzz import documents, forms, framing, headers, rules, targets, valid
from bench.conformance.fuzz.probes import Probe

MODULES = (documents, forms, framing, headers, targets)
REQUESTS = tuple(valid.requests())
SPOILED = (0, 1, 1, 1, 1, 2, 2, 3)  # how many rules are applied
FLIPPED = 0.08  # the share of requests in which single bytes are changed as well


def probe(seed: int | str, number: int) -> Probe:
    """Return request `number` of a seed, always the same one."""
    random = Random(f"{seed}:{number}")
    draft = rules.one(random, REQUESTS).copy()
    draft.client = rules.one(random, valid.clients_of(draft))
    for _ in range(rules.one(random, SPOILED)):
        fitting = [one for one in rules.RULES if one.applies(draft)]
        chosen = rules.one(random, fitting)
        chosen.change(random, draft)
        draft.labels.append(chosen.name)
    template = draft.template(random)
    if random.random() < FLIPPED:
        template = framing.flip(random, template)
        draft.labels.append("bytes changed")
    return Probe(template, draft.client, tuple(draft.labels), number)
