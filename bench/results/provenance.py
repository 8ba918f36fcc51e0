"""What does a finding about a framework depend on, so that an older one may stand beside a new one?

The part "origins" of the results: {part: {name: origin}}. Equal origins, comparable findings. An
origin holds the machine's processor, cores, system and Python, and two digests:

    code      all that the framework's site runs and serves: the lock, the source tree, the app's
              folder without our words about it (WORDS), shared_db/, apps/pages/ and static/
    harness   the Python files that make the part: those of COMMON and of the part's own packages
              (PACKAGES), without those that only choose what to measure or show results
              (NO_INSTRUMENT); and bench/requirements/harness.txt, whose libraries measure, too

So another word in the report's templates changes no origin, and another slice of time does.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bench.core import machine
from bench.core.paths import ROOT, Paths
from bench.frameworks import environments
from bench.frameworks.manifest import MANIFEST_FILE, Framework

Provenance = dict[str, object]
# Neither our facts about a framework nor words about it change what it does.
IGNORED_FILES = (MANIFEST_FILE, "README.md", "ruff.toml")
SHARED_FOLDERS = (ROOT / "shared_db", ROOT / "apps" / "pages")
HARNESS_FOLDER = ROOT / "bench"
# What every measurement rests on, by its path below bench/.
COMMON_PACKAGES = ("agent", "core", "frameworks", "runtime", "stats")
COST_PACKAGES = (
    "measure/cost",
    "measure/workload",
    "conformance/canonical_dom.py",
    "conformance/site_constants.py",
)
# The packages and modules of bench/ that make a part, beside COMMON; a part that is not named here
# rests on all INSTRUMENTS.
INSTRUMENT_PACKAGES = ("behaviour", "conformance", "measure")
PART_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "starts": COST_PACKAGES,
    "calls": COST_PACKAGES,
    "layers": COST_PACKAGES,
    "warm": COST_PACKAGES,
    "growth": COST_PACKAGES,
    "instructions": COST_PACKAGES,
    "journey": ("measure/trace", "measure/workload", "conformance", "analysis/handlers.py"),
    "limits": ("behaviour",),
}
# These choose what to measure, or compare and show it.
NON_INSTRUMENT_FILES = (
    "behaviour/diff.py",
    "behaviour/notes.py",
    "core/files.py",
    "core/tables.py",
    "measure/cost/compare_counts.py",
    "measure/cost/compare_runs.py",
    "measure/cost/sensitivity.py",
)


def collect_provenance(frameworks: list[Framework], places: Paths) -> dict[str, Provenance]:
    """Return the origin of a finding that would be made now, by name, where one could be made.

    The harness is not in it yet: made_by() adds it for a part.
    """
    shared, here = digest_folders((*SHARED_FOLDERS, places.static)), machine.collect_facts()
    where = {key: here[key] for key in ("processor", "cores", "system", "python")}
    return {
        one.name: {**where, "code": compute_code_digest(one, shared)}
        for one in frameworks
        if environments.find_environment(one, places)
    }


def add_harness_digest(
    part: str, known: Mapping[str, Provenance], harness: Path = HARNESS_FOLDER
) -> dict[str, Provenance]:
    """Return the origins of findings in a part: with the digest of the code that makes it."""
    made = digest_files(harness, find_instrument_files(part, harness))
    return {name: {**origin, "harness": made} for name, origin in known.items()}


def find_instrument_files(part: str, harness: Path = HARNESS_FOLDER) -> list[Path]:
    """Return the files that make the findings of a part, in order."""
    files: list[Path] = []
    for place in (
        harness / name for name in (*COMMON_PACKAGES, *PART_PACKAGES.get(part, INSTRUMENT_PACKAGES))
    ):
        files += place.rglob("*.py") if place.is_dir() else [place]
    return [
        harness / "requirements" / "harness.txt",
        *sorted(f for f in files if f.relative_to(harness).as_posix() not in NON_INSTRUMENT_FILES),
    ]


def compute_code_digest(framework: Framework, shared: str) -> str:
    """Return a number for all the code that a framework's site runs: lock, source tree, app."""
    own = digest_folders((framework.folder,))
    source = framework.source.sha256 if framework.source else ""
    parts = [shared, own, source, *environments.compute_fingerprint(framework).values()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def digest_folders(folders: Iterable[Path]) -> str:
    """Return a number for the files of some folders, another one when any of them changes."""
    return hashlib.sha256(
        "\0".join(digest_files(folder, iter_code_files(folder)) for folder in folders).encode()
    ).hexdigest()


def digest_files(folder: Path, files: Iterable[Path]) -> str:
    """Return a number for the names and contents of files in a folder."""
    found = hashlib.sha256()
    for file in files:
        try:
            content = file.read_bytes()
        except OSError:  # nothing runs what cannot be read
            content = b"unreadable"
        found.update(f"{file.relative_to(folder)}\0".encode("utf-8", "surrogateescape"))
        found.update(hashlib.sha256(content).digest())
    return found.hexdigest()


def iter_code_files(folder: Path) -> Iterator[Path]:
    """Yield the files that may change what runs, in order."""
    for file in sorted(folder.rglob("*")):
        made = any(part.startswith((".", "__pycache__")) for part in file.relative_to(folder).parts)
        if file.is_file() and not made and file.name not in IGNORED_FILES:
            yield file
