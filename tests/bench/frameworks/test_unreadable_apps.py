"""An app that cannot be read is named in one line, and every command goes on with the others."""

import json

import pytest

from bench.analysis.handlers import ParsedSite
from bench.cli import main, mutants
from bench.conformance import contract, mutation_run
from bench.conformance.contract import SiteResult
from bench.frameworks.app_files import CodeError
from bench.frameworks.manifest import discover_frameworks
from bench.report import page
from bench.results import store

COMMANDS = ("code", "code --brings", "side-by-side show-the-cart first broken last")


def bad_file(content):
    return lambda folder: (folder / "pages.py").write_bytes(content)


def folder_for_file(folder):
    (folder / "pages.py").mkdir()


def dangling(folder):
    (folder / "pages.py").symlink_to("nowhere.py")


def bad_template(folder):
    (folder / "cart.html").write_bytes(b"\xff")
    (folder / "pages.py").write_text(CART)


CART = '''def show():
    """Show the cart."""
    return template("cart.html")
'''
SPOILT = {
    "a syntax error": (bad_file(b"def (:\n"), "broken/pages.py:1: "),
    "bad encoding": (bad_file(b"x = '\xff'\n"), "broken/pages.py: 'utf-8' codec"),
    "a null byte": (bad_file(b"x = 1\x00\n"), "broken/pages.py"),
    "nested too deeply": (bad_file(b"x = " + b"(" * 5000 + b")" * 5000), "broken/pages.py"),
    "too many operators": (bad_file(b"x = " + b"-" * 100_000 + b"1"), "broken"),
    "a long chain of attributes": (bad_file(b"x = a" + b".b" * 1500), "broken"),
    "a folder": (folder_for_file, "broken/pages.py: Is a directory"),
    "a link to nothing": (dangling, "broken/pages.py: No such file"),
}


@pytest.fixture
def shelf(add_app, tiny_environment):
    """Three apps, all of which show the cart."""
    for name in ("broken", "first", "last"):
        folder = add_app(name, tiny_environment, pages=CART).folder
        (folder / "requirements.in").write_text("")
    (folder.parent / "broken" / "pages.py").unlink()
    return folder.parent


@pytest.fixture
def cookoff(places, monkeypatch, capsys):
    """Return a function that runs a command on these places: exit code, stdout, lines of stderr."""
    monkeypatch.setenv("COOKOFF_APPS", str(places.apps))
    monkeypatch.setenv("COOKOFF_ENVIRONMENTS", str(places.environments))
    monkeypatch.setenv("COOKOFF_STATE", str(places.state))

    def cookoff(line):
        monkeypatch.setattr("sys.argv", ["cookoff", *line.split()])
        with pytest.raises(SystemExit) as ended:
            main.main()
        out, err = capsys.readouterr()
        return ended.value.code, out, err.splitlines()

    return cookoff


@pytest.mark.parametrize("line", COMMANDS)
@pytest.mark.parametrize("spoilt", SPOILT)
def test_commands_that_read_code_go_on_with_the_others(shelf, cookoff, line, spoilt):
    spoil, reason = SPOILT[spoilt]
    spoil(shelf / "broken")
    code, out, (said,) = cookoff(line)
    assert code == 1
    assert said.startswith("cookoff: left out: ")
    assert reason in said
    assert "first" in out
    assert "last" in out
    assert "broken" not in out


@pytest.mark.parametrize(
    "line", ["code", "side-by-side show-the-cart first broken last --templates"]
)
def test_a_template_that_cannot_be_read_is_named(shelf, cookoff, line):
    bad_template(shelf / "broken")
    code, out, (said,) = cookoff(line)
    assert code == 1
    assert "broken/cart.html: 'utf-8' codec" in said
    assert "first" in out


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"flask==\n", "requirements.in: "), (b"\xff", "utf-8"), (None, "No such file")],
    ids=["a bad requirement", "bad encoding", "absent"],
)
def test_requirements_that_cannot_be_read_are_named(shelf, cookoff, content, reason):
    (shelf / "broken" / "pages.py").write_text(CART)
    file = shelf / "broken" / "requirements.in"
    file.unlink() if content is None else file.write_bytes(content)
    code, out, (said,) = cookoff("code")
    assert code == 1
    assert "broken/requirements.in" in said
    assert reason in said
    assert "first" in out


BAD_FACTS = {
    "no TOML": b"title =",
    "bad encoding": b"\xff",
    "nested too deeply": b"x = " + b"[" * 100_000,
    "no pattern": b'template_files = "/etc/*"',
}


@pytest.mark.parametrize("facts", BAD_FACTS)
@pytest.mark.parametrize("line", COMMANDS)
def test_facts_that_cannot_be_read_stop_nobody_else(shelf, cookoff, line, facts):
    file = shelf / "broken" / "framework.toml"
    kept = [one for one in file.read_bytes().splitlines() if not one.startswith(b"template_files")]
    file.write_bytes(b"\n".join([BAD_FACTS[facts], *kept]))
    code, out, (said,) = cookoff(line)
    assert code == 1
    assert said.startswith("cookoff: left out: broken/framework.toml: ")
    assert "last" in out


def test_all_that_are_named_being_broken_is_an_error(shelf, cookoff):
    bad_file(b"def (:")(shelf / "broken")
    assert cookoff("side-by-side show-the-cart broken")[0] == 1
    (shelf / "broken" / "framework.toml").write_text("")
    assert cookoff("code broken")[0] == 1


def test_a_journey_through_code_that_cannot_be_read_fails_alone(shelf, places):
    bad_file(b"def (:")(shelf / "broken")
    with pytest.raises(CodeError, match=r"broken/pages\.py:1: "):
        ParsedSite(discover_frameworks(places.apps).get("broken"))


def test_a_comparison_goes_on_without_it(shelf, cookoff, monkeypatch, tmp_path):
    bad_file(b"def (:")(shelf / "broken")

    def run_contract(names, options, told):
        reports = [SiteResult(name, {"a clause": "passed"}, {}) for name in names]
        for one in reports:
            told(one)
        return reports

    timed, file = [], tmp_path / "results.json"
    monkeypatch.setattr(contract, "run_contract", run_contract)
    monkeypatch.setattr("bench.cli.compare.measure", lambda ready, *_: timed.extend(ready))
    monkeypatch.setattr("bench.cli.compare.start_all", lambda *_: None)
    monkeypatch.setattr(store, "RESULTS_FILE", file)
    for one in (
        store.read_results,
        store.update_results,
        page.write_report,
        main.import_module("bench.results.merge").write,
    ):
        one_file = tmp_path / "index.html" if one is page.write_report else file
        monkeypatch.setattr(one, "__defaults__", (one_file,))
    code, out, said = cookoff("compare")
    assert code == 1
    assert any("left out: " in line and "broken/pages.py:1: " in line for line in said)
    found = json.loads(file.read_text())
    assert list(found["frameworks"]) == ["first", "last"]
    assert found["missing"]["broken"].startswith("broken/pages.py:1: ")
    assert {one.framework.name for one in timed} == {"first", "last"}
    assert "broken is left out: broken/pages.py:1: " in out
    assert (tmp_path / "index.html").exists()


@pytest.mark.parametrize(
    "content",
    [b"[[faults]", b"\xff", b"faults = 1", b'faults = ["x"]', b'[[faults]]\nid = "x"'],
    ids=["no TOML", "bad encoding", "no list", "no tables", "a part lacks"],
)
def test_faults_that_cannot_be_read_stop_no_others(cookoff, tmp_path, monkeypatch, content):
    part = 'id = "x"\nfile = "README.md"\nold = "a"\nnew = "b"\nfeature = "sign-in"\n'
    (tmp_path / "bare.toml").write_text(f"[[faults]]\n{part}")
    (tmp_path / "flask.toml").write_bytes(content)
    monkeypatch.setattr("bench.conformance.mutants.find_mutant_files.__defaults__", ((), tmp_path))
    monkeypatch.setattr(mutants, "select_testable", lambda wanted, names: (wanted, 0))
    monkeypatch.setattr(
        mutation_run,
        "run_mutant",
        lambda fault: mutation_run.MutantResult(fault, "killed", "a clause", True, 0.1),
    )
    code, out, said = cookoff("mutants")
    assert code == 1
    assert said[0].startswith("cookoff: left out: flask.toml: ")
    assert "1 of 1 faults were seen" in out
