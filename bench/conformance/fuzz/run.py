"""Send the requests of a seed to all sites, batch by batch, and collect the findings."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from bench.conformance.fuzz import grammar, memory
from bench.conformance.fuzz.compare import ROWS, Verdict, find_verdicts
from bench.conformance.fuzz.finds import (
    Finding,
    FindingKey,
    build_finding_key,
    build_suspicion_key,
    extract_cause,
)
from bench.conformance.fuzz.judge import LOG, MESSAGE_SEPARATOR, NO_ANSWER
from bench.conformance.fuzz.probes import Probe
from bench.conformance.fuzz.result import FuzzResult
from bench.conformance.fuzz.shrink import MAX_TRIES, Shrinker
from bench.conformance.fuzz.sites import DEAD, EXTRA_BYTES, SLOW, ProbeOutcome, Target
from bench.conformance.fuzz.wire import TIMEOUT_SECONDS
from bench.core.words import format_count

BATCH_SIZE = 100  # requests between two samples of memory
MAX_PER_SUSPICION = 2  # suspicions with one key that are confirmed and shrunk
MAX_PER_VERDICT = 30  # suspicions of one verdict that are confirmed and shrunk
EXPECTED_SILENCE_SECONDS = 0.3  # the time to wait for a reply if its absence is declared
SHRINK_TIMEOUT_SECONDS = 1.0
MAX_STUCK_REQUESTS = 6  # of a host's 8 threads
SETTLE_SECONDS = 0.05  # a log may be written after the reply was sent
LATE_KINDS = (LOG, EXTRA_BYTES)  # kinds that may show only at the next request
GROWTH = "growth"
TRIES_BY_KIND = {NO_ANSWER: 40, DEAD: 20, SLOW: 40}  # kinds whose tries take a second or a new host
UNCONFIRMED_KINDS = ("server error", "traceback", LOG, DEAD)  # findings even if seen only once


class FuzzRun:
    """One run against all sites."""

    def __init__(
        self,
        result: FuzzResult,
        targets: Sequence[Target],
        pool: ThreadPoolExecutor,
        on_progress: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.result, self.targets, self.pool, self.on_progress = (
            result,
            list(targets),
            pool,
            on_progress,
        )
        self.suspicion_counts: Counter[FindingKey] = Counter()
        self.recent_probes: list[Probe] = []
        self.memory_samples: dict[str, list[int]] = {target.name: [] for target in targets}

    def run_seed(self, count: int) -> None:
        """Send the first `count` requests of the seed to every site."""
        started = time.monotonic()
        for start in range(0, count, BATCH_SIZE):
            probes = [
                grammar.build_probe(self.result.seed, number)
                for number in range(start, min(start + BATCH_SIZE, count))
            ]
            self.run_batch(probes)
            self.result.seconds = time.monotonic() - started
            self.on_progress(self.format_progress(count))
        self.check_memory()

    def format_progress(self, count: int) -> str:
        """Return the numbers of requests and findings, and the remaining time."""
        done, seconds = self.result.request_count, self.result.seconds
        left = seconds / done * (count - done)
        findings = format_count(len(self.result.findings), "finding")
        requests = format_count(count, "request")
        return f"{done:,} of {requests}, {findings}, about {left:.0f} s left"

    def run_batch(self, probes: Sequence[Probe], is_replay: bool = False) -> None:
        """Send requests to every site, and examine the outcomes."""
        columns = list(self.pool.map(lambda target: self.send_all(target, probes), self.targets))
        self.result.request_count += len(probes)
        for place, probe in enumerate(probes):
            outcomes = {
                target.name: column[place]
                for target, column in zip(self.targets, columns, strict=True)
            }
            statuses = {name: outcome.status for name, outcome in outcomes.items()}
            self.result.statuses.update(statuses.values())
            if is_replay:
                self.result.replayed_statuses.append((probe, statuses))
            for verdict in find_verdicts(probe, outcomes, self.result.freedoms):
                self.examine_verdict(probe, verdict, probes[max(0, place - 1)])
        for target in self.targets:
            self.memory_samples[target.name].append(target.site.host.read_rss_bytes())
            target.read_cpu_seconds()
        self.recent_probes = [*self.recent_probes[-BATCH_SIZE:], *probes]

    def check_memory(self) -> None:
        """Report each site whose memory keeps growing, with a request that makes it grow."""
        for target in self.targets:
            samples = self.memory_samples[target.name]
            if not memory.is_growing(samples):
                continue
            self.on_progress(f"{target.name}: memory grew, sending the last requests again")
            if not memory.keeps_growing(target, self.recent_probes):
                self.result.unconfirmed[GROWTH] += 1
                continue
            mib = [size // memory.MIB for size in (samples[0], samples[-1])]
            detail = f"memory keeps growing{MESSAGE_SEPARATOR}from {mib[0]} to {mib[1]} MiB"
            verdict = Verdict(GROWTH, detail, (target.name,))
            probe = memory.find_growing_probe(target, self.recent_probes)
            finding = Finding(verdict, confirmed=probe is not None)
            finding.add_example(probe or self.recent_probes[-1])
            self.result.findings[build_suspicion_key(finding.examples[0], verdict)] = finding

    def send_all(self, target: Target, probes: Sequence[Probe]) -> list[ProbeOutcome]:
        """Return the outcomes of the requests at one site."""
        return [self.send_probe(target, probe) for probe in probes]

    def send_probe(
        self,
        target: Target,
        probe: Probe,
        isolated: bool = False,
        timeout: float = 0.0,
        settle_seconds: float = 0.0,
    ) -> ProbeOutcome:
        """Return the outcome of a request at a site; replace a host that ended or hangs."""
        is_silent = any(
            freedom.covers(NO_ANSWER, target.name, probe) for freedom in self.result.freedoms
        )
        timeout = EXPECTED_SILENCE_SECONDS if is_silent else timeout or TIMEOUT_SECONDS
        outcome = target.send_probe(probe, isolated, timeout, settle_seconds)
        kinds = {fault.kind for fault in outcome.faults}
        target.stuck_requests += NO_ANSWER in kinds and not is_silent
        is_busy = kinds >= {NO_ANSWER, SLOW}  # a thread that computes delays all others
        if DEAD in kinds or is_busy or target.stuck_requests >= MAX_STUCK_REQUESTS:
            target.restart_host()
        return outcome

    def examine_verdict(self, probe: Probe, verdict: Verdict, previous: Probe) -> None:
        """Confirm and shrink a request that showed a fault, or count it as a repetition."""
        key = build_suspicion_key(probe, verdict)
        self.suspicion_counts[key] += 1
        self.suspicion_counts[key[:4]] += 1
        if (
            self.suspicion_counts[key] > MAX_PER_SUSPICION
            or self.suspicion_counts[key[:4]] > MAX_PER_VERDICT
        ):
            self.count_repeat(key)
            return
        for candidate in (probe, previous) if verdict.kind in LATE_KINDS else (probe,):
            confirmed = self.reproduce_verdict(candidate, verdict, self.targets)
            if confirmed:
                self.record_finding(self.shrink_probe(candidate, confirmed), confirmed)
                return
        self.result.unconfirmed[verdict.kind] += 1
        if verdict.kind in UNCONFIRMED_KINDS:
            finding = self.result.findings.setdefault(key, Finding(verdict, confirmed=False))
            finding.add_example(probe)

    def count_repeat(self, key: FindingKey) -> None:
        """Count a request whose verdict has a finding."""
        for finding in self.result.findings.values():
            if build_suspicion_key(finding.examples[0], finding.verdict)[:4] == key[:4]:
                finding.count += 1
                return

    def reproduce_verdict(
        self, probe: Probe, verdict: Verdict, targets: Sequence[Target], timeout: float = 0.0
    ) -> Verdict | None:
        """Return the verdict again if the request, sent alone to these sites, leads to it."""
        settle = SETTLE_SECONDS if verdict.kind in LATE_KINDS else 0.0
        send = partial(
            self.send_probe, probe=probe, isolated=True, timeout=timeout, settle_seconds=settle
        )
        names = [target.name for target in targets]
        outcomes = dict(zip(names, self.pool.map(send, targets), strict=True))
        freedoms = [replace(freedom) for freedom in self.result.freedoms]  # uses are not counted
        for candidate in find_verdicts(probe, outcomes, freedoms):
            if is_same_verdict(candidate, verdict, outcomes):
                return candidate
        return None

    def shrink_probe(self, probe: Probe, verdict: Verdict) -> Probe:
        """Return the shortest request with this verdict."""
        targets = select_targets(self.targets, verdict)
        seconds = SHRINK_TIMEOUT_SECONDS if verdict.kind == NO_ANSWER else 0.0
        self.on_progress(f"shrinking request {probe.number}: {verdict.format_line()}")

        def is_same(candidate: Probe) -> bool:
            return bool(self.reproduce_verdict(candidate, verdict, targets, seconds))

        return Shrinker(probe, is_same, TRIES_BY_KIND.get(verdict.kind, MAX_TRIES)).shrink()

    def record_finding(self, probe: Probe, verdict: Verdict) -> None:
        """Add a shrunk request to the result, with its present verdict at all sites."""
        final = self.reproduce_verdict(probe, verdict, self.targets) or verdict
        finding = self.result.findings.setdefault(build_finding_key(probe, final), Finding(final))
        finding.add_example(probe)


def is_same_verdict(
    candidate: Verdict, verdict: Verdict, outcomes: dict[str, ProbeOutcome]
) -> bool:
    """Return whether a verdict equals another, as far as the sites with outcomes show it."""
    tested = {
        label: tuple(name for name in names if name in outcomes) for label, names in verdict.groups
    }
    groups = {label: names for label, names in tested.items() if names}
    if verdict.kind == ROWS:
        names = set(dict(candidate.groups).values())
        return candidate.kind == ROWS and names == set(groups.values())
    if verdict.groups:
        return dict(candidate.groups) == groups
    causes = [(item.kind, extract_cause(item)) for item in (candidate, verdict)]
    sites = {name for name in verdict.sites if name in outcomes}
    return causes[0] == causes[1] and set(candidate.sites) >= sites


def select_targets(targets: Sequence[Target], verdict: Verdict) -> list[Target]:
    """Return the sites that suffice to show a verdict: the first of each group that agrees."""
    if not verdict.groups:
        return [target for target in targets if target.name in verdict.sites[:2]]
    names = {name for _, group in verdict.groups for name in group[:1]}
    return [target for target in targets if target.name in names]
