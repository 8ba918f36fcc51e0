"""The help of each command says what the command does, prints and writes, with one example."""

import re
import shlex

import click
import pytest

from bench.cli import main
from bench.cli.documented import find_example
from bench.cli.reference import REFERENCE_FILE, list_contexts

COMMANDS = {
    context.command_path: context
    for context in list_contexts(main.cookoff, "cookoff")
    if not isinstance(context.command, click.Group)
}


@pytest.mark.parametrize("path", COMMANDS)
def test_the_help_says_what_a_command_prints_and_writes(path):
    context = COMMANDS[path]
    text = context.command.get_help(context)
    for verb in ("Prints", "Writes"):
        assert re.search(rf"(^|\. |\n)\s*{verb}\b", text), f"{path} --help lacks: {verb} ..."
    assert [line for line in text.splitlines() if len(line) > 100] == []


@pytest.mark.parametrize("path", COMMANDS)
def test_the_example_of_a_command_is_a_valid_command_line(path, capsys):
    context = COMMANDS[path]
    example = find_example(context.command)
    words = path.split()[1:]
    assert shlex.split(example)[: len(words)] == words
    context.command.make_context(path, shlex.split(example)[len(words) :])  # parses it
    assert context.command.get_help(context).endswith(f"cookoff {example}")
    assert f"Example: `.venv/bin/cookoff {example}`\n" in REFERENCE_FILE.read_text("utf-8")


@pytest.mark.parametrize("line", ["serve", "side-by-side", "side-by-side sign-in", "trace", "new"])
def test_a_missing_argument_is_answered_with_the_example(monkeypatch, capsys, line):
    monkeypatch.setattr("sys.argv", ["cookoff", *line.split()])
    with pytest.raises(SystemExit) as ended:
        main.main()
    example = find_example(COMMANDS[f"cookoff {line.split()[0]}"].command)
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(f"; for example: cookoff {example}\n")
