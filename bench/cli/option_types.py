"""Define the types of option values; an invalid value is a usage error of one line.

click's own ranges accept nan, and do not name the range when a value is not a number.
"""

import math
import os
import re
import reprlib
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import click

from bench.core.errors import suggest_names

MIN_PORT, MAX_PORT = 1, 65_535
CALLABLE_PATTERN = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")

Parameter = click.Parameter | None
Context = click.Context | None


class WholeNumber(click.IntRange):
    """A whole number within a range; every error names the range."""

    def __init__(self, low: int, high: int):
        super().__init__(low, high)

    def convert(self, value: Any, param: Parameter, ctx: Context) -> int:
        """Return the number; fail with the range."""
        with suppress(click.BadParameter):
            number: int = super().convert(value, param, ctx)
            return number
        reject_value(self, value, f"not a whole number from {self.min} to {self.max}", param, ctx)


class FiniteNumber(click.FloatRange):
    """A finite number within a range; every error names the range."""

    def __init__(self, low: float, high: float):
        super().__init__(low, high)

    def convert(self, value: Any, param: Parameter, ctx: Context) -> float:
        """Return the number; fail with the range."""
        with suppress(click.BadParameter):
            number: float = super().convert(value, param, ctx)
            if math.isfinite(number):  # nan is neither below a range nor above it
                return number
        reject_value(self, value, f"not a number from {self.min:g} to {self.max:g}", param, ctx)


class SuggestingChoice(click.Choice[str]):
    """One of some names; the error for an unknown name suggests similar names."""

    def __init__(self, names: Collection[str]):
        super().__init__(list(names))

    def convert(self, value: Any, param: Parameter, ctx: Context) -> str:
        """Return the name; fail with similar names, or with all names."""
        with suppress(click.BadParameter):
            return super().convert(value, param, ctx)
        all_names = f"use one of: {', '.join(self.choices)}"
        self.fail(
            f"{reprlib.repr(value)} is not known; {suggest_names(value, self.choices, all_names)}",
            param,
            ctx,
        )


class SiteAddress(click.ParamType[str]):
    """The address of a site that speaks plain HTTP: http://HOST or http://HOST:PORT."""

    name = "http://HOST:PORT"

    def convert(self, value: Any, param: Parameter, ctx: Context) -> str:
        """Return the address unchanged; fail for an invalid address."""
        with suppress(ValueError):  # the port is not a number, or half an IPv6 address
            parts = urlsplit(value)
            usable = parts.scheme == "http" and parts.hostname and parts.port != 0
            plain = parts._replace(scheme="", netloc="", path=parts.path.rstrip("/")).geturl() == ""
            if usable and plain and "@" not in parts.netloc and not re.search(r"\s", value):
                return str(value)
        reject_value(
            self, value, "not an address such as http://127.0.0.1:9000, without a path", param, ctx
        )


class CallableName(click.ParamType[str]):
    """A WSGI callable: package.module:callable."""

    name = "package.module:callable"

    def convert(self, value: Any, param: Parameter, ctx: Context) -> str:
        """Return the name unchanged; fail for an invalid name."""
        if CALLABLE_PATTERN.fullmatch(value):
            return str(value)
        reject_value(
            self, value, "not a callable's name such as package.module:callable", param, ctx
        )


class NewFile(click.Path):
    """A file that can be written: its folder exists, and the path is not a folder."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(self, value: Any, param: Parameter, ctx: Context) -> Path:
        """Return the path; fail when no file can be written at the path."""
        file = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not file.absolute().parent.is_dir():
            self.fail(
                f"cannot write {file.name}: the folder {file.parent} does not exist", param, ctx
            )
        return file


def reject_value(
    kind: click.ParamType[Any], value: object, reason: str, param: Parameter, ctx: Context
) -> NoReturn:
    """Raise click's error for a value, shortened if the value is long, with the reason."""
    kind.fail(f"{reprlib.repr(value)} is {reason}", param, ctx)


PORT = WholeNumber(MIN_PORT, MAX_PORT)
PORT_OR_ANY = WholeNumber(0, MAX_PORT)  # 0: the kernel chooses a free port
SEED = WholeNumber(0, 2**32 - 1)
