"""A run for some frameworks keeps valid results of the others and reports discarded results."""

import json
import re

import msgspec
import pytest

from bench.frameworks.environments import Environment
from bench.frameworks.manifest import discover_frameworks
from bench.results import merge
from bench.results.schema import SCHEMA_VERSION, Results
from tests.bench.results.samples import build_full_results


@pytest.fixture
def run(add_app, places, tmp_path):
    """Return a function that writes a part for some tiny apps and returns the merged part."""
    for name in ("pan", "pot"):
        add_app(name)
    file = tmp_path / "report" / "results.json"

    def run(part, value, *names):
        frameworks = discover_frameworks(places.apps).frameworks
        ready = [Environment(frameworks[name], places.environments / name, 0.0) for name in names]
        merge.write_parts(msgspec.convert({part: value}, Results), ready, places, file)
        return json.loads(file.read_text())[part]

    return run


@pytest.fixture(autouse=True)
def _built(monkeypatch):
    """Pretend that the environment of every tiny app is built from its current lock."""

    def find(framework, places):
        return Environment(framework, places.environments / framework.name, 0.0)

    monkeypatch.setattr("bench.frameworks.environments.find_environment", find)


SAMPLES = build_full_results()


def startup(runs):
    """Return a finding that differs from others in one number."""
    return SAMPLES["startup"]["bare"] | {"runs": runs}


def calls(python):
    return {"python": python, "builtin": 0}


def traces(python="3", **titles):
    sample = SAMPLES["traces"]["frameworks"]["bare"]
    frameworks = {name: sample | {"title": str(title)} for name, title in titles.items()}
    return SAMPLES["traces"] | {"python": python, "frameworks": frameworks}


def instructions(version="3.19", **pages):
    def count(number):
        return {"instructions": number, "spread": 0, "allocations": None}

    counts = {page: by_name(count, findings) for page, findings in pages.items()}
    return {"valgrind_version": version, "pages": counts}


def limits(**sizes):
    edges = {
        name: {"form-fields": {"in-process": {"max_accepted": size, "reached_ceiling": False,
                                              "refusal": "413"}}}
        for name, size in sizes.items()
    }  # fmt: skip
    return SAMPLES["limits"] | {"frameworks": edges}


def layer_calls(app):
    return {"server": 1, "framework": 1, "app": app, "template": 1, "database": 1}


def work(count):
    return {"opened": {"count": count, "names": []}}


def curve(size):
    return {"points": [[size, 1.0]], "exponent": None}


def layer_times(samples):
    shares = dict.fromkeys(("server", "framework", "app", "template", "database"), 0.2)
    return shares | {"samples": samples}


def by_name(build, findings):
    return {name: build(number) for name, number in findings.items()}


PARTS = {
    "startup": lambda **findings: by_name(startup, findings),
    "calls": lambda **findings: {"menu": by_name(calls, findings)},
    "repeated_work": lambda **findings: {"menu": by_name(work, findings)},
    "layer_times": lambda **findings: {"menu": by_name(layer_times, findings)},
    "calls_by_layer": lambda **findings: {"menu": by_name(layer_calls, findings)},
    "scaling": lambda **findings: {"rows": by_name(curve, findings)},
    "instructions": lambda **findings: instructions(menu=findings),
    "traces": traces,
    "limits": limits,
}


@pytest.mark.parametrize("part", PARTS)
def test_results_of_other_frameworks_are_kept(run, part):
    build = PARTS[part]
    run(part, build(pan=1, pot=2), "pan", "pot")
    assert run(part, build(pan=3), "pan") == build(pan=3, pot=2)


def test_results_of_other_pages_are_kept(run):
    run("calls", {"menu": {"pan": calls(1)}, "cart": {"pan": calls(2)}}, "pan")
    merged = run("calls", {"menu": {"pan": calls(3)}}, "pan")
    assert merged == {"menu": {"pan": calls(3)}, "cart": {"pan": calls(2)}}


def test_results_of_changed_code_are_discarded_and_reported(run, places, capsys):
    run("startup", {"pan": startup(1), "pot": startup(2)}, "pan", "pot")
    (places.apps / "pot" / "app.py").write_text("another = 1\n")
    assert run("startup", {"pan": startup(3)}, "pan") == {"pan": startup(3)}
    assert "startup: this run replaces earlier results of pot" in capsys.readouterr().err


def test_results_stay_valid_when_the_readme_of_an_app_changes(run, places):
    run("startup", {"pan": startup(1), "pot": startup(2)}, "pan", "pot")
    (places.apps / "pot" / "README.md").write_text("Another text.\n")
    merged = run("startup", {"pan": startup(3)}, "pan")
    assert merged == {"pan": startup(3), "pot": startup(2)}


def test_results_of_another_machine_are_discarded(run, monkeypatch):
    run("startup", {"pan": startup(1), "pot": startup(2)}, "pan", "pot")
    monkeypatch.setattr("bench.core.machine.read_processor_name", lambda: "another")
    assert run("startup", {"pan": startup(3)}, "pan") == {"pan": startup(3)}


def test_results_of_another_harness_are_discarded_and_reported(run, monkeypatch, capsys):
    run("startup", {"pan": startup(1), "pot": startup(2)}, "pan", "pot")
    monkeypatch.setattr("bench.results.provenance.find_instrument_files", lambda part, harness: [])
    assert run("startup", {"pan": startup(3)}, "pan") == {"pan": startup(3)}
    assert "startup: this run replaces earlier results of pot" in capsys.readouterr().err


def test_traces_of_another_python_are_discarded(run):
    run("traces", traces(pan=1, pot=2), "pan", "pot")
    assert run("traces", traces("4", pan=3), "pan") == traces("4", pan=3)


def test_compared_results_are_replaced_and_reported(run, capsys):
    run("cost", cost("pan", "pot"), "pan", "pot")
    assert run("cost", cost("pan"), "pan") == cost("pan")
    assert "cost: this run replaces earlier results of pot" in capsys.readouterr().err


def test_a_framework_that_fails_now_keeps_no_earlier_result(run):
    run("startup", {"pan": startup(1), "pot": startup(2)}, "pan", "pot")
    assert run("startup", {"pan": startup(3)}, "pan", "pot") == {"pan": startup(3)}


def test_frameworks_with_valid_results_are_not_measured_again(run, places, tmp_path):
    run("startup", {"pan": startup(1), "pot": startup(2)}, "pan", "pot")
    (places.apps / "pot" / "app.py").write_text("another = 1\n")
    ready = [
        Environment(framework, places.environments / name, 0.0)
        for name, framework in discover_frameworks(places.apps).frameworks.items()
    ]
    stale = merge.not_measured("startup", ready, places, tmp_path / "report" / "results.json")
    assert [environment.framework.name for environment in stale] == ["pot"]


def test_counts_of_other_pages_are_kept_and_counts_of_another_valgrind_are_discarded(run, capsys):
    run(
        "instructions",
        instructions(menu={"pan": 1, "pot": 2}, cart={"pan": 3, "pot": 4}),
        "pan",
        "pot",
    )
    assert run("instructions", instructions(menu={"pan": 5}), "pan") == instructions(
        menu={"pan": 5, "pot": 2}, cart={"pan": 3, "pot": 4}
    )
    assert capsys.readouterr().err == ""
    assert run("instructions", instructions("4", menu={"pan": 6}), "pan") == instructions(
        "4", menu={"pan": 6}
    )
    message = capsys.readouterr().err
    assert "instructions: this run replaces earlier results of pot; pan on cart" in message


def test_a_framework_that_fails_on_a_page_keeps_no_earlier_result_of_the_page(run, capsys):
    cart = {"pan": calls(3), "pot": calls(4)}
    run("calls", {"menu": {"pan": calls(1), "pot": calls(2)}, "cart": cart}, "pan", "pot")
    merged = run("calls", {"menu": {"pan": calls(5)}}, "pan", "pot")
    assert merged == {"menu": {"pan": calls(5)}, "cart": cart}
    assert "this run replaces earlier results of pot on menu\n" in capsys.readouterr().err


def cost(*names, pages=("menu",)):
    others = ("control of pan", "floor", "bare without Jinja2")
    return SAMPLES["cost"] | {
        "versions": dict.fromkeys(names, "1"),
        "pages": {page: dict.fromkeys((*others, *names), PAGE_COST) for page in pages},
    }


PAGE_COST = SAMPLES["cost"]["pages"]["menu"]["bare"]
PAN_AND_POT, PAN = ("pan", "pot"), ("pan",)


def sensitivity(names):
    detection = SAMPLES["sensitivity"]["pages"]["menu"]["bare"]
    return SAMPLES["sensitivity"] | {"pages": {"menu": dict.fromkeys(names, detection)}}


def paired(part, names):
    cost = SAMPLES[part]["pages"]["menu"]["bare"]
    return SAMPLES[part] | {"pages": {"menu": dict.fromkeys(names, cost)}}


def closed_loop(*counts, scaling=()):
    throughput = SAMPLES["closed_loop"]["connections"]["16"]["bare"]
    return SAMPLES["closed_loop"] | {
        "connections": {count: {"pan": throughput} for count in counts},
        "scaling": dict.fromkeys(scaling, curve(1)),
    }


def with_frameworks(part):
    """Return a function that builds a part with some names in the place of the frameworks."""
    sample = next(iter(SAMPLES[part]["frameworks"].values()))
    return lambda names: SAMPLES[part] | {"frameworks": dict.fromkeys(names, sample)}


REPLACED = {
    "cost": (cost("pan", "pot", pages=("menu", "cart")), cost("pan"), "pot; pan on cart\n"),
    "sensitivity": (sensitivity(PAN_AND_POT), sensitivity(PAN), "pot\n"),
    **{
        part: (paired(part, PAN_AND_POT), paired(part, PAN), "pot\n")
        for part in ("hardening", "plain_links")
    },
    "closed_loop": (
        closed_loop("1", "16", scaling=PAN), closed_loop("16"), "pan on 1, scaling\n",
    ),
    **{
        part: (with_frameworks(part)(PAN_AND_POT), with_frameworks(part)(PAN), "pot\n")
        for part in ("open_loop", "servers", "behaviour", "differential")
    },
    "frameworks": (
        dict.fromkeys(PAN_AND_POT, SAMPLES["frameworks"]["bare"]),
        dict.fromkeys(PAN, SAMPLES["frameworks"]["bare"]),
        "pot\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("part", REPLACED)
def test_replaced_comparisons_are_reported_with_their_pages(run, capsys, part):
    before, now, discarded = REPLACED[part]
    run(part, before, "pan", "pot")
    assert capsys.readouterr().err == ""
    assert run(part, now, "pan") == now
    assert capsys.readouterr().err.endswith(f"this run replaces earlier results of {discarded}")


def test_these_tests_cover_every_part_shape():
    assert {*PARTS, *REPLACED} == set(merge.PART_SHAPES)


@pytest.mark.parametrize(
    "defect",
    [
        pytest.param({"provenance": []}, id="provenance is not a table"),
        pytest.param({"provenance": {"startup": ["pan"]}}, id="a part's provenance is no table"),
        pytest.param({"startup": ["pan"]}, id="a part is not a table"),
        pytest.param({"calls": {"menu": ["pan"]}}, id="a page is not a table"),
        pytest.param({"traces": {"frameworks": 3}}, id="frameworks is not a table"),
        pytest.param({"cost": {"pages": {"menu": 3}}}, id="a page has no names"),
    ],
)
def test_results_with_an_unexpected_structure_are_renamed_and_new_results_written(
    run, tmp_path, capsys, defect
):
    file = tmp_path / "report" / "results.json"
    file.parent.mkdir()
    text = json.dumps({"schema": SCHEMA_VERSION} | defect)
    file.write_text(text)
    assert run("startup", {"pan": startup(1)}, "pan") == {"pan": startup(1)}
    assert file.with_name("results.json.damaged").read_text() == text
    message = capsys.readouterr().err
    assert re.search(r"is damaged, or of another version \(.+\); renamed to", message)
