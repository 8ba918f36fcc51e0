"""Modules that are started by name are in one table, and each module exists."""

import ast
import re
from importlib.util import find_spec

import pytest

from bench.cli.main import ALIASES, COMMANDS
from bench.core import entrypoints
from bench.core.paths import ROOT

TABLE = {name: value for name, value in vars(entrypoints).items() if name.isupper()}
# Where a module's name is data: the table itself, and the table of commands.
TABLE_FILES = {"bench/core/entrypoints.py", "bench/cli/main.py"}


@pytest.mark.parametrize("module", TABLE.values(), ids=TABLE.keys())
def test_an_entry_point_exists(module):
    assert find_spec(module) is not None


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_exists(name):
    module, _, attribute = COMMANDS[name][0].partition(":")
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text()
    defined = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    assert attribute in defined


def test_an_alias_names_an_existing_command():
    assert set(ALIASES.values()) <= set(COMMANDS)
    assert not set(ALIASES) & set(COMMANDS)


def test_no_other_module_is_named_in_a_string():
    modules_in_strings = {}
    for file in sorted((ROOT / "bench").rglob("*.py")):
        texts = [
            node.value
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        names = [text for text in texts if re.fullmatch(r"bench(\.\w+)+(:\w+)?", text)]
        loaders = {"bench.report", "bench.workbench"}  # packages that templates are read from
        if set(names) - loaders and str(file.relative_to(ROOT)) not in TABLE_FILES:
            modules_in_strings[str(file.relative_to(ROOT))] = names
    assert modules_in_strings == {}
