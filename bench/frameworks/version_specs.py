"""Parse NAME@WHAT, which names one version of a framework, and give each version a safe name.

WHAT is a version on the package index (2.3.3), some versions of which the newest is used (4.2.*,
"<3"), `latest` (what the requirements give today), `locked` (the version in the app's lock), or the
path of a checkout, a wheel or a source archive. The safe name, such as flask@2.3.3, is also the
name of the version's environment, lock and logs, so it has no character that a path or a URL treats
specially.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from bench.core.errors import UsageError

Kind = Literal["release", "latest", "locked", "checkout", "wheel", "sdist"]
LATEST, LOCKED = "latest", "locked"
SDIST_SUFFIXES = (".tar.gz", ".zip")
UNSAFE = re.compile(r"[^A-Za-z0-9._+]+")
WILDCARD = re.compile(r"\d+(\.\d+)*\.\*")
PYTHON_VERSION = re.compile(r"3\.\d+(\.\d+)?")
HINT = (
    "use a version such as 3.1.3, latest, locked, or the path of a checkout, a wheel or a "
    "source archive"
)


@dataclass(frozen=True)
class VersionSpec:
    """One version of a framework, as the command line names it."""

    what: str  # as typed
    kind: Kind
    path: Path | None = None  # absolute; of a checkout, a wheel or a source archive
    specifier: str = ""  # of a version on the index: "==2.3.3"
    python: str = ""  # the version of the interpreter; "" for the harness's interpreter
    before: str = ""  # ISO date; packages that were uploaded later are ignored

    @property
    def slug(self) -> str:
        """Return the part of the safe name after the @."""
        text = self.path.name if self.path else self.what
        slug = UNSAFE.sub("-", text).strip("-.")
        if self.path or slug != text:
            identity = f"{self.path or self.what}"
            slug = f"{slug}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}".lstrip("-")
        return (
            slug + f"-py{self.python}" * bool(self.python) + f"-{self.before}" * bool(self.before)
        )

    @property
    def label(self) -> str:
        """Return the version as tables show it: as typed, with the interpreter and the day."""
        more = [f"Python {self.python}"] * bool(self.python)
        more += [f"before {self.before}"] * bool(self.before)
        return " ".join((self.what, *more))


def parse_version(name: str, what: str, python: str = "", before: str = "") -> VersionSpec:
    """Return the version of the framework `name` that `what` names; raise UsageError."""
    check_options(python, before)
    if what in (LATEST, LOCKED):
        kind: Kind = "latest" if what == LATEST else "locked"
        return VersionSpec(what, kind, python=python, before=before)
    if specifier := parse_specifier(what):
        return VersionSpec(what, "release", None, specifier, python, before)
    path = Path(what).expanduser()
    if what and path.exists():
        return VersionSpec(what, find_kind(name, path), path.resolve(), "", python, before)
    missing = "/" in what or what.startswith((".", "~")) or path.suffix in (".whl", ".gz", ".zip")
    raise UsageError(
        f"{name}@{what}: {what} does not exist"
        if missing
        else f"{name}@{what}: {what!r} names no version; {HINT}"
    )


def check_options(python: str, before: str) -> None:
    """Raise UsageError for an interpreter that is not a version, or a day that is not a date."""
    if python and not PYTHON_VERSION.fullmatch(python):
        raise UsageError(f"--python {python}: not a version of Python such as 3.13")
    try:
        date.fromisoformat(before or "2000-01-01")
    except ValueError as error:
        raise UsageError(f"--before {before}: not a date such as 2024-12-31") from error


def parse_specifier(what: str) -> str:
    """Return the specifier of a version on the index, "" when `what` is not one."""
    try:
        return f"=={Version(what)}"
    except InvalidVersion:
        text = f"=={what}" if WILDCARD.fullmatch(what) else what
    try:
        return str(SpecifierSet(text)) if text[:1] in "<>=!~" else ""
    except InvalidSpecifier:
        return ""


def find_kind(name: str, path: Path) -> Kind:
    """Return whether a path is a checkout, a wheel or a source archive; raise UsageError."""
    if path.is_dir():
        return "checkout"
    if path.suffix == ".whl":
        return "wheel"
    if path.name.endswith(SDIST_SUFFIXES):
        return "sdist"
    raise UsageError(
        f"{name}@{path}: not a folder, a wheel (.whl) or a source archive (.tar.gz, .zip)"
    )


def make_absolute(name: str) -> str:
    """Return NAME@WHAT with an absolute path, for a process in another folder."""
    base, at, what = name.partition("@")
    path = Path(what).expanduser()
    if at and what not in (LATEST, LOCKED) and not parse_specifier(what) and path.exists():
        return f"{base}@{path.resolve()}"
    return name
