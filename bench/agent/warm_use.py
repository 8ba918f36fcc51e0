"""Tell what a warm request uses each time that could have been kept from the first request on.

    {kind: {"count": n, "names": [...]}}    kinds that a request does not use are left out

The kinds: files "opened", folders "listed", modules "imported", code "compiled", connections
"connected", processes "started". Left out, too, is what the request itself is about: the static
file or photo that it asks for, and the files that an upload is kept in. Code that is executed
again, as some template languages do, is not compiled. It runs inside a framework's environment.
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

MAX_NAMES = 20  # kept of one kind
TEMPORARY_FILE = "a temporary file"
UsesByKind = dict[str, dict[str, Any]]


def summarize_uses(
    uses_by_request: Sequence[Sequence[ResourceUse]],
    prepared: PreparedRequest,
    settings: Mapping[str, Any],
    files: PathShortener,
) -> UsesByKind:
    """Return what the usual one of these requests used, kind by kind."""
    is_subject = create_subject_filter(prepared, settings)
    requests = [
        [use for use in drop_duplicates(one) if not is_subject(use)] for one in uses_by_request
    ]
    found: UsesByKind = {}
    for kind in sorted({use.kind for one in requests for use in one}):
        mine = [[use for use in one if use.kind == kind] for one in requests]
        count = statistics.median_low(map(len, mine))
        if count:
            usual = next(one for one in mine if len(one) == count)
            names = Counter(format_use(use, files) for use in usual).most_common(MAX_NAMES)
            found[kind] = {"count": count, "names": [name for name, _ in names]}
    return found


def drop_duplicates(uses: Sequence[ResourceUse]) -> list[ResourceUse]:
    """Return the uses in order; code that is compiled or imported, then executed, is told once.

    Some code is only heard when it is executed: a text that exec() or eval() is given, and a module
    that importlib.import_module() is asked for.
    """
    found: list[ResourceUse] = []
    waiting: Counter[tuple[str, str]] = Counter()  # heard of, and not yet executed
    for use in uses:
        if use.executes and waiting[use.kind, use.name]:
            waiting[use.kind, use.name] -= 1
            continue
        waiting[use.kind, use.name] += not use.executes
        found.append(use)
    return found


def create_subject_filter(
    prepared: PreparedRequest, settings: Mapping[str, Any]
) -> Callable[[ResourceUse], bool]:
    """Return what tells whether a use is of a file that the request itself is about."""
    asked_for = prepared.environ["PATH_INFO"].rpartition("/")[2]
    uploads = prepared.environ.get("CONTENT_TYPE", "").startswith("multipart/")
    photos = Path(settings["photos_dir"]).resolve()
    data = (photos, Path(settings["static_dir"]).resolve())

    def is_subject(use: ResourceUse) -> bool:
        if use.kind != "opened":
            return False
        path = Path(os.path.realpath(use.name))
        if uploads and (photos in path.parents or is_temporary(use.name)):
            return True
        return path.name == asked_for and any(folder in path.parents for folder in data)

    return is_subject


def is_temporary(name: str) -> bool:
    """Tell whether a file is in the folder for temporary ones; one without a name is the folder."""
    folder = os.path.realpath(tempfile.gettempdir())
    return folder in (os.path.realpath(name), os.path.realpath(os.path.dirname(name)))  # noqa: PTH120


def format_use(use: ResourceUse, files: PathShortener) -> str:
    """Return the name of what was used, without a path of this machine."""
    if use.file:
        return f"{use.name} in {files.shorten(use.file)}:{use.line}"
    if use.kind == "opened" and is_temporary(use.name):
        return TEMPORARY_FILE
    if use.kind in ("imported", "started") and os.sep not in use.name:
        return use.name
    return files.shorten(use.name.partition("?")[0])
