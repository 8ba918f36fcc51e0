"""Apply the patches of a kata to a copy of the project, never to the project itself."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.conformance import mutants
from bench.conformance.katas.catalogue import (
    CLAUSES_FILE,
    KATAS,
    PAGES_PATCH,
    SHARED_PATCH,
    Kata,
    KataError,
    uses_shared_pages,
)
from bench.core.errors import find_last_line
from bench.core.paths import Paths
from bench.core.processes import run_command
from bench.frameworks.manifest import Framework

GIT_TIMEOUT_SECONDS = 60.0
KATA_CLAUSES = "tests/contract/test_kata.py"  # the clauses of the kata, in a copy
CHANGED_FILES = re.compile(r"^diff --git a/(\S+) b/(\S+)$", re.MULTILINE)
NO_PATCH = "there is no patch"


class PatchError(KataError):
    """A patch that cannot be applied; the message names the patch and the cause."""


@contextmanager
def copy_for_kata(kata: Kata) -> Iterator[Path]:
    """Yield the root of a temporary copy with the clauses and the shared change of a kata.

    With a shared change the copy creates its own databases, in the project's state folder, where
    the next copy finds them.
    Raises PatchError when the shared change cannot be applied.
    """
    with mutants.copy_project(share_databases=not kata.shared) as root:
        if kata.shared and kata.folder.parent == KATAS:
            databases = Paths.from_environ().ensure_folder("katas") / kata.name
            databases.mkdir(mode=0o700, exist_ok=True)
            (root / ".cookoff" / "contract").symlink_to(databases)
        apply_shared_change(kata, root)
        shutil.copyfile(kata.folder / CLAUSES_FILE, root / KATA_CLAUSES)
        yield root


def apply_shared_change(kata: Kata, root: Path) -> None:
    """Change shared_db/ and static/ below `root`, all that the frameworks share.

    An exercise begins here: the learner writes the rest. Raises PatchError.
    """
    if kata.shared:
        apply_patch(kata, SHARED_PATCH, root, ("shared_db/", "static/"))


def apply_framework_patches(
    kata: Kata, frameworks: Iterable[Framework], root: Path
) -> dict[str, str]:
    """Change the apps of these frameworks below `root`, and return the reason for each failure.

    A framework without a patch fails with NO_PATCH.
    """
    failures: dict[str, str] = {}
    pages_failure = apply_pages_patch(kata, root)
    for framework in frameworks:
        if pages_failure and uses_shared_pages(framework):
            failures[framework.name] = pages_failure
        elif kata.find_patch(framework) is None:
            failures[framework.name] = NO_PATCH
        else:
            try:
                name = f"{framework.name}.patch"
                apply_patch(kata, name, root, (f"apps/{framework.name}/",))
            except PatchError as error:
                failures[framework.name] = str(error)
    return failures


def apply_pages_patch(kata: Kata, root: Path) -> str:
    """Change the pages that several frameworks share; return the reason for a failure, or ""."""
    try:
        if (kata.folder / PAGES_PATCH).exists():
            apply_patch(kata, PAGES_PATCH, root, ("apps/pages/",))
    except PatchError as error:
        return str(error)
    return ""


def apply_patch(kata: Kata, name: str, root: Path, folders: tuple[str, ...]) -> None:
    """Apply a patch that changes only files in these folders; raise PatchError.

    A file without a diff changes nothing: it says why there is nothing to change.
    """
    text = kata.read(name)
    files = [file for pair in CHANGED_FILES.findall(text) for file in pair]
    outside = [file for file in files if not file.startswith(folders)]
    if outside:
        raise PatchError(
            f"kata {kata.name}: {name} changes {outside[0]}; it may change {', '.join(folders)}"
        )
    if not files:
        return
    # Without the ceiling, git would look for a repository around the copy.
    process = run_command(
        ["git", "apply", "--whitespace=nowarn", str(kata.folder / name)],
        GIT_TIMEOUT_SECONDS,
        f"git apply {name}",
        "run it again on a machine that is less busy",
        environ=os.environ | {"GIT_CEILING_DIRECTORIES": str(root.parent)},
        cwd=root,
    )
    if process.returncode:
        first = process.stderr.partition("\n")[0].removeprefix("error: ")
        reason = first or find_last_line(process.stderr)
        raise PatchError(f"kata {kata.name}: {name} no longer applies: {reason}; write it anew")
