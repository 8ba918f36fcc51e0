"""Find the packages that a framework depends on, and their sizes.

The packages are read from the metadata in the framework's environment: the requirements in its
requirements.in and their dependencies, without the database drivers and the server that every
environment has.
"""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from bench.core.errors import collapse_whitespace
from bench.core.paths import ROOT
from bench.frameworks.app_files import CodeError, read_text
from bench.frameworks.environments import Environment
from bench.frameworks.licenses import detect_licence

Markers = dict[str, str | Set[str]]
SHARED_REQUIREMENTS = (
    ROOT / "shared_db" / "requirements.in",
    ROOT / "bench" / "requirements" / "host.in",
)


@dataclass(frozen=True)
class Package:
    """One installed package."""

    name: str
    version: str
    size_bytes: int
    licence: str
    modules: frozenset[str]  # top-level modules, as in `import flask`
    python_files: tuple[Path, ...] = field(default=(), repr=False)


def find_packages(environment: Environment) -> list[Package]:
    """Return the packages that a framework's own requirements install, sorted by name."""
    installed = find_distributions(environment.folder)
    markers = build_markers(environment)
    own = find_dependencies(
        read_requirements(environment.framework.folder / "requirements.in"), installed, markers
    )
    shared = find_dependencies(
        (line for file in SHARED_REQUIREMENTS for line in read_requirements(file)),
        installed,
        markers,
    )
    packages = [build_package(installed[name]) for name in own - shared]
    packages += find_source_package(environment)
    return sorted(packages, key=lambda package: canonicalize_name(package.name))


def build_markers(environment: Environment) -> Markers:
    """Return the values of environment markers for the environment's interpreter (PEP 508)."""
    markers: Markers = {**default_environment()}  # type: ignore[dict-item]
    if environment.framework.pinned and environment.framework.pinned.python:
        version = environment.python_version
        minor = ".".join(version.split(".")[:2])
        markers |= {"python_full_version": version, "python_version": minor}
    return markers


def find_source_package(environment: Environment) -> Iterator[Package]:
    """Yield the framework as a package when it is a source tree and not a distribution."""
    framework, tree = environment.framework, environment.source
    if framework.source and tree:
        name = framework.source.package
        files = [path for path in (tree / name).rglob("*") if "__pycache__" not in path.parts]
        size = sum(path.stat().st_size for path in files if path.is_file())
        licence, modules = framework.source.licence, frozenset({name})
        code = tuple(path for path in files if path.suffix == ".py")
        yield Package(framework.name, framework.version, size, licence, modules, code)


def find_distributions(folder: Path) -> dict[str, Distribution]:
    """Return every distribution in a virtual environment, by canonical name."""
    site_packages = [str(path) for path in folder.glob("lib/python*/site-packages")]
    installed = distributions(path=site_packages)
    return {canonicalize_name(distribution.name): distribution for distribution in installed}


def read_requirements(file: Path) -> Iterator[Requirement]:
    """Yield the requirements in a requirements.in, without those of files that it includes with -r.

    Raise CodeError when the file or a line cannot be read.
    """
    for line in read_text(file).splitlines():
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if text and not text.startswith("-"):
            try:
                yield Requirement(text)
            except InvalidRequirement as error:
                raise CodeError(f"{file}: {collapse_whitespace(error)}") from error


def find_dependencies(
    requirements: Iterable[Requirement], installed: dict[str, Distribution], markers: Markers
) -> set[str]:
    """Return the canonical names of the installed requirements and of their dependencies."""
    seen: set[tuple[str, str]] = set()
    waiting = list(requirements)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if name in installed and (name, extra) not in seen:
                seen.add((name, extra))
                waiting += select_requirements(installed[name], extra, markers)
    return {name for name, _ in seen}


def select_requirements(
    distribution: Distribution, extra: str, markers: Markers
) -> Iterator[Requirement]:
    """Yield the requirements of a distribution on this machine, for one extra or for none ("")."""
    environment: Markers = {**markers, "extra": extra}
    for text in distribution.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            yield requirement


def build_package(distribution: Distribution) -> Package:
    """Return the package of an installed distribution."""
    files = [(file, Path(str(file.locate()))) for file in distribution.files or ()]
    return Package(
        distribution.name,
        distribution.version,
        sum(path.stat().st_size for _, path in files if path.is_file()),
        detect_licence(distribution),
        frozenset(
            file.parts[0].partition(".")[0]
            for file, _ in files
            if file.suffix in (".py", ".so") and file.parts[0] != ".."
        ),
        tuple(path for file, path in files if file.suffix == ".py"),
    )
