"""Group confirmed and shrunk faults into findings by kind, sites and shape of the request."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.conformance.fuzz.compare import ROWS, Verdict
from bench.conformance.fuzz.judge import MESSAGE_SEPARATOR
from bench.conformance.fuzz.probes import Probe, format_probe
from bench.conformance.fuzz.templates import BLANK_LINE, MARKER, expand_template
from bench.core.files import write_file
from bench.results.schema import FuzzFinding

MAX_PRINTED_BYTES = 1000
MAX_EXAMPLES = 3  # of each finding
FindingKey = tuple[object, ...]


@dataclass
class Finding:
    """One kind of fault with a few shrunk requests that show it."""

    verdict: Verdict
    examples: list[Probe] = field(default_factory=list)
    count: int = 0
    confirmed: bool = True  # False if the request, sent alone, did not show the fault again

    def add_example(self, probe: Probe) -> None:
        """Count a request, and add it to the examples if it is one of the shortest."""
        self.count += 1
        if probe.template not in {example.template for example in self.examples}:
            examples = sorted([*self.examples, probe], key=lambda probe: len(probe.template))
            self.examples = examples[:MAX_EXAMPLES]

    def build_part(self) -> FuzzFinding:
        """Return the finding as results.json stores it."""
        return FuzzFinding(
            kind=self.verdict.kind,
            details=self.verdict.detail,
            sites=list(self.verdict.sites),
            groups={label: list(names) for label, names in self.verdict.groups},
            count=self.count,
            confirmed=self.confirmed,
            requests=[format_probe(probe) for probe in self.examples],
        )

    def save_examples(self, folder: Path, max_files: int = MAX_EXAMPLES) -> list[Path]:
        """Write the shortest requests as files to replay, and return their paths."""
        files = []
        for probe in self.examples[:max_files]:
            facts = (*probe.facts, ("seen", self.verdict.format_line()))
            digest = hashlib.sha256(probe.template).hexdigest()[:8]
            kind = self.verdict.kind.replace(" ", "-")
            files.append(folder / f"{kind}-{digest}.txt")
            write_file(files[-1], format_probe(replace(probe, facts=facts)))
        return files


def extract_cause(verdict: Verdict) -> str:
    """Return a verdict's detail without the message, which differs from request to request."""
    return verdict.detail.partition(MESSAGE_SEPARATOR)[0]


def build_groups_key(verdict: Verdict) -> object:
    """Return the groups of sites that agree, without the rows, which differ by request."""
    if verdict.kind == ROWS:
        return tuple(names for _, names in verdict.groups)
    return verdict.groups


def build_suspicion_key(probe: Probe, verdict: Verdict) -> FindingKey:
    """Return the key of a suspicion; suspicions with equal keys are probably one fault."""
    rules = tuple(sorted(set(probe.labels[1:]))) if verdict.groups else ()
    return (verdict.kind, extract_cause(verdict), verdict.sites, build_groups_key(verdict), rules)


def build_finding_key(probe: Probe, verdict: Verdict) -> FindingKey:
    """Return the key of a shrunk request; requests with equal keys are one finding."""
    return (
        verdict.kind,
        extract_cause(verdict),
        verdict.sites,
        build_groups_key(verdict),
        describe_shape(probe.template),
    )


def describe_shape(template: bytes) -> tuple[object, ...]:
    """Return the method, the names of headers, and whether there is a query and a body."""
    head, _, body = template.partition(BLANK_LINE)
    first, *lines = head.split(b"\r\n")
    method, _, target = first.partition(b" ")
    names = sorted(line.partition(b":")[0].lower() for line in lines)
    return method, tuple(names), b"?" in target, bool(MARKER.sub(b"", body))


def build_shell_commands(probe: Probe) -> list[str]:
    """Return the shell command that sends a request, none if it needs values of a site."""
    raw = expand_template(probe.template, {"host": b"127.0.0.1", "origin": b"http://127.0.0.1"})
    if MARKER.search(raw) or len(raw) > MAX_PRINTED_BYTES:
        return []
    text = "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in "'\\%" else f"\\x{byte:02x}"
        for byte in raw
    )
    text = text.replace("\\x25", "%%").replace("\\x0d\\x0a", "\\r\\n")
    return [f"printf '{text}' | nc 127.0.0.1 PORT"]
