"""Which commands are there, and which module answers each?

Run: cookoff --help
"""

import sys
from importlib import import_module
from importlib.util import find_spec

import click

from bench.agent import signals
from bench.core.errors import CookoffError, collapse_whitespace
from bench.runtime import bytecode_cache

# Name: the module and its click command, and one line of help. A module is imported only when its
# command runs, so that help and completion are quick.
COMMANDS = {
    "list": ("bench.cli.environments:list_frameworks", "List the frameworks and their state."),
    "setup": ("bench.cli.environments:setup", "Build the environments of the frameworks."),
    "serve": ("bench.cli.serve:serve", "Serve the site in one framework."),
    "switch": ("bench.cli.serve:switch", "Switch a served site to another framework."),
    "database": ("bench.cli.database:database", "Create, reset or scale the site's database."),
    "contract": ("bench.cli.contract:command", "Run the contract tests against each framework."),
    "code": ("bench.cli.code:code", "Count lines, branches, framework names and packages."),
    "side-by-side": ("bench.cli.side_by_side:command", "Show one feature in several frameworks."),
    "trace": ("bench.cli.trace:command", "Trace one request of each feature as a call tree."),
    "cost": ("bench.cli.cost:command", "Measure the time that a framework adds to a request."),
    "load": ("bench.cli.load:command", "Measure throughput, and latency at a fixed rate."),
    "behaviour": ("bench.cli.behaviour:command", "Probe what frameworks do by default."),
    "compare": ("bench.cli.compare:command", "Run the main comparison and write the report."),
    "report": ("bench.cli.report:command", "Write the report from results.json."),
    "readme": ("bench.cli.readme:command", "Write the README's table and picture."),
    "differential": ("bench.cli.differential:command", "Compare all sites on random sequences."),
    "fuzz": ("bench.cli.fuzz:command", "Send hostile requests to all sites."),
    "mutants": ("bench.cli.mutants:command", "Check that the contract detects planted faults."),
}
# Earlier names of commands. They still work, and are not listed.
ALIASES = {"larder": "database", "journey": "trace", "walk": "differential"}


class LazyGroup(click.Group):
    """A group whose commands are imported when they run."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of the commands whose module is there."""
        return [name for name, (where, _) in COMMANDS.items() if find_spec(where.split(":")[0])]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return a command, imported now."""
        name = ALIASES.get(name, name)
        if name not in self.list_commands(context):
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(context)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cookoff")
def cookoff() -> None:
    """One small restaurant site, built once in each Python web framework, and compared.

    Exit codes: 0 fine, 1 a difference or a failing clause, 2 wrong use, 3 something is missing.
    """


def format_usage_error(error: click.ClickException) -> str:
    """Return in one line what is wrong with a command, and where its options are told."""
    words, context = collapse_whitespace(error.format_message()), getattr(error, "ctx", None)
    return f"{words.rstrip('.')}; see: {context.command_path} --help" if context else words


def main() -> None:
    """Run the command line and end with its exit code."""
    signals.shield_children()
    try:
        bytecode_cache.configure_cache()
        result = cookoff.main(standalone_mode=False, prog_name="cookoff")
    except CookoffError as trouble:
        click.echo(f"cookoff: {trouble}", err=True)
        sys.exit(trouble.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"cookoff: {format_usage_error(error)}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)  # what a shell reports for Ctrl-C
    sys.exit(result if isinstance(result, int) else 0)
