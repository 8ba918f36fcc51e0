"""Report what a warm request uses each time and the framework could have cached.

    {kind: {"count": n, "names": [...]}}    without the kinds that a request does not use

The kinds: files "opened", folders "listed", modules "imported", code "compiled", connections
"connected", processes "started". The subject of the request is not counted: the static file or
photo that it requests, and the files of an upload. Code that is executed again, as some template
languages do, is not compiled. Runs inside a framework's environment.
"""

import os
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.agent.file_layers import PathShortener
from bench.agent.prepared_request import PreparedRequest
from bench.agent.warm_audit import ResourceUse

MAX_NAMES = 20  # of each kind
TEMPORARY_FILE = "a temporary file"
UsesByKind = dict[str, dict[str, Any]]


def summarize_uses(
    uses_by_request: Sequence[Sequence[ResourceUse]],
    prepared: PreparedRequest,
    settings: Mapping[str, Any],
    files: PathShortener,
) -> UsesByKind:
    """Return what the typical request of these used, kind by kind."""
    is_subject = create_subject_filter(prepared, settings)
    requests = [
        [use for use in drop_duplicates(uses) if not is_subject(use)] for uses in uses_by_request
    ]
    uses_by_kind: UsesByKind = {}
    for kind in sorted({use.kind for uses in requests for use in uses}):
        of_kind = [[use for use in uses if use.kind == kind] for uses in requests]
        count = statistics.median_low(map(len, of_kind))
        if count:
            typical = next(uses for uses in of_kind if len(uses) == count)
            names = Counter(format_use(use, files) for use in typical).most_common(MAX_NAMES)
            uses_by_kind[kind] = {"count": count, "names": [name for name, _ in names]}
    return uses_by_kind


def drop_duplicates(uses: Sequence[ResourceUse]) -> list[ResourceUse]:
    """Return the uses in order; code that is compiled or imported, then executed, counts once.

    Some code raises an event only when it is executed: a text given to exec() or eval(), and a
    module imported by importlib.import_module().
    """
    unique: list[ResourceUse] = []
    waiting: Counter[tuple[str, str]] = Counter()  # reported, and not yet executed
    for use in uses:
        if use.executes and waiting[use.kind, use.name]:
            waiting[use.kind, use.name] -= 1
            continue
        waiting[use.kind, use.name] += not use.executes
        unique.append(use)
    return unique


def create_subject_filter(
    prepared: PreparedRequest, settings: Mapping[str, Any]
) -> Callable[[ResourceUse], bool]:
    """Return a function that tells whether a use is the subject of the request."""
    file_name = prepared.environ["PATH_INFO"].rpartition("/")[2]
    uploads = prepared.environ.get("CONTENT_TYPE", "").startswith("multipart/")
    photos = Path(settings["photos_dir"]).resolve()
    data = (photos, Path(settings["static_dir"]).resolve())

    def is_subject(use: ResourceUse) -> bool:
        if use.kind != "opened":
            return False
        path = Path(os.path.realpath(use.name))
        if uploads and (photos in path.parents or is_temporary(use.name)):
            return True
        return path.name == file_name and any(folder in path.parents for folder in data)

    return is_subject


def is_temporary(name: str) -> bool:
    """Return whether a file is in the folder for temporary files, or is that folder."""
    folder = os.path.realpath(tempfile.gettempdir())
    return folder in (os.path.realpath(name), os.path.realpath(os.path.dirname(name)))  # noqa: PTH120


def format_use(use: ResourceUse, files: PathShortener) -> str:
    """Return the name of a used resource, without an absolute path."""
    if use.file:
        return f"{use.name} in {files.shorten(use.file)}:{use.line}"
    if use.kind == "opened" and is_temporary(use.name):
        return TEMPORARY_FILE
    if use.kind in ("imported", "started") and os.sep not in use.name:
        return use.name
    return files.shorten(use.name.partition("?")[0])
