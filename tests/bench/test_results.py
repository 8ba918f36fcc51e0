"""What was found is kept whole, and the README says it."""

import pytest

from bench import readme, results
from bench.troubles import Missing, Trouble
from tests.found import found


def test_writing_one_part_keeps_the_others(tmp_path):
    file = tmp_path / "report" / "results.json"
    results.write({"machine": 1, "cost": 2}, file)
    results.write({"cost": 3}, file)
    assert results.read(file) == {"schema": results.SCHEMA, "machine": 1, "cost": 3}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 0}'])
def test_damaged_results_are_refused_in_one_line(tmp_path, text):
    file = tmp_path / "results.json"
    file.write_text(text)
    with pytest.raises(Trouble, match=r"^[^\n]*run: cookoff compare$"):
        results.read(file)


def test_missing_results_name_the_command(tmp_path):
    with pytest.raises(Missing, match="run: cookoff compare"):
        results.read(tmp_path / "results.json")


def test_the_readme_gets_its_table_and_keeps_the_rest():
    text = readme.with_table("before\n<!-- table -->\nold\n<!-- end of table -->\nafter", found())
    assert "| [Flask 3](https://example.org/) | 9 of 10 | 300 | 200 | 1 | 3.0 | +50 ± 10 |" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter")


def test_without_chromium_the_picture_stays_and_that_is_said(tmp_path, monkeypatch, capsys):
    text, image = tmp_path / "README.md", tmp_path / "site.png"
    text.write_text("<!-- table -->\n<!-- end of table -->\n")
    image.write_bytes(b"as it was")
    monkeypatch.setattr(readme, "README", text)
    monkeypatch.setattr(readme, "PICTURE", image)
    monkeypatch.setattr(results, "read", found)
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(Missing, match="Chromium is missing; install it"):
        readme.command.callback()
    assert "Flask 3" in text.read_text()
    assert image.read_bytes() == b"as it was"
    assert "left as it is" in capsys.readouterr().err
