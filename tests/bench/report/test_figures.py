"""Tests that every figure in the report's tables comes from the results and from raw data.

The expected values are computed here from the results, the raw times and the files of an app,
without the code of the report or of an instrument.
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
import msgspec
import pytest

from bench.cli import pipeline
from bench.conformance.contract import SiteResult
from bench.core.paths import ROOT, Paths
from bench.frameworks import environments
from bench.frameworks.features import FEATURES_BY_ID
from bench.frameworks.manifest import NEEDS, discover_frameworks
from bench.measure.cost.summary import summarize_measurement
from bench.report import site
from bench.results import raw_times
from bench.results.schema import Noise
from tests.bench.report.render import render_page
from tests.bench.results.samples import (
    build_framework,
    build_full_results,
    build_results,
    extract_text,
    parse,
)


@pytest.fixture(scope="module")
def results():
    """Return results of three frameworks that differ in every figure."""
    frameworks = [
        build_framework("bare", "bare", 500),
        build_framework("flask", "Flask 3", 300),
        build_framework("bottle", "Bottle 0.13", 310),
    ]
    chance = random.Random(1)
    for facts in frameworks:
        facts["contract"] |= {"passed": chance.randint(1, 900), "total": 1000}
        facts["contract"]["deviations"] = ["a clause"] * chance.randint(0, 3)
        counted = ("template_lines", "branches", "hardening_lines")
        facts["code"] |= {key: chance.randint(1, 900) for key in counted}
        facts["contract"]["as_taught"] = {"levels": draw_levels(chance), "failed": []}
        facts["code"]["packages"] *= chance.randint(1, 5)
        facts["code"]["megabytes"] = chance.random() * 9
    results = build_results(*frameworks)
    results["hardening"] = build_full_results()["hardening"]
    results["hardening"]["pages"]["menu"] = {
        facts["name"]: draw_hardening_cost(chance) for facts in frameworks
    }
    for name in results["startup"]:
        results["startup"][name] = {
            key: value if isinstance(value, bool) else chance.random() * 9 + chance.randint(1, 9)
            for key, value in results["startup"][name].items()
        } | {"runs": 1, "requests": chance.randint(200, 9000)}
    for costs in results["cost"]["pages"].values():
        for cost in costs.values():
            cost |= {key: chance.uniform(1, 9) for key in ("ratio", "low", "high")}
            cost |= {key: chance.uniform(9, 900) for key in ("microseconds", "added_microseconds")}
    for facts in results["traces"]["frameworks"].values():
        for trace in facts["features"].values():
            trace["calls"] = {layer: chance.randint(1, 9000) for layer in trace["calls"]}
            trace |= {
                key: chance.randint(1, 9000)
                for key in ("calls_before_handler", "handler_depth", "maximum_depth", "modules")
            }
            trace["time_shares"] = {layer: chance.random() for layer in trace["time_shares"]}
    for times in results["layer_times"]["menu"].values():
        times |= {layer: chance.random() for layer in times if layer != "samples"}
    for limits in results["limits"]["frameworks"].values():
        limits["form-fields"]["in-process"] = {
            "max_accepted": chance.randint(1, 9000), "reached_ceiling": False, "refusal": "413",
        }  # fmt: skip
    return results


def draw_levels(chance):
    """Return random counts of the clauses of two groups that a site as taught meets."""
    return {
        group: {"passed": chance.randint(0, 99), "clauses": chance.randint(99, 200)}
        for group in ("core", "thrift")
    }


def draw_hardening_cost(chance):
    """Return a random cost of hardening that is decided."""
    kinds = ("ratio", "low", "high", "taught_microseconds")
    kinds = (*kinds, "added_microseconds", "added_low", "added_high")
    cost = {key: chance.uniform(1, 9) for key in kinds} | {"verdict": "slower"}
    return cost | {key: chance.randint(1, 900) for key in ("taught_calls", "added_calls")}


@pytest.fixture(scope="module")
def tables(results):
    """Return the cells of every table by page and label, each row by its first cell."""
    return parse_site(parse(results))


def parse_site(results):
    pages = site.render_site(results)
    return {
        path: found
        for path, content in pages.items()
        if path.endswith(".html") and (found := parse_tables(content.decode()))
    }


def parse_tables(text):
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    return {
        region.get("aria-label"): parse_rows(region)
        for region in tree.iter("div")
        if region.get("role") == "region" and region.find(".//table") is not None
    }


def parse_rows(region):
    rows = [
        [" ".join("".join(cell.itertext()).split()) for cell in row if cell.tag in ("th", "td")]
        for row in region.find(".//tbody").iter("tr")
    ]
    return {row[0]: row[1:] for row in rows}


def frameworks_of(results):
    return results["frameworks"].values()


def rank(values, name):
    return 1 + sum(other < values[name] for other in values.values())


def test_the_overview_table_shows_the_results_and_the_ranks(results, tables):
    facts_by_name = results["frameworks"]
    lines = {
        name: facts["code"]["python_lines"] + facts["code"]["hardening_lines"]
        for name, facts in facts_by_name.items()
    }
    taught = {
        name: -sum(level["passed"] for level in facts["contract"]["as_taught"]["levels"].values())
        for name, facts in facts_by_name.items()
    }
    packages = {name: len(facts["code"]["packages"]) for name, facts in facts_by_name.items()}
    megabytes = {name: facts["code"]["megabytes"] for name, facts in facts_by_name.items()}
    memory = {name: start["rss_mib"] for name, start in results["startup"].items()}
    missed = {"bare": 1, "flask": 0, "bottle": 0}  # only bare misses a probe's clause
    costs = results["cost"]["pages"]["menu"]
    faster = results["cost"]["faster_than"]["menu"]
    cost_ranks = {n: 1 + sum(n in others for others in faster.values()) for n in facts_by_name}
    templates = {n: estimate_template_time(results, n) for n in facts_by_name}
    rows = tables["index.html"]["Overview"]
    for name, facts in facts_by_name.items():
        assert rows[facts["title"]] == [
            f"{facts['code']['python_lines']} + {facts['code']['hardening_lines']}"
            f" {rank(lines, name)}",
            f"{-taught[name]} {rank(taught, name)}",
            "1 of 10 1",
            f"{missed[name]} {rank(missed, name)}",
            f"{packages[name]} {rank(packages, name)}",
            f"{megabytes[name]:.1f} {rank(megabytes, name)}",
            f"{facts['release_date']} 1" if facts["release_date"] else "unknown",
            f"{memory[name]:.0f} {rank(memory, name)}",
            f"{format_cost_over_bare(costs[name], name)} {cost_ranks[name]}",
            f"{templates[name]:.0f} {rank(templates, name)}",
            "",
        ]


def estimate_template_time(results, name):
    """Return the share of templates in the samples, without the server, of the measured time."""
    times = results["layer_times"]["menu"][name]
    shares = {layer: times[layer] for layer in ("framework", "app", "template", "database")}
    time = results["cost"]["pages"]["menu"][name]["microseconds"]
    return time * shares["template"] / sum(shares.values())


def test_the_profile_shows_the_counts_of_the_results(results, tables):
    for name, facts in results["frameworks"].items():
        text = site_text(results, f"frameworks/{name}.html")
        contract, code = facts["contract"], facts["code"]
        assert f"meets {contract['passed']} of {contract['total']} clauses" in text
        assert f"{code['template_lines']} lines" in text
        assert f"{len(code['packages'])} ({code['megabytes']:.1f} MB)" in text


def site_text(results, path):
    return extract_text(render_page(parse(results), path))


def test_the_hardening_table_shows_the_results(results, tables):
    def format_count(group, count):
        share = count["passed"] / count["clauses"]
        sign = "●" if share == 1 else "◐" if share >= 0.75 else "○"
        return f"{sign} {count['passed']}/{count['clauses']}"

    def add_up(levels, key):
        return sum(count[key] for count in levels.values())

    by_title = {f["title"]: f["contract"]["as_taught"]["levels"] for f in frameworks_of(results)}
    code = {facts["title"]: facts["code"] for facts in frameworks_of(results)}
    assert tables["hardening.html"]["Clauses met as taught"] == {
        title: [
            *(format_count(*item) for item in levels.items()),
            f"{add_up(levels, 'passed')}/{add_up(levels, 'clauses')}",
            str(code[title]["python_lines"]),
            str(code[title]["hardening_lines"]),
        ]
        for title, levels in by_title.items()
    }


def test_the_cost_of_hardening_shows_the_results(results, tables):
    costs = results["hardening"]["pages"]["menu"]
    assert tables["hardening.html"]["Cost of hardening"] == {
        facts["title"]: [
            "{added_microseconds:+.1f} ({added_low:+.1f} to {added_high:+.1f})".format(
                **costs[facts["name"]]
            ),
            f"+{costs[facts['name']]['added_calls']}",
        ]
        for facts in frameworks_of(results)
    }


def format_cost_over_bare(cost, name):
    """Return the menu's cost over bare, with half the width of the ratio's interval."""
    if name == "bare":
        return "baseline"
    if cost["verdict"] == "no difference shown":
        return "tie"
    half = (cost["high"] - cost["low"]) / 2 * cost["microseconds"] / cost["ratio"]
    sign = "+" if cost["added_microseconds"] >= 0 else "-"
    return f"{sign}{abs(cost['added_microseconds']):.0f} ± {half:.0f}"


def test_the_costs_over_bare_are_a_baseline_a_figure_and_a_tie(results, tables):
    rows = tables["index.html"]["Overview"]
    costs = {title: cells[-3].rpartition(" ")[0] for title, cells in rows.items()}
    figure = results["cost"]["pages"]["menu"]["flask"]["added_microseconds"]
    assert (costs["bare"], costs["Bottle 0.13"]) == ("baseline", "tie")
    assert float(costs["Flask 3"].partition(" ± ")[0]) == pytest.approx(figure, abs=0.51)


def test_the_cost_table_shows_the_results(results, tables):
    assert tables["cost/menu.html"]["Cost of menu"] == {
        results["frameworks"][name]["title"]: [
            f"{cost['microseconds']:.1f}",
            f"{estimate_template_time(results, name):.0f}",
            f"{cost['microseconds'] - estimate_template_time(results, name):.0f}",
            f"{cost['added_microseconds']:+.1f}",
            f"{cost['added_microseconds'] / 100:.1f}",
            f"{cost['ratio']:.3f}",
            f"{cost['low']:.3f} to {cost['high']:.3f}",
            cost["verdict"],
        ]
        for name, cost in results["cost"]["pages"]["menu"].items()
    }


def test_the_tables_of_starts_and_calls_show_the_results(results, tables):
    titles = {facts["name"]: facts["title"] for facts in frameworks_of(results)}
    times = ("import", "create", "first_reply")
    assert tables["cost/index.html"]["Start times and memory"] == {
        titles[name]: [
            *(f"{start[f'{key}_seconds'] * 1000:.0f}" for key in times),
            f"{start['rss_mib']:.1f}",
            f"{start['rss_mib_after']:.1f} ({start['requests']:,})",
            "too few requests" if start["requests"] == 200 else "no",
        ]
        for name, start in results["startup"].items()
    }
    assert tables["cost/instruments.html"]["Figures: Calls for menu by layer"] == {
        titles[name]: [f"{count:,}" for count in layers.values()]
        for name, layers in results["calls_by_layer"]["menu"].items()
    }


def test_the_table_of_needs_shows_the_providers_and_lines_of_the_results(results, tables):
    for name, facts in results["frameworks"].items():
        rows = tables[f"frameworks/{name}.html"]["Needs and their providers"]
        assert len(rows) == len(NEEDS)
        assert rows["forms"] == ["framework", "0"]
        lines = facts["provisions"]["csrf"]["lines"]
        assert rows["CSRF"] == ["by hand", f"{lines} · closed"]
        assert rows["sessions"][0] == "not declared"


def test_the_table_of_traces_shows_the_results(results, tables):
    sentence = FEATURES_BY_ID["show-the-menu"].sentence
    rows = tables["journey/show-the-menu.html"][f"Traces: {sentence}"]
    for facts in frameworks_of(results):
        trace = results["traces"]["frameworks"][facts["name"]]["features"]["show-the-menu"]
        assert rows[facts["title"]] == [
            *(
                f"{trace['calls'][layer]:,} ({trace['time_shares'][layer] * 100:.0f} %)"
                for layer in ("server", "framework", "app", "template", "database")
            ),
            f"{trace['calls_before_handler']:,}",
            *(str(trace[key]) for key in ("handler_depth", "maximum_depth", "modules")),
        ]


def test_the_tables_of_outcomes_and_limits_show_the_results(results, tables):
    assert tables["probes/options.html"]["Outcomes"] == {
        "Flask 3, Bottle 0.13": ["all", "200 <b> (meets the standard)"],
        "bare": ["all", "405 (misses the standard)"],
    }
    edges = {
        name: limits["form-fields"]["in-process"]["max_accepted"]
        for name, limits in results["limits"]["frameworks"].items()
    }
    assert tables["behaviour/index.html"]["Limits"] == {
        facts["title"]: [f"{edges[facts['name']]:,} then 413"] for facts in frameworks_of(results)
    }


def test_the_table_of_pairs_shows_the_decisions_of_the_results(results, tables):
    faster_than = results["cost"]["faster_than"]["menu"]
    titles = {facts["name"]: facts["title"] for facts in frameworks_of(results)}

    def compare(name, other):
        if other in faster_than[name]:
            return "faster"
        return "slower" if name in faster_than[other] else "·"

    assert tables["cost/menu.html"]["Pairs: menu"] == {
        titles[name]: [compare(name, other) for other in faster_than] for name in faster_than
    }


def test_the_share_of_10_ms_is_the_added_time(results, tables):
    costs = results["cost"]["pages"]["menu"]
    added = {name: cost["added_microseconds"] for name, cost in costs.items()}
    titles = {facts["name"]: facts["title"] for facts in frameworks_of(results)}
    assert tables["cost/instruments.html"]["Figures: Share of a 10 ms request for menu"] == {
        titles.get(name, name): [f"{time / 100:.1f}", f"{time:.1f}"] for name, time in added.items()
    }


def test_the_grid_of_probes_shows_the_outcomes(tables):
    grid = tables["behaviour/methods.html"]["Methods"]
    assert grid == {
        "OPTIONS of a page.": ["✕a", "●b", "●b"],
        "HEAD of a page.": ["●a", "●a", "●a"],
    }
    groups = tables["behaviour/index.html"]["Groups of probes"]
    assert groups == {"Methods": ["1 of 2", "1", "0", "0"]}


def test_a_pair_shows_only_what_differs(results, tables):
    pair = tables["compare/bare-flask.html"]
    assert pair["Default behaviour"] == {"OPTIONS of a page.": ["405", "200 <b>"]}
    costs = {name: results["cost"]["pages"]["menu"][name] for name in ("bare", "flask")}
    interval = results["cost"]["pairs"]["menu"]["bare"]["flask"]
    assert pair["Cost"] == {
        "menu": [
            *(f"{cost['microseconds']:.0f} µs" for cost in costs.values()),
            f"bare is faster: {interval['ratio']:.2f} times as long in the second "
            f"(99 %: {interval['low']:.2f} to {interval['high']:.2f})",
        ]
    }
    assert "Lines of each feature" not in pair  # equal in both


def test_the_costs_of_all_pages_are_in_one_table(results, tables):
    titles = {facts["name"]: facts["title"] for facts in frameworks_of(results)}
    assert tables["cost/index.html"]["Microseconds of each page"] == {
        titles[name]: [f"{cost['microseconds']:.0f}"]
        for name, cost in results["cost"]["pages"]["menu"].items()
    }


def test_every_table_is_compared_with_the_results(tables):
    compared = {
        "Overview", "Clauses met as taught", "Cost of hardening", "Needs and their providers",
        "Outcomes", "Methods", "Groups of probes", "Limits", "Cost of menu", "Cost by page",
        "Microseconds of each page", "Start times and memory", "Pairs: menu",
        "Figures: Calls for menu by layer", "Figures: Share of a 10 ms request for menu",
        "Traces: Show the menu.", "Calls of each feature", "Handlers", "Lines of each feature",
        "In short", "Default behaviour", "Cost",
        "Hardening: clauses met as taught",
        "Pairs", "Strengths and limitations of each instrument",  # have no figures
    }  # fmt: skip
    assert {label for page in tables.values() for label in page} == compared


NAMES = ("bare", "flask", "control of bare")


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    """Return the part "cost" of a measurement, and the raw times that were written with it."""
    chance = random.Random(2)
    speeds = dict(zip(NAMES, (100_000, 130_000, 100_000), strict=True))
    times = {
        "menu": {
            name: [[speed * chance.uniform(0.9, 1.1) for _ in range(10)] for _ in range(3)]
            for name, speed in speeds.items()
        }
    }
    control = "control of bare"
    testbed = SimpleNamespace(
        baseline="bare", control=control, controls=(control,), environments=[]
    )
    measurement = SimpleNamespace(
        testbed=testbed, times=times, launches=3, seed=1, entries=dict.fromkeys(NAMES), failed={}
    )
    file = raw_times.write_raw_times(times, 1, tmp_path_factory.mktemp("blocks") / "blocks.json.gz")
    return summarize_measurement(measurement, Noise()), raw_times.read_raw_times(file)["times"]


def mean_log_ratios(times, baseline_times):
    """Return the mean log-ratio of each launch, without the highest and lowest fifth."""
    ratios = [
        sorted(math.log(a / b) for a, b in zip(*launches, strict=True))
        for launches in zip(times, baseline_times, strict=True)
    ]
    return [sum(launch[2:8]) / 6 for launch in ratios]


def digamma(x):
    """Return the derivative of the logarithm of gamma, as a difference quotient."""
    return (math.lgamma(x + 1e-5) - math.lgamma(x - 1e-5)) / 2e-5


def trigamma(x):
    """Return the derivative of digamma as a series; an integral replaces its tail."""
    terms = 20_000
    return sum(1 / (x + k) ** 2 for k in range(terms)) + 1 / (x + terms - 0.5)


def shared_variance(variances, degrees):
    """Return the shared prior's degrees of freedom and variance (Smyth 2004, section 6.2)."""
    e = [math.log(v) - digamma(degrees / 2) + math.log(degrees / 2) for v in variances]
    beyond = statistics.variance(e) - trigamma(degrees / 2)
    if beyond <= 0:
        return math.inf, math.exp(statistics.mean(e))
    low, high = 1e-3, 1e4
    while high / low > 1 + 1e-9:
        half = math.sqrt(low * high)
        low, high = (half, high) if trigamma(half) > beyond else (low, half)
    return 2 * low, math.exp(statistics.mean(e) + digamma(low) - math.log(low))


def test_the_shared_variance_is_right_for_known_cases():
    """Check that equal variances give infinitely many degrees of freedom."""
    degrees, variance = shared_variance([0.5, 0.5, 0.5], 2)
    assert (degrees, variance) == (math.inf, pytest.approx(0.5 * math.exp(0.5772156649)))
    degrees, _ = shared_variance([1e-4, 1.0, 1e4], 2)  # these variances share almost nothing
    assert degrees < 1


def test_costs_follow_from_the_raw_times(timed):
    part, raw = timed
    results = build_results(
        build_framework("bare", "bare", 500), build_framework("flask", "Flask 3", 300)
    )
    compared = parse(results)
    compared.cost = part
    cells = parse_site(compared)["cost/menu.html"]["Cost of menu"]["Flask 3"]
    flask_times, bare_times = raw["menu"]["flask"], raw["menu"]["bare"]
    logs = mean_log_ratios(flask_times, bare_times)
    pairs = itertools.combinations(raw["menu"].values(), 2)
    degrees, variance = shared_variance(
        [statistics.variance(mean_log_ratios(*pair)) for pair in pairs], 2
    )
    assert degrees > 2  # the shared part must add to the pair's own degrees
    quantile = 4.6041  # Student's t for 99 %, with the pair's own 2 degrees and the shared degrees
    own = statistics.variance(logs)
    margin = quantile * math.sqrt(max(own, (2 * variance + 2 * own) / 4) / 3)
    ratio, low, high = (math.exp(sum(logs) / 3 + sign * margin) for sign in (0, -1, 1))
    microseconds = statistics.median(time for launch in flask_times for time in launch) / 1000
    assert float(cells[0]) == pytest.approx(microseconds, abs=0.06)
    assert float(cells[5]) == pytest.approx(ratio, abs=0.0006)
    shown_low, shown_high = map(float, cells[6].split(" to "))
    assert shown_low == pytest.approx(low, abs=0.001)
    assert shown_high == pytest.approx(high, abs=0.001)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Return the facts of Flask's app without executed lines, and its row of the overview."""
    framework = discover_frameworks(Paths().apps).get("flask")
    environment = environments.ensure_environment(framework, Paths())
    outcomes = {"one": "passed", "two": "failed", "three": "deviation", "four": "passed"}
    contract = SiteResult("flask", outcomes, dict.fromkeys(outcomes, ""))
    records = Path(tmp_path_factory.mktemp("records"))
    facts = pipeline.collect_facts(environment, contract, records)
    facts.provisions = {}
    results = parse(build_results(msgspec.to_builtins(facts)))
    return facts, parse_site(results)["index.html"]["Overview"][facts.title]


def count_python_lines(text):
    """Count lines with more than brackets and commas, outside comments and docstrings."""
    lines = set()
    for part in tokenize.generate_tokens(io.StringIO(text).readline):
        word = part.type in (token.NAME, token.NUMBER, token.STRING)
        if word or (part.type == token.OP and part.string not in "()[]{},;:"):
            lines.update(range(part.start[0], part.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines.difference_update(range(node.lineno, node.end_lineno + 1))
    return len(lines)


def count_template_lines(text):
    """Count lines with more than white space, outside comments."""
    comment = re.compile(r"<!--.*?-->|{#.*?#}", re.DOTALL)
    without = comment.sub(lambda match: "\n" * match[0].count("\n"), text)
    return len([line for line in without.split("\n") if line.strip()])


def locked_packages(file):
    """Return the packages in a lock file."""
    return set(re.findall(r"^([\w.-]+)==", file.read_text(), re.MULTILINE))


def measure_megabytes(folder, names):
    """Return the size of the files of some distributions, by their own lists of files."""
    size = 0
    for record in folder.glob("lib/python*/site-packages/*.dist-info/RECORD"):
        if record.parent.name.partition("-")[0].lower().replace("_", "-") in names:
            with record.open(newline="") as lines:
                files = [record.parent.parent / row[0] for row in csv.reader(lines)]
            size += sum(file.stat().st_size for file in files if file.is_file())
    return size / 1e6


def test_clauses_lines_and_sizes_follow_from_the_files_of_the_app(real):
    facts, row = real
    folder = ROOT / "apps" / "flask"
    # Other applications, and the lines that are counted apart.
    others = {"defaults.py", "techempower.py", "many_routes.py", "hardening.py"}
    python = [file.read_text() for file in folder.rglob("*.py") if file.name not in others]
    hardening = (folder / "hardening.py").read_text()
    assert facts.code.hardening_lines == count_python_lines(hardening)
    templates = [file.read_text() for file in folder.rglob("*.html")]
    shared = locked_packages(ROOT / "shared_db" / "requirements.txt")
    names = locked_packages(folder / "requirements.txt") - shared
    assert "flask" in names
    assert row[0] == f"{sum(map(count_python_lines, python))} + {facts.code.hardening_lines} 1"
    assert facts.code.template_lines == sum(map(count_template_lines, templates))
    assert row[3] == f"{len(names)} 1"  # the column "As taught" has no figures here
    framework = discover_frameworks(Paths().apps).get("flask")
    environment = environments.ensure_environment(framework, Paths())
    assert row[4] == f"{measure_megabytes(environment.folder, names):.1f} 1"
