"""Grade submitted working copies, each in a sandbox and with a time limit.

A submission is only read: its files are copied, links and other special files are left out.
"""

import os
import shutil
import stat
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from bench.core.errors import CookoffError
from bench.frameworks.features import FEATURES_BY_ID, find_feature_id
from bench.frameworks.manifest import FrameworkRegistry
from bench.learn.clause_server import ClauseResult, ClauseServer, ClauseServerError, Job
from bench.learn.code_checks import find_syntax_error
from bench.learn.exercises import HANDLERS, LAST, TEMPLATES, WHOLE, list_exercises
from bench.learn.failures import NOT_ANSWERED, describe_failure
from bench.learn.lesson import build_job, needs_other_site
from bench.learn.progress import STATE_FOLDER, Progress, read_progress
from bench.learn.working_copy import WorkingCopy
from bench.runtime.sandbox import find_namespaces

MAX_BYTES = 16 * 1024 * 1024  # of a submission
MAX_FILES = 2000
MAX_WRITTEN_BYTES = 256 * 1024 * 1024  # by the site while it is graded
MAX_PROCESSES = 100  # of the site
WATCH_SECONDS = 0.2
TIME_LIMIT_SECONDS = 300.0


class SubmissionError(CookoffError):
    """A folder that cannot be graded; the message is the reason."""


@dataclass
class Marks:
    """The result of one submission: the exercises that pass, and why the others do not."""

    folder: str
    framework: str = ""
    exercises: int = 0
    passed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)  # by exercise: a sentence
    error: str = ""  # the reason why the submission, or the rest of it, was not graded
    seconds: float = 0.0

    @property
    def percent(self) -> int:
        """Return the passed exercises of all, in percent."""
        return 100 * len(self.passed) // self.exercises if self.exercises else 0

    def as_row(self) -> dict[str, object]:
        """Return the row of the table."""
        first = next((f"{name}: {text}" for name, text in self.failed.items()), "")
        return {
            "submission": self.folder,
            "framework": self.framework,
            "passed": f"{len(self.passed)} of {self.exercises}",
            "marks": f"{self.percent} %",
            "seconds": round(self.seconds, 1),
            "first failure": self.error or first,
        }


class Servers:
    """The processes with the clauses, one for each framework, replaced when they fail."""

    def __init__(self) -> None:
        self._servers: dict[str, ClauseServer] = {}

    def get(self, name: str) -> ClauseServer:
        """Return the server of a framework, started if necessary."""
        if name not in self._servers:
            self._servers[name] = ClauseServer(name)
        return self._servers[name]

    def close(self, name: str) -> None:
        """End the server of a framework with everything that it started."""
        if server := self._servers.pop(name, None):
            server.__exit__()

    def close_all(self) -> None:
        """End all servers."""
        for name in [*self._servers]:
            self.close(name)


def describe_sandbox() -> str:
    """Return a warning if submissions are not isolated on this machine, "" if they are."""
    if find_namespaces():
        return ""
    return (
        "this machine allows no namespaces: submissions have limits of time, memory and files, but "
        "can read other folders and use the network; grade only what you trust"
    )


def grade(
    folder: Path, registry: FrameworkRegistry, servers: Servers, only: Iterable[str] = ()
) -> Marks:
    """Grade the submission in a folder."""
    marks, started = Marks(str(folder)), time.monotonic()
    try:
        with TemporaryDirectory(prefix="cookoff-grade-") as place:
            copy = take_copy(folder, Path(place, "submission"), registry)
            marks.framework = copy.original.name
            exercises = list_exercises(copy.solution, copy.progress.blank)
            chosen = [each for each in exercises if each in set(only)] or exercises
            marks.exercises = len(chosen)
            grade_copy(copy, chosen, servers, marks, started + TIME_LIMIT_SECONDS)
    except CookoffError as error:
        marks.error = str(error)
    marks.seconds = time.monotonic() - started
    order = {exercise: place for place, exercise in enumerate(FEATURES_BY_ID)}
    marks.passed.sort(key=order.__getitem__)
    return marks


def take_copy(folder: Path, place: Path, registry: FrameworkRegistry) -> WorkingCopy:
    """Return a copy of a submission as a working copy; raise SubmissionError."""
    if not folder.is_dir():
        raise SubmissionError(f"{folder} is no folder")
    progress = read_submitted(folder)
    framework = registry.get(progress.framework)
    copy_plain_files(folder, place)
    return WorkingCopy(place, framework, progress)


def read_submitted(folder: Path) -> Progress:
    """Return the framework and the kind of exercises of a submission; nothing else is trusted."""
    state = folder / STATE_FOLDER
    if state.is_symlink() or any(file.is_symlink() for file in state.glob("*")):
        raise SubmissionError(f"{state} has links")
    progress = read_progress(folder)
    if progress.kata:
        raise SubmissionError(f"{folder} is the kata {progress.kata[:40]!r}, which is not graded")
    if progress.blank == WHOLE:
        raise SubmissionError(f"{folder} is a whole site, which is not graded")
    if progress.blank not in (HANDLERS, TEMPLATES):
        raise SubmissionError(f"{folder} has unknown exercises: {progress.blank[:40]!r}")
    return Progress(
        progress.framework,
        progress.blank,
        [],
        has_blank_error_page=progress.has_blank_error_page or progress.exercises == [LAST],
    )


def copy_plain_files(folder: Path, place: Path) -> None:
    """Copy the regular files of a submission; raise SubmissionError if they are too many."""
    total = 0
    for count, file in enumerate(iter_plain_files(folder)):
        total += file.stat().st_size
        if total > MAX_BYTES or count > MAX_FILES:
            raise SubmissionError(f"more than {MAX_BYTES >> 20} MiB or {MAX_FILES} files")
        target = place / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target, follow_symlinks=False)
    place.mkdir(exist_ok=True)


def iter_plain_files(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder, without following links."""
    for parent, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if each not in (STATE_FOLDER, "__pycache__")]
        for name in files:
            file = Path(parent, name)
            if stat.S_ISREG(file.lstat().st_mode):
                yield file


def grade_copy(
    copy: WorkingCopy, exercises: list[str], servers: Servers, marks: Marks, deadline: float
) -> None:
    """Fill the marks of a submission; raise SubmissionError for code that is not Python."""
    if sentence := find_syntax_error(copy):
        raise SubmissionError(f"{sentence}.")
    site = copy.parse()
    present = {handler.feature.id for handler in site.handlers}
    missing = copy.list_missing(site)
    for exercise in exercises:
        if exercise not in present:
            sentence = FEATURES_BY_ID[exercise].sentence
            marks.failed[exercise] = f'no handler has the docstring "{sentence}".'
        elif exercise in missing:
            marks.failed[exercise] = "not written."
        elif exercise == LAST and not copy.progress.has_blank_error_page:
            marks.failed[exercise] = "not reached: the error page is still the given one."
    for exercise in marks.failed:
        copy.write_exercise(exercise, solved=True)
    written = [each for each in exercises if each not in marks.failed]
    while written and not marks.error:
        written = run_written(copy, written, servers, marks, deadline)
    for exercise in written:
        marks.failed[exercise] = marks.error


def run_written(
    copy: WorkingCopy, written: list[str], servers: Servers, marks: Marks, deadline: float
) -> list[str]:
    """Run the clauses of exercises; return the exercises that are to be run again.

    A handler that fails is replaced by its solution, so that it fails no other exercise, and the
    exercises whose failures began with its requests run again.
    """
    server, site = servers.get(copy.original.name), copy.parse()
    clauses = [
        clause
        for clause in sorted(server.catalogue, key=lambda each: not needs_other_site(each))
        if not clause.other_hosts and not set(written).isdisjoint(clause.features)
    ]
    job = build_job(copy, site, [each.id for each in clauses], set())
    results, marks.error = run_watched(server, job, deadline)
    if marks.error:
        servers.close(copy.original.name)
        return written
    features = {clause.id: clause.features for clause in clauses}
    failures: dict[str, ClauseResult] = {}
    for result in results:
        for exercise in features[result.clause] if result.outcome == "failed" else ():
            if exercise in written:
                failures.setdefault(exercise, result)
    hung = results and find_hung(results[-1])
    if hung and hung in written:
        failures = {hung: results[-1]}
    direct = [each for each, result in failures.items() if find_asked(result) in (each, "")]
    for exercise in direct or failures:
        sentence = describe_failure(copy, site, exercise, failures[exercise])
        marks.failed[exercise] = f"{sentence} The clause: {failures[exercise].clause}."
        copy.write_exercise(exercise, solved=True)
    is_whole = len(results) == len(clauses)
    left = [each for each in written if each not in marks.failed]
    again = [each for each in left if each in failures or not is_whole]
    marks.passed += [each for each in left if each not in again]
    return again


def find_asked(result: ClauseResult) -> str:
    """Return the feature of the request that a failure began with, "" without a request."""
    request, _, _ = result.asked.partition(" -> ")
    method, _, target = request.partition(" ")
    return find_feature_id(method, target.partition("?")[0]) if target else ""


def find_hung(result: ClauseResult) -> str:
    """Return the feature of a request that was not answered, "" if there was none."""
    match = NOT_ANSWERED.search(result.message)
    if match is None:
        return ""
    method, _, target = match["request"].partition(" ")
    return find_feature_id(method, target.partition("?")[0])


def run_watched(server: ClauseServer, job: Job, deadline: float) -> tuple[list[ClauseResult], str]:
    """Run clauses; return their results, and why the run was ended, "" if it was not."""
    results: list[ClauseResult] = []
    job = Job(
        job.clauses, job.folder, job.missing, job.blanks, stop=False, is_sandboxed=True,
        run_timeout_seconds=max(1.0, deadline - time.monotonic()),
    )  # fmt: skip
    with watch(server) as watcher:
        try:
            server.run(job, results.append, watcher.start)
        except TimeoutError:
            return results, f"The time limit of {TIME_LIMIT_SECONDS:g} s is over."
        except ClauseServerError as error:
            return results, watcher.reason or f"{error}."
    return results, watcher.reason


@dataclass
class Watcher:
    """Ends a server when its site has too many processes or writes too much."""

    server: ClauseServer
    reason: str = ""
    work: Path | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    def start(self, work: Path) -> None:
        """Watch the folder of a run."""
        self.work = work

    def run(self) -> None:
        """Look at the processes and files until the run has ended."""
        while not self.ended.wait(WATCH_SECONDS):
            with suppress(psutil.Error, OSError):
                processes = psutil.Process(self.server.pid).children(recursive=True)
                if len(processes) > MAX_PROCESSES:
                    self.reason = f"The site started more than {MAX_PROCESSES} processes."
                elif self.work and measure_bytes(self.work) > MAX_WRITTEN_BYTES:
                    self.reason = f"The site wrote more than {MAX_WRITTEN_BYTES >> 20} MiB."
            if self.reason:
                self.server.kill()
                return


@contextmanager
def watch(server: ClauseServer) -> Iterator[Watcher]:
    """Watch a server during the block."""
    watcher = Watcher(server)
    thread = threading.Thread(target=watcher.run, daemon=True)
    thread.start()
    try:
        yield watcher
    finally:
        watcher.ended.set()
        thread.join()


def measure_bytes(folder: Path) -> int:
    """Return the bytes that the files of a folder take on the disk."""
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            with suppress(OSError):
                total += os.lstat(Path(parent, name)).st_blocks * 512
    return total
