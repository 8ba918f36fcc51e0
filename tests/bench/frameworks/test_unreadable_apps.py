"""An unreadable app is reported in one line, and every command continues with the other apps."""

import json
import re

import pytest

from bench.analysis.handlers import ParsedSite
from bench.cli import main, mutants
from bench.conformance import contract, mutation_run
from bench.frameworks.app_files import CodeError
from bench.frameworks.manifest import discover_frameworks
from bench.report import site
from bench.results import merge, store
from tests.bench.site_runs import PASSED, fake_run_sites

COMMANDS = ("code", "code --provisions", "side-by-side show-the-cart first broken last")


def write_bad_file(content):
    return lambda folder: (folder / "pages.py").write_bytes(content)


def make_folder_with_file_name(folder):
    (folder / "pages.py").mkdir()


def make_dangling_link(folder):
    (folder / "pages.py").symlink_to("nowhere.py")


def write_bad_template(folder):
    (folder / "cart.html").write_bytes(b"\xff")
    (folder / "pages.py").write_text(CART)


CART = '''def show():
    """Show the cart."""
    return template("cart.html")
'''
DEFECTS = {
    "a syntax error": (write_bad_file(b"def (:\n"), "broken/pages.py:1: "),
    "bad encoding": (write_bad_file(b"x = '\xff'\n"), "broken/pages.py: 'utf-8' codec"),
    "a null byte": (write_bad_file(b"x = 1\x00\n"), "broken/pages.py"),
    "nested too deeply": (write_bad_file(b"x = " + b"(" * 5000 + b")" * 5000), "broken/pages.py"),
    "too many operators": (write_bad_file(b"x = " + b"-" * 100_000 + b"1"), "broken"),
    "a long chain of attributes": (write_bad_file(b"x = a" + b".b" * 1500), "broken"),
    "a folder": (make_folder_with_file_name, "broken/pages.py: Is a directory"),
    "a link to nothing": (make_dangling_link, "broken/pages.py: No such file"),
}


@pytest.fixture
def apps(add_app, tiny_environment):
    """Return a folder of three apps, all of which show the cart."""
    for name in ("broken", "first", "last"):
        folder = add_app(name, tiny_environment, pages=CART).folder
        (folder / "requirements.in").write_text("")
    (folder.parent / "broken" / "pages.py").unlink()
    return folder.parent


@pytest.fixture
def cookoff(places, monkeypatch, capsys):
    """Return a function that runs a command and returns exit code, stdout and lines of stderr."""
    monkeypatch.setenv("COOKOFF_APPS", str(places.apps))
    monkeypatch.setenv("COOKOFF_ENVIRONMENTS", str(places.environments))
    monkeypatch.setenv("COOKOFF_STATE", str(places.state))

    def cookoff(line):
        monkeypatch.setattr("sys.argv", ["cookoff", *line.split()])
        with pytest.raises(SystemExit) as exit_info:
            main.main()
        out, err = capsys.readouterr()
        return exit_info.value.code, out, err.splitlines()

    return cookoff


@pytest.mark.parametrize("line", COMMANDS)
@pytest.mark.parametrize("defect", DEFECTS)
def test_commands_that_read_code_continue_with_the_other_apps(apps, cookoff, line, defect):
    make_defect, reason = DEFECTS[defect]
    make_defect(apps / "broken")
    code, out, (message,) = cookoff(line)
    assert code == 1
    assert message.startswith("cookoff: skipped: ")
    assert reason in message
    assert "first" in out
    assert "last" in out
    assert "broken" not in out


@pytest.mark.parametrize(
    "line", ["code", "side-by-side show-the-cart first broken last --templates"]
)
def test_an_unreadable_template_is_reported(apps, cookoff, line):
    write_bad_template(apps / "broken")
    code, out, (message,) = cookoff(line)
    assert code == 1
    assert "broken/cart.html: 'utf-8' codec" in message
    assert "first" in out


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"flask==\n", "requirements.in: "), (b"\xff", "utf-8"), (None, "No such file")],
    ids=["a bad requirement", "bad encoding", "absent"],
)
def test_unreadable_requirements_are_reported(apps, cookoff, content, reason):
    (apps / "broken" / "pages.py").write_text(CART)
    file = apps / "broken" / "requirements.in"
    file.unlink() if content is None else file.write_bytes(content)
    code, out, (message,) = cookoff("code")
    assert code == 1
    assert "broken/requirements.in" in message
    assert reason in message
    assert "first" in out


BAD_MANIFESTS = {
    "no TOML": b"title =",
    "bad encoding": b"\xff",
    "nested too deeply": b"x = " + b"[" * 100_000,
    "no pattern": b'template_files = "/etc/*"',
}


@pytest.mark.parametrize("manifest", BAD_MANIFESTS)
@pytest.mark.parametrize("line", COMMANDS)
def test_an_unreadable_manifest_stops_no_other_app(apps, cookoff, line, manifest):
    file = apps / "broken" / "framework.toml"
    lines = [line for line in file.read_bytes().splitlines() if b"template_files" not in line]
    file.write_bytes(b"\n".join([BAD_MANIFESTS[manifest], *lines]))
    code, out, (message,) = cookoff(line)
    assert code == 1
    assert re.match(r"cookoff: .*\bbroken/framework\.toml:", message)
    assert "last" in out


def test_only_broken_apps_on_the_command_line_are_an_error(apps, cookoff):
    write_bad_file(b"def (:")(apps / "broken")
    assert cookoff("side-by-side show-the-cart broken")[0] == 1
    (apps / "broken" / "framework.toml").write_text("")
    assert cookoff("code broken")[0] == 1


def test_parsing_unreadable_code_raises_an_error_with_file_and_line(apps, places):
    write_bad_file(b"def (:")(apps / "broken")
    with pytest.raises(CodeError, match=r"broken/pages\.py:1: "):
        ParsedSite(discover_frameworks(places.apps).get("broken"))


def test_a_comparison_continues_without_an_unreadable_app(
    apps, cookoff, monkeypatch, tmp_path, without_progress_page
):
    write_bad_file(b"def (:")(apps / "broken")

    timed, file = [], tmp_path / "results.json"
    monkeypatch.setattr(contract, "run_sites", fake_run_sites(PASSED))
    monkeypatch.setattr("bench.cli.compare.measure_cost", lambda ready, *_: timed.extend(ready))
    monkeypatch.setattr("bench.cli.compare.measure_startup", lambda *_: None)
    monkeypatch.setattr("bench.cli.compare.measure_layer_times", lambda *_: None)
    monkeypatch.setattr(store, "RESULTS_FILE", file)
    for function in (store.read_results, store.update_results, merge.write_parts):
        monkeypatch.setattr(function, "__defaults__", (file,))
    monkeypatch.setattr(site.write_report, "__defaults__", (tmp_path / "index.html",))
    code, out, messages = cookoff("compare")
    assert code == 1
    reason = re.compile(r"cookoff: skipped: .*\bbroken/pages\.py:1: ")
    assert any(map(reason.match, messages))
    results = json.loads(file.read_text())
    assert list(results["frameworks"]) == ["first", "last"]
    assert results["skipped"]["broken"].startswith("broken/pages.py:1: ")
    assert {environment.framework.name for environment in timed} == {"first", "last"}
    assert re.search(r"^broken .*: broken/pages\.py:1: ", out, re.MULTILINE)
    assert (tmp_path / "index.html").exists()


@pytest.mark.parametrize(
    "content",
    [b"[[faults]", b"\xff", b"faults = 1", b'faults = ["x"]', b'[[faults]]\nid = "x"'],
    ids=["no TOML", "bad encoding", "no list", "no tables", "a key is missing"],
)
def test_an_unreadable_file_of_mutants_stops_no_other_file(cookoff, tmp_path, monkeypatch, content):
    table = 'id = "x"\nfile = "README.md"\nold = "a"\nnew = "b"\nfeature = "sign-in"\n'
    for name, text in (("bare", f"[[faults]]\n{table}".encode()), ("flask", content)):
        (tmp_path / "apps" / name).mkdir(parents=True)
        (tmp_path / "apps" / name / "mutants.toml").write_bytes(text)
    monkeypatch.setattr("bench.conformance.mutants.find_mutant_files.__defaults__", ((), tmp_path))
    monkeypatch.setattr(mutants, "select_testable", lambda chosen, names: (chosen, 0))
    monkeypatch.setattr(
        mutation_run,
        "run_mutant",
        lambda mutant: mutation_run.MutantResult(mutant, "killed", "a clause", True, 0.1),
    )
    code, out, messages = cookoff("mutants")
    assert code == 1
    assert re.match(r"cookoff: skipped: .*/flask/mutants\.toml:", messages[0])
    assert "killed: 1 of 1 mutant\n" in out
