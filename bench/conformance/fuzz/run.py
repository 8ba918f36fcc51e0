"""Send the requests of a seed to all sites, batch by batch, and collect what is wrong."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from bench.conformance.fuzz import grammar, memory
from bench.conformance.fuzz.compare import ROWS, Verdict, verdicts
from bench.conformance.fuzz.finds import Find, Key, cause, find_key, suspicion_key
from bench.conformance.fuzz.growth import culprit, keeps_growing
from bench.conformance.fuzz.judge import NO_ANSWER
from bench.conformance.fuzz.logs import LOG, SAYS
from bench.conformance.fuzz.probes import Probe
from bench.conformance.fuzz.result import Result
from bench.conformance.fuzz.shrink import TRIES, Shrinker
from bench.conformance.fuzz.sites import DEAD, EXTRA, Outcome, Target
from bench.conformance.fuzz.wire import TIMEOUT_SECONDS

BATCH = 100  # requests between two looks at memory
SAME = 2  # suspicions of one kind that are confirmed and shrunk
OF_SITES = 30  # suspicions of one verdict that are confirmed and shrunk
EXPECTED_SILENCE_SECONDS = 0.3  # how long to wait where no answer is declared
SHRINKING_SECONDS = 1.0
MOST_STUCK = 6  # of a host's 8 threads
SETTLE_SECONDS = 0.05  # a log may be written after the reply was sent
LATE = (LOG, EXTRA)  # kinds that may be seen at the next request only
GROWTH = "growth"
COSTLY = {NO_ANSWER: 40, DEAD: 20}  # kinds whose tries take a second or a new host
LASTING = ("server error", "traceback", LOG, DEAD)  # wrong even when seen once only


class Run:
    """One run against all sites."""

    def __init__(
        self,
        result: Result,
        targets: Sequence[Target],
        pool: ThreadPoolExecutor,
        told: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.result, self.targets, self.pool, self.told = result, list(targets), pool, told
        self.seen: Counter[Key] = Counter()
        self.last: list[Probe] = []
        self.samples: dict[str, list[int]] = {target.name: [] for target in targets}

    def go(self, count: int) -> None:
        """Send the first `count` requests of the seed to every site."""
        started = time.monotonic()
        for start in range(0, count, BATCH):
            probes = [
                grammar.probe(self.result.seed, number)
                for number in range(start, min(start + BATCH, count))
            ]
            self.batch(probes)
            self.result.seconds = time.monotonic() - started
            self.told(self.progress(count))
        self.look_at_memory()

    def progress(self, count: int) -> str:
        """Return what is done and what is left."""
        done, seconds = self.result.requests, self.result.seconds
        left = seconds / done * (count - done)
        finds = len(self.result.finds)
        return f"{done:,} of {count:,} requests, {finds} finds, about {left:.0f} s left"

    def batch(self, probes: Sequence[Probe], replayed: bool = False) -> None:
        """Send requests to every site, and look at what each made of them."""
        columns = list(self.pool.map(lambda target: self.column(target, probes), self.targets))
        self.result.requests += len(probes)
        for place, probe in enumerate(probes):
            outcomes = {
                target.name: column[place]
                for target, column in zip(self.targets, columns, strict=True)
            }
            statuses = {name: outcome.status for name, outcome in outcomes.items()}
            self.result.statuses.update(statuses.values())
            if replayed:
                self.result.replayed.append((probe, statuses))
            for verdict in verdicts(probe, outcomes, self.result.freedoms):
                self.suspect(probe, verdict, probes[max(0, place - 1)])
        for target in self.targets:
            self.samples[target.name].append(target.site.host.rss_bytes())

        self.last = [*self.last[-BATCH:], *probes]

    def look_at_memory(self) -> None:
        """Report each site whose memory keeps growing, with a request that makes it grow."""
        for target in self.targets:
            samples = self.samples[target.name]
            if not memory.grows(samples):
                continue
            self.told(f"{target.name}: memory grew, sending the last requests over and over")
            if not keeps_growing(target, self.last):
                self.result.unconfirmed[GROWTH] += 1
                continue
            mib = [size // memory.MIB for size in (samples[0], samples[-1])]
            detail = f"memory keeps growing{SAYS}from {mib[0]} to {mib[1]} MiB"
            verdict = Verdict(GROWTH, detail, (target.name,))
            probe = culprit(target, self.last)
            find = Find(verdict, confirmed=probe is not None)
            find.add(probe or self.last[-1])
            self.result.finds[suspicion_key(find.examples[0], verdict)] = find

    def column(self, target: Target, probes: Sequence[Probe]) -> list[Outcome]:
        """Return what one site made of the requests."""
        return [self.asked(target, probe) for probe in probes]

    def asked(
        self,
        target: Target,
        probe: Probe,
        alone: bool = False,
        timeout: float = 0.0,
        settle_seconds: float = 0.0,
    ) -> Outcome:
        """Return what a site made of a request; a host that ended or hangs is replaced."""
        silent = [one for one in self.result.freedoms if one.covers(NO_ANSWER, target.name, probe)]
        timeout = EXPECTED_SILENCE_SECONDS if silent else timeout or TIMEOUT_SECONDS
        outcome = target.ask(probe, alone, timeout, settle_seconds)
        kinds = {fault.kind for fault in outcome.faults}
        target.stuck += NO_ANSWER in kinds and not silent
        if DEAD in kinds or target.stuck >= MOST_STUCK:
            target.revive()
        return outcome

    def suspect(self, probe: Probe, verdict: Verdict, previous: Probe) -> None:
        """Confirm and shrink a request at which something was wrong; count its like."""
        key = suspicion_key(probe, verdict)
        self.seen[key] += 1
        self.seen[key[:4]] += 1
        if self.seen[key] > SAME or self.seen[key[:4]] > OF_SITES:
            self.count_again(key)
            return
        for candidate in (probe, previous) if verdict.kind in LATE else (probe,):
            again = self.again(candidate, verdict, self.targets)
            if again:
                self.keep(self.shrunk(candidate, again), again, key)
                return
        self.result.unconfirmed[verdict.kind] += 1
        if verdict.kind in LASTING:
            find = self.result.finds.setdefault(key, Find(verdict, confirmed=False))
            find.add(probe)

    def count_again(self, key: Key) -> None:
        """Count a request whose like was shrunk before."""
        like = [one for one in self.result.finds.values() if self.key_of(one)[:4] == key[:4]]
        for find in like[:1]:
            find.count += 1

    def key_of(self, find: Find) -> Key:
        """Return the key of a find's verdict."""
        return suspicion_key(find.examples[0], find.verdict)

    def again(
        self, probe: Probe, verdict: Verdict, targets: Sequence[Target], timeout: float = 0.0
    ) -> Verdict | None:
        """Return the same verdict when a request sent alone to these sites leads to it."""
        settle = SETTLE_SECONDS if verdict.kind in LATE else 0.0
        ask = partial(self.asked, probe=probe, alone=True, timeout=timeout, settle_seconds=settle)
        names = [target.name for target in targets]
        outcomes = dict(zip(names, self.pool.map(ask, targets), strict=True))
        uncounted = [replace(one) for one in self.result.freedoms]
        for found in verdicts(probe, outcomes, uncounted):
            if same(found, verdict, outcomes):
                return found
        return None

    def shrunk(self, probe: Probe, verdict: Verdict) -> Probe:
        """Return the shortest request with this verdict."""
        few = concerned(self.targets, verdict)
        seconds = SHRINKING_SECONDS if verdict.kind == NO_ANSWER else 0.0
        self.told(f"shrinking request {probe.number}: {verdict.line()}")

        def still(candidate: Probe) -> bool:
            return bool(self.again(candidate, verdict, few, seconds))

        return Shrinker(probe, still, COSTLY.get(verdict.kind, TRIES)).shrink()

    def keep(self, probe: Probe, verdict: Verdict, key: Key) -> None:
        """Put a shrunk request into the result, under what all sites make of it now."""
        final = self.again(probe, verdict, self.targets) or verdict
        find = self.result.finds.setdefault(find_key(probe, final), Find(final))
        find.add(probe)


def same(found: Verdict, verdict: Verdict, outcomes: dict[str, Outcome]) -> bool:
    """Return whether a verdict is the one looked for, as far as the sites asked show it."""
    asked = {
        label: tuple(name for name in names if name in outcomes) for label, names in verdict.groups
    }
    groups = {label: names for label, names in asked.items() if names}
    if verdict.kind == ROWS:
        return found.kind == ROWS and set(dict(found.groups).values()) == set(groups.values())
    if verdict.groups:
        return dict(found.groups) == groups
    like = (found.kind, cause(found)) == (verdict.kind, cause(verdict))
    return like and set(found.sites) >= {name for name in verdict.sites if name in outcomes}


def concerned(targets: Sequence[Target], verdict: Verdict) -> list[Target]:
    """Return the sites that must be asked to see a verdict: of those that agree, the first."""
    if not verdict.groups:
        return [target for target in targets if target.name in verdict.sites[:2]]
    names = {name for _, group in verdict.groups for name in group[:1]}
    return [target for target in targets if target.name in names]
