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
BOOLEAN: Schema = {"type": "boolean"}
LINE_RANGES: Schema = {"type": "string", "pattern": r"^(\d+(-\d+)?(,\d+(-\d+)?)*)?$"}  # "3-7,9"


def object_of(required: Mapping[str, Schema], **optional: Schema) -> Schema:
    """Return the schema of an object that has these keys, and may have the optional ones."""
    properties = {**required, **optional}
    return {"type": "object", "required": [*required], "properties": properties}


def map_of(value: Schema) -> Schema:
    """Return the schema of an object whose keys are names."""
    return {"type": "object", "additionalProperties": value}


def list_of(item: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


def tuple_of(*items: Schema) -> Schema:
    """Return the schema of a list in which each place has a meaning of its own."""
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


def nullable(value: Schema) -> Schema:
    """Return the schema of a value that may be null."""
    return {"anyOf": [value, {"type": "null"}]}


NAMES = list_of(TEXT)
INTERVAL = {"ratio": NUMBER, "low": NUMBER, "high": NUMBER}
MACHINE = object_of({"processor": TEXT, "cores": COUNT, "system": TEXT, "python": TEXT})
PLACE = {"name": TEXT, "file": TEXT, "first_line": COUNT}
FEATURE = object_of(
    {
        "id": TEXT,
        "handlers": list_of(object_of({**PLACE, "last_line": COUNT})),
        "lines": COUNT,
        "branches": COUNT,
        "names": NAMES,
    }
)
EACH_FEATURE = [
    {"contains": {"properties": {"id": {"const": feature.id}}, "required": ["id"]}}
    for feature in FEATURES
]
CODE = object_of(
    {
        "python_lines": COUNT,
        "template_lines": COUNT,
        "branches": COUNT,
        "packages": list_of(object_of({"name": TEXT, "version": TEXT})),
        "megabytes": NUMBER,
        "features": {**list_of(FEATURE), "allOf": EACH_FEATURE},
        "known_names": map_of(map_of(TEXT)),
    }
)
FRAMEWORK = object_of(
    {
        **dict.fromkeys(
            ("name", "title", "home", "docs", "python", "licence", "summary", "released"), TEXT
        ),
        "deviations": list_of(object_of({"clause": TEXT, "reason": TEXT, "source": TEXT})),
        "contract": object_of(
            {"passed": COUNT, "total": COUNT, "failed": NAMES, "deviations": NAMES}
        ),
        "code": CODE,
        "ran": object_of({"features": map_of(map_of(LINE_RANGES)), "dead": map_of(LINE_RANGES)}),
        "brings": map_of(
            object_of(
                {"by": TEXT, "lines": COUNT, "code": list_of(object_of({**PLACE, "lines": COUNT}))}
            )
        ),
        "sources": map_of(TEXT),
    },
    docs_search=TEXT,
)
PAGE_COST = object_of(
    {"microseconds": NUMBER, "added_microseconds": NUMBER, **INTERVAL, "verdict": TEXT}
)
COST = object_of(
    {
        "baseline": TEXT,
        "twin": TEXT,
        "launches": COUNT,
        "cycles": COUNT,
        "seed": COUNT,
        "slice_seconds": NUMBER,
        "noise_floor": NUMBER,
        "noise": object_of({"noisy": NAMES}),
        "failed": map_of(TEXT),
        "floors": map_of(NUMBER),
        "pages": map_of(map_of(PAGE_COST)),
        "ties": map_of(list_of(NAMES)),
        "quicker_than": map_of(map_of(NAMES)),
        "floor": nullable(object_of({"of": TEXT, **INTERVAL})),
    },
    pairs=map_of(map_of(map_of(object_of(INTERVAL)))),
    template=map_of(object_of({"microseconds": NUMBER, **INTERVAL})),
    machines=list_of(MACHINE),
    told_by=map_of(COUNT),
    cells=list_of(object_of({"machine": COUNT})),
    larder=NAMES,
)
OUTCOME = object_of(
    {
        "frameworks": {**NAMES, "minItems": 1},
        "outcome": map_of(TEXT),
        "meets": map_of(nullable(BOOLEAN)),
    }
)
PROBE = object_of(
    {
        **dict.fromkeys(("id", "sentence", "group", "grade", "command"), TEXT),
        "clause": nullable(object_of({"title": TEXT, "link": TEXT})),
        "requests": NAMES,
        "outcomes": list_of(OUTCOME),
        "cells": map_of(map_of(object_of({"replies": NAMES}))),
        "idioms": map_of(TEXT),
    }
)
BEHAVIOUR = object_of(
    {
        "channels": NAMES,
        "groups": map_of(TEXT),
        "frameworks": map_of({"type": "object"}),
        "failed": map_of(TEXT),
        "probes": list_of(PROBE),
        "notes": list_of(object_of({"probe": TEXT, "title": TEXT, "prose": TEXT})),
        "json": object_of(
            {
                "cases": {"type": "array"},
                "outcomes": list_of(
                    object_of({"case": TEXT, "outcome": TEXT, "frameworks": NAMES})
                ),
                "counts": {"type": "object"},
            }
        ),
    }
)
EDGE = object_of({"accepted": COUNT, "ceiling": BOOLEAN, "refusal": TEXT})
LIMITS = object_of(
    {
        "ceilings": map_of(object_of({"sentence": TEXT, "unit": TEXT})),
        "found": map_of(map_of(map_of(EDGE))),
    }
)
USES = map_of(object_of({"count": COUNT, "names": NAMES}))
FEATURE_TRACE = object_of(
    {
        "calls": list_of(COUNT),
        "share": list_of(NUMBER),
        "before": nullable(COUNT),
        "depth": nullable(COUNT),
        "deepest": COUNT,
        "modules": COUNT,
        "spine": list_of(COUNT),
    },
    warm=USES,
)
TRACES = object_of(
    {
        "layers": NAMES,
        "words": object_of({"server": TEXT, "framework": TEXT, "app": TEXT}),
        "frameworks": map_of(
            object_of(
                {
                    "frames": list_of(tuple_of(TEXT, TEXT, TEXT, COUNT)),
                    "features": map_of(FEATURE_TRACE),
                    "failed": map_of(TEXT),
                }
            )
        ),
    }
)
STARTS = map_of(
    object_of(
        {
            "import_seconds": NUMBER,
            "create_seconds": NUMBER,
            "first_reply_seconds": NUMBER,
            "rss_mib": NUMBER,
            "rss_mib_after": NUMBER,
            "requests": NUMBER,
            "still_grows": BOOLEAN,
            "blocks_a_request": NUMBER,
        }
    )
)
GROWTH = map_of(
    object_of(
        {"points": list_of(tuple_of(NUMBER, NUMBER)), "exponent": nullable(NUMBER)}, left_out=TEXT
    )
)
INSTRUCTION_COUNTS = object_of({"instructions": NUMBER}, allocations=nullable(COUNT))
RATE = {"rps": NUMBER, **INTERVAL}
SERVER_RATE = object_of({"rps": NUMBER, **dict.fromkeys(INTERVAL, nullable(NUMBER))})
LATENCY = object_of(
    {
        "curve": list_of(tuple_of(NUMBER, NUMBER)),
        "rate": NUMBER,
        **{key: nullable(NUMBER) for key in ("p50", "p90", "p99")},
    }
)
SENSITIVITY = object_of(
    {
        "told": COUNT,
        "false_alarms": COUNT,
        "added_percent": {**list_of(NUMBER), "minItems": 1},
        "twins_percent": {**list_of(NUMBER), "minItems": 1},
    }
)
CLUSTER = object_of({"host": TEXT, "workers": COUNT, "machines": list_of(MACHINE)})
RESULTS = object_of(
    {
        "made": TEXT,
        "machine": MACHINE,
        "frameworks": {**map_of(FRAMEWORK), "minProperties": 1},
        "missing": map_of(TEXT),
        "clauses": COUNT,
    },
    cost=nullable(COST),
    behaviour=BEHAVIOUR,
    limits=LIMITS,
    journey=TRACES,
    starts=STARTS,
    calls=map_of(map_of(object_of({"python": COUNT, "builtin": COUNT}))),
    layers=map_of(map_of(object_of(dict.fromkeys(LAYERS, COUNT)))),
    warm=map_of(map_of(USES)),
    growth=map_of(GROWTH),
    instructions=object_of({"pages": map_of(map_of(INSTRUCTION_COUNTS))}),
    planted=object_of(
        {"percent": NUMBER, "repetitions": COUNT, "pages": map_of(map_of(SENSITIVITY))}
    ),
    load_closed=object_of(
        {
            "page": TEXT,
            "connections": map_of(
                map_of(object_of({**RATE, "cpu_microseconds": NUMBER, "verdict": TEXT}))
            ),
        },
        growth=GROWTH,
    ),
    load_open=object_of(
        {"page": TEXT, "frameworks": map_of(LATENCY)}, too_busy=map_of(TEXT), cluster=CLUSTER
    ),
    servers=object_of({"frameworks": map_of(map_of(SERVER_RATE)), "skipped": map_of(TEXT)}),
)
