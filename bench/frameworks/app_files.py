"""Read the files of apps; what cannot be read is named, and stops no other app."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click

from bench.core.errors import CookoffError, collapse_whitespace

Source = TypeVar("Source")
Read = TypeVar("Read")


class CodeError(CookoffError):
    """A file of an app that cannot be read or parsed: which file, and why."""


def read_text(file: Path) -> str:
    """Return the text of a file; raise CodeError for what is no file, or no UTF-8."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise CodeError(f"{file}: {error.strerror or collapse_whitespace(error)}") from error
    except UnicodeDecodeError as error:
        raise CodeError(f"{file}: {collapse_whitespace(error)}") from error


def read_each(
    sources: Mapping[str, Source], read: Callable[[Source], Read]
) -> tuple[dict[str, Read], dict[str, str]]:
    """Return what `read` makes of each app by name, and why each of the others was left out.

    `read` raises Trouble for an app whose code it cannot read; each is named on stderr.
    """
    found, left_out = {}, {}
    for name, source in sources.items():
        try:
            found[name] = read(source)
        except CookoffError as error:
            left_out[name] = str(error)
        except RecursionError:
            left_out[name] = f"{name}: its code is nested too deeply"
    for reason in left_out.values():
        click.echo(f"cookoff: left out: {reason}", err=True)
    return found, left_out
