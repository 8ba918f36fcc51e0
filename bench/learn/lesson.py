"""Check the current exercise, and move on when its clauses pass."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from bench.analysis.handlers import ParsedSite
from bench.core.words import format_count
from bench.frameworks.features import FEATURES_BY_ID
from bench.learn.clause_server import (
    Clause,
    ClauseServer,
    ClauseServerError,
    Job,
)
from bench.learn.code_checks import find_missing_handler, find_syntax_error, name_blank
from bench.learn.exercises import HANDLERS, LAST, TEMPLATES, WHOLE
from bench.learn.failures import describe_failure
from bench.learn.working_copy import WorkingCopy

BLOCKED = "blocked by "
MIN_SHARE = 0.25  # of the clauses in a file that starts other hosts
CANONICAL = "test_canonical"  # its clauses compare the pages with those of bare


@dataclass(frozen=True)
class Verdict:
    """The result of a check: the sentence for the learner, and the counts of clauses."""

    exercise: str
    passed: bool
    sentence: str
    clause: str = ""  # the clause that failed
    passed_clauses: int = 0
    waiting: dict[str, list[str]] = field(default_factory=dict)  # by clause: unwritten exercises
    missing: frozenset[str] = frozenset()  # exercises that were not written when the check began


def check(
    copy: WorkingCopy, server: ClauseServer, on_stage: Callable[[str], None] = lambda text: None
) -> Verdict:
    """Check the current exercise with its clauses, the easiest first, until one fails."""
    exercise = copy.progress.current
    if sentence := find_syntax_error(copy):
        return Verdict(exercise, False, f"{sentence}.")
    site = copy.parse()
    copy.keep_parsable()
    deleted, sentence = find_missing_handler(copy, site)
    if deleted and copy.progress.blank != WHOLE:
        return Verdict(exercise, False, f"{sentence}.")
    missing = copy.list_missing(site)
    if exercise in missing and is_own_blank(copy, site, exercise):
        return Verdict(exercise, False, name_blank(copy, site, exercise))
    return run_stages(copy, server, site, missing, on_stage)


def is_own_blank(copy: WorkingCopy, site: ParsedSite, exercise: str) -> bool:
    """Return whether the exercise itself is blank; with templates another one may be missing."""
    if copy.progress.blank != TEMPLATES:
        return copy.progress.blank == HANDLERS
    own = copy.find_own_templates(FEATURES_BY_ID[exercise])
    return any(file in own for file in copy.list_blank_templates())


def run_stages(
    copy: WorkingCopy,
    server: ClauseServer,
    site: ParsedSite,
    missing: set[str],
    on_stage: Callable[[str], None],
) -> Verdict:
    """Run the clauses that need only the site, then the clauses that start other hosts as well."""
    exercise, passed = copy.progress.current, 0
    # Without this, any reply with an error status would only wait for the error page.
    unwritten = missing - ({exercise, LAST} if copy.progress.blank == WHOLE else {exercise})
    waiting = find_shared(server.catalogue, exercise, missing)
    catalogue = [clause for clause in server.catalogue if clause.id not in waiting]
    for number, stage in enumerate(split_stages(catalogue, exercise, list_ready(copy, missing))):
        on_stage(format_count(len(stage), "clause"))
        try:
            results = server.run(build_job(copy, site, stage, unwritten, number > 0))
        except TimeoutError:
            return Verdict(exercise, False, "The clauses did not end in time; save again.")
        except ClauseServerError as error:
            return Verdict(exercise, False, f"{error}.")
        for result in results:
            if result.outcome == "failed":
                sentence = describe_failure(copy, site, exercise, result)
                return Verdict(exercise, False, sentence, result.clause, passed, waiting)
            if result.outcome == "blocked":
                waiting[result.clause] = result.why.removeprefix(BLOCKED).split(", ")
            passed += result.outcome in ("passed", "deviation")
    if copy.progress.blank == WHOLE and not passed:
        sentence = "No clause could run: the site does not answer, or it needs other exercises."
        return Verdict(exercise, False, sentence, "", 0, waiting)
    return Verdict(exercise, True, "", "", passed, waiting, frozenset(missing))


def build_job(
    copy: WorkingCopy,
    site: ParsedSite,
    clauses: Sequence[str],
    missing: set[str],
    is_slow: bool = False,
) -> Job:
    """Return the run of some clauses on a working copy, until the first that fails.

    A slow run has clauses with long pages, after others have shown that no request hangs.
    """
    return Job(
        clauses,
        copy.folder,
        sorted(missing),
        blanks=[
            (
                str(each.file.relative_to(copy.folder)),
                each.first_line,
                each.last_line,
                each.feature.id,
            )
            for each in copy.list_blanks(site)
        ],
        is_slow=is_slow,
    )


def find_shared(
    catalogue: Sequence[Clause], exercise: str, missing: set[str]
) -> dict[str, list[str]]:
    """Return the clauses that are also about exercises not written yet, with those exercises."""
    return {
        clause.id: sorted(others)
        for clause in catalogue
        if exercise in clause.features
        and (others := missing.intersection(clause.features) - {exercise})
    }


def list_ready(copy: WorkingCopy, missing: Set[str]) -> list[str]:
    """Return the clauses of earlier exercises that waited for exercises written by now."""
    waiting = copy.progress.waiting
    return [clause for clause, needed in waiting.items() if missing.isdisjoint(needed)]


def split_stages(
    catalogue: Sequence[Clause], exercise: str, ready: Sequence[str]
) -> Iterator[list[str]]:
    """Yield the clauses of an exercise, the easiest first, each stage on a fresh site.

    The clauses of files about this exercise alone come first; then those that need only the site;
    then those of earlier exercises that waited; last those that compare the pages with another
    site, which need a fresh database.
    """
    own = [clause for clause in catalogue if exercise in clause.features]
    sizes = Counter(clause.module for clause in catalogue)
    shares = {
        name: count / sizes[name] for name, count in Counter(each.module for each in own).items()
    }
    # A second site takes seconds to start: not for a clause in passing, such as a security header.
    own = [each for each in own if not each.other_hosts or shares[each.module] >= MIN_SHARE]
    simple = sorted(
        (each for each in own if not needs_other_site(each)), key=lambda each: -shares[each.module]
    )
    by_id = {clause.id: clause for clause in catalogue}
    waited = [by_id[each] for each in ready if each in by_id and by_id[each] not in own]
    first = [*simple, *(each for each in waited if not needs_other_site(each))]
    second = [each for each in (*own, *waited) if needs_other_site(each)]
    for stage in (first, second):
        if stage:
            yield [clause.id for clause in stage]


def needs_other_site(clause: Clause) -> bool:
    """Return whether a clause needs a fresh database, or starts another host."""
    return clause.other_hosts or clause.module == CANONICAL


def record(copy: WorkingCopy, verdict: Verdict) -> str:
    """Store a verdict; return the exercise that comes next, "" after the last.

    The last exercise, the error page, is blank only from now on: all others need the error page.
    """
    progress = copy.progress
    if verdict.passed:
        progress.done.append(verdict.exercise)
        for clause in list_ready(copy, verdict.missing):
            del progress.waiting[clause]
        progress.waiting.update(verdict.waiting)
    copy.save()
    return move_on(copy)


def skip(copy: WorkingCopy) -> str:
    """Skip the current exercise; return the next one."""
    copy.progress.skipped.append(copy.progress.current)
    copy.save()
    return move_on(copy)


def move_on(copy: WorkingCopy) -> str:
    """Return the current exercise, which is made blank if it is the error page."""
    current = copy.progress.current
    if current == LAST and not copy.progress.has_blank_error_page:
        copy.write_exercise(LAST, solved=False)
        copy.progress.has_blank_error_page = True
        copy.save()
    return current
