"""The message of a failed clause: one line in plain words, without the names of Python's errors."""

import pytest

from tests.contract.blocking import describe_comparison, describe_last
from tests.contract.expect import (
    find_error,
    find_first_difference,
    is_page,
    tells_no_secrets,
)
from tests.contract.reply import Headers, Reply
from tests.contract.results import _first_line


def build_request(method, target, status, page=""):
    headers = Headers([("content-type", "text/html; charset=utf-8")])
    return method, target, Reply(f"http://here{target}", status, headers, page.encode())


@pytest.mark.parametrize(
    ("op", "left", "right", "message"),
    [
        pytest.param("==", 404, 200, "404 instead of 200", id="statuses"),
        pytest.param("==", [], ["Thanks."], "[] instead of ['Thanks.']", id="lists"),
        pytest.param("in", 500, (400, 422), "500 is not among (400, 422)", id="in"),
        pytest.param("not in", "a", {"a"}, "'a' is among {'a'}", id="not in"),
        pytest.param("<=", 3, 1, None, id="another operator"),
        pytest.param("==", "x" * 200, "", None, id="too long for a line"),
    ],
)
def test_a_comparison_of_short_values_is_told_in_plain_words(op, left, right, message):
    assert describe_comparison(op, left, right) == (message and [message])


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("AssertionError: assert 404 instead of 200", "404 instead of 200"),
        ("assert 500 is not among (400, 422)\n + where", "500 is not among (400, 422)"),
        ("Failed: the site does not start: pan: X", "the site does not start: pan: X"),
        ("assert 3 <= 1", "assert 3 <= 1"),
        ("", ""),
    ],
    ids=["equal", "among", "the site does not start", "another comparison", "nothing"],
)  # fmt: skip
def test_the_first_line_has_no_words_of_pytest(message, line):
    assert _first_line(message) == line


def test_a_missing_header_is_a_failed_expectation():
    with pytest.raises(AssertionError, match=r"^the reply has no ETag header$"):
        Headers([])["ETag"]


def test_an_assertion_in_a_helper_module_has_a_message():
    reply = Reply("http://here/", 200, Headers([("content-type", "text/plain")]), b"no page")
    with pytest.raises(AssertionError, match="text/plain"):
        is_page(reply)


def test_the_first_refused_request_is_named_before_the_last():
    refused = build_request("POST", "/dishes/7/reviews", 403, "<main><p>No.</p></main>")
    last = build_request("GET", "/dishes/7", 200)
    expected = 'POST /dishes/7/reviews -> 403 Forbidden "No.", then GET /dishes/7 -> 200 OK'
    assert describe_last([build_request("GET", "/", 200), refused, last]) == expected
    assert describe_last([build_request("GET", "/", 200), last]) == "GET /dishes/7 -> 200 OK"
    assert describe_last([last, refused]) == 'POST /dishes/7/reviews -> 403 Forbidden "No."'


def test_the_error_of_a_traceback_in_the_log_is_named():
    log = (
        "ready\nTraceback (most recent call last):\n"
        '  File "app.py", line 1, in show\n    raise ValueError("no")\nValueError: no\nlater\n'
    )
    assert find_error(log) == "the log has a traceback: ValueError: no"


def test_the_first_difference_of_a_page_is_named():
    diff = "--- bare\n+++ here\n@@ -1,2 +1,2 @@\n <main>\n-  <p>\n-    'Two'\n+    'Three'"
    assert find_first_difference(diff) == "'Three' instead of <p> 'Two'"
    assert find_first_difference(f"{diff}\n@@ -9 +9 @@\n-<b>") == find_first_difference(diff)
    assert (
        find_first_difference("--- bare\n+++ here\n@@ -1 +1 @@\n-<p>") == "nothing instead of <p>"
    )


def test_the_name_of_a_framework_is_no_internal_of_the_app():
    footer = "<footer><p>Cooked with <span data-varies>web.py 0.62</span></p></footer>"
    tells_no_secrets(build_request("GET", "/none", 404, f"<p>Not here.</p>{footer}")[2])
    with pytest.raises(AssertionError, match=r"^the reply shows '\.py'"):
        tells_no_secrets(build_request("GET", "/none", 404, f"<p>app.py, line 3</p>{footer}")[2])
