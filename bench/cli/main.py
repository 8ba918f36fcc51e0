"""Which commands are there, and which module answers each?

Run: cookoff --help
"""

import sys
from importlib import import_module
from importlib.util import find_spec

import click

from bench.agent import signals
from bench.core.errors import Trouble, one_line
from bench.runtime import bytecode_cache

# Name: the module and its click command, and one line of help. A module is imported only when its
# command runs, so that help and completion are quick.
COMMANDS = {
    "list": ("bench.cli.common:list_frameworks", "List the frameworks, and which are ready."),
    "setup": ("bench.cli.common:setup", "Build the frameworks' environments from their locks."),
    "serve": ("bench.cli.common:serve", "Serve the site, built in one framework."),
    "switch": ("bench.cli.common:switch", "Put another framework behind the same address."),
    "larder": ("bench.cli.common:larder", "Create, reset or scale the larder."),
    "contract": (
        "bench.conformance.contract:command",
        "Ask every framework what a guest relies on.",
    ),
    "code": ("bench.cli.code:code", "Count lines, branches, framework names and packages."),
    "side-by-side": ("bench.cli.code:side_by_side", "Show one feature in several frameworks."),
    "journey": ("bench.cli.journey:command", "Follow one request from the server and back."),
    "cost": ("bench.cli.cost:command", "Measure what a framework adds to a request."),
    "load": ("bench.cli.load:command", "Measure throughput, and latency at a fixed rate."),
    "behaviour": ("bench.cli.behaviour:command", "Ask what frameworks do by themselves."),
    "compare": ("bench.cli.compare:command", "Do everything, ending in the report."),
    "report": ("bench.report.page:command", "Write the report from the results on disk."),
    "readme": (
        "bench.report.readme:command",
        "Write the README's table and picture from the results.",
    ),
    "walk": ("bench.cli.walk:command", "Walk at random through all sites; they must agree."),
    "fuzz": ("bench.cli.fuzz:command", "Send hostile requests to all sites at once."),
    "mutants": (
        "bench.conformance.mutation_run:command",
        "Break the apps on purpose; the contract must see it.",
    ),
}


class Lazy(click.Group):
    """A group whose commands are imported when they run."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of the commands whose module is there."""
        return [name for name, (where, _) in COMMANDS.items() if find_spec(where.split(":")[0])]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return a command, imported now."""
        if name not in self.list_commands(context):
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(context)])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cookoff")
def cookoff() -> None:
    """One small restaurant site, built once in each Python web framework, and compared.

    Exit codes: 0 fine, 1 a difference or a failing clause, 2 wrong use, 3 something is missing.
    """


def wrong_use(error: click.ClickException) -> str:
    """Return in one line what is wrong with a command, and where its options are told."""
    words, context = one_line(error.format_message()), getattr(error, "ctx", None)
    return f"{words.rstrip('.')}; see: {context.command_path} --help" if context else words


def main() -> None:
    """Run the command line and end with its exit code."""
    signals.shield_children()
    try:
        bytecode_cache.keep()
        result = cookoff.main(standalone_mode=False, prog_name="cookoff")
    except Trouble as trouble:
        click.echo(f"cookoff: {trouble}", err=True)
        sys.exit(trouble.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"cookoff: {wrong_use(error)}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)  # what a shell reports for Ctrl-C
    sys.exit(result if isinstance(result, int) else 0)
