"""Which packages does a framework pull in, and how much room do they take?

Read from the metadata in its own environment: what its requirements.in asks for, what that asks
for in turn, and so on; without what every environment holds, the larder's drivers and the server.
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
    modules: frozenset[str]  # those at the top, as in `import flask`
    python_files: tuple[Path, ...] = field(default=(), repr=False)  # of Python


def find_packages(environment: Environment) -> list[Package]:
    """Return the packages that a framework's own requirements pull in, by name."""
    installed = find_distributions(environment.folder)
    own = find_dependencies(
        read_requirements(environment.framework.folder / "requirements.in"), installed
    )
    shared = find_dependencies(
        (need for file in SHARED_REQUIREMENTS for need in read_requirements(file)), installed
    )
    packages = [build_package(installed[name]) for name in own - shared]
    return sorted(
        [*packages, *find_source_package(environment)], key=lambda one: canonicalize_name(one.name)
    )


def find_source_package(environment: Environment) -> Iterator[Package]:
    """Yield the framework itself when it is no distribution, but a source tree."""
    framework, tree = environment.framework, environment.source
    if framework.source and tree:
        name = framework.source.package
        files = [path for path in (tree / name).rglob("*") if "__pycache__" not in path.parts]
        size = sum(path.stat().st_size for path in files if path.is_file())
        licence, modules = framework.source.licence, frozenset({name})
        code = tuple(path for path in files if path.suffix == ".py")
        yield Package(framework.name, framework.version, size, licence, modules, code)


def find_distributions(folder: Path) -> dict[str, Distribution]:
    """Return every distribution in a virtual environment, by its canonical name."""
    site_packages = [str(path) for path in folder.glob("lib/python*/site-packages")]
    return {canonicalize_name(one.name): one for one in distributions(path=site_packages)}


def read_requirements(file: Path) -> Iterator[Requirement]:
    """Yield what a requirements.in asks for itself; a line with -r is another file's matter.

    Raises CodeError where the file or a line cannot be read.
    """
    for line in read_text(file).splitlines():
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if text and not text.startswith("-"):
            try:
                yield Requirement(text)
            except InvalidRequirement as error:
                raise CodeError(f"{file}: {collapse_whitespace(error)}") from error


def find_dependencies(
    wanted: Iterable[Requirement], installed: dict[str, Distribution]
) -> set[str]:
    """Return the names of what is wanted, and of all that it needs, as far as it is installed."""
    seen: set[tuple[str, str]] = set()
    waiting = list(wanted)
    while waiting:
        need = waiting.pop()
        name = canonicalize_name(need.name)
        for extra in ("", *need.extras):
            if name in installed and (name, extra) not in seen:
                seen.add((name, extra))
                waiting += select_requirements(installed[name], extra)
    return {name for name, _ in seen}


def select_requirements(distribution: Distribution, extra: str) -> Iterator[Requirement]:
    """Yield what a distribution needs here, for one of its extras or, with "", in any case."""
    here: dict[str, str | Set[str]] = {**default_environment(), "extra": extra}  # type: ignore[dict-item]
    for text in distribution.requires or ():
        need = Requirement(text)
        if need.marker is None or need.marker.evaluate(here):
            yield need


def build_package(distribution: Distribution) -> Package:
    """Return what is told of a distribution."""
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
