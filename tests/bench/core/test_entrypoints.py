"""Modules that are started by name are in one table, and each of them is there."""

import ast
import re
from importlib.util import find_spec

import pytest

from bench.cli.main import ALIASES, COMMANDS
from bench.core import entrypoints
from bench.core.paths import ROOT

TABLE = {name: value for name, value in vars(entrypoints).items() if name.isupper()}
# Where a module's name is data: the table itself, and the commands of the command line.
TABLES = {"bench/core/entrypoints.py", "bench/cli/main.py"}


@pytest.mark.parametrize("module", TABLE.values(), ids=TABLE.keys())
def test_an_entry_point_is_there(module):
    assert find_spec(module) is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_there(name):
    module, _, attribute = COMMANDS[name][0].partition(":")
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text()
    defined = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    assert attribute in defined


def test_an_earlier_name_of_a_command_leads_to_a_command():
    assert set(ALIASES.values()) <= set(COMMANDS)
    assert not set(ALIASES) & set(COMMANDS)


def test_no_other_module_is_named_in_a_string():
    named = {}
    for file in sorted((ROOT / "bench").rglob("*.py")):
        texts = [
            node.value
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        found = [text for text in texts if re.fullmatch(r"bench(\.\w+)+(:\w+)?", text)]
        loaders = {"bench.report"}  # packages that templates are read from
        if set(found) - loaders and str(file.relative_to(ROOT)) not in TABLES:
            named[str(file.relative_to(ROOT))] = found
    assert named == {}
