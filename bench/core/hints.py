"""Write the commands that a message names as the user can type them.

In a message a command follows a colon: "run: cookoff setup". Messages are stored in results and
sent between machines, so they name the command alone; the path is added when one is printed.
"""

import re
import shlex
import shutil
import sys
from pathlib import Path

import click

from bench.core.paths import shorten_path

HINT = re.compile(r"(:\s+)cookoff (?=[a-z-])")


def spell_commands(message: object) -> str:
    """Return the message; each command of it runs as typed from the current folder."""
    return HINT.sub(lambda match: f"{match[1]}{find_program()} ", str(message))


def find_program() -> str:
    """Return `cookoff` if the shell finds this installation by that name, else its path."""
    script = Path(sys.executable).with_name("cookoff")
    program = shutil.which("cookoff")
    if program and Path(program).absolute() == script.absolute():
        return "cookoff"
    return shlex.quote(shorten_path(script))


def print_error(message: object) -> None:
    """Print a message on standard error after the name of the program."""
    click.echo(f"cookoff: {spell_commands(message)}", err=True)
