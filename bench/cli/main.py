"""List the commands of `cookoff`, and run the command that the command line names.

Run: cookoff --help
"""

import os
import sys
from importlib import import_module
from importlib.util import find_spec

import click

from bench.agent import signals
from bench.cli.documented import find_example
from bench.cli.renamed import ALIASES, print_rename
from bench.core.errors import CookoffError, collapse_whitespace
from bench.core.hints import print_error
from bench.core.paths import Paths

# Name: the module and its click command, and one line of help. A module is imported only when its
# command runs, so that help and completion are fast.
COMMANDS = {
    "list": ("bench.cli.environments:list_frameworks", "List the frameworks and their state."),
    "setup": ("bench.cli.environments:setup", "Build the environments of the frameworks."),
    "new": ("bench.cli.new:command", "Write the folder of a new framework."),
    "serve": ("bench.cli.serve:serve", "Serve the site in one framework."),
    "switch": ("bench.cli.serve:switch", "Switch a served site to another framework."),
    "workbench": ("bench.cli.workbench:command", "Use one site and watch how all others answer."),
    "database": ("bench.cli.database:database", "Create, reset or scale the site's database."),
    "contract": ("bench.cli.contract:command", "Run the contract tests against each framework."),
    "code": ("bench.cli.code:code", "Count lines, branches, framework names and packages."),
    "side-by-side": ("bench.cli.side_by_side:command", "Show one feature in several frameworks."),
    "learn": ("bench.cli.learn:command", "Learn a framework: write the handlers yourself."),
    "trace": ("bench.cli.trace:command", "Trace one request of each feature as a call tree."),
    "cost": ("bench.cli.cost:command", "Measure the time that a framework adds to a request."),
    "load": ("bench.cli.load:command", "Measure throughput, and latency at a fixed rate."),
    "behaviour": ("bench.cli.behaviour:command", "Probe what frameworks do by default."),
    "versions": ("bench.cli.versions:command", "Compare versions of one framework."),
    "compare": ("bench.cli.compare:command", "Run the main comparison and write the report."),
    "report": ("bench.cli.report:command", "Write the report from results.json."),
    "readme": ("bench.cli.readme:command", "Write the README's table and picture."),
    "differential": ("bench.cli.differential:command", "Compare all sites on random sequences."),
    "fuzz": ("bench.cli.fuzz:command", "Send hostile requests to all sites."),
    "kata": ("bench.cli.kata:kata", "List, show and check change requests with their patches."),
    "mutants": ("bench.cli.mutants:command", "Check that the contract detects planted faults."),
}


class LazyGroup(click.Group):
    """A group that imports a command when the command runs."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of the commands whose modules exist."""
        return [name for name, (where, _) in COMMANDS.items() if find_spec(where.split(":")[0])]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import and return a command."""
        if name not in self.list_commands(context):
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name; a former name leads to the new command."""
        name = ALIASES.get(args[0], args[0])
        if name != args[0] and not context.resilient_parsing:
            print_rename("command", args[0], name)
        return super().resolve_command(context, [name, *args[1:]])

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(context)])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(package_name="cookoff")
def cookoff() -> None:
    """Compare Python web frameworks: the same small restaurant site, built in each.

    Exit codes: 0 success, 1 a difference or a failed clause, 2 wrong usage, 3 a missing dependency.
    """


def format_usage_error(error: click.ClickException) -> str:
    """Return in one line what is wrong with a command line, and which help or example to read."""
    message, context = collapse_whitespace(error.format_message()), getattr(error, "ctx", None)
    if not context:
        return message
    example = find_example(context.command)
    if isinstance(error, click.MissingParameter) and example:
        return f"{message.rstrip('.')}; for example: cookoff {example}"
    return f"{message.rstrip('.')}; see: {context.command_path} --help"


def configure_bytecode_cache() -> None:
    """Let child processes cache bytecode in the state folder when the environment disables caching.

    With PYTHONDONTWRITEBYTECODE every host would compile its framework again, and the measured
    start would take three times as long.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = str(Paths.from_environ().ensure_folder("bytecode"))


def main() -> None:
    """Run the command line, and exit with the command's exit code."""
    signals.shield_children()
    try:
        configure_bytecode_cache()
        result = cookoff.main(standalone_mode=False, prog_name="cookoff")
    except CookoffError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        print_error(f"{format_usage_error(error)}")
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)  # a shell's exit code for Ctrl-C
    sys.exit(result if isinstance(result, int) else 0)
