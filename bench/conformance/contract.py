"""Run the contract: the tests in tests/contract, in one pytest process for each site."""

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import CompletedProcess

import psutil

from bench.conformance.clause_progress import (
    WHOLE_RUN,
    ClauseCount,
    format_counts,
    read_count,
)
from bench.conformance.levels import CORE, HARDENING_GROUPS
from bench.core.errors import find_last_line
from bench.core.hints import print_error
from bench.core.paths import ROOT
from bench.core.processes import TimeLimitError, run_command
from bench.core.words import format_count
from bench.results.schema import ContractResult, LevelCount, Record

OnResult = Callable[["SiteResult"], None]
OnProgress = Callable[[Mapping[str, ClauseCount]], None]  # by the title of the site

PROGRESS_SECONDS = 0.5
CONTRACT_TESTS = "tests/contract"
GRACE_SECONDS = 5.0  # for processes that Ctrl-C on a terminal has already interrupted
NO_TESTS_EXIT_CODE = 5  # pytest's exit code when no test was selected
RUN_TIMEOUT_SECONDS = 3600.0  # a run takes a minute or two, and a clause has its own time limit
# Plugins that happen to be installed cost each run a second and could change its outcome.
# Those of pytest itself that no clause needs have hooks that run for every clause.
UNUSED_PLUGINS = (
    *("cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "logging", "pastebin"),
    *("setuponly", "stepwise", "subtests", "threadexception", "unraisableexception", "warnings"),
)
PLUGIN_OPTIONS = ("-ppytest_timeout", *(f"-pno:{name}" for name in UNUSED_PLUGINS))
# Only the message of a failure is read. The source of a traceback costs some 15 ms a failure, and a
# site as taught does not meet up to 330 clauses.
OUTPUT_OPTIONS = ("-q", "--tb=line", "--show-capture=no")
PLUGIN_ENVIRON = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@dataclass(frozen=True)
class SiteRun:
    """The run of all clauses against one site, hardened or as taught."""

    name: str
    as_taught: bool = False
    # Options of pytest and of tests/contract/conftest.py.
    options: Sequence[str] = ()
    # The options that select a site which is not one of the frameworks.
    site: Sequence[str] = ()

    @property
    def title(self) -> str:
        """Return the name of the site, with "as taught" when the site runs without hardening."""
        return f"{self.name} as taught" if self.as_taught else self.name

    def list_options(self) -> list[str]:
        """Return all options of the run."""
        site = self.site or ("--framework", self.name)
        return [*site, *self.options, *["--as-taught"] * self.as_taught]


@dataclass(frozen=True)
class SiteResult:
    """The result of one site: the outcome of each clause, and the reason unless it passed.

    The outcomes are passed, failed, deviation and skipped; unmet for a hardening clause that a site
    as taught does not meet; and blocked for a clause that needs a feature that the site lacks.
    """

    name: str
    outcomes: Mapping[str, str]
    reasons: Mapping[str, str]
    groups: Mapping[str, str] = field(default_factory=dict)  # of hardening clauses
    as_taught: bool = False  # whether the site ran without its hardening

    @property
    def title(self) -> str:
        """Return the name of the site, with "as taught" when the site ran without hardening."""
        return f"{self.name} as taught" if self.as_taught else self.name

    def find_clauses(self, outcome: str) -> list[str]:
        """Return the ids of the clauses with this outcome."""
        return [clause for clause, known in self.outcomes.items() if known == outcome]

    @property
    def failed_clauses(self) -> list[str]:
        """Return the ids of the clauses that failed."""
        return self.find_clauses("failed")

    @property
    def passed(self) -> bool:
        """Return whether clauses ran and none failed."""
        return not (self.failed_clauses or self.not_run_reason)

    @property
    def not_run_reason(self) -> str:
        """Return the reason why no clause ran, "" if a clause ran.

        A run without clauses proves nothing.
        """
        if set(self.outcomes.values()) - {"skipped", "blocked"}:
            return ""
        reasons = Counter(self.reasons[clause] for clause in self.outcomes).most_common(1)
        return f"no clause ran: {reasons[0][0] if reasons else 'none was collected'}"

    @property
    def incomplete_reason(self) -> str:
        """Return the reason why the run ended before its last clause, "" for a whole run."""
        return self.reasons.get(WHOLE_RUN, "")

    def build_part(self) -> ContractResult:
        """Return the result as --json prints it and results.json stores it."""
        return ContractResult(
            passed=len(self.find_clauses("passed")),
            total=len(self.outcomes),
            failed=self.failed_clauses,
            unmet=self.find_clauses("unmet"),
            deviations=self.find_clauses("deviation"),
            blocked={clause: self.reasons[clause] for clause in self.find_clauses("blocked")},
            skipped={clause: self.reasons[clause] for clause in self.find_clauses("skipped")},
            levels=self.count_levels(),
        )

    def count_levels(self) -> dict[str, LevelCount]:
        """Return the passed clauses and all clauses of the core and of each hardening group.

        A clause that deviates as declared counts as passed. A group without clauses is left out.
        """
        counts = {group: LevelCount(0, 0) for group in (CORE, *HARDENING_GROUPS)}
        for clause, outcome in self.outcomes.items():
            count = counts[self.groups.get(clause) or CORE]
            count.passed += outcome in ("passed", "deviation")
            count.clauses += 1
        return {group: count for group, count in counts.items() if count.clauses}


class ContractRun(Record):
    """The results of all sites of a run; `clauses` is the number of clauses of the contract."""

    clauses: int
    results: dict[str, ContractResult]


def ignore_progress(counts: Mapping[str, ClauseCount]) -> None:
    """Do nothing with the progress."""


def run_both_contracts(
    names: Sequence[str],
    options: Sequence[str],
    on_result: OnResult,
    on_progress: OnProgress = ignore_progress,
) -> tuple[list[SiteResult], list[SiteResult]]:
    """Run all clauses against each named site, hardened with `options`, and as taught.

    Return the results of the hardened sites and of the sites as taught, in the order of the names.
    The two runs of a site are neighbours in one pool, so that no core waits between the two.
    """
    runs = [
        run
        for name in names
        for run in (SiteRun(name, options=options), SiteRun(name, as_taught=True))
    ]
    results = run_sites(runs, on_result, on_progress)
    return (
        [result for result in results if not result.as_taught],
        [result for result in results if result.as_taught],
    )


def run_sites(
    runs: Sequence[SiteRun], on_result: OnResult, on_progress: OnProgress = ignore_progress
) -> list[SiteResult]:
    """Run all clauses against each site and return the results in the order of the runs.

    `on_result` is called with each result when it is known, and `on_progress` about twice a second.
    One more site than there are cores is tested at a time, because clauses also wait: for each
    other, for the check of a password, for the end of a host. After Ctrl-C the number of clauses
    that have run is printed.
    """
    interrupted = threading.Event()

    def run_site(run: SiteRun, file: Path) -> SiteResult:
        result = run_clauses(run.name, [*run.list_options(), "--progress", str(file)])
        result = replace(result, as_taught=run.as_taught)
        if not interrupted.is_set():
            on_result(result)
        return result

    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, str(number)) for number in range(len(runs))]
        with ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
            try:
                futures = [pool.submit(run_site, *pair) for pair in zip(runs, files, strict=True)]
                while wait_for_results(futures):
                    counts = zip(runs, map(read_count, files), strict=True)
                    on_progress({run.title: count for run, count in counts})
                return [future.result() for future in futures]
            except KeyboardInterrupt:
                interrupted.set()
                pool.shutdown(wait=False, cancel_futures=True)
                interrupt_children()
                pool.shutdown()
                print_error(f"interrupted after {format_counts([*map(read_count, files)])}")
                raise
            finally:
                pool.shutdown(cancel_futures=True)


def wait_for_results(futures: Sequence[Future[SiteResult]]) -> bool:
    """Wait for PROGRESS_SECONDS at most; return whether runs are left and none has failed."""
    done, left = wait(futures, PROGRESS_SECONDS, FIRST_EXCEPTION)
    return bool(left) and not any(future.exception() for future in done)


def interrupt_children() -> None:
    """Interrupt the children of this process that still run after GRACE_SECONDS.

    Ctrl-C on a terminal interrupts the children as well.
    """
    deadline = time.monotonic() + GRACE_SECONDS
    while children := find_running_children():
        if time.monotonic() > deadline:
            for child in children:
                with suppress(psutil.NoSuchProcess):
                    child.send_signal(signal.SIGINT)
            return
        time.sleep(0.1)


def find_running_children() -> list[psutil.Process]:
    """Return the processes that this process has started and that still run."""
    running = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE:
                running.append(child)
    return running


def run_clauses(
    name: str, options: Iterable[str], root: Path = ROOT, tests: str = CONTRACT_TESTS
) -> SiteResult:
    """Run the clauses against one site with pytest and return the result.

    `tests` is the folder or the file of the clauses, relative to `root`.
    """
    return run_clauses_at([name], options, root, tests)[name]


def run_clauses_at(
    names: Sequence[str], options: Iterable[str], root: Path, tests: str
) -> dict[str, SiteResult]:
    """Run the clauses against some sites with one pytest, and return the results by name."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "results.json")
        command = [sys.executable, "-m", "pytest", tests, *OUTPUT_OPTIONS, *PLUGIN_OPTIONS]
        try:
            process = run_command(
                [*command, "--results", str(file), *options],
                RUN_TIMEOUT_SECONDS,
                "the run of all clauses",
                "run fewer clauses to find the one that hangs: "
                f"cookoff contract {names[0]} --feature ID -x",
                environ=os.environ | PLUGIN_ENVIRON,
                cwd=root,
            )
        except TimeLimitError as error:
            failed = {WHOLE_RUN: "failed"}
            return {name: SiteResult(name, failed, {WHOLE_RUN: str(error)}) for name in names}
        content = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if len(names) == 1:  # a site of another project may have another name in the results
        content = dict.fromkeys(names, next(iter(content.values()), {}))
    return {name: read_result(name, content.get(name, {}), process) for name in names}


def read_result(
    name: str, clauses: Mapping[str, Mapping[str, str]], process: CompletedProcess[str]
) -> SiteResult:
    """Return the result of one site from its entry in the results of a pytest."""
    outcomes = {clause: entry["outcome"] for clause, entry in clauses.items()}
    reasons = {clause: entry["why"] for clause, entry in clauses.items()}
    groups = {clause: entry["group"] for clause, entry in clauses.items()}
    code = process.returncode
    if code not in (0, 1, NO_TESTS_EXIT_CODE) or (code == 1 and not outcomes):
        outcomes[WHOLE_RUN] = "failed"
        reasons[WHOLE_RUN] = describe_end(process)
    return SiteResult(name, outcomes, reasons, groups)


def describe_end(process: CompletedProcess[str]) -> str:
    """Return why a run of pytest ended early: a signal, an interrupt, or its last line."""
    if process.returncode < 0:
        return f"the run was ended by {signal.Signals(-process.returncode).name}"
    if "KeyboardInterrupt" in process.stdout:
        return "the run was interrupted"
    return find_last_line(process.stderr or process.stdout)


def summarize_run(results: Sequence[SiteResult]) -> ContractRun:
    """Return the results of a run as --json prints them."""
    clauses = max((len(result.outcomes) for result in results), default=0)
    return ContractRun(clauses, {result.name: result.build_part() for result in results})


def format_failures(result: SiteResult) -> list[str]:
    """Return a line for each failed clause, or a single line if all have the same reason."""
    reasons = Counter(result.reasons[clause] for clause in result.failed_clauses)
    if len(reasons) == 1 and len(result.failed_clauses) > 1:
        count = format_count(len(result.failed_clauses), "clause")
        return [f"{result.title}: {count}: {next(iter(reasons))}"]
    return [
        f"{result.title}: {clause}: {result.reasons[clause]}" for clause in result.failed_clauses
    ]


def format_skips(result: SiteResult) -> list[str]:
    """Return a line for each reason for which clauses were skipped or blocked."""
    lines = []
    for outcome in ("skipped", "blocked"):
        reasons = Counter(result.reasons[clause] for clause in result.find_clauses(outcome))
        for reason, count in reasons.items():
            lines.append(f"{result.name}: {count} {outcome}: {reason.removeprefix('blocked ')}")
    return lines
