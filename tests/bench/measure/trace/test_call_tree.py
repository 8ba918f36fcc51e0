"""A collapsed call tree contains each call, and has a line for each function of the app."""

import pytest

from bench.core.words import get_module_name
from bench.frameworks.features import FEATURES_BY_ID
from bench.measure.trace.call_tree import collapse_calls, format_lines
from bench.measure.trace.feature_requests import FEATURE_REQUESTS

TREE = [
    (1, "server", "waitress/task.py", "service"),
    (2, "framework", "soup/app.py", "call"),
    (3, "framework", "soup/app.py", "route"),
    (3, "app", "apps/soup/app.py", "begin"),
    (3, "framework", "soup/app.py", "dispatch"),
    (4, "app", "apps/soup/handlers.py", "show"),
    (5, "framework", "soup/form.py", "parse"),
    (5, "framework", "soup/form.py", "read"),
    (6, "framework", "soup/form.py", "field"),
    (5, "app", "apps/soup/handlers.py", "helper"),
    (5, "app", "json/decoder.py", "decode"),
    (1, "server", "waitress/task.py", "close"),
]


def total(calls):
    return sum(call.calls + total(call.children) for call in calls)


def test_a_collapsed_tree_contains_each_call_and_each_function_of_the_app():
    calls = collapse_calls(TREE, calls_before_handler=5)
    assert total(calls) == len(TREE)
    assert "\n".join(format_lines(calls)) == (
        "→ server: waitress.task:service\n"
        "→   framework: soup.app:call  3 calls, 2 deep\n"
        "      app: apps.soup.app:begin\n"
        "→     app: apps.soup.handlers:show  2 calls, 2 deep\n"
        "        framework: soup.form:parse and 1 more  3 calls, 2 deep\n"
        "        app: apps.soup.handlers:helper\n"
        "  server: waitress.task:close"
    )


def test_a_tree_without_a_handler_has_no_call_path():
    calls = collapse_calls(TREE, calls_before_handler=None)
    assert not any("→" in line for line in format_lines(calls))


def test_each_feature_has_a_request():
    assert set(FEATURE_REQUESTS) == set(FEATURES_BY_ID)


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("flask/app.py", "flask.app"),
        ("flask/__init__.py", "flask"),
        ("bottle.py", "bottle"),
        ("apps/pages/menu.html", "apps/pages/menu.html"),
    ],
)
def test_a_module_is_named_by_its_file(file, module):
    assert get_module_name(file) == module
