"""Probes of unusual numbers in a path that expects a number."""

from functools import partial

from bench.behaviour import outcomes, predicates
from bench.behaviour.probe import Probe
from bench.behaviour.raw_requests import get
from bench.behaviour.standards import CLIENT_ERROR

# No standard defines a number in a path, but an unusual number must not be a server error.
probe = partial(
    Probe,
    group="paths",
    describe=outcomes.describe_body,
    grade="should",
    clause=CLIENT_ERROR,
    meets=predicates.is_not_server_error,
)

PROBES = (
    probe("number-a-word", "A word instead of a number.", requests=get("/item/soup")),
    probe("number-leading-zeros", "A number with leading zeros: 007.", requests=get("/item/007")),
    probe("number-negative", "A negative number: -5.", requests=get("/item/-5")),
    probe("number-plus", "A number with a plus sign: +5.", requests=get("/item/+5")),
    probe("number-fraction", "A number with a fraction: 5.0.", requests=get("/item/5.0")),
    probe("number-underscore", "A number in Python's syntax: 1_000.", requests=get("/item/1_000")),
    probe("number-other-digits", "The number five in Arabic-Indic digits.",
          requests=get("/item/%D9%A5")),
    probe("number-with-blanks", "A number between spaces: %205%20.", requests=get("/item/%205%20")),
    probe("number-with-a-line-break", "A number and a line break: 5%0A.",
          requests=get("/item/5%0A")),
    probe("number-huge", "A number of 5,000 digits; Python's limit is 4,300.",
          requests=get("/item/" + "9" * 5000), describe=outcomes.describe_status),
    probe("number-clash",
          "A number in the path, and another number under the same name in the query.",
          requests=get("/item/5?number=6")),
    probe("number-extension", "A number with an extension: 5.json.", requests=get("/item/5.json")),
)  # fmt: skip
