"""Tests of the page that shows the progress of a comparison."""

from bench.report import site
from bench.report.progress import render_progress, write_progress
from tests.bench.results.samples import build_results, extract_text, parse

ROWS = [
    {"framework": "Flask 3", "clauses": "349", "µs": None},
    {"framework": "<b>", "clauses": "", "µs": 12},
]


def test_the_page_shows_each_row_as_text_and_reloads_itself():
    html = render_progress(ROWS, "contract")
    assert '<meta http-equiv="refresh" content="5">' in html
    assert "Now: contract." in extract_text(html)
    assert "<b>" not in html
    assert '<th scope="row">&lt;b&gt;</th>' in html
    assert '<td data-label="clauses">349</td>' in html


def test_the_page_is_valid_before_anything_is_known():
    assert "environments" in render_progress([], "environments")


def test_the_report_replaces_the_page_and_does_not_reload(tmp_path):
    index = tmp_path / "new" / "index.html"
    write_progress(ROWS, "contract", index)
    assert (index.parent / "assets" / "report.css").exists()
    site.write_pages(index.parent, site.render_site(parse(build_results())))
    assert 'http-equiv="refresh"' not in index.read_text()
