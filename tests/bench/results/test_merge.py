"""A run for some frameworks keeps what still holds of the others, and names what it replaces."""

import pytest

from bench.frameworks.environments import Environment
from bench.frameworks.manifest import discover_frameworks
from bench.results import merge, store


@pytest.fixture
def run(add_app, places, tmp_path):
    """Return a function that writes a part as found of some tiny apps, and gives all results."""
    for name in ("pan", "pot"):
        add_app(name)
    file = tmp_path / "report" / "results.json"

    def run(part, found, *names):
        shelf = discover_frameworks(places.apps).frameworks
        ready = [Environment(shelf[name], places.environments / name, 0.0) for name in names]
        merge.write_parts({part: found}, ready, places, file)
        return store.read_results(file)[part]

    return run


@pytest.fixture(autouse=True)
def built(monkeypatch):
    """Take every tiny app's environment as built from its lock as it is."""

    def there(framework, places):
        return Environment(framework, places.environments / framework.name, 0.0)

    monkeypatch.setattr("bench.frameworks.environments.find_environment", there)


def journey(python="3", **frameworks):
    return {"python": python, "frameworks": frameworks}


def counts(version="3.19", **pages):
    return {"valgrind": version, "pages": pages}


PARTS = {
    "starts": lambda **found: found,
    "calls": lambda **found: {"menu": found},
    "warm": lambda **found: {"menu": found},
    "layers": lambda **found: {"menu": found},
    "growth": lambda **found: {"rows": found},
    "instructions": lambda **found: counts(menu=found),
    "journey": journey,
    "limits": lambda **found: {"ceilings": {}, "found": found},
}


@pytest.mark.parametrize("part", PARTS)
def test_what_was_found_of_others_stays(run, part):
    shaped = PARTS[part]
    run(part, shaped(pan=1, pot=2), "pan", "pot")
    assert run(part, shaped(pan=3), "pan") == shaped(pan=3, pot=2)


def test_other_pages_stay(run):
    run("calls", {"menu": {"pan": 1}, "cart": {"pan": 2}}, "pan")
    assert run("calls", {"menu": {"pan": 3}}, "pan") == {"menu": {"pan": 3}, "cart": {"pan": 2}}


def test_what_depends_on_changed_code_goes_and_is_named(run, places, capsys):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    (places.apps / "pot" / "app.py").write_text("another = 1\n")
    assert run("starts", {"pan": 3}, "pan") == {"pan": 3}
    assert "starts: this run replaces what an earlier one found of pot" in capsys.readouterr().err


def test_words_about_an_app_change_nothing(run, places):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    (places.apps / "pot" / "README.md").write_text("Other words.\n")
    assert run("starts", {"pan": 3}, "pan") == {"pan": 3, "pot": 2}


def test_what_was_found_on_another_machine_goes(run, monkeypatch):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    monkeypatch.setattr("bench.core.machine.read_processor_name", lambda: "another")
    assert run("starts", {"pan": 3}, "pan") == {"pan": 3}


def test_what_an_older_harness_found_goes_and_is_named(run, monkeypatch, capsys):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    monkeypatch.setattr("bench.results.provenance.find_instrument_files", lambda part, harness: [])
    assert run("starts", {"pan": 3}, "pan") == {"pan": 3}
    assert "starts: this run replaces what an earlier one found of pot" in capsys.readouterr().err


def test_journeys_under_another_python_go(run):
    run("journey", journey(pan=1, pot=2), "pan", "pot")
    assert run("journey", journey("4", pan=3), "pan") == journey("4", pan=3)


def test_what_was_compared_is_replaced_and_named(run, capsys):
    run("cost", {"versions": {"pan": "1", "pot": "1"}}, "pan", "pot")
    assert run("cost", {"versions": {"pan": "1"}}, "pan") == {"versions": {"pan": "1"}}
    assert "cost: this run replaces what an earlier one found of pot" in capsys.readouterr().err


def test_one_that_was_asked_and_does_not_answer_any_more_has_no_finding(run):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    assert run("starts", {"pan": 3}, "pan", "pot") == {"pan": 3}


def test_whose_finding_still_holds_need_not_be_asked_again(run, places, tmp_path):
    run("starts", {"pan": 1, "pot": 2}, "pan", "pot")
    (places.apps / "pot" / "app.py").write_text("another = 1\n")
    ready = [
        Environment(one, places.environments / name, 0.0)
        for name, one in discover_frameworks(places.apps).frameworks.items()
    ]
    left = merge.not_measured("starts", ready, places, tmp_path / "report" / "results.json")
    assert [one.framework.name for one in left] == ["pot"]


def test_counts_of_other_pages_stay_and_those_by_another_valgrind_go(run, capsys):
    run("instructions", counts(menu={"pan": 1, "pot": 2}, cart={"pan": 3, "pot": 4}), "pan", "pot")
    assert run("instructions", counts(menu={"pan": 5}), "pan") == counts(
        menu={"pan": 5, "pot": 2}, cart={"pan": 3, "pot": 4}
    )
    assert capsys.readouterr().err == ""
    assert run("instructions", counts("4", menu={"pan": 6}), "pan") == counts("4", menu={"pan": 6})
    said = capsys.readouterr().err
    assert "instructions: this run replaces what an earlier one found of pot; pan on cart" in said


def test_one_that_does_not_answer_on_a_page_has_no_finding_there_any_more(run, capsys):
    run("calls", {"menu": {"pan": 1, "pot": 2}, "cart": {"pan": 3, "pot": 4}}, "pan", "pot")
    found = run("calls", {"menu": {"pan": 5}}, "pan", "pot")
    assert found == {"menu": {"pan": 5}, "cart": {"pan": 3, "pot": 4}}
    assert "what an earlier one found of pot on menu\n" in capsys.readouterr().err


def cost(*names, pages=("menu",)):
    beside = {"the twin of pan": 0, "floor": 0, "bare without Jinja2": 0}
    return {
        "versions": dict.fromkeys(names, "1"),
        "pages": {page: {**beside, **dict.fromkeys(names, 1)} for page in pages},
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
def test_what_a_comparison_replaces_is_named_with_its_pages(run, capsys, part):
    before, now, lost = REPLACED[part]
    run(part, before, "pan", "pot")
    assert capsys.readouterr().err == ""
    assert run(part, now, "pan") == now
    assert capsys.readouterr().err.endswith(
        f"this run replaces what an earlier one found of {lost}"
    )


def test_every_part_that_is_kept_by_framework_is_tried_here():
    assert {*PARTS, *REPLACED} == set(merge.PART_SHAPES)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param({"origins": []}, id="origins are no table"),
        pytest.param({"origins": {"starts": ["pan"]}}, id="origins of a part are no table"),
        pytest.param({"starts": ["pan"]}, id="a part is no table"),
        pytest.param({"calls": {"menu": ["pan"]}}, id="a page is no table"),
        pytest.param({"journey": {"frameworks": 3}}, id="frameworks are no table"),
        pytest.param({"cost": {"pages": {"menu": 3}}}, id="a page has no names"),
    ],
)
def test_results_of_another_shape_are_kept_aside_and_nothing_measured_is_lost(
    run, tmp_path, capsys, spoil
):
    file = tmp_path / "report" / "results.json"
    store.update_results(spoil, file)
    spoilt = file.read_text()
    assert run("starts", {"pan": 1}, "pan") == {"pan": 1}
    assert file.with_name("results.json.damaged").read_text() == spoilt
    assert "results.json has not the shape of results; kept as" in capsys.readouterr().err
