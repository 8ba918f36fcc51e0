"""What does a finding about a framework depend on, so that an older one may stand beside a new one?

The part "origins" of the results: {part: {name: origin}}. Equal origins, comparable findings.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from bench import environments, machine
from bench.frameworks import FACTS, Framework
from bench.places import ROOT, Places

Origin = dict[str, object]
# Neither our facts about a framework nor words about it change what it does.
WORDS = (FACTS, "README.md", "ruff.toml")
EVERYBODYS = (ROOT / "shared_db", ROOT / "apps" / "pages")


def origins_of(frameworks: list[Framework], places: Places) -> dict[str, Origin]:
    """Return the origin of a finding that would be made now, by name, where one could be made."""
    shared, here = digest_of(EVERYBODYS), machine.facts()
    where = {key: here[key] for key in ("processor", "cores", "system", "python")}
    return {
        one.name: {**where, "code": code_of(one, shared)}
        for one in frameworks
        if environments.existing(one, places)
    }


def code_of(framework: Framework, shared: str) -> str:
    """Return a number for all the code that a framework's site runs: lock, source tree, app."""
    own = digest_of((framework.folder,))
    source = framework.source.sha256 if framework.source else ""
    parts = [shared, own, source, *environments.fingerprint(framework).values()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def digest_of(folders: tuple[Path, ...]) -> str:
    """Return a number for the files of some folders, another one when any of them changes."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in files_in(folder):
            digest.update(f"{file.relative_to(folder)}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the files that may change what runs, in order."""
    for file in sorted(folder.rglob("*")):
        made = any(part.startswith((".", "__pycache__")) for part in file.relative_to(folder).parts)
        if file.is_file() and not made and file.name not in WORDS:
            yield file
