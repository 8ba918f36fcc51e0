"""Attribute each outcome to the framework, the server in front of it, or the project's handler."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from bench.behaviour.evaluate import ProbeResult
from bench.core.errors import CookoffError, collapse_whitespace
from bench.core.paths import Paths
from bench.frameworks.manifest import IDIOMS_FILE

ATTRIBUTIONS = {
    "framework": "from the framework: the same in its own process and behind the server",
    "server": "from the server: no application sees these bytes",
    "500": "the framework let an exception out, and the server replied with 500",
    "masked": "the framework misses the clause, and the server corrects the reply",
    "caused": "the framework meets the clause, and the server breaks it",
    "changed": "the server changed the outcome in another way",
}


class IdiomsError(CookoffError):
    """An idioms.toml that cannot be read, with the reason."""


@dataclass(frozen=True)
class Idiom:
    """A choice made in a defaults.py that explains outcomes which the framework did not decide."""

    framework: str
    probes: tuple[str, ...]  # probe ids, or patterns as in a shell
    reason: str


def attribute_outcome(inside: ProbeResult, outside: ProbeResult) -> str:
    """Return the key of ATTRIBUTIONS for an outcome behind a server.

    `inside` is the outcome in the application's own process, `outside` the one behind the server.
    Return "" if the probe does not apply.
    """
    if not outside.applies:
        return ""
    if not inside.applies:
        return "server"
    if inside.outcome == outside.outcome:
        return "framework"
    if inside.meets is False and outside.meets:
        return "masked"
    if inside.meets and outside.meets is False:
        return "caused"
    last = outside.request_results[-1].reply if outside.request_results else None
    return "500" if inside.exception_name and last and last.status == 500 else "changed"


def read_idioms(apps: Path | None = None) -> list[Idiom]:
    """Return the idioms of all apps; raise IdiomsError if a file cannot be read or parsed."""
    files = sorted((apps or Paths.from_environ().apps).glob(f"*/{IDIOMS_FILE}"))
    return [idiom for file in files for idiom in read_file(file)]


def read_file(file: Path) -> list[Idiom]:
    """Return the idioms of the app in whose folder the file is; raise IdiomsError."""
    name = file.parent.name
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return [
            Idiom(name, tuple(entry["probes"]), str(entry["why"]))
            for entry in table.get("idioms", [])
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IdiomsError(f"apps/{name}/{file.name}: {collapse_whitespace(error)}") from error


def find_reasons(probe_id: str, idioms: list[Idiom]) -> Mapping[str, str]:
    """Return, by framework, why the project's handler decides the outcome of a probe."""
    reasons: dict[str, list[str]] = {}
    for idiom in idioms:
        if any(fnmatchcase(probe_id, pattern) for pattern in idiom.probes):
            reasons.setdefault(idiom.framework, []).append(idiom.reason)
    return {framework: " ".join(texts) for framework, texts in reasons.items()}
