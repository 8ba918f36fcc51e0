"""A command in a message runs as typed from the user's folder."""

import ast
import re
import shlex
import sys
from pathlib import Path

import pytest

from bench.core.hints import print_error, spell_commands
from bench.core.paths import ROOT

SCRIPT = Path(sys.executable).with_name("cookoff")


@pytest.fixture(autouse=True)
def not_on_path(monkeypatch, installed_on_path):
    """Remove cookoff from the path, as for a user who has just run make setup."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")


@pytest.mark.parametrize("folder", [".", "apps/flask"])
def test_a_command_is_the_path_from_the_current_folder(monkeypatch, folder):
    monkeypatch.chdir(ROOT / folder)
    program, *arguments = shlex.split(spell_commands("no server; run: cookoff serve flask")[16:])
    assert Path(program).absolute().samefile(SCRIPT)
    assert arguments == ["serve", "flask"]


def test_a_path_with_a_space_can_be_typed(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "my env" / "bin" / "python"))
    assert spell_commands("see: cookoff list") == "see: 'my env/bin/cookoff' list"


def test_a_program_that_the_shell_finds_needs_no_path(monkeypatch):
    monkeypatch.setenv("PATH", str(SCRIPT.parent))
    assert spell_commands("see: cookoff list") == "see: cookoff list"


def test_only_commands_are_spelled(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    print_error("no cookoff server runs; start one: cookoff serve flask, or: cookoff --help")
    program = SCRIPT.relative_to(ROOT)
    assert capsys.readouterr().err == (
        f"cookoff: no cookoff server runs; start one: {program} serve flask, or: {program} --help\n"
    )


def test_every_hint_in_the_code_follows_a_colon():
    """A hint after another word, as in "run cookoff setup", is printed without a path."""
    hint = re.compile(r"(?i)\b(run|see|try|with|again|start)( \w+)?:? `?cookoff [a-z-]")
    hints = []
    for file in sorted((ROOT / "bench").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        documentation = {
            ast.get_docstring(node, clean=False)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        }
        hints += [
            match[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value not in documentation
            for match in hint.finditer(node.value)
        ]
    assert len(hints) > 10
    assert [hint for hint in hints if ": cookoff" not in hint] == []
