"""Which frameworks are there, and what do their folders say about them?"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bench.core.errors import CookoffError, UsageError, collapse_whitespace, suggest_names

MANIFEST_FILE = "framework.toml"
REQUIRED_KEYS = ("title", "home", "docs", "python", "templates", "template_files", "summary")
# May be blank or absent: bare is no distribution, and what is on no index gives its version here.
# docs_search is the address of the documentation of a {name}.
OPTIONAL_KEYS = ("distribution", "version", "docs_search")
# What the site needs, and the feature whose lines that ran must show what is said of it.
NEEDS = {
    "sessions": "show-the-cart",
    "csrf": "write-a-review",
    "forms": "place-the-order",
    "uploads": "change-a-dishs-photo",
    "templates": "show-the-menu",
    "static": "serve-a-static-file",
    "errors": "show-what-went-wrong",
    "streaming": "export-the-orders",
    "json": "place-an-order-by-program",
    "authentication": "show-the-kitchen",
}
TABLE_KEYS = ("deviations", "source", "brings", "released")
DEVIATION_KEYS = ("clause", "reason", "source")
SOURCE_KEYS = ("env", "archive", "sha256", "marker", "licence")


class ManifestError(CookoffError):
    """A framework.toml that cannot be used: which file, which key, and why."""


@dataclass(frozen=True)
class Deviation:
    """A clause of the contract that a framework declares it does not meet, and why."""

    clause: str
    reason: str
    source: str


@dataclass(frozen=True)
class Source:
    """Where a framework comes from that is on no index; source.py in its folder brings it."""

    env: str  # the variable that may name a folder or an archive
    archive: str  # the address of the archive otherwise
    sha256: str  # of the package's files
    marker: str  # a file in the package, which tells a source tree from others
    licence: str

    @property
    def package(self) -> str:
        """Return the name of the package that the framework is."""
        return self.marker.partition("/")[0]


@dataclass(frozen=True)
class Provision:
    """Who serves one of the site's needs, and where the code stands that was written for it."""

    provider: str  # "framework", "hand", or an add-on's distribution
    code: tuple[str, ...]  # "session.py", or "handlers.py:staff_only"
    names: tuple[str, ...] = ()  # by which the framework serves it: "flask.session"


@dataclass(frozen=True)
class Framework:
    """One folder of `apps/`, as its framework.toml describes it."""

    name: str
    folder: Path
    title: str
    home: str
    docs: str
    python: str
    templates: str
    template_files: str
    summary: str
    distribution: str = ""
    version: str = ""
    docs_search: str = ""
    deviations: tuple[Deviation, ...] = ()
    provisions: Mapping[str, Provision] = field(default_factory=dict)  # by need
    release_dates: Mapping[str, str] = field(default_factory=dict)  # the day, by version
    source: Source | None = None

    @property
    def lock(self) -> Path:
        """Return the path of the hashed lock."""
        return self.folder / "requirements.txt"

    @property
    def code_files(self) -> list[Path]:
        """Return every Python file of the folder, in order."""
        return sorted(self.folder.rglob("*.py"))


@dataclass(frozen=True)
class FrameworkRegistry:
    """Every framework by its name, and the reason for every folder that could not be used."""

    frameworks: Mapping[str, Framework]
    load_errors: Mapping[str, str]

    def select(self, names: Iterable[str] = ()) -> list[Framework]:
        """Return the named frameworks, or all; raise Misuse or BadFacts for one there is not."""
        return [self.get(name) for name in names] or list(self.frameworks.values())

    def get(self, name: str) -> Framework:
        """Return one framework; raise Misuse for an unknown name, BadFacts for a broken folder."""
        if name in self.load_errors:
            raise ManifestError(self.load_errors[name])
        if name not in self.frameworks:
            hint = suggest_names(name, self.frameworks, "see: cookoff list")
            raise UsageError(f"no framework is called {name!r}; {hint}")
        return self.frameworks[name]


def discover_frameworks(apps: Path) -> FrameworkRegistry:
    """Return what stands in the folder `apps`; a broken folder does not hide the others."""
    found, broken = {}, {}
    for facts in sorted(apps.glob(f"*/{MANIFEST_FILE}")):
        try:
            found[facts.parent.name] = read_manifest(facts)
        except ManifestError as error:
            broken[facts.parent.name] = str(error)
    return FrameworkRegistry(found, broken)


def read_manifest(facts: Path) -> Framework:
    """Return the framework that a framework.toml describes; raise BadFacts, naming file and key."""
    where = f"{facts.parent.name}/{facts.name}"
    try:
        table = tomllib.loads(facts.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ManifestError(f"{where}: {collapse_whitespace(error)}") from error
    for key in table:
        if key not in (*REQUIRED_KEYS, *OPTIONAL_KEYS, *TABLE_KEYS):
            raise ManifestError(f"{where}: unknown key {key!r}")
    texts = {key: parse_text(table, key, where) for key in (*REQUIRED_KEYS, *OPTIONAL_KEYS)}
    try:
        SpecifierSet(texts["python"])
    except InvalidSpecifier as error:
        raise ManifestError(f"{where}: 'python' is no range of versions, like >=3.11") from error
    try:
        list(facts.parent.glob(texts["template_files"]))
    except (ValueError, NotImplementedError) as error:
        raise ManifestError(
            f"{where}: 'template_files' is no pattern of files here: {error}"
        ) from error
    deviations = tuple(parse_deviations(table, where))
    return Framework(
        facts.parent.name,
        facts.parent,
        deviations=deviations,
        provisions=parse_provisions(table, where),
        release_dates=parse_release_dates(table, where),
        source=parse_source(table, where),
        **texts,
    )


def parse_text(table: Mapping[str, object], key: str, where: str) -> str:
    """Return a text of the table, stripped; raise BadFacts when it is missing, blank or no text."""
    value = table.get(key, "" if key in OPTIONAL_KEYS else None)
    if not isinstance(value, str) or not (value.strip() or key in OPTIONAL_KEYS):
        raise ManifestError(f"{where}: {key!r} must be a text")
    return value.strip()


def parse_source(table: Mapping[str, object], where: str) -> Source | None:
    """Return where the framework comes from; raise BadFacts when that is told only in part."""
    if "source" not in table:
        return None
    declared, place = table["source"], f"{where}: source"
    if not isinstance(declared, dict) or set(declared) - set(SOURCE_KEYS):
        raise ManifestError(f"{place}: only {', '.join(SOURCE_KEYS)} belong in it")
    return Source(*(parse_text(declared, part, place) for part in SOURCE_KEYS))


def parse_deviations(table: Mapping[str, object], where: str) -> Iterator[Deviation]:
    """Yield the declared deviations; raise BadFacts when one is not clause, reason and source."""
    declared = table.get("deviations", [])
    if not isinstance(declared, list):
        raise ManifestError(f"{where}: 'deviations' must be written as [[deviations]]")
    for number, one in enumerate(declared, start=1):
        place = f"{where}: deviation {number}"
        if not isinstance(one, dict) or set(one) - set(DEVIATION_KEYS):
            raise ManifestError(f"{place}: only {', '.join(DEVIATION_KEYS)} belong in it")
        yield Deviation(*(parse_text(one, part, place) for part in DEVIATION_KEYS))


def parse_provisions(table: Mapping[str, object], where: str) -> dict[str, Provision]:
    """Parse the [brings.*] tables; raise BadFacts for a wrong one: bench/analysis/provisions.py."""
    declared = table.get("brings", {})
    if not isinstance(declared, dict):
        raise ManifestError(f"{where}: 'brings' must be written as [brings.sessions]")
    found = {}
    for need, one in declared.items():
        place = f"{where}: brings.{need}"
        lists = [one.get(key, []) for key in ("code", "names")] if isinstance(one, dict) else []
        right = lists and all(isinstance(each, list) for each in lists)
        if need not in NEEDS or not right or set(one) - {"by", "code", "names"}:
            raise ManifestError(
                f"{place}: it takes by and the lists code and names, for one of {', '.join(NEEDS)}"
            )
        code, names = (tuple(str(part) for part in each) for each in lists)
        found[need] = Provision(parse_text(one, "by", place), code, names)
    return found


def parse_release_dates(table: Mapping[str, object], where: str) -> dict[str, str]:
    """Return the day on which each version came out; raise BadFacts for what is no day."""
    declared = table.get("released", {})
    if not isinstance(declared, dict) or not all(isinstance(d, date) for d in declared.values()):
        raise ManifestError(f"{where}: 'released' must hold days, like \"3.1.3\" = 2026-02-19")
    return {version: day.isoformat() for version, day in declared.items()}
