"""`cookoff new`: the written app starts, and has a stub for each feature."""

import subprocess
from datetime import date

import pytest

from bench.analysis.handlers import ParsedSite
from bench.cli import main
from bench.cli import new as module
from bench.core.errors import CookoffError, UsageError
from bench.core.paths import ROOT
from bench.core.processes import run_command
from bench.frameworks import scaffold
from bench.frameworks.features import FEATURES
from bench.frameworks.manifest import NEEDS, discover_frameworks
from bench.frameworks.scaffold import Release
from shared_db import Settings

RELEASE = Release(
    "Pan",
    "1.2",
    date(2026, 1, 31),
    'A "small" pan.',
    "https://pan.example/",
    "https://doc.example/",
)


@pytest.fixture
def run_new(places, monkeypatch):
    """Return a function that runs `cookoff new` with a known release; it returns the exit code."""
    places.apps.mkdir(exist_ok=True)
    monkeypatch.setenv("COOKOFF_APPS", str(places.apps))
    monkeypatch.setattr(scaffold, "find_release", lambda *_: RELEASE)
    monkeypatch.setattr(module, "lock_requirements", lambda name: None)

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["cookoff", "new", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.main()
        return ended.value.code

    return run


def test_the_new_app_is_a_framework_with_all_needs_and_features(run_new, places, capsys):
    assert run_new("pan", "Pan") == 0
    framework = discover_frameworks(places.apps).get("pan")
    assert (framework.title, framework.summary) == ("Pan", 'A "small" pan.')
    assert framework.release_dates == {"1.2": "2026-01-31"}
    assert set(framework.provisions) == set(NEEDS)
    site = ParsedSite(framework)
    assert [len(site.select_handlers(feature)) for feature in FEATURES] == [1] * len(FEATURES)
    assert "cookoff contract pan --as-taught" in capsys.readouterr().out


def test_the_new_app_asks_for_each_text_that_an_app_must_have(run_new, places):
    run_new("pan", "Pan")
    assert "**Left out:**" in (places.apps / "pan" / "README.md").read_text(encoding="utf-8")
    text = (places.apps / "pan" / "app.py").read_text(encoding="utf-8")
    assert "# Production: " in text
    assert "https://" not in text  # the address of the documentation is still to be written


def test_the_new_app_has_the_style_of_the_project(run_new, places):
    run_new("pan", "Pan")
    ruff = [ROOT / ".venv" / "bin" / "ruff", "--config", ROOT / "pyproject.toml"]
    for arguments in (["format", "--check"], ["check", "--select", "E,F,I,W"]):
        command = [*ruff[:1], arguments[0], *ruff[1:], *arguments[1:], places.apps / "pan"]
        done = run_command(command, 60, "ruff", "try again")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module_name", ["app", "defaults", "techempower", "many_routes"])
def test_each_entry_point_answers_501(run_new, places, tmp_path, module_name):
    run_new("pan", "Pan")
    settings = Settings("sqlite:////nowhere", tmp_path, tmp_path, tmp_path, "Pan 1.2", "secret")
    program = (
        "import sys; from pathlib import Path; from importlib import import_module\n"
        "from shared_db import Settings\n"
        f"app = import_module({module_name!r}).create_app(Settings({settings.database_url!r}, "
        f"Path({str(tmp_path)!r}), Path({str(tmp_path)!r}), Path({str(tmp_path)!r}), 'Pan', 's'))\n"
        "app({}, lambda status, headers: print(status))"
    )
    done = run_command(
        [ROOT / ".venv" / "bin" / "python", "-c", program], 60, "the app", "try again",
        environ={"PYTHONPATH": f"{places.apps / 'pan'}:{ROOT}"},
    )  # fmt: skip
    assert done.stdout == "501 Not Implemented\n", done.stderr


@pytest.mark.parametrize("name", ["Pan", "1pan", "../pan", "pan pot", ""])
def test_a_name_that_cannot_be_a_folder_is_refused(run_new, places, name, capsys):
    assert run_new(name, "Pan") == 2
    assert "use lower-case letters, digits and _" in capsys.readouterr().err
    assert list(places.apps.iterdir()) == []


def test_an_app_that_exists_is_not_overwritten(run_new, places, capsys):
    (places.apps / "pan").mkdir()
    assert run_new("pan", "Pan") == 2
    assert "exists already" in capsys.readouterr().err
    assert list((places.apps / "pan").iterdir()) == []


def test_nothing_is_left_when_the_requirements_cannot_be_locked(run_new, places, monkeypatch):
    def fail(name):
        raise CookoffError("no network")

    monkeypatch.setattr(module, "lock_requirements", fail)
    assert run_new("pan", "Pan") == 1
    assert list(places.apps.iterdir()) == []


@pytest.mark.parametrize("name", ["-pan", "pan==1", "pan; x", "", "./pan"])
def test_what_is_no_distribution_is_refused(name, tmp_path):
    with pytest.raises(UsageError, match="cannot be the name of a distribution"):
        scaffold.find_release(name, tmp_path)


@pytest.mark.parametrize("day", [date(2003, 1, 1), date(2014, 2, 28), date(2026, 3, 1)])
def test_the_day_of_a_release_is_found_by_bisection(monkeypatch, day):
    asked = []

    def is_available(distribution, version, asked_day):
        asked.append(asked_day)
        return asked_day >= day

    monkeypatch.setattr(scaffold, "is_available", is_available)
    assert scaffold.find_release_date("Pan", "1.2", last=date(2026, 11, 30)) == day
    assert len(asked) <= 14


def test_a_distribution_that_the_index_does_not_have_is_named(monkeypatch, tmp_path):
    reason = "  Because pan-pot was not found in the package registry and you require pan-pot, …"
    answer = subprocess.CompletedProcess([], 1, "", f"error: No solution found\n{reason}\n")
    monkeypatch.setattr(scaffold, "run_uv", lambda *_: answer)
    with pytest.raises(UsageError, match=r"^the package index has no distribution Pan_Pot; check"):
        scaffold.find_release("Pan_Pot", tmp_path)


@pytest.mark.parametrize(
    ("code", "stderr", "expected"),
    [(0, "", True), (1, "error: No solution found when resolving dependencies", False)],
)
def test_only_a_missing_version_is_not_available(monkeypatch, code, stderr, expected):
    answer = subprocess.CompletedProcess([], code, "", stderr)
    monkeypatch.setattr(scaffold, "run_uv", lambda *_: answer)
    assert scaffold.is_available("Pan", "1.2", date(2026, 1, 31)) is expected


def test_a_lost_network_is_no_answer_about_the_day(monkeypatch):
    answer = subprocess.CompletedProcess([], 2, "", "error: Failed to fetch: no route to host\n")
    monkeypatch.setattr(scaffold, "run_uv", lambda *_: answer)
    with pytest.raises(CookoffError, match="no route to host"):
        scaffold.is_available("Pan", "1.2", date(2026, 1, 31))


def test_the_reason_of_uv_is_reported(monkeypatch, tmp_path):
    answer = subprocess.CompletedProcess([], 1, "", "error: no such thing\n")
    monkeypatch.setattr(scaffold, "run_uv", lambda *_: answer)
    with pytest.raises(CookoffError, match=r"^pan cannot be installed: error: no such thing$"):
        scaffold.find_release("pan", tmp_path)
