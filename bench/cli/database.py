"""Define the commands `cookoff database create`, `reset` and `scale`."""

from collections.abc import Callable

import click

from bench.cli.common import Command
from bench.cli.documented import DocumentedCommand
from bench.cli.option_types import WholeNumber
from bench.core.paths import Paths
from bench.runtime.database import run_database_command

MAX_ROWS = 10_000_000  # of a scaled database


@click.group()
def database() -> None:
    """Create, reset or scale the database: the local SQLite file, or DATABASE_URL."""


@database.command(cls=DocumentedCommand, example="database create")
def create() -> int:
    """Create the tables and the seed rows.

    Prints nothing if it succeeds. Writes to .cookoff/larder.sqlite3, or to DATABASE_URL.
    """
    return run_database_command(["create"], Paths.from_environ()).returncode


@database.command(cls=DocumentedCommand, example="database reset")
def reset() -> int:
    """Delete all rows and insert the seed rows.

    Prints nothing if it succeeds. Writes to .cookoff/larder.sqlite3, or to DATABASE_URL.
    """
    return run_database_command(["reset"], Paths.from_environ()).returncode


def rows_option(name: str, default: int, help: str) -> Callable[[Command], Command]:
    """Return an option for a number of rows."""
    return click.option(name, type=WholeNumber(0, MAX_ROWS), default=default, help=help)


@database.command(cls=DocumentedCommand, example="database scale --dishes 1000 --orders 5000")
@rows_option("--dishes", 100_000, "Number of dishes afterwards.")
@rows_option("--orders", 200_000, "Number of orders afterwards.")
def scale(dishes: int, orders: int) -> int:
    """Add rows up to these numbers of dishes and orders.

    Prints nothing if it succeeds. Writes to .cookoff/larder.sqlite3, or to DATABASE_URL.
    """
    arguments = ["scale", "--dishes", str(dishes), "--orders", str(orders)]
    return run_database_command(arguments, Paths.from_environ()).returncode
