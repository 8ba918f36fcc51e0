"""A run for some frameworks keeps what still holds of the others, and names what it replaces."""

import pytest

from bench import keeping, results
from bench.environments import Environment
from bench.frameworks import discover


@pytest.fixture
def run(add_app, places, tmp_path):
    """Return a function that writes a part as found of some tiny apps, and gives all results."""
    for name in ("pan", "pot"):
        add_app(name)
    file = tmp_path / "report" / "results.json"

    def run(part, found, *names):
        shelf = discover(places.apps).frameworks
        ready = [Environment(shelf[name], places.environments / name, 0.0) for name in names]
        keeping.write({part: found}, ready, places, file)
        return results.read(file)[part]

    return run


@pytest.fixture(autouse=True)
def built(monkeypatch):
    """Take every tiny app's environment as built from its lock as it is."""

    def there(framework, places):
        return Environment(framework, places.environments / framework.name, 0.0)

    monkeypatch.setattr("bench.environments.existing", there)


def journey(python="3", **frameworks):
    return {"python": python, "frameworks": frameworks}


PARTS = {
    "starts": lambda **found: found,
    "calls": lambda **found: {"menu": found},
    "warm": lambda **found: {"menu": found},
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
    monkeypatch.setattr("bench.machine.processor", lambda: "another")
    assert run("starts", {"pan": 3}, "pan") == {"pan": 3}


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
        for name, one in discover(places.apps).frameworks.items()
    ]
    left = keeping.unknown("starts", ready, places, tmp_path / "report" / "results.json")
    assert [one.framework.name for one in left] == ["pot"]
