"""Identify the state of the project's files; only results of the same checkout are compared."""

import platform
from importlib import metadata
from pathlib import Path

from bench.core.files import digest_files
from bench.core.paths import ROOT
from bench.core.processes import run_command

SOURCE_FOLDERS = ("apps", "bench", "shared_db", "static")  # what a measurement runs or reads
GIT_TIMEOUT_SECONDS = 60.0
Checkout = dict[str, str]


def describe_checkout() -> Checkout:
    """Return the version, the commit ("" outside git), Python's version and a hash of all files."""
    return {
        "version": metadata.version("cookoff"),
        "commit": read_commit(),
        "Python": platform.python_version(),
        "files' hash": hash_files(ROOT),
    }


def read_commit() -> str:
    """Return the short hash of the commit, "" when git reports none."""
    try:
        command = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
        process = run_command(
            command, GIT_TIMEOUT_SECONDS, "git rev-parse", "check why git does not end here"
        )
    except OSError:
        return ""
    return process.stdout.strip()


def hash_files(root: Path) -> str:
    """Return a hash of the names and contents of all files, also changed and untracked files."""
    files = (
        file
        for folder in SOURCE_FOLDERS
        for file in sorted((root / folder).rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    )
    return digest_files(root, files)[:12]


def describe_difference(theirs: Checkout, ours: Checkout) -> str:
    """Return the first difference of another checkout from ours in words, "" without any."""
    for fact, our_value in ours.items():
        their_value = theirs.get(fact, "")
        if their_value != our_value:
            return f"its {fact} is {their_value or 'unknown'}, here {our_value or 'unknown'}"
    return ""
