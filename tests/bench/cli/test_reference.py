"""The reference of all commands is up to date and complete."""

import click
import pytest

from bench.cli import main
from bench.cli.reference import REFERENCE_FILE, format_reference, list_contexts
from bench.cli.renamed import ALIASES

TEXT = REFERENCE_FILE.read_text(encoding="utf-8")
CONTEXTS = list(list_contexts(main.cookoff, "cookoff"))


def find_section(context):
    """Return the section of a command."""
    _, _, rest = TEXT.partition(f"## {context.command_path}\n")
    return rest.partition("\n## ")[0]


def test_the_reference_is_up_to_date():
    assert format_reference() == TEXT, "bench/COMMANDS.md is stale; run: make docs"


def test_every_command_has_a_section():
    paths = {context.command_path for context in CONTEXTS}
    assert {f"cookoff {name}" for name in main.COMMANDS} < paths
    assert "cookoff database scale" in paths
    assert all(find_section(context) for context in CONTEXTS)


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.command_path)
def test_a_section_names_every_parameter_with_its_range_and_its_default(context):
    section = find_section(context)
    for parameter in context.command.params:
        assert parameter.help, parameter.name
        assert parameter.help in section
        if isinstance(parameter, click.Argument):
            continue
        [row] = [line for line in section.splitlines() if f"`{parameter.opts[0]}`" in line]
        if isinstance(parameter.type, click.IntRange | click.FloatRange):
            assert f" {parameter.type.min:,} to {parameter.type.max:,} " in row
        if isinstance(parameter.default, int | float) and not parameter.is_flag:
            assert f" | {parameter.default} | " in row


def test_former_names_of_commands_are_listed():
    for former, name in ALIASES.items():
        assert f"| `cookoff {former}` | `cookoff {name}` |" in TEXT
