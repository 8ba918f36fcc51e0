"""Which state of the project is this? Cells are only worth comparing from one and the same."""

import hashlib
import platform
from importlib import metadata
from pathlib import Path

from bench.core.paths import ROOT
from bench.core.processes import run_command

SOURCE_FOLDERS = ("apps", "bench", "shared_db", "static")  # what a measurement runs or reads
GIT_TIMEOUT_SECONDS = 60.0
Checkout = dict[str, str]


def describe_checkout() -> Checkout:
    """Return version, commit ("" outside git), Python's version, and a hash of all files."""
    return {
        "version": metadata.version("cookoff"),
        "commit": read_commit(),
        "Python": platform.python_version(),
        "files' hash": hash_files(ROOT),
    }


def read_commit() -> str:
    """Return the short name of the commit, "" where git does not tell."""
    try:
        command = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
        done = run_command(command, GIT_TIMEOUT_SECONDS, "git rev-parse", "see why git hangs here")
    except OSError:
        return ""
    return done.stdout.strip()


def hash_files(root: Path) -> str:
    """Return a hash of the names and contents of all files, changed and untracked ones too."""
    found = hashlib.sha256()
    for folder in SOURCE_FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                content = hashlib.sha256(file.read_bytes()).hexdigest()
                found.update(f"{file.relative_to(root)}\0{content}\n".encode())
    return found.hexdigest()[:12]


def describe_difference(theirs: Checkout, ours: Checkout) -> str:
    """Return in words how another checkout differs from ours, "" when it does not."""
    for what, here in ours.items():
        there = theirs.get(what, "")
        if there != here:
            return f"its {what} is {there or 'unknown'}, here {here or 'unknown'}"
    return ""
