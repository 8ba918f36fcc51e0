"""The page of versions has a column for each version, and marks what changed."""

import re
from html import unescape

import pytest
from msgspec.structs import replace

from bench.report.version_report import render_alone, write_versions
from bench.results import store
from bench.results.schema import Results
from tests.bench.report.render import render_page
from tests.bench.results.samples import build_results, extract_text, parse
from tests.bench.results.version_samples import build_worse_comparison, column


@pytest.fixture
def part():
    """Return a comparison in which a clause fails, a probe turns wrong and a package moves."""
    return build_worse_comparison()


def find_cell(page, label, text):
    """Return the class of the cell of a version that has a text."""
    cells = re.findall(r'<td class="([^"]*)" data-label="([^"]*)"[^>]*>(.*?)</td>', page, re.DOTALL)
    (found,) = {names for names, head, body in cells if head == label and text in unescape(body)}
    return found.split()


def test_cells_that_changed_are_marked(part):
    page = render_alone(part)
    assert "worse" in find_cell(page, "2.0", "8 of 9")
    assert "worse" not in find_cell(page, "1.0", "9 of 9")
    assert "changed" in find_cell(page, "2.0", "~ 2.0")
    assert "worse" in find_cell(page, "2.0", "GET /: 500 instead of 200")


def test_a_probe_opens_its_bytes_and_the_lines_that_differ(part):
    page = render_alone(part)
    details = page.partition('<details id="allow">')[2].partition("</details>")[0]
    assert "PUT / HTTP/1.1" in details
    assert '<span class="worse">-Allow: GET</span>' in details
    assert "405 without &lt;Allow&gt;" in details
    assert '<a href="#allow">allow</a>' in page.partition("<h2>Worse</h2>")[2]
    assert re.findall(r"<article><h3>(.*?)</h3>", details) == ["1.0", "2.0"]


def test_what_moved_and_what_could_not_be_measured_is_told(part):
    broken = replace(column("newt@9"), version="", error="no such version")
    part = replace(part, columns=[*part.columns, broken], unmeasured=["9: no such version"])
    text = extract_text(render_alone(part))
    assert "beside Newt moved: gill 1 → 2" in text
    assert "9: not measured: no such version" in text


def test_the_report_has_the_section_only_with_versions(part):
    results = parse(build_results())
    with_versions = replace(results, versions={"newt": part})
    assert "newt.html" in render_page(with_versions, "versions/index.html")
    assert "Newt: 1.0 → 2.0" in render_page(with_versions, "versions/newt.html")
    with pytest.raises(StopIteration):
        render_page(results, "versions/index.html")


def test_the_page_is_written_without_a_comparison_of_frameworks(part, tmp_path):
    store.update_results(Results(versions={"newt": part}), tmp_path / "results.json")
    file = write_versions("newt", tmp_path)
    assert file == tmp_path / "versions" / "newt.html"
    page = file.read_text()
    assert "<style>" in page
    assert 'href="../' not in page


def test_the_page_is_a_part_of_the_report_of_a_comparison(part, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr("bench.report.site.write_report", written.append)
    content = replace(parse(build_results()), versions={"newt": part})
    store.update_results(content, tmp_path / "results.json")
    assert write_versions("newt", tmp_path) == tmp_path / "versions" / "newt.html"
    assert written == [tmp_path / "index.html"]
