"""Read TOML files into msgspec structs, and report errors with file, line and key.

TOML parsers do not report the lines of keys, so that the lines are found by searching the text.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import inspect

from bench.core.errors import CookoffError, collapse_whitespace, suggest_names
from bench.core.paths import ROOT

Text = Annotated[str, msgspec.Meta(min_length=1)]
Value = TypeVar("Value")


@dataclass(frozen=True)
class TomlFile:
    """The text and the content of a TOML file; errors are of the class `error`."""

    name: str  # as messages show it
    text: str
    content: Mapping[str, Any]
    error: type[CookoffError]

    @classmethod
    def read(cls, file: Path, error: type[CookoffError], name: str = "") -> "TomlFile":
        """Read a file; raise `error` if it cannot be read or is not TOML.

        Without a name, messages show the path, that of a file of the project below its root.
        """
        name = name or str(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file)
        try:
            text = file.read_text(encoding="utf-8")
            return cls(name, text, tomllib.loads(text), error)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as cause:
            raise error(f"{name}: {collapse_whitespace(cause)}; correct the file") from cause

    def convert(self, value: object, schema: type[Value], key: str = "") -> Value:
        """Return the value of a key as an instance of a schema; raise the class `error`.

        msgspec does not name the keys of a dict: convert its values one by one with their `key`.
        """
        try:
            return msgspec.convert(value, schema, builtin_types=(date, datetime, time))
        except msgspec.ValidationError as error:
            raise self.explain(str(error), schema, key) from error

    def explain(self, message: str, schema: type[Any], parent: str) -> CookoffError:
        """Return the error for a message of msgspec, such as "Expected … - at `$.title`"."""
        cause, _, path = message.partition(" - at `$")
        path = path.removesuffix("`").removeprefix(".")
        key = join_keys(parent, path)
        field = re.fullmatch(r"Object (\w+) (?:required|unknown) field `(.*)`", cause, re.DOTALL)
        if field is None:
            return self.build_error(key, f"{key!r}: {cause}; correct the value")
        key = join_keys(key, field[2])
        if field[1] == "missing":
            return self.build_error(key, f"{key!r} is missing; add it")
        hint = suggest_names(field[2], list_field_names(schema, path), "remove it")
        return self.build_error(key, f"unknown key {key!r}; {hint}")

    def build_error(self, key: str, reason: str) -> CookoffError:
        """Return the error for a key, with the line of the key or, without one, of its table."""
        place = f"{self.name}:{line}" if (line := self.find_line(key)) else self.name
        return self.error(f"{place}: {collapse_whitespace(reason)}")

    def find_line(self, key: str) -> int:
        """Return the line of a key or, without one, of the table that holds it; 0 if unknown."""
        while key:
            for known in (key, f"{key}[0]"):  # of an array of tables, the first one
                if known in self.lines:
                    return self.lines[known]
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return 0

    @cached_property
    def lines(self) -> dict[str, int]:
        """Return the line number of each table and key, such as "faults[0].file"."""
        numbers: dict[str, int] = {}
        table, counts = "", Counter[str]()
        for number, line in enumerate(self.text.splitlines(), start=1):
            if header := re.match(r"\s*\[(\[?)\s*([^\[\]]+?)\s*\]", line):
                name = header[2]
                table = f"{name}[{counts[name]}]" if header[1] else name
                counts[name] += 1
                numbers.setdefault(table, number)
            elif key := re.match(r"\s*([\w.'\"-]+)\s*=", line):
                numbers.setdefault(join_keys(table, key[1].strip("'\"")), number)
        return numbers


def join_keys(parent: str, key: str) -> str:
    """Return the key below its parent: "faults[0].file"."""
    return f"{parent}.{key}" if parent and key else parent or key


def list_field_names(schema: type[Any], path: str) -> list[str]:
    """Return the keys that a schema allows at a path such as "faults[0]"."""
    level: inspect.Type = inspect.type_info(schema)
    for name, _ in re.findall(r"([^.\[\]]+)|(\[[^\]]*\])", path):
        level = find_inner_type(level, name)
    return [entry.encode_name for entry in get_fields(level)]


def find_inner_type(level: inspect.Type, name: str) -> inspect.Type:
    """Return the type of a field, or of the items of a list or table if `name` is ""."""
    if name:
        fields = {entry.encode_name: entry.type for entry in get_fields(level)}
        return fields.get(name, inspect.AnyType())
    inner = getattr(level, "item_type", None) or getattr(level, "value_type", None)
    return inner or inspect.AnyType()


def get_fields(level: inspect.Type) -> tuple[inspect.Field, ...]:
    """Return the fields of a struct, also of an optional struct; none for any other type."""
    types = level.types if isinstance(level, inspect.UnionType) else (level,)
    return next((kind.fields for kind in types if isinstance(kind, inspect.StructType)), ())
