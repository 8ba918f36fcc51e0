"""Find the frameworks: the folders of apps/ with a manifest, framework.toml."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from bench.core.errors import UsageError, suggest_names
from bench.core.paths import Paths
from bench.core.toml_files import TomlFile
from bench.frameworks.features import FEATURES_BY_ID
from bench.frameworks.manifest_schema import (
    Deviation,
    ManifestError,
    ManifestTable,
    Provision,
    Source,
)
from bench.frameworks.version_records import lock_path, read_record
from bench.frameworks.version_specs import VersionSpec, parse_version

MANIFEST_FILE = "framework.toml"
MUTANTS_FILE = "mutants.toml"
PLAIN_LINKS_FILE = "plain_links.toml"  # see bench/measure/cost/plain_links.py
IDIOMS_FILE = "idioms.toml"  # see bench/behaviour/attribution.py
PROFILE_FILE = "profile.toml"  # see bench/report/profiles.py
FREEDOMS_FILE = "freedoms.toml"  # see bench/conformance/fuzz/freedoms.py
# The files of an app that do not change its behaviour, besides its documentation.
DECLARATIONS = (
    *(MANIFEST_FILE, MUTANTS_FILE, PLAIN_LINKS_FILE),
    *(IDIOMS_FILE, PROFILE_FILE, FREEDOMS_FILE),
)
# The needs of the site, each with the feature whose executed lines must confirm the declaration.
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


@dataclass(frozen=True)
class Framework:
    """One folder of apps/, as its manifest describes it: see ManifestTable."""

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
    release_dates: Mapping[str, str] = field(default_factory=dict)  # ISO dates, by version
    source: Source | None = None
    pinned: VersionSpec | None = None  # None: the version in the app's lock
    is_recorded: bool = False  # named by its safe name: a checkout is not read again
    lock_file: Path | None = None  # of a pinned version
    blanks: Mapping[str, str] = field(default_factory=dict)  # by feature; see ManifestTable
    template_code: tuple[str, ...] = ()
    message_cookies: tuple[str, ...] = ()

    @property
    def lock(self) -> Path:
        """Return the path of the hashed lock."""
        return self.lock_file or self.app_lock

    @property
    def app_lock(self) -> Path:
        """Return the path of the hashed lock in the app's folder."""
        return self.folder / "requirements.txt"

    @property
    def app(self) -> str:
        """Return the name of the folder in apps/: flask for flask@2.3.3."""
        return self.name.partition("@")[0]

    @property
    def label(self) -> str:
        """Return the version as tables show it: as typed, or "locked"."""
        return self.pinned.label if self.pinned else "locked"

    @property
    def code_files(self) -> list[Path]:
        """Return every Python file of the folder, sorted."""
        return sorted(self.folder.rglob("*.py"))


@dataclass(frozen=True)
class FrameworkRegistry:
    """The frameworks, and the reason for each folder that cannot be used, both by name."""

    frameworks: Mapping[str, Framework]
    load_errors: Mapping[str, str]

    def select(self, names: Iterable[str] = ()) -> list[Framework]:
        """Return the named frameworks, or all; raise UsageError or ManifestError as get() does."""
        return [self.get(name) for name in names] or list(self.frameworks.values())

    def get(self, name: str) -> Framework:
        """Return a framework, or one version of it for NAME@WHAT.

        Raise UsageError when the framework or the version is unknown, ManifestError when the
        manifest is broken.
        """
        app, at, what = name.partition("@")
        if at:
            return pin_named(self.get(app), what)
        if name in self.load_errors:
            raise ManifestError(self.load_errors[name])
        if name not in self.frameworks:
            hint = suggest_names(name, self.frameworks, "see: cookoff list")
            raise UsageError(f"no framework is called {name!r}; {hint}")
        return self.frameworks[name]


def pin_named(framework: Framework, what: str, python: str = "", before: str = "") -> Framework:
    """Return one version of a framework, also by its safe name; raise UsageError."""
    name = f"{framework.name}@{what}"
    recorded = pin_recorded(framework, name) if not python and not before else None
    return recorded or pin_version(framework, what, python, before)


def pin_version(framework: Framework, what: str, python: str = "", before: str = "") -> Framework:
    """Return one version of a framework, perhaps on another interpreter; raise UsageError.

    `before` is an ISO date: packages that were uploaded later are ignored.
    """
    spec = parse_version(framework.name, what, python, before)
    if spec.kind == "locked" and not python and not before:
        return framework
    if not framework.distribution and spec.kind != "locked":
        raise UsageError(
            f"{framework.name}@{what}: {framework.name} is on no package index, so it has no "
            "versions to choose from"
        )
    return pin_spec(framework, spec)


def pin_recorded(framework: Framework, name: str) -> Framework | None:
    """Return a version by its safe name, None for a name that no earlier command resolved."""
    record = read_record(name, Paths.from_environ()) if "/" not in name else None
    if not record or (record.spec.what == name.partition("@")[2]):
        return None  # a version by itself, such as flask@2.3.3, needs no record
    return replace(pin_spec(framework, record.spec), is_recorded=True)


def pin_spec(framework: Framework, spec: VersionSpec) -> Framework:
    """Return one version of a framework under its safe name."""
    name = f"{framework.name}@{spec.slug}"
    # The locked version on another interpreter keeps the app's lock, which holds for all of them.
    lock = (
        None if spec.kind == "locked" and not spec.before else lock_path(name, Paths.from_environ())
    )
    return replace(framework, name=name, pinned=spec, lock_file=lock)


def discover_frameworks(apps: Path) -> FrameworkRegistry:
    """Return the frameworks in the folder `apps`; a broken folder does not hide the others."""
    frameworks, load_errors = {}, {}
    for file in sorted(apps.glob(f"*/{MANIFEST_FILE}")):
        try:
            frameworks[file.parent.name] = read_manifest(file)
        except ManifestError as error:
            load_errors[file.parent.name] = str(error)
    return FrameworkRegistry(frameworks, load_errors)


def read_manifest(file: Path) -> Framework:
    """Return the framework that a framework.toml describes; raise ManifestError."""
    manifest, folder = TomlFile.read(file, ManifestError), file.parent
    try:
        table = strip_texts(manifest.content)
    except RecursionError as error:
        raise manifest.build_error("", "nested too deeply; correct the file") from error
    fields = msgspec.structs.asdict(manifest.convert(table, ManifestTable))
    check_patterns(manifest, folder, fields)
    check_blanks(manifest, fields["blanks"])
    return Framework(
        folder.name,
        folder,
        provisions=parse_provisions(manifest, fields.pop("brings")),
        release_dates=parse_release_dates(manifest, fields.pop("released")),
        **fields,
    )


def strip_texts(value: Any) -> Any:
    """Return a value of a TOML file without blanks around its strings."""
    if isinstance(value, dict):
        return {key: strip_texts(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [strip_texts(entry) for entry in value]
    return value.strip() if isinstance(value, str) else value


def check_patterns(manifest: TomlFile, folder: Path, fields: Mapping[str, Any]) -> None:
    """Raise ManifestError unless the version range and the pattern of files can be used."""
    try:
        SpecifierSet(fields["python"])
    except InvalidSpecifier as error:
        raise manifest.build_error(
            "python", "'python' is not a range of versions; write it like \">=3.11\""
        ) from error
    try:
        list(folder.glob(fields["template_files"]))
    except (ValueError, NotImplementedError) as error:
        raise manifest.build_error(
            "template_files",
            f"'template_files' is not a glob pattern in this folder ({error}); "
            'write it like "templates/*.html"',
        ) from error


def check_blanks(manifest: TomlFile, blanks: Mapping[str, str]) -> None:
    """Raise ManifestError for a blank handler of an unknown feature."""
    for feature in blanks:
        if feature not in FEATURES_BY_ID:
            key = f"blanks.{feature}"
            hint = suggest_names(feature, FEATURES_BY_ID, "see: cookoff contract --help")
            raise manifest.build_error(key, f"{key!r}: there is no feature {feature!r}; {hint}")


def parse_provisions(manifest: TomlFile, table: Mapping[str, object]) -> dict[str, Provision]:
    """Return the provision of each need from the [brings.*] tables; raise ManifestError."""
    for need in table:
        if need not in NEEDS:
            key, hint = f"brings.{need}", f"the needs are {', '.join(NEEDS)}"
            raise manifest.build_error(key, f"unknown key {key!r}; {hint}")
    return {
        need: manifest.convert(entry, Provision, f"brings.{need}") for need, entry in table.items()
    }


def parse_release_dates(manifest: TomlFile, table: Mapping[str, object]) -> dict[str, str]:
    """Return the release date of each version from [released]; raise ManifestError."""
    return {
        version: manifest.convert(day, date, f"released.{version}").isoformat()
        for version, day in table.items()
    }
