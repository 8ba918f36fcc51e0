"""Probe the default behaviour of versions of a framework, and find the probes that differ."""

from collections.abc import Iterator, Sequence

from bench.behaviour import diff, result
from bench.behaviour.channel import CHANNELS
from bench.behaviour.json_cases import CASES
from bench.behaviour.json_suite import meets_rfc8259
from bench.behaviour.probe import Probe
from bench.behaviour.probes import PROBES
from bench.behaviour.runner import INTERRUPTED, build_prober, probe_frameworks
from bench.core.paths import Paths
from bench.core.progress import Progress
from bench.core.words import format_count
from bench.frameworks.environments import Environment
from bench.results.schema import Behaviour, VersionProbe


def run_behaviour(
    ready: Sequence[Environment], paths: Paths, progress: Progress
) -> tuple[list[VersionProbe], dict[str, str]]:
    """Return the probes that differ, after a second run, and why versions were not probed."""
    part = probe_versions(ready, paths, PROBES, progress, with_json=True)
    probes = list(list_probes(part, part))
    if probes:
        ids = {probe.id for probe in probes}
        again = [probe for probe in PROBES if probe.id in ids]
        second = probe_versions(
            ready, paths, again, progress, with_json=ids != {p.id for p in again}
        )
        probes = list(list_probes(part, second))
    return probes, part.failed


def probe_versions(
    ready: Sequence[Environment],
    paths: Paths,
    probes: Sequence[Probe],
    progress: Progress,
    with_json: bool,
) -> Behaviour:
    """Run probes on all versions, and return the results."""
    progress.start_step(f"behaviour: {format_count(len(probes), 'probe')}")
    observations, failed = probe_frameworks(
        ready, paths, build_prober(probes, CHANNELS, with_json), progress.update_detail
    )
    if INTERRUPTED in failed.values():
        raise KeyboardInterrupt
    return result.build_part(observations, failed, probes)


def list_probes(part: Behaviour, second: Behaviour) -> Iterator[VersionProbe]:
    """Yield the probes and JSON texts whose outcome differs in both runs of the probes."""
    outcomes, again = diff.collect_outcomes(part), diff.collect_outcomes(second)
    names, first = list(part.frameworks), part.channels[0]
    for probe in part.probes:
        groups: dict[tuple[str, ...], list[str]] = {}
        for channel in part.channels:
            words = tuple(outcomes[name, probe.id, channel] for name in names)
            repeated = [again.get((name, probe.id, channel), "") for name in names]
            if len(set(words)) > 1 and len(set(repeated)) > 1:
                groups.setdefault(words, []).append(channel)
        for words, channels in groups.items():
            meets = {
                name: group.meets[channels[0]]
                for group in probe.outcomes
                for name in group.frameworks
            }
            yield VersionProbe(
                probe.id,
                probe.sentence,
                part.groups[probe.group],
                probe.grade,
                channels,
                dict(zip(names, words, strict=True)),
                {name: meets[name] for name in names},
                probe.requests,
                {name: find_replies(part, probe.id, name, channels[0]) for name in names},
            )
    for case in CASES:
        words = tuple(outcomes.get((name, case.id, first), "") for name in names)
        repeated = [again.get((name, case.id, first), "") for name in names]
        if len(set(words)) > 1 and len(set(repeated)) > 1:
            by_name = dict(zip(names, words, strict=True))
            text = next(each.text for each in part.json.cases if each.id == case.id)
            yield VersionProbe(
                case.id,
                f"The JSON text {text}",
                part.groups["json"],
                "free" if case.expected == "free" else "must",
                [first],
                by_name,
                {name: meets_rfc8259(case, outcome) for name, outcome in by_name.items()},
                [],
                {},
            )


def find_replies(part: Behaviour, id: str, name: str, channel: str) -> list[str]:
    """Return the replies of a version to a probe; waitress's where these are the same."""
    evidence = next(probe.evidence for probe in part.probes if probe.id == id).get(name, {})
    replies = (evidence[each].replies for each in (channel, "waitress") if each in evidence)
    return next(filter(None, replies), [])
