"""Which parts must the results have for the report, and in which shape? As a JSON Schema.

It asks for what the report reads and for nothing else, so that a new key anywhere is no damage.
Parts that a command has not made yet may be absent. https://json-schema.org/
"""

from collections.abc import Mapping
from typing import Any

from bench.frameworks.features import FEATURES
from bench.results.schema import LAYERS

Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer"}
YES_OR_NO: Schema = {"type": "boolean"}
LINES: Schema = {"type": "string", "pattern": r"^(\d+(-\d+)?(,\d+(-\d+)?)*)?$"}  # "3-7,9"


def record(required: Mapping[str, Schema], **optional: Schema) -> Schema:
    """Return the schema of an object that has these keys, and may have the optional ones."""
    properties = {**required, **optional}
    return {"type": "object", "required": [*required], "properties": properties}


def by_name(value: Schema) -> Schema:
    """Return the schema of an object whose keys are names."""
    return {"type": "object", "additionalProperties": value}


def several(item: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


def row(*items: Schema) -> Schema:
    """Return the schema of a list in which each place has a meaning of its own."""
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


def nullable(value: Schema) -> Schema:
    """Return the schema of a value that may be null."""
    return {"anyOf": [value, {"type": "null"}]}


NAMES = several(TEXT)
INTERVAL = {"ratio": NUMBER, "low": NUMBER, "high": NUMBER}
MACHINE = record({"processor": TEXT, "cores": COUNT, "system": TEXT, "python": TEXT})
PLACE = {"name": TEXT, "file": TEXT, "first_line": COUNT}
FEATURE = record(
    {
        "id": TEXT,
        "handlers": several(record({**PLACE, "last_line": COUNT})),
        "lines": COUNT,
        "branches": COUNT,
        "names": NAMES,
    }
)
EACH_FEATURE = [
    {"contains": {"properties": {"id": {"const": feature.id}}, "required": ["id"]}}
    for feature in FEATURES
]
CODE = record(
    {
        "python_lines": COUNT,
        "template_lines": COUNT,
        "branches": COUNT,
        "packages": several(record({"name": TEXT, "version": TEXT})),
        "megabytes": NUMBER,
        "features": {**several(FEATURE), "allOf": EACH_FEATURE},
        "known_names": by_name(by_name(TEXT)),
    }
)
FRAMEWORK = record(
    {
        **dict.fromkeys(
            ("name", "title", "home", "docs", "python", "licence", "summary", "released"), TEXT
        ),
        "deviations": several(record({"clause": TEXT, "reason": TEXT, "source": TEXT})),
        "contract": record({"passed": COUNT, "total": COUNT, "failed": NAMES, "deviations": NAMES}),
        "code": CODE,
        "ran": record({"features": by_name(by_name(LINES)), "dead": by_name(LINES)}),
        "brings": by_name(
            record({"by": TEXT, "lines": COUNT, "code": several(record({**PLACE, "lines": COUNT}))})
        ),
        "sources": by_name(TEXT),
    },
    docs_search=TEXT,
)
PRICE = record({"microseconds": NUMBER, "added_microseconds": NUMBER, **INTERVAL, "verdict": TEXT})
COST = record(
    {
        "baseline": TEXT,
        "twin": TEXT,
        "launches": COUNT,
        "cycles": COUNT,
        "seed": COUNT,
        "slice_seconds": NUMBER,
        "noise_floor": NUMBER,
        "noise": record({"noisy": NAMES}),
        "failed": by_name(TEXT),
        "floors": by_name(NUMBER),
        "pages": by_name(by_name(PRICE)),
        "ties": by_name(several(NAMES)),
        "quicker_than": by_name(by_name(NAMES)),
        "floor": nullable(record({"of": TEXT, **INTERVAL})),
    },
    pairs=by_name(by_name(by_name(record(INTERVAL)))),
    template=by_name(record({"microseconds": NUMBER, **INTERVAL})),
    machines=several(MACHINE),
    told_by=by_name(COUNT),
    cells=several(record({"machine": COUNT})),
    larder=NAMES,
)
OUTCOME = record(
    {
        "frameworks": {**NAMES, "minItems": 1},
        "outcome": by_name(TEXT),
        "meets": by_name(nullable(YES_OR_NO)),
    }
)
PROBE = record(
    {
        **dict.fromkeys(("id", "sentence", "group", "grade", "command"), TEXT),
        "clause": nullable(record({"title": TEXT, "link": TEXT})),
        "requests": NAMES,
        "outcomes": several(OUTCOME),
        "cells": by_name(by_name(record({"replies": NAMES}))),
        "idioms": by_name(TEXT),
    }
)
BEHAVIOUR = record(
    {
        "channels": NAMES,
        "groups": by_name(TEXT),
        "frameworks": by_name({"type": "object"}),
        "failed": by_name(TEXT),
        "probes": several(PROBE),
        "notes": several(record({"probe": TEXT, "title": TEXT, "prose": TEXT})),
        "json": record(
            {
                "cases": {"type": "array"},
                "outcomes": several(record({"case": TEXT, "outcome": TEXT, "frameworks": NAMES})),
                "counts": {"type": "object"},
            }
        ),
    }
)
EDGE = record({"accepted": COUNT, "ceiling": YES_OR_NO, "refusal": TEXT})
LIMITS = record(
    {
        "ceilings": by_name(record({"sentence": TEXT, "unit": TEXT})),
        "found": by_name(by_name(by_name(EDGE))),
    }
)
USES = by_name(record({"count": COUNT, "names": NAMES}))
WAY = record(
    {
        "calls": several(COUNT),
        "share": several(NUMBER),
        "before": nullable(COUNT),
        "depth": nullable(COUNT),
        "deepest": COUNT,
        "modules": COUNT,
        "spine": several(COUNT),
    },
    warm=USES,
)
JOURNEY = record(
    {
        "layers": NAMES,
        "words": record({"server": TEXT, "framework": TEXT, "app": TEXT}),
        "frameworks": by_name(
            record(
                {
                    "frames": several(row(TEXT, TEXT, TEXT, COUNT)),
                    "features": by_name(WAY),
                    "failed": by_name(TEXT),
                }
            )
        ),
    }
)
STARTS = by_name(
    record(
        {
            "import_seconds": NUMBER,
            "create_seconds": NUMBER,
            "first_reply_seconds": NUMBER,
            "rss_mib": NUMBER,
            "rss_mib_after": NUMBER,
            "requests": NUMBER,
            "still_grows": YES_OR_NO,
            "blocks_a_request": NUMBER,
        }
    )
)
GROWING = by_name(
    record({"points": several(row(NUMBER, NUMBER)), "exponent": nullable(NUMBER)}, left_out=TEXT)
)
COUNTED = record({"instructions": NUMBER}, allocations=nullable(COUNT))
RATE = {"rps": NUMBER, **INTERVAL}
SERVED = record({"rps": NUMBER, **dict.fromkeys(INTERVAL, nullable(NUMBER))})
WAIT = record(
    {
        "curve": several(row(NUMBER, NUMBER)),
        "rate": NUMBER,
        **{key: nullable(NUMBER) for key in ("p50", "p90", "p99")},
    }
)
PLANTED = record(
    {
        "told": COUNT,
        "false_alarms": COUNT,
        "added_percent": {**several(NUMBER), "minItems": 1},
        "twins_percent": {**several(NUMBER), "minItems": 1},
    }
)
CREW = record({"host": TEXT, "workers": COUNT, "machines": several(MACHINE)})
RESULTS = record(
    {
        "made": TEXT,
        "machine": MACHINE,
        "frameworks": {**by_name(FRAMEWORK), "minProperties": 1},
        "missing": by_name(TEXT),
        "clauses": COUNT,
    },
    cost=nullable(COST),
    behaviour=BEHAVIOUR,
    limits=LIMITS,
    journey=JOURNEY,
    starts=STARTS,
    calls=by_name(by_name(record({"python": COUNT, "builtin": COUNT}))),
    layers=by_name(by_name(record(dict.fromkeys(LAYERS, COUNT)))),
    warm=by_name(by_name(USES)),
    growth=by_name(GROWING),
    instructions=record({"pages": by_name(by_name(COUNTED))}),
    planted=record({"percent": NUMBER, "repetitions": COUNT, "pages": by_name(by_name(PLANTED))}),
    load_closed=record(
        {
            "page": TEXT,
            "connections": by_name(
                by_name(record({**RATE, "cpu_microseconds": NUMBER, "verdict": TEXT}))
            ),
        },
        growth=GROWING,
    ),
    load_open=record(
        {"page": TEXT, "frameworks": by_name(WAIT)}, too_busy=by_name(TEXT), cluster=CREW
    ),
    servers=record({"frameworks": by_name(by_name(SERVED)), "skipped": by_name(TEXT)}),
)
