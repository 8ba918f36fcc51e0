"""Hear which files, modules, code and connections are used meanwhile, by audit events.

Python raises an audit event for each, also where compiled code asks for it through Python's own
functions. A library in C that opens a file by itself, as SQLite and libpq do, raises none. An audit
hook cannot be removed: it is added when it is first needed, and hears only while it is switched on.
It runs inside a framework's environment: standard library only.
"""

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import CodeType, FrameType
from typing import Any, NamedTuple

EVENTS = {  # the kind of each, and which of its arguments names what is used
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
IMPORTER = "<frozen importlib"  # the file of what gives exec() a module's code and namespace
LIBRARY = sysconfig.get_paths()["stdlib"] + os.sep
PACKAGES = os.sep + "site-packages" + os.sep


class ResourceUse(NamedTuple):
    """One thing that was used."""

    kind: str
    name: str  # a path, a module, an address
    executes: bool = False  # code, which exec() or eval() was given
    file: str = ""  # of code that comes from no file: where it is used
    line: int = 0


class AuditHook:
    """The audit hook of this process."""

    def __init__(self) -> None:
        self._heard: list[ResourceUse] | None = None
        self._is_added = False
        self._opened = ""  # by the last event, when that opened a file through an opener
        self._executed: dict[int, CodeType] = {}  # by id, which is free only when it is forgotten

    @contextmanager
    def record_uses(self) -> Iterator[list[ResourceUse]]:
        """Give a list of what is used meanwhile, in any thread of the process."""
        if not self._is_added:
            sys.addaudithook(self._hear)
            self._is_added = True
        heard: list[ResourceUse] = []
        self._heard = heard
        try:
            yield heard
        finally:
            self._heard = None

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        heard = self._heard
        if heard is None or event not in EVENTS:
            return
        # What a hook raises would end what the application does.
        with suppress(Exception):
            if not self._is_told_already(event, arguments):
                kind, which = EVENTS[event]
                heard.append(build_use(kind, arguments[which], sys._getframe(1)))

    def _is_told_already(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "open":
            path, mode, _ = arguments
            # open() with an opener raises the event, then os.open() does, which has no mode.
            again, self._opened = mode is None and path == self._opened, path if mode else ""
            return again or isinstance(path, int)  # a descriptor is open already
        return event == "exec" and self._is_kept(arguments[0])

    def _is_kept(self, code: CodeType) -> bool:
        """Tell whether code was executed before, so that it was kept: it is not made anew."""
        known = id(code) in self._executed
        self._executed[id(code)] = code
        return known


AUDIT_HOOK = AuditHook()


def build_use(kind: str, argument: object, frame: FrameType | None) -> ResourceUse:
    """Return the use that an event is about."""
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
    """Tell whether a file is of the standard library, or no file."""
    return file.startswith("<") or (file.startswith(LIBRARY) and PACKAGES not in file)
