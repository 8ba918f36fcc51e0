"""The store writes results atomically, and the README shows them."""

import json

import pytest

from bench.cli import main
from bench.cli import readme as readme_command
from bench.core.errors import CookoffError, DependencyError
from bench.core.paths import Paths
from bench.frameworks.manifest import FrameworkRegistry, discover_frameworks
from bench.report import readme, screenshot
from bench.results import store
from bench.results.schema import Results
from bench.results.store import ResultsFormatError
from tests.bench.results.samples import build_results, parse


def test_writing_one_part_keeps_the_other_parts(tmp_path):
    file = tmp_path / "report" / "results.json"
    store.update_results(Results(clauses=1, created_at="2026"), file)
    store.update_results(Results(created_at="2027"), file)
    expected = {"schema": 3, "clauses": 1, "created_at": "2027"}
    assert json.loads(file.read_text()) == expected
    assert store.read_results(file) == Results(clauses=1, created_at="2027")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"schema": 0}', '{"schema": "3"}', '{"schema": 3, "clauses": ""}'],
)
def test_damaged_results_are_refused_in_one_line_with_the_next_command(tmp_path, text):
    file = tmp_path / "results.json"
    file.write_text(text)
    with pytest.raises(CookoffError, match=r"^[^\n]*run: cookoff compare$"):
        store.read_results(file)


def test_results_of_the_earlier_schema_version_are_refused(tmp_path):
    file = tmp_path / "results.json"
    file.write_text('{"schema": 2, "made": "2026"}')
    with pytest.raises(ResultsFormatError, match="has another schema version; run: cookoff comp"):
        store.read_results(file)


def test_missing_results_are_reported_with_the_next_command(tmp_path):
    with pytest.raises(DependencyError, match="run: cookoff compare"):
        store.read_results(tmp_path / "results.json")


def test_the_table_of_the_readme_is_replaced_and_the_other_text_kept():
    text = readme.insert_table(
        "before\n<!-- table -->\nold\n<!-- end of table -->\nafter", parse(build_results())
    )
    cells = ["9 of 10", "8 of 10", "300", "3", "200", "1", "3.0", "+50 ± 10"]
    assert f"| [Flask 3](https://example.org/) | {' | '.join(cells)} |" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter")


def test_without_chromium_the_picture_is_not_changed_and_this_is_reported(
    tmp_path, monkeypatch, capsys
):
    text, image = tmp_path / "README.md", tmp_path / "site.png"
    text.write_text("<!-- table -->\n<!-- end of table -->\n")
    image.write_bytes(b"as it was")
    monkeypatch.setattr(readme_command, "README_FILE", text)
    monkeypatch.setattr(readme_command, "PICTURE_FILE", image)
    monkeypatch.setattr(store, "read_results", lambda: parse(build_results()))
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(DependencyError, match="Chromium is missing; install it"):
        readme_command.command.callback()
    assert "Flask 3" in text.read_text()
    assert image.read_bytes() == b"as it was"
    assert "not changed" in capsys.readouterr().err


@pytest.fixture
def run_readme(tmp_path, monkeypatch, capsys):
    """Return a function that runs `cookoff readme` with the rows of a README and with results."""
    file = tmp_path / "README.md"
    monkeypatch.setattr(readme_command, "README_FILE", file)
    monkeypatch.setattr(screenshot, "write_screenshot", lambda *_: None)
    registry = discover_frameworks(Paths().apps)
    monkeypatch.setattr(readme_command, "discover_frameworks", lambda apps: registry)

    def run(*rows, **parts):
        monkeypatch.setattr(store, "read_results", lambda: parse(results_with_homes() | parts))
        lines = "".join(f"| [{title} 1]({home}) | 9 of 10 |\n" for title, home in rows)
        before = f"# Words\n<!-- table -->\n{lines}\n<!-- end of table -->\n"
        file.write_text(before)
        monkeypatch.setattr("sys.argv", ["cookoff", "readme"])
        with pytest.raises(SystemExit) as exit_info:
            main.main()
        return exit_info.value.code, capsys.readouterr().err, file.read_text(), before

    return run


def results_with_homes():
    """Return results of three frameworks with the home pages of their manifests."""
    results = build_results()
    for name, framework in results["frameworks"].items():
        framework["home"] = discover_frameworks(Paths().apps).get(name).home
    return results


def build_row(name):
    """Return the title and the home page in a framework's row of the README."""
    return name.title(), discover_frameworks(Paths().apps).get(name).home


def test_the_readme_is_not_changed_when_it_would_lose_a_row(run_readme):
    code, err, text, before = run_readme(build_row("flask"), build_row("django"), build_row("grok"))
    assert code == 3
    assert text == before
    assert err.startswith("cookoff: README.md would lose the rows of Django 1, Grok 1, which are")
    assert err.endswith("; run: cookoff compare\n")


def test_rows_are_replaced_when_all_are_in_the_results(run_readme):
    code, err, text, _ = run_readme(build_row("flask"), build_row("bottle"))
    assert code == 0
    assert text.count("| [") == 3
    assert "Flask 3" in text
    assert "cookoff: without a row: cherrypy, django" in err


def test_the_row_of_a_removed_framework_is_dropped(run_readme):
    code, _, text, _ = run_readme(("Gone", "https://gone.example/"), build_row("flask"))
    assert code == 0
    assert "Gone" not in text


def test_the_row_of_a_broken_folder_is_not_dropped(run_readme, monkeypatch):
    registry = discover_frameworks(Paths().apps)
    broken = FrameworkRegistry(registry.frameworks, {"gone": "gone/framework.toml: broken"})
    monkeypatch.setattr(readme_command, "discover_frameworks", lambda apps: broken)
    code, err, text, before = run_readme(("Gone", "https://gone.example/"))
    assert (code, text) == (3, before)
    assert "the rows of Gone 1" in err


@pytest.mark.parametrize(
    ("failed", "code"), [({}, 3), ({"flask": "answered 500"}, 0)], ids=["not timed", "failed"]
)
def test_the_readme_is_not_changed_when_the_cost_of_a_framework_is_missing(
    run_readme, failed, code
):
    cost = build_results()["cost"] | {"failed": failed}
    del cost["pages"]["menu"]["flask"]
    exit_code, err, text, before = run_readme(build_row("flask"), cost=cost)
    assert exit_code == code
    if failed:
        assert "| not timed |" in text
    else:
        assert text == before
        assert "the cost of menu was measured without flask; run: cookoff cost --page menu" in err


def test_the_help_says_when_nothing_is_written(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["cookoff", "readme", "--help"])
    with pytest.raises(SystemExit):
        main.main()
    assert "writes nothing, names the framework, and ends with 3" in " ".join(
        capsys.readouterr().out.split()
    )
