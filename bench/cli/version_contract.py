"""Run the contract against versions of a framework, and find the clauses and lines that differ."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.analysis import line_coverage
from bench.analysis.handlers import ParsedSite
from bench.cli.contract import format_result
from bench.conformance.clause_progress import format_counts
from bench.conformance.contract import SiteResult, SiteRun, run_sites
from bench.conformance.levels import CORE
from bench.core.errors import CookoffError
from bench.core.progress import Progress
from bench.core.words import format_count
from bench.frameworks.environments import Environment
from bench.results.schema import CoveredLines, LineRanges, VersionClause, VersionLines

SiteKey = tuple[str, str]  # HARDENED or AS_TAUGHT, and the name of a version
HARDENED, AS_TAUGHT = "hardened", "as taught"
DOES_NOT_START = "the site does not start: "
# With more clauses that differ, a few that fail by chance do not matter.
MAX_REPEATED_CLAUSES = 60


@dataclass
class ContractFindings:
    """The outcomes of the contract, by site and version, and the lines that ran."""

    results: dict[str, dict[str, SiteResult]] = field(
        default_factory=lambda: {HARDENED: {}, AS_TAUGHT: {}}
    )
    coverage: dict[str, CoveredLines] = field(default_factory=dict)

    def find_start_failures(self) -> dict[str, str]:
        """Return the first error of each version whose hardened site does not start."""
        return {
            name: shorten_reason(reason, name)
            for name, site in self.results[HARDENED].items()
            if (reason := find_start_failure(site))
        }

    def count_outcomes(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return the number of clauses by site, version and outcome."""
        return {
            site: {
                name: {
                    outcome: len(report.find_clauses(outcome))
                    for outcome in dict.fromkeys(report.outcomes.values())
                }
                for name, report in by_name.items()
            }
            for site, by_name in self.results.items()
        }


def find_start_failure(site: SiteResult) -> str:
    """Return the reason why a site does not start, "" if it starts."""
    reasons = {site.reasons[clause] for clause in site.failed_clauses}
    starts = [reason for reason in reasons if DOES_NOT_START in reason]
    return starts[0] if starts and len(reasons) == 1 else ""


def shorten_reason(reason: str, name: str) -> str:
    """Return why a site does not start, without its name and the path of its log."""
    words = reason.removeprefix(DOES_NOT_START).removeprefix(f"{name}: ")
    return words.partition(" (log: ")[0]


def run_contract(ready: Sequence[Environment], progress: Progress) -> ContractFindings:
    """Run all clauses against each version, hardened and as taught, and repeat what differs."""
    findings = ContractFindings()
    names = [environment.framework.name for environment in ready]
    progress.start_step(f"contract: {format_count(len(names), 'version')}, hardened and as taught")
    with TemporaryDirectory(prefix="cookoff-lines-") as folder:
        for environment in ready:
            Path(folder, environment.framework.name).mkdir()
        runs = [
            SiteRun(name, as_taught, () if as_taught else ("--record", str(Path(folder, name))))
            for name in names
            for as_taught in (False, True)
        ]
        store_results(findings, run_clauses(runs, progress))
        for environment in ready:
            if site := read_covered_lines(environment, Path(folder)):
                findings.coverage[environment.framework.name] = site
    repeat_clauses(findings, progress)
    return findings


def run_clauses(runs: Sequence[SiteRun], progress: Progress) -> list[SiteResult]:
    """Run clauses, and print the result of each site."""
    return run_sites(
        runs,
        lambda report: progress.print_note(format_result(report)),
        lambda counts: progress.update_detail(format_counts([*counts.values()])),
    )


def store_results(findings: ContractFindings, reports: Sequence[SiteResult]) -> None:
    """Store results by site and version."""
    for report in reports:
        site = AS_TAUGHT if report.as_taught else HARDENED
        findings.results[site][report.name] = report


def read_covered_lines(environment: Environment, folder: Path) -> CoveredLines | None:
    """Return the lines of the app that ran under a version, None when they cannot be read."""
    name = environment.framework.name
    records = line_coverage.find_records(environment.framework, folder / name)
    try:
        return line_coverage.summarize_coverage(ParsedSite(environment.framework), records)
    except CookoffError:
        return None


def repeat_clauses(findings: ContractFindings, progress: Progress) -> None:
    """Run the clauses that differ a second time; a clause that then passes has passed.

    A busy machine may fail a clause by chance. A clause that passes alone may fail only after other
    clauses: the site is then tested again as a whole, and what passes then has passed.
    """
    selected = select_repeated(findings)
    if not (failed := find_unmet_sites(findings, selected)):
        return
    progress.start_step("contract: the clauses that differ, again")
    functions = sorted({"test_" + re.sub(r"\W", "_", find_claim(each)) for each in selected})
    alone = run_again(failed, ("-k", " or ".join(functions)), progress)
    doubtful = [
        (site, name)
        for site, name in failed
        if any(
            is_met(alone[site, name], clause)
            for clause in selected
            if is_unmet(findings.results[site][name], clause)
        )
    ]
    if doubtful:
        progress.start_step("contract: sites with a clause that passes alone, again")
        for (site, name), second in run_again(doubtful, (), progress).items():
            findings.results[site][name] = merge_runs(findings.results[site][name], second)


def run_again(
    sites: Sequence[SiteKey], options: Sequence[str], progress: Progress
) -> dict[SiteKey, SiteResult]:
    """Run clauses against some sites of versions; return the results by site and version."""
    runs = [SiteRun(name, site == AS_TAUGHT, options) for site, name in sites]
    return dict(zip(sites, run_clauses(runs, progress), strict=True))


def select_repeated(findings: ContractFindings) -> set[str]:
    """Return the clauses to repeat: those that differ, or only those that are worse.

    With too many clauses that differ, and too many that are worse, none is repeated: a few that
    fail by chance then do not matter.
    """
    differing = {clause for found in find_differing(findings).values() for clause in found}
    for clauses in (differing, {each for each in differing if is_worse(findings, each)}):
        if len({find_claim(clause) for clause in clauses}) <= MAX_REPEATED_CLAUSES:
            return clauses
    return set()


def is_worse(findings: ContractFindings, clause: str) -> bool:
    """Return whether a version does not meet a clause that the version before it meets."""
    return any(
        is_met(before, clause) and is_unmet(after, clause)
        for by_name in findings.results.values()
        for before, after in pairwise(by_name.values())
    )


def find_claim(clause: str) -> str:
    """Return the claim of a clause, which is the name of its test: "a page is valid html"."""
    return clause.partition(": ")[0]


def find_unmet_sites(findings: ContractFindings, clauses: Collection[str]) -> list[SiteKey]:
    """Return the sites of versions that start and that do not meet some of the clauses."""
    return [
        (site, name)
        for site, by_name in findings.results.items()
        for name, report in by_name.items()
        if not find_start_failure(report) and any(is_unmet(report, clause) for clause in clauses)
    ]


def find_differing(findings: ContractFindings) -> dict[str, list[str]]:
    """Return by site the clauses whose outcome is not the same in all versions that start."""
    differing = {}
    for site, by_name in findings.results.items():
        reports = [report for report in by_name.values() if not find_start_failure(report)]
        clauses = dict.fromkeys(clause for report in reports for clause in report.outcomes)
        differing[site] = [
            clause
            for clause in clauses
            if len({report.outcomes.get(clause, "") for report in reports}) > 1
        ]
    return differing


def is_unmet(report: SiteResult, clause: str) -> bool:
    """Return whether a clause ran and was not met."""
    return report.outcomes.get(clause) in ("failed", "unmet")


def is_met(report: SiteResult, clause: str) -> bool:
    """Return whether a clause passed."""
    return report.outcomes.get(clause) == "passed"


def merge_runs(first: SiteResult, second: SiteResult) -> SiteResult:
    """Return the first result with the clauses that passed in the second run as passed."""
    passed = {clause for clause in first.outcomes if is_met(second, clause)}
    outcomes = {key: "passed" if key in passed else each for key, each in first.outcomes.items()}
    reasons = {key: "" if key in passed else each for key, each in first.reasons.items()}
    return replace(first, outcomes=outcomes, reasons=reasons)


def list_clauses(findings: ContractFindings) -> Iterator[VersionClause]:
    """Yield the clauses that differ between versions."""
    for site, clauses in find_differing(findings).items():
        reports = findings.results[site]
        for clause in clauses:
            groups = [report.groups.get(clause, "") for report in reports.values()]
            yield VersionClause(
                clause,
                site,
                next(filter(None, groups), CORE),
                {name: report.outcomes.get(clause, "") for name, report in reports.items()},
                {
                    name: report.reasons[clause]
                    for name, report in reports.items()
                    if report.reasons.get(clause)
                },
            )


def list_lines(findings: ContractFindings) -> Iterator[VersionLines]:
    """Yield the lines of each file that ran in some versions and not in all."""
    ran = {name: collect_lines(lines) for name, lines in findings.coverage.items()}
    for file in sorted({file for lines in ran.values() for file in lines}):
        sets = {name: lines.get(file, set()) for name, lines in ran.items()}
        always = set.intersection(*sets.values())
        if any(lines - always for lines in sets.values()):
            yield VersionLines(
                file,
                {name: line_coverage.format_ranges(lines - always) for name, lines in sets.items()},
            )


def collect_lines(covered: CoveredLines) -> dict[str, set[int]]:
    """Return the lines that ran, for any feature or at start-up, by file."""
    lines: dict[str, set[int]] = {}
    parts: list[Mapping[str, LineRanges]] = [*covered.features.values(), covered.startup]
    for by_file in parts:
        for file, ranges in by_file.items():
            lines.setdefault(file, set()).update(line_coverage.parse_ranges(ranges))
    return lines
