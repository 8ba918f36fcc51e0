"""Define the schema of framework.toml, and build its error messages.

An error message is one line: the file, the number of the line when it is known, the key, the cause
and the correction.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, TypeVar

import msgspec

from bench.core.errors import CookoffError, collapse_whitespace, suggest_names

Text = Annotated[str, msgspec.Meta(min_length=1)]
Value = TypeVar("Value")


class ManifestError(CookoffError):
    """A framework.toml that cannot be used; the message names file, key, cause and correction."""


class Deviation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clause of the contract that a framework does not meet, and the reason with its source."""

    clause: Text
    reason: Text
    source: Text


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The origin of a framework that is on no package index; source.py in its folder fetches it."""

    env: Text  # the environment variable that may name a local folder or archive
    archive: Text  # the URL of the archive
    sha256: Text  # of the package's files
    marker: Text  # a file of the package that identifies a source tree
    licence: Text

    @property
    def package(self) -> str:
        """Return the name of the framework's package."""
        return self.marker.partition("/")[0]


class Provision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The provider of one of the site's needs, and the code in the app that was written for it."""

    provider: Text = msgspec.field(name="by")  # "framework", "hand", or an add-on's distribution
    code: tuple[Text, ...] = ()  # "session.py", or "handlers.py:staff_only"
    names: tuple[Text, ...] = ()  # names of the framework that provide the need: "flask.session"


class ManifestTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a framework.toml; the entries of brings and released are converted later."""

    title: Text
    home: Text
    docs: Text
    python: Text  # a range of versions, such as ">=3.11"
    templates: Text  # the template language
    template_files: Text  # a glob pattern in the folder
    summary: Text
    distribution: str = ""  # "" when the framework is not a distribution
    version: str = ""  # only for a framework that is on no package index
    docs_search: str = ""  # the URL of the documentation of a {name}
    deviations: tuple[Deviation, ...] = ()
    source: Source | None = None
    brings: dict[str, Any] = {}  # by need
    released: dict[str, Any] = {}  # by version


SCHEMAS: Mapping[str, type[msgspec.Struct]] = {
    "": ManifestTable,
    "deviations": Deviation,
    "source": Source,
    "brings": Provision,
}


@dataclass(frozen=True)
class ManifestText:
    """The name and the text of a manifest; errors point to its lines."""

    name: str  # "flask/framework.toml"
    text: str

    def convert(self, value: object, schema: type[Value], key: str = "") -> Value:
        """Return the value of a key as an instance of a schema; raise ManifestError."""
        try:
            return msgspec.convert(value, schema, builtin_types=(date,))  # as TOML parsers do
        except msgspec.ValidationError as error:
            raise self.explain(str(error), key) from error

    def explain(self, message: str, parent: str) -> ManifestError:
        """Return the error for a message of msgspec, such as "Expected … - at `$.title`"."""
        cause, _, path = message.partition(" - at `$")
        key = join_keys(parent, path.removesuffix("`").removeprefix("."))
        field = re.fullmatch(r"Object (\w+) (?:required|unknown) field `(.*)`", cause, re.DOTALL)
        if field is None:
            return self.build_error(key, f"{key!r}: {cause}; correct the value")
        schema, key = SCHEMAS[re.split(r"[.\[]", key)[0]], join_keys(key, field[2])
        if field[1] == "missing":
            return self.build_error(key, f"{key!r} is missing; add it")
        known = [field.encode_name for field in msgspec.structs.fields(schema)]
        hint = suggest_names(field[2], known, "remove it")
        return self.build_error(key, f"unknown key {key!r}; {hint}")

    def build_error(self, key: str, reason: str) -> ManifestError:
        """Return the error for a key, with the line of the key or, without one, of its table."""
        while key and key not in self.lines:
            key = re.sub(r"(\[\d+\]|\.?[^.\[\]]*)$", "", key)
        line = f":{self.lines[key]}" if key else ""
        return ManifestError(f"{self.name}{line}: {collapse_whitespace(reason)}")

    @cached_property
    def lines(self) -> dict[str, int]:
        """Return the line number of each table and key, such as "deviations[0].reason".

        The lines are found by searching the text: TOML parsers do not report them.
        """
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
    """Return the key below its parent: "brings.csrf"."""
    return f"{parent}.{key}" if parent and key else parent or key
