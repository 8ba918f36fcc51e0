"""Record which files, modules, code and connections a block uses, by audit events.

Python raises an audit event for each use, also where compiled code calls Python's functions. A C
library that opens a file by itself, as SQLite and libpq do, raises none. An audit hook cannot be
removed: it is added when first needed, and records only inside a block. Runs inside a framework's
environment: standard library only.
"""

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import CodeType, FrameType
from typing import Any, NamedTuple

EVENTS = {  # the kind of each event, and the index of the argument that names the resource
    "open": ("opened", 0),
    "import": ("imported", 0),
    "compile": ("compiled", 1),
    "exec": ("compiled", 0),
    "os.listdir": ("listed", 0),
    "os.scandir": ("listed", 0),
    "sqlite3.connect": ("connected", 0),
    "socket.connect": ("connected", 1),
    "subprocess.Popen": ("started", 0),
    "os.posix_spawn": ("started", 0),
    "os.exec": ("started", 0),
    "os.system": ("started", 0),
}
IMPORTER = "<frozen importlib"  # the file of the code that calls exec() with a module's code
LIBRARY = sysconfig.get_paths()["stdlib"] + os.sep
PACKAGES = os.sep + "site-packages" + os.sep


class ResourceUse(NamedTuple):
    """One use of a file, a module, code or a connection."""

    kind: str
    name: str  # a path, a module, an address
    executes: bool = False  # code that exec() or eval() runs
    file: str = ""  # where code is used that comes from no file
    line: int = 0


class AuditHook:
    """The audit hook of this process."""

    def __init__(self) -> None:
        self._uses: list[ResourceUse] | None = None
        self._is_added = False
        self._opened = ""  # the file of the last event, where it may be reported again
        self._executed: dict[int, CodeType] = {}  # by id; the reference keeps the id unique

    @contextmanager
    def record_uses(self) -> Iterator[list[ResourceUse]]:
        """Yield a list that receives all uses of the block, in any thread of the process."""
        if not self._is_added:
            sys.addaudithook(self._on_event)
            self._is_added = True
        uses: list[ResourceUse] = []
        self._uses = uses
        try:
            yield uses
        finally:
            self._uses = None

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        uses = self._uses
        if uses is None or event not in EVENTS:
            return
        # An error of a hook would abort the operation of the application.
        with suppress(Exception):
            if not self._is_repeated(event, arguments):
                kind, index = EVENTS[event]
                uses.append(build_use(kind, arguments[index], sys._getframe(1)))

    def _is_repeated(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "open":
            path, mode, _ = arguments
            # open() with an opener raises the event, then os.open() raises it without a mode.
            repeated, self._opened = mode is None and path == self._opened, path if mode else ""
            return repeated or isinstance(path, int)  # a descriptor is open already
        return event == "exec" and self._was_executed(arguments[0])

    def _was_executed(self, code: CodeType) -> bool:
        """Return whether code was executed before: then it was cached, not compiled again."""
        known = id(code) in self._executed
        self._executed[id(code)] = code
        return known


AUDIT_HOOK = AuditHook()


def build_use(kind: str, argument: object, frame: FrameType | None) -> ResourceUse:
    """Return the use that an event reports."""
    executes = isinstance(argument, CodeType)
    if isinstance(argument, CodeType):
        if frame and frame.f_code.co_filename.startswith(IMPORTER):
            return ResourceUse("imported", frame.f_locals["args"][1]["__name__"], executes)
        argument = argument.co_filename
    if isinstance(argument, tuple):  # a socket's address
        return ResourceUse(kind, ":".join(map(str, argument[:2])))
    named = isinstance(argument, str | bytes | os.PathLike)
    name = os.fsdecode(argument) if named else str(argument)  # type: ignore[arg-type]
    if not name.startswith("<"):
        return ResourceUse(kind, name, executes)
    while frame and is_library(frame.f_code.co_filename):
        frame = frame.f_back
    place = (frame.f_code.co_filename, frame.f_lineno) if frame else ("", 0)
    return ResourceUse(kind, name, executes, *place)


def is_library(file: str) -> bool:
    """Return whether a file belongs to the standard library, or is no file."""
    return file.startswith("<") or (file.startswith(LIBRARY) and PACKAGES not in file)
