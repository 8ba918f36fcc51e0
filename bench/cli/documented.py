"""Define commands whose help ends with an example that runs as typed."""

from typing import Any

import click

from bench.core.hints import find_program


class DocumentedCommand(click.Command):
    """A command with an example: its arguments, without the name of the program."""

    def __init__(self, *arguments: Any, example: str, **attributes: Any):
        super().__init__(*arguments, **attributes)
        self.example = example

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example at the end of the help."""
        with formatter.section("Example"):
            formatter.write(f"  {find_program()} {self.example}\n")


def find_example(command: click.Command) -> str:
    """Return the example of a command, "" for a group."""
    return command.example if isinstance(command, DocumentedCommand) else ""
