"""Sample results, small enough to check by hand."""

import json
import re
from html import unescape
from typing import Any

from msgspec import to_builtins

from bench.frameworks.features import FEATURES
from bench.results import store
from bench.results.schema import SCHEMA_VERSION, ComparedResults
from bench.results.validation import require_comparison
from tests.bench.results.version_samples import build_worse_comparison

SOURCE = '''"""The pages."""

from pan import fry, route


@route("/")
def show_menu():
    """Show the menu."""
    if closed():
        return "closed"
    return fry("menu")


def closed():
    """Tell whether it is late."""
    return False


def nobody_calls_this():
    return None
'''
MACHINE = {
    "processor": "P",
    "cores": 2,
    "memory_gib": 4.0,
    "system": "S",
    "kernel": "K",
    "cpu_governor": "",
    "steal_share": 0.0,
    "python": "Y",
    "python_build": "",
    "python_compiler": "",
    "python_flags": "",
    "load_averages": [0.0, 0.0, 0.0],
}
TAUGHT_LEVELS = {
    "core": {"passed": 5, "clauses": 5},
    "methods": {"passed": 1, "clauses": 2},
    "json": {"passed": 2, "clauses": 3},
}
LINES = {"show-the-menu": "9,11,16"}
CODE = {"name": "closed", "first_line": 14, "last_line": 16, "lines": 3}
CSRF = {"provider": "hand", "lines": 3}
MENU = {"name": "show_menu", "first_line": 6, "last_line": 11}


def build_framework(name: str, title: str, lines: int, cost: float | None = None) -> dict[str, Any]:
    """Return the results of one framework."""
    file = f"{name}/handlers.py"
    features = [
        {
            "id": feature.id,
            "handlers": [MENU | {"file": file}] if feature.id == "show-the-menu" else [],
            "lines": 5,
            "branches": 1,
            "names": ["pan.fry"],
        }
        for feature in FEATURES
    ]
    return {
        "name": name,
        "title": title,
        "home": "https://example.org/",
        "docs": "https://example.org/docs",
        "docs_search": "https://example.org/search?q={name}",
        "python": ">=3.11",
        "licence": "MIT",
        "summary": f"{title} fries.",
        "templates": "none",
        "deviations": [],
        "contract": {
            "passed": 9,
            "total": 10,
            "failed": [],
            "unmet": [],
            "deviations": [],
            "blocked": {},
            "skipped": {},
            "levels": {"core": {"passed": 9, "clauses": 10}},
            "as_taught": {"levels": TAUGHT_LEVELS, "failed": []},
        },
        "code": {
            "name": name,
            "title": title,
            "version": "3",
            "python_lines": lines,
            "hardening_lines": 3,
            "template_lines": 200,
            "configuration_lines": 0,
            "branches": 9,
            "names": ["pan.fry"],
            "packages": [{"name": "pan", "version": "1", "bytes": 5, "licence": "MIT"}],
            "megabytes": lines / 100,
            "features": features,
            "known_names": {file: {"fry": "pan.fry", "route": "pan.route"}},
        },
        "coverage": {
            "features": {
                feature.id: {file: LINES[feature.id]} if feature.id in LINES else {}
                for feature in FEATURES
            },
            "startup": {file: "1,3,6-7,14,19"},
            "unexecuted": {file: "20"},
        },
        "release_date": "2026-02-19" if name == "flask" else "",
        "provisions": {
            "forms": {"provider": "framework", "code": [], "lines": 0},
            "csrf": CSRF | {"code": [CODE | {"file": file}]},
        },
        "false_declarations": [],
        "sources": {file: SOURCE},
    }


def build_results(*frameworks: dict[str, Any]) -> dict[str, Any]:
    """Return results of these frameworks, or of three."""
    frameworks = frameworks or (
        build_framework("bare", "bare", 500),
        build_framework("flask", "Flask 3", 300),
        build_framework("bottle", "Bottle 0.13", 300),
    )
    names = [framework["name"] for framework in frameworks]
    return {
        "schema": SCHEMA_VERSION,
        "created_at": "2026-11-22T00:00:00+00:00",
        "machine": MACHINE,
        "frameworks": dict(zip(names, frameworks, strict=True)),
        "skipped": {},
        "clauses": 10,
        "cost": build_costs(names),
        "behaviour": build_behaviour(names),
        "behaviour_changes": [],
        "limits": build_limits(names),
        "traces": build_traces(names),
        "startup": dict.fromkeys(names, STARTUP),
        "calls_by_layer": {"menu": dict.fromkeys(names, CALLS)},
        "layer_times": {"menu": {name: dict(LAYER_TIMES) for name in names}},
    }


def parse(content: dict[str, Any]) -> ComparedResults:
    """Return results as the store reads them from a file with this content."""
    return require_comparison(store.parse_results(json.dumps(content).encode()))


def extract_text(html: str) -> str:
    """Return the visible text of a page."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html)))


TEN_PERCENT_WIDE = (("ratio", 1.0), ("low", 0.95), ("high", 1.05))


def build_costs(names: list[str]) -> dict[str, Any]:
    """Return costs: the first framework is the baseline, the second is 50 µs slower, others tie."""
    base: dict[str, float | str] = {"microseconds": 100.0, "added_microseconds": 0.0}
    base |= {"ratio": 1.0, "low": 1.0, "high": 1.0}
    slower = base | {"microseconds": 150.0, "added_microseconds": 50.0, "ratio": 1.5}
    slower |= {"low": 1.4, "high": 1.6, "verdict": "slower"}
    menu = {name: base | {"verdict": "no difference shown"} for name in names}
    if len(names) > 1:
        menu[names[1]] = slower
    return {
        "baseline": names[0],
        "launches": 5,
        "cycles": 20,
        "seed": 1,
        "control": "control of bare",
        "slice_seconds": 0.004,
        "max_control_ratio": 1.01,
        "failed": {},
        "noise_floors": {"menu": 1.01},
        "ties": {"menu": [[name for name in names if name != names[min(1, len(names) - 1)]]]},
        "floor_ratio": None,
        "noise": {},
        "machine": MACHINE,
        "degrees_of_freedom": {"menu": 4.0},
        "template_costs": {},
        "versions": {name: name for name in names},
        "pages": {"menu": menu},
        "faster_than": {"menu": {n: names[1:2] if n != names[1] else [] for n in names}}
        if len(names) > 1
        else {"menu": {names[0]: []}},
        "pairs": {"menu": build_pairs(menu)},
    }


def build_pairs(costs: dict[str, Any]) -> dict[str, Any]:
    """Return each framework with the slower or equal ones, with intervals that are 10 % wide."""
    order = sorted(costs, key=lambda name: float(costs[name]["ratio"]))
    ratios = {name: float(costs[name]["ratio"]) for name in order}
    return {
        name: {
            other: {part: ratios[other] / ratios[name] * by for part, by in TEN_PERCENT_WIDE}
            for other in order[position + 1 :]
        }
        for position, name in enumerate(order)
    }


CHANNELS = ["in-process", "waitress", "wsgiref"]
STARTUP = {
    "import_seconds": 0.1,
    "create_seconds": 0.01,
    "first_reply_seconds": 0.3,
    "runs": 1,
    "first_reply_spread": 1.0,
    "rss_mib": 40.0,
    "rss_mib_after": 41.0,
    "requests": 200,
    "memory_grows": False,
    "blocks_per_request": 3.0,
}
LAYER_TIMES = {"server": 0.2, "framework": 0.4, "app": 0.1, "template": 0.2, "database": 0.1}
LAYER_TIMES |= {"samples": 1000}
CALLS = {"server": 50, "framework": 100, "app": 10, "template": 20, "database": 30}


def build_behaviour(names: list[str]) -> dict[str, Any]:
    """Return two probes: all frameworks agree on one, and the first differs on the other."""
    return {
        "channels": CHANNELS,
        "groups": {"methods": "Methods"},
        "attributions": {},
        "frameworks": {name: {"title": name} for name in names},
        "failed": {},
        "crashes": {},
        "probes": [
            build_probe("head", "HEAD of a page.", {"200": names}),
            build_probe("options", "OPTIONS of a page.", {"405": names[:1], "200 <b>": names[1:]}),
        ],
        "json": {
            "cases": [],
            "outcomes": [],
            "server_changes": [],
            "counts": {},
        },
        "skipped_notes": {},
        "notes": [{"probe": "options", "title": "Two ways", "prose": "One of them is alone."}],
    }


def build_probe(id: str, sentence: str, outcomes: dict[str, list[str]]) -> dict[str, Any]:
    """Return a probe of a standard's requirement; an outcome of 200 meets it."""
    evidence = {
        "attribution": "framework",
        "violations": [],
        "lint": [],
        "replies": ["HTTP/1.1 200 OK"],
    }
    return {
        "id": id,
        "sentence": sentence,
        "group": "methods",
        "grade": "must",
        "clause": {"title": "RFC 9110, 9.1", "link": "https://www.rfc-editor.org/rfc/rfc9110"},
        "debug": False,
        "requests": ["HEAD / HTTP/1.1"],
        "command": f"cookoff behaviour --show {id} NAME",
        "outcomes": [
            {
                "frameworks": names,
                "outcome": dict.fromkeys(CHANNELS, words),
                "meets": dict.fromkeys(CHANNELS, words.startswith("200")),
            }
            for words, names in outcomes.items()
            if names
        ],
        "evidence": {
            name: dict.fromkeys(CHANNELS, evidence) for names in outcomes.values() for name in names
        },
        "idioms": {},
    }


def build_limits(names: list[str]) -> dict[str, Any]:
    """Return one limit, equal for all frameworks."""
    edge = {"max_accepted": 1023, "reached_ceiling": False, "refusal": "413 Content Too Large"}
    return {
        "kinds": {"form-fields": {"sentence": "Fields.", "unit": "fields", "ceiling": 20_000}},
        "frameworks": {name: {"form-fields": {"in-process": edge}} for name in names},
    }


def build_traces(names: list[str]) -> dict[str, Any]:
    """Return a trace of the menu with two frames."""
    trace = {
        "calls": CALLS,
        "time_shares": dict(zip(CALLS, (0.2, 0.4, 0.1, 0.2, 0.1), strict=True)),
        "calls_before_handler": 70,
        "handler_depth": 2,
        "maximum_depth": 9,
        "modules": 12,
        "stable": True,
        "repeated_work": {},
        "handler_path": [0, 1],
        "blocks": [[0, 0, 144, 0], [1, 70, 60, 1]],
    }
    return {
        "traced_requests": 5,
        "python": "CPython 3.11.7",
        "frameworks": {
            name: {
                "title": name,
                "instrument": "sys.setprofile",
                "frames": [
                    ["server", "waitress/task.py", "WSGITask.service", 90],
                    ["app", f"apps/{name}/handlers.py", "show_menu", 6],
                ],
                "features": {"show-the-menu": trace},
                "failed": {},
            }
            for name in names
        },
    }


KATA_PATCH = """diff --git a/apps/flask/app.py b/apps/flask/app.py
--- a/apps/flask/app.py
+++ b/apps/flask/app.py
@@ -1,2 +1,3 @@
 import flask
-<old>
+<new>
+flask.abort(404)
"""


def build_full_results() -> dict[str, Any]:
    """Return results with the parts of all commands."""
    names = list(build_results()["frameworks"])
    over = {"ratio": 1.5, "low": 1.4, "high": 1.6}
    grown = {"points": [[10, 5.0], [100, 50.0]], "exponent": 1.0}
    counted = {"instructions": 3_000_000, "spread": 5, "allocations": 1696}
    detection: dict[str, int | list[float]] = {"detected": 4, "false_alarms": 0}
    detection |= {"slowed_percent": [9.0], "control_percent": [-1.0]}
    added: dict[str, float | str] = {
        "added_microseconds": 12.0,
        "added_low": 9.0,
        "added_high": 15.0,
        "verdict": "slower",
        "added_calls": 40,
    }
    added |= {"ratio": 1.12, "low": 1.09, "high": 1.15}
    hardened = {**added, "taught_microseconds": 100.0, "taught_calls": 300}
    linked = {**added, "plain_microseconds": 100.0, "plain_calls": 300}
    paired = {
        "baseline": "bare", "launches": 6, "cycles": 20, "seed": 1, "max_control_ratio": 1.01,
        "noise_floors": {"menu": 1.01}, "warnings": [], "failed": {},
    }  # fmt: skip
    served = {"rps": 900.0, "cpu_microseconds": 1000.0, **over, "verdict": "slower"}
    alone = dict.fromkeys(("ratio", "low", "high"))  # without a rate for waitress
    alone |= {"rps": 900.0, "cpu_microseconds": 1000.0}
    wait = {
        "rate_rps": 50.0, "peak_rps": None,
        "scheduled": 500, "answered": 500, "wrong": 0, "unanswered": 0,
        "p50_ms": 1.0, "p90_ms": 1.5, "p99_ms": None, "p999_ms": None, "max_ms": 2.0,
        "p50_interval_ms": None, "p90_interval_ms": None,
        "percentiles_ms": [[50.0, 1.0], [99.0, 2.0]],
        "lateness_p99_ms": 0.1, "discarded_tries": 0,
    }  # fmt: skip
    patch = {
        "patch": KATA_PATCH, "files": [{"path": "apps/flask/app.py", "added": 2, "removed": 1}],
        "names": ["flask.abort"], "passed": 3, "clauses": 3, "failed": {},
    }  # fmt: skip
    load = {"page": "menu", "baseline": "bare", "pinned": True, "rounds": 5}
    load |= {"failed": {}}
    return build_results() | {
        "calls": {"menu": {name: {"python": 100, "builtin": 50} for name in names}},
        "scaling": {"rows": dict.fromkeys(names, grown)},
        "instructions": {
            "valgrind_version": "3.19", "pages": {"menu": dict.fromkeys(names, counted)},
        },
        "sensitivity": {
            "slowdown_percent": 10.0, "repetitions": 5, "duration_seconds": 60,
            "max_control_ratios": [1.01] * 5, "pages": {"menu": dict.fromkeys(names, detection)},
        },
        "hardening": {**paired, "pages": {"menu": dict.fromkeys(names, hardened)}},
        "plain_links": {
            **paired, "written_out": ["bare"], "pages": {"menu": dict.fromkeys(names, linked)},
        },
        "closed_loop": {
            **load, "slice_seconds": 1.0, "control": "control of bare",
            "connections": {"16": dict.fromkeys(names, served)},
            "scaling": dict.fromkeys(names, grown),
        },
        "open_loop": {
            **load, "round_seconds": 4.0, "peak_fraction": None,
            "generator_capacity_rps": 9000.0, "generator_warning": "",
            "frameworks": dict.fromkeys(names, wait), "too_busy": {},
        },
        "servers": {
            "page": "menu", "rounds": 5, "pinned": True, "failed": {}, "skipped": {},
            "frameworks": {"bare": {"waitress": {**alone, **over}}, "flask": {"gunicorn": alone}},
        },
        "differential": {
            "seed": 1, "steps": 5, "frameworks": {name: name for name in names}, "differences": [],
        },
        "repeated_work": {"menu": {name: {} for name in names}},
        "fuzz": {
            "seed": 1, "sites": names, "requests": 9, "sent_requests": 27,
            "duration_seconds": 1.0, "statuses": {"200": 27}, "findings": [], "unconfirmed": {},
            "freedoms": [],
        },
        "katas": {
            "hats": {
                "title": "Hats", "summary": "A line.", "request": "Sell hats!\n\nPlease.",
                "shared_patch": KATA_PATCH, "replaced": {"a clause": "It is new."},
                "frameworks": {"flask": patch},
            },
        },
        "versions": {
            "newt": {**to_builtins(build_worse_comparison()), "machine": MACHINE},
        },
    }  # fmt: skip
