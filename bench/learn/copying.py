"""Make the working copy of an app, and open it again.

The copy has the site as taught: without the hardening of the app, and without the app's other
entry points. Pages that several apps share are copied beside the handlers.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from bench.analysis.handlers import EXCLUDED_PARTS, ParsedSite
from bench.core.errors import UsageError
from bench.core.paths import ROOT
from bench.frameworks import scaffold
from bench.frameworks.manifest import Framework
from bench.learn.exercises import HANDLERS, LAST, WHOLE, list_exercises
from bench.learn.progress import Progress, read_progress
from bench.learn.working_copy import PAGES, SHARED_PAGES, WorkingCopy

# Files of an app that a learner does not need.
OMITTED = ("README.md", "mutants.toml", "plain_links.toml", "__pycache__", "ruff.toml", "*.in")


def create_copy(
    folder: Path, framework: Framework, blank: str, known: str = "", only: Iterable[str] = ()
) -> WorkingCopy:
    """Make a working copy with blank exercises, all or only those named; raise UsageError."""
    site = ParsedSite(framework)
    exercises = list_exercises(site, blank)
    if lacking := [each for each in only if each not in exercises]:
        raise UsageError(f"{framework.name} has no exercise {lacking[0]} with blank {blank}")
    chosen = [each for each in exercises if each in set(only)] or exercises
    copy_app(folder, framework)
    copy = WorkingCopy(folder, framework, Progress(framework.name, blank, chosen, known))
    for exercise in chosen:
        if exercise != LAST or len(chosen) == 1:
            copy.write_exercise(exercise, solved=False)
    copy.keep_parsable()
    copy.save()
    return copy


def create_whole_copy(folder: Path, framework: Framework, known: str = "") -> WorkingCopy:
    """Make a working copy with the templates of the app, and a site that answers 501."""
    copy_app(folder, framework)
    # The error page comes early: clauses of all other exercises show it.
    first, *others = list_exercises(ParsedSite(framework), HANDLERS)
    exercises = [first, LAST, *(each for each in others if each != LAST)]
    progress = Progress(framework.name, WHOLE, exercises, known, has_blank_error_page=True)
    copy = WorkingCopy(folder, framework, progress)
    for file in copy.framework.code_files:
        file.unlink()
    shared_pages = framework.template_files.startswith(SHARED_PAGES)
    scaffold.write_site(folder, framework.title, shared_pages)
    copy.keep_parsable()
    copy.save()
    return copy


def copy_app(folder: Path, framework: Framework) -> None:
    """Copy the site of an app, with the pages that it shares with other apps, to a folder."""
    shutil.copytree(framework.folder, folder, ignore=ignore_others, dirs_exist_ok=True)
    if framework.template_files.startswith(SHARED_PAGES):
        shutil.copytree(framework.folder / SHARED_PAGES, folder / PAGES)


def ignore_others(folder: str, names: list[str]) -> set[str]:
    """Return the names in a folder that a learner does not need, for shutil.copytree."""
    others = {name for name in names if Path(name).stem in EXCLUDED_PARTS}
    return {*shutil.ignore_patterns(*OMITTED)(folder, names), *others}


def open_copy(folder: Path, framework: Framework) -> WorkingCopy:
    """Return an existing working copy; raise UsageError if it is of another framework."""
    progress = read_progress(folder)
    if progress.framework != framework.name:
        raise UsageError(
            f"{folder} is a working copy of {progress.framework}; name another folder with --folder"
        )
    return WorkingCopy(folder, framework, progress)


def get_default_folder(name: str) -> Path:
    """Return the folder of the working copy of a framework."""
    return ROOT / "learn" / name
