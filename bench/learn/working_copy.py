"""Change the working copy of an app, in which the learner writes."""

import ast
import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from bench.analysis.handlers import Handler, ParsedSite, find_site_files, is_hardening
from bench.analysis.reachability import find_templates
from bench.core.errors import UsageError
from bench.core.files import write_file
from bench.frameworks.features import FEATURES, FEATURES_BY_ID, Feature
from bench.frameworks.manifest import Framework
from bench.learn.blanking import blank_handler, insert_handler, replace_handler
from bench.learn.exercises import (
    HANDLERS,
    TEMPLATES,
    WHOLE,
    blank_template,
    find_template_owners,
)
from bench.learn.progress import STATE_FOLDER, Progress, write_progress

PAGES = "pages"
SHARED_PAGES = "../pages"


@dataclass(frozen=True)
class WorkingCopy:
    """A working copy: its folder, the app that it was made from, and its progress."""

    folder: Path
    original: Framework
    progress: Progress

    @cached_property
    def solution(self) -> ParsedSite:
        """The code of the app, the solution of all exercises."""
        return ParsedSite(self.original)

    @cached_property
    def framework(self) -> Framework:
        """The framework, with the folder of the working copy."""
        pattern = self.original.template_files.replace(SHARED_PAGES, PAGES)
        return replace(self.original, folder=self.folder, template_files=pattern)

    def parse(self) -> ParsedSite:
        """Return the learner's code; raise CodeError for code that is not Python."""
        return ParsedSite(self.framework)

    def list_code_files(self) -> list[Path]:
        """Return the Python files that the learner may change."""
        files = find_site_files(self.framework)
        return [file for file in files if not is_hardening(self.framework, file)]

    def to_copy(self, file: Path) -> Path:
        """Return the file of the copy for a file of the app."""
        if file.is_relative_to(self.original.folder):
            return self.folder / file.relative_to(self.original.folder)
        return self.folder / PAGES / file.name

    def save(self) -> None:
        """Store the progress."""
        write_progress(self.folder, self.progress)

    @cached_property
    def template_owners(self) -> dict[Path, Feature]:
        """The feature whose page each template of the app is."""
        return find_template_owners(self.solution)

    @cached_property
    def template_users(self) -> dict[str, list[Path]]:
        """The templates that each feature uses, by its id."""
        return {feature.id: find_templates(self.solution, feature) for feature in FEATURES}

    def find_own_templates(self, feature: Feature) -> list[Path]:
        """Return the files of the app's templates that are the exercise of a feature."""
        return [file for file, owner in self.template_owners.items() if owner == feature]

    def list_blanks(self, site: ParsedSite) -> list[Handler]:
        """Return the handlers of the learner's code that are still blank."""
        stubs = {
            (handler.feature.id, handler.name): dump(self.blank(handler))
            for handler in self.solution.handlers
        }
        return [
            handler
            for handler in site.handlers
            if dump(handler.source) == stubs.get((handler.feature.id, handler.name))
        ]

    def list_blank_templates(self) -> list[Path]:
        """Return the app's templates whose copies are still blank."""
        blanks = []
        for file, owner in self.template_owners.items():
            copy = self.to_copy(file)
            text = copy.read_text(encoding="utf-8") if copy.exists() else ""
            if text.strip() in ("", blank_template(owner).strip()):
                blanks.append(file)
        return blanks

    def list_missing(self, site: ParsedSite) -> set[str]:
        """Return the exercises that are not written yet, by their features.

        With blank templates, a feature is missing if one of its templates is. Of a whole site, all
        exercises are missing that have not passed.
        """
        if self.progress.blank == WHOLE:
            return {*self.progress.exercises} - {*self.progress.done}
        if self.progress.blank == HANDLERS:
            return {handler.feature.id for handler in self.list_blanks(site)}
        blanks = set(self.list_blank_templates())
        return {
            feature for feature, files in self.template_users.items() if blanks.intersection(files)
        }

    def blank(self, handler: Handler) -> str:
        """Return the blank code of a handler of the app."""
        return blank_handler(handler, self.original.blanks.get(handler.feature.id, ""))

    def reset(self, exercise: str) -> None:
        """Make an exercise blank again, and the current one; raise UsageError for a whole site."""
        if self.progress.blank == WHOLE:
            raise UsageError(
                "the exercises of a whole site are not blank one by one; start again: "
                f"cookoff learn {self.original.name} --whole --reset all"
            )
        self.write_exercise(exercise, solved=False)
        progress = self.progress
        for names in (progress.done, progress.skipped):
            if exercise in names:
                names.remove(exercise)
        progress.hints.pop(exercise, None)
        self.save()

    def write_exercise(self, exercise: str, solved: bool) -> None:
        """Write the blank or the solution of an exercise into the working copy."""
        feature = FEATURES_BY_ID[exercise]
        if self.progress.blank == TEMPLATES:
            for file in self.find_own_templates(feature):
                text = file.read_text(encoding="utf-8") if solved else blank_template(feature)
                write_file(self.to_copy(file), text)
            return
        for handler in self.solution.select_handlers(feature):
            self.write_handler(handler, handler.source if solved else self.blank(handler))

    def write_handler(self, handler: Handler, code: str) -> None:
        """Write other code for a handler of the app; raise UsageError if it has no place."""
        file = self.to_copy(handler.file)
        text = self.read_parsable(file)
        places = [
            each
            for each in find_handlers(self.framework, file, text)
            if each.feature == handler.feature
        ]
        changed = (
            replace_handler(places[0], code) if places else insert_handler(text, handler, code)
        )
        if changed is None:
            name = file.relative_to(self.folder)
            raise UsageError(
                f"{name} has no place for {handler.name}; start the exercises again: "
                f"cookoff learn {self.original.name} --reset all"
            )
        write_file(file, changed)

    def read_parsable(self, file: Path) -> str:
        """Return the text of a file, or its last text that was Python if it is not Python now."""
        stored = self.get_kept_path(file)
        for candidate in (file, stored, self.original.folder / file.relative_to(self.folder)):
            if candidate.exists():
                text = candidate.read_text(encoding="utf-8")
                try:
                    ast.parse(text)
                except (SyntaxError, ValueError):
                    continue
                return text
        return ""

    def get_kept_path(self, file: Path) -> Path:
        """Return the path of the last text of a file that was Python; its name is no module's."""
        return self.folder / STATE_FOLDER / "parsed" / f"{file.relative_to(self.folder)}.txt"

    def keep_parsable(self) -> None:
        """Store the code as it is now, which is Python, for a later reset."""
        for file in self.list_code_files():
            stored = self.get_kept_path(file)
            stored.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, stored)


def dump(code: str) -> str:
    """Return a text that is equal for the same code with other comments and blanks."""
    first = code.splitlines()[0] if code else ""
    width = len(first) - len(first.lstrip())
    # The code of a method is indented: a block around it makes it a whole program.
    return ast.dump(ast.parse(f"if 1:\n{code}" if width else code))


def find_handlers(framework: Framework, file: Path, text: str) -> list[Handler]:
    """Return the handlers in the text of one file."""
    site = object.__new__(ParsedSite)
    site.framework, site.texts, site.trees = framework, {file: text}, {file: ast.parse(text)}
    return [*site.find_handlers()]
