"""Decide what changed from each version of a framework to the next, and what fails the gate."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from bench.results.schema import (
    TIE,
    Cost,
    InstalledPackage,
    Ratio,
    VersionChange,
    VersionColumn,
    VersionComparison,
)
from bench.stats.intervals import MIN_EFFECT, Interval

WORSE, BETTER, CHANGED = "worse", "better", "changed"
MET = ("passed", "deviation")
NOT_RUN = ("skipped", "")
# A smaller change of these figures is not reported: packages differ by a few bytes of metadata, and
# a start or the memory of a process varies by some percent.
MIN_SIZE_RATIO, MIN_START_RATIO, MIN_MEMORY_RATIO, MIN_CALLS_RATIO = 1.01, 1.1, 1.05, 1.01
# A page is measured if a slowdown of 10 % would be seen: a wider interval or a higher noise floor
# could hide the slowdown.
MAX_UNCERTAINTY = 1.08
# Up to this half of an interval, a slowdown of 10 % is missed in less than one run of a hundred:
# more launches are timed until then, as far as their number is limited.
WANTED_UNCERTAINTY = 1.05
MEBIBYTE = 1024 * 1024
Pair = tuple[str, str]


def find_pair_ratio(cost: Cost, page: str, before: str, after: str) -> Ratio | None:
    """Return the ratio of a version's time on a page to an earlier version's, None without it."""
    pairs = cost.pairs.get(page, {})
    if ratio := pairs.get(before, {}).get(after):
        return ratio
    if ratio := pairs.get(after, {}).get(before):
        return Ratio(1 / ratio.ratio, 1 / ratio.high, 1 / ratio.low)
    return None


def decide_pair(cost: Cost, page: str, before: str, after: str) -> str:
    """Return whether a version is slower or faster than an earlier version, or TIE.

    A difference is beyond both floors: the smallest effect, and the noise floor of the page.
    """
    ratio = find_pair_ratio(cost, page, before, after)
    return classify(ratio, max(cost.noise_floors[page], MIN_EFFECT)) if ratio else TIE


def classify(ratio: Ratio, min_ratio: float) -> str:
    """Return "slower", "faster" or TIE for a ratio with its interval."""
    return Interval(ratio.ratio, ratio.low, ratio.high).classify(min_ratio)


def find_unmeasured_pages(
    cost: Cost, names: Sequence[str], limit: float = MAX_UNCERTAINTY
) -> Iterator[str]:
    """Yield a line for each page on which a slowdown of 10 % might not be seen.

    `limit` is the largest noise floor, and the largest half of an interval that includes 1.
    """
    for page, floor in cost.noise_floors.items():
        if floor > limit:
            percent = (floor - 1) * 100
            yield f"{page}: two copies of one version differ by {percent:.1f} %: too much noise"
            continue
        for before, after in pairwise(names):
            ratio = find_pair_ratio(cost, page, before, after)
            if ratio is None:
                yield f"{page}: not timed for {before} and {after}"
            elif ratio.ratio / ratio.low > limit and ratio.low <= 1 <= ratio.high:
                yield f"{page}: the interval of {after} is too wide: more noise than a difference"


def build_changes(part: VersionComparison) -> list[VersionChange]:
    """Return what changed from each measured version to the next, the gate's findings first."""
    changes: list[VersionChange] = []
    installed = [column for column in part.columns if column.version]
    for before, after in pairwise(installed):
        changes += find_start_failure(before, after)
        changes += find_package_changes(before, after)
        changes += find_probe_changes(part, (before.name, after.name))
    # A version whose site does not start hides no change between its neighbours.
    for before, after in pairwise(column for column in installed if column.is_startable):
        pair = before.name, after.name
        for find in (
            find_clause_changes,
            find_cost_changes,
            find_start_changes,
            find_call_changes,
            find_line_changes,
        ):
            changes += find(part, pair)
    return sorted(changes, key=lambda change: not change.fails_gate)


def find_start_failure(before: VersionColumn, after: VersionColumn) -> Iterator[VersionChange]:
    """Yield the change that a version's site no longer starts, or starts again."""
    if before.is_startable != after.is_startable:
        is_worse = not after.is_startable
        yield VersionChange(
            before.name,
            after.name,
            "clause",
            "the site starts",
            after.error if is_worse else f"before: {before.error}",
            WORSE if is_worse else BETTER,
            is_worse,
        )


def find_clause_changes(part: VersionComparison, pair: Pair) -> Iterator[VersionChange]:
    """Yield each clause whose outcome changed; a clause that is no longer met fails the gate."""
    for clause in part.clauses:
        old, new = (clause.outcomes.get(name, "") for name in pair)
        if old == new or old in NOT_RUN or new in NOT_RUN:
            continue
        is_worse, is_better = old in MET and new not in MET, old not in MET and new in MET
        reason = clause.reasons.get(pair[1] if new not in MET else pair[0], "")
        text = f"{clause.site}: {old} → {new}" + f": {reason}" * bool(reason)
        verdict = WORSE if is_worse else BETTER if is_better else CHANGED
        yield VersionChange(*pair, "clause", clause.clause, text, verdict, is_worse)


def find_probe_changes(part: VersionComparison, pair: Pair) -> Iterator[VersionChange]:
    """Yield each probe whose outcome changed; a must-probe that turned wrong fails the gate."""
    for probe in part.probes:
        old, new = (probe.outcomes.get(name) for name in pair)
        if old is None or new is None or old == new:
            continue
        met, meets = (probe.meets.get(name) for name in pair)
        is_worse = meets is False and met is not False
        is_better = met is False and meets is not False
        verdict = WORSE if is_worse else BETTER if is_better else CHANGED
        text = f"{', '.join(probe.channels)}: {old} → {new}"
        yield VersionChange(
            *pair, "probe", probe.id, text, verdict, is_worse and probe.grade == "must"
        )


def find_cost_changes(part: VersionComparison, pair: Pair) -> Iterator[VersionChange]:
    """Yield each page whose time changed in both runs; a slower page fails the gate."""
    if not part.cost:
        return
    before, after = pair
    for page in part.cost.pages:
        verdict = decide_pair(part.cost, page, before, after)
        again = part.repeated_costs.get(page, {}).get(after)
        ratio = find_pair_ratio(part.cost, page, before, after)
        if verdict == TIE or not again or not ratio or (again.ratio > 1) != (ratio.ratio > 1):
            continue
        text = f"{format_change(ratio)}; in a second run {format_change(again)}"
        is_slower = verdict == "slower"
        yield VersionChange(*pair, "cost", page, text, WORSE if is_slower else BETTER, is_slower)


def find_start_changes(part: VersionComparison, pair: Pair) -> Iterator[VersionChange]:
    """Yield the changes of start and memory that their intervals decide."""
    start = part.starts.get(pair[1])
    if not start or pair[0] not in part.starts:
        return
    for kind, ratio, min_ratio in (
        ("start", start.start_ratio, MIN_START_RATIO),
        ("memory", start.memory_ratio, MIN_MEMORY_RATIO),
    ):
        verdict = classify(ratio, min_ratio) if ratio else TIE
        if ratio and verdict != TIE:
            word = WORSE if verdict == "slower" else BETTER
            yield VersionChange(*pair, kind, kind, format_change(ratio), word)


def find_package_changes(before: VersionColumn, after: VersionColumn) -> Iterator[VersionChange]:
    """Yield each package that came, went or moved, and a change of their size."""
    pair = before.name, after.name
    old, new = ({each.name: each for each in column.packages} for column in (before, after))
    for name in sorted(old.keys() | new.keys(), key=str.lower):
        text = describe_package(old.get(name), new.get(name))
        if text:
            yield VersionChange(*pair, "package", name, text, CHANGED)
    sizes = [sum(each.bytes for each in packages.values()) for packages in (old, new)]
    if all(sizes) and exceeds(sizes, MIN_SIZE_RATIO):
        text = " → ".join(f"{size / 1024:,.0f} KiB" for size in sizes)
        yield VersionChange(*pair, "size", "packages", text, CHANGED)


def describe_package(old: InstalledPackage | None, new: InstalledPackage | None) -> str:
    """Return how a package changed, "" when its version did not."""
    if not old or not new:
        return f"came: {new.version}" if new else f"went: {old.version}" if old else ""
    return f"{old.version} → {new.version}" if old.version != new.version else ""


def find_call_changes(part: VersionComparison, pair: Pair) -> Iterator[VersionChange]:
    """Yield the pages whose calls in the framework changed."""
    for page, by_name in part.calls_by_layer.items():
        if set(pair) <= by_name.keys():
            counts = [by_name[name].framework for name in pair]
            if all(counts) and exceeds(counts, MIN_CALLS_RATIO):
                text = f"in the framework: {counts[0]} → {counts[1]}"
                yield VersionChange(*pair, "calls", page, text, CHANGED)


def find_line_changes(part: VersionComparison, pair: Pair) -> Iterator[VersionChange]:
    """Yield the files of the app of which other lines ran."""
    for each in part.lines:
        old, new = (each.lines.get(name, "") for name in pair)
        if old != new:
            text = f"of the lines that not all versions run: {old or 'none'} → {new or 'none'}"
            yield VersionChange(*pair, "lines", each.file, text, CHANGED)


def exceeds(values: Sequence[float], min_ratio: float) -> bool:
    """Return whether two values above 0 differ by more than a ratio."""
    return max(values) / min(values) > min_ratio


def format_change(ratio: Ratio) -> str:
    """Return a ratio as a change in percent, with its 99 % interval."""
    mean, low, high = ((value - 1) * 100 for value in (ratio.ratio, ratio.low, ratio.high))
    return f"{mean:+.1f} % ({low:+.1f} to {high:+.1f} %)"


def count_changes(changes: Sequence[VersionChange]) -> Mapping[str, int]:
    """Return the number of changes by kind, in the order of the first of each kind."""
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.kind] = counts.get(change.kind, 0) + 1
    return counts


def describe_provenance(column: VersionColumn) -> str:
    """Return the source of a version in a few words: its commit, its digest, or the index."""
    if not column.source_digest:
        return {"locked": "the app's lock", "latest": f"latest of {column.resolved_on}"}.get(
            column.kind, "package index"
        )
    commit = f"commit {column.commit[:12]}" if column.commit else ""
    state = " with changes" if column.is_dirty else ""
    words = [f"{commit}{state}", f"{column.kind}, SHA-256 {column.source_digest[:12]}"]
    return ", ".join(filter(None, words))
