"""Read the files of apps; report unreadable files without stopping the other apps."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from bench.core.errors import CookoffError, collapse_whitespace
from bench.core.hints import print_error

Source = TypeVar("Source")
Read = TypeVar("Read")


class CodeError(CookoffError):
    """A file of an app that cannot be read or parsed; the message names the file and the cause."""


def read_text(file: Path) -> str:
    """Return the text of a file; raise CodeError when the file is missing or is not UTF-8."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise CodeError(f"{file}: {error.strerror or collapse_whitespace(error)}") from error
    except UnicodeDecodeError as error:
        raise CodeError(f"{file}: {collapse_whitespace(error)}") from error


def read_each(
    sources: Mapping[str, Source], read: Callable[[Source], Read]
) -> tuple[dict[str, Read], dict[str, str]]:
    """Return the value of `read` for each app, and the reason for each skipped app, both by name.

    `read` raises CookoffError for an app whose code cannot be read; each reason is printed on
    stderr.
    """
    values, reasons = {}, {}
    for name, source in sources.items():
        try:
            values[name] = read(source)
        except CookoffError as error:
            reasons[name] = str(error)
        except RecursionError:
            reasons[name] = f"{name}: its code is nested too deeply"
    for reason in reasons.values():
        print_error(f"skipped: {reason}")
    return values, reasons
