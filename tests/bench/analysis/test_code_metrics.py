"""Lines, branches, packages and used names of an app are counted."""

import ast
import sys
import textwrap
from pathlib import Path

import pytest

from bench.analysis.code_metrics import count_branches, count_lines, measure_code
from bench.analysis.imported_names import find_imports, used_names
from bench.frameworks.environments import Environment
from bench.frameworks.packages import find_packages

PYTHON = '''"""Words."""

# more
x = 1  # here


def f():
    """Words."""
    return 1
'''
BRANCHING = """
class A:
    def f(self):
        try:
            self()
        except E:
            self and self
"""


@pytest.mark.parametrize(
    ("text", "suffix", "lines"),
    [
        pytest.param(PYTHON, ".py", 3, id="python"),
        pytest.param('f(\n    "text",\n)\n', ".py", 2, id="brackets-alone"),
        pytest.param("<p>\n<!-- words -->\n\n{% if x %}\n</p>\n", ".html", 3, id="template"),
        pytest.param("<a>\n  <!-- words -->\n</a>\n", ".xml", 2, id="xml"),
        pytest.param("; words\n[part]\nkey = 1\n", ".ini", 2, id="ini"),
        pytest.param("", ".py", 0, id="empty"),
    ],
)
def test_lines_without_blanks_comments_and_docstrings_are_counted(text, suffix, lines):
    assert count_lines(text, suffix) == lines


@pytest.mark.parametrize(
    ("source", "branches"),
    [
        ("def f():\n    return 1\n", 0),
        ("def f(a):\n    return 1 if a else [b for b in a]\n", 2),
        (BRANCHING, 2),
    ],
    ids=["straight", "expressions", "method"],
)
def test_decision_points_are_counted_as_branches(source, branches):
    assert count_branches(source) == branches


def find_names(code):
    tree = ast.parse(textwrap.dedent(code))
    return sorted(set(used_names(tree, find_imports(tree, {"flask", "zope"}))))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import flask\nflask.Blueprint('x')", ["flask.Blueprint"]),
        ("from flask import request\nrequest.form.get('a')", ["flask.request.form"]),
        ("from flask import request as r\nf(r)", ["flask.request"]),
        ("import flask\nflask.request.form.get", ["flask.request.form"]),
        ("import zope.interface\nzope.interface.Interface", ["zope.interface.Interface"]),
        ("import zope.interface as z\nz.Interface", ["zope.interface.Interface"]),
        ("from flask import g\ng.larder.dishes.get(g.x)", ["flask.g.larder", "flask.g.x"]),
        ("from flask import f\nf(1).g.h", ["flask.f"]),
        ("from flask import never_used", []),
        ("from .flask import local\nlocal()", []),
        ("import json\njson.dumps(flask)", []),
    ],
)
def test_used_names_of_the_framework_are_found(code, expected):
    assert find_names(code) == expected


@pytest.fixture
def build_environment(add_app):
    """Return a function that combines an app and its requirements with this environment."""

    def build(requirements, **files):
        framework = add_app("tiny", **files)
        (framework.folder / "requirements.in").write_text(requirements)
        return Environment(framework, Path(sys.prefix), 0.0)

    return build


def test_shared_packages_are_not_packages_of_the_framework(build_environment):
    requirements = "# words\n-r ../x.in\njinja2>=3  # why\nwaitress\npsycopg[binary]\n"
    packages = find_packages(build_environment(requirements))
    assert [package.name for package in packages] == ["Jinja2", "MarkupSafe"]
    assert all(package.size_bytes > 10_000 and package.licence for package in packages)


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        pytest.param("pytest-xdist", {"pytest-xdist", "execnet", "pluggy"}, id="in-turn"),
        pytest.param("pytest-xdist[psutil]", {"pytest-xdist", "psutil"}, id="extra"),
    ],
)
def test_dependencies_on_this_platform_are_followed(build_environment, requirements, expected):
    names = {package.name for package in find_packages(build_environment(requirements))}
    assert expected <= names
    assert ("psutil" in names) == ("[" in requirements)
    assert "colorama" not in names  # a dependency of pytest only on Windows


SHOW_CART = """
import jinja2

def show(a):
    \"\"\"Show the cart.\"\"\"
    return jinja2.Environment if a else 1
"""


def test_the_metrics_of_a_site(build_environment):
    environment = build_environment("jinja2\n", pages=SHOW_CART)
    folder = environment.framework.folder
    (folder / "cart.html").write_text("<p>\n\n</p>\n")
    (folder / "site.zcml").write_text("<configure/>\n")
    (folder / "mutants.toml").write_text("faults = []\n")
    (folder / "hardening.py").write_text("import jinja2\njinja2.Template if 1 else 2\n")
    (folder / "app.py").unlink()
    metrics = measure_code(environment)
    assert (metrics.python_lines, metrics.template_lines, metrics.configuration_lines) == (3, 2, 1)
    assert (metrics.branches, metrics.names) == (1, ["jinja2.Environment"])
    assert metrics.hardening_lines == 2
    (cart,) = (feature for feature in metrics.features if feature.handlers)
    assert (cart.id, cart.lines, cart.branches) == ("show-the-cart", 2, 1)
    assert cart.handlers[0].file == "tiny/pages.py"
    assert metrics.features[0].handlers == []
