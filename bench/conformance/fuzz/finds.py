"""Finds: confirmed and shrunk faults, grouped by kind, sites and shape of the request."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.conformance.fuzz.compare import ROWS, Verdict
from bench.conformance.fuzz.logs import MESSAGE_SEPARATOR
from bench.conformance.fuzz.probes import Probe, format_probe
from bench.conformance.fuzz.templates import BLANK_LINE, MARKER, expand_template
from bench.core.files import write_file

MAX_PRINTED_BYTES = 1000
MAX_EXAMPLES = 3  # kept of each find
FindingKey = tuple[object, ...]


@dataclass
class Finding:
    """One kind of fault, with a few shrunk requests that show it."""

    verdict: Verdict
    examples: list[Probe] = field(default_factory=list)
    count: int = 0
    confirmed: bool = True  # False: seen once, and not again when sent alone

    def add_example(self, probe: Probe) -> None:
        """Count a request, and keep it where it is one of the first or shortest."""
        self.count += 1
        known = {one.template for one in self.examples}
        if probe.template not in known:
            by_length = sorted([*self.examples, probe], key=lambda one: len(one.template))
            self.examples = by_length[:MAX_EXAMPLES]

    def as_dict(self) -> dict[str, Any]:
        """Return the find as JSON."""
        return {
            "kind": self.verdict.kind,
            "detail": self.verdict.detail,
            "sites": list(self.verdict.sites),
            "groups": {label: list(names) for label, names in self.verdict.groups},
            "count": self.count,
            "confirmed": self.confirmed,
            "requests": [format_probe(one) for one in self.examples],
        }

    def save_examples(self, folder: Path, max_files: int = MAX_EXAMPLES) -> list[Path]:
        """Write the shortest requests as files to replay, and return their paths."""
        files = []
        for probe in self.examples[:max_files]:
            told = replace(probe, facts=(*probe.facts, ("seen", self.verdict.format_line())))
            digest = hashlib.sha256(probe.template).hexdigest()[:8]
            kind = self.verdict.kind.replace(" ", "-")
            files.append(folder / f"{kind}-{digest}.txt")
            write_file(files[-1], format_probe(told))
        return files


def extract_cause(verdict: Verdict) -> str:
    """Return a verdict's detail without what differs from request to request."""
    return verdict.detail.partition(MESSAGE_SEPARATOR)[0]


def build_groups_key(verdict: Verdict) -> object:
    """Return which sites agree; of stored rows not which, they differ from request to request."""
    if verdict.kind == ROWS:
        return tuple(names for _, names in verdict.groups)
    return verdict.groups


def build_suspicion_key(probe: Probe, verdict: Verdict) -> FindingKey:
    """Return what suspicions have in common that are probably one fault."""
    rules = tuple(sorted(set(probe.labels[1:]))) if verdict.groups else ()
    return (verdict.kind, extract_cause(verdict), verdict.sites, build_groups_key(verdict), rules)


def build_finding_key(probe: Probe, verdict: Verdict) -> FindingKey:
    """Return what shrunk requests of one find have in common."""
    return (
        verdict.kind,
        extract_cause(verdict),
        verdict.sites,
        build_groups_key(verdict),
        describe_shape(probe.template),
    )


def describe_shape(template: bytes) -> tuple[object, ...]:
    """Return a shrunk request's method, names of headers, and whether it has a query or body."""
    head, _, body = template.partition(BLANK_LINE)
    first, *lines = head.split(b"\r\n")
    method, _, target = first.partition(b" ")
    names = sorted(line.partition(b":")[0].lower() for line in lines)
    return method, tuple(names), b"?" in target, bool(MARKER.sub(b"", body))


def build_shell_commands(probe: Probe) -> list[str]:
    """Return the shell command that sends a request, none where it needs values of a site."""
    raw = expand_template(probe.template, {"host": b"127.0.0.1", "origin": b"http://127.0.0.1"})
    if MARKER.search(raw) or len(raw) > MAX_PRINTED_BYTES:
        return []
    said = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in "'\\%" else f"\\x{byte:02x}"
        for byte in raw
    )
    said = said.replace("\\x25", "%%").replace("\\x0d\\x0a", "\\r\\n")
    return [f"printf '{said}' | nc 127.0.0.1 PORT"]
