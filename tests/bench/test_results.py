"""What was found is kept whole, and the report shows it as text."""

import json

import pytest

from bench import readme, report, results
from bench.troubles import Missing, Trouble

COST = {"microseconds": 150.0, "added_microseconds": 50.0, "ratio": 1.5, "low": 1.4, "high": 1.6}


def found(title="Flask 3"):
    code = {"python_lines": 300, "template_lines": 200, "branches": 9, "packages": [1, 2]}
    contract = {"passed": 9, "total": 10, "failed": ["a clause"], "deviations": [], "skipped": {}}
    framework = {"name": "flask", "title": title, "home": "x", "deviations": []}
    framework |= {"code": code | {"megabytes": 2.5}, "contract": contract}
    cost = {"baseline": "bare", "launches": 5, "noise_floor": 1.01, "failed": {}}
    pages = {"menu": {"flask": COST | {"verdict": "slower"}}}
    machine = {"processor": "P", "cores": 2, "system": "S", "python": "Y"}
    return {
        "schema": results.SCHEMA,
        "made": "2026-11-22T00:00:00+00:00",
        "machine": machine,
        "frameworks": {"flask": framework},
        "missing": {},
        "clauses": 10,
        "cost": cost | {"pages": pages},
    }


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


def test_the_report_is_the_same_for_the_same_results():
    assert report.render(found()) == report.render(json.loads(json.dumps(found())))


def test_the_report_shows_what_failed_and_what_it_costs():
    page = report.render(found())
    assert "9 of 10" in page
    assert "a clause" in page
    assert "<td>1.500</td><td>1.400 to 1.600</td>" in page


def test_a_hostile_title_is_shown_as_text():
    page = report.render(found("<script>alert(1)</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_readme_gets_its_table_and_keeps_the_rest():
    text = readme.with_table("before\n<!-- table -->\nold\n<!-- end of table -->\nafter", found())
    assert "| [Flask 3](x) | 9 of 10 | 300 | 200 | 2 | 2.5 | +50 ± 10 |" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter")
