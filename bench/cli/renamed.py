"""Keep the former names of commands and options for one release, with a notice."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from bench.core.hints import print_error

# Former names of commands. They still work, and help does not list them.
ALIASES = {"larder": "database", "journey": "trace", "walk": "differential"}


class RenamedOption(click.Option):
    """An option that also accepts its former name, which help does not list."""

    def __init__(self, param_decls: Sequence[str], former: str, **attributes: Any):
        super().__init__(param_decls, **attributes)
        # Only the parser knows this option: its value goes to the option with the new name.
        self.former = click.Option([former, f"former_{self.name}"], **attributes)

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Add both names to the parser."""
        super().add_to_parser(parser, ctx)
        self.former.add_to_parser(parser, ctx)

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        """Take the value of the former name if that name was used."""
        if self.former.name in opts:
            if not ctx.resilient_parsing:
                print_rename("option", self.former.opts[0], self.opts[0])
            opts = {self.name: opts[self.former.name], **opts}
        return super().handle_parse_result(ctx, opts, args)


def print_rename(kind: str, former: str, name: str) -> None:
    """Print on standard error that a command or an option has a new name."""
    print_error(f"the {kind} {former} is now called {name}")
