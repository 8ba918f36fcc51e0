"""Who decided what a client gets: the framework, the server in front of it, or our own handler?"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from bench.behaviour.evaluate import ProbeResult
from bench.core.errors import CookoffError, collapse_whitespace

IDIOMS_FILE = Path(__file__).with_name("idioms.toml")
VERDICTS = {
    "framework": "the framework's own: the same in its process and behind the server",
    "server": "the server's own: no application sees such bytes",
    "500": "the framework let an exception out, and the server made a 500 of it",
    "masked": "the framework misses the clause, and the server makes up for it",
    "caused": "the framework meets the clause, and the server spoils it",
    "changed": "the server changed the outcome, for better or worse",
}


class IdiomsError(CookoffError):
    """An idioms.toml that cannot be used, and why."""


@dataclass(frozen=True)
class Idiom:
    """A choice of ours in a defaults.py, which explains outcomes that are not the framework's."""

    framework: str
    probes: tuple[str, ...]  # their ids, or patterns as a shell has them
    reason: str


def attribute_outcome(inside: ProbeResult, outside: ProbeResult) -> str:
    """Return who decided, for an outcome behind a server as against that in the process.

    "" where the probe does not apply; else one of VERDICTS.
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


def read_idioms(file: Path = IDIOMS_FILE) -> list[Idiom]:
    """Return what our own handlers cause; raise BadIdioms for a file that does not say so."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        return [
            Idiom(str(one["framework"]), tuple(one["probes"]), str(one["why"]))
            for one in table.get("idioms", [])
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IdiomsError(f"{file.name}: {collapse_whitespace(error)}") from error


def find_reasons(probe_id: str, idioms: list[Idiom]) -> Mapping[str, str]:
    """Return why a probe's outcome is our doing, by framework."""
    found: dict[str, list[str]] = {}
    for one in idioms:
        if any(fnmatchcase(probe_id, pattern) for pattern in one.probes):
            found.setdefault(one.framework, []).append(one.reason)
    return {framework: " ".join(reasons) for framework, reasons in found.items()}
