"""Types of the values that options take; a value out of range is wrong use, said in one line.

click's own ranges accept nan, and name no range where a value is no number at all.
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
    """A whole number within a range that is always named."""

    def __init__(self, low: int, high: int):
        super().__init__(low, high)

    def convert(self, value: Any, param: Parameter, ctx: Context) -> int:
        """Return the number; fail with the range."""
        with suppress(click.BadParameter):
            number: int = super().convert(value, param, ctx)
            return number
        reject_value(self, value, f"no whole number from {self.min} to {self.max}", param, ctx)


class FiniteNumber(click.FloatRange):
    """A finite number within a range that is always named."""

    def __init__(self, low: float, high: float):
        super().__init__(low, high)

    def convert(self, value: Any, param: Parameter, ctx: Context) -> float:
        """Return the number; fail with the range."""
        with suppress(click.BadParameter):
            number: float = super().convert(value, param, ctx)
            if math.isfinite(number):  # nan is neither below a range nor above it
                return number
        reject_value(self, value, f"no number from {self.min:g} to {self.max:g}", param, ctx)


class SuggestingChoice(click.Choice[str]):
    """One of some names; a near miss is answered with the nearest."""

    def __init__(self, names: Collection[str]):
        super().__init__(list(names))

    def convert(self, value: Any, param: Parameter, ctx: Context) -> str:
        """Return the name; fail with the nearest names, or all."""
        with suppress(click.BadParameter):
            return super().convert(value, param, ctx)
        every = f"it is one of: {', '.join(self.choices)}"
        self.fail(
            f"{reprlib.repr(value)} is not known; {suggest_names(value, self.choices, every)}",
            param,
            ctx,
        )


class SiteAddress(click.ParamType[str]):
    """The address of a site that speaks plain HTTP: http://HOST or http://HOST:PORT."""

    name = "http://HOST:PORT"

    def convert(self, value: Any, param: Parameter, ctx: Context) -> str:
        """Return the address as it was given; fail where it is none."""
        with suppress(ValueError):  # a port that is no number, half an IPv6 address
            parts = urlsplit(value)
            usable = parts.scheme == "http" and parts.hostname and parts.port != 0
            plain = parts._replace(scheme="", netloc="", path=parts.path.rstrip("/")).geturl() == ""
            if usable and plain and "@" not in parts.netloc and not re.search(r"\s", value):
                return str(value)
        reject_value(
            self, value, "no address such as http://127.0.0.1:9000, without a path", param, ctx
        )


class CallableName(click.ParamType[str]):
    """A WSGI callable: package.module:callable."""

    name = "package.module:callable"

    def convert(self, value: Any, param: Parameter, ctx: Context) -> str:
        """Return the name as it was given; fail where it is none."""
        if CALLABLE_PATTERN.fullmatch(value):
            return str(value)
        reject_value(self, value, "no callable's name such as package.module:callable", param, ctx)


class NewFile(click.Path):
    """A file that can be written: its folder is there, and it is no folder itself."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(self, value: Any, param: Parameter, ctx: Context) -> Path:
        """Return the path; fail where no file can be written there."""
        file = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not file.absolute().parent.is_dir():
            self.fail(f"there is no folder {file.parent} to write {file.name} into", param, ctx)
        return file


def reject_value(
    kind: click.ParamType[Any], value: object, reason: str, param: Parameter, ctx: Context
) -> NoReturn:
    """Raise click's error for a value, which may be long, and why it is not taken."""
    kind.fail(f"{reprlib.repr(value)} is {reason}", param, ctx)


PORT = WholeNumber(MIN_PORT, MAX_PORT)
PORT_OR_ANY = WholeNumber(0, MAX_PORT)  # 0: the kernel chooses one that is free
SEED = WholeNumber(0, 2**32 - 1)
