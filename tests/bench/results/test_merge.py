"""A run for some frameworks keeps valid results of the others and reports discarded results."""

import pytest

from bench.frameworks.environments import Environment
from bench.frameworks.manifest import discover_frameworks
from bench.results import merge, store


@pytest.fixture
def run(add_app, places, tmp_path):
    """Return a function that writes a part for some tiny apps and returns the merged part."""
    for name in ("pan", "pot"):
        add_app(name)
    file = tmp_path / "report" / "results.json"

    def run(part, value, *names):
        frameworks = discover_frameworks(places.apps).frameworks
        ready = [Environment(frameworks[name], places.environments / name, 0.0) for name in names]
        merge.write_parts({part: value}, ready, places, file)
        return store.read_results(file)[part]

    return run


@pytest.fixture(autouse=True)
def _built(monkeypatch):
    """Pretend that the environment of every tiny app is built from its current lock."""

    def find(framework, places):
        return Environment(framework, places.environments / framework.name, 0.0)

    monkeypatch.setattr("bench.frameworks.environments.find_environment", find)


def journey(python="3", **frameworks):
    return {"python": python, "frameworks": frameworks}


def counts(version="3.19", **pages):
    return {"valgrind": version, "pages": pages}


PARTS = {
    "starts": lambda **findings: findings,
    "calls": lambda **findings: {"menu": findings},
    "warm": lambda **findings: {"menu": findings},
    "layers": lambda **findings: {"menu": findings},
    "growth": lambda **findings: {"rows": findings},
    "instructions": lambda **findings: counts(menu=findings),
    "journey": journey,
    "limits": lambda **findings: {"ceilings": {}, "found": findings},
}


@pytest.mark.parametrize("part", PARTS)
def test_results_of_other_frameworks_are_kept(run, part):
    build = PARTS[part]
    run(part, build(pan=1, pot=2), "pan", "pot")
    assert run(part, build(pan=3), "pan") == build(pan=3, pot=2)


def test_results_of_other_pages_are_kept(run):
    run("calls", {"menu": {"pan": 1}, "cart": {"pan": 2}}, "pan")
    assert run("calls", {"menu": {"pan": 3}}, "pan") == {"menu": {"pan": 3}, "cart": {"pan": 2}}


def test_results_of_changed_code_are_discarded_and_reported(run, places, capsys):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    (places.apps / "pot" / "app.py").write_text("another = 1\n")
    assert run("starts", {"pan": 3}, "pan") == {"pan": 3}
    assert "starts: this run replaces earlier results of pot" in capsys.readouterr().err


def test_results_stay_valid_when_the_readme_of_an_app_changes(run, places):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    (places.apps / "pot" / "README.md").write_text("Another text.\n")
    assert run("starts", {"pan": 3}, "pan") == {"pan": 3, "pot": 2}


def test_results_of_another_machine_are_discarded(run, monkeypatch):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    monkeypatch.setattr("bench.core.machine.read_processor_name", lambda: "another")
    assert run("starts", {"pan": 3}, "pan") == {"pan": 3}


def test_results_of_another_harness_are_discarded_and_reported(run, monkeypatch, capsys):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    monkeypatch.setattr("bench.results.provenance.find_instrument_files", lambda part, harness: [])
    assert run("starts", {"pan": 3}, "pan") == {"pan": 3}
    assert "starts: this run replaces earlier results of pot" in capsys.readouterr().err


def test_traces_of_another_python_are_discarded(run):
    run("journey", journey(pan=1, pot=2), "pan", "pot")
    assert run("journey", journey("4", pan=3), "pan") == journey("4", pan=3)


def test_compared_results_are_replaced_and_reported(run, capsys):
    run("cost", {"versions": {"pan": "1", "pot": "1"}}, "pan", "pot")
    assert run("cost", {"versions": {"pan": "1"}}, "pan") == {"versions": {"pan": "1"}}
    assert "cost: this run replaces earlier results of pot" in capsys.readouterr().err


def test_a_framework_that_fails_now_keeps_no_earlier_result(run):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    assert run("starts", {"pan": 3}, "pan", "pot") == {"pan": 3}


def test_frameworks_with_valid_results_are_not_measured_again(run, places, tmp_path):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    (places.apps / "pot" / "app.py").write_text("another = 1\n")
    ready = [
        Environment(framework, places.environments / name, 0.0)
        for name, framework in discover_frameworks(places.apps).frameworks.items()
    ]
    stale = merge.not_measured("starts", ready, places, tmp_path / "report" / "results.json")
    assert [environment.framework.name for environment in stale] == ["pot"]


def test_counts_of_other_pages_are_kept_and_counts_of_another_valgrind_are_discarded(run, capsys):
    run("instructions", counts(menu={"pan": 1, "pot": 2}, cart={"pan": 3, "pot": 4}), "pan", "pot")
    assert run("instructions", counts(menu={"pan": 5}), "pan") == counts(
        menu={"pan": 5, "pot": 2}, cart={"pan": 3, "pot": 4}
    )
    assert capsys.readouterr().err == ""
    assert run("instructions", counts("4", menu={"pan": 6}), "pan") == counts("4", menu={"pan": 6})
    message = capsys.readouterr().err
    assert "instructions: this run replaces earlier results of pot; pan on cart" in message


def test_a_framework_that_fails_on_a_page_keeps_no_earlier_result_of_the_page(run, capsys):
    run("calls", {"menu": {"pan": 1, "pot": 2}, "cart": {"pan": 3, "pot": 4}}, "pan", "pot")
    calls = run("calls", {"menu": {"pan": 5}}, "pan", "pot")
    assert calls == {"menu": {"pan": 5}, "cart": {"pan": 3, "pot": 4}}
    assert "this run replaces earlier results of pot on menu\n" in capsys.readouterr().err


def cost(*names, pages=("menu",)):
    others = {"the twin of pan": 0, "floor": 0, "bare without Jinja2": 0}
    return {
        "versions": dict.fromkeys(names, "1"),
        "pages": {page: {**others, **dict.fromkeys(names, 1)} for page in pages},
    }


REPLACED = {
    "cost": (cost("pan", "pot", pages=("menu", "cart")), cost("pan"), "pot; pan on cart\n"),
    "planted": (
        {"pages": {"menu": {"pan": 1, "pot": 2}}}, {"pages": {"menu": {"pan": 1}}}, "pot\n",
    ),
    "load_closed": (
        {"connections": {"1": {"pan": 1}, "16": {"pan": 1}}, "growth": {"pan": 1}},
        {"connections": {"16": {"pan": 1}}, "growth": {}},
        "pan on 1, growth\n",
    ),
    "load_open": ({"frameworks": {"pan": 1, "pot": 2}}, {"frameworks": {"pan": 1}}, "pot\n"),
    "servers": ({"frameworks": {"pan": 1, "pot": 2}}, {"frameworks": {"pan": 1}}, "pot\n"),
    "behaviour": ({"frameworks": {"pan": 1, "pot": 2}}, {"frameworks": {"pan": 1}}, "pot\n"),
    "walk": ({"frameworks": {"pan": 1, "pot": 2}}, {"frameworks": {"pan": 1}}, "pot\n"),
    "frameworks": ({"pan": 1, "pot": 2}, {"pan": 1}, "pot\n"),
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
        pytest.param({"origins": []}, id="origins is not a table"),
        pytest.param({"origins": {"starts": ["pan"]}}, id="origins of a part is not a table"),
        pytest.param({"starts": ["pan"]}, id="a part is not a table"),
        pytest.param({"calls": {"menu": ["pan"]}}, id="a page is not a table"),
        pytest.param({"journey": {"frameworks": 3}}, id="frameworks is not a table"),
        pytest.param({"cost": {"pages": {"menu": 3}}}, id="a page has no names"),
    ],
)
def test_results_with_an_unexpected_structure_are_renamed_and_new_results_written(
    run, tmp_path, capsys, defect
):
    file = tmp_path / "report" / "results.json"
    store.update_results(defect, file)
    text = file.read_text()
    assert run("starts", {"pan": 1}, "pan") == {"pan": 1}
    assert file.with_name("results.json.damaged").read_text() == text
    assert "results.json has an unexpected structure; renamed to" in capsys.readouterr().err
