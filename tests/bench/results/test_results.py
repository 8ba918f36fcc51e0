"""What was found is kept whole, and the README says it."""

import pytest

from bench.cli import main
from bench.cli import readme as readme_command
from bench.core.errors import CookoffError, DependencyError
from bench.core.paths import Paths
from bench.frameworks.manifest import FrameworkRegistry, discover_frameworks
from bench.report import readme, screenshot
from bench.results import store
from tests.bench.results.samples import found


def test_writing_one_part_keeps_the_others(tmp_path):
    file = tmp_path / "report" / "results.json"
    store.update_results({"machine": 1, "cost": 2}, file)
    store.update_results({"cost": 3}, file)
    assert store.read_results(file) == {"schema": store.SCHEMA_VERSION, "machine": 1, "cost": 3}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 0}'])
def test_damaged_results_are_refused_in_one_line(tmp_path, text):
    file = tmp_path / "results.json"
    file.write_text(text)
    with pytest.raises(CookoffError, match=r"^[^\n]*run: cookoff compare$"):
        store.read_results(file)


def test_missing_results_name_the_command(tmp_path):
    with pytest.raises(DependencyError, match="run: cookoff compare"):
        store.read_results(tmp_path / "results.json")


def test_the_readme_gets_its_table_and_keeps_the_rest():
    text = readme.insert_table("before\n<!-- table -->\nold\n<!-- end of table -->\nafter", found())
    assert "| [Flask 3](https://example.org/) | 9 of 10 | 300 | 200 | 1 | 3.0 | +50 ± 10 |" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter")


def test_without_chromium_the_picture_stays_and_that_is_said(tmp_path, monkeypatch, capsys):
    text, image = tmp_path / "README.md", tmp_path / "site.png"
    text.write_text("<!-- table -->\n<!-- end of table -->\n")
    image.write_bytes(b"as it was")
    monkeypatch.setattr(readme_command, "README", text)
    monkeypatch.setattr(readme_command, "PICTURE", image)
    monkeypatch.setattr(store, "read_results", found)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(DependencyError, match="Chromium is missing; install it"):
        readme_command.command.callback()
    assert "Flask 3" in text.read_text()
    assert image.read_bytes() == b"as it was"
    assert "left as it is" in capsys.readouterr().err


@pytest.fixture
def rewritten(tmp_path, monkeypatch, capsys):
    """Return a function that runs `cookoff readme` on a README's rows and results."""
    file = tmp_path / "README.md"
    monkeypatch.setattr(readme_command, "README", file)
    monkeypatch.setattr(screenshot, "write_screenshot", lambda *_: None)
    shelf = discover_frameworks(Paths().apps)
    monkeypatch.setattr(readme_command, "discover", lambda apps: shelf)

    def rewritten(*rows, **spoilt):
        monkeypatch.setattr(store, "read_results", lambda: at_home() | spoilt)
        lines = "".join(f"| [{title} 1]({home}) | 9 of 10 |\n" for title, home in rows)
        before = f"# Words\n<!-- table -->\n{lines}\n<!-- end of table -->\n"
        file.write_text(before)
        monkeypatch.setattr("sys.argv", ["cookoff", "readme"])
        with pytest.raises(SystemExit) as ended:
            main.main()
        return ended.value.code, capsys.readouterr().err, file.read_text(), before

    return rewritten


def at_home():
    """Results of three frameworks, each with its own home."""
    content = found()
    for name, one in content["frameworks"].items():
        one["home"] = discover_frameworks(Paths().apps).get(name).home
    return content


def home(name):
    return name.title(), discover_frameworks(Paths().apps).get(name).home


def test_a_row_that_the_results_would_lose_keeps_the_readme_as_it_is(rewritten):
    code, err, text, before = rewritten(home("flask"), home("django"), home("grok"))
    assert code == 3
    assert text == before
    assert err.startswith("cookoff: README.md would lose the rows of Django 1, Grok 1, which are")
    assert err.endswith("; run: cookoff compare\n")


def test_rows_that_are_all_in_the_results_are_replaced(rewritten):
    code, err, text, _ = rewritten(home("flask"), home("bottle"))
    assert code == 0
    assert text.count("| [") == 3
    assert "Flask 3" in text
    assert "cookoff: without a row: cherrypy, django" in err


def test_the_row_of_a_framework_that_left_goes(rewritten):
    code, _, text, _ = rewritten(("Gone", "https://gone.example/"), home("flask"))
    assert code == 0
    assert "Gone" not in text


def test_a_row_may_be_that_of_a_folder_that_is_broken(rewritten, monkeypatch):
    shelf = discover_frameworks(Paths().apps)
    broken = FrameworkRegistry(shelf.frameworks, {"gone": "gone/framework.toml: broken"})
    monkeypatch.setattr(readme_command, "discover", lambda apps: broken)
    code, err, text, before = rewritten(("Gone", "https://gone.example/"))
    assert (code, text) == (3, before)
    assert "the rows of Gone 1" in err


@pytest.mark.parametrize(
    ("failed", "code"), [({}, 3), ({"flask": "answered 500"}, 0)], ids=["not timed", "failed"]
)
def test_a_cost_that_was_measured_of_some_alone_keeps_the_readme_as_it_is(rewritten, failed, code):
    cost = found()["cost"] | {"failed": failed}
    del cost["pages"]["menu"]["flask"]
    ended, err, text, before = rewritten(home("flask"), cost=cost)
    assert ended == code
    if failed:
        assert "| not timed |" in text
    else:
        assert text == before
        assert "the cost of menu was measured without flask; run: cookoff cost --page menu" in err


def test_the_help_says_when_nothing_is_written(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["cookoff", "readme", "--help"])
    with pytest.raises(SystemExit):
        main.main()
    assert "nothing is written, and the command ends with 3" in " ".join(
        capsys.readouterr().out.split()
    )
