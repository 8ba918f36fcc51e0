"""Every figure in the report's tables is one of the results, and they are what raw data says.

What is expected is worked out here, from the results, the raw times and the files of an app, and
by nothing that the report or an instrument uses.
"""

import ast
import csv
import io
import itertools
import math
import random
import re
import statistics
import token
import tokenize
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest

from bench.cli import pipeline
from bench.conformance.contract import SiteResult
from bench.core.paths import ROOT, Paths
from bench.frameworks import environments
from bench.frameworks.features import FEATURES_BY_ID
from bench.frameworks.manifest import NEEDS, discover_frameworks
from bench.measure.cost.summary import summarize_measurement
from bench.report import page
from bench.results import raw_times
from tests.bench.results.samples import found, kitchen


@pytest.fixture(scope="module")
def results():
    """Results of three kitchens that differ in every figure that can differ."""
    kitchens = [
        kitchen("bare", "bare", 500),
        kitchen("flask", "Flask 3", 300),
        kitchen("bottle", "Bottle 0.13", 310),
    ]
    chance = random.Random(1)
    for one in kitchens:
        one["contract"] |= {"passed": chance.randint(1, 900), "total": 1000}
        one["contract"]["deviations"] = ["a clause"] * chance.randint(0, 3)
        one["code"] |= {key: chance.randint(1, 900) for key in ("template_lines", "branches")}
        one["code"]["packages"] *= chance.randint(1, 5)
        one["code"]["megabytes"] = chance.random() * 9
    results = found(*kitchens)
    for name in results["starts"]:
        results["starts"][name] = {
            key: value if isinstance(value, bool) else chance.random() * 9 + chance.randint(1, 9)
            for key, value in results["starts"][name].items()
        } | {"requests": chance.randint(200, 9000)}
    for costs in results["cost"]["pages"].values():
        for cost in costs.values():
            cost |= {key: chance.uniform(1, 9) for key in ("ratio", "low", "high")}
            cost |= {key: chance.uniform(9, 900) for key in ("microseconds", "added_microseconds")}
    for one in results["journey"]["frameworks"].values():
        for way in one["features"].values():
            way["calls"] = [chance.randint(1, 9000) for _ in way["calls"]]
            way |= {
                key: chance.randint(1, 9000) for key in ("before", "depth", "deepest", "modules")
            }
            way["share"] = [chance.random() for _ in way["share"]]
    for limits in results["limits"]["found"].values():
        limits["form-fields"]["in-process"] = {
            "accepted": chance.randint(1, 9000), "ceiling": False, "refusal": "413",
        }  # fmt: skip
    return results


@pytest.fixture(scope="module")
def tables(results):
    """The cells of every table by the label of the region it is in, each row by its first cell."""
    return tables_in(page.render_report(results))


def tables_in(text):
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    return {
        region.get("aria-label"): rows_of(region)
        for region in tree.iter("div")
        if region.get("role") == "region" and region.find(".//table") is not None
    }


def rows_of(region):
    rows = [
        [" ".join("".join(cell.itertext()).split()) for cell in row if cell.tag in ("th", "td")]
        for row in region.find(".//tbody").iter("tr")
    ]
    return {row[0]: row[1:] for row in rows}


def kitchens(results):
    return results["frameworks"].values()


def test_the_table_at_a_glance_says_what_the_results_say(results, tables):
    assert tables["Table at a glance"] == {
        one["title"]: [
            clauses(one["contract"]),
            str(one["code"]["python_lines"]),
            str(one["code"]["template_lines"]),
            str(one["code"]["branches"]),
            str(len([need for need in one["brings"].values() if need["by"] != "hand"])),
            str(len(one["code"]["packages"])),
            f"{one['code']['megabytes']:.1f}",
            one["released"] or "none",
            one["python"],
            one["licence"],
            f"{results['starts'][one['name']]['first_reply_seconds']:.2f}",
            f"{results['starts'][one['name']]['rss_mib']:.0f}",
            str(1 if one["name"] == "bare" else 0),  # the probe on which it stands alone
            over_bare(results["cost"]["pages"]["menu"][one["name"]], one["name"]),
        ]
        for one in kitchens(results)
    }


def over_bare(cost, name):
    """What the menu costs over bare, with half the width of the interval of the ratio."""
    if name == "bare":
        return "baseline"
    if cost["verdict"] == "no difference shown":
        return "tie"
    half = (cost["high"] - cost["low"]) / 2 * cost["microseconds"] / cost["ratio"]
    sign = "+" if cost["added_microseconds"] >= 0 else "-"
    return f"{sign}{abs(cost['added_microseconds']):.0f} ± {half:.0f}"


def test_the_costs_over_bare_are_a_baseline_a_figure_and_a_tie(results, tables):
    shown = [cells[-1] for cells in tables["Table at a glance"].values()]
    figure = results["cost"]["pages"]["menu"]["flask"]["added_microseconds"]
    assert [shown[0], shown[2]] == ["baseline", "tie"]
    assert float(shown[1].partition(" ± ")[0]) == pytest.approx(figure, abs=0.51)


def clauses(asked):
    declared = len(asked["deviations"])
    return f"{asked['passed']} of {asked['total']}" + f", {declared} declared" * bool(declared)


def test_costs_are_those_of_the_results(results, tables):
    assert tables["Cost of menu"] == {
        results["frameworks"][name]["title"]: [
            f"{one['microseconds']:.1f}",
            f"{one['added_microseconds']:+.1f}",
            f"{one['added_microseconds'] / 100:.1f}",
            f"{one['ratio']:.3f}",
            f"{one['low']:.3f} to {one['high']:.3f}",
            one["verdict"],
        ]
        for name, one in results["cost"]["pages"]["menu"].items()
    }


def test_starts_and_calls_are_those_of_the_results(results, tables):
    titles = {one["name"]: one["title"] for one in kitchens(results)}
    assert tables["Starting, and memory"] == {
        titles[name]: [
            *(f"{one[f'{key}_seconds'] * 1000:.0f}" for key in ("import", "create", "first_reply")),
            f"{one['rss_mib']:.1f}",
            f"{one['rss_mib_after']:.1f} ({one['requests']:,})",
            "too few requests" if one["requests"] == 200 else "no",
        ]
        for name, one in results["starts"].items()
    }
    assert tables["Table: Calls for menu, layer by layer"] == {
        titles[name]: [f"{count:,}" for count in one.values()]
        for name, one in results["layers"]["menu"].items()
    }


def test_who_serves_a_need_and_the_lines_are_those_of_the_results(results, tables):
    def cell(one):
        if one is None:
            return "not said"
        counts = " + ".join(str(part["lines"]) for part in one["code"])
        by = "by hand" if one["by"] == "hand" else one["by"]
        if "+" in counts:
            return f"{by}{one['lines']} lines: {counts}"
        return f"{by}{counts} lines" if counts else by

    assert tables["Needs and who serves them"] == {
        one["title"]: [cell(one["brings"].get(need)) for need in NEEDS] for one in kitchens(results)
    }


def test_journeys_are_those_of_the_results(results, tables):
    shown = tables[f"Journeys: {FEATURES_BY_ID['show-the-menu'].sentence}"]
    for one in kitchens(results):
        way = results["journey"]["frameworks"][one["name"]]["features"]["show-the-menu"]
        assert shown[one["title"]] == [
            *(
                f"{calls:,} ({share * 100:.0f} %)"
                for calls, share in zip(way["calls"], way["share"], strict=True)
            ),
            f"{way['before']:,}",
            *(str(way[key]) for key in ("depth", "deepest", "modules")),
        ]


def test_the_atlas_and_the_limits_are_those_of_the_results(results, tables):
    assert tables["Outcomes of options"] == {
        "Flask 3, Bottle 0.13": ["everywhere", "200 <b>"],
        "bare": ["everywhere", "405 (misses)"],
    }
    edges = {
        name: limits["form-fields"]["in-process"]["accepted"]
        for name, limits in results["limits"]["found"].items()
    }
    assert tables["Limits"] == {
        one["title"]: [f"{edges[one['name']]:,} then 413"] for one in kitchens(results)
    }


def test_who_is_shown_to_be_quicker_is_what_the_results_say(results, tables):
    quicker = results["cost"]["quicker_than"]["menu"]
    title = {one["name"]: one["title"] for one in kitchens(results)}

    def word(one, other):
        if other in quicker[one]:
            return "faster"
        return "slower" if one in quicker[other] else "·"

    assert tables["Each with each: menu"] == {
        title[one]: [word(one, other) for other in quicker] for one in quicker
    }


def test_a_share_of_10_ms_is_what_was_added_to_the_baseline(results, tables):
    added = {n: one["added_microseconds"] for n, one in results["cost"]["pages"]["menu"].items()}
    shown = tables["Table: Share of a 10 ms request for menu"]
    title = {one["name"]: one["title"] for one in kitchens(results)}
    assert shown == {
        title.get(name, name): [f"{one / 100:.1f}", f"{one:.1f}"] for name, one in added.items()
    }


def test_no_table_has_a_figure_that_is_compared_with_nothing(tables):
    compared = {
        "Table at a glance", "Places by what matters", "Needs and who serves them",
        "Outcomes of head", "Outcomes of options", "Limits", "Cost of menu",
        "Starting, and memory", "Table: Calls for menu, layer by layer",
        "Journeys: Show the menu.", "Frames: Show the menu.", "Each with each: menu",
        "Table: Share of a 10 ms request for menu",
        "What each instrument can and cannot tell",  # which has no figures
    }  # fmt: skip
    assert set(tables) == compared


def test_places_count_who_is_better(results, tables):
    python = {one["title"]: one["code"]["python_lines"] for one in kitchens(results)}
    shown = {title: cells[0] for title, cells in tables["Places by what matters"].items()}
    assert shown == {
        title: str(1 + sum(other < mine for other in python.values()))
        for title, mine in python.items()
    }


NAMES = ("bare", "flask", "the twin of bare")


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    """The part "cost" of a measurement, and the raw times that were written beside it."""
    chance = random.Random(2)
    speeds = dict(zip(NAMES, (100_000, 130_000, 100_000), strict=True))
    times = {
        "menu": {
            name: [[speed * chance.uniform(0.9, 1.1) for _ in range(10)] for _ in range(3)]
            for name, speed in speeds.items()
        }
    }
    twin = "the twin of bare"
    ground = SimpleNamespace(baseline="bare", twin=twin, beside=(twin,), environments=[])
    measured = SimpleNamespace(
        ground=ground, times=times, launches=3, seed=1, entries=dict.fromkeys(NAMES), failed={}
    )
    file = raw_times.write_raw_times(times, 1, tmp_path_factory.mktemp("blocks") / "blocks.json.gz")
    return summarize_measurement(measured, {"noisy": []}), raw_times.read_raw_times(file)["times"]


def logs_of(mine, its):
    """Return the mean log-ratio of each launch, without a fifth of the ratios at each end."""
    ratios = [
        sorted(math.log(a / b) for a, b in zip(*launches, strict=True))
        for launches in zip(mine, its, strict=True)
    ]
    return [sum(launch[2:8]) / 6 for launch in ratios]


def digamma(x):
    """The derivative of the logarithm of gamma, as a difference."""
    return (math.lgamma(x + 1e-5) - math.lgamma(x - 1e-5)) / 2e-5


def trigamma(x):
    """The derivative of digamma, as its series; the rest of it is an integral."""
    terms = 20_000
    return sum(1 / (x + k) ** 2 for k in range(terms)) + 1 / (x + terms - 0.5)


def shared_scatter(variances, degrees):
    """The common variance of all pairs and its degrees of freedom (Smyth 2004, section 6.2)."""
    e = [math.log(one) - digamma(degrees / 2) + math.log(degrees / 2) for one in variances]
    beyond = statistics.variance(e) - trigamma(degrees / 2)
    if beyond <= 0:
        return math.inf, math.exp(statistics.mean(e))
    low, high = 1e-3, 1e4
    while high / low > 1 + 1e-9:
        half = math.sqrt(low * high)
        low, high = (half, high) if trigamma(half) > beyond else (low, half)
    return 2 * low, math.exp(statistics.mean(e) + digamma(low) - math.log(low))


def test_the_shared_scatter_is_that_of_known_cases():
    """With equal variances it is their own, and worth any number of degrees of freedom."""
    degrees, variance = shared_scatter([0.5, 0.5, 0.5], 2)
    assert (degrees, variance) == (math.inf, pytest.approx(0.5 * math.exp(0.5772156649)))
    degrees, _ = shared_scatter([1e-4, 1.0, 1e4], 2)  # these have hardly anything in common
    assert degrees < 1


def test_costs_follow_from_the_raw_times(timed):
    part, raw = timed
    results = found(kitchen("bare", "bare", 500), kitchen("flask", "Flask 3", 300))
    results["cost"] = part
    shown = tables_in(page.render_report(results))["Cost of menu"]["Flask 3"]
    mine, base = raw["menu"]["flask"], raw["menu"]["bare"]
    logs = logs_of(mine, base)
    pairs = itertools.combinations(raw["menu"].values(), 2)
    degrees, variance = shared_scatter([statistics.variance(logs_of(*pair)) for pair in pairs], 2)
    assert degrees > 2  # no more than 3 entries, less the pair's own 2, in 3 launches can give
    quantile = 4.6041  # Student's, of which 99 % lie within, for the pair's own 2 degrees and these
    own = statistics.variance(logs)
    margin = quantile * math.sqrt(max(own, (2 * variance + 2 * own) / 4) / 3)
    ratio, low, high = (math.exp(sum(logs) / 3 + sign * margin) for sign in (0, -1, 1))
    microseconds = statistics.median(time for launch in mine for time in launch) / 1000
    assert float(shown[0]) == pytest.approx(microseconds, abs=0.06)
    assert float(shown[3]) == pytest.approx(ratio, abs=0.0006)
    least, most = map(float, shown[4].split(" to "))
    assert least == pytest.approx(low, abs=0.001)
    assert most == pytest.approx(high, abs=0.001)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """What is found of Flask's app, and its row at a glance, as nothing of it ran."""
    framework = discover_frameworks(Paths().apps).get("flask")
    environment = environments.ensure_environment(framework, Paths())
    facts = pipeline.collect_facts(environment, Path(tmp_path_factory.mktemp("records")))
    outcomes = {"one": "passed", "two": "failed", "three": "deviation", "four": "passed"}
    asked = SiteResult("flask", outcomes, dict.fromkeys(outcomes, ""))
    facts["contract"] = asked.as_dict() | {"total": len(outcomes)}
    facts["brings"] = {}
    return facts, tables_in(page.render_report(found(facts)))["Table at a glance"][facts["title"]]


def python_lines(text):
    """Lines with more than brackets and commas, outside comments and docstrings."""
    lines = set()
    for part in tokenize.generate_tokens(io.StringIO(text).readline):
        word = part.type in (token.NAME, token.NUMBER, token.STRING)
        if word or (part.type == token.OP and part.string not in "()[]{},;:"):
            lines.update(range(part.start[0], part.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines.difference_update(range(node.lineno, node.end_lineno + 1))
    return len(lines)


def template_lines(text):
    """Lines with more than blanks, outside comments."""
    comment = re.compile(r"<!--.*?-->|{#.*?#}", re.DOTALL)
    without = comment.sub(lambda one: "\n" * one[0].count("\n"), text)
    return len([line for line in without.split("\n") if line.strip()])


def locked_in(file):
    """The packages that a lock names."""
    return set(re.findall(r"^([\w.-]+)==", file.read_text(), re.MULTILINE))


def megabytes_of(folder, names):
    """What the files of some distributions take, by their own lists of files."""
    size = 0
    for record in folder.glob("lib/python*/site-packages/*.dist-info/RECORD"):
        if record.parent.name.partition("-")[0].lower().replace("_", "-") in names:
            with record.open(newline="") as lines:
                files = [record.parent.parent / row[0] for row in csv.reader(lines)]
            size += sum(file.stat().st_size for file in files if file.is_file())
    return size / 1e6


def test_clauses_lines_and_sizes_follow_from_what_was_looked_at(real):
    _, row = real
    folder = ROOT / "apps" / "flask"
    others = {"defaults.py", "techempower.py", "many_routes.py"}  # other applications
    python = [file.read_text() for file in folder.rglob("*.py") if file.name not in others]
    templates = [file.read_text() for file in folder.rglob("*.html")]
    everybodys = locked_in(ROOT / "shared_db" / "requirements.txt")
    names = locked_in(folder / "requirements.txt") - everybodys
    assert "flask" in names
    assert row[0] == "2 of 4, 1 declared"
    assert row[1] == str(sum(map(python_lines, python)))
    assert row[2] == str(sum(map(template_lines, templates)))
    assert row[5] == str(len(names))
    site = environments.ensure_environment(
        discover_frameworks(Paths().apps).get("flask"), Paths()
    ).folder
    assert row[6] == f"{megabytes_of(site, names):.1f}"
