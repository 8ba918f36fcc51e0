"""Write the reference of all commands, bench/COMMANDS.md, from click's declarations.

Run: make docs, or python -m bench.cli.reference
"""

import inspect
from collections.abc import Iterator

import click

from bench.cli.documented import find_example
from bench.cli.main import cookoff
from bench.cli.renamed import ALIASES, RenamedOption
from bench.core.files import write_file
from bench.core.paths import ROOT

REFERENCE_FILE = ROOT / "bench" / "COMMANDS.md"
HEADER = """# Commands

`make docs` writes this page from the declarations in `bench/cli/`; a test fails when it is stale.
`python -m bench` is the same as `cookoff`. Every command also accepts `-h` and `--help`.
"""


def main() -> None:
    """Write the reference."""
    write_file(REFERENCE_FILE, format_reference())
    click.echo(f"written: {REFERENCE_FILE.relative_to(ROOT)}")


def format_reference() -> str:
    """Return the reference of all commands as Markdown."""
    contexts = list(list_contexts(cookoff, "cookoff"))
    sections = [HEADER, *map(format_command, contexts), format_former_names(contexts)]
    return "\n".join(sections)


def list_contexts(
    command: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[click.Context]:
    """Yield a context for a command and, for a group, for each of its commands."""
    context = click.Context(command, parent, info_name=name, **command.context_settings)
    yield context
    if isinstance(command, click.Group):
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            assert child
            yield from list_contexts(child, child_name, context)


def format_command(context: click.Context) -> str:
    """Return the section of a command: usage, description, example, arguments and options."""
    command, example = context.command, find_example(context.command)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    return "\n".join(
        [
            f"## {context.command_path}\n\n`{usage}`\n",
            f"{inspect.cleandoc(command.help or '')}\n",
            *([f"Example: `.venv/bin/cookoff {example}`\n"] if example else []),
            *format_table(["Argument", "Description"], map(format_argument, arguments)),
            *format_table(
                ["Option", "Values", "Default", "Description"],
                (format_option(option, context) for option in options),
            ),
        ]
    )


def format_argument(argument: click.Argument) -> list[str]:
    """Return the cells of an argument."""
    return [f"`{argument.metavar or argument.human_readable_name}`", argument.help or ""]


def format_option(option: click.Option, context: click.Context) -> list[str]:
    """Return the cells of an option: names, values, default and description."""
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    default = option.get_help_extra(context).get("default", "")
    return [names, format_values(option, context), default.strip("()"), option.help or ""]


def format_values(option: click.Option, context: click.Context) -> str:
    """Return the values that an option accepts, "" for a flag."""
    kind = option.type
    if option.is_flag or option.count:
        return ""
    if isinstance(kind, click.IntRange | click.FloatRange):
        return f"{kind.min:,} to {kind.max:,}"
    if isinstance(kind, click.Choice) and not option.metavar:
        return ", ".join(f"`{choice}`" for choice in kind.choices)
    return f"`{option.make_metavar(context)}`"


def format_former_names(contexts: list[click.Context]) -> str:
    """Return the section of the names that work for one more release."""
    commands = [[f"`cookoff {old}`", f"`cookoff {new}`"] for old, new in ALIASES.items()]
    options = [
        [f"`{context.command_path} {former}`", f"`{context.command_path} {option.opts[0]}`"]
        for context in contexts
        for option in context.command.params
        if isinstance(option, RenamedOption)
        for former in option.former.opts
    ]
    return "\n".join(
        [
            "## Former names\n\nThese names work for one more release, and print a notice.\n",
            *format_table(["Former name", "Name"], [*commands, *options]),
        ]
    )


def format_table(heading: list[str], rows: Iterator[list[str]] | list[list[str]]) -> list[str]:
    """Return the lines of a Markdown table, no line without rows."""
    body = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    if not body:
        return []
    lines = [heading, ["---"] * len(heading), *body]
    return [*(f"| {' | '.join(cells)} |" for cells in lines), ""]


if __name__ == "__main__":
    main()
