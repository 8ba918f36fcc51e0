"""Store how each version of a framework was resolved, beside its lock in .cookoff/locks/.

A record makes a version's safe name, such as flask@flask-1a2b3c4d, usable by itself: a process in
another folder, and a later command, find the lock without the path that the user typed.
"""

import json
from contextlib import suppress
from pathlib import Path

import msgspec

from bench.core.files import write_file
from bench.core.paths import Paths
from bench.frameworks.version_specs import Kind, VersionSpec

LOCKS_FOLDER = "locks"


class LockRecord(msgspec.Struct, kw_only=True):
    """How a version was resolved, and from which source."""

    what: str  # as typed
    kind: Kind
    path: str = ""  # of a checkout, a wheel or a source archive
    specifier: str = ""
    python: str = ""
    before: str = ""
    app_digest: str  # of the app's requirements and lock, which the version was resolved from
    resolved_on: str  # ISO date
    moves: list[str]  # the packages that came, went or moved beside the framework
    source_digest: str = ""  # of a checkout, a wheel or a source archive
    commit: str = ""
    is_dirty: bool = False

    @property
    def spec(self) -> VersionSpec:
        """Return the version that the record describes."""
        path = Path(self.path) if self.path else None
        return VersionSpec(self.what, self.kind, path, self.specifier, self.python, self.before)


def lock_path(name: str, paths: Paths) -> Path:
    """Return the path of the lock of a version."""
    return paths.state / LOCKS_FOLDER / f"{name}.txt"


def record_path(name: str, paths: Paths) -> Path:
    """Return the path of the record of a version."""
    return paths.state / LOCKS_FOLDER / f"{name}.json"


def read_record(name: str, paths: Paths) -> LockRecord | None:
    """Return the record of a version, None when there is no usable one."""
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(record_path(name, paths).read_bytes(), type=LockRecord)
    return None


def write_record(name: str, record: LockRecord, paths: Paths) -> None:
    """Write the record of a version."""
    content = json.dumps(msgspec.to_builtins(record), indent=1, ensure_ascii=False)
    write_file(record_path(name, paths), content + "\n")
