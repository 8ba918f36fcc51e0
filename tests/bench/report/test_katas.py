"""The pages of katas: the table of patches, and the patches side by side."""

from bench.report.pages import kata_pages
from tests.bench.report.render import render_page
from tests.bench.results.samples import KATA_PATCH, build_full_results, extract_text, parse


def test_the_table_shows_each_patch_and_names_a_missing_one():
    text = extract_text(render_page(parse(build_full_results()), "katas/index.html"))
    assert "bare missing Flask 3 +2 −1 (1) Bottle 0.13 missing" in text


def test_a_patch_that_fails_a_clause_shows_no_figures_and_names_the_clause():
    results = build_full_results()
    results["katas"]["hats"]["frameworks"]["flask"]["failed"] = {"the menu has a hat": "404"}
    assert "bare missing Flask 3 does not count" in extract_text(
        render_page(parse(results), "katas/index.html")
    )
    assert "does not count: the menu has a hat" in extract_text(
        render_page(parse(results), "katas/hats.html")
    )


def test_the_page_of_a_kata_shows_the_diffs_as_text():
    html = render_page(parse(build_full_results()), "katas/hats.html")
    assert '<span class="file">apps/flask/app.py</span>\n' in html
    assert '<span class="removed">-&lt;old&gt;</span>\n<span class="added">+&lt;new&gt;' in html
    assert "Sell hats! Please. Clauses that the change replaces" in extract_text(html)
    assert "Missing: bare" in extract_text(html)


def test_the_profile_shows_what_a_change_costs():
    results = parse(build_full_results())
    assert "Hats 1 2 1 1 3 of 3" in extract_text(render_page(results, "frameworks/flask.html"))
    assert "Hats missing" in extract_text(render_page(results, "frameworks/bare.html"))


def test_a_binary_file_of_a_patch_is_named_without_its_contents():
    patch = (
        "diff --git a/a/de.mo b/a/de.mo\nnew file mode 100644\nGIT binary patch\nliteral 9\nzcmd"
    )
    assert str(kata_pages.format_diff(f"{patch}\n\n{KATA_PATCH}")).startswith(
        '<span class="file">a/de.mo</span>\n<span class="hunk">a binary file</span>\n'
        '<span class="file">apps/flask/app.py</span>\n<span class="hunk">@@ -1,2 +1,3 @@</span>\n'
    )


def test_code_in_a_request_is_marked():
    paragraph = kata_pages.format_paragraph("It leads to `/a<b>`.")
    assert str(paragraph) == "It leads to <code>/a&lt;b&gt;</code>."
