"""Collect the provenance of findings, which decides whether an earlier finding is still valid.

The part "provenance" of the results is {part: {name: provenance}}. Findings with equal provenance
are comparable. A provenance has the machine's processor, cores, system and Python, and two digests:

    code_digest     everything that the framework's site runs and serves: the lock, the source
                    tree, the app's folder without IGNORED_FILES, shared_db/, apps/pages/ and
                    static/
    harness_digest  the Python files that measure the part: those of COMMON_PACKAGES and of the
                    part's PART_PACKAGES, without NON_INSTRUMENT_FILES, which only select what to
                    measure or show results; and bench/requirements/harness.txt, because its
                    libraries measure, too

So an edit of the report's templates changes no provenance, and another slice of time does.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from bench.core import machine
from bench.core.files import digest_files
from bench.core.paths import ROOT, Paths
from bench.frameworks import environments
from bench.frameworks.manifest import (
    DECLARATIONS,
    Framework,
)
from bench.results.schema import ResultProvenance

# The manifest, declared changes, documentation and lint rules do not change the app's behaviour.
IGNORED_FILES = (*DECLARATIONS, "README.md", "ruff.toml")
SHARED_FOLDERS = (ROOT / "shared_db", ROOT / "apps" / "pages")
HARNESS_FOLDER = ROOT / "bench"
# Packages that every measurement depends on, as paths in bench/.
COMMON_PACKAGES = ("agent", "core", "frameworks", "runtime", "stats")
COST_PACKAGES = (
    "measure/cost",
    "measure/workload",
    "conformance/canonical_dom.py",
    "conformance/differential/http_client.py",
    "conformance/site_constants.py",
)
# The packages and modules of bench/ that measure a part, in addition to COMMON_PACKAGES; a part
# that is not listed depends on all INSTRUMENT_PACKAGES.
INSTRUMENT_PACKAGES = ("behaviour", "conformance", "measure")
PART_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "startup": COST_PACKAGES,
    "calls": COST_PACKAGES,
    "calls_by_layer": COST_PACKAGES,
    "layer_times": COST_PACKAGES,
    "repeated_work": COST_PACKAGES,
    "scaling": COST_PACKAGES,
    "instructions": COST_PACKAGES,
    "traces": ("measure/trace", "measure/workload", "conformance", "analysis/handlers.py"),
    "limits": ("behaviour",),
}
# These modules select what to measure, or compare and show results.
NON_INSTRUMENT_FILES = (
    "behaviour/diff.py",
    "behaviour/notes.py",
    "core/files.py",
    "core/tables.py",
    "measure/cost/blame.py",
    "measure/cost/compare_counts.py",
    "measure/cost/compare_runs.py",
    "measure/cost/hardening.py",
    "measure/cost/plain_links.py",
    "measure/cost/sensitivity.py",
    "measure/cost/site_variants.py",
)


def collect_provenance(frameworks: list[Framework], paths: Paths) -> dict[str, ResultProvenance]:
    """Return the provenance of a finding made now, by name, for frameworks with an environment.

    The digest of the harness is "": add_harness_digest() sets the digest for a part.
    """
    shared, facts = digest_folders((*SHARED_FOLDERS, paths.static)), machine.collect_facts()
    host = (facts.processor, facts.cores, facts.system, facts.python)
    return {
        framework.name: ResultProvenance(*host, compute_code_digest(framework, shared), "")
        for framework in frameworks
        if environments.find_environment(framework, paths)
    }


def add_harness_digest(
    part: str, provenances: Mapping[str, ResultProvenance], harness: Path = HARNESS_FOLDER
) -> dict[str, ResultProvenance]:
    """Return the provenance by name with the digest of the code that measures the part."""
    digest = digest_files(harness, find_instrument_files(part, harness))
    return {name: replace(facts, harness_digest=digest) for name, facts in provenances.items()}


def find_instrument_files(part: str, harness: Path = HARNESS_FOLDER) -> list[Path]:
    """Return the files that measure a part, sorted."""
    files: list[Path] = []
    for name in (*COMMON_PACKAGES, *PART_PACKAGES.get(part, INSTRUMENT_PACKAGES)):
        path = harness / name
        files += path.rglob("*.py") if path.is_dir() else [path]
    return [
        harness / "requirements" / "harness.txt",
        *sorted(f for f in files if f.relative_to(harness).as_posix() not in NON_INSTRUMENT_FILES),
    ]


def compute_code_digest(framework: Framework, shared: str) -> str:
    """Return the SHA-256 of the code that a framework's site runs: lock, source tree and app."""
    own = digest_folders((framework.folder,))
    source = framework.source.sha256 if framework.source else ""
    parts = [shared, own, source, *environments.compute_fingerprint(framework).values()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def digest_folders(folders: Iterable[Path]) -> str:
    """Return the SHA-256 of the names and contents of the code files in some folders."""
    return hashlib.sha256(
        "\0".join(digest_files(folder, iter_code_files(folder)) for folder in folders).encode()
    ).hexdigest()


def iter_code_files(folder: Path) -> Iterator[Path]:
    """Yield the files that may affect the site, sorted, without hidden and generated files."""
    for file in sorted(folder.rglob("*")):
        generated = any(
            part.startswith((".", "__pycache__")) for part in file.relative_to(folder).parts
        )
        if file.is_file() and not generated and file.name not in IGNORED_FILES:
            yield file
