"""Make an exercise of a kata: the learner changes the site, and the clauses of the kata check it.

The clauses run in a copy of the project that has the kata's shared change, and the patch for the
framework, from which only hints are made: the learner's folder takes the place of the app.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.analysis.patch_metrics import find_added_names, measure_files
from bench.conformance.katas.catalogue import REQUEST_FILE, SHARED_PATCH, Kata
from bench.conformance.katas.patching import (
    KATA_CLAUSES,
    PatchError,
    apply_framework_patches,
    copy_for_kata,
)
from bench.core.files import write_file
from bench.core.paths import Paths
from bench.frameworks import environments
from bench.frameworks.manifest import Framework
from bench.learn.clause_server import Clause, ClauseServer, ClauseServerError
from bench.learn.code_checks import find_syntax_error
from bench.learn.copying import copy_app
from bench.learn.exercises import HANDLERS
from bench.learn.failures import describe_failure
from bench.learn.hints import SOLUTION, Hint, build_name_hint
from bench.learn.lesson import Verdict, build_job, needs_other_site
from bench.learn.progress import Progress
from bench.learn.working_copy import PAGES, WorkingCopy

KATA_MODULE = Path(KATA_CLAUSES).stem


@dataclass(frozen=True)
class KataLesson:
    """A kata, a learner's copy of the app, and the copy of the project in which clauses run."""

    kata: Kata
    copy: WorkingCopy
    root: Path

    def start_server(self) -> ClauseServer:
        """Return the process with the clauses of the kata and of the contract."""
        options = ["--own-addresses"] * self.kata.own_addresses
        return ClauseServer(self.copy.original.name, self.root, options)

    def check(self, server: ClauseServer) -> Verdict:
        """Run the clauses of the kata, then the core clauses that still hold, until one fails."""
        if sentence := find_syntax_error(self.copy):
            return Verdict(self.kata.name, False, f"{sentence}.")
        site, passed = self.copy.parse(), 0
        for number, stage in enumerate(split_stages(server.catalogue, self.kata)):
            try:
                results = server.run(build_job(self.copy, site, stage, set(), number > 0))
            except TimeoutError:
                return Verdict(
                    self.kata.name, False, "The clauses did not end in time; save again."
                )
            except ClauseServerError as error:
                return Verdict(self.kata.name, False, f"{error}.")
            for result in results:
                if result.outcome == "failed":
                    sentence = describe_failure(self.copy, site, self.kata.name, result)
                    return Verdict(self.kata.name, False, sentence, result.clause, passed)
                passed += result.outcome in ("passed", "deviation")
        return Verdict(self.kata.name, True, "", "", passed)

    def build_hints(self, known: Framework | None) -> list[Hint]:
        """Return the files of the patch, its names, the patch of a known framework, the patch."""
        original = self.copy.original
        patch = self.kata.find_patch(original) or ""
        environment = environments.ensure_environment(original, Paths.from_environ())
        names = find_added_names(patch, environment, self.root)
        files = [find_place(each.path) for each in measure_files(patch)]
        hints = [Hint(f"Change {', '.join(files)}.")]
        hints += [build_name_hint(original, name) for name in names]
        if known and (text := self.kata.find_patch(known)):
            hints.append(Hint(f"The same in {known.title}:", text, "diff"))
        return [*hints, Hint(f"{SOLUTION}:", patch, "diff")]


def find_place(path: str) -> str:
    """Return the path in a working copy for a file of a patch: apps/pages/menu.html, ..."""
    _, app, *parts = Path(path).parts
    return str(Path(*[PAGES] * (app == PAGES), *parts))


def split_stages(catalogue: Sequence[Clause], kata: Kata) -> list[list[str]]:
    """Return the clauses of the kata, and the core clauses that still hold.

    Pages may differ from those of another site after the change, so these clauses are left out.
    """
    own = [clause.id for clause in catalogue if clause.module == KATA_MODULE]
    others = [
        clause.id
        for clause in catalogue
        if clause.module != KATA_MODULE
        and clause.id not in kata.replaced
        and not needs_other_site(clause)
    ]
    return [own, others]


@contextmanager
def open_kata_lesson(kata: Kata, copy: WorkingCopy) -> Iterator[KataLesson]:
    """Yield the lesson of a working copy; raise PatchError for a patch that does not apply."""
    with copy_for_kata(kata) as root:
        failures = apply_framework_patches(kata, [copy.original], root)
        if failures:
            raise PatchError(failures[copy.original.name])
        yield KataLesson(kata, copy, root)


def create_kata_copy(
    folder: Path, framework: Framework, kata: Kata, known: str = ""
) -> WorkingCopy:
    """Make a copy of the whole app, with the request and the shared change to read."""
    copy_app(folder, framework)
    write_file(folder / REQUEST_FILE, f"# {kata.title}\n\n{kata.request}\n")
    if kata.shared:
        write_file(folder / SHARED_PATCH, kata.shared)
    progress = Progress(framework.name, HANDLERS, [kata.name], known, kata=kata.name)
    copy = WorkingCopy(folder, framework, progress)
    copy.save()
    return copy
